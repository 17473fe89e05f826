// Completion scripts for bash, zsh and fish, made from the command tree. Pure.
#pragma once

#include <string>

namespace skep {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace skep
