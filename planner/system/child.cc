#include "planner/system/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>

#include "planner/system/clock.h"
#include "planner/system/os_error.h"
#include "planner/system/wait.h"

namespace skep {

namespace {

constexpr std::size_t pipe_chunk_bytes = 64 << 10;
constexpr int chunk_limit = 64;  // of one visit to a pipe: nobody may talk us into standing still
constexpr Duration grace = std::chrono::seconds(2);

void make_nonblocking(const Descriptor& descriptor) { fcntl(descriptor.get(), F_SETFL, O_NONBLOCK); }

}  // namespace

Child::Child(const Command& command) : unsent_(command.input), output_limit_bytes_(command.output_limit_bytes) {}

Result<std::unique_ptr<Child>> Child::start(const Command& command, const ExecArguments& arguments) {
  // A child that does not read its input to the end must not end us.
  static const auto before = signal(SIGPIPE, SIG_IGN);
  (void)before;

  Pipe in;
  if (command.input.empty()) {
    in.reading = above_standard(open("/dev/null", O_RDONLY | O_CLOEXEC));
  } else {
    in = make_pipe();
  }
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  if (!in.reading.is_open() || !out.is_open() || !err.is_open()) return os_error(errno, "start " + command.argv[0]);

  std::unique_ptr<Child> child(new Child(command));
  child->pid_ =
      TRY(spawn(command, arguments, {in.reading.get(), out.writing.get(), err.writing.get()}, /*own_group=*/true));
  // The system call itself: glibc 2.36 declares pidfd_open() without C linkage.
  child->ended_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child->pid_, 0)));
  if (!child->ended_.is_open()) {
    const int number = errno;
    Error error = os_error(number, "watch " + command.argv[0]);
    if (number == ENOSYS) error.hint = "skep needs Linux 5.3 or newer";
    return error;
  }
  child->in_ = std::move(in.writing);
  child->out_ = std::move(out.reading);
  child->err_ = std::move(err.reading);
  for (const auto* pipe : {&child->in_, &child->out_, &child->err_}) {
    if (pipe->is_open()) make_nonblocking(*pipe);
  }
  return child;
}

Child::~Child() {
  if (pid_ > 0) (void)end();
}

Result<void> Child::follow(const Context& context) {
  while (!has_ended_) TRY(pump(context));
  drain(out_, exit_.out);  // what it wrote just before it ended
  drain(err_, exit_.err);
  return {};
}

Exit Child::reap() {
  assert(has_ended_ && pid_ > 0);
  exit_.code = wait_for_child(pid_);
  pid_ = -1;
  return std::move(exit_);
}

Exit Child::end() {
  const SystemClock clock;
  kill(-pid_, SIGTERM);
  kill(-pid_, SIGCONT);  // a stopped process would not notice
  // Its own children get the same time: they are done when nobody holds the pipes any more.
  const Context time_to_leave = {.deadline = clock.now() + grace};
  while (!is_silent() && pump(time_to_leave).ok()) continue;
  kill(-pid_, SIGKILL);
  const Context time_to_die = {.deadline = clock.now() + grace};
  while (!has_ended_ && pump(time_to_die).ok()) continue;
  if (has_ended_) return reap();
  pid_ = -1;  // stuck inside the kernel: it dies when its system call returns
  return std::move(exit_);
}

/// Waits for one thing to happen, and takes part in it.
Result<void> Child::pump(const Context& context) {
  std::array<pollfd, 4> ready = {pollfd{has_ended_ ? -1 : ended_.get(), POLLIN, 0}, pollfd{in_.get(), POLLOUT, 0},
                                 pollfd{out_.get(), POLLIN, 0}, pollfd{err_.get(), POLLIN, 0}};
  TRY(wait_for_descriptors(ready, context));
  if (ready[1].revents != 0) feed();
  if (ready[2].revents != 0) drain(out_, exit_.out);
  if (ready[3].revents != 0) drain(err_, exit_.err);
  if (ready[0].revents != 0) has_ended_ = true;
  return {};
}

void Child::feed() {
  const ssize_t count = ::write(in_.get(), unsent_.data(), unsent_.size());
  if (count > 0) unsent_.remove_prefix(static_cast<std::size_t>(count));
  const bool is_closed = count < 0 && errno != EAGAIN && errno != EINTR;  // it reads no more: its own business
  if (is_closed || unsent_.empty()) in_.close();
}

/// Takes what is there, without waiting. Past the limit it is read all the same, so that the child goes on.
void Child::drain(Descriptor& pipe, std::string& text) const {
  std::array<char, pipe_chunk_bytes> chunk;
  for (int i = 0; i < chunk_limit && pipe.is_open(); ++i) {
    const ssize_t count = ::read(pipe.get(), chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return pipe.close();
    const std::size_t room = output_limit_bytes_ - std::min(output_limit_bytes_, text.size());
    text.append(chunk.data(), std::min(room, static_cast<std::size_t>(count)));
  }
}

}  // namespace skep
