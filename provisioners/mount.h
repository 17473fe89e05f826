// Kind mount/NODE-VOLUME: a volume is mounted where it is wanted, formatted only if it was blank.
#pragma once

#include "provisioners/host_tools.h"

namespace skep {

class Mount final : public HostDriver {
 public:
  explicit Mount(const HostTools& tools);
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override;
  /// Unmounts; the data stays on the volume.
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
};

}  // namespace skep
