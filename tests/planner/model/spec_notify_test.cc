// `notify` in specs: what is read, and every mistake.
#include <gtest/gtest.h>

#include "spec_kit.h"

namespace skep {
namespace {

std::string notifying(const std::string& receivers) {
  return spec_with("{m: {role: manager, count: 1}}", "notify:\n" + receivers);
}

TEST(SpecNotify, AWebhookAndMailAreRead) {
  const Checked checked = load(notifying(
      "  chat: {webhook: \"https://hooks.example/${NAME}\", secret: {env: HOOK_KEY}, on: [failure, destroys]}\n"
      "  ops:\n    mail: {server: \"smtps://mail.example:465\", from: a@b.example, to: [c@d.example, e@f.example],\n"
      "           user: skep, password: {command: [pass, show, mail]}}\n"
      "  relay: {mail: {server: \"smtp://localhost:25\", from: a@b.example, to: [c@d.example], tls: none}}\n"
      "  off: {webhook: \"${EMPTY:-}\"}\n"));
  ASSERT_EQ(problem_lines(checked), "");
  const auto& notify = checked.spec->notify;
  ASSERT_EQ(notify.size(), 4U);
  EXPECT_EQ(notify.at("chat").webhook, "https://hooks.example/from-env");
  EXPECT_EQ(notify.at("chat").secret.env, "HOOK_KEY");
  EXPECT_EQ(notify.at("chat").on, (std::vector<std::string>{"failure", "destroys"}));
  const MailSpec& mail = notify.at("ops").mail;
  EXPECT_EQ(mail.server, "smtps://mail.example:465");
  EXPECT_EQ(mail.to, (std::vector<std::string>{"c@d.example", "e@f.example"}));
  EXPECT_EQ(mail.password.command.size(), 3U);
  EXPECT_TRUE(mail.needs_tls);
  EXPECT_EQ(notify.at("ops").on, (std::vector<std::string>{"destroys", "start", "end", "failure"}));
  EXPECT_FALSE(notify.at("relay").mail.needs_tls);
  EXPECT_EQ(notify.at("off").webhook, "");
}

TEST(SpecNotify, WhoIsToldChangesNoDigest) {
  const std::string pools = "{m: {role: manager, count: 1}}";
  EXPECT_EQ(load(spec_with(pools)).spec->digest,
            load(notifying("  a: {webhook: \"https://x.example\"}\n")).spec->digest);
}

TEST(SpecNotify, Mistakes) {
  const SpecCase cases[] = {
      {notifying("  a: {}\n"), "6 [a] notify.a: is neither a webhook nor mail, or both\n"},
      {notifying("  a: {webhook: \"https://x.example\", mail: {server: \"smtp://h\", from: a@b, to: [c@d]}}\n"),
       "6 [a] notify.a: is neither a webhook nor mail, or both\n"},
      {notifying("  a: {webhook: \"file:///etc/passwd\"}\n"),
       "6 [\"file:///etc/passwd\"] notify.a.webhook: expected an address that begins with https://, or \"\", found "
       "'file:///etc/passwd'\n"},
      {notifying("  a: {webhook: \"${SECRET}\"}\n"),
       "6 [\"${SECRET}\"] notify.a.webhook: expected an address that begins with https://, or \"\", found what the "
       "variable holds\n"},
      {notifying("  a: {webhook: \"https://x.example\", on: [begin]}\n"),
       "6 [begin] notify.a.on.0: expected one of destroys, start, end, failure, found 'begin'\n"},
      {notifying("  a: {webhook: \"https://x.example\", secret: {}}\n"), "6 [secret] notify.a.secret: says no place\n"},
      {notifying("  a: {webhook: \"https://x.example\", secret: {env: A, file: b}}\n"),
       "6 [secret] notify.a.secret: says more than one place\n"},
      {notifying("  a: {secret: {env: A}, mail: {server: \"smtp://h\", from: a@b, to: [c@d]}}\n"),
       "6 [secret] notify.a.secret: signs messages to a webhook, and this is mail\n"},
      {notifying("  a: {mail: {server: mail.example, from: a@b, to: [c@d]}}\n"),
       "6 [mail.example] notify.a.mail.server: expected a server such as smtp://mail.example:587, found "
       "'mail.example'\n"},
      {notifying("  a: {mail: {server: \"smtp://h\", from: a@b, to: []}}\n"),
       "6 [to] notify.a.mail.to: names nobody\n"},
      {notifying("  a: {mail: {server: \"smtp://h\", from: a@b, to: [\"c@d>\"]}}\n"),
       "6 [\"c@d>\"] notify.a.mail.to.0: expected an address such as ops@example.com, found 'c@d>'\n"},
      {notifying("  a: {mail: {server: \"smtp://h\", from: a@b, to: [c@d], user: x}}\n"),
       "6 [mail] notify.a.mail: user and password belong together\n"},
      {notifying("  a: {mail: {server: \"smtp://h\", from: a@b, to: [c@d], user: x, password: {env: P}, tls: none}}\n"),
       "6 [none] notify.a.mail.tls: a password is never sent in the clear\n"},
  };
  expect_problems(cases);
}

}  // namespace
}  // namespace skep
