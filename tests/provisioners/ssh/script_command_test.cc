// The bootstrap that runs a script from stdin, tried with each shell that a host may have.
#include "provisioners/ssh/script_command.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "planner/system/processes.h"
#include "provisioners/scripts/embedded.h"
#include "tests/provisioners/ssh/sshd.h"

namespace skep {
namespace {

using std::chrono::seconds;

struct Shell {
  std::string name;
  std::vector<std::pair<std::string, std::string>> programs;  // name on the PATH, and what it is
};

std::vector<Shell> shells() {
  return {
      {"dash", {{"sh", "/bin/dash"}, {"dd", "/bin/dd"}, {"cat", "/bin/cat"}, {"id", "/usr/bin/id"}}},
      {"bash", {{"sh", "/bin/bash"}, {"dd", "/bin/dd"}, {"cat", "/bin/cat"}, {"id", "/usr/bin/id"}}},
      {"busybox", {{"sh", "/bin/busybox"}, {"dd", "/bin/busybox"}, {"cat", "/bin/busybox"}, {"id", "/bin/busybox"}}}};
}

/// Runs what would be sent to a host, by a login shell whose PATH has nothing but `shell`.
Result<Exit> run_by(const Shell& shell, std::string input) {
  testing::Folder folder;
  for (const auto& [name, program] : shell.programs) std::filesystem::create_symlink(program, folder.path(name));
  SystemProcesses processes;
  return processes.run({.argv = {folder.path("sh"), "-c", shell_command(false)},
                        .environment = {{"PATH", folder.path()}},
                        .input = std::move(input)},
                       testing::in(seconds(20)));
}

TEST(ScriptCommand, EveryShellRunsTheSameScriptTheSameWay) {
  std::string binary;
  for (int i = 0; i < 20'000; ++i) binary += static_cast<char>(i * 7);
  const Script script{.name = "",
                      .arguments = {{"ODD", "a'b\"c\\d$e`f\ng\n"}, {"UMLAUT", "\xc3\xa4\xe2\x82\xac\xff"}},
                      .input = Secret(binary),
                      .text = "set -eu\nprintf '%s|%s|' \"$ODD\" \"$UMLAUT\"\ncat\necho problem >&2\nexit 42\n"};
  for (const Shell& shell : shells()) {
    SCOPED_TRACE(shell.name);
    if (access(shell.programs[0].second.c_str(), X_OK) != 0) {
      std::cout << shell.name << " is not installed here: not tried\n";
      continue;
    }
    const ScriptCommand command = script_command(script, false).value();
    const auto exit = run_by(shell, command.input.reveal());
    ASSERT_TRUE(exit.ok()) << exit.error().message;
    EXPECT_EQ(exit.value().code, 42) << exit.value().err;
    const auto out = after_start_mark(exit.value().out);
    ASSERT_TRUE(out.has_value());
    EXPECT_TRUE(*out == "a'b\"c\\d$e`f\ng\n|\xc3\xa4\xe2\x82\xac\xff|" + binary) << out->size();
    EXPECT_EQ(after_start_mark(exit.value().err), "problem\n");
  }
}

TEST(ScriptCommand, LargeScriptsArriveWhole) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += fmt::format("# line {} of a very long script\n", i);
  text += "echo end; cat";
  for (const Shell& shell : shells()) {
    if (access(shell.programs[0].second.c_str(), X_OK) != 0) continue;
    SCOPED_TRACE(shell.name);
    const ScriptCommand command = script_command({.name = "", .input = Secret("in"), .text = text}, false).value();
    const auto exit = run_by(shell, command.input.reveal());
    ASSERT_TRUE(exit.ok());
    EXPECT_EQ(after_start_mark(exit.value().out), "end\nin");
  }
}

TEST(ScriptCommand, AScriptThatIsCutOffNeverBegins) {
  testing::Folder folder;
  const ScriptCommand command =
      script_command({.name = "", .arguments = {{"F", folder.path("ran")}}, .text = "echo > \"$F\"\necho > \"$F\"\n"},
                     false)
          .value();
  for (const Shell& shell : shells()) {
    if (access(shell.programs[0].second.c_str(), X_OK) != 0) continue;
    SCOPED_TRACE(shell.name);
    const std::string& whole = command.input.reveal();
    for (std::size_t length = 0; length < whole.size(); length += 13) {
      const auto exit = run_by(shell, whole.substr(0, length));
      ASSERT_TRUE(exit.ok());
      EXPECT_FALSE(after_start_mark(exit.value().out).has_value()) << length;
      EXPECT_FALSE(std::filesystem::exists(folder.path("ran"))) << length;
      EXPECT_EQ(never_began(exit.value(), false).code, ErrorCode::unavailable) << exit.value().err;
    }
  }
}

TEST(ScriptCommand, AnotherUserGoesBySudo) {
  EXPECT_TRUE(shell_command(false).starts_with("exec sh -c '")) << shell_command(false);
  EXPECT_EQ(shell_command(true), "exec sudo -n " + shell_command(false).substr(5));
}

TEST(ScriptCommand, WhatNoShellCanTakeIsRefused) {
  EXPECT_EQ(script_command({.name = "nothing_of_that_name"}, false).error().code, ErrorCode::internal);
  EXPECT_EQ(script_command({.name = "", .arguments = {{"A-B", ""}}, .text = "x"}, false).error().code,
            ErrorCode::internal);
  EXPECT_EQ(script_command({.name = "", .arguments = {{"", ""}}, .text = "x"}, false).error().code,
            ErrorCode::internal);
  EXPECT_EQ(script_command({.name = "", .arguments = {{"A", std::string("a\0b", 3)}}, .text = "x"}, false).error().code,
            ErrorCode::invalid_input);
}

TEST(ScriptCommand, TheStartMarkCountsOnlyOnALineOfItsOwn) {
  EXPECT_EQ(after_start_mark("noise\nskep-script-begins\nout\n"), "out\n");
  EXPECT_EQ(after_start_mark("skep-script-begins\n"), "");
  EXPECT_EQ(after_start_mark("x skep-script-begins\n"), std::nullopt);
  EXPECT_EQ(after_start_mark("x skep-script-begins\nskep-script-begins\nout"), "out");
}

TEST(ScriptCommand, ASudoThatAsksForAPasswordIsNamed) {
  const Error error = never_began({.code = 1, .out = "", .err = "sudo: a password is required\n"}, true);
  EXPECT_EQ(error.code, ErrorCode::denied);
  EXPECT_NE(error.message.find("a password is required"), std::string::npos);
  EXPECT_NE(error.hint.find("NOPASSWD"), std::string::npos);
}

TEST(EmbeddedScripts, AreThoseOfTheFolderByteForByte) {
  int count = 0;
  const std::filesystem::path folder = std::filesystem::path(SKEP_SOURCE_DIR) / "provisioners/scripts";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".sh") continue;
    ++count;
    const auto embedded = embedded_script(entry.path().stem().string());
    ASSERT_TRUE(embedded.has_value()) << entry.path();
    EXPECT_EQ(*embedded, testing::read_file(entry.path())) << entry.path();
  }
  EXPECT_GT(count, 5);
  EXPECT_FALSE(embedded_script("embedded").has_value());
}

}  // namespace
}  // namespace skep
