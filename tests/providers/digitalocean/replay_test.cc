// What the official client doctl was recorded to send succeeds at the simulated DigitalOcean.
#include <gmock/gmock.h>

#include <map>

#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {
namespace {

/// A recording names things by ids of its own: each stands for one that is made here first.
class Replay {
 public:
  explicit Replay(const Json& recorded) : recorded_(recorded), command_(recorded["cli"]) {
    // doctl sends members there that the document does not know
    if (has("volume snapshot")) simulator_.http.judge_answers_only();
    const std::string region = has("volume") ? "nyc1" : "nyc3";
    const std::int64_t droplet = simulator_.make_droplet("old", {{"region", region}});
    for (const auto* name : {"3164444", "8043964", "2457247"}) ids_[name] = std::to_string(droplet);
    ids_["36804636"] = action_of(droplet);
    make_networks(droplet, region);
    make_volume(droplet);
    if (has("droplet-action resize")) simulator_.act(droplet, {{"type", "power_off"}});  // it must be off
  }

  Told send() {
    const Json& body = recorded_["body"];
    return simulator_.tell_as(DropletSimulator::token('a'), recorded_["method"], here(recorded_["path"]),
                              body.is_null() ? body : Json::parse(here(body.dump())));
  }

 private:
  bool has(const std::string& words) const { return command_.find(words) != std::string::npos; }

  std::string action_of(std::int64_t droplet) {
    return simulator_.get("/droplets/" + std::to_string(droplet) + "/actions").body["actions"][0]["id"].dump();
  }

  void make_networks(std::int64_t droplet, const std::string& region) {
    const Told key = simulator_.post("/account/keys", {{"name", "k"}, {"public_key", public_key}});
    for (const auto* name : {"289794", "512189"}) ids_[name] = key.body["ssh_key"]["id"].dump();
    const std::string vpc = simulator_.make("vpcs", {{"name", "old"}, {"region", "nyc3"}, {"ip_range", "10.9.0.0/24"}});
    ids_["760e09ef-dc84-11e8-981e-3cfdfeaae000"] = vpc;
    ids_["4de7ac8b-495b-4884-9a69-1050c6793cd6"] = vpc;
    ids_["bb4b2611-3d72-467b-8602-280330ecd65c"] = simulator_.make("firewalls", firewall_order("old"));
    simulator_.post("/tags", {{"name", "awesome"}});
    const Json order = has("unassign") ? Json{{"droplet_id", droplet}} : Json{{"region", region}};
    ids_["45.55.96.47"] = simulator_.post("/reserved_ips", order).body["reserved_ip"]["ip"];
    if (has("load-balancer delete")) {
      const Json rule = {
          {"entry_protocol", "tcp"}, {"entry_port", 80}, {"target_protocol", "tcp"}, {"target_port", 80}};
      ids_["4de7ac8b-495b-4884-9a69-1050c6793cd6"] = simulator_.make(
          "load_balancers",
          {{"name", "old"}, {"region", region}, {"forwarding_rules", {rule}}, {"droplet_ids", {droplet}}});
    }
    simulator_.settle();
  }

  void make_volume(std::int64_t droplet) {
    const std::string volume = simulator_.make_volume("old", {{"region", "nyc1"}});
    ids_["7724db7c-e098-11e5-b522-000f53304e51"] = volume;
    if (!has("volume-action detach")) return;
    simulator_.post("/volumes/" + volume + "/actions", {{"type", "attach"}, {"droplet_id", droplet}});
    simulator_.settle();
  }

  std::string here(std::string text) const {
    for (const auto& [recorded, id] : ids_) {
      for (std::size_t at = 0; (at = text.find(recorded, at)) != std::string::npos; at += id.size()) {
        text.replace(at, recorded.size(), id);
      }
    }
    return text;
  }

  Json recorded_;
  std::string command_;
  DropletSimulator simulator_;
  std::map<std::string, std::string> ids_;
};

TEST(DigitalOceanReplay, AllThatDoctlSendsSucceeds) {
  const auto recorded = recorded_requests("doctl-requests.jsonl");
  if (recorded.empty()) GTEST_SKIP() << "no recorded requests: set SKEP_API_SPECS to the folder that has examples/";
  std::size_t as_recorded = 0;
  for (const auto& one : recorded) {
    SCOPED_TRACE(one["cli"].get<std::string>() + ": " + one["path"].get<std::string>());
    Replay replay(one);
    const Told told = replay.send();
    // the document refuses what doctl sends there; the service takes it
    const int expected = one["status"] == 400 ? 201 : one["status"].get<int>();
    EXPECT_EQ(told.status, expected) << told.body;
    as_recorded += told.status == expected ? 1U : 0U;
  }
  fmt::print("{} of {} recorded requests of doctl answered as they should be\n", as_recorded, recorded.size());
}

}  // namespace
}  // namespace skep::testing
