#include "planner/system/whoami.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace skep {

Whoami whoami() {
  Whoami me;
  me.pid = getpid();

  std::array<char, 4096> buffer = {};
  passwd entry = {};
  passwd* found = nullptr;
  const uid_t user = geteuid();
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    me.user = found->pw_name;
  } else {
    me.user = "uid " + std::to_string(user);
  }

  std::array<char, 256> host = {};
  if (gethostname(host.data(), host.size() - 1) == 0) me.host = host.data();
  if (me.host.empty()) me.host = "unknown host";
  return me;
}

}  // namespace skep
