// DNS in the simulated Hetzner Cloud: primary zones and their sets of records.
#include <algorithm>
#include <regex>
#include <set>

#include "tests/fakes/hetzner_input.h"
#include "tests/fakes/hetzner_lists.h"
#include "tests/fakes/hetzner_parts.h"
#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

namespace {

Json& zone_of(World& world, const Call& call) {
  const std::string& wanted = call.path.at(0);
  for (auto& [id, zone] : world.all("zones")) {
    if (std::to_string(id) == wanted || zone["name"] == wanted) return zone;
  }
  fail(404, "not_found", "zone not found");
}

Answer begun_on_zone(World& world, const Json& zone, const std::string& command, int status = 201) {
  return {status, {{"action", world.begin({command, {{zone["id"], "zone"}}})}}};
}

void check_ttl(const Json& body) {
  if (body.contains("ttl") && (body["ttl"] < 60 || body["ttl"] > 2147483647))
    fail_input("ttl", "must be 60 to 2147483647");
}

// Sets of records. Their id is "name/type"; ours is a number.

const std::set<std::string> record_types = {"A",  "AAAA", "CAA", "CNAME", "DS",  "HINFO", "HTTPS", "MX",
                                            "NS", "PTR",  "RP",  "SOA",   "SRV", "SVCB",  "TLSA",  "TXT"};

bool is_value(const std::string& type, const std::string& value) {
  if (type == "A") return parse_ipv4(value).has_value();
  if (type == "AAAA") return parse_cidr(value + "/128").has_value();
  if (type == "TXT") return value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return !value.empty();
}

Json records_wanted(const std::string& type, const Json& list) {
  if (list.empty() || list.size() > 50) fail_input("records", "1 to 50 records");
  Json records = Json::array();
  for (const auto& one : list) {
    const Json record = checked_in("records", one, {{"value", "string", true}, {"comment", "string"}});
    if (!is_value(type, record["value"])) fail_input("records", "is no value of type " + type);
    const bool is_twice =
        std::ranges::any_of(records, [&](const Json& other) { return other["value"] == record["value"]; });
    if (is_twice) fail_input("records", "holds a value twice");
    records.push_back(record);
  }
  return records;
}

struct Found {
  Id key;
  Json* rrset;
};

Found rrset_of(World& world, const Call& call) {
  const Json& zone = zone_of(world, call);
  for (auto& [key, rrset] : world.all("rrsets")) {
    if (rrset["zone"] == zone["id"] && rrset["name"] == call.path.at(1) && rrset["type"] == call.path.at(2)) {
      return {key, &rrset};
    }
  }
  fail(404, "not_found", "RRSet not found");
}

Json& unprotected_rrset(World& world, const Call& call) {
  Json& rrset = *rrset_of(world, call).rrset;
  if (rrset["protection"]["change"] == true) fail(423, "protected", "the RRSet is protected");
  return rrset;
}

Json& make_rrset(World& world, const Json& zone, const Json& given) {
  const Json body = checked_in("rrsets", given,
                               {{"name", "string", true},
                                {"type", "string", true},
                                {"ttl", "integer?"},
                                {"records", "array", true},
                                {"labels", "labels"}});
  static const std::regex form(R"(@|\*|(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)");
  const std::string name = body["name"];
  if (!std::regex_match(name, form)) fail_input("name", "is no relative name in lower case");
  if (!record_types.contains(body["type"])) fail_input("type", "is unknown");
  check_ttl(body);
  for (const auto& [key, other] : world.all("rrsets")) {
    if (other["zone"] == zone["id"] && other["name"] == name && other["type"] == body["type"]) {
      fail(409, "uniqueness_error", "RRSet exists already", {{"fields", {{{"name", "name"}}}}});
    }
  }
  Json& rrset = world.add("rrsets", {{"name", name},
                                     {"type", body["type"]},
                                     {"ttl", body.value("ttl", Json())},
                                     {"labels", body.value("labels", Json::object())},
                                     {"protection", {{"change", false}}},
                                     {"records", records_wanted(body["type"], body["records"])},
                                     {"zone", zone["id"]}});
  rrset["id"] = name + "/" + body["type"].get<std::string>();
  rrset.erase("created");
  return rrset;
}

Answer create_rrset(World& world, const Call& call) {
  const Json& zone = zone_of(world, call);
  Json answer = {{"rrset", render(world, "rrsets", make_rrset(world, zone, call.body))}};
  answer.update(begun_on_zone(world, zone, "create_rrset").body);
  return {201, answer};
}

Answer destroy_rrset(World& world, const Call& call) {
  unprotected_rrset(world, call);
  world.destroy("rrsets", rrset_of(world, call).key);
  return begun_on_zone(world, zone_of(world, call), "delete_rrset");
}

Answer set_records(World& world, const Call& call) {
  Json& rrset = unprotected_rrset(world, call);
  rrset["records"] = records_wanted(rrset["type"], checked(call.body, {{"records", "array", true}})["records"]);
  return begun_on_zone(world, zone_of(world, call), "set_rrset_records");
}

Answer add_records(World& world, const Call& call) {
  const Json& zone = zone_of(world, call);
  const Json body = checked(call.body, {{"records", "array", true}, {"ttl", "integer?"}});
  check_ttl(body);
  const auto exists = std::ranges::any_of(world.all("rrsets"), [&](const auto& one) {
    return one.second["zone"] == zone["id"] && one.second["name"] == call.path[1] && one.second["type"] == call.path[2];
  });
  if (!exists) {
    make_rrset(world, zone, {{"name", call.path[1]}, {"type", call.path[2]}, {"records", body["records"]}});
    return begun_on_zone(world, zone, "add_rrset_records");
  }
  Json& rrset = unprotected_rrset(world, call);
  Json all = rrset["records"];
  for (const auto& one : body["records"]) all.push_back(one);
  rrset["records"] = records_wanted(rrset["type"], all);
  return begun_on_zone(world, zone, "add_rrset_records");
}

/// The last record that goes takes the set with it.
Answer take_records(World& world, const Call& call) {
  Json& rrset = unprotected_rrset(world, call);
  const Json gtargets_given = checked(call.body, {{"records", "array", true}})["records"];
  for (const auto& gone : gtargets_given) {
    const auto is_it = [&](const Json& one) { return one["value"] == gone["value"]; };
    if (std::ranges::none_of(rrset["records"], is_it)) fail_input("records", "holds a value that is not there");
    erase_where(rrset["records"], is_it);
  }
  if (rrset["records"].empty()) world.destroy("rrsets", rrset_of(world, call).key);
  return begun_on_zone(world, zone_of(world, call), "remove_rrset_records");
}

Answer update_records(World& world, const Call& call) {
  Json& rrset = unprotected_rrset(world, call);
  const Json values_wanted = checked(call.body, {{"records", "array", true}})["records"];
  for (const auto& wanted : values_wanted) {
    for (auto& one : rrset["records"]) {
      if (one["value"] == wanted["value"]) one["comment"] = wanted["comment"];
    }
  }
  return begun_on_zone(world, zone_of(world, call), "update_rrset_records", 200);
}

void add_rrset_routes(Routes& routes) {
  const std::string one = "/zones/{}/rrsets/{}/{}";
  routes.push_back({"GET", "/zones/{}/rrsets", [](World& world, const Call& call) {
                      const Json& zone = zone_of(world, call);
                      std::vector<Json> listed;
                      for (const auto& [key, rrset] : world.all("rrsets")) {
                        if (rrset["zone"] == zone["id"]) listed.push_back(render(world, "rrsets", rrset));
                      }
                      return list_answer(call, "rrsets", std::move(listed));
                    }});
  routes.push_back({"POST", "/zones/{}/rrsets", create_rrset});
  routes.push_back({"GET", one, [](World& world, const Call& call) {
                      return Answer{200, {{"rrset", render(world, "rrsets", *rrset_of(world, call).rrset)}}};
                    }});
  routes.push_back({"PUT", one, [](World& world, const Call& call) {
                      Json& rrset = *rrset_of(world, call).rrset;
                      rrset.update(checked(call.body, {{"labels", "labels"}}));
                      return Answer{200, {{"rrset", render(world, "rrsets", rrset)}}};
                    }});
  routes.push_back({"DELETE", one, destroy_rrset});
  routes.push_back({"POST", one + "/actions/set_records", set_records});
  routes.push_back({"POST", one + "/actions/add_records", add_records});
  routes.push_back({"POST", one + "/actions/remove_records", take_records});
  routes.push_back({"POST", one + "/actions/update_records", update_records});
  routes.push_back({"POST", one + "/actions/change_ttl", [](World& world, const Call& call) {
                      const Json body = checked(call.body, {{"ttl", "integer?", true}});
                      check_ttl(body);
                      unprotected_rrset(world, call)["ttl"] = body.value("ttl", Json());
                      return begun_on_zone(world, zone_of(world, call), "change_rrset_ttl");
                    }});
  routes.push_back({"POST", one + "/actions/change_protection", [](World& world, const Call& call) {
                      rrset_of(world, call).rrset->at("protection").update(checked(call.body, {{"change", "boolean"}}));
                      return begun_on_zone(world, zone_of(world, call), "change_rrset_protection");
                    }});
}

// Zones

Answer create_zone(World& world, const Call& call) {
  const Json body = checked(call.body, {{"name", "string", true},
                                        {"mode", "string", true},
                                        {"ttl", "integer"},
                                        {"labels", "labels"},
                                        {"rrsets", "array"}});
  static const std::regex form(R"(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})");
  const std::string name = body["name"];
  if (name.size() > 253 || !std::regex_match(name, form)) fail_input("name", "is no domain in lower case");
  if (body["mode"] != "primary") fail(422, "unsupported_error", "only primary zones are simulated");
  check_ttl(body);
  Json& zone = world.add("zones", {{"name", name},
                                   {"mode", "primary"},
                                   {"ttl", body.value("ttl", 3600)},
                                   {"labels", body.value("labels", Json::object())},
                                   {"protection", {{"delete", false}}},
                                   {"status", "ok"},
                                   {"registrar", "unknown"},
                                   {"authoritative_nameservers",
                                    {{"assigned", {"helium.ns.hetzner.de.", "hydrogen.ns.hetzner.com."}},
                                     {"delegated", Json::array()},
                                     {"delegation_last_check", nullptr},
                                     {"delegation_status", "unknown"}}}});
  for (const auto& one : body.value("rrsets", Json::array())) make_rrset(world, zone, one);
  Json answer = wrapped(world, "zones", zone);
  answer.update(begun_on_zone(world, zone, "create_zone").body);
  return {201, answer};
}

Answer destroy_zone(World& world, const Call& call) {
  const Json& zone = zone_of(world, call);
  check_not_protected(zone);
  std::vector<Id> keys;
  for (const auto& [key, rrset] : world.all("rrsets")) {
    if (rrset["zone"] == zone["id"]) keys.push_back(key);
  }
  for (const Id key : keys) world.destroy("rrsets", key);
  const Answer answer = begun_on_zone(world, zone, "delete_zone");
  world.destroy("zones", zone["id"]);
  return answer;
}

}  // namespace

