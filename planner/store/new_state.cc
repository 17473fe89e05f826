#include "planner/store/new_state.h"

#include "planner/base/digest.h"

namespace skep {

State new_state(Random& random) {
  State state;
  state.lineage = random_id(random);
  const auto key = random_seed(random);
  state.digest_key = to_hex({reinterpret_cast<const char*>(key.data()), key.size()});
  return state;
}

}  // namespace skep
