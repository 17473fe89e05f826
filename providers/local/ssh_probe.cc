#include "providers/local/ssh_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "planner/system/descriptor.h"
#include "planner/system/wait.h"

namespace skep {

namespace {

bool wait_for(int descriptor, short event, const Context& context) {
  std::array<pollfd, 1> descriptors = {{{descriptor, event, 0}}};
  return wait_for_descriptors(descriptors, context).ok();
}

}  // namespace

bool answers_ssh(const std::string& address, std::uint16_t port, const Context& context) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(port);
  if (!socket.is_open() || ::inet_pton(AF_INET, address.c_str(), &target.sin_addr) != 1) return false;
  const int connected = ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target);
  if (connected != 0 && errno != EINPROGRESS) return false;
  if (!wait_for(socket.get(), POLLOUT, context)) return false;
  if (!wait_for(socket.get(), POLLIN, context)) return false;
  std::array<char, 4> greeting{};
  const ssize_t length = ::recv(socket.get(), greeting.data(), greeting.size(), MSG_DONTWAIT);
  return length == 4 && std::string_view(greeting.data(), 4) == "SSH-";
}

std::string read_tail(const std::string& path) {
  constexpr std::streamoff limit_bytes = 16 << 10;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(size > limit_bytes ? size - limit_bytes : 0);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace skep
