// Domains and their records in the simulated DigitalOcean.
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "tests/fakes/digitalocean_input.h"
#include "tests/fakes/digitalocean_parts.h"
#include "tests/fakes/digitalocean_world.h"

namespace skep::testing::digitalocean {

namespace {

constexpr int ttl_usual = 1800;

Json& add_record(World& world, const std::string& domain, const Json& wanted) {
  Json record = {{"name", "@"},      {"data", ""},        {"priority", nullptr}, {"port", nullptr},
                 {"ttl", ttl_usual}, {"weight", nullptr}, {"flags", nullptr},    {"tag", nullptr}};
  record.update(wanted);
  record["id"] = world.next_id();
  record["_domain"] = domain;
  return world.add("domain_records", record);
}

std::vector<Json> records_of(World& world, const std::string& domain) {
  std::vector<Json> result;
  for (const Json* one : world.all("domain_records")) {
    if ((*one)["_domain"] == domain) result.push_back(visible(*one));
  }
  return result;
}

std::string zone_file(World& world, const std::string& domain) {
  std::string text = fmt::format("$ORIGIN {}.\n$TTL {}\n", domain, ttl_usual);
  for (const auto& record : records_of(world, domain)) {
    const std::string name = record["name"];
    const std::string whole = name == "@" ? domain : name + "." + domain;
    text += fmt::format("{}. {} IN {} {}\n", whole, record["ttl"].dump(), record["type"].get<std::string>(),
                        record["data"].get<std::string>());
  }
  return text;
}

Json shown_domain(World& world, const Json& domain) {
  return {{"name", domain["name"]}, {"ttl", ttl_usual}, {"zone_file", zone_file(world, domain["name"])}};
}

Answer create_domain(World& world, const Call& call) {
  const Json body = accepted(
      call.body, {{"name!", "string 3..253"}, {"ip_address", "string"}, {"ttl?", "integer"}, {"zone_file?", "string"}});
  static const std::regex form("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}");
  const std::string name = body["name"];
  if (!std::regex_match(name, form)) fail_input("Name is not a valid domain name");
  if (world.find("domains", name) != nullptr) fail_input("domain already exists");
  const std::string address = body.value("ip_address", std::string());
  if (!address.empty() && !cloud::parse_ipv4(address)) fail_input("ip_address is no address");
  world.add("domains", {{"name", name}});
  add_record(world, name, {{"type", "SOA"}, {"data", std::to_string(ttl_usual)}});
  for (int i = 1; i <= 3; ++i) {
    add_record(world, name, {{"type", "NS"}, {"data", fmt::format("ns{}.digitalocean.com", i)}});
  }
  if (!address.empty()) add_record(world, name, {{"type", "A"}, {"data", address}});
  assign_to_project(world, "do:domain:" + name, "");
  return {201, {{"domain", {{"name", name}, {"ttl", ttl_usual}, {"zone_file", nullptr}}}}};
}

Answer destroy_domain(World& world, const Call& call) {
  const std::string name = world.get("domains", call.path[0])["name"];
  for (const auto& record : records_of(world, name)) world.destroy("domain_records", key_of(record));
  leave_project(world, "do:domain:" + name);
  world.destroy("domains", name);
  return {204};
}

Json record_form(bool is_new) {
  return {{"id", "integer"},
          {"type!", "string in=A|AAAA|CAA|CNAME|MX|NS|SOA|SRV|TXT"},
          {"name", "string 1.."},
          {is_new ? "data!" : "data", "string 1.."},
          {"priority?", "integer 0..65535"},
          {"port?", "integer 0..65535"},
          {"ttl", "integer 30.."},
          {"weight?", "integer 0..65535"},
          {"flags?", "integer 0..255"},
          {"tag?", "string in=issue|issuewild|iodef"}};
}

/// What a whole record must be like.
void check_record(World& world, const Json& record) {
  const std::string type = record["type"];
  const std::string data = record["data"];
  const auto needs = [&](const char* member) {
    if (record.value(member, Json()).is_null()) fail_input(fmt::format("{} is required for {} records", member, type));
  };
  if (type == "A" && !cloud::parse_ipv4(data)) fail_input("Data is not a valid IPv4 address");
  if (type == "AAAA" && !cloud::is_ipv6(data)) fail_input("Data is not a valid IPv6 address");
  const bool is_name = type == "CNAME" || type == "MX" || type == "NS" || type == "SRV";
  if (is_name && data != "@" && !data.ends_with('.')) {
    fail_input("Data needs to end with a dot (.)");
  }
  if (type == "MX" || type == "SRV") needs("priority");
  if (type == "SRV") needs("port");
  if (type == "SRV") needs("weight");
  if (type == "CAA") needs("flags");
  if (type == "CAA") needs("tag");
  for (const auto& other : records_of(world, record["_domain"])) {
    const bool clashes = (type == "CNAME") != (other["type"] == "CNAME") || type == "CNAME";
    if (clashes && other["name"] == record["name"] && other["id"] != record["id"]) {
      fail_input("CNAME records cannot share a name with other records");
    }
  }
}

Answer create_record(World& world, const Call& call) {
  const std::string domain = world.get("domains", call.path[0])["name"];
  const Json body = accepted(call.body, record_form(true));
  Json whole = {{"id", 0}, {"name", "@"}, {"_domain", domain}};
  const bool needs_name = body["type"] != "SOA" && body["type"] != "MX";
  if (needs_name && !body.contains("name")) fail_input("name is required");
  whole.update(body);
  check_record(world, whole);
  return {201, {{"domain_record", visible(add_record(world, domain, body))}}};
}

Json& record_named(World& world, const Call& call) {
  const Json& domain = world.get("domains", call.path[0]);
  Json& record = world.get("domain_records", call.path[1]);
  if (record["_domain"] != domain["name"]) fail_missing();
  return record;
}

Answer change_record(World& world, const Call& call) {
  Json& record = record_named(world, call);
  Json body = accepted(call.body, record_form(false));
  if (body["type"] != record["type"]) fail_input("the type of a record can not be changed");
  body.erase("id");
  Json changed = record;
  changed.update(body);
  check_record(world, changed);
  record = changed;
  return {200, {{"domain_record", visible(record)}}};
}

Answer list_records(World& world, const Call& call) {
  const std::string domain = world.get("domains", call.path[0])["name"];
  std::vector<Json> found = records_of(world, domain);
  std::string name = value_of(call, "name");  // whole names only, as the service wants them
  const std::string type = value_of(call, "type");
  std::erase_if(found, [&](const Json& one) {
    const std::string own = one["name"];
    return (!type.empty() && one["type"] != type) ||
           (!name.empty() && name != (own == "@" ? domain : own + "." + domain));
  });
  return list_answer(world, call, "domain_records", std::move(found));
}

}  // namespace

void add_domain_routes(Routes& routes) {
  routes.push_back({"GET", "/domains", [](World& world, const Call& call) {
                      std::vector<Json> found;
                      for (const auto& one : world.listed("domains")) found.push_back(shown_domain(world, one));
                      return list_answer(world, call, "domains", std::move(found));
                    }});
  routes.push_back({"POST", "/domains", create_domain});
  routes.push_back({"GET", "/domains/{}", [](World& world, const Call& call) {
                      return Answer{200, {{"domain", shown_domain(world, world.get("domains", call.path[0]))}}};
                    }});
  routes.push_back({"DELETE", "/domains/{}", destroy_domain});
  routes.push_back({"GET", "/domains/{}/records", list_records});
  routes.push_back({"POST", "/domains/{}/records", create_record});
  routes.push_back({"GET", "/domains/{}/records/{}", [](World& world, const Call& call) {
                      return Answer{200, {{"domain_record", visible(record_named(world, call))}}};
                    }});
  routes.push_back({"PUT", "/domains/{}/records/{}", change_record});
  routes.push_back({"PATCH", "/domains/{}/records/{}", change_record});
  routes.push_back({"DELETE", "/domains/{}/records/{}", [](World& world, const Call& call) {
                      world.destroy("domain_records", key_of(record_named(world, call)));
                      return Answer{204};
                    }});
}

}  // namespace skep::testing::digitalocean
