#include "providers/http/curl_exchange.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <stop_token>

#include "planner/base/text.h"
#include "planner/system/clock.h"

namespace skep {

namespace {

constexpr long idle_longest_seconds = 30;  // a kept connection older than this is not trusted with a request
constexpr Duration poll_longest = std::chrono::minutes(1);

struct Wake {
  CURLM* multi;
  void operator()() const noexcept { curl_multi_wakeup(multi); }
};

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  assert(code == CURLE_OK);
  static_cast<void>(code);
}

/// One part of a URL, empty when there is none.
std::string url_part(const std::string& url, CURLUPart part) {
  CURLU* parsed = curl_url();
  std::string found;
  char* text = nullptr;
  if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed, part, &text, 0) == CURLUE_OK) {
    found = text;
    curl_free(text);
  }
  curl_url_cleanup(parsed);
  return found;
}

bool is_this_computer(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool is_certificate_trouble(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR;
}

bool has_line_end(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos; }

}  // namespace

std::optional<Error> unfit(const Request& request) {
  const auto problem = [&](std::string_view what) {
    return Error{ErrorCode::invalid_input, fmt::format("{}: {}", shown(request), what)};
  };
  const bool is_word = !request.method.empty() &&
                       std::ranges::all_of(request.method, [](char letter) { return letter >= 'A' && letter <= 'Z'; });
  if (!is_word) return problem("not a method of HTTP");
  const std::string scheme = url_part(request.url, CURLUPART_SCHEME);
  if (scheme.empty() || url_part(request.url, CURLUPART_HOST).empty()) return problem("not a URL");
  if (scheme != "http" && scheme != "https") return problem("neither http nor https");
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || has_line_end(name) || name.find(':') != std::string::npos || has_line_end(value)) {
      return problem(fmt::format("the header \"{}\" cannot be sent: it holds a line end or a NUL", name));
    }
  }
  return std::nullopt;
}

std::string shown(const Request& request) {
  std::string url = request.url.substr(0, request.url.find_first_of("?#"));
  const std::size_t begin = url.find("://");
  if (begin != std::string::npos) {
    const std::size_t end = std::min(url.find('/', begin + 3), url.size());
    const std::size_t user_end = url.rfind('@', end);
    if (user_end != std::string::npos && user_end > begin) url.erase(begin + 3, user_end - begin - 2);
  }
  return request.method + " " + url;
}

CurlExchange::CurlExchange(CurlHandle& handle, CURLSH* share, const Request& request, const CurlOptions& options)
    : handle_(handle), share_(share), request_(request), options_(options) {
  curl_easy_reset(handle_.easy);
  put_request();
  put_body();
  put_connection();
}

CurlExchange::~CurlExchange() {
  curl_easy_reset(handle_.easy);  // it must not point into us any more
  curl_slist_free_all(headers_);
}

