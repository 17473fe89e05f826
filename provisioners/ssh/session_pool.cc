#include "provisioners/ssh/session_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr Duration first_pause = std::chrono::milliseconds(50);
constexpr Duration longest_pause = std::chrono::seconds(1);
// A lost SYN is sent again after one, three and seven seconds; a new attempt sooner finds a machine that has just
// come up.
constexpr Duration first_timeout_connect = std::chrono::seconds(1);

/// Whether a machine that boots may give this answer.
bool may_pass(const Error& error) { return error.code == ErrorCode::unavailable || error.code == ErrorCode::denied; }

}  // namespace

struct SessionPool::Host {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::shared_ptr<Session> session;
  bool is_connecting = false;  // by some thread; the others wait for it
  std::uint64_t given_up = 0;  // how often patience ended
  Error last = {};             // with which answer
};

SessionPool::SessionPool(LoginKeys keys, SshOptions options, const Clock& clock)
    : keys_(std::move(keys)), options_(options), clock_(clock) {}

SessionPool::~SessionPool() = default;

SessionPool::Host& SessionPool::host(const Endpoint& endpoint) {
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<Host>& host = hosts_[endpoint];
  if (!host) host = std::make_unique<Host>();
  return *host;
}

Result<std::shared_ptr<Session>> SessionPool::session(const Endpoint& endpoint, const Context& context) {
  Host& host = this->host(endpoint);
  std::unique_lock lock(host.mutex);
  const std::uint64_t given_up = host.given_up;
  for (;;) {
    if (host.given_up != given_up) return host.last;  // while we waited
    if (host.session && !host.is_connecting && host.session->is_usable() && !host.session->is_stale()) {
      return host.session;
    }
    if (!host.is_connecting) break;
    if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
    const Instant now = clock_.now();
    if (now >= context.deadline)
      return Error{ErrorCode::unavailable, "the deadline passed while another step connected"};
    const Duration left = std::min<Duration>(context.deadline - now, std::chrono::hours(1));
    host.changed.wait_until(lock, context.stop, std::chrono::steady_clock::now() + left + Duration(1),
                            [&] { return !host.is_connecting; });
  }
  host.is_connecting = true;
  std::shared_ptr<Session> old = std::move(host.session);
  lock.unlock();
  const Context patient = within(clock_, options_.patience, context);
  Result<std::shared_ptr<Session>> renewed = renew(endpoint, std::move(old), patient);
  lock.lock();
  host.is_connecting = false;
  if (renewed.ok()) {
    host.session = renewed.value();
  } else if (may_pass(renewed.error()) && patient.deadline < context.deadline) {
    ++host.given_up;
    host.last = renewed.error();
  }
  host.changed.notify_all();
  return renewed;
}

Result<std::shared_ptr<Session>> SessionPool::renew(const Endpoint& endpoint, std::shared_ptr<Session> old,
                                                    const Context& context) const {
  if (old && old->is_usable() && old->check(context)) return old;
  old.reset();
  return connect(endpoint, context);
}

Result<std::shared_ptr<Session>> SessionPool::connect(const Endpoint& endpoint, const Context& context) const {
  const Instant begun = clock_.now();
  Duration pause = first_pause;
  Error last;
  for (int attempt = 1;; ++attempt) {
    const LoginTimes times{.connect = std::min(options_.timeout_connect, first_timeout_connect * attempt),
                           .total = options_.timeout_connect,
                           .keepalive = options_.keepalive};
    Result<std::unique_ptr<Transport>> transport = log_in(endpoint, keys_, times, clock_, context);
    if (transport.ok()) {
      return std::make_shared<Session>(std::move(transport).value(), shell_command(endpoint.user != "root"),
                                       options_.channels_per_host, options_.keepalive, clock_);
    }
    Error error = std::move(transport).error();
    if (!may_pass(error)) return error;
    // The deadline may have cut this attempt short; then the answer before says more.
    if (last.message.empty() || clock_.now() < context.deadline) {
      if (error.message != last.message) {
        context.say(fmt::format("waiting for SSH at {}: {}", endpoint.address, error.message));
      }
      last = std::move(error);
    }
    const Result<void> slept = clock_.sleep(pause, context);
    pause = std::min(pause * 3 / 2, longest_pause);
    if (slept.ok()) continue;
    if (slept.error().code == ErrorCode::cancelled) return slept.error();
    last.message = fmt::format("no login within {}: {}", human_duration(clock_.now() - begun), last.message);
    if (last.hint.empty()) {
      last.hint =
          fmt::format("check that the machine runs and that its port {} can be reached from here", endpoint.port);
    }
    return last;
  }
}

}  // namespace skep
