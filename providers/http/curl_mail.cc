#include "providers/http/curl_mail.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>

#include "planner/base/text.h"
#include "planner/system/clock.h"

namespace skep {

namespace {

constexpr long reply_denied = 535;   // RFC 4954: wrong credentials
constexpr long reply_refusal = 500;  // and above: asking again will not help

struct EndMail {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct EndList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct EndMime {
  void operator()(curl_mime* mime) const { curl_mime_free(mime); }
};
using MailHandle = std::unique_ptr<CURL, EndMail>;
using TextList = std::unique_ptr<curl_slist, EndList>;

template <class Value>
void put(CURL* easy, CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  assert(code == CURLE_OK);
  static_cast<void>(code);
}

void add(TextList& list, const std::string& text) { list.reset(curl_slist_append(list.release(), text.c_str())); }

bool is_one_line(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_fit(const std::string& address) {
  return address.find('@') != std::string::npos && is_one_line(address) && address.find_first_of(" <>") == address.npos;
}

Result<void> check(const MailServer& server, const MailMessage& message) {
  const auto wrong = [&](const std::string& what) { return Error{ErrorCode::invalid_input, server.url + ": " + what}; };
  const bool is_smtp = server.url.starts_with("smtp://") || server.url.starts_with("smtps://");
  if (!is_smtp) return wrong("no server for mail");
  if (message.to.empty()) return wrong("the mail has no receiver");
  if (!is_fit(message.from)) return wrong("'" + message.from + "' is no address");
  for (const auto& to : message.to) {
    if (!is_fit(to)) return wrong("'" + to + "' is no address");
  }
  if (!is_one_line(message.subject)) return wrong("the subject is not one line of ASCII");
  if (!server.password.empty() && !server.needs_tls && server.url.starts_with("smtp://"))
    return wrong("a password is never sent in the clear");
  return {};
}

/// "Wed, 25 Nov 2026 19:05:55 +0000", as RFC 5322 wants it.
std::string mail_date(WallTime time) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

int stop_when_asked(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Context*>(context)->stop.stop_requested() ? 1 : 0;
}

/// What libcurl says of replies is "RCPT failed: 550", never what the server wrote beside it.
Error mail_failure(CURL* easy, CURLcode code, const char* text, const MailServer& server, const Context& context) {
  const std::string cause = server.url + ": " + std::string(trim(*text != '\0' ? text : curl_easy_strerror(code)));
  if (code == CURLE_ABORTED_BY_CALLBACK && context.stop.stop_requested())
    return {ErrorCode::cancelled, server.url + ": stopped on request"};
  if (code == CURLE_USE_SSL_FAILED)
    return {ErrorCode::refused, server.url + ": the server offers no TLS", "use smtps://, or another server"};
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR) {
    return {ErrorCode::refused, server.url + ": the server's certificate is not trusted",
            "check the server's name and the trusted certificates (package ca-certificates)"};
  }
  long reply = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
  if (code == CURLE_LOGIN_DENIED || reply == reply_denied) {
    return {ErrorCode::denied, server.url + ": the login of " + server.user + " is refused",
            "check the user and the password"};
  }
  return {reply >= reply_refusal ? ErrorCode::refused : ErrorCode::unavailable, cause};
}

}  // namespace

Result<void> CurlMail::send(const MailServer& server, const MailMessage& message, const Context& context) {
  TRY(check(server, message));
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, server.url + ": stopped on request"};
  const Duration left = std::min<Duration>(context.deadline - SystemClock().now(), std::chrono::hours(1));
  if (left <= Duration(0)) return Error{ErrorCode::unavailable, server.url + ": the deadline passed"};

  const MailHandle easy(curl_easy_init());
  std::array<char, CURL_ERROR_SIZE> text{};
  TextList receivers;
  TextList headers;
  std::vector<std::string> shown;
  for (const auto& to : message.to) {
    add(receivers, "<" + to + ">");
    shown.push_back("<" + to + ">");
  }
  for (const auto& line : {"From: <" + message.from + ">", "To: " + join(shown, ", "), "Subject: " + message.subject,
                           "Date: " + mail_date(SystemClock().wall()), std::string("Auto-Submitted: auto-generated")})
    add(headers, line);
  const std::unique_ptr<curl_mime, EndMime> mime(curl_mime_init(easy.get()));
  curl_mimepart* part = curl_mime_addpart(mime.get());
  curl_mime_data(part, message.body.data(), message.body.size());
  curl_mime_type(part, "text/plain; charset=utf-8");
  curl_mime_encoder(part, "quoted-printable");

  CURL* handle = easy.get();
  put(handle, CURLOPT_ERRORBUFFER, text.data());
  put(handle, CURLOPT_URL, server.url.c_str());
  put(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  put(handle, CURLOPT_PROXY, "");
  put(handle, CURLOPT_NOSIGNAL, 1L);
  put(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.timeout_connect.count()));
  put(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  put(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  put(handle, CURLOPT_USE_SSL, static_cast<long>(server.needs_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  if (!options_.ca_file.empty()) put(handle, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!server.user.empty()) {
    put(handle, CURLOPT_USERNAME, server.user.c_str());
    put(handle, CURLOPT_PASSWORD, server.password.reveal().c_str());
  }
  put(handle, CURLOPT_MAIL_FROM, ("<" + message.from + ">").c_str());
  put(handle, CURLOPT_MAIL_RCPT, receivers.get());
  put(handle, CURLOPT_HTTPHEADER, headers.get());
  put(handle, CURLOPT_MIMEPOST, mime.get());
  put(handle, CURLOPT_NOPROGRESS, 0L);
  put(handle, CURLOPT_XFERINFODATA, &context);
  put(handle, CURLOPT_XFERINFOFUNCTION, &stop_when_asked);
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK) return {};
  return mail_failure(handle, code, text.data(), server, context);
}

}  // namespace skep
