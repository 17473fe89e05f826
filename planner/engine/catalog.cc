#include "planner/engine/catalog.h"

#include <algorithm>
#include <cassert>

namespace skep {

namespace {

std::vector<Driver*> all_drivers(std::span<Provider* const> providers, HostKinds& hosts) {
  std::vector<Driver*> drivers = hosts.drivers();
  for (Provider* provider : providers) {
    for (Driver* driver : provider->drivers())
      drivers.push_back(is_machine_to_disturb(driver->schema()) ? &hosts.around(*driver) : driver);
  }
  return drivers;
}

}  // namespace

Catalog::Catalog(std::span<Provider* const> providers, HostKinds& hosts) : Catalog(all_drivers(providers, hosts)) {}

Catalog::Catalog(std::span<Driver* const> drivers) {
  for (Driver* driver : drivers) {
    const Schema& schema = driver->schema();
    const bool is_new = drivers_.emplace(schema.driver, driver).second;
    assert(is_new);
    schemas_.emplace(schema.driver, &schema);
  }
}

bool is_machine_to_disturb(const Schema& schema) {
  return schema.driver.ends_with(std::string(".") + machine_kind) &&
         std::ranges::any_of(schema.inputs, [](const Field& field) { return field.on_change == OnChange::disrupt; });
}

Driver* Catalog::find(std::string_view name) const {
  const auto found = drivers_.find(name);
  return found == drivers_.end() ? nullptr : found->second;
}

}  // namespace skep