void CurlExchange::put_request() {
  CURL* easy = handle_.easy;
  const auto add = [&](const std::string& line) { headers_ = curl_slist_append(headers_, line.c_str()); };
  bool has_content_type = false;
  for (const auto& [name, value] : request_.headers) {
    has_content_type = has_content_type || lower_case(name) == "content-type";
    add(value.empty() ? name + ";" : name + ": " + value);  // libcurl's way to say "empty"
  }
  if (!has_content_type) add("Content-Type:");  // or libcurl calls every body a form
  add("Expect:");
  set(easy, CURLOPT_HTTPHEADER, headers_);
  set(easy, CURLOPT_URL, request_.url.c_str());
  set(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that this libcurl can unpack
  set(easy, CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  set(easy, CURLOPT_HEADERDATA, this);
  set(easy, CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  set(easy, CURLOPT_WRITEDATA, this);
  set(easy, CURLOPT_PREREQFUNCTION, &CurlExchange::on_connected);
  set(easy, CURLOPT_PREREQDATA, this);
  set(easy, CURLOPT_ERRORBUFFER, error_text_.data());
}

void CurlExchange::put_body() {
  CURL* easy = handle_.easy;
  if (request_.method == "HEAD") return set(easy, CURLOPT_NOBODY, 1L);
  const bool always_has_body = request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH";
  if (always_has_body || !request_.body.empty()) {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  if (request_.method != "GET" || !request_.body.empty()) set(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void CurlExchange::put_connection() {
  CURL* easy = handle_.easy;
  set(easy, CURLOPT_SHARE, share_);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout_connect.count()));
  set(easy, CURLOPT_MAXAGE_CONN, idle_longest_seconds);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlExchange::open_socket);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) set(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (is_this_computer(url_part(request_.url, CURLUPART_HOST))) set(easy, CURLOPT_PROXY, "");
}

Result<Response> CurlExchange::run(const Context& context) {
  const CURLMcode added = curl_multi_add_handle(handle_.multi, handle_.easy);
  if (added != CURLM_OK) return described(ErrorCode::unavailable, curl_multi_strerror(added));
  const Ending ending = transfer(context);
  auto result = outcome(ending);  // while the handle still knows how much was sent
  curl_multi_remove_handle(handle_.multi, handle_.easy);
  return result;
}

CurlExchange::Ending CurlExchange::transfer(const Context& context) {
  const SystemClock clock;
  Instant end = within(clock, options_.timeout_exchange, context).deadline;
  const std::stop_callback on_stop(context.stop, Wake{handle_.multi});
  bool is_stopping = false;
  for (;;) {
    int running = 0;
    if (curl_multi_perform(handle_.multi, &running) != CURLM_OK || running == 0) break;
    if (context.stop.stop_requested()) {
      if (is_reading() || !is_sent()) return Ending::stopped;
      if (!is_stopping) end = std::min(end, clock.now() + options_.grace_after_stop);
      is_stopping = true;
    }
    const Instant now = clock.now();
    if (now >= end) return Ending::timed_out;
    const Duration left = std::min(end - now, poll_longest);
    curl_multi_poll(handle_.multi, nullptr, 0, static_cast<int>(left.count()) + 1, nullptr);
  }
  int left_count = 0;
  code_ = CURLE_FAILED_INIT;
  while (const CURLMsg* message = curl_multi_info_read(handle_.multi, &left_count)) {
    if (message->msg == CURLMSG_DONE) code_ = message->data.result;
  }
  return Ending::done;
}

Result<Response> CurlExchange::outcome(Ending ending) {
  if (ending == Ending::stopped) return described(ErrorCode::cancelled, "stopped on request");
  if (ending == Ending::timed_out) {
    if (is_sent()) return described(ErrorCode::unknown_outcome, "sent, but not answered in time");
    return described(ErrorCode::unavailable, "no connection in time");
  }
  if (code_ != CURLE_OK) return failure(code_);
  if (!has_all_headers_) return described(ErrorCode::unknown_outcome, "sent, but the answer ended in its headers");
  long status = 0;
  curl_easy_getinfo(handle_.easy, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  return std::move(response_);
}

Error CurlExchange::failure(CURLcode code) const {
  const std::string cause(error_text_[0] != '\0' ? trim(error_text_.data()) : curl_easy_strerror(code));
  if (is_sent()) {
    if (is_too_long_) {
      const auto limit = human_size(options_.body_bytes_limit);
      return described(ErrorCode::unknown_outcome, fmt::format("sent, but the answer is longer than {}", limit));
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) {
      return described(ErrorCode::unknown_outcome, "sent, but the connection was closed without an answer");
    }
    return described(ErrorCode::unknown_outcome, "sent, but not answered: " + cause);
  }
  if (is_certificate_trouble(code)) {
    return described(ErrorCode::refused, "the server's certificate is not trusted: " + cause,
                     "check the address, the computer's clock and its trusted certificates (package ca-certificates)");
  }
  if (code == CURLE_SSL_CACERT_BADFILE) return described(ErrorCode::invalid_input, cause);
  return described(ErrorCode::unavailable, cause);
}

Error CurlExchange::described(ErrorCode code, std::string_view cause, std::string hint) const {
  return {code, fmt::format("{}: {}", shown(request_), cause), std::move(hint)};
}

/// Whether a byte of the request itself may have left. What went to a proxy to reach the server does not count.
bool CurlExchange::is_sent() const {
  long bytes = 0;
  curl_easy_getinfo(handle_.easy, CURLINFO_REQUEST_SIZE, &bytes);
  return connected_count_ > 0 && bytes > bytes_before_;
}

int CurlExchange::on_connected(void* self, char*, char*, int, int) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (exchange.connected_count_ > 0) {
    // libcurl is about to send the request a second time, on a new connection
    if (exchange.is_sent() && !exchange.is_reading() && !exchange.request_.repeatable) return CURL_PREREQFUNC_ABORT;
  } else {
    curl_easy_getinfo(exchange.handle_.easy, CURLINFO_REQUEST_SIZE, &exchange.bytes_before_);
  }
  ++exchange.connected_count_;
  return CURL_PREREQFUNC_OK;
}

std::size_t CurlExchange::on_header(char* text, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  const std::string_view line = trim({text, size * count});
  if (line.starts_with("HTTP/")) {  // a first answer, or the real one after "100 Continue"
    exchange.response_.headers.clear();
    exchange.has_all_headers_ = false;
  } else if (line.empty()) {
    exchange.has_all_headers_ = true;
  } else if (const std::size_t colon = line.find(':'); colon != line.npos) {
    std::string& value = exchange.response_.headers[lower_case(trim(line.substr(0, colon)))];
    if (!value.empty()) value += ", ";
    value += trim(line.substr(colon + 1));
  }
  return size * count;
}

std::size_t CurlExchange::on_body(char* text, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (exchange.response_.body.size() + size * count > exchange.options_.body_bytes_limit) {
    exchange.is_too_long_ = true;
    return 0;
  }
  exchange.response_.body.append(text, size * count);
  return size * count;
}

curl_socket_t CurlExchange::open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace skep
