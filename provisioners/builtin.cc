#include "provisioners/builtin.h"

#include "provisioners/drained.h"
#include "provisioners/engine.h"
#include "provisioners/expand_hosts.h"
#include "provisioners/floating_address.h"
#include "provisioners/health.h"
#include "provisioners/host_facts.h"
#include "provisioners/host_key.h"
#include "provisioners/host_ready.h"
#include "provisioners/impact.h"
#include "provisioners/mount.h"
#include "provisioners/swarm.h"
#include "provisioners/swarm_manager.h"
#include "provisioners/swarm_node.h"

namespace skep {
namespace {

class BuiltinHostKinds final : public HostKinds {
 public:
  BuiltinHostKinds(Ssh& ssh, const Clock& clock) : facts_(ssh, clock), tools_{ssh, clock, facts_} {}

  std::vector<Driver*> drivers() override {
    return {&new_key_,        &login_, &drained_host_, &drained_mount_, &address_,
            &drained_engine_, &swarm_, &node_,         &manager_};
  }
  Driver& around(Driver& machine) override {
    for (const auto& known : machines_)
      if (known.first == &machine) return *known.second;
    return *machines_.emplace_back(&machine, std::make_unique<Drained>(machine, tools_)).second;
  }
  void prepare(const Spec& spec, Resource& machine) const override { prepare_machine(spec, machine); }
  Result<std::optional<SwarmCondition>> condition(const State& state, const Context& context) override {
    return look_at_condition(state, tools_, context);
  }
  Result<Impact> impact(const Plan& plan, const State& state, const Spec& spec, const Context& context) override {
    return look_at_impact(plan, state, spec, tools_, context);
  }
  Result<std::vector<std::string>> encrypted_networks(const State& state, const Context& context) override {
    return skep::encrypted_networks(state, tools_, context);
  }
  // What hosts demand of a spec (keys of daemon.json, limits) is known to its reader, which answers with the place.
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<Resource>> expand(const Spec& spec,
                                       const std::map<std::string, Machine>& machines) const override {
    return expand_hosts(spec, machines);
  }

 private:
  HostFacts facts_;
  HostTools tools_;
  NewHostKey new_key_{tools_};
  HostLogin login_{tools_};
  HostReady host_{tools_};
  Mount mount_{tools_};
  FloatingAddress address_{tools_};
  Engine engine_{tools_};
  Drained drained_host_{host_, tools_};
  Drained drained_mount_{mount_, tools_};
  Drained drained_engine_{engine_, tools_};
  std::vector<std::pair<Driver*, std::unique_ptr<Drained>>> machines_;
  Swarm swarm_{tools_};
  SwarmNodeKind node_{tools_};
  SwarmManager manager_{tools_};
};

}  // namespace

std::unique_ptr<HostKinds> make_host_kinds(Ssh& ssh, const Clock& clock) {
  return std::make_unique<BuiltinHostKinds>(ssh, clock);
}

}  // namespace skep
