// Kind engine/NODE: Docker Engine in the wanted version, configured before its first start, with proof of its machine.
#pragma once

#include "provisioners/engine_version.h"
#include "provisioners/host_tools.h"

namespace skep {

class Engine final : public HostDriver {
 public:
  explicit Engine(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  /// Fetches the packages, and fails where there are none such, or where daemon.json cannot become as wanted.
  Result<void> prepare_update(const Resource& resource, const Object& object, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;

 private:
  enum class Repository { when_needed, refreshed };
  enum class Reads { now, later, has_read };  // when the engine reads its daemon.json

  Result<void> configure(const Resource& resource, const Member& member, Reads reads, const Context& context) const;
  Result<void> add_repository(const Resource& resource, const Member& member, const Context& context) const;
  Result<std::optional<PackageChoice>> choose(const Resource& resource, const Member& member, const Facts& facts,
                                              Repository repository, const Context& context) const;
  Result<void> install(const Resource& resource, const Member& member, Repository repository,
                       const Context& context) const;
  Result<Object> check(const Resource& resource, const Member& member, const Context& context) const;
};

}  // namespace skep
