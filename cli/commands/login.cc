#include "cli/commands/login.h"

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"

namespace skep {

namespace {

constexpr const char* key_hint =
    "make one with: ssh-keygen -t ed25519, and name it in the spec: ssh: {key: ~/.ssh/id_ed25519}";

bool is_key_text(const std::string& key) { return key.find("-----BEGIN") != std::string::npos; }

Result<std::string> expanded_home(const std::string& path, const Outside& outside) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const std::string home = variable(outside, "HOME");
  if (home.empty()) {
    return Error{ErrorCode::invalid_input, "ssh.key: '" + path + "' needs HOME, which is not set",
                 "write the whole path"};
  }
  return home + path.substr(1);
}

/// A relative path of the spec counts from the spec's folder, not from where skep was started.
std::string beside_spec(const std::string& path, const ClusterPaths& paths) {
  if (path.starts_with("/") || paths.spec_folder.empty()) return path;
  return paths.spec_folder + "/" + path;
}

Result<Login> login_of(std::string private_text, std::string identity_file, const Outside& outside) {
  Login login;
  login.authorized_keys.push_back(TRY(public_line_of(private_text)));
  login.identity_file = std::move(identity_file);
  login.credentials = {Secret(std::move(private_text)), variable(outside, "SSH_AUTH_SOCK")};
  return login;
}

Result<Login> login_of_file(const std::string& path, const Outside& outside) {
  auto text = outside.files.read(path, 64u << 10);
  if (!text.ok()) {
    Error error = std::move(text).error().doing("ssh.key");
    if (error.hint.empty()) error.hint = key_hint;
    return error;
  }
  return login_of(std::move(text).value(), path, outside).doing("ssh.key " + path);
}

/// The keys that the agent holds and that skep can use; none when it does not answer.
std::vector<std::string> agent_keys(const std::string& socket, Outside& outside) {
  const Context context = {.deadline = outside.clock.now() + std::chrono::seconds(5), .stop = outside.stop};
  const auto listed =
      outside.processes.run({.argv = {"ssh-add", "-L"}, .environment = {{"SSH_AUTH_SOCK", socket}}}, context);
  std::vector<std::string> keys;
  if (!listed.ok() || listed.value().code != 0) return keys;
  for (const auto& line : split_lines(listed.value().out)) {
    if (checked_public_line(line).ok()) keys.push_back(line);
  }
  return keys;
}

Result<Login> made_login(const ClusterPaths& paths, NewKey new_key, Outside& outside) {
  SshKeyPair pair = ed25519_key_pair(random_seed(outside.random), "skep");
  Login login;
  login.authorized_keys = {pair.public_line};
  login.credentials.private_key = pair.private_text;
  if (new_key == NewKey::make) {
    TRY(make_state_folder(paths, outside));
    TRY(outside.files.write(paths.key, pair.private_text.reveal(), 0600));
    login.identity_file = paths.key;
    login.note = "made an SSH key for this cluster's machines: " + paths.key;
  }
  return login;
}

}  // namespace

Result<Login> find_login(const Spec& spec, const ClusterPaths& paths, NewKey new_key, Outside& outside) {
  if (is_key_text(spec.ssh.key)) return login_of(spec.ssh.key, "", outside).doing("ssh.key");
  if (!spec.ssh.key.empty()) {
    const std::string path = TRY(expanded_home(spec.ssh.key, outside));
    return login_of_file(beside_spec(path, paths), outside);
  }
  // The machines know this key already: neither a new key of the user's nor an agent that is here today must lock us
  // out.
  if (outside.files.exists(paths.key)) return login_of_file(paths.key, outside);
  const std::string home = variable(outside, "HOME");
  if (const std::string usual = home + "/.ssh/id_ed25519"; !home.empty() && outside.files.exists(usual)) {
    return login_of_file(usual, outside);
  }
  if (const std::string socket = variable(outside, "SSH_AUTH_SOCK"); !socket.empty()) {
    Login login;
    login.credentials.agent_socket = socket;
    login.authorized_keys = agent_keys(socket, outside);
    if (!login.authorized_keys.empty()) return login;
  }
  if (!pools_of(spec, "local").empty()) return made_login(paths, new_key, outside);
  return Error{ErrorCode::invalid_input,
               "there is no SSH key to log in with: the spec names none, ~/.ssh/id_ed25519 is not there, and no agent "
               "holds one that skep can use",
               key_hint};
}

}  // namespace skep
