#include "cli/commands/ssh_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "provisioners/ssh/known_hosts.h"

namespace skep {

namespace {

/// A folder of our own, destroyed with what is in it.
class Scratch {
 public:
  Scratch(Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Scratch() {
    const Result<void> destroyed = files_.destroy_tree(path_);
    static_cast<void>(destroyed);  // nothing more can be done, and the folder is ours alone
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  Result<std::string> put(const std::string& name, std::string_view content) {
    const std::string file = path_ + "/" + name;
    TRY(files_.write(file, content, 0600));
    return file;
  }

 private:
  Files& files_;
  std::string path_;
};

std::vector<std::string> ssh_words(const ShellRequest& request, const std::string& known_hosts,
                                   const std::string& identity_file) {
  const Endpoint endpoint = request.node.endpoint();
  std::vector<std::string> words = {"ssh", "-F", "/dev/null"};
  for (const std::string& option : {std::string("StrictHostKeyChecking=yes"), "UserKnownHostsFile=" + known_hosts,
                                    std::string("GlobalKnownHostsFile=/dev/null"), std::string("UpdateHostKeys=no"),
                                    std::string("CheckHostIP=no")}) {
    words.insert(words.end(), {"-o", option});
  }
  if (!identity_file.empty()) words.insert(words.end(), {"-o", "IdentitiesOnly=yes", "-i", identity_file});
  if (!request.command.empty() && request.has_terminal) words.emplace_back("-t");
  words.insert(words.end(), {"-l", endpoint.user, "-p", std::to_string(endpoint.port), "--", endpoint.address});
  if (!request.command.empty()) words.push_back(command_line(request.command));
  return words;
}

}  // namespace

Result<int> open_shell(const ShellRequest& request, Files& files, Processes& processes, Random& random) {
  const std::string name = "ssh to " + request.node.name;
  if (!request.node.has_machine() || request.node.address.empty()) {
    return Error{ErrorCode::not_found, name + ": it has no machine yet", "make it with: skep apply"};
  }
  const std::string known_host = TRY(known_hosts_line(request.node.endpoint()).doing(request.node.name));
  if (!processes.find_program("ssh")) {
    return Error{ErrorCode::not_found, name + ": the program ssh is not installed",
                 "install it with: apt-get install openssh-client"};
  }

  const std::string folder = fmt::format("{}/skep-{}", request.scratch_folder, random_id(random));
  TRY(files.make_directories(folder, 0700).doing(name));
  Scratch scratch(files, folder);
  const std::string known_hosts = TRY(scratch.put("known_hosts", known_host).doing(name));
  std::string identity_file = request.identity_file;
  if (identity_file.empty() && !request.credentials.private_key.empty()) {
    std::string text = request.credentials.private_key.reveal();
    if (!text.ends_with('\n')) text += '\n';  // ssh(1) takes no key whose last line has no end
    const Secret key(std::move(text));
    identity_file = TRY(scratch.put("key", key.reveal()).doing(name));
  }
  Command command{.argv = ssh_words(request, known_hosts, identity_file)};
  if (!request.credentials.agent_socket.empty())
    command.environment["SSH_AUTH_SOCK"] = request.credentials.agent_socket;
  return processes.run_in_terminal(command).doing(name);
}

std::string command_line(const std::vector<std::string>& words) {
  if (words.size() == 1) return words[0];
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_quote(word));
  return join(quoted, " ");
}

Result<NodeInfo> node_named(const std::string& name, const std::vector<NodeInfo>& nodes) {
  std::vector<std::string> names;
  for (const NodeInfo& node : nodes) {
    if (node.name == name) return node;
    names.push_back(node.name);
  }
  const std::optional<std::string> meant = closest(name, names);
  const std::string hint = meant           ? fmt::format("did you mean \"{}\"?", *meant)
                           : names.empty() ? std::string("the cluster has no nodes yet; make them with: skep apply")
                                           : "there are: " + join(names, ", ");
  return Error{ErrorCode::not_found, fmt::format("no node is named \"{}\"", name), hint};
}

}  // namespace skep
