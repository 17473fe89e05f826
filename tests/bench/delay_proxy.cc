#include "tests/bench/delay_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <list>
#include <stdexcept>
#include <thread>
#include <vector>

namespace skep::bench {

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in address_of(const std::string& address, std::uint16_t port) {
  sockaddr_in result = {};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &result.sin_addr);
  return result;
}

void no_delay(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct Chunk {
  Clock::time_point due;
  std::string bytes;  // empty: the end
};

struct Direction {
  int from = -1;
  int to = -1;
  bool is_ended = false;  // nothing more comes in
  bool is_done = false;   // and all of it has gone out
  std::deque<Chunk> chunks = {};
};

}  // namespace

struct DelayProxy::Loop {
  std::string address;
  std::uint16_t target = 0;
  std::uint16_t port = 0;
  std::chrono::milliseconds one_way;
  int listener = -1;
  std::list<std::array<Direction, 2>> connections = {};
  std::jthread thread = {};

  void accept_one() {
    const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in there = address_of(address, target);
    if (connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) {
      close(server);
      close(client);
      return;
    }
    no_delay(client);
    no_delay(server);
    connections.push_back({Direction{client, server}, Direction{server, client}});
  }

  void receive(Direction& direction) const {
    std::array<char, 65536> buffer;
    const ssize_t count = recv(direction.from, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    const std::size_t size = count > 0 ? static_cast<std::size_t>(count) : 0;
    direction.chunks.push_back({Clock::now() + one_way, std::string(buffer.data(), size)});
    direction.is_ended = size == 0;
  }

  static void deliver(Direction& direction) {
    for (; !direction.chunks.empty() && direction.chunks.front().due <= Clock::now(); direction.chunks.pop_front()) {
      const std::string& bytes = direction.chunks.front().bytes;
      for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = send(direction.to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      if (bytes.empty()) {
        shutdown(direction.to, SHUT_WR);
        direction.is_done = true;
      }
    }
  }

  timespec time_to_next() const {
    auto next = Clock::now() + std::chrono::milliseconds(50);  // also how soon a stop is noticed
    for (const auto& connection : connections) {
      for (const Direction& direction : connection) {
        if (!direction.chunks.empty()) next = std::min(next, direction.chunks.front().due);
      }
    }
    const auto left = std::max<std::int64_t>((next - Clock::now()) / std::chrono::nanoseconds(1), 0);
    return {.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::vector<pollfd> descriptors = {{listener, POLLIN, 0}};
      std::vector<Direction*> owners = {nullptr};
      for (auto& connection : connections) {
        for (Direction& direction : connection) {
          if (direction.is_ended) continue;
          descriptors.push_back({direction.from, POLLIN, 0});
          owners.push_back(&direction);
        }
      }
      const timespec timeout = time_to_next();
      ppoll(descriptors.data(), descriptors.size(), &timeout, nullptr);
      for (std::size_t i = 1; i < owners.size(); ++i) {
        if (descriptors[i].revents != 0) receive(*owners[i]);
      }
      if (descriptors[0].revents != 0) accept_one();
      for (auto& connection : connections) {
        for (Direction& direction : connection) deliver(direction);
      }
      std::erase_if(connections, [](const auto& connection) {
        if (!connection[0].is_done || !connection[1].is_done) return false;
        close(connection[0].from);
        close(connection[1].from);
        return true;
      });
    }
  }
};

DelayProxy::DelayProxy(const std::string& address, std::uint16_t port, std::chrono::milliseconds one_way)
    : loop_(new Loop{.address = address, .target = port, .one_way = one_way}) {
  loop_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in here = address_of(address, 0);
  socklen_t size = sizeof here;
  if (bind(loop_->listener, reinterpret_cast<sockaddr*>(&here), size) != 0 || listen(loop_->listener, 64) != 0 ||
      getsockname(loop_->listener, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    throw std::runtime_error("cannot listen on " + address);
  }
  loop_->port = ntohs(here.sin_port);
  loop_->thread = std::jthread([loop = loop_.get()](const std::stop_token& stop) { loop->run(stop); });
}

DelayProxy::~DelayProxy() {
  loop_->thread.request_stop();
  loop_->thread.join();
  for (const auto& connection : loop_->connections) {
    for (const Direction& direction : connection) close(direction.from);
  }
  close(loop_->listener);
}

std::uint16_t DelayProxy::port() const { return loop_->port; }

}  // namespace skep::bench
