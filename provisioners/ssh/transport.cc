#include "provisioners/ssh/transport.h"

#include <fmt/format.h>
#include <libssh2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "planner/base/text.h"
#include "planner/system/wait.h"

namespace skep {

namespace {

constexpr int quiet_periods_limit = 4;       // of `keepalive` each, then the host counts as gone
constexpr std::uint64_t login_bytes = 8192;  // more than a host sends before the first command
constexpr Duration longest_sleep = std::chrono::hours(1);

Error stopped() { return Error{ErrorCode::cancelled, "stopped on request"}; }
Error too_late() { return Error{ErrorCode::unavailable, "the deadline passed"}; }

}  // namespace

// What libssh2 calls for its input and output. The agent's socket comes along here too; it is a blocking one, waited
// for with the login's deadline.
struct Callbacks {
  static Transport& of(void** abstract) { return *static_cast<Transport*>(*abstract); }

  // Until the first command runs, sshd holds a small packet back until the one before is acknowledged, and our kernel
  // would take 40 ms for that.
  static void acknowledge_at_once(int socket) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);  // lasts for a moment only
  }

  static bool wait_for_helper(Transport& transport, int socket, short events) {
    pollfd descriptor{socket, events, 0};
    return transport.helper_context_ != nullptr &&
           wait_for_descriptors({&descriptor, 1}, *transport.helper_context_).ok();
  }

  static ssize_t send(int socket, const void* data, size_t length, int flags, void** abstract) {
    Transport& transport = of(abstract);
    const bool is_ours = socket == transport.socket_.get();
    if (transport.is_closing_ || (!is_ours && !wait_for_helper(transport, socket, POLLOUT))) return -ECONNABORTED;
    ssize_t count = 0;
    do count = ::send(socket, data, length, flags | MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    const int error = count < 0 ? errno : 0;
    if (is_ours) {
      const bool is_full = error == EAGAIN || error == EWOULDBLOCK;
      transport.half_sent_ = is_full || (count >= 0 && static_cast<size_t>(count) < length);
      if (error != 0 && !is_full) transport.failure_ = std::strerror(error);
    }
    return error == 0 ? count : -error;
  }

  static ssize_t receive(int socket, void* data, size_t length, int flags, void** abstract) {
    Transport& transport = of(abstract);
    const bool is_ours = socket == transport.socket_.get();
    if (transport.is_closing_ || (!is_ours && !wait_for_helper(transport, socket, POLLIN))) return -ECONNABORTED;
    if (is_ours && transport.is_input_held_) return -EAGAIN;
    ssize_t count = 0;
    do count = ::recv(socket, data, length, flags);
    while (count < 0 && errno == EINTR);
    const int error = count < 0 ? errno : 0;
    if (is_ours) {
      if (count > 0) transport.received_bytes_ += static_cast<std::uint64_t>(count);
      if (count > 0 && transport.received_bytes_ < login_bytes) acknowledge_at_once(socket);
      if (count == 0 && transport.failure_.empty()) transport.failure_ = "closed by the host";
      if (error != 0 && error != EAGAIN && error != EWOULDBLOCK) transport.failure_ = std::strerror(error);
    }
    return error == 0 ? count : -error;
  }

  static void disconnect(LIBSSH2_SESSION*, int, const char* message, int length, const char*, int, void** abstract) {
    const std::string_view text(message, static_cast<std::size_t>(std::max(length, 0)));
    of(abstract).failure_ = fmt::format("the host said goodbye: {}", trim(text));
  }
};

