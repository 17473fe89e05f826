#include "tests/providers/digitalocean/digitalocean_kit.h"

#include <algorithm>

#include "planner/base/text.h"

namespace skep::testing {

namespace {

FaultWords digitalocean_faults(DigitalOceanCloud& cloud) {
  return {.prefix = "/v2",
          .limit_body = R"({"id":"too_many_requests","message":"API Rate limit exceeded."})",
          .error_body = R"({"id":"server_error","message":"Unexpected server-side error"})",
          .fail_actions = [&cloud](const Json& body) {
            if (body.contains("action")) ++cloud.options().failing_actions[body["action"]["type"]];
            const Json linked = body.value(Json::json_pointer("/links/actions"), Json::array());
            for (const auto& action : linked) ++cloud.options().failing_actions[action["rel"]];
          }};
}

}  // namespace

Spec digitalocean_spec(int managers, int workers) {
  Spec spec{.name = "demo", .provider = "digitalocean", .location = "fra1"};
  const auto add = [&](const char* name, Role role, int count) {
    PoolSpec pool = pool_of(spec, name, role, count);
    pool.type = "s-2vcpu-4gb";
    pool.image = "debian-12";
    spec.pools[name] = pool;
  };
  add("manager", Role::manager, managers);
  if (workers > 0) add("worker", Role::worker, workers);
  return spec;
}

DigitalOceanWorld::DigitalOceanWorld(DigitalOceanOptions options)
    : cloud(std::move(options)),
      direct_(cloud, clock),
      judged_(direct_, digitalocean_document()),
      faulty_(judged_, digitalocean_faults(cloud)),
      random_(0x42) {
  restart();
}

DigitalOceanWorld::~DigitalOceanWorld() {
  for (const auto& line : judged_.violations()) ADD_FAILURE() << line;
}

void DigitalOceanWorld::restart() {
  begin_run(
      make_digitalocean_provider({faulty_, clock, random_, Secret(DropletSimulator::token('a')), "http://cloud"}));
}

std::string DigitalOceanWorld::what_exists() const {
  std::string text = names_in(cloud, {"ssh_keys", "firewalls", "droplets", "volumes", "load_balancers"});
  std::vector<std::string> tags;
  for (const auto& tag : cloud.all("tags")) {
    const std::string name = tag["name"];
    tags.push_back(name.substr(0, name.find(":at:")));  // which address it is, is luck
  }
  std::ranges::sort(tags);
  if (!tags.empty()) text += "tags:";
  for (const auto& tag : tags) text += " " + tag;
  text += tags.empty() ? "" : "\n";
  for (const auto& vpc : cloud.all("vpcs")) {
    if (vpc["default"] == false) text += "vpc: " + vpc["name"].get<std::string>() + "\n";
  }
  for (const auto& address : cloud.all("reserved_ips")) {
    text +=
        "reserved_ip: " + (address["droplet"].is_null() ? "" : address["droplet"]["name"].get<std::string>()) + "\n";
  }
  std::vector<std::string> records;
  for (const auto& record : cloud.all("domain_records")) {
    const std::string type = record["type"];
    if (type == "A" || type == "TXT") records.push_back(" " + type + ":" + record["name"].get<std::string>());
  }
  std::ranges::sort(records);
  if (!records.empty()) text += "records:" + join(records, "") + "\n";
  return text;
}

Json DigitalOceanWorld::ask(const std::string& method, const std::string& path, const Json& body) {
  const Request request{
      method,
      "http://cloud/v2" + path,
      {{"authorization", "Bearer " + DropletSimulator::token('a')}, {"content-type", "application/json"}},
      body.is_null() ? "" : body.dump()};
  const auto answer = direct_.send(request, {});
  EXPECT_LT(answer.value().status, 300) << answer.value().body;
  return answer.value().body.empty() ? Json() : Json::parse(answer.value().body);
}

Json DigitalOceanWorld::droplet(const std::string& name) const {
  for (const auto& one : cloud.all("droplets")) {
    if (one["name"] == name) return one;
  }
  return nullptr;
}

}  // namespace skep::testing
