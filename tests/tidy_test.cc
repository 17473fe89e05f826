// The rules of the house that a machine can check: layers, sizes, leftovers. Reads every source file of the project.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Source {
  std::string path;  // from the top folder
  std::vector<std::string> lines;
};

std::vector<Source> sources_under(const std::vector<std::string>& folders, const std::set<std::string>& endings) {
  std::vector<Source> found;
  const fs::path top = SKEP_SOURCE_DIR;
  for (const auto& folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      if (!entry.is_regular_file() || !endings.contains(entry.path().extension().string())) continue;
      std::ifstream file(entry.path());
      Source source{fs::relative(entry.path(), top).string(), {}};
      for (std::string line; std::getline(file, line);) source.lines.push_back(line);
      found.push_back(std::move(source));
    }
  }
  return found;
}

const std::vector<Source>& code() {
  static const auto all = sources_under({"planner", "providers", "provisioners", "cli", "tests"}, {".h", ".cc"});
  return all;
}

bool starts_with(const std::string& text, const std::string& prefix) { return text.rfind(prefix, 0) == 0; }

bool is_product(const Source& source) { return !starts_with(source.path, "tests/"); }

TEST(Tidy, ThereIsSomethingToCheck) { ASSERT_GT(code().size(), 50U); }

TEST(Tidy, NoFilePasses400LinesAndNoLine120Columns) {
  for (const auto& source : code()) {
    EXPECT_LE(source.lines.size(), 400U) << source.path << " holds two ideas: split it";
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      std::size_t columns = 0;  // of UTF-8: continuation bytes do not count
      for (unsigned char byte : source.lines[i]) columns += (byte & 0xC0) != 0x80 ? 1 : 0;
      const bool is_table =
          source.lines[i].find("R\"(") != std::string::npos || source.path.find("golden") != std::string::npos;
      if (!is_table) {
        EXPECT_LE(columns, 120U) << source.path << ":" << i + 1;
      }
    }
  }
}

// A function begins at a line in the first column that ends in "{" and has a "(", and ends at "}" in the first column;
// members are one level in. This is how clang-format leaves them.
TEST(Tidy, NoFunctionPasses60Lines) {
  const std::regex begin(R"(^(  )?[A-Za-z_~][^;=#]*\(.*\{$)");
  for (const auto& source : code()) {
    if (!is_product(source)) continue;
    std::string open;
    std::size_t since = 0;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const auto& line = source.lines[i];
      if (open.empty() && std::regex_search(line, begin) && line.find("namespace") == std::string::npos) {
        open = line.substr(0, line.find_first_not_of(' ')) + "}";
        since = i;
      } else if (!open.empty() && starts_with(line, open)) {
        EXPECT_LE(i - since + 1, 60U) << source.path << ":" << since + 1 << ": " << source.lines[since];
        open.clear();
      }
    }
  }
}

TEST(Tidy, NothingIsLeftForLater) {
  const std::regex leftover(R"(\b(TODO|FIXME|XXX|HACK)\b)");
  for (const auto& source : code()) {
    if (source.path == "tests/tidy_test.cc") continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(source.lines[i], leftover)) << source.path << ":" << i + 1;
    }
  }
}

// See TRY in planner/base/result.h.
TEST(Tidy, NothingStandsBeforeTryInsideBraces) {
  const std::regex late(R"(([\w(,{]|, |= )\{(?!\n)[^{};]*,[^{};]*\bTRY\()");
  for (const auto& source : code()) {
    std::string text;
    for (const auto& line : source.lines) text += line + "\n";
    std::smatch match;
    EXPECT_FALSE(std::regex_search(text, match, late)) << source.path << ": " << match.str(0).substr(0, 120);
  }
}

TEST(Tidy, EveryFileSaysFirstWhatItHolds) {
  for (const auto& source : code()) {
    if (!is_product(source)) continue;
    ASSERT_FALSE(source.lines.empty()) << source.path;
    const bool has_header = fs::exists(fs::path(SKEP_SOURCE_DIR) / fs::path(source.path).replace_extension(".h"));
    if (source.path.ends_with(".cc") && has_header) continue;  // its header says it
    EXPECT_TRUE(starts_with(source.lines[0], "//")) << source.path;
  }
}

// From which folders a folder may include, besides its own.
const std::map<std::string, std::vector<std::string>>& allowed_includes() {
  static const std::map<std::string, std::vector<std::string>> table = {
      {"planner/base", {}},
      {"planner/system", {"planner/base"}},
      {"planner/model", {"planner/base", "planner/system"}},
      {"planner/store", {"planner/base", "planner/system", "planner/model"}},
      {"planner/engine", {"planner/base", "planner/system", "planner/model", "planner/store"}},
      {"providers", {"planner/", "providers/"}},
      {"providers/common", {"planner/"}},
      {"providers/http", {"planner/"}},
      {"providers/local", {"planner/", "providers/common"}},
      {"providers/existing", {"planner/", "providers/common"}},
      {"providers/cloud", {"planner/", "providers/common", "providers/http"}},
      {"providers/digitalocean", {"planner/", "providers/cloud", "providers/common", "providers/http"}},
      {"providers/hetzner", {"planner/", "providers/cloud", "providers/common", "providers/http"}},
      {"provisioners", {"planner/", "provisioners/"}},
      {"provisioners/scripts", {}},
      {"provisioners/ssh", {"planner/", "provisioners/scripts"}},
      {"cli/render", {"planner/"}},
      {"cli/commands", {"planner/", "providers/", "provisioners/", "cli/"}},
      {"cli", {"planner/", "providers/", "provisioners/", "cli/"}},
  };
  return table;
}

