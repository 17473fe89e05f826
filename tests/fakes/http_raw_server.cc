#include "tests/fakes/http_raw_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <cerrno>

namespace skep::testing {

namespace {

constexpr int patience_milliseconds = 10'000;

struct Listening {
  Descriptor socket;
  int port;
};

Listening listen_on_loopback(int backlog) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool ready = ::bind(socket.get(), generic, size) == 0 && ::listen(socket.get(), backlog) == 0 &&
                     ::getsockname(socket.get(), generic, &size) == 0;
  assert(ready);
  static_cast<void>(ready);
  return {std::move(socket), ntohs(address.sin_port)};
}

bool is_readable(int descriptor) {
  pollfd one{descriptor, POLLIN, 0};
  return ::poll(&one, 1, patience_milliseconds) == 1;
}

std::size_t body_size(const std::string& head) {
  std::string lower = head;
  std::ranges::transform(lower, lower.begin(), [](unsigned char letter) { return std::tolower(letter); });
  const std::size_t at = lower.find("content-length:");
  return at == std::string::npos ? 0 : std::stoul(lower.substr(at + 15));
}

}  // namespace

bool RawConnection::receive() {
  std::array<char, 4096> buffer{};
  if (!is_readable(socket_.get())) return false;
  const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  unread_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawConnection::read_request() {
  std::size_t head_end = std::string::npos;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return {};
  }
  const std::size_t whole = head_end + 4 + body_size(unread_.substr(0, head_end));
  while (unread_.size() < whole) {
    if (!receive()) return {};
  }
  std::string request = unread_.substr(0, whole);
  unread_.erase(0, whole);
  return request;
}

void RawConnection::read_bytes(std::size_t count) {
  while (unread_.size() < count && receive()) continue;
}

void RawConnection::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void RawConnection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
}

void RawConnection::wait_for_close() {
  while (receive()) continue;
}

RawServer::RawServer(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
  auto listening = listen_on_loopback(64);
  listener_ = std::move(listening.socket);
  port_ = listening.port;
  wake_ = Descriptor(::eventfd(0, EFD_CLOEXEC));
  accepting_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  accepting_.join();
  for (auto& thread : serving_) thread.join();
}

std::string RawServer::url(std::string_view scheme) const {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_);
}

void RawServer::accept_all() {
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{listener_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
    ::poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return;
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.is_open()) continue;
    const auto number = static_cast<std::size_t>(connection_count_++);
    const Script& script = scripts_[std::min(number, scripts_.size() - 1)];
    serving_.emplace_back([&script, connection = RawConnection(std::move(socket))]() mutable { script(connection); });
  }
}

DeafPort::DeafPort() {
  auto listening = listen_on_loopback(0);
  listener_ = std::move(listening.socket);
  port_ = listening.port;
  for (int i = 0; i < 4; ++i) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    waiting_.push_back(std::move(socket));
  }
}

int closed_port() { return listen_on_loopback(1).port; }

}  // namespace skep::testing
