#include "tests/fakes/digitalocean_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/system/clock.h"

namespace skep::testing::digitalocean {

namespace {

using std::chrono::milliseconds;

/// How long the service usually takes, by type of action.
milliseconds usual_duration(const std::string& type) {
  static const std::map<std::string, milliseconds> table = {
      {"create", milliseconds(6000)},        {"destroy", milliseconds(4000)},
      {"power_on", milliseconds(2500)},      {"power_off", milliseconds(1500)},
      {"shutdown", milliseconds(500)},       {"reboot", milliseconds(3000)},
      {"power_cycle", milliseconds(3000)},   {"resize", milliseconds(8000)},
      {"rebuild", milliseconds(8000)},       {"snapshot", milliseconds(10000)},
      {"restore", milliseconds(8000)},       {"attach_volume", milliseconds(2000)},
      {"detach_volume", milliseconds(2000)}, {"assign_ip", milliseconds(1500)},
      {"unassign_ip", milliseconds(1500)},   {"transfer", milliseconds(20000)},
      {"resize_volume", milliseconds(2000)},
  };
  const auto found = table.find(type);
  return found == table.end() ? milliseconds(800) : found->second;
}

const char* error_id(int status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 409:
      return "conflict";
    case 412:
      return "precondition_failed";
    case 422:
      return "unprocessable_entity";
    case 429:
      return "too_many_requests";
    default:
      return "server_error";
  }
}

}  // namespace

void fail(int status, const std::string& message) { throw ApiError{status, error_id(status), message}; }
void fail_input(const std::string& message) { fail(422, message); }
void fail_missing() { fail(404, "The resource you were accessing could not be found."); }

std::string rfc3339_text(CloudTime time) { return rfc3339(std::chrono::floor<std::chrono::seconds>(time)); }
std::string World::time_text() const { return rfc3339_text(now); }

std::string key_of(const Json& object) {
  for (const auto* member : {"id", "ip", "name"}) {
    if (!object.contains(member)) continue;
    const Json& value = object[member];
    return value.is_string() ? value.get<std::string>() : value.dump();
  }
  return "";
}

World::World(DigitalOceanOptions given) : options(std::move(given)) {
  add("projects", {{"id", next_uuid()},
                   {"owner_uuid", "99525febec065ca37b2ffe4f852fd2b2581895e7"},
                   {"owner_id", 258992},
                   {"name", "first-project"},
                   {"description", "Update your project information under Settings"},
                   {"purpose", "Just trying out DigitalOcean"},
                   {"environment", "Development"},
                   {"created_at", "2026-01-01T00:00:00Z"},
                   {"updated_at", "2026-01-01T00:00:00Z"},
                   {"is_default", true}});
}

Json* World::find(const std::string& kind, const std::string& key) {
  auto& objects = objects_[kind];
  const auto found = objects.find(key);
  return found == objects.end() ? nullptr : &found->second;
}

Json& World::get(const std::string& kind, const std::string& key) {
  Json* found = find(kind, key);
  if (found == nullptr) fail_missing();
  return *found;
}

std::vector<Json*> World::all(const std::string& kind) {
  std::vector<Json*> found;
  for (auto& [key, object] : objects_[kind]) found.push_back(&object);
  std::ranges::sort(found, {}, [](const Json* one) { return (*one)["_order"].get<std::int64_t>(); });
  return found;
}

Json* World::find_by(const std::string& kind, const std::string& member, const Json& value) {
  for (Json* one : all(kind)) {
    if (one->contains(member) && (*one)[member] == value) return one;
  }
  return nullptr;
}

void World::check_limit(const std::string& kind, std::size_t more) {
  const auto limit = options.limits.find(kind);
  if (limit == options.limits.end() || objects_[kind].size() + more <= limit->second) return;
  if (kind == "droplets") fail_input("creating this/these droplet(s) will exceed your droplet limit");
  std::string spoken = kind;
  std::ranges::replace(spoken, '_', ' ');
  fail_input(fmt::format("you have reached the limit of {} {} for your account", limit->second, spoken));
}

Json& World::add(const std::string& kind, Json object) {
  check_limit(kind, 1);
  object["_order"] = ++order_;
  object["_since"] = now.time_since_epoch().count();
  const std::string key = key_of(object);
  return objects_[kind][key] = std::move(object);
}

void World::destroy(const std::string& kind, const std::string& key) {
  const Json* object = find(kind, key);
  if (object == nullptr) return;
  if (options.list_lag.count() > 0) gone_.push_back({kind, render(*this, kind, *object), now + options.list_lag});
  objects_[kind].erase(key);
}

std::vector<Json> World::listed(const std::string& kind) {
  std::vector<Json> found;
  for (const Json* one : all(kind)) {
    const CloudTime since(milliseconds((*one)["_since"].get<std::int64_t>()));
    if (now - since >= options.list_lag) found.push_back(render(*this, kind, *one));
  }
  for (const auto& one : gone_) {
    if (one.kind == kind && one.until > now) found.push_back(one.shown);
  }
  return found;
}

milliseconds World::scaled(milliseconds usual) const {
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(usual.count()) / options.speed));
}

Json World::begin(Begin begin) {
  const auto takes = scaled(usual_duration(begin.type));
  Json about = {{"resource_id", begin.resource_id}, {"resource_type", begin.resource_type}, {"region", begin.region}};
  return shown(actions_.begin(++next_action_,
                              {.command = std::move(begin.type),
                               .locks = std::move(begin.locks),
                               .about = std::move(about),
                               .effect = [this, effect = std::move(begin.effect)] { effect(*this); },
                               .on_error = [this, on_error = std::move(begin.on_error)] { on_error(*this); }},
                              now, takes));
}

void World::later(milliseconds after, Effect effect) {
  actions_.begin(++next_action_, {.hidden = true, .effect = [this, effect = std::move(effect)] { effect(*this); }}, now,
                 scaled(after));
}

Json World::action(const std::string& id) const {
  const bool is_number = !id.empty() && id.size() < 18 && id.find_first_not_of("0123456789") == std::string::npos;
  const auto* found = is_number ? actions_.find(std::stoll(id)) : nullptr;
  if (found == nullptr) fail_missing();
  return shown(*found);
}

std::vector<Json> World::actions_of(const std::string& locked) const {
  std::vector<Json> found;
  for (const auto& [id, action] : actions_.all()) {
    const auto& locks = action.work.locks;
    const bool is_of = locked.empty() || holds(locks, locked);
    if (!action.work.hidden && is_of) found.push_back(shown(action));
  }
  std::ranges::reverse(found);
  return found;
}

std::string World::next_uuid() {
  const std::uint32_t n = next_uuid_++;
  return fmt::format("{:08x}-7d4b-4c3a-9e1f-{:012x}", 0x5c0de000U + n * 7, 0x3cfdfea00000ULL + n);
}

}  // namespace skep::testing::digitalocean