TEST(Tidy, LayersIncludeOnlyWhatIsBelowThem) {
  const std::regex include(R"re(^#include "([^"]+)")re");
  for (const auto& source : code()) {
    if (!is_product(source)) continue;
    const std::string folder = fs::path(source.path).parent_path().string();
    const auto rule = allowed_includes().find(folder);
    ASSERT_NE(rule, allowed_includes().end()) << folder << " has no rule: add it here and to the map in the README";
    for (const auto& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      const std::string target = match[1];
      bool allowed = fs::path(target).parent_path().string() == folder;
      for (const auto& prefix : rule->second) allowed = allowed || starts_with(target, prefix);
      EXPECT_TRUE(allowed) << source.path << " includes " << target;
    }
  }
}

TEST(Tidy, EachLibraryIsUsedInOneFolder) {
  const std::map<std::string, std::string> home = {
      {"CLI/", "cli/"},
      {"yaml-cpp/", "planner/model/"},
      {"sqlite3.h", "planner/store/"},
      {"libpq", "planner/store/"},
      {"curl/", "providers/http/"},
      {"libssh2", "provisioners/ssh/"},
      {"sodium", "planner/base/"},
  };
  for (const auto& source : code()) {
    if (!is_product(source)) continue;
    for (const auto& line : source.lines) {
      for (const auto& [library, folder] : home) {
        if (!starts_with(line, "#include <" + library)) continue;
        EXPECT_TRUE(starts_with(source.path, folder)) << source.path << ": " << line;
      }
    }
  }
}

TEST(Tidy, TheOperatingSystemIsUsedBehindItsSeams) {
  const std::regex system_header(
      R"(^#include <(unistd\.h|sys/.*|fcntl\.h|poll\.h|csignal|signal\.h|thread|fstream|spawn\.h|netinet/.*|sched\.h|linux/.*)>)");
  const std::set<std::string> allowed = {
      "planner/engine/thread_runner.cc",
      "cli/main.cc",
  };
  for (const auto& source : code()) {
    if (!is_product(source) || allowed.contains(source.path)) continue;
    bool is_seam = false;
    for (const auto* folder :
         {"planner/system/", "planner/store/", "providers/http/", "providers/local/", "provisioners/ssh/"}) {
      is_seam = is_seam || starts_with(source.path, folder);
    }
    if (is_seam) continue;
    for (const auto& line : source.lines)
      EXPECT_FALSE(std::regex_search(line, system_header)) << source.path << ": " << line;
  }
}

// A source is tested when some test includes its header (or, without a header of its own, the folder has tests).
TEST(Tidy, EverySourceHasATest) {
  std::set<std::string> tested;
  const std::regex include(R"re(^#include "([^"]+)")re");
  for (const auto& source : code()) {
    for (const auto& line : source.lines) {
      std::smatch match;
      if (std::regex_search(line, match, include)) {
        const bool from_test = !is_product(source);
        // reached through a header that a test includes, in the same folder, counts as well
        if (from_test || fs::path(source.path).extension() == ".cc") {
          if (from_test || tested.contains(fs::path(source.path).replace_extension(".h").string()))
            tested.insert(match[1]);
        }
      }
    }
  }
  for (const auto& source : code()) {
    if (!is_product(source) || !source.path.ends_with(".h")) continue;
    if (!fs::exists(fs::path(SKEP_SOURCE_DIR) / fs::path(source.path).replace_extension(".cc"))) continue;
    bool has_folder = false;  // commands are tested through the whole command line, in tests/cli
    for (fs::path folder = fs::path(source.path).parent_path(); !folder.empty(); folder = folder.parent_path()) {
      has_folder = has_folder || fs::exists(fs::path(SKEP_SOURCE_DIR) / "tests" / folder);
    }
    EXPECT_TRUE(tested.contains(source.path) || has_folder) << source.path << " has no test";
  }
}

TEST(Tidy, EveryScriptBeginsAndEndsAsItShould) {
  for (const auto& script : sources_under({"provisioners/scripts"}, {".sh"})) {
    ASSERT_GE(script.lines.size(), 3U) << script.path;
    EXPECT_EQ(script.lines[0], "#!/bin/sh") << script.path;
    EXPECT_LE(script.lines.size(), 80U) << script.path;
    bool is_strict = false;
    for (const auto& line : script.lines) is_strict = is_strict || line == "set -eu";
    EXPECT_TRUE(is_strict) << script.path << " lacks set -eu";
  }
}

}  // namespace
