#include "spec_use.h"

#include <algorithm>

#include "cli/render/plan_text.h"
#include "cli/render/problem_text.h"
#include "fuzz_kit.h"
#include "planner/engine/catalog.h"
#include "planner/engine/expand.h"
#include "planner/engine/make_plan.h"
#include "planner/model/plan_json.h"
#include "provisioners/builtin.h"

namespace skep::fuzz {

namespace {

constexpr std::size_t nodes_at_most = 60;  // more take their time, and teach nothing new

bool is_error(const Problem& problem) { return problem.severity == Problem::Severity::error; }

std::size_t node_count(const Spec& spec) {
  std::size_t count = 0;
  for (const auto& [name, pool] : spec.pools) count += pool.nodes.size();
  return count;
}

void plan_whole(const Spec& spec) {
  testing::ScriptedHttp nobody;
  World world(nobody);
  const auto hosts = make_host_kinds(world.ssh, world.clock);
  std::vector<Provider*> all;
  std::vector<Provider*> used;
  std::vector<Problem> problems = hosts->check(spec);
  for (const auto& provider : world.providers) {
    all.push_back(provider.get());
    if (pools_of(spec, provider->name()).empty()) continue;
    used.push_back(provider.get());
    const auto found = provider->check(spec);
    problems.insert(problems.end(), found.begin(), found.end());
  }
  (void)problems_text(problems);
  if (std::ranges::any_of(problems, is_error)) return;

  const Catalog catalog(all, *hosts);
  const auto expanded = expand(spec, used, *hosts, catalog, {.authorized_keys = {"ssh-ed25519 AAAA"}});
  require(expanded.ok(), expanded.ok() ? "" : "a checked spec expands: " + expanded.error().message);
  const auto plan = make_plan(expanded.value().resources, {}, catalog.schemas(), {.cluster = spec.name});
  require(plan.ok(), plan.ok() ? "" : "a checked spec has a plan: " + plan.error().message);
  (void)plan_text(plan.value(), {}, {});
  const auto again = plan_from_json(plan_json(plan.value()));
  require(again.ok(), again.ok() ? "" : "a plan can be read again: " + again.error().message);
  require(plan_json(again.value()) == plan_json(plan.value()), "a plan comes back as it was");
}

}  // namespace

const Environment& variables() {
  static const Environment all = {{"NAME", "shop"}, {"COUNT", "3"}, {"EMPTY", ""}, {"COPY", "a"}};
  return all;
}

void use_spec(std::span<const Document> files) {
  const Checked checked = load_spec(files, variables());
  const bool has_error = std::ranges::any_of(checked.problems, is_error);
  require(checked.spec.has_value() != has_error, "a spec, or what is wrong with it");
  (void)problems_text(checked.problems);
  if (checked.spec && node_count(*checked.spec) <= nodes_at_most) plan_whole(*checked.spec);
}

}  // namespace skep::fuzz
