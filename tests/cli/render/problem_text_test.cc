#include "cli/render/problem_text.h"

#include <gtest/gtest.h>

#include "planner/model/load_spec.h"

namespace skep {
namespace {

Problem typ_problem() {
  return {.place = {.file = "cluster.yaml", .line = 31, .column = 5, .length = 3, .line_text = "    typ: s-4vcpu-8gb"},
          .message = "pools.worker: unknown key 'typ', did you mean 'type'?"};
}

TEST(ProblemText, ShowsPlaceMessageLineAndUnderline) {
  EXPECT_EQ("\n" + problem_text(typ_problem()), R"(
cluster.yaml:31:5: error: pools.worker: unknown key 'typ', did you mean 'type'?
   31 |     typ: s-4vcpu-8gb
      |     ^~~
)");
}

TEST(ProblemText, AHintFollowsAndAWarningSaysSo) {
  Problem problem = typ_problem();
  problem.severity = Problem::Severity::warning;
  problem.hint = "take it out";
  EXPECT_EQ("\n" + problem_text(problem), R"(
cluster.yaml:31:5: warning: pools.worker: unknown key 'typ', did you mean 'type'?
   31 |     typ: s-4vcpu-8gb
      |     ^~~
      hint: take it out
)");
}

TEST(ProblemText, TheWholeFileHasNoLine) {
  EXPECT_EQ(problem_text({.place = {.file = "a.yaml"}, .message = "the file is empty"}),
            "a.yaml: error: the file is empty\n");
  EXPECT_EQ(problem_text({.message = "no spec was given"}), "error: no spec was given\n");
}

TEST(ProblemText, TheUnderlineStandsUnderTabsAndWideText) {
  const Problem tab = {.place = {.file = "f", .line = 1, .column = 4, .length = 2, .line_text = "\tü\txy"},
                       .message = "m"};
  EXPECT_EQ(problem_text(tab), "f:1:4: error: m\n    1 | \tü\txy\n      | \t \t^~\n");
}

TEST(ProblemText, TheUnderlineEndsWithTheLine) {
  Problem problem = typ_problem();
  problem.place.length = 500;
  problem.place.line_text = "    typ";
  EXPECT_NE(problem_text(problem).find("|     ^~~\n"), std::string::npos);
  problem.place.column = 100;  // behind the end, as for what is missing at the end of a file
  EXPECT_NE(problem_text(problem).find("^\n"), std::string::npos);
}

TEST(ProblemText, ALongLineIsCutAroundTheColumn) {
  const std::string line = "a: {" + std::string(1000, ' ') + "nonsense: 1" + std::string(1000, ' ') + "}";
  const std::vector<Document> files = {{"f", line + "\n"}};
  const Checked checked = load_spec(files, {});
  for (const auto& problem : checked.problems) {
    const std::string text = problem_text(problem);
    EXPECT_LT(text.size(), 500U) << text;
  }
  const Place cut = {
      .file = "f", .line = 1, .column = 1005, .length = 8, .line_text = "…   nonsense: 1…", .text_column = 1001};
  EXPECT_EQ(problem_text({.place = cut, .message = "m"}),
            "f:1:1005: error: m\n    1 | …   nonsense: 1…\n      |     ^~~~~~~~\n");
}

TEST(ProblemText, ControlCharactersDoNotReachTheTerminal) {
  Problem problem = typ_problem();
  problem.place.line_text = "\033[31mtyp\a: \xC2\x9Bx";
  problem.message = "bad \033]0;title\a";
  const std::string text = problem_text(problem);
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_EQ(text.find('\a'), std::string::npos);
  EXPECT_EQ(text.find('\x9B'), std::string::npos);
}

TEST(ProblemText, ColourOnlyWhenAsked) {
  EXPECT_EQ(problem_text(typ_problem()).find('\033'), std::string::npos);
  EXPECT_NE(problem_text(typ_problem(), {.color = true}).find("\033[31merror:\033[0m"), std::string::npos);
}

TEST(ProblemText, AllProblemsOfASpecInOneGo) {
  const std::vector<Document> files = {
      {"cluster.yaml", "skep: 1\nname: demo\nprovider: local\npools:\n  worker:\n    typ: x\n    count: 1\n"}};
  EXPECT_EQ("\n" + problems_text(load_spec(files, {}).problems), R"(
cluster.yaml:4:1: error: pools: 0 managers: a swarm needs at least one manager
    4 | pools:
      | ^~~~~
      hint: give a pool role: manager, with 1, 3, 5 or 7 nodes
cluster.yaml:6:5: error: pools.worker: unknown key 'typ', did you mean 'type'?
    6 |     typ: x
      |     ^~~
)");
}

}  // namespace
}  // namespace skep
