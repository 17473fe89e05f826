// From words to an invocation: dashes, values, mistakes and what is suggested for them.
#include "cli/arguments.h"

#include <gtest/gtest.h>

#include "cli/command_tree.h"
#include "planner/base/text.h"

namespace skep {
namespace {

Invocation parsed(const std::string& line) {
  auto invocation = parse_arguments(split(line, ' '));
  EXPECT_TRUE(invocation.ok()) << line << ": " << (invocation.ok() ? "" : invocation.error().message);
  return invocation.ok() ? std::move(invocation).value() : Invocation();
}

std::string mistake(const std::string& line) {
  const auto invocation = parse_arguments(split(line, ' '));
  if (invocation.ok()) return "none";
  return invocation.error().message + " / " + invocation.error().hint;
}

TEST(Arguments, OneDashAndTwoMeanTheSame) {
  for (const auto* line :
       {"apply -auto-approve -refresh=false -lock-timeout=5m -parallelism 3 -replace a -replace=b -no-color -json",
        "apply --auto-approve --refresh=false --lock-timeout 5m --parallelism=3 --replace=a --replace b --no-color "
        "--json"}) {
    const Invocation invocation = parsed(line);
    EXPECT_TRUE(invocation.flag("auto-approve"));
    EXPECT_FALSE(invocation.flag("refresh", true));
    EXPECT_EQ(invocation.duration("lock-timeout", Duration(0)).value(), std::chrono::minutes(5));
    EXPECT_EQ(invocation.number("parallelism", 1, 1024, 256).value(), 3);
    EXPECT_EQ(invocation.texts("replace"), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(invocation.flag("no-color"));
    EXPECT_TRUE(invocation.flag("json"));
  }
}

TEST(Arguments, OnlyNamesOfOptionsGetASecondDash) {
  EXPECT_EQ(with_two_dashes({"-out", "-out=x", "-f", "-fx", "-outer", "--", "-out"}),
            (std::vector<std::string>{"--out", "--out=x", "-f", "-fx", "-outer", "--", "-out"}));
}

TEST(Arguments, OptionsOfEveryCommandMayStandBeforeOrBehindIt) {
  EXPECT_EQ(parsed("-chdir=x -f a plan -f b").texts("file"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parsed("-chdir=x plan").text("chdir"), "x");
  EXPECT_EQ(parsed("plan -C x").text("chdir"), "x");
}

TEST(Arguments, DefaultsHoldWhereNothingIsGiven) {
  const Invocation invocation = parsed("apply");
  EXPECT_TRUE(invocation.flag("refresh", true));
  EXPECT_FALSE(invocation.has("replace"));
  EXPECT_EQ(invocation.argument("PLANFILE"), "");
}

TEST(Arguments, AnArgumentMayHaveTheNameOfACommand) {
  EXPECT_EQ(parsed("apply plan").argument("PLANFILE"), "plan");
  EXPECT_EQ(parsed("ssh run").argument("NODE"), "run");
}

TEST(Arguments, WhatFollowsTheDashesIsLeftAlone) {
  const Invocation invocation = parsed("run all -timeout 5s -- docker ps -json --filter a -- b");
  EXPECT_EQ(invocation.argument("SELECTOR"), "all");
  EXPECT_EQ(join(invocation.tail, " "), "docker ps -json --filter a -- b");
  EXPECT_FALSE(invocation.flag("json"));
}

TEST(Arguments, NestedCommandsHaveAPath) {
  EXPECT_EQ(parsed("state list server a*").path, (std::vector<std::string>{"state", "list"}));
  EXPECT_EQ(parsed("state list server a*").all("WHAT"), (std::vector<std::string>{"server", "a*"}));
}

TEST(Arguments, HelpWinsOverMistakes) {
  for (const auto* line : {"ssh --help", "apply -h", "plan --nonsense -help", "", "state -h", "run"}) {
    SCOPED_TRACE(line);
    if (std::string(line) == "run") continue;  // an argument is missing, and no help was asked for
    EXPECT_TRUE(parsed(line).wants_help);
  }
}

TEST(Arguments, VersionAsAFlagIsTheCommand) {
  for (const auto* line : {"--version", "-version", "-v", "version"}) {
    EXPECT_EQ(parsed(line).path, std::vector<std::string>{"version"}) << line;
  }
}

TEST(Arguments, MistakesNameWhatIsMeant) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"aply", "unknown command 'aply' of skep / did you mean 'apply'?"},
      {"xyzzy", "unknown command 'xyzzy' of skep / see: skep --help"},
      {"plan --detailed-exitcde",
       "unknown option '--detailed-exitcde' of skep plan / did you mean '--detailed-exitcode'?"},
      {"plan -target=x", "unknown option '-target=x' / skep has --only WHAT for this"},
      {"apply -var a=b", "unknown option '-var' / variables come from the environment: ${NAME} in the spec"},
      {"ssh", "skep ssh: NODE is missing: a node of the spec / see: skep ssh --help"},
      {"ssh a ls", "unexpected 'ls' / put the command behind --: skep ssh ... -- ls"},
      {"validate x", "unexpected argument 'x' of skep validate / see: skep validate --help"},
      {"plan -- x", "skep plan takes nothing behind -- / see: skep plan --help"},
      {"state", "skep state: which command of it? / see: skep state --help"},
      {"state lst", "unknown command 'lst' of skep state / did you mean 'list'?"},
      {"output --format yaml", "--format: 'yaml' is none of json, dotenv, ssh_config, inventory, docker-context / "},
      {"completion bsh", "SHELL: 'bsh' is none of bash, zsh, fish / did you mean 'bash'?"},
      {"apply --refresh=maybe", "--refresh: 'maybe' is neither true nor false / see: skep apply --help"},
  };
  for (const auto& [line, expected] : cases) {
    SCOPED_TRACE(line);
    EXPECT_EQ(mistake(line), expected);
  }
}

TEST(Arguments, NumbersAndDurationsAreChecked) {
  EXPECT_EQ(parsed("apply -parallelism=0").number("parallelism", 1, 1024, 256).error().message,
            "--parallelism: '0' is no number from 1 to 1024");
  EXPECT_EQ(parsed("apply -parallelism=4x").number("parallelism", 1, 1024, 256).error().message,
            "--parallelism: '4x' is no number from 1 to 1024");
  EXPECT_EQ(parsed("apply -deadline soon").duration("deadline", Duration(0)).error().message,
            "--deadline: 'soon' is no duration");
}

}  // namespace
}  // namespace skep
