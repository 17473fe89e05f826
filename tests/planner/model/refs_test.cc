#include "planner/model/refs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "planner/base/digest.h"

namespace skep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<ResourceId>& ids) {
  std::vector<std::string> found;
  for (const auto& id : ids) found.push_back(to_text(id));
  return found;
}

Attributes ref(const char* id, const char* field) { return {{"$ref", id}, {"field", field}}; }

Objects two_managers() {
  return {{{"server", "a"}, {"id-a", {{"address", "10.0.0.1"}}}},
          {{"swarm_manager", "a"}, {"n1", {{"host", "h1"}}}},
          {{"swarm_manager", "b", 2}, {"n2", {{"host", "h2"}}}},
          {{"swarm_manager_x", "c"}, {"n3", {{"host", "h3"}}}}};
}

TEST(Referenced, FindsRefsAndChoicesOnceInWalkingOrder) {
  const Attributes attributes = {{"a", {ref("server/z", "address"), ref("server/b", "id")}},
                                 {"b", {{"deep", {{"$one_of", {"server/c@2", "server/z"}}, {"field", "remote_id"}}}}},
                                 {"c", {{"$all", "swarm_manager"}, {"field", "host"}}},
                                 {"d", {{"$secret", "env:X"}}},
                                 {"e", "server/none"}};
  EXPECT_THAT(texts(referenced(attributes)), ElementsAre("server/z", "server/b", "server/c@2"));
  EXPECT_THAT(referenced(Attributes("server/a")), IsEmpty());
}

TEST(RenameReferences, ChangesEveryReferenceAndNothingElse) {
  Attributes attributes = {{"a", {ref("server/a", "address"), "server/a"}},
                           {"b", {{"$one_of", {"server/a", "server/b"}}, {"field", "remote_id"}}}};
  rename_references(attributes, [](const ResourceId& id) {
    return id.name == "a" ? ResourceId{id.kind, id.name, 2} : id;
  });
  EXPECT_EQ(dump_json(attributes), R"({"a":[{"$ref":"server/a@2","field":"address"},"server/a"],)"
                                   R"("b":{"$one_of":["server/a@2","server/b"],"field":"remote_id"}})");
}

TEST(ResolveRefs, PutsTheFieldInPlace) {
  const Attributes attributes = {{"one", ref("server/a", "address")},
                                 {"id", ref("server/a", "remote_id")},
                                 {"whole", {{"$ref", "server/a"}}},
                                 {"all", {{"$all", "swarm_manager"}, {"field", "host"}}},
                                 {"none", {{"$all", "volume"}, {"field", "device"}}},
                                 {"secret", {{"$secret", "env:X"}}},
                                 {"list", {1, ref("server/a", "address")}}};
  const auto resolved = resolve_refs(attributes, two_managers());
  ASSERT_TRUE(resolved.ok()) << resolved.error().message;
  EXPECT_EQ(dump_json(resolved.value()),
            R"({"all":["h1","h2"],"id":"id-a","list":[1,"10.0.0.1"],"none":[],"one":"10.0.0.1",)"
            R"("secret":{"$secret":"env:X"},"whole":{"address":"10.0.0.1"}})");
}

TEST(ResolveRefs, NamesWhatIsNotThere) {
  const struct {
    Attributes attributes;
    ErrorCode code;
    const char* message;
  } cases[] = {
      {ref("server/b", "address"), ErrorCode::not_found, "reference to server/b: it does not exist"},
      {ref("server/a", "mac"), ErrorCode::not_found, "reference to server/a: it reports no field \"mac\""},
      {ref("server", "mac"), ErrorCode::not_found, "reference to server: not the form KIND/NAME"},
      {{{"$ref", 7}}, ErrorCode::not_found, "reference to 7: not the form KIND/NAME"},
      {{{"$all", "swarm_manager"}, {"field", "nope"}},
       ErrorCode::not_found,
       "reference to swarm_manager/a: it reports no field \"nope\""},
      {{{"$one_of", {"server/a"}}}, ErrorCode::internal, "the plan left a choice open: $one_of [\"server/a\"]"},
  };
  for (const auto& c : cases) {
    const auto resolved = resolve_refs({{"x", c.attributes}}, two_managers());
    ASSERT_FALSE(resolved.ok()) << c.message;
    EXPECT_EQ(resolved.error().code, c.code) << c.message;
    EXPECT_EQ(resolved.error().message, c.message);
  }
}

