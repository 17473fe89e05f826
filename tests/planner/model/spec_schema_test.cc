// The JSON Schema and the checker say the same: over the examples, over every key of the table, over wrong specs.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "json_schema.h"
#include "planner/base/text.h"
#include "planner/model/spec_keys.h"
#include "planner/model/spec_read.h"
#include "planner/model/spec_text.h"
#include "spec_kit.h"

namespace skep {
namespace {

namespace fs = std::filesystem;

// The text as an editor sees it: JSON, variables replaced.
Json as_json(const std::string& text) {
  const std::vector<Document> files = {{"cluster.yaml", text}};
  const model::Sources sources(files);
  model::Findings findings(sources);
  const auto tree = model::merged_tree(sources, test_environment(), findings);
  EXPECT_TRUE(tree.has_value()) << text;
  return tree ? model::json_of(*tree, "", findings) : Json();
}

std::string errors_of(const std::string& text) {
  std::string lines;
  for (const auto& error : schema_errors(as_json(text), spec_schema())) lines += error + "\n";
  return lines;
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> example_files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(SKEP_SOURCE_DIR) / "examples")) {
    if (entry.path().extension() == ".yaml" && entry.path().string().find("/.skep/") == std::string::npos)
      found.push_back(entry.path());
  }
  return found;
}

TEST(SpecSchema, EveryExampleIsValid) {
  const auto examples = example_files();
  EXPECT_GE(examples.size(), 5U);
  for (const auto& path : examples) EXPECT_EQ(errors_of(content_of(path)), "") << path;
}

TEST(SpecSchema, EveryExampleLoads) {
  for (const auto& path : example_files()) {
    if (path.filename() != "cluster.yaml") continue;
    const std::vector<Document> files = {{path.string(), content_of(path)}};
    const Checked checked = load_spec(files, {});
    EXPECT_EQ(problem_lines(checked), "");
    EXPECT_TRUE(checked.spec.has_value()) << path;
    const fs::path overlay = path.parent_path() / "staging.yaml";
    if (!fs::exists(overlay)) continue;
    const std::vector<Document> both = {files[0], {overlay.string(), content_of(overlay)}};
    EXPECT_EQ(problem_lines(load_spec(both, {})), "");
  }
}

// A key of the table: "pools.*.volumes.*.size", with names and list items filled in.
Json nested(const std::string& path, Json value) {
  const auto parts = split(path, '.');
  for (auto part = parts.rbegin(); part != parts.rend(); ++part)
    value = *part == "[]" ? Json::array({value}) : Json{{*part == "*" ? "n" : *part, value}};
  return value;
}

// A spec that needs nothing more, with the value laid into it. YAML reads JSON.
std::string spec_holding(const std::string& path, const Json& value) {
  Json spec = {
      {"skep", 1}, {"name", "a"}, {"provider", "local"}, {"pools", {{"n", {{"role", "manager"}, {"count", 1}}}}}};
  if (path.starts_with("pools.*.nodes")) spec["pools"]["n"].erase("count");
  if (path.starts_with("pools.*.volumes.*."))
    spec["pools"]["n"]["volumes"] = {{"n", {{"size", "1GB"}, {"mount", "/srv"}}}};
  if (path.starts_with("engine.repository.")) spec["engine"]["repository"] = {{"url", "https://a"}};
  if (path.starts_with("floating_ips.*.")) spec["floating_ips"]["n"] = {{"pool", "n"}};
  spec.merge_patch(nested(path, value));
  return dump_json(spec) + "\n";
}

bool is_later(const std::string& path) {
  for (const auto& key : model::spec_keys()) {
    const std::string prefix(key.path);
    if (key.details.later && (path == prefix || path.starts_with(prefix + "."))) return true;
  }
  return false;
}

// Values of every type; each key takes some and refuses the others, and both must agree on which.
TEST(SpecSchema, AgreesWithTheCheckerOnTheTypesOfEveryKey) {
  const Json values[] = {"text",
                         "",
                         "7",
                         7,
                         -1,
                         99999,
                         1.5,
                         true,
                         "25%",
                         "10m",
                         "1GB",
                         "10.0.0.0/16",
                         Json::array(),
                         Json::array({"a"}),
                         Json::array({1}),
                         Json::object(),
                         {{"a", "b"}},
                         {{"A b", "b"}}};
  std::set<std::string> accepted;
  for (const auto& key : model::spec_keys()) {
    const std::string path(key.path);
    if (path.empty() || is_later(path)) continue;
    for (const auto& value : values) {
      // merge_patch lays an object into what is there, so what is there decides: nothing to learn
      if (value.is_object() && (path == "pools" || path == "pools.*")) continue;
      const std::string text = spec_holding(path, value);
      const std::string by_schema = errors_of(text);
      const std::string by_checker = problem_lines(load(text));
      const bool is_structural =
          by_checker.find(": expected ") != std::string::npos || by_checker.find("unknown ") != std::string::npos ||
          by_checker.find("is missing\n") != std::string::npos || by_checker.find("stands beside") != std::string::npos;
      // the schema cannot see null, empty names, or numbers in a text's range; but a structural mistake it must
      EXPECT_EQ(!by_schema.empty(), is_structural) << text << by_schema << by_checker;
      if (by_schema.empty()) accepted.insert(path);
    }
  }
  EXPECT_GT(accepted.size(), 20U);
}

