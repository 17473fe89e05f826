// Lists of the simulated Hetzner Cloud: filters, order, pages. Private to the simulation.
#pragma once

#include <string>
#include <vector>

#include "tests/fakes/hetzner_world.h"

namespace skep::testing::hetzner {

/// {KIND: [...], "meta": {"pagination": ...}} of what is left after ?name= and ?label_selector= and the other filters
/// that the kind knows, sorted by ?sort=, cut by ?page= and ?per_page=. `per_page_usual` without ?per_page=.
Answer list_answer(const Call& call, const std::string& key, std::vector<Json> objects);

}  // namespace skep::testing::hetzner
