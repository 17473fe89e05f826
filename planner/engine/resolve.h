// References as the executor and observe() resolve them where what they name may be gone.
#pragma once

#include "planner/model/refs.h"

namespace skep {

/// Like resolve_refs(), but what cannot be resolved is left out of lists and is null elsewhere: for destroying and for
/// reading, where the thing referred to may be gone already.
Attributes resolve_what_is_there(const Attributes& attributes, const Objects& objects);

}  // namespace skep
