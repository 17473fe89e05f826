// The ways between fake hosts, as their probes find them: what is larger than a way carries is lost on it.
#include <algorithm>

#include <fmt/format.h>

#include "planner/base/text.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/script_answers.h"

namespace skep::test {

Exit FakeWorld::network_probe(FakeHost& host, const Script& script) {
  const bool in_container = !argument(script, "container").empty();
  if (in_container && host.probe.empty()) return failed(1, "no such container");
  const int around = in_container ? 50 : 0;  // what VXLAN puts around a packet
  std::string out;
  for (const auto& target : split(argument(script, "targets"), ' ')) {
    const auto other = std::ranges::find_if(hosts_, [&](const auto& entry) {
      return in_container ? entry.second.probe == target : entry.second.address == target;
    });
    if (other == hosts_.end() || !other->second.power) {
      out += target + " no_answer no_answer no_answer\n";
      continue;
    }
    const int carried = std::min(host.carried, other->second.carried);
    const int largest = std::max(host.mtu, other->second.mtu);  // of its pieces, there or back
    const bool passes_full = 1400 + around <= carried;
    out +=
        fmt::format("{} ok {} {}\n", target, passes_full ? "ok" : "no_answer", largest <= carried ? "ok" : "no_answer");
  }
  return done(out + "end .\n");
}

Exit FakeWorld::overlay_network(FakeHost& host, const Script& script) {
  auto* swarm = managed_by(host);
  if (swarm == nullptr) return failed(75, "docker network create: this node is not a swarm manager");
  const auto network = argument(script, "network");
  if (argument(script, "change") == "destroy") {
    for (const auto& [name, other] : hosts_) {
      if (!other.probe.empty()) return failed(75, "docker network rm: it is in use");
    }
    swarm->networks.erase(network);
    return done();
  }
  if (!swarm->networks.insert(network).second) return failed(75, "docker network create: it exists already");
  return done();
}

Exit FakeWorld::overlay_begin(FakeHost& host, const Script& script) {
  if (!host.has_perl) return failed(65, "the host has no perl");
  const auto swarm = swarms_.find(host.cluster);
  if (swarm == swarms_.end() || !swarm->second.networks.contains(argument(script, "network")))
    return failed(75, "docker run: no such network");
  host.probe = "172.30" + host.address.substr(host.address.find('.', host.address.find('.') + 1));
  return done(host.probe + "\n");
}

Exit FakeWorld::overlay_end(FakeHost& host, const Script&) {
  host.probe.clear();
  return done();
}

}  // namespace skep::test
