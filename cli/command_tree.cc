#include "cli/command_tree.h"

#include <fmt/format.h>

#include "cli/day_two_commands.h"
#include "planner/engine/thread_runner.h"

namespace skep {

namespace {

OptionDoc file_option() {
  return {"file", 'f', "FILE", "the spec; several are merged (default: cluster.yaml or skep.yaml; SKEP_FILE)", true};
}
OptionDoc approve_option() { return {"auto-approve", 0, "", "do it without asking; what pipelines use"}; }
OptionDoc detailed_option() {
  return {"detailed-exitcode", 0, "", "exit with 2 when there are changes, 0 when there are none"};
}
OptionDoc parallelism_option() {
  return {"parallelism", 0, "N",
          fmt::format("how many steps run at once, 1 to {} (default: {})", most_threads, usual_threads)};
}

std::vector<OptionDoc> with_plan_options(std::vector<OptionDoc> options) {
  options.push_back({"only", 0, "WHAT", "only these nodes, pools, kinds or ids, with * (and what they need)", true});
  options.push_back({"except", 0, "WHAT", "all but these nodes, pools, kinds or ids, with *", true});
  options.push_back({"replace", 0, "WHAT", "replace these nodes or ids though nothing asks for it", true});
  options.push_back(
      {"refresh", 0, "", "look at the real world first; --refresh=false trusts the state (default: true)"});
  options.push_back({"allow-protected", 0, "", "destroy also what the spec protects"});
  options.push_back(
      {"allow-unschedulable", 0, "", "also where services would find no other node, or leave their data behind"});
  options.push_back({"max-monthly", 0, "AMOUNT", "refuse what would cost more a month, such as 50EUR (an estimate)"});
  options.push_back(parallelism_option());
  return options;
}

std::vector<OptionDoc> with_ci_options(std::vector<OptionDoc> options) {
  options.push_back({"gitlab", 0, "FOLDER",
                     "write reports for a pipeline there: tfplan.json, report.md, index.html, junit.xml, skep.env"});
  options.push_back({"gitlab-note", 0, "", "keep one note on the merge request up to date (SKEP_GITLAB_TOKEN)"});
  options.push_back({"json-into", 0, "FILE", "write the output for programs to this file, beside the text"});
  options.push_back({"notify", 0, "", "--notify=false tells nobody of the spec's notify (default: true)"});
  return options;
}

std::vector<OptionDoc> with_apply_options(std::vector<OptionDoc> options) {
  options.push_back(approve_option());
  options.push_back({"lock-timeout", 0, "DURATION", "how long to wait for the lock (default: 0s)"});
  options.push_back(
      {"deadline", 0, "DURATION",
       "start nothing more shortly before this time is over, and exit with 5 (default: a GitLab job's own time)"});
  options.push_back({"input", 0, "", "--input=false never asks (default: true)"});
  return with_ci_options(std::move(options));
}

CommandDoc init_command() {
  return {.name = "init",
          .summary = "write a starter spec",
          .description =
              "Writes cluster.yaml (or the file of -f) for a provider, and refuses to overwrite one. No other "
              "command needs it: an empty folder and a spec of your own do as well.",
          .options = {{"provider",
                       0,
                       "NAME",
                       "for which provider (default: local)",
                       false,
                       {"local", "existing", "hetzner", "digitalocean"}},
                      {"name", 0, "NAME", "the cluster's name (default: the folder's)"}},
          .examples = {{"skep init", "a swarm of three machines on this computer"},
                       {"skep init --provider existing --name shop", "machines that are there already"}}};
}

CommandDoc validate_command() {
  return {.name = "validate",
          .summary = "check the spec offline",
          .description =
              "Reports every mistake at once, each with file, line, column and a suggestion. Asks no cloud "
              "and no host.",
          .examples = {{"skep validate", ""},
                       {"skep validate -f cluster.yaml -f staging.yaml", "a base and its overlay"},
                       {"skep validate -json", "for editors and pipelines"}}};
}

CommandDoc plan_command() {
  return {.name = "plan",
          .summary = "show what would change",
          .description =
              "Reads the spec, the state and the real world, and prints what apply would do. Takes no lock and "
              "changes nothing.",
          .options = with_ci_options(with_plan_options({{"out", 'o', "FILE", "save the plan, for: skep apply FILE"},
                                                        {"destroy", 0, "", "plan the destruction of everything"},
                                                        detailed_option()})),
          .examples = {{"skep plan", ""},
                       {"skep plan -out plan.json && skep apply plan.json", "what is applied is what was read"},
                       {"skep plan -detailed-exitcode", "0 nothing to do, 2 changes, 1 error"},
                       {"skep plan --only worker-*", "only the workers"}}};
}

CommandDoc apply_command() {
  return {
      .name = "apply",
      .summary = "make the cluster as the spec says",
      .description =
          "Plans, shows the plan, asks, and does it: in parallel where the order allows it, each intent written down "
          "first. Ctrl-C stops early and the next apply goes on; a second Ctrl-C ends at once. A saved plan is "
          "applied exactly, or refused with what has moved since: the spec, the commit, the state, or an object that "
          "it changes.",
      .options = with_apply_options(
          with_plan_options({{"destroy", 0, "", "the same as: skep destroy"},
                             {"replan-if-equal", 0, "",
                              "where something has moved since, go on if a new plan says the same as PLANFILE"}})),
      .arguments = {{.name = "PLANFILE", .doc = "a plan saved by: skep plan -out PLANFILE", .is_file = true}},
      .examples = {{"skep apply", ""},
                   {"skep apply -auto-approve -lock-timeout=5m", "in a pipeline"},
                   {"skep apply plan.json", "exactly the saved plan"},
                   {"skep apply -replan-if-equal plan.json", "or a new one that says the same"},
                   {"skep apply -replace=worker-2", "a new machine for worker-2"}}};
}

CommandDoc destroy_command() {
  return {.name = "destroy",
          .summary = "destroy everything that skep made",
          .description =
              "Plans the empty cluster, shows it, asks, and does it. What is protected refuses. The history "
              "stays.",
          .options = with_apply_options(
              {{"allow-protected", 0, "", "destroy also what the spec protects"}, parallelism_option()}),
          .examples = {{"skep destroy", ""}, {"skep destroy -auto-approve", "in a pipeline"}}};
}

CommandDoc status_command() {
  return {
      .name = "status",
      .summary = "nodes, swarm, addresses, drift and health on one screen",
      .options = {{"watch", 'w', "", "again every two seconds, until Ctrl-C"}, detailed_option(), parallelism_option()},
      .examples = {{"skep status", ""},
                   {"skep status --watch", ""},
                   {"skep status -json", "for monitoring"},
                   {"skep status -detailed-exitcode", "exit with 2 when reality is not as the spec says"}}};
}

CommandDoc ssh_command() {
  return {.name = "ssh",
          .summary = "a shell on one node",
          .description =
              "Runs ssh(1) with the node's address, user and key; the host key is pinned. The exit code is "
              "that of the command.",
          .arguments = {{.name = "NODE", .doc = "a node of the spec", .required = true}},
          .tail = "COMMAND",
          .examples = {{"skep ssh manager-1", ""}, {"skep ssh manager-1 -- docker node ls", "one command"}}};
}

CommandDoc run_command() {
  return {.name = "run",
          .summary = "a command on many nodes, side by side",
          .description = "Each line of output begins with the node's name. Exits with 1 when it failed on any node.",
          .options = {parallelism_option(), {"timeout", 0, "DURATION", "give up after this time (default: 10m)"}},
          .arguments = {{.name = "SELECTOR",
                         .doc = "all, manager, worker, names of nodes or pools, with *; several with commas",
                         .required = true}},
          .tail = "COMMAND",
          .examples = {{"skep run all -- docker info", ""},
                       {"skep run worker,db-1 -- uptime", "a pool and a node"},
                       {"skep run 'worker-*' -- 'df -h / | tail -1'", "a line of shell"}}};
}

CommandDoc output_command() {
  return {.name = "output",
          .summary = "addresses and ids for other tools",
          .description = "From the state alone: asks no cloud and no host.",
          .options = {{"format",
                       0,
                       "FORMAT",
                       "the form (default: json)",
                       false,
                       {"json", "dotenv", "ssh_config", "inventory", "docker-context"}}},
          .examples = {{"skep output", "JSON"},
                       {"skep output --format dotenv > skep.env", "variables for a pipeline"},
                       {"skep output --format ssh_config > ~/.ssh/config.d/shop", "then: ssh manager-1"},
                       {"skep output --format inventory > hosts.yaml", "for Ansible"},
                       {"skep output --format docker-context | sh", "then: docker --context NAME node ls"}}};
}

CommandDoc graph_command() {
  return {.name = "graph",
          .summary = "the resources or the plan as a picture",
          .options = {{"plan", 0, "", "the steps of the plan instead of the resources of the spec"},
                      {"format", 0, "FORMAT", "the language (default: mermaid)", false, {"mermaid", "dot"}}},
          .examples = {{"skep graph", "Mermaid, as merge requests and README files show it"},
                       {"skep graph --plan --format dot | dot -Tsvg > plan.svg", ""}}};
}

CommandDoc state_command() {
  return {
      .name = "state",
      .summary = "what skep knows: list, show, history, pull, push, migrate, unlock, rebuild",
      .examples = {{"skep state list", ""}, {"skep state history", "who applied what, and when"}},
      .commands = {
          {.name = "list",
           .summary = "the resources on record, one a line",
           .arguments = {{.name = "WHAT", .doc = "kinds, ids or parts of them, with *", .repeated = true}},
           .examples = {{"skep state list", ""}, {"skep state list 'server/*'", ""}}},
          {.name = "show",
           .summary = "one resource on record, whole",
           .arguments = {{.name = "ID", .doc = "as state list prints it", .required = true}},
           .examples = {{"skep state show server/manager-1", ""}}},
          {.name = "history",
           .summary = "who applied what, and when",
           .options = {{"limit", 'n', "N", "at most this many, the newest (default: 20)"}},
           .arguments = {{.name = "ID", .doc = "one of them: the whole record, with what became of each step"}},
           .examples = {{"skep state history", ""},
                        {"skep state history 17", "apply 17, step by step"},
                        {"skep state history -n 1 -json", "the last apply"}}},
          {.name = "pull", .summary = "the whole state as JSON", .examples = {{"skep state pull > state.json", ""}}},
          {.name = "push",
           .summary = "put a state that was pulled in the place of the present one",
           .description = "Refused when it is another cluster's state or older than the present one, unless --force.",
           .options = {{"force", 0, "", "although it is older, or another state"},
                       {"lock-timeout", 0, "DURATION", "how long to wait for the lock (default: 0s)"}},
           .arguments = {{.name = "FILE", .doc = "as state pull printed it", .required = true}},
           .examples = {{"skep state push state.json", ""}}},
          {.name = "migrate",
           .summary = "bring the state from where it was to where the spec says",
           .description =
               "Locks both places, copies the state with its history, and reads it back. The old place keeps "
               "its copy.",
           .options = {{"from", 0, "BACKEND", "where it is now", true, {"local", "http", "postgres", "s3"}},
                       {"from-address", 0, "ADDRESS", "as state.address said (default: by the environment)"},
                       {"force", 0, "", "although another or a newer state is there"},
                       {"lock-timeout", 0, "DURATION", "how long to wait for a lock (default: 0s)"}},
           .examples = {{"skep state migrate --from local", "after `state: {backend: http}` was added"}}},
          {.name = "unlock",
           .summary = "take away a lock that nobody holds any more",
           .description = "Shows who holds it and asks. A lock whose process on this computer is gone needs no "
                          "unlocking.",
           .options = {{"force", 0, "", "without asking"}},
           .examples = {{"skep state unlock", ""}, {"skep state unlock -force", "in a pipeline"}}},
          {.name = "rebuild",
           .summary = "make a lost state again from what exists",
           .description = "Looks for everything in the spec: at the clouds by its owner labels, on the machines and in "
                          "the swarm. Puts on record what is there, and changes nothing but the state. What carries "
                          "no label of this cluster is never taken. The login key must still be there.",
           .options = {{"lock-timeout", 0, "DURATION", "how long to wait for the lock (default: 0s)"},
                       parallelism_option()},
           .examples = {{"skep state rebuild", "after .skep/NAME.db was lost; then: skep plan"}}}}};
}

CommandDoc completion_command() {
  return {.name = "completion",
          .summary = "a completion script for your shell",
          .arguments = {{.name = "SHELL", .doc = "which shell", .required = true, .choices = {"bash", "zsh", "fish"}}},
          .examples = {{"source <(skep completion bash)", "in ~/.bashrc"},
                       {"skep completion zsh > ~/.zfunc/_skep", "a folder of fpath"},
                       {"skep completion fish > ~/.config/fish/completions/skep.fish", ""}}};
}

std::vector<CommandDoc> hidden_commands() {
  return {{.name = "local-machine",
           .summary = "keep one machine of the provider local running; started by skep itself",
           .arguments = {{.name = "FOLDER", .doc = "the machine's folder", .required = true, .is_file = true}},
           .examples = {{"skep local-machine /var/lib/skep/local/demo/server/manager-1", ""}},
           .hidden = true},
          {.name = "docs",
           .summary = "write the reference pages",
           .arguments = {{.name = "FOLDER", .doc = "where to", .required = true, .is_file = true}},
           .examples = {{"skep docs docs", ""}},
           .hidden = true},
          {.name = "package-files",
           .summary = "write man pages and completion scripts, for packages",
           .arguments = {{.name = "FOLDER", .doc = "where to", .required = true, .is_file = true}},
           .examples = {{"skep package-files build/package", ""}},
           .hidden = true}};
}

CommandDoc make_tree() {
  CommandDoc root = {
      .name = "skep",
      .summary = "one YAML file in, a running Docker Swarm out",
      .options = {file_option(),
                  {"chdir", 'C', "FOLDER", "go to this folder first"},
                  {"json", 0, "", "output for programs"},
                  {"trace", 0, "FILE",
                   "append every exchange with a cloud to this file, secrets redacted (SKEP_TRACE)"},
                  {"no-color", 0, "", "no colours (also: NO_COLOR in the environment, or a pipe)"},
                  {"help", 'h', "", "this help"}},
      .examples = {{"skep init && skep apply", "a swarm on this computer"},
                   {"skep plan", "what would change"},
                   {"skep status", "how it is"}},
      .commands = {init_command(), validate_command(), plan_command(), apply_command(), destroy_command(),
                   status_command(), ssh_command(), run_command(), output_command(), graph_command(), state_command()}};
  for (auto& command : day_two_commands()) root.commands.push_back(std::move(command));
  root.commands.push_back({.name = "schema",
                           .summary = "the JSON Schema of the spec, for editors",
                           .examples = {{"skep schema > skep.schema.json", ""}}});
  root.commands.push_back(completion_command());
  root.commands.push_back({.name = "version", .summary = "the version of skep", .examples = {{"skep version", ""}}});
  root.commands.push_back({.name = "help",
                           .summary = "help on a command",
                           .arguments = {{.name = "COMMAND", .doc = "which command", .repeated = true}},
                           .examples = {{"skep help apply", ""}, {"skep help state list", ""}}});
  for (auto& command : hidden_commands()) root.commands.push_back(std::move(command));
  return root;
}

}  // namespace

const CommandDoc& command_tree() {
  static const CommandDoc tree = make_tree();
  return tree;
}

const CommandDoc* find_command(const std::vector<std::string>& path) {
  const CommandDoc* at = &command_tree();
  for (const auto& name : path) {
    const CommandDoc* next = nullptr;
    for (const auto& command : at->commands) {
      if (command.name == name) next = &command;
    }
    if (next == nullptr) return nullptr;
    at = next;
  }
  return at;
}

}  // namespace skep
