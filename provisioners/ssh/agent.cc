#include "provisioners/ssh/agent.h"

#include <fmt/format.h>
#include <libssh2.h>

#include <algorithm>
#include <array>
#include <memory>

#include "provisioners/ssh/known_hosts.h"

namespace skep {

namespace {

constexpr std::size_t offers_limit = 5;

struct CloseAgent {
  void operator()(LIBSSH2_AGENT* agent) const {
    libssh2_agent_disconnect(agent);
    libssh2_agent_free(agent);
  }
};
using Agent = std::unique_ptr<LIBSSH2_AGENT, CloseAgent>;

struct Offer {
  libssh2_agent_publickey* identity;
  std::string line;  // "TYPE BASE64"
};

bool is_usable(const std::string& line) {
  // Not RSA: libssh2 1.10 would sign with SHA-1. Not sk-...: it does not know them.
  return line.starts_with("ssh-ed25519 ") || line.starts_with("ecdsa-sha2-nistp");
}

std::vector<Offer> offers_of(LIBSSH2_AGENT* agent, const std::string& preferred) {
  std::vector<Offer> offers;
  libssh2_agent_publickey* identity = nullptr;
  while (libssh2_agent_get_identity(agent, &identity, identity) == 0) {
    const std::string_view blob(reinterpret_cast<const char*>(identity->blob), identity->blob_len);
    std::string line = public_line_of_blob(blob);
    if (is_usable(line)) offers.push_back({identity, std::move(line)});
  }
  std::ranges::stable_partition(
      offers, [&](const Offer& offer) { return !preferred.empty() && preferred.starts_with(offer.line); });
  if (offers.size() > offers_limit) offers.resize(offers_limit);
  return offers;
}

}  // namespace

Result<AgentAnswer> prove_by_agent(Transport& transport, const std::string& user, const LoginKeys& keys,
                                   const Context& context) {
  AgentAnswer answer;
  const Agent agent(libssh2_agent_init(transport.libssh2()));
  if (!agent) return Error{ErrorCode::internal, "not enough memory for an agent"};
  libssh2_agent_set_identity_path(agent.get(), keys.agent_socket.c_str());
  if (libssh2_agent_connect(agent.get()) != 0) {
    answer.problem = fmt::format("no agent answers at \"{}\"", keys.agent_socket);
    return answer;
  }
  if (libssh2_agent_list_identities(agent.get()) != 0) {
    answer.problem = fmt::format("the agent at \"{}\" does not list its keys", keys.agent_socket);
    return answer;
  }
  for (const Offer& offer : offers_of(agent.get(), keys.public_line)) {
    const Transport::Outcome outcome = TRY(
        transport.drive([&] { return libssh2_agent_userauth(agent.get(), user.c_str(), offer.identity); }, context));
    answer.is_in = outcome.code == 0;
    if (answer.is_in) return answer;
    answer.tried.push_back(
        fingerprint_of_blob({reinterpret_cast<const char*>(offer.identity->blob), offer.identity->blob_len}));
  }
  if (answer.tried.empty()) answer.problem = "the agent holds no ed25519 or ECDSA key";
  return answer;
}

}  // namespace skep
