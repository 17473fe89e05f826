// References as the executor resolves them when a step starts: strictly for what is made, leniently for what goes.
#pragma once

#include "planner/model/refs.h"

namespace skep {

/// Like resolve_refs(), but a $all leaves out objects that do not report the field (yet). Errors: not_found.
Result<Attributes> resolve_for_making(const Attributes& attributes, const Objects& objects);

/// As above, but what cannot be resolved is left out of lists and is null elsewhere: for destroying and for reading,
/// where the thing referred to may be gone already.
Attributes resolve_what_is_there(const Attributes& attributes, const Objects& objects);

}  // namespace skep
