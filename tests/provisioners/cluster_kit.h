// A whole cluster over fake hosts: what expand() wants of it, applied as the executor would, step after step.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "planner/engine/perform.h"
#include "planner/model/refs.h"
#include "provisioners/builtin.h"
#include "tests/fakes/fake_host.h"

namespace skep::test {

class ClusterKit {
 public:
  /// Hosts manager-1.. and worker-1.. have just booted; pools "manager" and "worker".
  ClusterKit(int managers, int workers);

  JumpingClock clock;
  FakeWorld world{clock};
  Spec spec;
  bool ours = true;         // whether machines are made and destroyed by skep
  bool cloud = false;       // machines come with a key of their provider's making; `extra` remembers the new one
  Driver* extra = nullptr;  // "fake.pin"
  std::map<std::string, ResourceId> floating = {};  // of every machine
  Objects objects;                                  // what is recorded: machines from the start, then what was applied

  void add_pool(const std::string& name, Role role, int count);
  /// How many nodes a pool has from now on; machines that are new have just booted.
  void resize(const std::string& pool, int count);

  /// Looks at what is recorded, creates what is missing, updates what differs, in the order of needs; goes on past
  /// failures as far as needs allow. Returns the failures: "engine/worker-1: message".
  std::vector<std::string> apply();
  /// What a second apply would do, a line each; empty: nothing.
  std::vector<std::string> plan();
  /// Destroys one resource with the inputs it has now. Empty, or the failure.
  std::string destroy(const std::string& id);

  std::vector<Resource> resources() const;
  Resource resolved(const std::string& id) const;
  Driver& driver(const std::string& name) const;
  /// Forgets what is remembered of hosts, as a new process would.
  void restart();
  std::vector<std::string> said;  // progress lines: "engine/worker-1: installing ..."

  /// One step, as the executor takes it.
  StepResult perform_step(StepAction action, const Resource& resource, std::optional<Object> object);

 private:
  bool is_ready(const Resource& resource) const;
  std::string apply_one(const Resource& resource);
  std::vector<std::string> differences(const Resource& resource, const Object& object) const;

  std::map<std::string, Machine> machines_;
  std::unique_ptr<HostKinds> kinds_;
};

std::string lines(const std::vector<std::string>& all);

}  // namespace skep::test
