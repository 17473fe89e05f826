// When a wanted field differs, and what people see of it.
#include "planner/engine/diff.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

const Schema& schema() {
  static const Schema one = {.driver = "test.thing",
                             .inputs = {{"name", OnChange::update},
                                        {"labels", OnChange::update},
                                        {"version", OnChange::disrupt},
                                        {"place", OnChange::replace},
                                        {"image", OnChange::next_time},
                                        {"host", OnChange::ignore},
                                        {"size_gb", OnChange::grows},
                                        {"range", OnChange::grows},
                                        {"pools", OnChange::fixed},
                                        {"memory_bytes", OnChange::update},
                                        {"token", OnChange::update, false, true}}};
  return one;
}

Json secret(const std::string& name, const std::string& digest) { return {{"$secret", name}, {"digest", digest}}; }
Json ref(const std::string& id) { return Json::object({{"$ref", id}, {"field", "remote_id"}}); }

Referent lookup(const Json& reference) {
  const std::string id = reference.at("$ref").get<std::string>();
  if (id == "a/new") return {.kind = Referent::Kind::unknown};
  if (id == "a/there") return {.kind = Referent::Kind::value, .value = "7"};
  if (id == "a/eight") return {.kind = Referent::Kind::value, .value = "8"};
  return {.kind = Referent::Kind::any};
}

std::string text(const Diff& diff) {
  std::string line;
  for (const auto& change : diff.fields) line += change.field + ": " + change.before + " -> " + change.after + "; ";
  for (const auto& change : diff.next_time) line += "later " + change.field + ": " + change.after + "; ";
  if (diff.updates) line += "updates ";
  if (diff.disrupts) line += "disrupts ";
  if (diff.replaces) line += "replaces by " + diff.cause;
  for (const auto& refusal : diff.refusals) line += "no: " + refusal + "; ";
  return line;
}

struct DiffCase {
  std::string name;
  Json wanted = Json::object();
  Json applied = Json::object();
  Json reported = Json::object();
  std::string expected;
};

