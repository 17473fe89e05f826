#include "planner/system/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "planner/base/text.h"
#include "planner/system/descriptor.h"
#include "planner/system/os_error.h"
#include "planner/system/tree.h"

namespace skep {

namespace {

constexpr std::size_t file_chunk_bytes = 64 << 10;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count >= 0)
      content.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      return os_error(errno, "write " + path);
  }
  return {};
}

/// The file to replace: where a link leads, else the path itself. Errors: invalid_input for what is no regular file.
Result<std::string> replaceable(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return os_error(EISDIR, "write " + path);
    if (!S_ISREG(status.st_mode)) {
      return Error{ErrorCode::invalid_input, "write " + path + ": not a regular file", "name a file to write"};
    }
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), std::free);
    if (!real) return os_error(errno, "write " + path);
    return std::string(real.get());
  }
  if (errno != ENOENT) return os_error(errno, "write " + path);
  if (::lstat(path.c_str(), &status) == 0) {
    return Error{ErrorCode::not_found, "write " + path + ": the link leads nowhere",
                 "destroy the link or make its target"};
  }
  return path;
}

/// A temporary file beside its target, gone again unless it was renamed.
class Temporary {
 public:
  explicit Temporary(const std::string& target) {
    const auto slash = target.rfind('/');
    path_ = target;
    path_.insert(slash == std::string::npos ? 0 : slash + 1, ".");
    path_ += ".XXXXXX";
    file_ = Descriptor(mkostemp(path_.data(), O_CLOEXEC));
  }
  ~Temporary() {
    if (file_.is_open()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  bool is_open() const { return file_.is_open(); }
  int get() const { return file_.get(); }
  bool rename_to(const std::string& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) return false;
    file_.close();
    return true;
  }

 private:
  std::string path_;
  Descriptor file_;
};

Result<void> sync_folder(const std::string& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return os_error(errno, "write to folder " + folder);
  if (::fsync(opened.get()) != 0 && errno != EINVAL) return os_error(errno, "write to folder " + folder);
  return {};
}

Result<void> make_directory(const std::string& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) == 0) {
    // mkdir takes the umask into account, which would make shared folders private
    if (::chmod(path.c_str(), mode) != 0) return os_error(errno, "make folder " + path);
    return {};
  }
  const int number = errno;
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) {  // also where making it is forbidden, as on a read-only file system
    if (S_ISDIR(status.st_mode)) return {};
    return Error{ErrorCode::invalid_input, "make folder " + path + ": there is a file of that name"};
  }
  return os_error(number, "make folder " + path);
}

}  // namespace

Result<std::string> SystemFiles::read(const std::string& path, std::size_t limit_bytes) const {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return os_error(errno, "read " + path);
  struct stat status = {};
  if (::fstat(file.get(), &status) != 0) return os_error(errno, "read " + path);
  if (S_ISDIR(status.st_mode)) return os_error(EISDIR, "read " + path);
  const auto too_large = [&] {
    return Error{ErrorCode::invalid_input, "read " + path + ": larger than " + human_size(limit_bytes)};
  };
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > limit_bytes) return too_large();

  std::string content;
  if (S_ISREG(status.st_mode)) content.reserve(static_cast<std::size_t>(status.st_size) + file_chunk_bytes);
  for (;;) {  // until the end rather than by size: pipes and files of the kernel have none
    const std::size_t length = content.size();
    content.resize(length + file_chunk_bytes);
    const ssize_t count = ::read(file.get(), content.data() + length, file_chunk_bytes);
    const int number = errno;
    content.resize(length + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count < 0 && number != EINTR) return os_error(number, "read " + path);
    if (count == 0) return content;
    if (content.size() > limit_bytes) return too_large();
  }
}

Result<void> SystemFiles::write(const std::string& path, std::string_view content, unsigned mode) {
  const std::string target = TRY(replaceable(path));
  Temporary temporary(target);
  if (!temporary.is_open()) return os_error(errno, "write " + path);
  if (::fchmod(temporary.get(), mode) != 0) return os_error(errno, "write " + path);
  TRY(write_all(temporary.get(), content, path));
  if (::fsync(temporary.get()) != 0) return os_error(errno, "write " + path);
  if (!temporary.rename_to(target)) return os_error(errno, "write " + path);
  return sync_folder(folder_of(target));
}

bool SystemFiles::exists(const std::string& path) const {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0;
}

Result<std::vector<std::string>> SystemFiles::list(const std::string& path) const {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  if (!folder) return os_error(errno, "list " + path);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return os_error(errno, "list " + path);
  std::ranges::sort(names);
  return names;
}

Result<void> SystemFiles::make_directories(const std::string& path, unsigned mode) {
  if (path.empty()) return os_error(ENOENT, "make a folder without a name");
  for (std::size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    TRY(make_directory(path.substr(0, end), mode));
  }
  return make_directory(path, mode);
}

Result<void> SystemFiles::destroy(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return os_error(errno, "destroy " + path);
  }
  const int failed = S_ISDIR(status.st_mode) ? ::rmdir(path.c_str()) : ::unlink(path.c_str());
  if (failed != 0 && errno != ENOENT) return os_error(errno, "destroy " + path);
  return {};
}

Result<void> SystemFiles::destroy_tree(const std::string& path) { return destroy_whole_tree(path); }

}  // namespace skep
