#include "planner/engine/catalog.h"

#include <cassert>

namespace skep {

namespace {

std::vector<Driver*> all_drivers(std::span<Provider* const> providers, HostKinds& hosts) {
  std::vector<Driver*> drivers = hosts.drivers();
  for (Provider* provider : providers) {
    const auto more = provider->drivers();
    drivers.insert(drivers.end(), more.begin(), more.end());
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

Driver* Catalog::find(std::string_view name) const {
  const auto found = drivers_.find(name);
  return found == drivers_.end() ? nullptr : found->second;
}

}  // namespace skep
