// A private sshd for the tests of provisioners/ssh.
#include "tests/provisioners/ssh/sshd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

namespace skep::testing {

namespace {

bool is_listening(const std::string& address, std::uint16_t port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in there = {};
  there.sin_family = AF_INET;
  there.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &there.sin_addr);
  const bool connected = connect(descriptor, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0;
  close(descriptor);
  return connected;
}

void add_children(int pid, std::vector<int>& all) {
  std::istringstream children(read_file(fmt::format("/proc/{0}/task/{0}/children", pid)));
  for (int child = 0; children >> child;) {
    all.push_back(child);
    add_children(child, all);
  }
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "skep-ssh-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::write(const std::string& name, const std::string& text, unsigned mode) const {
  std::ofstream(path(name), std::ios::binary) << text;
  chmod(path(name).c_str(), mode);
  return path(name);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string run_locally(const std::string& command_line) {
  FILE* pipe = popen(command_line.c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer;
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), count);
  EXPECT_EQ(pclose(pipe), 0) << command_line;
  return out;
}

std::string make_key(const Folder& folder, const std::string& name, const std::string& type,
                     const std::string& passphrase) {
  run_locally(fmt::format("ssh-keygen -q -t {} -N '{}' -C test -f {}", type, passphrase, folder.path(name)));
  return read_file(folder.path(name));
}

Sshd::Sshd(std::string lines, const std::string& host_key_type) {
  static std::atomic<int> count = 0;
  const auto id = static_cast<unsigned>(getpid());
  address_ = fmt::format("127.{}.{}.{}", 77 + (id >> 16 & 0x3F), id >> 8 & 0xFF, id & 0xFF);
  if (address_.ends_with(".0") || address_.ends_with(".255")) address_ = fmt::format("127.76.{}.77", id >> 8 & 0xFF);
  port_ = static_cast<std::uint16_t>(2200 + count++);
  make_key(folder_, "host", host_key_type);
  make_key(folder_, "user");
  std::filesystem::copy(folder_.path("user.pub"), folder_.path("authorized_keys"));
  folder_.write("config", fmt::format("ListenAddress {}:{}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n"
                                      "UsePAM no\nStrictModes no\nUseDNS no\nMaxStartups 1000\nLogLevel VERBOSE\n"
                                      "PasswordAuthentication no\nPermitRootLogin prohibit-password\n{}\n",
                                      address_, port_, folder_.path("host"), folder_.path("authorized_keys"), lines));
  chmod(folder_.path().c_str(), 0755);  // for logins of other users
  chmod(folder_.path("authorized_keys").c_str(), 0644);
}

void Sshd::start() {
  std::filesystem::create_directories("/run/sshd");
  const std::string config = folder_.path("config");
  const std::string log = folder_.path("log");
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, 1);
    dup2(out, 2);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    // The home folder's shell start-up files are neither our subject nor our business.
    if (unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) {
      mount("none", "/root", "tmpfs", 0, nullptr);
    }
    execl("/usr/sbin/sshd", "/usr/sbin/sshd", "-D", "-e", "-f", config.c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 1000 && !is_listening(address_, port_); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ASSERT_EQ(waitpid(pid_, nullptr, WNOHANG), 0) << read_file(log);
  }
}

void Sshd::stop() {
  if (pid_ == 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

std::vector<int> Sshd::connection_pids() const {
  std::vector<int> all;
  add_children(pid_, all);
  return all;
}

void Sshd::cut_connections() const {
  for (const int pid : connection_pids()) kill(pid, SIGKILL);
}

Endpoint Sshd::endpoint(const std::string& user) const {
  std::istringstream line(read_file(folder_.path("host.pub")));
  std::string type;
  std::string blob;
  line >> type >> blob;
  return {.address = address_, .port = port_, .user = user, .host_key = type + " " + blob};
}

SshCredentials Sshd::credentials() const { return {.private_key = Secret(read_file(folder_.path("user")))}; }

Context in(Duration duration, std::stop_token stop) {
  return {.deadline = SystemClock().now() + duration, .stop = std::move(stop)};
}

std::string missing() {
  if (geteuid() != 0) return "needs root: it starts sshd";
  if (access("/usr/sbin/sshd", X_OK) != 0) return "needs sshd: apt-get install openssh-server";
  return "";
}

}  // namespace skep::testing
