#include "providers/local/file_lock.h"

#include <fcntl.h>

#include <cerrno>

#include "planner/system/os_error.h"

namespace skep {

namespace {

constexpr Duration pause_between_tries{20};

struct flock whole_file(short type) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  return range;
}

}  // namespace

Result<std::optional<FileLock>> FileLock::try_take(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return os_error(errno, "lock " + path);
  struct flock range = whole_file(F_WRLCK);
  if (::fcntl(file.get(), F_OFD_SETLK, &range) == 0) return std::optional(FileLock(std::move(file)));
  if (errno == EAGAIN || errno == EACCES) return std::optional<FileLock>();
  return os_error(errno, "lock " + path);
}

Result<FileLock> FileLock::take(const std::string& path, const Clock& clock, const Context& context) {
  for (;;) {
    if (auto lock = TRY(try_take(path))) return std::move(*lock);
    TRY(clock.sleep(pause_between_tries, context).doing("wait for the lock " + path));
  }
}

bool FileLock::is_held(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file.is_open()) return false;
  struct flock range = whole_file(F_WRLCK);
  return ::fcntl(file.get(), F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

}  // namespace skep
