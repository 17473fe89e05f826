// libcurl's handles, owned: each belongs to one thread at a time; the pool hands out the one that was used last.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <mutex>
#include <vector>

namespace skep {

/// An easy handle and the multi handle that runs it; the multi handle keeps the connections.
struct CurlHandle {
  CURLM* multi;
  CURL* easy;
  CurlHandle();
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
};

/// Addresses and TLS sessions that all handles share, under locks of its own.
class CurlShare {
 public:
  CurlShare();
  ~CurlShare();
  CurlShare(const CurlShare&) = delete;
  CurlShare& operator=(const CurlShare&) = delete;
  CURLSH* get() const { return share_; }

 private:
  static void lock(CURL* easy, curl_lock_data data, curl_lock_access access, void* self);
  static void unlock(CURL* easy, curl_lock_data data, void* self);

  CURLSH* share_;
  std::array<std::mutex, CURL_LOCK_DATA_LAST> mutexes_;
};

class CurlPool {
 public:
  explicit CurlPool(std::size_t idle_limit);

  /// Never blocks; makes a new handle when none is idle. Safe from any thread.
  std::unique_ptr<CurlHandle> take();
  void give_back(std::unique_ptr<CurlHandle> handle);
  CURLSH* share() const { return share_.get(); }

 private:
  const std::size_t idle_limit_;
  CurlShare share_;  // before the handles: they use it until their end
  std::mutex mutex_;
  std::vector<std::unique_ptr<CurlHandle>> idle_;
};

}  // namespace skep