TEST(SpecSchema, AnUnknownKeyIsRefusedByBothEverywhere) {
  for (const auto& key : model::spec_keys()) {
    const std::string path(key.path);
    if (key.shape != model::Shape::map || is_later(path)) continue;
    const std::string text = spec_holding(path.empty() ? "nonsense" : path + ".nonsense", 1);
    EXPECT_NE(errors_of(text).find("has no property nonsense"), std::string::npos) << text;
    EXPECT_NE(problem_lines(load(text)).find("unknown key 'nonsense'"), std::string::npos) << text;
  }
}

TEST(SpecSchema, WrongSpecsAreWrongForBoth) {
  const std::string wrong[] = {
      "skep: 1\nname: a\n",
      "name: a\nprovider: local\npools: {m: {role: manager, count: 1}}\n",
      "skep: 2\nname: a\nprovider: local\npools: {m: {role: manager, count: 1}}\n",
      "skep: 1\nname: a/b\nprovider: local\npools: {m: {role: manager, count: 1}}\n",
      "skep: 1\nname: a\nprovider: aws\npools: {m: {role: manager, count: 1}}\n",
      spec_with("{m: {role: boss, count: 1}}"),
      spec_with("{M: {role: manager, count: 1}}"),
      spec_with("{m: {role: manager, count: 1, nodes: [a]}}"),
      spec_with("{m: {role: manager, nodes: [a, {b: c}]}}"),
      spec_with("{m: {role: manager, nodes: {a: {adress: b}}}}"),
      spec_with("{m: {role: manager, count: 1, volumes: {v: {size: 1GB}}}}"),
      three_managers("engine: {version: 28}\n"),
      three_managers("rollout: {drain_timeout: soon}\n"),
      three_managers("swarm: {address_pool: [a]}\n"),
      three_managers("floating_ips: {a: {}}\n"),
      three_managers("y-own: 1\n"),
      three_managers("firewall: {inbound: [{port: 0}]}\n"),
      three_managers("firewall: {inbound: [{port: http}]}\n"),
      three_managers("firewall: {inbound: [{}]}\n"),
      three_managers("load_balancers: {web: {pool: m}}\n"),
  };
  for (const auto& text : wrong) {
    EXPECT_NE(errors_of(text), "") << text;
    EXPECT_FALSE(load(text).spec.has_value()) << text;
  }
}

TEST(SpecSchema, GoodSpecsAreGoodForBoth) {
  const std::string good[] = {
      three_managers("x-own: {a: 1}\n"),
      three_managers("floating_ips: null\nlocation:\n"),
      spec_with("{m: {role: manager, count: 1, nodes: null}}"),
      three_managers("rollout: {max_unavailable: 25%, max_surge: 2}\n"),
      spec_with("{m: {role: manager, count: 1, labels: {a: 1, b: true, c: x, d: 1.5}}}"),
      spec_with("{m: {role: manager, count: 1, type: [a, b], location: [c, d]}}", "location: [e]\n"),
      three_managers("firewall: {ssh: [\"2001:db8::/32\"], inbound: [{port: 80}, {port: 8000-8010, protocol: udp}]}\n"),
      three_managers("load_balancers: {web: {pool: m, listen: [{port: 443, to: 8443}]}}\n"),
      existing_spec(),
  };
  for (const auto& text : good) {
    EXPECT_EQ(errors_of(text), "") << text;
    EXPECT_EQ(problem_lines(load(text)), "") << text;
  }
}

TEST(SpecSchema, KnowsEveryKeyOfTheProductsSpec) {
  for (const char* path : {"skep",
                           "name",
                           "provider",
                           "location",
                           "ssh.bastion.host_key",
                           "network.range",
                           "firewall.ssh",
                           "firewall.inbound.[].port",
                           "engine.daemon",
                           "swarm.autolock",
                           "swarm.unlock_key.env",
                           "rollout.settle",
                           "pools.*.setup",
                           "pools.*.nodes.*.host_key",
                           "floating_ips.*.pool",
                           "load_balancers.*.listen.[].to",
                           "setup.packages",
                           "setup.sysctl.*",
                           "setup.files.*.content",
                           "setup.run.[].creates",
                           "networks.*.encrypted",
                           "secrets.*.env",
                           "configs.*.file",
                           "stacks.*.verify"}) {
    const auto keys = model::spec_keys();
    EXPECT_NE(std::ranges::find(keys, path, &model::Key::path), keys.end()) << path;
  }
}

TEST(SpecKeys, EveryKeyIsDocumentedInOneSentence) {
  for (const auto& key : model::spec_keys()) {
    EXPECT_TRUE(key.doc.ends_with('.') && key.doc.find(". ") == std::string_view::npos) << key.path << ": " << key.doc;
    EXPECT_LT(key.doc.size(), 160U) << key.path;
  }
}

}  // namespace
}  // namespace skep
