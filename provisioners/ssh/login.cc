#include "provisioners/ssh/login.h"

#include <fmt/format.h>
#include <libssh2.h>

#include <algorithm>
#include <vector>

#include "planner/base/digest.h"
#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "provisioners/ssh/agent.h"
#include "provisioners/ssh/dial.h"
#include "provisioners/ssh/known_hosts.h"

namespace skep {

namespace {

bool is_encrypted(std::string_view private_text) {
  constexpr std::string_view end_of_begin = "PRIVATE KEY-----";
  const std::size_t begin = private_text.find(end_of_begin);
  const std::size_t end = private_text.rfind("-----END");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return false;
  const std::size_t body = begin + end_of_begin.size();
  const Secret bytes(base64_decode(trim(private_text.substr(body, end - body))));
  constexpr std::string_view plain("openssh-key-v1\0\0\0\0\4none", 23);  // magic, then the cipher's name
  return !bytes.reveal().starts_with(plain);
}

Error names_no_host_key(const PinnedKey& pinned, std::string_view why) {
  return Error{ErrorCode::refused,
               fmt::format("the host offers no {} key that matches the pinned one: {}", pinned.type, why),
               fmt::format("expected {}; if the host was given other keys on purpose, pin one of those as its host_key",
                           key_fingerprint(pinned.line))};
}

Error other_host_key(const PinnedKey& pinned, std::string_view shown) {
  return Error{ErrorCode::refused,
               fmt::format("the host shows another host key: {} instead of the pinned {}", fingerprint_of_blob(shown),
                           key_fingerprint(pinned.line)),
               "nothing was sent to it; another machine answers at this address, or somebody sits in between. If the "
               "host was reinstalled on purpose, pin its new key as host_key, or replace its node"};
}

/// The key exchange, and the comparison of the host's key with the pinned one.
Result<void> meet(Transport& transport, const PinnedKey& pinned, int socket, const Context& context) {
  // Only the pinned kind is offered: a host must not be able to choose another.
  libssh2_session_method_pref(transport.libssh2(), LIBSSH2_METHOD_HOSTKEY, pinned.type.c_str());
  libssh2_session_method_pref(transport.libssh2(), LIBSSH2_METHOD_KEX,
                              "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
                              "ecdh-sha2-nistp521,diffie-hellman-group14-sha256");
  const Transport::Outcome outcome =
      TRY(transport.drive([&] { return libssh2_session_handshake(transport.libssh2(), socket); }, context));
  if (outcome.code == LIBSSH2_ERROR_KEX_FAILURE || outcome.code == LIBSSH2_ERROR_METHOD_NONE ||
      outcome.code == LIBSSH2_ERROR_HOSTKEY_INIT || outcome.code == LIBSSH2_ERROR_HOSTKEY_SIGN) {
    return names_no_host_key(pinned, outcome.text);
  }
  if (outcome.code != 0) return Error{ErrorCode::unavailable, "key exchange: " + outcome.text};

  std::size_t size = 0;
  int type = 0;
  const char* shown = libssh2_session_hostkey(transport.libssh2(), &size, &type);
  if (shown == nullptr) return names_no_host_key(pinned, "it showed none");
  if (std::string_view(shown, size) != pinned.blob) return other_host_key(pinned, {shown, size});
  return {};
}

/// True: we are in. False: the host does not want this key.
Result<bool> prove_by_key(Transport& transport, const std::string& user, const LoginKeys& keys,
                          const Context& context) {
  const std::string& text = keys.private_key.reveal();
  const Transport::Outcome outcome = TRY(transport.drive(
      [&] {
        return libssh2_userauth_publickey_frommemory(transport.libssh2(), user.data(), user.size(), nullptr, 0,
                                                     text.data(), text.size(), nullptr);
      },
      context));
  if (outcome.code == 0) return true;
  if (outcome.code == LIBSSH2_ERROR_AUTHENTICATION_FAILED || outcome.code == LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED) {
    return false;
  }
  return Error{ErrorCode::invalid_input, fmt::format("the private key cannot be used: {}", outcome.text),
               "make one with: ssh-keygen -t ed25519"};
}

Error rejected(const Endpoint& endpoint, const LoginKeys& keys, const std::vector<std::string>& tried,
               const std::string& agent_answer) {
  std::string message = tried.empty() ? "there is no key to log in with"
                                      : fmt::format("the host accepts none of our keys ({})", join(tried, ", "));
  if (!agent_answer.empty()) message += "; " + agent_answer;
  const std::string hint =
      keys.public_line.empty()
          ? fmt::format("the agent's keys are tried; add one of them to {}'s authorized_keys on the host",
                        endpoint.user)
          : fmt::format("add \"{}\" to {}'s authorized_keys on the host", keys.public_line, endpoint.user);
  return Error{ErrorCode::denied, message, hint};
}

Result<void> prove(Transport& transport, const Endpoint& endpoint, const LoginKeys& keys, const Context& context) {
  std::vector<std::string> tried;
  if (!keys.private_key.empty()) {
    if (TRY(prove_by_key(transport, endpoint.user, keys, context))) return {};
    tried.push_back(key_fingerprint(keys.public_line));
  }
  std::string agent_answer;
  if (!keys.agent_socket.empty()) {
    const AgentAnswer answer = TRY(prove_by_agent(transport, endpoint.user, keys, context));
    if (answer.is_in) return {};
    for (const std::string& fingerprint : answer.tried) {
      if (std::ranges::find(tried, fingerprint) == tried.end()) tried.push_back(fingerprint + " of the agent");
    }
    agent_answer = answer.problem;
  }
  return rejected(endpoint, keys, tried, agent_answer);
}

/// "the deadline passed" says little when it was this attempt's own.
Error named(Error error, std::string_view phase, const Clock& clock, const Context& context) {
  if (error.code == ErrorCode::unavailable && clock.now() >= context.deadline) {
    return Error{ErrorCode::unavailable, fmt::format("no answer during the {}", phase)};
  }
  return error;
}

}  // namespace

Result<LoginKeys> login_keys(const SshCredentials& credentials) {
  LoginKeys keys{.private_key = {}, .public_line = {}, .agent_socket = credentials.agent_socket};
  const std::string& text = credentials.private_key.reveal();
  if (trim(text).empty()) {
    if (!keys.agent_socket.empty()) return keys;
    return Error{ErrorCode::invalid_input, "there is no key to log in with",
                 "set ssh.key in the spec, or start an agent that holds one (SSH_AUTH_SOCK)"};
  }
  keys.public_line = TRY(public_line_of(text).doing("the private key"));
  if (!is_encrypted(text)) {
    keys.private_key = Secret(text);
    return keys;
  }
  if (!keys.agent_socket.empty()) return keys;
  return Error{ErrorCode::invalid_input,
               fmt::format("the private key {} is encrypted", key_fingerprint(keys.public_line)),
               "hand it to an agent: eval \"$(ssh-agent)\"; ssh-add KEYFILE; then run again"};
}

Result<std::unique_ptr<Transport>> log_in(const Endpoint& endpoint, const LoginKeys& keys, const LoginTimes& times,
                                          const Clock& clock, const Context& context) {
  const PinnedKey pinned = TRY(pinned_key(endpoint));
  const Context attempt = within(clock, times.total, context);
  Descriptor socket = TRY(dial(endpoint, within(clock, times.connect, attempt)));
  const int number = socket.get();
  auto transport = std::make_unique<Transport>(std::move(socket), times.keepalive, clock);
  if (transport->is_lost()) return Error{ErrorCode::internal, "not enough memory or descriptors for a session"};

  if (Result<void> met = meet(*transport, pinned, number, attempt); !met.ok()) {
    return named(std::move(met).error(), "key exchange", clock, attempt);
  }
  transport->set_helper_context(&attempt);
  Result<void> proved = prove(*transport, endpoint, keys, attempt);
  transport->set_helper_context(nullptr);
  if (!proved.ok()) return named(std::move(proved).error(), "login", clock, attempt);
  return transport;
}

}  // namespace skep
