#include "planner/system/os_error.h"

#include <cctype>
#include <cerrno>
#include <system_error>

namespace skep {

namespace {

ErrorCode code_of(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::denied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return ErrorCode::exhausted;
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
      return ErrorCode::invalid_input;
    case EEXIST:
    case ENOTEMPTY:
      return ErrorCode::conflict;
    default:
      return ErrorCode::unavailable;
  }
}

std::string hint_of(int number) {
  if (number == ENOSPC) return "that disk is full: free some space on it, then run the command again";
  if (number == EDQUOT) return "raise the quota or free some space, then run the command again";
  if (number == EMFILE || number == ENFILE) return "raise the limit of open files: ulimit -n 4096";
  return "";
}

}  // namespace

Error os_error(int number, std::string_view what) {
  std::string text = std::generic_category().message(number);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return {.code = code_of(number), .message = std::string(what) + ": " + text, .hint = hint_of(number)};
}

}  // namespace skep
