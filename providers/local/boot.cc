#include "providers/local/boot.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "planner/system/os_error.h"
#include "providers/local/kernel_files.h"

namespace skep {

namespace {

constexpr int exit_not_started = 125;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "error: %s: %s\n", what, std::strerror(errno));
  ::_exit(exit_not_started);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void become_nspawn(BootOrder& order) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  for (auto& variable : order.environment) ::putenv(variable.data());
  auto arguments = pointers(order.command);
  ::execvp(arguments[0], arguments.data());
  fail("start systemd-nspawn");
}

// PID 1 of the machine's outer process namespace. systemd-nspawn must not be it: a PID 1 without handlers ignores
// signals, and somebody has to reap. When this process ends, the kernel ends everything in the namespace.
[[noreturn]] void be_init(BootOrder& order, int gate) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char go = 0;
  if (::read(gate, &go, 1) != 1) ::_exit(exit_not_started);  // the supervisor died before, or gave up
  ::close(gate);
  set_process_title(order.title);
  // Mounts from here on stay here; those of the computer still come in (the network namespaces' names).
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) fail("make the mounts private");
  // Volatile: else each fsync inside, and the end of each machine, waits for all that this computer has to write. What
  // must survive a crash of the computer itself (Docker's data, volumes) does not lie on the overlay.
  const std::string quick = order.overlay + ",volatile";
  if (::mount("overlay", order.root.c_str(), "overlay", 0, quick.c_str()) != 0 &&
      ::mount("overlay", order.root.c_str(), "overlay", 0, order.overlay.c_str()) != 0) {
    fail("mount the root overlay");
  }
  const pid_t nspawn = ::fork();
  if (nspawn < 0) fail("fork");
  if (nspawn == 0) become_nspawn(order);
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, 0);
    if (ended < 0 && errno != EINTR) fail("wait for systemd-nspawn");
    if (ended == nspawn) ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
}

}  // namespace

void Boot::Gate::close_after_writing() {
  const char go = 1;
  if (pipe.is_open() && ::write(pipe.get(), &go, 1) != 1) std::perror("let the machine go");
  pipe.close();
}

Result<Boot> Boot::prepare(BootOrder order) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return os_error(errno, "make a pipe");
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  // Like fork(), but into new namespaces; unshare() would change where our own later children go.
  const long pid = ::syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, nullptr, nullptr, nullptr, 0UL);
  if (pid < 0) return os_error(errno, "make namespaces for processes and mounts");
  if (pid == 0) {
    writing.close();
    be_init(order, reading.get());
  }
  return Boot(static_cast<int>(pid), Gate{std::move(writing)});
}

Result<NotifySocket> NotifySocket::open(const std::string& unit) {
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return os_error(errno, "make a socket");
  const std::string name = "skep/" + unit;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // a leading zero: no file, see unix(7)
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
    return os_error(errno, "listen for " + unit);
  const int yes = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0)
    return os_error(errno, "listen for " + unit);
  return NotifySocket(std::move(socket), "@" + name);
}

std::optional<NotifySocket::Notice> NotifySocket::receive() const {
  for (;;) {
    std::array<char, 4096> text{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t length = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return std::nullopt;
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_CREDENTIALS) continue;
    ucred sender{};
    std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
    if (sender.uid != 0) continue;
    return Notice{sender.pid, parse_nspawn_notice({text.data(), static_cast<std::size_t>(length)})};
  }
}

}  // namespace skep
