// Distance for benchmarks: forwards TCP connections and lets every byte arrive a fixed time later, in each direction.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace skep::bench {

class DelayProxy {
 public:
  /// Listens on a free port of `address` and forwards to `port` there. `one_way`: half of the round trip.
  DelayProxy(const std::string& address, std::uint16_t port, std::chrono::milliseconds one_way);
  ~DelayProxy();
  std::uint16_t port() const;

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace skep::bench
