// What the official client hcloud was recorded to send succeeds at the simulated Hetzner Cloud.
#include <gmock/gmock.h>

#include <map>

#include "planner/base/text.h"
#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {
namespace {

/// A recording names things by ids of its own (42, 4711): each stands for one of its kind that is made here first, in
/// the state that the request needs.
class RecordedCommand {
 public:
  explicit RecordedCommand(const Json& recorded) : recorded_(recorded), path_(recorded["path"]) {
    // what hcloud is known to send beyond the document
    simulator_.http.judge_answers_only();
    make_addresses();
    make_server();
    make_balancer();
    ids_["actions"] = simulator_.post("/servers/" + ids_["servers"] + "/actions/reboot").body["action"]["id"].dump();
    simulator_.settle();
    const bool wants_it_off = asks("change_type") || asks("placement_group") || asks("primary_ips/42/actions");
    if (wants_it_off && !asks("GET")) act("servers", "poweroff", nullptr);
    if (asks("primary_ips/42/actions/assign")) remove_address();
  }

  Told send() {
    std::string query;
    if (const std::size_t question = path_.find('?'); question != std::string::npos) query = path_.substr(question);
    if (query.starts_with("?id=42")) query.replace(0, 6, "?id=" + ids_["actions"]);
    auto parts = split(path_.substr(4, path_.find('?') - 4), '/');
    if (parts.size() > 1) parts[1] = ids_.at(parts[0]);
    return simulator_.tell(recorded_["method"], "/" + join(parts, "/") + query, here("", recorded_["body"]));
  }

 private:
  bool asks(const std::string& words) const {
    return path_.find(words) != std::string::npos || recorded_["method"] == words;
  }

  void act(const std::string& kind, const std::string& action, const Json& body) {
    const Told told = simulator_.post("/" + kind + "/" + ids_[kind] + "/actions/" + action, body);
    EXPECT_EQ(told.status, 201) << told.body;
    simulator_.settle();
  }

  void make_addresses() {
    ids_["ssh_keys"] = simulator_.make("ssh_keys", {{"name", "old"}, {"public_key", public_key}});
    Json subnets = Json::array({{{"type", "cloud"}, {"network_zone", "eu-central"}, {"ip_range", "10.0.9.0/24"}}});
    if (asks("delete_subnet")) subnets[0]["ip_range"] = "10.0.1.0/24";
    ids_["networks"] =
        simulator_.make("networks", {{"name", "old"}, {"ip_range", "10.0.0.0/16"}, {"subnets", subnets}});
    ids_["firewalls"] = simulator_.make("firewalls", {{"name", "old"}});
    ids_["placement_groups"] = simulator_.make("placement_groups", {{"name", "old"}, {"type", "spread"}});
    ids_["volumes"] = simulator_.make("volumes", {{"name", "old"}, {"size", 10}, {"location", "fsn1"}});
    ids_["floating_ips"] =
        simulator_.make("floating_ips", {{"name", "old"}, {"type", "ipv4"}, {"home_location", "fsn1"}});
    ids_["primary_ips"] = simulator_.make("primary_ips", {{"name", "old"}, {"type", "ipv4"}, {"location", "fsn1"}});
  }

  void make_server() {
    Json more = Json::object();
    if (asks("detach_from_network")) more["networks"] = {id(ids_["networks"])};
    if (asks("volumes/42/actions/detach")) more["volumes"] = {id(ids_["volumes"])};
    if (asks("primary_ips/42/actions/unassign")) more["public_net"] = {{"ipv4", id(ids_["primary_ips"])}};
    if (asks("remove_from_resources")) more["firewalls"] = {{{"firewall", id(ids_["firewalls"])}}};
    ids_["servers"] = simulator_.make_server("old", more);
    const Told image = simulator_.post("/servers/" + ids_["servers"] + "/actions/create_image", {{"type", "snapshot"}});
    ids_["images"] = image.body["image"]["id"].dump();
    simulator_.settle();
    if (asks("floating_ips/42/actions/unassign")) act("floating_ips", "assign", {{"server", id(ids_["servers"])}});
  }

  void make_balancer() {
    ids_["load_balancers"] =
        simulator_.make("load_balancers", {{"name", "old"}, {"load_balancer_type", "lb11"}, {"location", "fsn1"}});
    const Json target = {{"type", "server"}, {"server", {{"id", id(ids_["servers"])}}}};
    if (asks("remove_target")) act("load_balancers", "add_target", target);
  }

  /// A primary IP goes only to a server that has none.
  void remove_address() {
    const Told told = simulator_.get("/servers/" + ids_["servers"]);
    const std::string own = told.body["server"]["public_net"]["ipv4"]["id"].dump();
    EXPECT_EQ(simulator_.post("/primary_ips/" + own + "/actions/unassign").status, 201);
    simulator_.settle();
  }

  /// The same with our ids; `name` is the member that holds it.
  Json here(const std::string& name, const Json& value) const {
    static const std::map<std::string, std::string> kinds = {{"server", "servers"},
                                                             {"id", "servers"},
                                                             {"assignee_id", "servers"},
                                                             {"ID", "primary_ips"},
                                                             {"network", "networks"},
                                                             {"networks", "networks"},
                                                             {"volumes", "volumes"},
                                                             {"firewall", "firewalls"},
                                                             {"image", "images"},
                                                             {"ssh_keys", "ssh_keys"},
                                                             {"placement_group", "placement_groups"}};
    Json result = value;
    if (value.is_structured()) {
      for (const auto& [key, member] : value.items()) {
        Json changed = here(value.is_array() ? name : key, member);
        value.is_array() ? result[std::stoul(key)] = changed : result[key] = changed;
      }
    } else if (value.is_number_integer() && kinds.contains(name)) {
      result = id(ids_.at(kinds.at(name)));
    } else if (name == "server_type" && value.is_number_integer()) {
      result = 110;  // cpx32, which the command names
    } else if (name == "public_key") {
      result = std::string(public_key).replace(40, 4, "Abcd");  // the recorded one is no key
    }
    return result;
  }

  Json recorded_;
  std::string path_;
  Simulator simulator_;
  std::map<std::string, std::string> ids_;
};

TEST(HetznerReplay, AllThatHcloudSendsSucceedsButWhatWasRemoved) {
  const auto recorded = recorded_requests("hcloud-cli-requests.jsonl");
  if (recorded.empty()) GTEST_SKIP() << "no recorded requests: set SKEP_API_SPECS to the folder that has examples/";
  std::size_t as_recorded = 0;
  std::size_t removed = 0;
  for (const auto& one : recorded) {
    SCOPED_TRACE(one["cli"].get<std::string>() + ": " + one["method"].get<std::string>() + " " +
                 one["path"].get<std::string>() + " " + one["body"].dump());
    const Told told = RecordedCommand(one).send();
    if (one["path"].get<std::string>().starts_with("/v1/datacenters")) {
      EXPECT_EQ(told.status, 410);
      ++removed;
    } else if (one["body"].is_object() && one["body"].contains("datacenter")) {
      EXPECT_EQ(told.status, 422);
      ++removed;
    } else {
      EXPECT_EQ(told.status, one["status"]) << told.body;
      as_recorded += told.status == one["status"] ? 1U : 0U;
    }
  }
  fmt::print("{} of {} recorded requests of hcloud succeed, {} ask for what was removed\n", as_recorded,
             recorded.size(), removed);
}

}  // namespace
}  // namespace skep::testing
