// A server on 127.0.0.1 that does to each connection what a test says: breaks it off, stalls, answers half or lies.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "planner/system/clock.h"
#include "planner/system/descriptor.h"

namespace skep::testing {

class RawConnection {
 public:
  explicit RawConnection(Descriptor socket) : socket_(std::move(socket)) {}

  /// One whole request with its body; empty when the client has closed. Gives up after ten seconds.
  std::string read_request();
  void read_bytes(std::size_t count);
  void write(std::string_view text);
  void reset();           // TCP RST: what was not delivered is lost
  void wait_for_close();  // until the client closes, at most ten seconds

 private:
  bool receive();

  Descriptor socket_;
  std::string unread_;
};

class RawServer {
 public:
  using Script = std::function<void(RawConnection&)>;

  /// The n-th connection is served by the n-th script, all further ones by the last. Each has a thread of its own; a
  /// connection is closed in order when its script returns.
  explicit RawServer(std::vector<Script> scripts);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  std::string url(std::string_view scheme = "http") const;
  int connection_count() const { return connection_count_; }

 private:
  void accept_all();

  std::vector<Script> scripts_;
  Descriptor listener_;
  Descriptor wake_;
  int port_ = 0;
  std::atomic<int> connection_count_ = 0;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

/// A port of 127.0.0.1 to which a connection is neither made nor refused: its queue is full.
class DeafPort {
 public:
  DeafPort();
  int port() const { return port_; }

 private:
  Descriptor listener_;
  std::vector<Descriptor> waiting_;
  int port_ = 0;
};

/// A port of 127.0.0.1 on which nobody listens.
int closed_port();

/// For a request that may take so long.
inline Context within_seconds(int count) { return {.deadline = SystemClock().now() + std::chrono::seconds(count)}; }

}  // namespace skep::testing
