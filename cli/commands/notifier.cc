#include "cli/commands/notifier.h"

#include <algorithm>

#include "cli/commands/redaction.h"
#include "cli/commands/secret_input.h"
#include "planner/base/digest.h"
#include "planner/base/text.h"

namespace skep {

namespace {

constexpr Duration time_limit = std::chrono::seconds(15);  // of one receiver, with all tries
constexpr Duration pause_between = std::chrono::milliseconds(500);
constexpr int tries = 3;

constexpr int status_too_many = 429;
constexpr int status_server_error = 500;

bool wants(const NotifySpec& receiver, const std::string& event) {
  const bool is_off = receiver.webhook.empty() && receiver.mail.server.empty();
  return !is_off && std::ranges::find(receiver.on, event) != receiver.on.end();
}

/// "https://hooks.example": what stands behind the host is often a secret.
std::string place_of(const std::string& url) {
  const auto host = url.find("://") + 3;
  const std::string authority = url.substr(host, url.find_first_of("/?#", host) - host);
  return url.substr(0, host) + authority.substr(authority.rfind('@') + 1);
}

struct Delivery {
  const NotifySpec& receiver;
  const Notification& notification;
  const std::string& folder;
  Outside& outside;
};

Result<void> post(const Delivery& delivery, const Context& context) {
  const std::string& url = delivery.receiver.webhook;
  const std::string body = without_secrets(dump_json(notification_json(delivery.notification)), delivery.outside);
  Request request = {.method = "POST",
                     .url = url,
                     .headers = {{"Content-Type", "application/json"},
                                 {"X-Skep-Event", delivery.notification.event},
                                 {"X-Skep-Delivery", delivery.notification.id}},
                     .body = body};
  if (delivery.receiver.secret.is_given()) {
    const Secret key = TRY(read_secret(delivery.receiver.secret, "its secret", delivery.folder, delivery.outside));
    request.headers["X-Skep-Signature"] = "sha256=" + keyed_digest_hex(key.reveal(), body);
  }
  auto response = delivery.outside.http.send(request, context);
  if (!response.ok()) {
    Error error = std::move(response).error();
    error.message = replace_all(std::move(error.message), url.substr(0, url.find_first_of("?#")), place_of(url));
    return error;
  }
  const int status = response.value().status;
  if (status >= 200 && status < 300) return {};
  const bool may_pass = status == status_too_many || status >= status_server_error;
  return Error{may_pass ? ErrorCode::unavailable : ErrorCode::refused,
               place_of(url) + " answers " + std::to_string(status)};
}

Result<void> mail(const Delivery& delivery, const Context& context) {
  const MailSpec& wanted = delivery.receiver.mail;
  MailServer server = {.url = wanted.server, .user = wanted.user, .needs_tls = wanted.needs_tls};
  if (wanted.password.is_given())
    server.password = TRY(read_secret(wanted.password, "the password", delivery.folder, delivery.outside));
  const MailMessage message = {
      .from = wanted.from,
      .to = wanted.to,
      .subject = without_secrets(notification_subject(delivery.notification), delivery.outside),
      .body = without_secrets(notification_text(delivery.notification), delivery.outside)};
  return delivery.outside.mail.send(server, message, context);
}

Result<void> deliver(const Delivery& delivery) {
  // No stop token: that a run was stopped is news, too.
  const Context context = within(delivery.outside.clock, time_limit, {});
  for (int left = tries;; --left) {
    auto sent = delivery.receiver.mail.server.empty() ? post(delivery, context) : mail(delivery, context);
    const bool may_pass =
        !sent.ok() && (sent.error().code == ErrorCode::unavailable || sent.error().code == ErrorCode::unknown_outcome);
    if (!may_pass || left == 1) return sent;
    if (!delivery.outside.clock.sleep(pause_between, context).ok()) return sent;
  }
}

}  // namespace

Notifier::Notifier(const Spec& spec, std::string spec_folder, const Invocation& invocation, Outside& outside)
    : spec_(spec), folder_(std::move(spec_folder)), is_silent_(!invocation.flag("notify", true)), outside_(outside) {}

void Notifier::tell(Notification notification) {
  const auto is_wanted = [&](const auto& named) { return wants(named.second, notification.event); };
  if (is_silent_ || std::ranges::none_of(spec_.notify, is_wanted)) return;
  Origin origin = origin_of(folder_, outside_);
  notification.id = random_id(outside_.random);
  notification.at = rfc3339(outside_.clock.wall());
  notification.cluster = spec_.name;
  notification.user = person_of(outside_);
  notification.host = outside_.me.host;
  notification.commit = std::move(origin.commit);
  notification.change = std::move(origin.change);
  notification.job_url = std::move(origin.job_url);
  for (const auto& [name, receiver] : spec_.notify) {
    if (!wants(receiver, notification.event)) continue;
    const auto told = deliver({receiver, notification, folder_, outside_});
    if (told.ok()) continue;
    outside_.err << "warning: notify." << name << " was not told (" << notification.event
                 << "): " << told.error().message << "\n";
    if (!told.error().hint.empty()) outside_.err << "hint: " << told.error().hint << "\n";
    outside_.err << std::flush;
  }
}

}  // namespace skep
