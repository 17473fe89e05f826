// A TCP connection that breaks at a chosen moment: after a request was passed on and before its answer comes back.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace skep::testing {

/// Forwards 127.0.0.1 to 127.0.0.1. What a client sends at once counts as one request, over all connections.
class CuttingProxy {
 public:
  /// `cut_at`: the request whose answer is lost, from 1; 0: none.
  CuttingProxy(int server_port, int cut_at) : server_port_(server_port), cut_at_(cut_at) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    [[maybe_unused]] const int bound = bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    assert(bound == 0);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~CuttingProxy() {
    is_over_ = true;
    acceptor_.join();
    for (auto& each : connections_) each.join();
    close(listener_);
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int port() const { return port_; }
  int request_count() const { return count_; }
  /// What can be read of the beginning of the request whose answer was lost; empty: it was never sent.
  std::string cut_request() const {
    const std::lock_guard lock(mutex_);
    return cut_request_;
  }

 private:
  static sockaddr_in local(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  static bool is_readable(int handle, int wait) {
    pollfd watched = {handle, POLLIN, 0};
    return poll(&watched, 1, wait) > 0;
  }

  void accept_all() {
    while (!is_over_) {
      if (!is_readable(listener_, 20)) continue;
      const int client = accept(listener_, nullptr, nullptr);
      connections_.emplace_back([this, client] { forward(client); });
    }
  }

  void forward(int client) {
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = local(server_port_);
    std::string begun;
    bool is_open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    while (is_open && !is_over_) {
      std::array<pollfd, 2> watched = {{{client, POLLIN, 0}, {server, POLLIN, 0}}};
      if (poll(watched.data(), watched.size(), 20) <= 0) continue;
      if (watched[0].revents != 0) {
        is_open = pass(client, server, &begun);
        if (is_open && ++count_ == cut_at_) {
          note(begun);
          is_readable(server, 2000);  // it has answered, so it has done it
          break;
        }
      }
      if (is_open && watched[1].revents != 0) is_open = pass(server, client);
    }
    close(client);
    close(server);
  }

  void note(const std::string& request) {
    const std::lock_guard lock(mutex_);
    for (const char letter : request)
      if (letter >= ' ' && letter <= '~') cut_request_ += letter;
  }

  static bool pass(int from, int to, std::string* begun = nullptr) {
    std::array<char, 65536> bytes;
    const ssize_t count = recv(from, bytes.data(), bytes.size(), 0);
    constexpr ssize_t shown_bytes = 90;
    if (begun && count > 0) begun->assign(bytes.data(), static_cast<std::size_t>(std::min(count, shown_bytes)));
    return count > 0 && send(to, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
  }

  const int server_port_;
  const int cut_at_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> count_ = 0;
  mutable std::mutex mutex_;
  std::string cut_request_ = {};
  std::atomic<bool> is_over_ = false;
  std::thread acceptor_;
  std::vector<std::thread> connections_;
};

}  // namespace skep::testing
