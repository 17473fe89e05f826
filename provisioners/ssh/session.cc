#include "provisioners/ssh/session.h"

#include <fmt/format.h>
#include <libssh2.h>

#include <algorithm>
#include <utility>

#include "provisioners/ssh/exchange.h"

namespace skep {

namespace {

constexpr Duration farewell_limit = std::chrono::seconds(5);
constexpr Duration check_limit = std::chrono::seconds(5);
constexpr int attempts_limit = 3;  // for scripts whose shell was ended before it had them
constexpr int refusals_limit = 5;
constexpr Duration refusal_pause = std::chrono::milliseconds(10);

}  // namespace

Session::Session(std::unique_ptr<Transport> transport, std::string shell_command, std::size_t channel_limit,
                 Duration keepalive, const Clock& clock)
    : transport_(std::move(transport)),
      shell_command_(std::move(shell_command)),
      keepalive_(keepalive),
      clock_(clock),
      channel_limit_(std::max<std::size_t>(channel_limit, 1)) {}

Session::~Session() = default;

Result<Exit> Session::run(const ScriptCommand& command, const Context& context) {
  for (int attempt = 1;; ++attempt) {
    const std::unique_ptr<Exchange> exchange = TRY(take_exchange(context));
    const bool was_started_ahead = exchange->is_started();
    Exit exit = TRY(run_over(*exchange, command, context));
    const std::optional<std::string_view> out = after_start_mark(exit.out);
    if (!out && was_started_ahead && attempt < attempts_limit) {
      // The shell that waited was ended before it had its script; one that is started now will not be.
      const std::unique_lock lock = transport_->lock();
      may_start_ahead_ = false;
      continue;
    }
    if (!out) return never_began(exit, command.with_sudo);
    exit.out.erase(0, exit.out.size() - out->size());
    const std::optional<std::string_view> err = after_start_mark(exit.err);
    if (err) exit.err.erase(0, exit.err.size() - err->size());
    return exit;
  }
}

Result<Exit> Session::run_over(Exchange& exchange, const ScriptCommand& command, const Context& context) {
  exchange.give(command);
  const Result<Transport::Outcome> sent = transport_->drive([&] { return exchange.send(); }, context);
  if (!sent.ok() || sent.value().code < 0) {
    abandon();
    if (!sent.ok()) return sent.error();
    return Error{ErrorCode::denied, fmt::format("the host runs no commands for us: {}", sent.value().text),
                 "see what a ForceCommand or the login shell on the host allows"};
  }

  prepare_next();
  Context until_deadline = context;
  until_deadline.stop = {};
  const Result<Transport::Outcome> finished = transport_->drive([&] { return exchange.finish(); }, until_deadline);
  if (!finished.ok() || finished.value().code < 0) {
    abandon();
    const std::string why = finished.ok() ? finished.value().text : finished.error().message;
    return Error{ErrorCode::unknown_outcome,
                 fmt::format("{} {}: {}", command.name, exchange.has_begun() ? "was running" : "was sent", why),
                 "it may go on there; look at the host before it is run again"};
  }
  give_back(exchange);
  return exchange.take_exit();
}

Result<std::unique_ptr<Exchange>> Session::take_exchange(const Context& context) {
  for (int refusals_alone = 0, refusals_beside = 0;;) {
    {
      std::unique_lock lock = transport_->lock();
      TRY(transport_->wait(lock, context, [&] { return running_count_ < channel_limit_; }));
      ++running_count_;
    }
    std::unique_ptr<Exchange> exchange;
    const auto take = [&]() -> long {
      const long code = open_spare();
      if (code == 0) exchange = std::move(spare_);
      return code;
    };
    const Result<Transport::Outcome> opened = transport_->drive(take, context);
    if (opened.ok() && exchange) return exchange;

    std::unique_lock lock = transport_->lock();
    --running_count_;
    transport_->wake_all();
    if (!opened.ok()) return opened.error();
    may_have_spare_ = false;
    // sshd counts a channel for a moment after we have closed it, so a first refusal means little.
    if (running_count_ > 0 && ++refusals_beside > 1) {
      channel_limit_ = running_count_;  // the host allows no more; wait for one of those to end
      continue;
    }
    if (running_count_ == 0 && ++refusals_alone > refusals_limit) {
      return Error{ErrorCode::denied, fmt::format("the host opens no session for us: {}", opened.value().text),
                   "see MaxSessions in the host's sshd_config"};
    }
    lock.unlock();
    TRY(clock_.sleep(refusal_pause * (1 + refusals_alone), context));
  }
}

// Opening is a state of the whole session, so whoever calls goes on where the last one stopped.
long Session::open_spare() {
  if (spare_) return 0;
  LIBSSH2_CHANNEL* channel = libssh2_channel_open_session(transport_->libssh2());
  if (channel == nullptr) return libssh2_session_last_errno(transport_->libssh2());
  spare_ = std::make_unique<Exchange>(*transport_, channel, shell_command_);
  return 0;
}

long Session::prepare_spare(bool starts_ahead) {
  long code = open_spare();
  if (code == 0 && starts_ahead) code = spare_->get_ready();
  if (code >= 0 || code == LIBSSH2_ERROR_EAGAIN) return code;
  may_have_spare_ = false;
  spare_.reset();  // its channel, if there is one, goes with the session
  return code;
}

// sshd takes input only once a command runs, so a script costs a round trip to open a channel, one to start a shell and
// one to run. The first two are had while the script before still runs. The second script shows that there will be more
// of them: only from then on is a shell started ahead, which costs the host a few milliseconds.
void Session::prepare_next() {
  const std::unique_lock lock = transport_->lock();
  ++begun_count_;
  if (spare_ || !may_have_spare_) return;
  const bool starts_ahead = may_start_ahead_ && begun_count_ > 1;
  transport_->push_along([this, starts_ahead] { return prepare_spare(starts_ahead); });
}

void Session::give_back(const Exchange& exchange) {
  // The host has closed it; what is left is our own farewell, one small packet.
  const Result<Transport::Outcome> freed =
      transport_->drive([&] { return libssh2_channel_free(exchange.channel()); }, within(clock_, farewell_limit, {}));
  const std::unique_lock lock = transport_->lock();
  if (!freed.ok()) is_abandoned_ = true;
  --running_count_;
  transport_->wake_all();
}

void Session::abandon() {
  const std::unique_lock lock = transport_->lock();
  is_abandoned_ = true;  // the channel goes with the session
  --running_count_;
  transport_->wake_all();
}

bool Session::is_usable() {
  {
    const std::unique_lock lock = transport_->lock();
    if (is_abandoned_) return false;
  }
  return transport_->is_open();
}

bool Session::is_stale() {
  {
    const std::unique_lock lock = transport_->lock();
    if (running_count_ > 0) return false;  // those who run keep it alive
  }
  return clock_.now() - transport_->quiet_since() > keepalive_;
}

bool Session::check(const Context& context) {
  bool is_asked = false;
  std::uint64_t before = 0;
  const auto ask = [&]() -> long {
    if (!is_asked) {
      is_asked = true;
      before = transport_->received_bytes();
      if (spare_) {
        const int code = libssh2_keepalive_send(transport_->libssh2(), nullptr);
        if (code != 0) return code;
      }
    }
    if (!spare_) return open_spare();       // a question too, and one that has to be asked anyway
    const long code = spare_->get_ready();  // reads
    if (code < 0 && code != LIBSSH2_ERROR_EAGAIN) return code;
    return transport_->received_bytes() != before ? 0 : LIBSSH2_ERROR_EAGAIN;
  };
  const Result<Transport::Outcome> answered = transport_->drive(ask, within(clock_, check_limit, context));
  return answered.ok() && answered.value().code == 0;
}

}  // namespace skep
