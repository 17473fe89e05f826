// Which reserved IPs are a cluster's: the API gives them neither names nor tags, so tags that nothing carries remember
// it.
//
// Before an address is asked for, a tag says on which droplet it will be (":on:"), written only when that droplet has
// none: a droplet bears one reserved IP, so whatever is found on it afterwards is what was asked for, also when the
// answer was lost, the run was killed, or the state is gone. Then a tag says which address it is (":at:"), and the
// first one goes. See tags.h for their form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "providers/digitalocean/kinds.h"

namespace skep::digitalocean {

/// What a tag of the book says.
struct Entry {
  ResourceId id;
  bool is_promise = false;  // on a droplet; else at an address
  std::string where;        // the droplet's id, or the address
  std::string tag;
};

std::string promise_tag(std::string_view cluster, const ResourceId& id, std::string_view droplet);
std::string address_tag(std::string_view cluster, const ResourceId& id, std::string_view address);
std::optional<Entry> entry_in(std::string_view tag, std::string_view cluster);

/// The address book of a cluster as it stands at the provider.
class AddressBook {
 public:
  AddressBook(Cloud& cloud, std::string cluster) : cloud_(cloud), cluster_(std::move(cluster)) {}

  /// All reserved IPs that are ours, as the API shows them.
  struct Held {
    ResourceId id;
    Json address;
  };
  Result<std::vector<Held>> all(const Context& context);

  /// The address of a resource; nothing when there is none.
  Result<std::optional<Json>> find(const ResourceId& id, const Context& context);

  /// Errors: refused (the droplet has an address that is somebody else's).
  Result<void> promise(const ResourceId& id, const std::string& droplet, const Context& context);
  /// The promise became this address.
  Result<void> keep(const ResourceId& id, const std::string& droplet, const std::string& address,
                    const Context& context);
  /// What was found by its promise alone is written down, and promises of it go.
  Result<void> settle(const ResourceId& id, const std::string& address, const Context& context);
  /// Nothing is remembered of it any more.
  Result<void> forget(const ResourceId& id, const Context& context);

 private:
  Result<std::vector<Entry>> entries(const Context& context);

  Cloud& cloud_;
  const std::string cluster_;
};

/// The droplet that has the address; empty: none.
std::string droplet_of(const Json& address);

}  // namespace skep::digitalocean