const DiffCase diff_cases[] = {
    {"equal", {{"name", "a"}}, {{"name", "a"}}, {{"name", "a"}}, ""},
    {"the reported field counts", {{"name", "a"}}, {{"name", "a"}}, {{"name", "b"}}, "name: b -> a; updates "},
    {"a repaired drift is no change", {{"name", "a"}}, {{"name", "b"}}, {{"name", "a"}}, ""},
    {"else what was applied", {{"name", "a"}}, {{"name", "b"}}, Json::object(), "name: b -> a; updates "},
    {"a new field", {{"name", "a"}}, Json::object(), Json::object(), "name:  -> a; updates "},
    {"what the provider chose is left alone", Json::object(), Json::object(), {{"name", "b"}}, ""},
    {"a field that is wanted no longer", Json::object(), {{"name", "a"}}, Json::object(), "name: a -> ; updates "},
    {"null is absent", {{"name", nullptr}}, Json::object(), {{"name", "b"}}, ""},
    {"numbers of two kinds", {{"name", 1}}, {{"name", 1.0}}, Json::object(), ""},
    {"deep into maps",
     {{"labels", {{"a", "1"}, {"b", {{"c", true}}}}}},
     {{"labels", {{"a", "1"}, {"b", {{"c", false}}}, {"d", "x"}}}},
     Json::object(),
     "labels.b.c: false -> true; labels.d: x -> ; updates "},
    {"lists as a whole", {{"labels", {1, 2}}}, {{"labels", {1}}}, Json::object(), "labels: [1] -> [1,2]; updates "},
    {"of lists of settings what differs",
     {{"labels", Json::array({{{"port", 80}, {"to", 8080}}, {{"port", 443}, {"to", 443}}})}},
     {{"labels", Json::array({{{"port", 80}, {"to", 80}}, {{"port", 443}, {"to", 443}}, {{"port", 22}}})}},
     Json::object(),
     "labels: port 80 to 80; port 22 and 1 other -> port 80 to 8080 and 1 other; updates "},
    {"sizes as people write them",
     {{"size_gb", 20}, {"memory_bytes", 512 << 20}},
     {{"size_gb", 10}},
     Json::object(),
     "size: 10 GB -> 20 GB; memory:  -> 512 MiB; updates "},
    {"sizes that differ by less than is shown",
     {{"memory_bytes", 1'000'000'001}},
     {{"memory_bytes", 1'000'000'002}},
     Json::object(),
     "memory: 1000000002 -> 1000000001; updates "},
    {"what only grows does not shrink",
     {{"size_gb", 10}},
     Json::object(),
     {{"size_gb", 20}},
     "size: 20 GB -> 10 GB; updates no: its size can only grow: 20 GB → 10 GB; "},
    {"a range that grows",
     {{"range", "10.0.0.0/8"}},
     {{"range", "10.1.0.0/16"}},
     Json::object(),
     "range: 10.1.0.0/16 -> 10.0.0.0/8; updates "},
    {"a range that moves",
     {{"range", "10.0.0.0/16"}},
     {{"range", "10.1.0.0/16"}},
     Json::object(),
     "range: 10.1.0.0/16 -> 10.0.0.0/16; updates no: its range can only grow: 10.1.0.0/16 → 10.0.0.0/16; "},
    {"what is fixed",
     {{"pools", Json::array()}},
     {{"pools", {"10.0.0.0/8"}}},
     Json::object(),
     R"(pools: ["10.0.0.0/8"] -> []; updates no: its pools cannot change: ["10.0.0.0/8"] → []; )"},
    {"what is fixed and was never known",
     {{"pools", {"10.0.0.0/8"}}},
     Json::object(),
     Json::object(),
     R"(pools:  -> ["10.0.0.0/8"]; updates )"},
    {"a list of settings that was empty",
     {{"labels", Json::array({{{"port", 80}}})}},
     {{"labels", Json::array()}},
     Json::object(),
     "labels:  -> port 80; updates "},
    {"settings in another order",
     {{"labels", Json::array({{{"port", 80}}, {{"port", 443}}})}},
     {{"labels", Json::array({{{"port", 443}}, {{"port", 80}}})}},
     Json::object(),
     R"(labels: [{"port":443},{"port":80}] -> [{"port":80},{"port":443}]; updates )"},
    {"a list of secrets is no list of settings",
     {{"labels", Json::array({secret("env:A", "2"), secret("env:B", "1")})}},
     {{"labels", Json::array({secret("env:A", "1"), secret("env:B", "1")})}},
     Json::object(),
     "labels: (secret) -> (secret); updates "},
    {"disrupts", {{"version", "2"}}, {{"version", "1"}}, Json::object(), "version: 1 -> 2; disrupts "},
    {"replaces", {{"place", "b"}}, {{"place", "a"}}, Json::object(), "place: a -> b; replaces by place"},
    {"next time", {{"image", "b"}}, {{"image", "a"}}, Json::object(), "later image: b; "},
    {"ignored", {{"host", "b"}}, {{"host", "a"}}, Json::object(), ""},
    {"a ref to what exists", {{"name", ref("a/there")}}, {{"name", "7"}}, Json::object(), ""},
    {"a ref to another", {{"name", ref("a/there")}}, {{"name", "6"}}, Json::object(), "name: 6 -> 7; updates "},
    {"a ref to what comes",
     {{"name", ref("a/new")}},
     {{"name", "6"}},
     {{"name", "6"}},
     "name: 6 -> (known after apply); updates "},
    {"a ref that tells nothing", {{"name", ref("a/off")}}, {{"name", "6"}}, Json::object(), ""},
    {"all of a kind", {{"name", {{"$all", "x"}}}}, {{"name", {"1", "2"}}}, Json::object(), ""},
    {"the same secret", {{"token", secret("env:A", "1")}}, {{"token", secret("env:A", "1")}}, Json::object(), ""},
    {"the same secret by another name",
     {{"token", secret("env:B", "1")}},
     {{"token", secret("env:A", "1")}},
     Json::object(),
     ""},
    {"another secret",
     {{"token", secret("env:A", "2")}},
     {{"token", secret("env:A", "1")}},
     Json::object(),
     "token: (secret) -> (secret); updates "},
    {"a secret that cannot be read now",
     {{"token", secret("env:A", "unknown")}},
     {{"token", secret("env:A", "1")}},
     Json::object(),
     ""},
    {"a secret within",
     {{"labels", {{"k", secret("env:A", "2")}}}},
     {{"labels", {{"k", secret("env:A", "1")}}}},
     {{"labels", {{"k", "***"}}}},
     "labels.k: (secret) -> (another secret); updates "},
    {"things by reference, in another order",
     {{"name", {ref("a/there"), ref("a/other")}}},
     {{"name", {"8", "7"}}},
     {{"name", {"9", "7"}}},
     ""},
    {"one thing more",
     {{"name", {ref("a/there"), ref("a/eight"), ref("a/there")}}},
     Json::object(),
     {{"name", {"7", "8"}}},
     "name: [\"7\",\"8\"] -> [\"7\",\"8\",\"7\"]; updates "},
    {"another thing than one of them",
     {{"name", {ref("a/there"), ref("a/eight")}}},
     Json::object(),
     {{"name", {"7", "9"}}},
     "name: [\"7\",\"9\"] -> [\"7\",\"8\"]; updates "},
    {"the same thing twice is no set of two",
     {{"name", {ref("a/there"), ref("a/eight")}}},
     Json::object(),
     {{"name", {"7", "7"}}},
     "name: [\"7\",\"7\"] -> [\"7\",\"8\"]; updates "},
    {"one that is made in this plan",
     {{"name", {ref("a/there"), ref("a/new")}}},
     Json::object(),
     {{"name", {"7", "8"}}},
     "name: [\"7\",\"8\"] -> [\"7\",\"(known after apply)\"]; updates "},
    {"plain values keep their order",
     {{"name", {"7", "8"}}},
     Json::object(),
     {{"name", {"8", "7"}}},
     "name: [\"8\",\"7\"] -> [\"7\",\"8\"]; updates "},
    {"a secret field is never shown",
     {{"token", "b"}},
     {{"token", "a"}},
     {{"token", "c"}},
     "token: (secret) -> (secret); updates "},
};

TEST(Diff, ComparesFieldByField) {
  for (const auto& one : diff_cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(text(diff(one.wanted, one.applied, one.reported, schema(), lookup)), one.expected);
  }
}

}  // namespace
}  // namespace skep
