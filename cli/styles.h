// Whether and how the two outputs may be dressed: a terminal, --no-color, NO_COLOR, a dumb terminal, its width.
#pragma once

#include "cli/invocation.h"
#include "cli/outside.h"
#include "cli/render/paint.h"

namespace skep {

/// For pages of text: as wide as the terminal, from 40 to 100 columns.
int page_columns(const Outside& outside);

Style style_of_output(const Invocation& invocation, const Outside& outside);  // stdout
Style style_of_errors(const Invocation& invocation, const Outside& outside);  // stderr

}  // namespace skep
