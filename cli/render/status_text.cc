#include "cli/render/status_text.h"

#include <algorithm>
#include <map>

#include "cli/render/plan_rows.h"
#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

/// The newest record of a kind on each node.
std::map<std::string, const Record*> newest_of(const State& state, const std::string& kind) {
  std::map<std::string, const Record*> newest;
  for (const auto& [id, record] : state.records) {
    if (id.kind != kind) continue;
    const Record*& slot = newest[record.resource.node.empty() ? id.name : record.resource.node];
    if (slot == nullptr || slot->resource.id.generation < id.generation) slot = &record;
  }
  return newest;
}

const Attributes& attributes_of(const std::map<std::string, const Record*>& records, const std::string& node) {
  static const Attributes none = Attributes::object();
  const auto found = records.find(node);
  return found == records.end() ? none : found->second->object.attributes;
}

bool is_true(const Attributes& attributes, const char* field) {
  const auto found = attributes.find(field);
  return found != attributes.end() && *found == true;
}

std::string unread_of(const State& state, const std::string& node) {
  for (const auto& [id, why] : state.unread) {
    const auto record = state.records.find(id);
    const std::string& of =
        record == state.records.end() || record->second.resource.node.empty() ? id.name : record->second.resource.node;
    if (of == node) return why;
  }
  return "";
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

Color color_of(const NodeStatus& node) { return node.trouble().empty() ? Color::green : Color::red; }

std::vector<Row> node_rows(const ClusterStatus& status) {
  std::vector<Row> rows = {{{"NODE", Color::dim},
                            {"ROLE", Color::dim},
                            {"POOL", Color::dim},
                            {"ADDRESS", Color::dim},
                            {"MACHINE", Color::dim},
                            {"ENGINE", Color::dim},
                            {"SWARM", Color::dim},
                            {"AVAILABILITY", Color::dim},
                            {"MANAGER", Color::dim}}};
  for (const auto& node : status.nodes) {
    const NodeInfo& info = node.info;
    rows.push_back({{info.name, color_of(node)},
                    {info.role.empty() ? "not in the spec" : info.role},
                    {or_dash(info.pool)},
                    {or_dash(info.address)},
                    {info.has_machine() ? or_dash(info.power) : "none", info.power == "on" ? Color::none : Color::red},
                    {or_dash(node.engine)},
                    {or_dash(node.swarm_state), node.swarm_state == "ready" ? Color::none : Color::red},
                    {or_dash(node.availability), node.availability == "active" ? Color::none : Color::yellow},
                    {or_dash(node.manager), node.manager == "unreachable" ? Color::red : Color::none}});
  }
  return rows;
}

/// The plan's warnings but for those that the lines of the nodes repeat.
std::vector<std::string> warnings_beside_nodes(const ClusterStatus& status) {
  std::vector<std::string> warnings;
  std::ranges::copy_if(status.plan.warnings, std::back_inserter(warnings), [&](const std::string& warning) {
    return std::ranges::none_of(status.nodes, [&](const NodeStatus& node) {
      return !node.unread.empty() && warning.starts_with(node.info.name + " cannot be read: ");
    });
  });
  return warnings;
}

std::string drift_text(const ClusterStatus& status, const Style& style) {
  if (!status.plan_error.empty()) return "  drift: cannot be told: " + status.plan_error + "\n";
  if (status.plan.empty()) {
    const bool is_all_seen = std::ranges::all_of(status.nodes, [](const auto& node) { return node.unread.empty(); });
    return is_all_seen ? "  no drift: everything is as the spec says\n"
                       : "  no drift: what can be read is as the spec says\n";
  }
  std::string text = "  drift: skep apply would change this\n";
  std::vector<Row> rows;
  for (const auto& row : plan_rows(status.plan)) rows.push_back(plan_row_cells(row));
  return text + table_text(rows, style, 4);
}

}  // namespace

std::string NodeStatus::trouble() const {
  if (info.role.empty()) return "is not in the spec any more";
  if (!info.has_machine()) return "has no machine";
  if (!unread.empty()) return "cannot be read: " + unread;
  if (info.power == "off") return "its machine is off";
  if (engine.empty()) return "has no engine";
  if (swarm_state.empty()) return "is not in the swarm";
  if (swarm_state != "ready") return "is " + swarm_state + " in the swarm";
  if (!availability.empty() && availability != "active") return "takes no tasks: " + availability;
  if (info.role == "manager" && manager.empty()) return "is no manager";
  if (manager == "unreachable") return "is not reachable for the other managers";
  return "";
}

bool ClusterStatus::is_healthy() const {
  return !nodes.empty() && (!swarm || swarm->problems.empty()) &&
         std::all_of(nodes.begin(), nodes.end(), [](const NodeStatus& node) { return node.trouble().empty(); });
}

