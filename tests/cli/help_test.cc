// Help, completion scripts and reference pages, all made from the one command tree.
#include "cli/help.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <regex>

#include "cli/command_tree.h"
#include "cli/commands/docs_command.h"
#include "cli/completion.h"
#include "cli/man_pages.h"
#include "cli/version.h"
#include "cli/wiring.h"
#include "planner/base/text.h"
#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

using Path = std::vector<std::string>;

void each_command(const CommandDoc& command, const Path& path,
                  const std::function<void(const CommandDoc&, const Path&)>& visit) {
  visit(command, path);
  for (const auto& child : command.commands) {
    Path below = path;
    below.push_back(child.name);
    each_command(child, below, visit);
  }
}

class HelpTest : public AppTest {};

TEST_F(HelpTest, EveryCommandHasHelpWithAnExample) {
  each_command(command_tree(), {}, [&](const CommandDoc& command, const Path& path) {
    SCOPED_TRACE(join(path, " "));
    Path words = path;
    words.push_back("--help");
    EXPECT_EQ(run_words(words), 0);
    EXPECT_TRUE(has(out, "Usage: skep"));
    EXPECT_TRUE(has(out, "Examples:\n"));
    EXPECT_FALSE(command.examples.empty());
    EXPECT_FALSE(command.summary.empty());
    EXPECT_EQ(err, "");
  });
}

TEST_F(HelpTest, HelpOfACommandByName) {
  EXPECT_EQ(run("help state list"), 0);
  const std::string by_name = out;
  EXPECT_EQ(run("state list --help"), 0);
  EXPECT_EQ(out, by_name);
  EXPECT_EQ(run("help nonsense"), 64);
}

TEST_F(HelpTest, EveryCommandOfTheTreeDoesSomething) {
  each_command(command_tree(), {}, [&](const CommandDoc& command, const Path& path) {
    if (path.empty() || !command.commands.empty() || command.name == "local-machine") return;
    SCOPED_TRACE(join(path, " "));
    run_words(path);
    EXPECT_EQ(err.find("is started by skep itself"), std::string::npos);
  });
}

TEST_F(HelpTest, NoLineIsWiderThanATerminalOfOldNeedsTwice) {
  each_command(command_tree(), {}, [&](const CommandDoc&, const Path& path) {
    for (const auto& line : split_lines(help_text(path))) EXPECT_LE(line.size(), 120U) << line;
  });
}

TEST_F(HelpTest, NamesOfOptionsDoNotContradictEachOther) {
  std::map<std::string, bool> takes_value;
  each_command(command_tree(), {}, [&](const CommandDoc& command, const Path&) {
    for (const auto& option : command.options) {
      const auto [at, is_first] = takes_value.try_emplace(option.name, !option.value.empty());
      EXPECT_EQ(at->second, !option.value.empty()) << option.name;
    }
  });
}

/// Whether the shell can read the script; skipped, and said so, where the shell is not installed.
void expect_parses(const std::string& shell, const std::string& script, const std::filesystem::path& folder) {
  SystemProcesses processes;
  if (!processes.find_program(shell)) {
    std::cout << shell << " is not installed: its script is not checked\n";
    return;
  }
  std::ofstream(folder / "script") << script;
  const auto ran = processes.run({.argv = {shell, "-n", (folder / "script").string()}}, {});
  ASSERT_TRUE(ran.ok());
  EXPECT_EQ(ran.value().code, 0) << ran.value().err;
}

TEST_F(HelpTest, CompletionScriptsAreReadByTheirShells) {
  expect_parses("bash", bash_completion(), folder);
  expect_parses("zsh", zsh_completion(), folder);
  expect_parses("fish", fish_completion(), folder);
}

TEST_F(HelpTest, BashCompletesCommandsOptionsAndChoices) {
  write("skep.bash", bash_completion());
  const auto completed = [&](const std::string& words, int position) {
    SystemProcesses processes;
    const std::string script = "source ./skep.bash; COMP_WORDS=(" + words +
                               "); COMP_CWORD=" + std::to_string(position) + "; _skep; echo \"${COMPREPLY[*]}\"";
    const auto ran = processes.run({.argv = {"bash", "-c", script}}, {});
    return ran.ok() ? std::string(trim(ran.value().out)) + ran.value().err : ran.error().message;
  };
  EXPECT_EQ(completed("skep app", 1), "apply");
  EXPECT_EQ(completed("skep state l", 2), "list");
  EXPECT_EQ(completed("skep apply --auto", 2), "--auto-approve");
  EXPECT_EQ(completed("skep output --format inv", 3), "inventory");
  EXPECT_EQ(completed("skep completion f", 2), "fish");
  EXPECT_EQ(completed("skep local", 1), "");  // hidden
}

TEST_F(HelpTest, CompletionComesFromTheProgram) {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(run(std::string("completion ") + shell), 0);
    EXPECT_TRUE(has(out, "apply"));
  }
}

TEST_F(HelpTest, TheVersionIsThatOfTheProject) {
  std::ifstream file(std::string(SKEP_SOURCE_DIR) + "/CMakeLists.txt");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(has(text.str(), std::string("VERSION ") + version_text));
  EXPECT_EQ(run("version"), 0);
  EXPECT_TRUE(std::regex_match(out, std::regex("skep " + std::string(version_text) +
                                               " \\(commit ([0-9a-f]{12}(\\+dirty)?|unknown); .+, .+, .+\\)\n")))
      << out;
  EXPECT_EQ(run("-version -json"), 0);
  EXPECT_EQ(json_out()["skep_version"], version_text);
  EXPECT_EQ(json_out()["commit"], commit_text);
}

TEST(ManPages, EveryCommandHasOneAndNothingInItIsARequest) {
  const auto pages = man_pages();
  EXPECT_TRUE(pages.contains("skep.1"));
  EXPECT_TRUE(pages.contains("skep-state-list.1"));
  EXPECT_FALSE(pages.contains("skep-local-machine.1")) << "hidden";
  EXPECT_TRUE(has(pages.at("skep-apply.1"), ".B \\-\\-auto\\-approve\n"));
  EXPECT_EQ(roff_text(".a 'b' \\ \"c\"-\nd"), "\\&.a \\(aqb\\(aq \\(rs \\(dqc\\(dq\\- d");
}

// The pages are checked in; when this fails: build/skep docs docs, or SKEP_ACCEPT=1 and this test.
TEST(Docs, TheReferencePagesAreCurrent) {
  Interrupt interrupt(5);
  RealWorld world(interrupt, nullptr);
  const auto pages = reference_pages(world.outside());
  ASSERT_TRUE(pages.ok());
  for (const auto& [name, text] : pages.value()) {
    SCOPED_TRACE(name);
    const std::string path = std::string(SKEP_SOURCE_DIR) + "/docs/" + name;
    if (std::getenv("SKEP_ACCEPT") != nullptr) std::ofstream(path) << text;
    std::ifstream file(path);
    std::stringstream wanted;
    wanted << file.rdbuf();
    EXPECT_EQ(text, wanted.str()) << "docs/" << name << " is not current";
  }
}

}  // namespace
}  // namespace skep
