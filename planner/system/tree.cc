#include "planner/system/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <vector>

#include "planner/system/descriptor.h"
#include "planner/system/os_error.h"

namespace skep {

namespace {

/// Which mount a file is on, as the kernel numbers them. A device number does not tell a bind mount of one file system
/// from the rest of it, and differs within one overlay; it has to do on kernels before 5.8, which do not number mounts.
struct Mount {
  std::uint64_t id = 0;
  std::uint64_t device = 0;
  bool operator==(const Mount&) const = default;
};

std::optional<Mount> mount_of(int folder, const char* name) {
  struct statx status = {};
  const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name == '\0' ? AT_EMPTY_PATH : 0);
  if (::statx(folder, name, flags, STATX_TYPE | STATX_MNT_ID, &status) != 0) return std::nullopt;
  if ((status.stx_mask & STATX_MNT_ID) != 0) return Mount{.id = status.stx_mnt_id};
  return Mount{.device = std::uint64_t{status.stx_dev_major} << 32 | status.stx_dev_minor};
}

Error is_mount(const std::string& path) {
  return {.code = ErrorCode::refused,
          .message = "destroy " + path + ": something is mounted there, and it is left alone",
          .hint = "unmount it first: umount " + path};
}

/// Names in an open folder. Takes all before the first is destroyed: order is then no question. Whoever destroys the
/// same tree at the same time may have been faster: a folder that is gone has no names.
Result<std::vector<std::string>> names_in(int folder, const std::string& path) {
  Descriptor copy(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy.is_open() && errno == ENOENT) return std::vector<std::string>();
  if (!copy.is_open()) return os_error(errno, "destroy " + path);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy.get()), ::closedir);
  if (!stream) return os_error(errno, "destroy " + path);
  copy.release();  // the stream closes it
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return os_error(errno, "destroy " + path);
  return names;
}

/// Destroys `name` in the open folder, with all that is in it. `home` is the mount that everything must be on.
Result<void> destroy_entry(int folder, const std::string& name, const std::string& path, const Mount& home) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  const int number = errno;
  struct stat status = {};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return os_error(errno, "destroy " + path);
  }
  const auto mount = mount_of(folder, name.c_str());
  if (mount && *mount != home) return is_mount(path);
  if (!S_ISDIR(status.st_mode)) return os_error(number, "destroy " + path);

  const Descriptor opened(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened.is_open() && errno == ENOENT) return {};
  if (!opened.is_open()) return os_error(errno, "destroy " + path);
  if (mount_of(opened.get(), "") != home) return is_mount(path);  // once more, on what is really open
  for (const auto& inner : TRY(names_in(opened.get(), path))) {
    TRY(destroy_entry(opened.get(), inner, path + "/" + inner, home));
  }
  if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return os_error(errno, "destroy " + path);
}

}  // namespace

Result<void> destroy_whole_tree(const std::string& path) {
  std::string whole = path;
  while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  const auto slash = whole.rfind('/');
  const std::string name = slash == std::string::npos ? whole : whole.substr(slash + 1);
  if (name.empty() || name == "." || name == "..") {
    return Error{ErrorCode::invalid_input, "destroy \"" + path + "\": not a folder that may be destroyed"};
  }
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : whole.substr(0, slash);
  const Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return os_error(errno, "destroy " + path);
  }
  const auto home = mount_of(folder.get(), "");
  if (!home) return os_error(errno, "destroy " + path);
  return destroy_entry(folder.get(), name, whole, *home);
}

}  // namespace skep
