#include "planner/engine/provider.h"

namespace skep {

Result<void> Provider::check_orders(std::span<const Resource>, const Context&) { return {}; }

Result<Prices> Provider::prices(std::span<const Resource>, const Context&) { return Prices{}; }

}  // namespace skep