void add_zone_routes(Routes& routes) {
  add_rrset_routes(routes);
  add_reading_routes(routes, "zones", true);
  std::erase_if(routes, [](const Route& one) { return one.method == "GET" && one.pattern == "/zones/{}"; });
  routes.push_back({"GET", "/zones/{}", [](World& world, const Call& call) {
                      return Answer{200, wrapped(world, "zones", zone_of(world, call))};
                    }});
  routes.push_back({"PUT", "/zones/{}", [](World& world, const Call& call) {
                      Json& zone = zone_of(world, call);
                      zone.update(checked(call.body, {{"labels", "labels"}}));
                      return Answer{200, wrapped(world, "zones", zone)};
                    }});
  routes.push_back({"POST", "/zones", create_zone});
  routes.push_back({"DELETE", "/zones/{}", destroy_zone});
  routes.push_back({"POST", "/zones/{}/actions/change_ttl", [](World& world, const Call& call) {
                      const Json body = checked(call.body, {{"ttl", "integer", true}});
                      check_ttl(body);
                      zone_of(world, call).update(body);
                      return begun_on_zone(world, zone_of(world, call), "change_zone_ttl");
                    }});
  routes.push_back({"POST", "/zones/{}/actions/change_protection", [](World& world, const Call& call) {
                      zone_of(world, call)["protection"].update(checked(call.body, {{"delete", "boolean"}}));
                      return begun_on_zone(world, zone_of(world, call), "change_zone_protection");
                    }});
}

}  // namespace skep::testing::hetzner
