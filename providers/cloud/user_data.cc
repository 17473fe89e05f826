#include "providers/cloud/user_data.h"

#include <fmt/format.h>

#include "planner/base/json.h"
#include "planner/base/text.h"

namespace skep::cloud {

Result<Secret> user_data(const FirstBoot& boot, const UserDataLimit& limit) {
  Json config = {
      {"hostname", boot.host_name},
      {"preserve_hostname", false},
      {"ssh_pwauth", false},
      {"ssh_deletekeys", true},
      {"ssh_keys",
       {{"ed25519_private", boot.host_key_private.reveal()}, {"ed25519_public", boot.host_key_public + "\n"}}},
  };
  if (boot.user == "root") {
    config["disable_root"] = false;
    config["ssh_authorized_keys"] = boot.authorized_keys;
  } else {
    config["users"] = Json::array({{{"name", boot.user},
                                    {"shell", "/bin/bash"},
                                    {"sudo", "ALL=(ALL) NOPASSWD:ALL"},
                                    {"lock_passwd", true},
                                    {"ssh_authorized_keys", boot.authorized_keys}}});
  }
  Secret text("#cloud-config\n" + dump_json_pretty(config));  // every JSON text is a YAML text
  if (text.reveal().size() > limit.bytes_most) {
    return Error{ErrorCode::invalid_input,
                 fmt::format("the user data has {}, {} takes {}", human_size(text.reveal().size()), limit.provider,
                             human_size(limit.bytes_most)),
                 fmt::format("{} may log in: use fewer", count_of(boot.authorized_keys.size(), "key"))};
  }
  return text;
}

}  // namespace skep::cloud
