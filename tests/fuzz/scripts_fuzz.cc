// What scripts say of a host: facts, the engine's answers, versions of packages, daemon.json.
#include "fuzz_kit.h"
#include "provisioners/daemon_json.h"
#include "provisioners/engine_version.h"
#include "provisioners/facts.h"
#include "provisioners/member.h"
#include "provisioners/quorum.h"

namespace {

void use_nodes(const std::vector<skep::SwarmNode>& nodes) {
  (void)skep::membership_of(nodes);
  for (const auto& node : nodes) {
    (void)skep::may_promote(nodes, node.id);
    (void)skep::may_demote(nodes, node.id);
    (void)skep::may_restart(nodes, node.id);
    (void)skep::must_hand_over(nodes, node.id);
  }
}

void use_daemon(const std::string& text, const skep::Json& memory) {
  const skep::DaemonChange change = {
      .present_text = text, .memory = memory, .wanted = {{"log-driver", "local"}}, .label = "skep.uid=a/b@1/c"};
  const auto merged = skep::merge_daemon(change);
  if (!merged.ok()) return;
  const auto again = skep::merge_daemon({.present_text = merged.value().text,
                                         .memory = merged.value().memory,
                                         .wanted = change.wanted,
                                         .label = change.label});
  skep::fuzz::require(again.ok() && !again.value().differs, "merging a second time changes nothing");
  (void)skep::owned_daemon_keys(merged.value().text, merged.value().memory);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = skep::fuzz::parts_of(data, size);
  for (const auto& part : parts) {
    if (const auto facts = skep::parse_facts(part); facts.ok()) {
      (void)facts.value().engine_package();
      use_nodes(facts.value().nodes);
      if (facts.value().daemon_json) use_daemon(*facts.value().daemon_json, facts.value().engine_memory);
    }
    const auto versions = skep::package_versions(part);
    for (const auto* source : {"docker", "distro"}) {
      (void)skep::choose_packages(source, "28.5", versions);
      (void)skep::choose_packages(source, "", versions);
    }
    skep::fuzz::require(skep::compare_versions(part, part) == 0, "a version is itself");
    use_daemon(part, skep::Json::object());
    const auto json = skep::parse_json(part, "the answer");
    if (!json.ok()) continue;
    use_nodes(skep::nodes_of(json.value()));
    (void)skep::members_of(json.value());
    use_daemon("{}", json.value());
  }
  return 0;
}
