// Help pages from the command tree: for the terminal, and as Markdown for the reference.
#pragma once

#include <string>
#include <vector>

namespace skep {

/// The page of a command by its path; of skep itself when it is empty. The path must exist.
std::string help_text(const std::vector<std::string>& path);

/// docs/commands.md: every command that is not hidden.
std::string commands_markdown();

}  // namespace skep
