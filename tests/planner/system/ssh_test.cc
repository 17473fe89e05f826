#include "planner/system/ssh.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

class Answers final : public Ssh {
 public:
  explicit Answers(Result<Exit> answer) : answer_(std::move(answer)) {}
  Result<Exit> run(const Endpoint&, const Script&, const Context&) override { return answer_; }

 private:
  Result<Exit> answer_;
};

Result<std::string> run_with(Result<Exit> answer, const Script& script = {.name = "engine_install"}) {
  Answers ssh(std::move(answer));
  return run_script(ssh, {}, script, {});
}

TEST(RunScript, GivesStdout) {
  EXPECT_EQ(run_with(Exit{.code = 0, .out = "a\nb\n", .err = "noise\n"}).value(), "a\nb\n");
}

TEST(RunScript, ExitCodesSayWhatKindOfFailureItIs) {
  const std::pair<int, ErrorCode> cases[] = {{65, ErrorCode::invalid_input},
                                             {75, ErrorCode::unavailable},
                                             {77, ErrorCode::refused},
                                             {1, ErrorCode::internal},
                                             {137, ErrorCode::internal}};
  for (const auto& [code, expected] : cases) {
    EXPECT_EQ(run_with(Exit{.code = code, .err = "why"}).error(), (Error{expected, "why"})) << code;
  }
}

TEST(RunScript, TheLastLineOfStderrIsTheMessage) {
  EXPECT_EQ(run_with(Exit{.code = 1, .err = "first\nno such package \r\n\n"}).error().message, "no such package");
  EXPECT_EQ(run_with(Exit{.code = 3, .out = "x"}).error().message,
            "script engine_install exited with 3 and said nothing");
  EXPECT_EQ(run_with(Exit{.code = 3}, {.text = "false"}).error().message, "the command exited with 3 and said nothing");
}

TEST(RunScript, PassesErrorsOfTheConnectionOn) {
  const Error lost = {ErrorCode::unknown_outcome, "connection lost", "look"};
  EXPECT_EQ(run_with(lost).error(), lost);
}

}  // namespace
}  // namespace skep
