// Everything that skep does with the files of a spec before it asks anybody.
#pragma once

#include <span>

#include "planner/model/load_spec.h"

namespace skep::fuzz {

const Environment& variables();

/// Reads, checks, expands and plans; stops the run where one of them breaks its promise.
void use_spec(std::span<const Document> files);

}  // namespace skep::fuzz
