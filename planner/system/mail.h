// Mail as it leaves for a server. The interface only; the real client is providers/http.
#pragma once

#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/base/secret.h"
#include "planner/system/context.h"

namespace skep {

struct MailServer {
  std::string url;  // smtp://HOST:PORT or smtps://HOST:PORT
  std::string user = {};
  Secret password = {};
  bool needs_tls = true;  // of smtp: refuse a server without STARTTLS
};

struct MailMessage {
  std::string from;  // "skep@example.com"
  std::vector<std::string> to;
  std::string subject;  // one line of ASCII
  std::string body;     // UTF-8
};

class Mail {
 public:
  virtual ~Mail() = default;

  /// Hands the message to the server. Blocks at most until context.deadline. Safe from any thread.
  /// Errors: invalid_input (an address, a subject or a server that is none), denied (the login), refused (no TLS, an
  /// untrusted certificate, or the server takes no mail of this kind), unavailable, cancelled.
  virtual Result<void> send(const MailServer& server, const MailMessage& message, const Context& context) = 0;
};

}  // namespace skep
