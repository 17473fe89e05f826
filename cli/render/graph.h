// Resources or a plan as a picture: Mermaid for merge requests and README files, DOT for Graphviz.
#pragma once

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/plan.h"
#include "planner/model/resource.h"

namespace skep {

/// What is drawn: boxes, and for each which boxes come before it.
struct Graph {
  struct Box {
    std::string label;
    std::string group;                // boxes of one group stand together: a node's resources; may be empty
    std::string mark;                 // "create", "destroy", ...: how it is drawn; may be empty
    std::vector<std::size_t> before;  // positions in `boxes`
  };
  std::vector<Box> boxes;
};

Graph resource_graph(const std::vector<Resource>& resources);
Graph plan_graph(const Plan& plan);

std::string mermaid_text(const Graph& graph);
std::string dot_text(const Graph& graph);

/// {"format_version", "type": "graph", "boxes": [{"label", "group", "mark", "before": [labels]}]}.
Json graph_json(const Graph& graph);

}  // namespace skep
