#include "providers/local/trash.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "planner/system/os_error.h"
#include "providers/local/kernel_files.h"
#include "providers/local/machine_record.h"

namespace skep {

Result<void> throw_away(const LocalTools& tools, const std::string& cluster, const std::string& folder) {
  const std::string trash = tools.paths.trash(cluster);
  TRY(tools.files.make_directories(trash, 0700));
  const int self = ::getpid();
  const std::string away = fmt::format("{}/{}-{}-{}", trash, self, start_time(self), random_id(tools.random));
  if (::rename(folder.c_str(), away.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return os_error(errno, "move " + folder + " away");
  }
  return tools.files.destroy_tree(away);
}

Result<void> sweep_trash(const LocalTools& tools, const std::string& cluster) {
  const std::string trash = tools.paths.trash(cluster);
  for (const auto& name : TRY(names_in(tools.files, trash))) {
    int pid = 0;
    unsigned long long began = 0;
    const bool is_ours = std::sscanf(name.c_str(), "%d-%llu-", &pid, &began) == 2;
    if (is_ours && is_same_process(pid, began)) continue;  // still at it
    TRY(tools.files.destroy_tree(trash + "/" + name));
  }
  return {};
}

}  // namespace skep
