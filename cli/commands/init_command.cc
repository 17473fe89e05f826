#include "cli/commands/init_command.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "cli/exit_code.h"
#include "planner/base/text.h"

namespace skep {

namespace {

constexpr const char* local_spec =
    R"(# A swarm of three machines on this computer. Change it, then: skep plan, skep apply
# yaml-language-server: $schema=skep.schema.json     (make that file with: skep schema > skep.schema.json)
skep: 1
name: NAME
provider: local                # machines on this computer; needs root

engine: {source: distro}       # docker: Docker's own packages; distro: the distribution's

pools:
  manager: {role: manager, count: 3}
  # worker: {role: worker, count: 2, labels: {tier: web}}

# floating_ips:
#   ingress: {pool: manager}   # an address on one healthy node of the pool; moves before that node goes
)";

constexpr const char* existing_spec =
    R"(# A swarm on machines that exist already. Fill in addresses and host keys, then: skep plan, skep apply
# yaml-language-server: $schema=skep.schema.json     (make that file with: skep schema > skep.schema.json)
skep: 1
name: NAME
provider: existing

ssh:
  user: root                   # or a user who may sudo without a password
  key: ~/.ssh/id_ed25519

pools:
  manager:
    role: manager
    nodes:
      # The host key: ssh-keyscan -t ed25519 ADDRESS, compared with /etc/ssh/ssh_host_ed25519_key.pub on its console.
      manager-1: {address: 192.0.2.11, host_key: "${MANAGER_1_HOST_KEY:?ssh-ed25519 AAAA... of manager-1}"}
)";

constexpr const char* hetzner_spec =
    R"(# A swarm at Hetzner Cloud. Set HCLOUD_TOKEN to an API token of the project, then: skep plan, skep apply
# yaml-language-server: $schema=skep.schema.json     (make that file with: skep schema > skep.schema.json)
skep: 1
name: NAME
provider: hetzner
location: fsn1

ssh:
  key: ~/.ssh/id_ed25519

firewall:
  # ssh: [203.0.113.0/24]      # who may log in; without it everybody who has the key
  inbound: [{port: 80}, {port: 443}]

pools:
  manager: {role: manager, count: 3, type: [cx23, cx33], spread: true}   # the first type that can be had

floating_ips:
  ingress: {pool: manager}
)";

constexpr const char* digitalocean_spec =
    R"(# A swarm at DigitalOcean. Set DIGITALOCEAN_TOKEN to a token of the account, then: skep plan, skep apply
# yaml-language-server: $schema=skep.schema.json     (make that file with: skep schema > skep.schema.json)
skep: 1
name: NAME
provider: digitalocean
location: fra1                 # one region: the private network lies in it

ssh:
  key: ~/.ssh/id_ed25519

firewall:
  # ssh: [203.0.113.0/24]      # who may log in; without it everybody who has the key
  inbound: [{port: 80}, {port: 443}]

pools:
  manager: {role: manager, count: 3, type: s-2vcpu-4gb, image: debian-12}

floating_ips:
  ingress: {pool: manager}
)";

struct Starter {
  std::string_view provider;
  const char* spec;
  const char* next;
};

constexpr Starter starters[] = {
    {"local", local_spec, "next: skep plan, then skep apply\n"},
    {"existing", existing_spec, "next: fill in addresses and host keys, then skep plan\n"},
    {"hetzner", hetzner_spec, "next: export HCLOUD_TOKEN=..., then skep plan\n"},
    {"digitalocean", digitalocean_spec, "next: export DIGITALOCEAN_TOKEN=..., then skep plan\n"},
};

/// The command tree lets no other name through.
const Starter& starter_of(std::string_view provider) {
  const auto* found = std::ranges::find(starters, provider, &Starter::provider);
  return found == std::end(starters) ? starters[0] : *found;
}

/// A name that the spec accepts, from the folder's: lower case, letters, digits and dashes, a letter first.
std::string name_from(const std::string& folder) {
  std::string name;
  for (const char byte : folder) {
    const char lower = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    const bool is_letter = lower >= 'a' && lower <= 'z';
    const bool is_fit = is_letter || (!name.empty() && ((lower >= '0' && lower <= '9') || lower == '-'));
    if (is_fit && name.size() < 40) name += lower;
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "demo" : name;
}

}  // namespace

std::string starter_spec(const std::string& provider, const std::string& name) {
  return replace_all(starter_of(provider).spec, "NAME\n", name + "\n");
}

Result<int> init_command(const Invocation& invocation, Outside& outside) {
  const auto files = invocation.texts("file");
  const std::string file = files.empty() ? "cluster.yaml" : files.front();
  if (outside.files.exists(file)) {
    return Error{ErrorCode::invalid_input, file + " exists already; it was left as it is",
                 "name another with: skep init -f FILE"};
  }
  std::error_code ignored;
  const std::string folder = std::filesystem::current_path(ignored).filename().string();
  const std::string name = invocation.text("name", name_from(folder));
  if (name != name_from(name)) {
    return Error{ErrorCode::invalid_input, "--name: '" + name + "' is no name of a cluster",
                 "lower-case letters, digits and dashes, a letter first: " + name_from(name)};
  }
  const std::string provider = invocation.text("provider", "local");
  TRY(outside.files.write(file, starter_spec(provider, name), 0644).doing("write the starter spec"));
  outside.out << "wrote " << file << " (cluster " << name << ", provider " << provider << ")\n";
  outside.err << starter_of(provider).next;
  return exit_done;
}

}  // namespace skep
