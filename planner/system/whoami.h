// Who runs this process, and where: for locks and history.
#pragma once

#include <string>

namespace skep {

struct Whoami {
  std::string user;  // login name, or "uid 1000" when the user has none
  std::string host;
  int pid = 0;
};

/// Looks the user and the host up. Never fails: what is unknown is named as such.
Whoami whoami();

}  // namespace skep
