#include "cli/commands/run_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands/ssh_command.h"
#include "cli/exit_code.h"
#include "planner/base/json.h"
#include "planner/base/text.h"
#include "planner/engine/patterns.h"

namespace skep {

namespace {

struct NodeRun {
  Result<Exit> exit = Error{ErrorCode::cancelled, "not begun"};
  Duration elapsed = {};

  bool is_failed() const { return !exit.ok() || exit.value().code != 0; }
  std::string failure() const {
    if (!exit.ok()) return exit.error().message;
    return fmt::format("exited with {}", exit.value().code);
  }
};

bool is_meant(std::string_view item, const NodeInfo& node) {
  return item == "all" || is_match(item, node.name) || (!node.pool.empty() && is_match(item, node.pool)) ||
         (!node.role.empty() && (item == node.role || item == node.role + "s"));
}

std::vector<std::string> possible_items(const std::vector<NodeInfo>& nodes) {
  std::vector<std::string> items = {"all", "manager", "worker"};
  for (const NodeInfo& node : nodes) {
    items.push_back(node.name);
    items.push_back(node.pool);
  }
  return items;
}

NodeRun run_on(const NodeInfo& node, const RunRequest& request, Ssh& ssh, const Clock& clock, const Context& context) {
  NodeRun run;
  if (!node.has_machine() || node.address.empty()) {
    run.exit = Error{ErrorCode::not_found, "it has no machine yet", "make it with: skep apply"};
    return run;
  }
  // The connection first, with a time limit of its own: it is kept for the command.
  const Script nothing{.name = "", .text = ":"};
  const Script command{.name = "", .text = command_line(request.command)};
  const Instant begun = clock.now();
  run.exit = ssh.run(node.endpoint(), nothing, within(clock, request.timeout_connect, context));
  if (run.exit.ok()) run.exit = ssh.run(node.endpoint(), command, context);
  run.elapsed = clock.now() - begun;
  return run;
}

void print_lines(std::ostream& to, const std::string& prefix, const std::string& text) {
  for (const std::string& line : split_lines(text)) to << prefix << line << "\n";
  to << std::flush;
}

class Printer {
 public:
  Printer(const RunRequest& request, std::ostream& out, std::ostream& err) : request_(request), out_(out), err_(err) {
    for (const NodeInfo& node : request.nodes) width_ = std::max(width_, node.name.size());
  }

  void said(const NodeInfo& node, const std::string& text) { print_lines(err_, prefix(node), text); }

  void ended(const NodeInfo& node, const NodeRun& run) {
    if (!run.exit.ok()) return;  // it stands in the summary
    print_lines(out_, prefix(node), run.exit.value().out);
    print_lines(err_, prefix(node), run.exit.value().err);
  }

  void summary(const std::vector<NodeRun>& runs) {
    const auto failed = static_cast<std::size_t>(std::ranges::count_if(runs, &NodeRun::is_failed));
    if (failed == 0) return;
    err_ << fmt::format("failed on {} of {}:\n", failed, count_of(runs.size(), "node"));
    std::string hint;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (!runs[i].is_failed()) continue;
      err_ << fmt::format("  {:<{}}  {}\n", request_.nodes[i].name, width_, runs[i].failure());
      if (!runs[i].exit.ok() && !runs[i].exit.error().hint.empty() && runs[i].exit.error().hint != hint) {
        hint = runs[i].exit.error().hint;
        err_ << fmt::format("  {:<{}}  hint: {}\n", "", width_, hint);
      }
    }
    err_ << std::flush;
  }

 private:
  std::string prefix(const NodeInfo& node) const { return fmt::format("{:<{}} | ", node.name, width_); }

