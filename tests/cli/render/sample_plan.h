// A plan with one of everything, for the tests of its forms.
#pragma once

#include "planner/model/plan.h"

namespace skep {

inline Change change_of(const std::string& kind, const std::string& name, Action action,
                        std::vector<FieldChange> fields = {}, const std::string& node = "", int generation = 1) {
  return {.id = {kind, name, generation},
          .driver = (kind == "server" || kind == "floating_ip" ? "local." : "host.") + kind,
          .node = node,
          .action = action,
          .fields = std::move(fields)};
}

inline Plan sample_plan() {
  Plan plan = {.cluster = "lympo-staging", .spec_digest = "d1", .lineage = "l1", .state_serial = 14};
  plan.changes.push_back(
      change_of("engine", "worker-1", Action::update, {{"version", "27.5.1", "28.5.2"}}, "worker-1"));
  plan.changes.back().disruptive = true;
  plan.changes.push_back(change_of("engine", "worker-3", Action::create, {}, "worker-3"));
  plan.changes.push_back(change_of("engine", "worker-9", Action::forget, {}, "worker-9"));
  plan.changes.push_back(change_of("floating_ip", "ingress", Action::update, {{"server", "manager-1", "manager-2"}}));
  plan.changes.push_back(change_of("host", "worker-3", Action::create, {}, "worker-3"));
  plan.changes.push_back(
      change_of("server", "manager-1", Action::replace, {{"location", "fsn1", "nbg1"}}, "manager-1", 2));
  plan.changes.back().why = "its location cannot change in place";
  plan.changes.push_back(change_of("server", "worker-10", Action::create, {}, "worker-10"));
  plan.changes.push_back(change_of("server", "worker-3", Action::create, {}, "worker-3"));
  plan.changes.push_back(change_of("server", "worker-9", Action::destroy, {}, "worker-9"));
  plan.changes.push_back(change_of("swarm_node", "worker-3", Action::create, {}, "worker-3"));
  plan.changes.push_back(change_of("swarm_node", "worker-9", Action::destroy, {}, "worker-9"));
  plan.warnings = {"service shop_db has one replica and a local volume on worker-1: down while worker-1 drains"};
  plan.quorum = {"3 managers up of 3, 2 needed"};
  plan.steps = {
      {.id = 0,
       .action = StepAction::create,
       .resource =
           {.id = {"server", "worker-3"},
            .driver = "local.server",
            .inputs = {{"image", "debian-12"}, {"type", "cx22"}, {"location", ""}, {"size", {{"$ref", "volume/a"}}}},
            .node = "worker-3"}},
      {.id = 1,
       .action = StepAction::create,
       .resource = {.id = {"engine", "worker-3"}, .driver = "host.engine", .node = "worker-3"},
       .after = {0}},
      {.id = 2,
       .action = StepAction::update,
       .resource = {.id = {"floating_ip", "ingress"}, .driver = "local.floating_ip"},
       .after = {1}},
      {.id = 3,
       .action = StepAction::destroy,
       .resource = {.id = {"server", "worker-9"}, .driver = "local.server", .node = "worker-9"},
       .after = {2}}};
  return plan;
}

}  // namespace skep
