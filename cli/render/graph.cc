#include "cli/render/graph.h"

#include <map>

#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

std::string box_name(std::size_t position) { return "r" + std::to_string(position); }

/// Double quotes end a label in both languages.
std::string quoted(const std::string& text) { return "\"" + replace_all(text, "\"", "'") + "\""; }

std::map<std::string, std::vector<std::size_t>> groups_of(const Graph& graph) {
  std::map<std::string, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) groups[graph.boxes[i].group].push_back(i);
  return groups;
}

const char* mermaid_class(const std::string& mark) {
  if (mark == "create") return ":::create";
  if (mark == "update") return ":::update";
  if (mark == "destroy" || mark == "forget") return ":::destroy";
  return "";
}

const char* dot_color(const std::string& mark) {
  if (mark == "create") return ", color=\"darkgreen\"";
  if (mark == "update") return ", color=\"orange\"";
  if (mark == "destroy" || mark == "forget") return ", color=\"red\"";
  return "";
}

}  // namespace

Graph resource_graph(const std::vector<Resource>& resources) {
  std::map<ResourceId, std::size_t> position;
  for (std::size_t i = 0; i < resources.size(); ++i) position[resources[i].id] = i;
  Graph graph;
  for (const auto& resource : resources) {
    Graph::Box box = {to_text(resource.id), resource.node, "", {}};
    for (const auto& need : resource.needs) {
      if (const auto found = position.find(need); found != position.end()) box.before.push_back(found->second);
    }
    graph.boxes.push_back(std::move(box));
  }
  return graph;
}

Graph plan_graph(const Plan& plan) {
  Graph graph;
  for (const auto& step : plan.steps) {
    const std::string action(step_action_name(step.action));
    Graph::Box box = {action + " " + to_text(step.resource.id), step.resource.node, action, {}};
    for (const StepId before : step.after) box.before.push_back(before);
    graph.boxes.push_back(std::move(box));
  }
  return graph;
}

std::string mermaid_text(const Graph& graph) {
  std::string text = "flowchart LR\n";
  std::size_t number = 0;
  for (const auto& [group, boxes] : groups_of(graph)) {
    const std::string indent = group.empty() ? "  " : "    ";
    if (!group.empty()) text += "  subgraph g" + std::to_string(number++) + "[" + quoted(group) + "]\n";
    for (const std::size_t i : boxes) {
      text +=
          indent + box_name(i) + "[" + quoted(graph.boxes[i].label) + "]" + mermaid_class(graph.boxes[i].mark) + "\n";
    }
    if (!group.empty()) text += "  end\n";
  }
  bool has_marks = false;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    has_marks = has_marks || !graph.boxes[i].mark.empty();
    for (const std::size_t before : graph.boxes[i].before) {
      text += "  " + box_name(before) + " --> " + box_name(i) + "\n";
    }
  }
  if (has_marks) {
    text +=
        "  classDef create stroke:#2a2\n"
        "  classDef update stroke:#c80\n"
        "  classDef destroy stroke:#c22\n";
  }
  return text;
}

std::string dot_text(const Graph& graph) {
  std::string text = "digraph skep {\n  rankdir=LR\n  node [shape=box]\n";
  std::size_t number = 0;
  for (const auto& [group, boxes] : groups_of(graph)) {
    const std::string indent = group.empty() ? "  " : "    ";
    if (!group.empty()) {
      text += "  subgraph cluster_" + std::to_string(number++) + " {\n    label=" + quoted(group) + "\n";
    }
    for (const std::size_t i : boxes) {
      text += indent + box_name(i) + " [label=" + quoted(graph.boxes[i].label) + dot_color(graph.boxes[i].mark) + "]\n";
    }
    if (!group.empty()) text += "  }\n";
  }
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    for (const std::size_t before : graph.boxes[i].before) {
      text += "  " + box_name(before) + " -> " + box_name(i) + "\n";
    }
  }
  return text + "}\n";
}

Json graph_json(const Graph& graph) {
  Json boxes = Json::array();
  for (const auto& box : graph.boxes) {
    Json before = Json::array();
    for (const std::size_t i : box.before) before.push_back(graph.boxes[i].label);
    boxes.push_back({{"label", box.label}, {"group", box.group}, {"mark", box.mark}, {"before", std::move(before)}});
  }
  return {{"format_version", "1.0"}, {"type", "graph"}, {"boxes", std::move(boxes)}};
}

}  // namespace skep
