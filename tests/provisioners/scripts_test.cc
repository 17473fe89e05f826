// The remote scripts: shellcheck has nothing to say, dash reads them, and each call in the drivers has its script.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "planner/system/clock.h"
#include "planner/system/processes.h"

namespace skep {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> script_paths() {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(SKEP_SOURCE_DIR) / "provisioners/scripts")) {
    if (entry.path().extension() == ".sh") paths.push_back(entry.path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

Exit run(std::vector<std::string> argv) {
  SystemProcesses processes;
  const SystemClock clock;
  auto exit = processes.run({.argv = std::move(argv)}, {.deadline = clock.now() + std::chrono::seconds(60)});
  EXPECT_TRUE(exit.ok()) << (exit.ok() ? "" : exit.error().message);
  return exit.ok() ? exit.value() : Exit{.code = -1, .out = {}, .err = {}};
}

TEST(Scripts, ShellcheckHasNothingToSay) {
  SystemProcesses processes;
  if (!processes.find_program("shellcheck")) GTEST_SKIP() << "shellcheck is not installed (package shellcheck)";
  std::vector<std::string> argv = {"shellcheck", "--shell=dash"};
  for (const auto& path : script_paths()) argv.push_back(path);
  ASSERT_GT(argv.size(), 15U);
  const auto checked = run(argv);
  EXPECT_EQ(checked.code, 0) << checked.out;
}

TEST(Scripts, EachIsReadableForThePlainShell) {
  for (const auto& path : script_paths()) {
    const auto read = run({"sh", "-n", path});
    EXPECT_EQ(read.code, 0) << path << ": " << read.err;
  }
}

TEST(Scripts, EachSaysWhatItDoesAndWhichArgumentsItNeeds) {
  for (const auto& path : script_paths()) {
    const auto text = text_of(path);
    EXPECT_EQ(text.find("#!/bin/sh\n# "), 0U) << path;
    EXPECT_NE(text.find("\nset -eu\n"), std::string::npos) << path;
    EXPECT_EQ(text.find("set -x"), std::string::npos) << path << " would show secrets";
  }
}

// A script that no driver names is dead, and a name without a script would only be noticed on a host.
TEST(Scripts, DriversAndScriptsKnowEachOther) {
  std::set<std::string> scripts;
  for (const auto& path : script_paths()) scripts.insert(fs::path(path).stem().string());
  std::set<std::string> named;
  const std::regex call(R"re(\.name = "([a-z_]+)")re");
  for (const auto& entry : fs::directory_iterator(fs::path(SKEP_SOURCE_DIR) / "provisioners")) {
    if (entry.path().extension() != ".cc") continue;
    const auto text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) named.insert((*at)[1]);
  }
  EXPECT_EQ(named, scripts);
}

// Without an argument that it needs a script stops before it does anything.
TEST(Scripts, AMissingArgumentStopsThem) {
  for (const char* name : {"engine_install", "swarm_init", "mount_ensure", "node_role", "engine_read"}) {
    const auto path = fs::path(SKEP_SOURCE_DIR) / "provisioners/scripts" / (std::string(name) + ".sh");
    const auto stopped = run({"env", "-i", "PATH=/nonexistent", "/bin/sh", path.string()});
    EXPECT_EQ(stopped.code, 2) << name << ": " << stopped.err;
    EXPECT_NE(stopped.err.find("parameter not set"), std::string::npos) << name << ": " << stopped.err;
  }
}

}  // namespace
}  // namespace skep
