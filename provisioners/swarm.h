// Kind swarm/main: the swarm itself. Begun once, on one host, when it is certain that there is none.
#pragma once

#include "provisioners/bootstrap.h"
#include "provisioners/host_tools.h"

namespace skep {

class Swarm final : public HostDriver {
 public:
  explicit Swarm(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  /// What can only be said when a swarm begins is refused. Errors: refused.
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  /// Dissolves it: workers leave first, then the managers that do not lead, the leader last.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  Result<HostLook> look_at(const Member& member, Duration age, const Context& context) const;
  Result<void> check_routes(const std::vector<Member>& members, const std::vector<std::string>& pools,
                            const Context& context) const;
  Result<SwarmVerdict> judge_once(const Resource& resource, const std::string& recorded_id, Duration age,
                                  const Context& context) const;
  Result<SwarmVerdict> judge(const Resource& resource, const std::string& recorded_id, Duration age,
                             const Context& context) const;
};

}  // namespace skep
