#include "tests/fakes/hetzner_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "planner/system/clock.h"

namespace skep::testing::hetzner {

namespace {

using std::chrono::milliseconds;

/// How long the service usually takes, by command.
milliseconds usual_duration(const std::string& command) {
  static const std::map<std::string, milliseconds> table = {
      {"create_server", milliseconds(3000)},        {"start_server", milliseconds(2000)},
      {"delete_server", milliseconds(2500)},        {"stop_server", milliseconds(1500)},
      {"shutdown_server", milliseconds(300)},       {"reboot_server", milliseconds(500)},
      {"reset_server", milliseconds(500)},          {"change_server_type", milliseconds(8000)},
      {"create_image", milliseconds(10000)},        {"create_volume", milliseconds(1000)},
      {"attach_volume", milliseconds(1500)},        {"detach_volume", milliseconds(1500)},
      {"resize_volume", milliseconds(1500)},        {"assign_floating_ip", milliseconds(1000)},
      {"unassign_floating_ip", milliseconds(1000)}, {"apply_firewall", milliseconds(1200)},
      {"attach_to_network", milliseconds(1500)},    {"detach_from_network", milliseconds(1500)},
      {"create_load_balancer", milliseconds(2500)},
  };
  const auto found = table.find(command);
  return found == table.end() ? milliseconds(400) : found->second;
}

std::string lock_name(Id id, const std::string& type) { return fmt::format("{}/{}", type, id); }

/// "servers" is what its messages call a server.
std::string spoken(const std::string& kind) {
  std::string name = singular(kind);
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

void fail(int status, std::string code, std::string message, Json details) {
  throw ApiError{status, std::move(code), std::move(message), std::move(details)};
}

void fail_input(const std::string& field, const std::string& message) {
  fail(422, "invalid_input", fmt::format("invalid input in field '{}'", field),
       {{"fields", {{{"name", field}, {"messages", {message}}}}}});
}

std::string singular(const std::string& kind) {
  if (kind == "pricing") return kind;
  return kind.substr(0, kind.size() - 1);
}

std::string rfc3339_text(CloudTime time) { return rfc3339(std::chrono::floor<std::chrono::seconds>(time)); }

std::string World::time_text() const { return rfc3339_text(now); }

Json* World::find(const std::string& kind, Id id) {
  auto& objects = objects_[kind];
  const auto found = objects.find(id);
  return found == objects.end() ? nullptr : &found->second;
}

Json& World::get(const std::string& kind, Id id) {
  Json* found = find(kind, id);
  if (found == nullptr) fail(404, "not_found", fmt::format("{} with ID '{}' not found", spoken(kind), id));
  return *found;
}

Json* World::find_by_name(const std::string& kind, const std::string& name) {
  for (auto& [id, object] : objects_[kind]) {
    if (object.value("name", Json()) == name) return &object;
  }
  return nullptr;
}

void World::check_name_is_free(const std::string& kind, const std::string& name, Id except) {
  const Json* other = find_by_name(kind, name);
  if (other != nullptr && (*other)["id"] != except) {
    fail(409, "uniqueness_error", fmt::format("{} name is already used", spoken(kind)),
         {{"fields", {{{"name", "name"}}}}});
  }
}

Json& World::add(const std::string& kind, Json object) {
  const auto limit = options.limits.find(kind);
  if (limit != options.limits.end() && objects_[kind].size() >= limit->second) {
    fail(403, "resource_limit_exceeded", fmt::format("{} limit exceeded", spoken(kind)),
         {{"limits", {{{"name", singular(kind) + "_limit"}}}}});
  }
  const bool has_unique_name = kind != "images" && kind != "rrsets";
  if (has_unique_name && object.contains("name") && object["name"].is_string()) {
    check_name_is_free(kind, object["name"]);
  }
  const Id id = next_id_;
  next_id_ += 3;
  object["id"] = id;
  object["created"] = time_text();
  object["_since"] = now.time_since_epoch().count();
  if (!object.contains("labels")) object["labels"] = Json::object();
  return objects_[kind][id] = std::move(object);
}

bool World::is_listed(const Json& object) const {
  const CloudTime since(milliseconds(object.value("_since", std::int64_t{0})));
  return now - since >= options.list_lag;
}

Json World::begin(Begin begin) {
  const Id id = next_id_;
  next_id_ += 3;
  const auto usual = begin.after + usual_duration(begin.command);
  const milliseconds takes(static_cast<std::int64_t>(static_cast<double>(usual.count()) / options.speed));
  Json resources = Json::array();
  for (const auto& [resource, type] : begin.resources) resources.push_back({{"id", resource}, {"type", type}});
  // the first is what the action works on; the others are only named
  std::vector<std::string> locks;
  if (!begin.resources.empty()) locks.push_back(lock_name(begin.resources[0].id, begin.resources[0].type));
  return shown(actions_.begin(id,
                              {.command = std::move(begin.command),
                               .locks = std::move(locks),
                               .about = std::move(resources),
                               .effect = [this, effect = std::move(begin.effect)] { effect(*this); },
                               .on_error = [this, on_error = std::move(begin.on_error)] { on_error(*this); }},
                              now, takes));
}

bool World::is_busy(Id id, const std::string& type) const { return actions_.is_busy(lock_name(id, type)); }

void World::check_not_locked(Id id, const std::string& type) {
  if (is_busy(id, type)) fail(423, "locked", fmt::format("{} is locked: an action is running", type));
}

Json World::shown(const cloud::Actions::Action& action) const {
  using Status = cloud::Actions::Status;
  const bool is_running = action.status == Status::running;
  std::int64_t progress = 100;
  if (is_running) {
    const auto whole = std::max<std::int64_t>((action.ends - action.started).count(), 1);
    progress = std::min<std::int64_t>((now - action.started).count() * 100 / whole, 99);
  }
  Json error = nullptr;
  if (action.status == Status::error) error = {{"code", "action_failed"}, {"message", "Action failed"}};
  return {{"id", action.id},
          {"command", action.work.command},
          {"status", is_running        ? "running"
                     : error.is_null() ? "success"
                                       : "error"},
          {"started", rfc3339_text(action.started)},
          {"finished", is_running ? Json() : Json(rfc3339_text(action.ends))},
          {"progress", progress},
          {"resources", action.work.about},
          {"error", error}};
}

Json World::action(Id id) const {
  const auto* found = actions_.find(id);
  return found == nullptr ? Json() : shown(*found);
}

std::vector<Json> World::actions_of(Id id, const std::string& type) const {
  std::vector<Json> found;
  for (const auto& [action_id, action] : actions_.all()) {
    const bool is_named = std::ranges::any_of(
        action.work.about, [&](const Json& one) { return one["type"] == type && (id == 0 || one["id"] == id); });
    if (is_named) found.push_back(shown(action));
  }
  return found;
}

std::string World::next_ipv6_network() { return fmt::format("2001:db8:{:x}::/64", next_network6_++); }

Id id_of(const Call& call, std::size_t position) {
  const std::string& text = call.path.at(position);
  Id id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    fail(404, "not_found", fmt::format("no object with ID '{}'", text));
  }
  return id;
}

void check_not_protected(const Json& object) {
  if (object["protection"].value("delete", false)) {
    fail(423, "protected", "the resource is protected against deletion");
  }
}

}  // namespace skep::testing::hetzner