Transport::Transport(Descriptor socket, Duration keepalive, const Clock& clock)
    : socket_(std::move(socket)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      keepalive_(keepalive),
      clock_(clock),
      received_at_(clock.now()) {
  static const int initialised = libssh2_init(0);
  session_ = libssh2_session_init_ex(nullptr, nullptr, nullptr, this);
  if (initialised != 0 || session_ == nullptr || !wake_.is_open()) {
    lost_ = "not enough memory or descriptors for a session";
    return;
  }
  libssh2_session_set_blocking(session_, 0);
  libssh2_session_callback_set(session_, LIBSSH2_CALLBACK_SEND, reinterpret_cast<void*>(&Callbacks::send));
  libssh2_session_callback_set(session_, LIBSSH2_CALLBACK_RECV, reinterpret_cast<void*>(&Callbacks::receive));
  libssh2_session_callback_set(session_, LIBSSH2_CALLBACK_DISCONNECT, reinterpret_cast<void*>(&Callbacks::disconnect));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(keepalive);
  libssh2_keepalive_config(session_, 1, static_cast<unsigned>(std::max<std::int64_t>(seconds.count(), 1)));
}

Transport::~Transport() {
  if (session_ == nullptr) return;
  if (lost_.empty() && !half_sent_) libssh2_session_disconnect(session_, "done");
  is_closing_ = true;  // from here on nothing blocks: every channel's farewell fails at once
  for (int i = 0; i < 64 && libssh2_session_free(session_) == LIBSSH2_ERROR_EAGAIN; ++i) continue;
}

Result<Transport::Outcome> Transport::drive(const Operation& operation, const Context& context) {
  std::unique_lock turn(mutex_);
  const auto run = [&]() -> Result<Outcome> {
    for (;;) {
      TRY(sleep_on(changed_, turn, context, [&] { return !kept_turn_; }));
      // Sampled first: what the operation itself reads last may be what its first part waits for.
      const std::uint64_t seen = news_;
      const long code = TRY(step(turn, operation));
      if (code != LIBSSH2_ERROR_EAGAIN) {
        Outcome outcome{code, ""};
        char* text = nullptr;
        if (code < 0 && libssh2_session_last_error(session_, &text, nullptr, 0) != 0 && text != nullptr) {
          outcome.text = text;
        }
        if (code < 0 && !failure_.empty()) return lose(failure_);
        return outcome;
      }
      if (side_work_ && TRY(step(turn, side_work_)) != LIBSSH2_ERROR_EAGAIN) {
        side_work_ = nullptr;
        changed_.notify_all();
      }
      TRY(wait_for_news(turn, seen, context));
    }
  };
  Result<Outcome> result = run();
  if (!has_poller_) changed_.notify_all();  // one of those who sleep polls from now on
  return result;
}

// Calls the operation, again and again while it has half a packet in the socket. Nobody may interrupt that, so it has a
// limit of its own: a host that takes nothing for so long is gone.
Result<long> Transport::step(std::unique_lock<std::mutex>& lock, const Operation& operation) {
  if (!lost_.empty()) return lost_error();
  const Instant until = within(clock_, keepalive_ * quiet_periods_limit, {}).deadline;
  for (;;) {
    const long code = operation();
    publish();
    if (code != LIBSSH2_ERROR_EAGAIN || !half_sent_) {
      if (kept_turn_) changed_.notify_all();
      kept_turn_ = false;
      return code;
    }
    kept_turn_ = true;
    lock.unlock();
    pollfd descriptor{socket_.get(), POLLOUT, 0};
    const Result<void> waited = wait_for_descriptors({&descriptor, 1}, {.deadline = until});
    lock.lock();
    if (!waited.ok()) {
      kept_turn_ = false;
      return lose("the host takes no more data");
    }
  }
}

Result<void> Transport::wait_for_news(std::unique_lock<std::mutex>& lock, std::uint64_t seen, const Context& context) {
  if (news_ != seen) return {};
  if (has_poller_) return sleep_on(changed_, lock, context, [&] { return news_ != seen || !has_poller_; });

  has_poller_ = true;
  lock.unlock();
  std::array<pollfd, 2> descriptors = {{{socket_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
  const Result<void> waited = wait_for_descriptors(descriptors, within(clock_, keepalive_, context));
  lock.lock();
  has_poller_ = false;

  std::uint64_t count = 0;
  if ((descriptors[1].revents & POLLIN) != 0 && read(wake_.get(), &count, sizeof count) < 0 && errno != EAGAIN) {
    return lose(std::strerror(errno));
  }
  if (waited.ok()) return {};
  if (waited.error().code == ErrorCode::cancelled || clock_.now() >= context.deadline) return waited.error();
  return stay_alive();
}

// A quiet period has passed. A small packet to a socket with room always goes out whole, which matters here: libssh2
// keeps this one on the stack.
Result<void> Transport::stay_alive() {
  if (++unanswered_ > quiet_periods_limit) {
    return lose(fmt::format("no sign of life for {}", human_duration(keepalive_ * unanswered_)));
  }
  pollfd descriptor{socket_.get(), POLLOUT, 0};
  if (kept_turn_ || half_sent_ || poll(&descriptor, 1, 0) != 1) return {};
  const int code = libssh2_keepalive_send(session_, nullptr);
  if (code != 0 || half_sent_) return lose(failure_.empty() ? "the host takes no more data" : failure_);
  return {};
}

/// Tells the others when this thread has read bytes: they may be theirs.
void Transport::publish() {
  if (published_bytes_ == received_bytes_) return;
  published_bytes_ = received_bytes_;
  received_at_ = clock_.now();
  unanswered_ = 0;
  ++news_;
  changed_.notify_all();
  wake_poller();
}

Error Transport::lose(std::string_view why) {
  if (lost_.empty()) lost_ = why;
  ++news_;
  changed_.notify_all();
  bookkeeping_changed_.notify_all();
  wake_poller();
  return lost_error();
}

Error Transport::lost_error() const { return Error{ErrorCode::unavailable, "connection lost: " + lost_}; }

void Transport::wake_poller() {
  if (!has_poller_) return;
  const std::uint64_t one = 1;
  const ssize_t written = write(wake_.get(), &one, sizeof one);
  static_cast<void>(written);  // it fails only when the counter is full: then the poller is awake anyway
}

bool Transport::is_lost() {
  const std::unique_lock turn(mutex_);
  return !lost_.empty();
}

bool Transport::is_open() {
  const std::unique_lock turn(mutex_);
  if (!lost_.empty()) return false;
  char byte = 0;
  const ssize_t count = recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR));
}

Instant Transport::quiet_since() {
  const std::unique_lock turn(mutex_);
  return received_at_;
}

Result<void> Transport::wait(std::unique_lock<std::mutex>& lock, const Context& context,
                             const std::function<bool()>& ready) {
  return sleep_on(bookkeeping_changed_, lock, context, ready);
}

Result<void> Transport::sleep_on(Condition& condition, std::unique_lock<std::mutex>& lock, const Context& context,
                                 const std::function<bool()>& ready) {
  for (;;) {
    if (!lost_.empty()) return lost_error();
    if (context.stop.stop_requested()) return stopped();
    const Instant now = clock_.now();
    if (now >= context.deadline) return too_late();
    if (ready()) return {};
    const Duration left = std::min(context.deadline - now, longest_sleep);
    const auto until = std::chrono::steady_clock::now() + left + Duration(1);  // now() rounds down
    condition.wait_until(lock, context.stop, until, [&] { return !lost_.empty() || ready(); });
  }
}

}  // namespace skep
