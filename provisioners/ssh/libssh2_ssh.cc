#include "provisioners/ssh/libssh2_ssh.h"

#include <fmt/format.h>

#include "provisioners/ssh/known_hosts.h"
#include "provisioners/ssh/script_command.h"
#include "provisioners/ssh/session_pool.h"

namespace skep {

namespace {

constexpr int reconnects_limit = 5;  // in one call: a host that hangs up after every login does not get better

class Libssh2Ssh final : public Ssh {
 public:
  Libssh2Ssh(LoginKeys keys, SshOptions options, const Clock& clock) : pool_(std::move(keys), options, clock) {}

  Result<Exit> run(const Endpoint& endpoint, const Script& script, const Context& context) override {
    return run_on(endpoint, script, context).doing("ssh " + endpoint_name(endpoint));
  }

 private:
  Result<Exit> run_on(const Endpoint& endpoint, const Script& script, const Context& context) {
    const ScriptCommand command = TRY(script_command(script, endpoint.user != "root"));
    for (int attempt = 1;; ++attempt) {
      const std::shared_ptr<Session> session = TRY(pool_.session(endpoint, context));
      Result<Exit> exit = session->run(command, context);
      // Lost before the script was on its way: nothing ran, and a new session may do better.
      const bool try_again = !exit.ok() && exit.error().code == ErrorCode::unavailable && !session->is_usable();
      if (!try_again || attempt > reconnects_limit || context.stop.stop_requested()) return exit;
    }
  }

  SessionPool pool_;
};

/// Answers every call with what is wrong with the credentials: they are given before it is known whether SSH is needed.
class UnusableSsh final : public Ssh {
 public:
  explicit UnusableSsh(Error error) : error_(std::move(error)) {}
  Result<Exit> run(const Endpoint& endpoint, const Script&, const Context&) override {
    return Error(error_).doing("ssh " + endpoint_name(endpoint));
  }

 private:
  Error error_;
};

}  // namespace

std::unique_ptr<Ssh> make_libssh2_ssh(SshCredentials credentials, SshOptions options, const Clock& clock) {
  Result<LoginKeys> keys = login_keys(credentials);
  if (!keys.ok()) return std::make_unique<UnusableSsh>(std::move(keys).error());
  return std::make_unique<Libssh2Ssh>(std::move(keys).value(), options, clock);
}

}  // namespace skep
