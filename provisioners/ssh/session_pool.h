// One session a host, shared by all threads: made when first needed, made again when it was lost.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "planner/base/result.h"
#include "planner/system/clock.h"
#include "planner/system/ssh.h"
#include "provisioners/ssh/libssh2_ssh.h"
#include "provisioners/ssh/login.h"
#include "provisioners/ssh/session.h"

namespace skep {

class SessionPool {
 public:
  /// `clock` must outlive the pool.
  SessionPool(LoginKeys keys, SshOptions options, const Clock& clock);
  /// Closes every session without waiting for the hosts.
  ~SessionPool();

  /// A session with the host, logged in. While the machine boots, refused, reset and unanswered connections and
  /// rejected logins are tried again with growing pauses. Safe from any thread; the threads of one host wait for one
  /// login, and for its failure.
  /// Errors, after the deadline, or when patience ends: unavailable, denied (with the last answer); at once: refused
  /// (host key), invalid_input, cancelled.
  Result<std::shared_ptr<Session>> session(const Endpoint& endpoint, const Context& context);

 private:
  struct Host;
  Host& host(const Endpoint& endpoint);
  Result<std::shared_ptr<Session>> renew(const Endpoint& endpoint, std::shared_ptr<Session> old,
                                         const Context& context) const;
  Result<std::shared_ptr<Session>> connect(const Endpoint& endpoint, const Context& context) const;

  const LoginKeys keys_;
  const SshOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<Endpoint, std::unique_ptr<Host>> hosts_;
};

}  // namespace skep
