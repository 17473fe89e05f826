// Help pages from the command tree: for the terminal, and as Markdown for the reference.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command_tree.h"

namespace skep {

inline constexpr int help_columns = 100;  // more are hard to read

/// The page of a command by its path; of skep itself when it is empty. The path must exist.
std::string help_text(const std::vector<std::string>& path, int columns = help_columns);

/// "skep apply [OPTIONS] [PLANFILE]", for a command and its path.
std::string usage_of(const CommandDoc& command, const std::vector<std::string>& path);

/// "the language (default: mermaid): mermaid, dot"
std::string with_choices(const std::string& doc, const std::vector<std::string>& choices);

/// Every exit code and what it means.
const std::vector<std::pair<int, std::string>>& exit_code_docs();

/// docs/commands.md: every command that is not hidden.
std::string commands_markdown();

}  // namespace skep