  const RunRequest& request_;
  std::ostream& out_;
  std::ostream& err_;
  std::size_t width_ = 0;
};

Json report(const RunRequest& request, const std::vector<NodeRun>& runs) {
  Json nodes = Json::array();
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const NodeRun& run = runs[i];
    Json node = {{"node", request.nodes[i].name},
                 {"ok", !run.is_failed()},
                 {"seconds", static_cast<double>(run.elapsed.count()) / 1000.0}};
    if (run.exit.ok()) {
      node["exit_code"] = run.exit.value().code;
      node["out"] = run.exit.value().out;
      node["err"] = run.exit.value().err;
    } else {
      node["error"] = {{"message", run.exit.error().message}, {"hint", run.exit.error().hint}};
    }
    nodes.push_back(std::move(node));
  }
  return {{"format_version", "1.0"},
          {"type", "run"},
          {"command", command_line(request.command)},
          {"failed", std::ranges::count_if(runs, &NodeRun::is_failed)},
          {"nodes", std::move(nodes)}};
}

/// Every node's command, `parallelism` of them at once; `printer` learns of each as it happens.
std::vector<NodeRun> run_all(const RunRequest& request, Ssh& ssh, const Clock& clock, const std::stop_token& stop,
                             Printer* printer) {
  std::vector<NodeRun> runs(request.nodes.size());
  const Context whole{.deadline = within(clock, request.timeout, {}).deadline, .stop = stop};
  ThreadRunner runner(std::min(request.parallelism, runs.size()));
  std::size_t started = 0;
  for (std::size_t ended = 0; ended < runs.size();) {
    for (; started < runs.size() && started - ended < runner.capacity(); ++started) {
      // Each job writes its own place, and its end is told after that.
      runner.start(static_cast<StepId>(started), [&, i = started](const Say& say) -> StepResult {
        Context context = whole;
        context.say = say;
        if (!stop.stop_requested()) runs[i] = run_on(request.nodes[i], request, ssh, clock, context);
        return StepOutcome{};
      });
    }
    for (const Notice& notice : runner.wait()) {
      const NodeInfo& node = request.nodes[notice.step];
      if (notice.kind == Notice::Kind::finished) ++ended;
      if (printer == nullptr) continue;
      if (notice.kind == Notice::Kind::said) printer->said(node, notice.text);
      if (notice.kind == Notice::Kind::finished) printer->ended(node, runs[notice.step]);
    }
  }
  return runs;
}

}  // namespace

Result<std::vector<NodeInfo>> select_nodes(std::string_view selector, const std::vector<NodeInfo>& nodes) {
  std::vector<std::string> items;
  for (const std::string& item : split(selector, ',')) {
    if (const std::string_view trimmed = trim(item); !trimmed.empty()) items.emplace_back(trimmed);
  }
  if (items.empty()) {
    return Error{ErrorCode::invalid_input, "the selector names no node", "for example: all, manager, worker-*, db-1"};
  }
  for (const std::string& item : items) {
    if (std::ranges::any_of(nodes, [&](const NodeInfo& node) { return is_meant(item, node); })) continue;
    const std::optional<std::string> meant = closest(item, possible_items(nodes));
    return Error{ErrorCode::invalid_input, fmt::format("\"{}\" names no node, pool or role", item),
                 meant ? fmt::format("did you mean \"{}\"?", *meant) : "`skep status` shows the nodes"};
  }
  std::vector<NodeInfo> selected;
  for (const NodeInfo& node : nodes) {
    if (std::ranges::any_of(items, [&](const std::string& item) { return is_meant(item, node); })) {
      selected.push_back(node);
    }
  }
  return selected;
}

Result<int> run_side_by_side(const RunRequest& request, Ssh& ssh, const Clock& clock, std::stop_token stop,
                             std::ostream& out, std::ostream& err) {
  if (request.command.empty()) {
    return Error{ErrorCode::invalid_input, "there is no command to run", "for example: skep run all -- uptime"};
  }
  Printer printer(request, out, err);
  const std::vector<NodeRun> runs = run_all(request, ssh, clock, stop, request.json ? nullptr : &printer);
  if (request.json) {
    out << dump_json_pretty(report(request, runs)) << std::flush;
  } else {
    printer.summary(runs);
  }
  const auto is_cancelled = [](const NodeRun& run) {
    return !run.exit.ok() && run.exit.error().code == ErrorCode::cancelled;
  };
  if (std::ranges::any_of(runs, is_cancelled)) return exit_stopped;
  return std::ranges::any_of(runs, &NodeRun::is_failed) ? exit_error : exit_done;
}

}  // namespace skep
