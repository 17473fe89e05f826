#include "provisioners/ssh/dial.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include "planner/system/wait.h"

namespace skep {

namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Result<Addresses> look_up(const Endpoint& endpoint) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(endpoint.address.c_str(), std::to_string(endpoint.port).c_str(), &wanted, &found);
  if (code == 0) return Addresses(found, &freeaddrinfo);
  if (code == EAI_NONAME || code == EAI_NODATA) {
    return Error{ErrorCode::invalid_input, fmt::format("no host is named \"{}\"", endpoint.address),
                 "check the node's address"};
  }
  return Error{ErrorCode::unavailable, fmt::format("cannot look up \"{}\": {}", endpoint.address, gai_strerror(code))};
}

Error cannot_connect(int error) {
  std::string why = std::strerror(error);
  if (!why.empty() && why[0] >= 'A' && why[0] <= 'Z') why[0] = static_cast<char>(why[0] - 'A' + 'a');
  return Error{ErrorCode::unavailable, why};
}

Result<Descriptor> dial_one(const addrinfo& address, const Context& context) {
  Descriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) return cannot_connect(errno);
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // best effort: only speed depends on it
  if (connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS && errno != EINTR) return cannot_connect(errno);

  pollfd descriptor{socket.get(), POLLOUT, 0};
  const Result<void> waited = wait_for_descriptors({&descriptor, 1}, context);
  if (!waited.ok()) {
    if (waited.error().code == ErrorCode::cancelled) return waited.error();
    return Error{ErrorCode::unavailable, "no answer"};
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return cannot_connect(error);
  return socket;
}

}  // namespace

Result<Descriptor> dial(const Endpoint& endpoint, const Context& context) {
  const Addresses addresses = TRY(look_up(endpoint));
  Result<Descriptor> last = Error{ErrorCode::unavailable, "no address"};
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    last = dial_one(*address, context);
    if (last.ok() || last.error().code == ErrorCode::cancelled) break;
  }
  return last;
}

}  // namespace skep
