// All drivers by name: the one table that planner, executor and commands look a kind up in.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "planner/engine/driver.h"
#include "planner/engine/provider.h"

namespace skep {

using Schemas = std::map<std::string, const Schema*, std::less<>>;

/// Whether this is a kind of machines of which an update can take the node out of service.
bool is_machine_to_disturb(const Schema& schema);

class Catalog {
 public:
  /// The drivers must outlive the catalog; two drivers of one name are a bug and assert.
  Catalog(std::span<Provider* const> providers, HostKinds& hosts);
  explicit Catalog(std::span<Driver* const> drivers);

  Driver* find(std::string_view name) const;  // nullptr when there is none
  const Schemas& schemas() const { return schemas_; }

 private:
  std::map<std::string, Driver*, std::less<>> drivers_;
  Schemas schemas_;
};

}  // namespace skep
