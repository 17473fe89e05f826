// Whether a cluster spans providers, and when it may not begin or cease to.
#include "planner/model/spanning.h"

#include <gmock/gmock.h>

namespace skep {
namespace {

using ::testing::HasSubstr;

Spec spec_of(const std::string& workers_at, int workers = 1) {
  Spec spec{.name = "demo", .provider = "hetzner"};
  spec.pools["manager"] = {.name = "manager", .role = Role::manager, .provider = "hetzner"};
  spec.pools["manager"].nodes = {{.name = "manager-1"}};
  spec.pools["worker"] = {.name = "worker", .provider = workers_at};
  for (int i = 1; i <= workers; ++i) spec.pools["worker"].nodes.push_back({.name = "worker-" + std::to_string(i)});
  return spec;
}

/// A member as the hosts' part of a spec gives it.
void add_member(State& state, const std::string& node, bool spans, const std::string& private_address) {
  Json host = {{"$ref", "server/" + node}};
  if (spans) host = {{"private_address", {{"$ref", "server/" + node}, {"field", "address"}}}};
  Record member{.resource = {.id = {member_kind, node}, .node = node}};
  member.resource.inputs = {{"host", host}};
  state.records[member.resource.id] = member;
  Record machine{.resource = {.id = {machine_kind, node}, .node = node}};
  machine.object.attributes = {{"address", "198.51.100.7"}, {"private_address", private_address}};
  state.records[machine.resource.id] = machine;
}

TEST(Spanning, ByThePoolsProviders) {
  EXPECT_TRUE(spans_providers(spec_of("digitalocean", 0))) << "also without nodes";
  EXPECT_FALSE(spans_providers(spec_of("hetzner")));
}

TEST(Spanning, AMemberKeepsItsAddress) {
  struct Case {
    const char* name;
    bool spanned;
    const char* private_address;
    Spec spec;
    std::string message;
  };
  const Case cases[] = {
      {"nothing changes at one provider", false, "172.27.0.2", spec_of("hetzner"), ""},
      {"nothing changes at two", true, "172.27.0.2", spec_of("digitalocean"), ""},
      {"a second provider comes", false, "172.27.0.2", spec_of("digitalocean"),
       "manager-1 reach one another over a private network"},
      {"the second one goes", true, "172.27.0.2", spec_of("hetzner"), "manager-1 reach one another at their public"},
      {"it has one address anyway", false, "198.51.100.7", spec_of("digitalocean"), ""},
      {"its pool stays, without nodes", true, "172.27.0.2", spec_of("digitalocean", 0), ""},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    State state;
    add_member(state, "manager-1", one.spanned, one.private_address);
    add_member(state, "old-1", !one.spanned, "172.27.0.9");  // goes anyway
    const auto checked = check_span(one.spec, state);
    if (one.message.empty()) {
      EXPECT_TRUE(checked.ok()) << checked.error().message;
      continue;
    }
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code, ErrorCode::refused);
    EXPECT_THAT(checked.error().message, HasSubstr(one.message));
    EXPECT_NE(checked.error().hint, "");
  }
}

TEST(Spanning, BeforeThereIsAnybodyEverythingGoes) {
  EXPECT_TRUE(check_span(spec_of("hetzner"), {}).ok());
  EXPECT_TRUE(check_span(spec_of("digitalocean"), {}).ok());
}

}  // namespace
}  // namespace skep