ClusterStatus cluster_status(const Spec& spec, const State& observed) {
  const auto engines = newest_of(observed, "engine");
  const auto members = newest_of(observed, "swarm_node");
  const auto managers = newest_of(observed, "swarm_manager");
  ClusterStatus status;
  for (auto& info : nodes_of(spec, observed)) {
    NodeStatus node;
    const Attributes& member = attributes_of(members, info.name);
    const Attributes& manager = attributes_of(managers, info.name);
    node.engine = json_string_or(attributes_of(engines, info.name), "engine_version");
    node.swarm_state = json_string_or(member, "state");
    node.availability = json_string_or(member, "availability");
    if (is_true(manager, "leader") || is_true(member, "leader")) {
      node.manager = "leader";
    } else {
      node.manager = json_string_or(manager, "reachability", json_string_or(member, "reachability"));
    }
    node.unread = unread_of(observed, info.name);
    node.info = std::move(info);
    status.nodes.push_back(std::move(node));
  }
  status.floating_ips = floating_ips_of(spec, observed);
  return status;
}

std::string health_text(const ClusterStatus& status) {
  std::size_t built = 0;
  std::size_t ready = 0;
  std::size_t managers = 0;
  std::size_t reachable = 0;
  for (const auto& node : status.nodes) {
    built += node.info.has_machine() ? 1 : 0;
    ready += node.swarm_state == "ready" && node.unread.empty() ? 1 : 0;
    managers += node.info.role == "manager" ? 1 : 0;
    reachable += (node.manager == "leader" || node.manager == "reachable") && node.unread.empty() ? 1 : 0;
  }
  if (built == 0) return "not built yet: skep apply makes it";
  std::string facts = std::to_string(ready) + " of " + count_of(status.nodes.size(), "node") + " ready, " +
                      std::to_string(reachable) + " of " + count_of(managers, "manager") + " reachable";
  if (status.swarm && status.swarm->services > 0)
    facts += ", " + count_of(status.swarm->services, "service") + (status.swarm->problems.empty() ? " as wanted" : "");
  return (status.is_healthy() ? "healthy: " : "degraded: ") + facts;
}

std::string status_text(const ClusterStatus& status, const Style& style) {
  std::string text = painted(status.header.cluster, Color::bold, style) + " · " + status.header.place + " · " +
                     status.header.state + "\n\n";
  text += table_text(node_rows(status), {.color = style.color}) + "\n";
  std::vector<Row> ips;
  for (const auto& ip : status.floating_ips) {
    ips.push_back({{"floating_ip"}, {ip.name}, {or_dash(ip.address)}, {ip.node.empty() ? "" : "on " + ip.node}});
  }
  if (!ips.empty()) text += table_text(ips, style) + "\n";
  text += drift_text(status, style) + "\n";
  const auto warnings = warnings_beside_nodes(status);
  for (const auto& warning : warnings) text += "  " + painted("!", Color::yellow, style) + " " + warning + "\n";
  if (!warnings.empty()) text += "\n";
  bool has_trouble = false;
  for (const auto& node : status.nodes) {
    const std::string trouble = node.trouble();
    if (trouble.empty()) continue;
    text += "  " + painted("!", Color::red, style) + " " + node.info.name + " " + trouble + "\n";
    has_trouble = true;
  }
  for (const auto& problem : status.swarm ? status.swarm->problems : std::vector<std::string>()) {
    text += "  " + painted("!", Color::red, style) + " swarm: " + problem + "\n";
    has_trouble = true;
  }
  if (has_trouble) text += "\n";
  return text + painted(health_text(status), status.is_healthy() ? Color::green : Color::red, style) + "\n";
}

Json status_json(const ClusterStatus& status) {
  Json nodes = Json::array();
  for (const auto& node : status.nodes) {
    nodes.push_back({{"name", node.info.name},
                     {"role", node.info.role},
                     {"pool", node.info.pool},
                     {"provider", node.info.provider},
                     {"address", node.info.address},
                     {"private_address", node.info.private_address},
                     {"power", node.info.power},
                     {"engine_version", node.engine},
                     {"swarm_id", node.info.swarm_id},
                     {"swarm_state", node.swarm_state},
                     {"availability", node.availability},
                     {"manager", node.manager},
                     {"trouble", node.trouble()}});
  }
  Json ips = Json::array();
  for (const auto& ip : status.floating_ips) {
    ips.push_back({{"name", ip.name}, {"address", ip.address}, {"node", ip.node}, {"pool", ip.pool}});
  }
  Json swarm = nullptr;
  if (status.swarm) swarm = {{"services", status.swarm->services}, {"problems", status.swarm->problems}};
  Json drift = Json::array();
  for (const auto& row : plan_rows(status.plan)) drift.push_back(change_json(row.change));
  return {{"format_version", "1.0"},          {"type", "status"},
          {"cluster", status.header.cluster}, {"providers", status.header.place},
          {"state", status.header.state},     {"healthy", status.is_healthy()},
          {"health", health_text(status)},    {"nodes", std::move(nodes)},
          {"floating_ips", std::move(ips)},   {"swarm", std::move(swarm)},
          {"drifted", status.has_drift()},    {"drift", std::move(drift)},
          {"drift_error", status.plan_error}, {"warnings", status.plan.warnings}};
}

}  // namespace skep
