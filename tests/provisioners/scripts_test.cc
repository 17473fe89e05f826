// The remote scripts: shellcheck has nothing to say, dash reads them, and each call in the drivers has its script.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "planner/system/clock.h"
#include "planner/system/processes.h"
#include "tests/planner/system/temporary_folder.h"

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

class InstallScript : public TemporaryFolder {
 protected:
  /// What the script ends with when apt-get says this and fails.
  std::string told_when_apt_says(const std::string& text) {
    put("said", text);
    program("apt-get", "cat " + path("said") + "; exit 100");
    for (const char* name : {"dpkg", "dpkg-query", "systemctl", "flock"}) program(name, "exit 0");
    const auto script = fs::path(SKEP_SOURCE_DIR) / "provisioners/scripts/engine_install.sh";
    const auto ended = run({"env", "-i", "PATH=" + folder() + ":/usr/bin:/bin", "packages=docker.io",
                            "hold=", "conflicts=", "/bin/sh", script.string()});
    EXPECT_EQ(ended.code, 65) << ended.err;
    return ended.err;
  }

 private:
  void program(const std::string& name, const std::string& body) {
    put(name, "#!/bin/sh\n" + body + "\n");
    fs::permissions(path(name), fs::perms::owner_all);
  }
};

TEST_F(InstallScript, SaysTheCauseAndNotThatThereWasOne) {
  if (geteuid() != 0) GTEST_SKIP() << "the script takes a lock in /run: only root can";
  const std::string last = "E: Sub-process /usr/bin/dpkg returned an error code (1)\n";
  EXPECT_EQ(told_when_apt_says("dpkg: error processing archive x.deb (--unpack):\n"
                               " cannot copy 'a' to 'b': failed to write (No space left on device)\n"
                               "Errors were encountered while processing:\n x.deb\n" +
                               last),
            "apt cannot install docker.io: cannot copy 'a' to 'b': failed to write (No space left on device)\n");
  EXPECT_EQ(told_when_apt_says("dpkg: error processing package docker.io (--configure):\n" + last),
            "apt cannot install docker.io: dpkg: error processing package docker.io (--configure):\n");
  EXPECT_EQ(told_when_apt_says("E: Held packages were changed\n"),
            "apt cannot install docker.io: E: Held packages were changed\n");
  EXPECT_EQ(told_when_apt_says("killed\n"), "apt cannot install docker.io: killed\n");
}

}  // namespace
}  // namespace skep
