// Manual pages for man(1), made from the command tree. Pure.
#pragma once

#include <map>
#include <string>

namespace skep {

/// By file name: skep.1, skep-apply.1, skep-state-list.1; one for every command that is not hidden.
std::map<std::string, std::string> man_pages();

/// A line of text as roff prints it: nothing in it is a request, an escape or a hyphen.
std::string roff_text(const std::string& line);

}  // namespace skep
