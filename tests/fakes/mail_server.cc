#include "tests/fakes/mail_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace skep::testing {

namespace {

constexpr int patience_ms = 10'000;

[[noreturn]] void give_up_on_mail(const char* why) {
  std::fprintf(stderr, "the mail server of the test: %s (package python3-aiosmtpd)\n", why);
  std::abort();
}

}  // namespace

MailServer::MailServer(const std::vector<std::string>& options) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) give_up_on_mail("no pipe");
  std::vector<std::string> words = {SKEP_SOURCE_DIR "/tests/fakes/smtp_server.py"};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  in_ = Descriptor(in[1]);
  out_ = Descriptor(out[0]);
  if (std::sscanf(line().c_str(), "PORT %d", &port_) != 1) give_up_on_mail("it does not start");
}

MailServer::~MailServer() {
  in_.close();
  waitpid(pid_, nullptr, 0);
}

std::string MailServer::url(const std::string& scheme) const {
  return scheme + "://127.0.0.1:" + std::to_string(port_);
}

std::string MailServer::line() {
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string found = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return found;
    }
    pollfd watched = {out_.get(), POLLIN, 0};
    std::array<char, 4096> bytes{};
    const ssize_t count = poll(&watched, 1, patience_ms) == 1 ? read(out_.get(), bytes.data(), bytes.size()) : 0;
    if (count <= 0) return "";
    unread_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

Json MailServer::next() {
  const auto mail = parse_json(line(), "the mail");
  return mail.ok() ? mail.value() : Json();
}

}  // namespace skep::testing
