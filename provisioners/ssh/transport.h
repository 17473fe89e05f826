// One libssh2 session over one socket, shared by threads that take turns. libssh2 sessions are not thread safe, so
// every call into the library is an operation that runs with the turn; between two turns anyone may go on.
//
// How the waiting works: an operation that would block gives the turn back. One of the waiting threads polls the
// socket, the others sleep; whoever reads bytes wakes all, because libssh2 queues packets of every channel no matter
// who reads. A packet that went out only in part must be finished by the same call with the same bytes (libssh2 refuses
// any other in between), so its thread keeps the turn until the rest is through.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "planner/base/result.h"
#include "planner/system/clock.h"
#include "planner/system/descriptor.h"

struct _LIBSSH2_SESSION;  // libssh2's own name

namespace skep {

class Transport {
 public:
  /// One call into libssh2, repeatable: a result, 0, a negative error code, or LIBSSH2_ERROR_EAGAIN for "not yet".
  using Operation = std::function<long()>;

  /// `socket` is connected and non-blocking. `clock` must outlive the transport.
  Transport(Descriptor socket, Duration keepalive, const Clock& clock);
  /// Says goodbye if that needs no waiting, and closes. No other thread may use the transport any more.
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// For use inside operations only.
  _LIBSSH2_SESSION* libssh2() const { return session_; }

  struct Outcome {
    long code = 0;     // what the operation returned
    std::string text;  // libssh2's words when that is negative
  };

  /// Repeats `operation` until it returns something else than LIBSSH2_ERROR_EAGAIN. Blocks until then, at most until
  /// the deadline or stop. Safe from any thread.
  /// Errors: unavailable (the deadline; the connection was lost, then is_lost()), cancelled.
  Result<Outcome> drive(const Operation& operation, const Context& context);

  /// Work that belongs to nobody in particular: called with the turn by whoever waits, until it no longer returns
  /// LIBSSH2_ERROR_EAGAIN. At most one at a time. Call it with the lock.
  void push_along(Operation work) { side_work_ = std::move(work); }

  /// Inside an operation: half a packet is out, and only the call that sent it may send.
  bool is_half_sent() const { return half_sent_; }
  /// Inside an operation: how many bytes came in so far.
  std::uint64_t received_bytes() const { return received_bytes_; }

  /// Inside an operation: while true, libssh2 finds nothing to read in the socket, as if nothing had come.
  void hold_input(bool is_held) { is_input_held_ = is_held; }

  /// Gone for good: closed, reset, or silent for too long. Safe from any thread.
  bool is_lost();
  /// Looks at the socket without waiting: false when the host has closed it. Bytes that wait there count as open.
  bool is_open();
  /// Since when nothing came in.
  Instant quiet_since();

  // For bookkeeping beside the session (which channels are in use), under the same lock.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  /// Sleeps until `ready`, which is checked with the lock, after each wake_all(). Errors: unavailable (deadline; lost),
  /// cancelled.
  Result<void> wait(std::unique_lock<std::mutex>& lock, const Context& context, const std::function<bool()>& ready);
  void wake_all() { bookkeeping_changed_.notify_all(); }

  /// What helper sockets (an agent's) wait with; only during login, when one thread alone has the transport.
  void set_helper_context(const Context* context) { helper_context_ = context; }

 private:
  friend struct Callbacks;

  using Condition = std::condition_variable_any;
  Result<void> sleep_on(Condition& condition, std::unique_lock<std::mutex>& lock, const Context& context,
                        const std::function<bool()>& ready);
  Result<long> step(std::unique_lock<std::mutex>& lock, const Operation& operation);
  Result<void> wait_for_news(std::unique_lock<std::mutex>& lock, std::uint64_t seen, const Context& context);
  Result<void> stay_alive();
  void publish();
  Error lose(std::string_view why);
  Error lost_error() const;
  void wake_poller();

  Descriptor socket_;
  Descriptor wake_;  // an eventfd: wakes the thread that polls
  const Duration keepalive_;
  const Clock& clock_;
  _LIBSSH2_SESSION* session_ = nullptr;
  const Context* helper_context_ = nullptr;

  std::mutex mutex_;               // the turn; guards everything below
  Condition changed_;              // news, the turn, or the poller
  Condition bookkeeping_changed_;  // apart, so that news does not wake those who only wait for a free channel
  Operation side_work_;
  std::string lost_;            // why; empty while the connection stands
  std::string failure_;         // what a callback saw: the host closed, reset, said goodbye
  bool half_sent_ = false;      // part of a packet waits for room in the socket
  bool kept_turn_ = false;      // some thread keeps the turn to finish such a packet
  bool is_input_held_ = false;  // see hold_input()
  bool has_poller_ = false;     // some thread polls the socket
  bool is_closing_ = false;     // nothing more may go out or come in
  std::uint64_t news_ = 0;      // grows whenever bytes came in or the connection was lost
  std::uint64_t received_bytes_ = 0;
  std::uint64_t published_bytes_ = 0;  // of received_bytes_, known to all waiting threads
  int unanswered_ = 0;                 // quiet periods in a row
  Instant received_at_ = {};
};

}  // namespace skep
