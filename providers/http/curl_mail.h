// Mail by SMTP: libcurl behind the Mail seam.
#pragma once

#include <string>

#include "planner/system/mail.h"

namespace skep {

struct CurlMailOptions {
  Duration timeout_connect = std::chrono::seconds(10);
  std::string ca_file = {};  // PEM; empty: those the system trusts
};

/// One connection a message. smtp:// asks for STARTTLS and refuses a server without it, unless the server's `needs_tls`
/// is off; a password never goes over a connection in the clear. Certificates and host names are verified.
class CurlMail final : public Mail {
 public:
  explicit CurlMail(CurlMailOptions options = {}) : options_(std::move(options)) {}

  Result<void> send(const MailServer& server, const MailMessage& message, const Context& context) override;

 private:
  const CurlMailOptions options_;
};

}  // namespace skep
