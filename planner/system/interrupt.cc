#include "planner/system/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>

#include "planner/system/descriptor.h"
#include "planner/system/wait.h"

namespace skep {

namespace {

volatile sig_atomic_t exit_code = 1;

void leave_at_once(int) { _exit(exit_code); }

bool is_ignored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t stopping_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (!is_ignored(SIGHUP)) sigaddset(&signals, SIGHUP);
  return signals;
}

/// From now on a signal ends the process, whatever any thread is doing: this thread alone lets them through. Of SIGHUP
/// the kernel sends one to who has the terminal, and the shell another.
void let_the_next_one_end_us() {
  struct sigaction action = {};
  action.sa_handler = leave_at_once;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  const sigset_t signals = stopping_signals();
  signal(SIGHUP, SIG_IGN);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

/// The number of the next signal, or 0 when `stop` came first.
int next_signal(int descriptor, const std::stop_token& stop) {
  for (;;) {
    std::array<pollfd, 1> input = {pollfd{descriptor, POLLIN, 0}};
    if (!wait_for_descriptors(input, {.stop = stop}).ok()) return 0;
    signalfd_siginfo info = {};
    if (read(descriptor, &info, sizeof info) == sizeof info) return static_cast<int>(info.ssi_signo);
    if (errno != EINTR && errno != EAGAIN) return 0;
  }
}

}  // namespace

Interrupt::Interrupt(int exit_code_second) {
  exit_code = exit_code_second;
  signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = stopping_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  assert(descriptor >= 0);
  thread_ = std::jthread([this, descriptor](const std::stop_token& stop) {
    const Descriptor owned(descriptor);
    const int number = next_signal(descriptor, stop);
    if (number == 0) return;
    if (source_.stop_requested()) _exit(exit_code);  // request_stop() counted as the first
    signal_ = number;
    let_the_next_one_end_us();  // before the request: what it wakes may take long
    source_.request_stop();
    std::array<pollfd, 0> nothing = {};
    (void)wait_for_descriptors(nothing, {.stop = stop}).ok();
  });
}

Interrupt::~Interrupt() = default;  // ends the thread and waits for it

}  // namespace skep