Result<Secret> fake_source(std::string_view name) {
  if (name == "env:TOKEN") return Secret("s3cret-token");
  return Error{.code = ErrorCode::invalid_input, .message = std::string(name) + " is not set"};
}

TEST(ResolveSecrets, GivesClearTextsAndTheirList) {
  const Attributes attributes = {{"a", {{"$secret", "env:TOKEN"}}},
                                 {"b", {1, {{"$secret", "env:TOKEN"}, {"digest", "x"}}}}};
  const auto resolved = resolve_secrets(attributes, fake_source);
  ASSERT_TRUE(resolved.ok());
  EXPECT_EQ(dump_json(resolved.value().attributes), R"({"a":"s3cret-token","b":[1,"s3cret-token"]})");
  ASSERT_EQ(resolved.value().secrets.size(), 2U);
  EXPECT_EQ(resolved.value().secrets[0].reveal(), "s3cret-token");
}

TEST(ResolveSecrets, PassesTheSourcesErrorOn) {
  const auto resolved = resolve_secrets({{"a", {{"$secret", "env:NOPE"}}}}, fake_source);
  ASSERT_FALSE(resolved.ok());
  EXPECT_EQ(resolved.error().message, "env:NOPE is not set");
}

TEST(SecretDigests, HoldAKeyedDigestAndNeverTheText) {
  const Attributes attributes = {{"a", {{"$secret", "env:TOKEN"}}}, {"b", {{"$secret", "env:NOPE"}}}, {"c", 3}};
  const Attributes with = with_secret_digests(attributes, fake_source, "key");
  EXPECT_EQ(with["a"]["digest"], keyed_digest_hex("key", "s3cret-token"));
  EXPECT_EQ(with["a"]["$secret"], "env:TOKEN");
  EXPECT_EQ(with["b"]["digest"], "unknown");
  EXPECT_EQ(with["c"], 3);
  EXPECT_EQ(dump_json(with).find("s3cret"), std::string::npos);
  EXPECT_NE(with_secret_digests(attributes, fake_source, "other")["a"]["digest"], with["a"]["digest"]);
}

TEST(Redact, HidesEverySecretHoweverTheyOverlap) {
  const struct {
    const char* text;
    std::vector<const char*> secrets;
    const char* expected;
  } cases[] = {
      {"token=abcdef, again abcdef", {"abcdef"}, "token=***, again ***"},
      {"abc and abcd", {"abc"}, "abc and abcd"},  // too short to be told from common words
      {"xabcdefgx", {"abcd", "cdefg"}, "x***x"},
      {"xabcdefgx", {"cdef", "abcdefg"}, "x***x"},
      {"abcdabcd", {"abcd"}, "******"},
      {"aaaaaa", {"aaaa"}, "***"},
      {"nothing", {"secret"}, "nothing"},
      {"", {"secret"}, ""},
  };
  for (const auto& c : cases) {
    std::vector<Secret> secrets;
    for (const char* secret : c.secrets) secrets.emplace_back(secret);
    EXPECT_EQ(redact(c.text, secrets), c.expected) << c.text;
  }
}

// Twice the size is about twice the time: what is quadratic takes minutes here and runs into the test's time limit.
TEST(Refs, AHundredThousandReferencesAreNoProblem) {
  Attributes attributes = Attributes::array();
  Objects objects;
  for (int i = 0; i < 100'000; ++i) {
    const std::string name = "n-" + std::to_string(i);
    attributes.push_back(ref(("server/" + name).c_str(), "address"));
    objects[{"server", name}] = {"id", {{"address", name}}};
  }
  EXPECT_EQ(referenced(attributes).size(), 100'000U);
  const auto resolved = resolve_refs(attributes, objects);
  ASSERT_TRUE(resolved.ok());
  EXPECT_EQ(resolved.value()[99'999], "n-99999");
}

}  // namespace
}  // namespace skep
