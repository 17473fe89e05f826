#include "tests/fakes/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#if defined(__SANITIZE_THREAD__)
/// Debian's library is compiled without ThreadSanitizer, which then sees nothing of its locks.
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libcpp-httplib.so\n"; }
#endif

namespace skep::testing {

struct HttpServer::Parts {
  std::unique_ptr<httplib::Server> server;
  Handler handler;
  bool is_tls = false;
  int port = 0;
  std::thread thread;
  std::mutex mutex;
  std::set<int> client_ports;  // each is one connection

  void answer(const httplib::Request& in, httplib::Response& out) {
    {
      const std::lock_guard lock(mutex);
      client_ports.insert(in.remote_port);
    }
    Request request{in.method, in.target, {}, in.body};
    for (const auto& [name, value] : in.headers) {
      if (name.starts_with("REMOTE_") || name.starts_with("LOCAL_")) continue;  // the library's own additions
      std::string lower = name;
      std::ranges::transform(lower, lower.begin(), [](unsigned char letter) { return std::tolower(letter); });
      request.headers[lower] = value;
    }
    const Response response = handler(request);
    out.status = response.status;
    std::string type = "application/octet-stream";
    for (const auto& [name, value] : response.headers) {
      if (name == "content-type") {
        type = value;
      } else {
        out.set_header(name, value);
      }
    }
    if (!response.body.empty()) out.set_content(response.body, type);
  }
};

HttpServer::HttpServer(Handler handler, const Options& options) : parts_(std::make_unique<Parts>()) {
  Parts& parts = *parts_;
  parts.handler = std::move(handler);
  parts.is_tls = !options.certificate.empty();
  if (parts.is_tls) {
    parts.server = std::make_unique<httplib::SSLServer>(options.certificate.c_str(), options.key.c_str());
  } else {
    parts.server = std::make_unique<httplib::Server>();
  }
  httplib::Server& server = *parts.server;
  server.new_task_queue = [] { return new httplib::ThreadPool(64); };  // NOLINT: the library takes it over
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(2);
  const auto answer = [&parts](const httplib::Request& in, httplib::Response& out) { parts.answer(in, out); };
  server.Get(".*", answer).Post(".*", answer).Put(".*", answer).Patch(".*", answer).Delete(".*", answer);
  parts.port = options.port == 0 ? server.bind_to_any_port("127.0.0.1")
                                 : (server.bind_to_port("127.0.0.1", options.port) ? options.port : -1);
  if (parts.port < 0) std::abort();
  parts.thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
}

HttpServer::~HttpServer() {
  parts_->server->stop();
  parts_->thread.join();
}

int HttpServer::port() const { return parts_->port; }

std::string HttpServer::url() const {
  return std::string(parts_->is_tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(parts_->port);
}

int HttpServer::connection_count() const {
  const std::lock_guard lock(parts_->mutex);
  return static_cast<int>(parts_->client_ports.size());
}

}  // namespace skep::testing
