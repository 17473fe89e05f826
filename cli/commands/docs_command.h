// What is made from the program's own tables: `skep docs FOLDER` writes the reference pages, package-files what a
// package holds besides.
#pragma once

#include <map>
#include <string>

#include "cli/invocation.h"
#include "cli/outside.h"
#include "planner/base/result.h"

namespace skep {

/// Errors: those of Files::write().
Result<int> docs_command(const Invocation& invocation, Outside& outside);

/// `skep package-files FOLDER`: man pages and completion scripts in the folders of a file system's /usr/share.
/// Errors: those of Files.
Result<int> package_files_command(const Invocation& invocation, Outside& outside);

/// The pages by file name: commands.md, spec.md, kinds.md. Errors: those of Outside::make_providers().
Result<std::map<std::string, std::string>> reference_pages(Outside& outside);

}  // namespace skep
