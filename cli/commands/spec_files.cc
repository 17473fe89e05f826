#include "cli/commands/spec_files.h"

#include <algorithm>
#include <filesystem>

#include "cli/render/problem_text.h"
#include "cli/styles.h"
#include "planner/base/text.h"

namespace skep {

Result<std::vector<std::string>> spec_files(const Invocation& invocation, const Outside& outside) {
  if (invocation.has("file")) return invocation.texts("file");
  if (const std::string files = variable(outside, "SKEP_FILE"); !files.empty()) return split(files, ':');
  for (const auto* name : {"cluster.yaml", "skep.yaml"}) {
    if (outside.files.exists(name)) return std::vector<std::string>{name};
  }
  return Error{ErrorCode::not_found, "there is no cluster.yaml here",
               "write one with: skep init, or name yours with: -f FILE"};
}

Result<std::vector<Document>> read_documents(const std::vector<std::string>& files, const Outside& outside) {
  std::vector<Document> documents;
  for (const auto& file : files) {
    std::string text = TRY(outside.files.read(file));
    documents.push_back({file, std::move(text)});
  }
  return documents;
}

ClusterPaths cluster_paths(const std::string& first_file, const std::string& cluster) {
  const std::filesystem::path folder = std::filesystem::path(first_file).parent_path();
  ClusterPaths paths;
  paths.spec_folder = folder.string();
  paths.state_folder = (folder / ".skep").string();
  paths.state = {.cluster = cluster, .file = (folder / ".skep" / (cluster + ".db")).string()};
  paths.key = (folder / ".skep" / (cluster + ".key")).string();
  return paths;
}

Result<void> make_state_folder(const ClusterPaths& paths, Outside& outside) {
  TRY(outside.files.make_directories(paths.state_folder, 0700));
  const std::string ignore = paths.state_folder + "/.gitignore";
  if (!outside.files.exists(ignore)) TRY(outside.files.write(ignore, "*\n", 0644));
  return {};
}

bool report_problems(const std::vector<Problem>& problems, const Invocation& invocation, Outside& outside) {
  const Style style = style_of_errors(invocation, outside);
  for (const auto& problem : problems) outside.err << problem_text(problem, style);
  outside.err << std::flush;
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Problem::Severity::error; });
}

Error problems_error(const std::vector<Problem>& problems, const std::vector<std::string>& files) {
  const auto errors = std::count_if(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Problem::Severity::error;
  });
  return {ErrorCode::invalid_input,
          count_of(static_cast<std::size_t>(errors), "mistake") + " in " + join(files, ", ") + "; nothing was done"};
}

}  // namespace skep
