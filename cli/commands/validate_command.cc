#include "cli/commands/validate_command.h"

#include <algorithm>

#include "cli/commands/cluster.h"
#include "cli/exit_code.h"
#include "planner/base/text.h"

namespace skep {

namespace {

Json problem_json(const Problem& problem) {
  return {{"severity", problem.severity == Problem::Severity::error ? "error" : "warning"},
          {"message", problem.message},
          {"hint", problem.hint},
          {"file", problem.place.file},
          {"line", problem.place.line},
          {"column", problem.place.column},
          {"length", problem.place.length}};
}

Result<int> validate_for_programs(const Invocation& invocation, Outside& outside) {
  std::vector<Problem> problems;
  std::string name;
  const auto files = TRY(spec_files(invocation, outside));
  Checked checked = load_spec(TRY(read_documents(files, outside)), outside.environment);
  problems = std::move(checked.problems);
  if (checked.spec) {
    name = checked.spec->name;
    auto more = TRY(offline_problems(*checked.spec, outside));
    for (auto& problem : more) problems.push_back(std::move(problem));
  }
  Json list = Json::array();
  std::size_t errors = 0;
  for (const auto& problem : problems) {
    list.push_back(problem_json(problem));
    errors += problem.severity == Problem::Severity::error ? 1 : 0;
  }
  const Json record = {{"format_version", "1.0"},       {"type", "validation"},
                       {"valid", errors == 0},          {"cluster", name},
                       {"error_count", errors},         {"warning_count", problems.size() - errors},
                       {"diagnostics", std::move(list)}};
  outside.out << dump_json_pretty(record);
  return errors == 0 ? exit_done : exit_error;
}

}  // namespace

Result<int> validate_command(const Invocation& invocation, Outside& outside) {
  if (invocation.flag("json")) return validate_for_programs(invocation, outside);
  const SpecAndPaths opened = TRY(open_spec(invocation, outside));
  const auto problems = TRY(offline_problems(opened.spec, outside));
  if (report_problems(problems, invocation, outside)) return problems_error(problems, opened.files);
  std::size_t nodes = 0;
  for (const auto& [name, pool] : opened.spec.pools) nodes += pool.nodes.size();
  outside.out << join(opened.files, ", ") << " is right: cluster " << opened.spec.name << ", "
              << count_of(nodes, "node") << " in " << count_of(opened.spec.pools.size(), "pool") << "\n";
  return exit_done;
}

}  // namespace skep
