// A real mail server of somebody else's (aiosmtpd, through smtp_server.py) as a child of the test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/descriptor.h"

namespace skep::testing {

class MailServer {
 public:
  /// `options` as smtp_server.py has them. Listens when it returns; stops the test when it cannot.
  explicit MailServer(const std::vector<std::string>& options = {});
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  std::string url(const std::string& scheme = "smtp") const;
  /// The next mail that it took, waiting for ten seconds; null when none came.
  Json next();

 private:
  std::string line();

  pid_t pid_ = -1;
  Descriptor in_;  // it ends when this closes
  Descriptor out_;
  std::string unread_ = {};
  int port_ = 0;
};

}  // namespace skep::testing
