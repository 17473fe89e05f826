// SIGINT, SIGTERM and SIGHUP as a stop request: the first asks, a second SIGINT or SIGTERM ends the process at once.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace skep {

/// Make one at the start of main, before any thread: it blocks these signals in this thread (and so in all that
/// follow), ignores SIGPIPE, and takes them in a thread of its own. A SIGHUP that is ignored (nohup) stays ignored; a
/// terminal that goes sends more than one. A second SIGINT or SIGTERM calls _exit(exit_code_second).
class Interrupt {
 public:
  explicit Interrupt(int exit_code_second);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  void request_stop() { source_.request_stop(); }  // as if a first signal had come; for deadlines
  int signal_number() const { return signal_; }    // 0 when none came

 private:
  std::stop_source source_;
  std::atomic<int> signal_ = 0;
  std::jthread thread_;
};

}  // namespace skep
