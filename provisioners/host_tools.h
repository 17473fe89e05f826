// What every host kind works with, and the two ways to use it: look at a host, and change something on it.
#pragma once

#include <memory>
#include <string>

#include "planner/engine/driver.h"
#include "planner/system/clock.h"
#include "planner/system/ssh.h"
#include "provisioners/host_facts.h"
#include "provisioners/member.h"

namespace skep {

struct HostTools {
  Ssh& ssh;
  const Clock& clock;
  HostFacts& facts;

  /// The host's facts, at most `age` old. Errors name nothing: the caller knows whose host it is.
  Result<std::shared_ptr<const Facts>> look(const Endpoint& host, Duration age, const Context& context) const {
    return facts.of(host, age, context);
  }

  /// Runs a script that changes the host, and forgets what was known of it. Returns the script's output.
  Result<std::string> change(const Endpoint& host, const Script& script, const Context& context) const {
    facts.forget(host);
    auto output = run_script(ssh, host, script, context);
    facts.forget(host);
    return output;
  }
};

/// Facts for a find(): a record may be read from what was seen a moment ago, a step about to act wants to see now.
inline Duration age_for(std::string_view remote_id) { return remote_id.empty() ? age_to_act : age_to_read; }

/// A driver whose kind lives on hosts: tools and a schema, no state of its own.
class HostDriver : public Driver {
 public:
  const Schema& schema() const override { return schema_; }

 protected:
  HostDriver(const HostTools& tools, Schema schema) : tools_(tools), schema_(std::move(schema)) {}
  const HostTools& tools() const { return tools_; }

 private:
  HostTools tools_;
  Schema schema_;
};

}  // namespace skep
