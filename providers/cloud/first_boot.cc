#include "providers/cloud/first_boot.h"

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep::cloud {

FirstBoot first_boot_of(const Resource& server, const SshKeyPair& host_key) {
  FirstBoot boot{.host_name = json_string_or(server.inputs, "host_name"),
                 .user = json_string_or(server.inputs, "user"),
                 .authorized_keys = {},
                 .host_key_public = std::string(trim(host_key.public_line)),
                 .host_key_private = host_key.private_text};
  const auto keys = server.inputs.find("authorized_keys");
  if (keys != server.inputs.end()) boot.authorized_keys = keys->get<std::vector<std::string>>();
  if (server.id.generation > 1) boot.host_name += "-g" + std::to_string(server.id.generation);
  return boot;
}

Result<void> check_first_boot(const Resource& server, const UserDataLimit& limit) {
  // all keys of the type have one size: any stands for the one to come
  const auto text = user_data(first_boot_of(server, ed25519_key_pair({}, "")), limit);
  if (!text.ok()) return Error(text.error()).doing(to_text(server.id));
  return {};
}

}  // namespace skep::cloud
