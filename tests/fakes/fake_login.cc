// What fake hosts answer to the scripts of first contact and of floating addresses.
#include "planner/base/ssh_key.h"
#include "tests/fakes/fake_host.h"
#include "tests/fakes/script_answers.h"

namespace skep::test {

Exit FakeWorld::host_key_prepare(FakeHost& host, const Script&) {
  if (host.next_host_key.empty()) {
    const auto pair = ed25519_key_pair({static_cast<std::uint8_t>(++ids_)}, "");
    host.next_host_key = checked_public_line(pair.public_line).value();
  }
  return done(host.next_host_key + "\n");
}

Exit FakeWorld::host_key_switch(FakeHost& host, const Script& script) {
  const auto key = argument(script, "key");
  if (host.host_key == key) return done();
  if (host.next_host_key != key) return failed(65, "the host does not have the key that it made");
  host.host_key = key;
  host.next_host_key.clear();
  return done();
}

Exit FakeWorld::address_ensure(FakeHost& host, const Script& script) {
  const auto address = argument(script, "address");
  if (address.empty()) return failed(2, "address: parameter not set or null");
  host.addresses.insert(address);
  host.floating_addresses.insert(address);
  return done();
}

Exit FakeWorld::address_release(FakeHost& host, const Script& script) {
  host.addresses.erase(argument(script, "address"));
  host.floating_addresses.erase(argument(script, "address"));
  return done();
}

}  // namespace skep::test
