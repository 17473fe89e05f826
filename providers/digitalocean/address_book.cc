#include "providers/digitalocean/address_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "providers/digitalocean/tags.h"

namespace skep::digitalocean {

namespace {

constexpr const char* book_word = "ip";
constexpr const char* book_path = "/reserved_ips";
constexpr const char* book_member = "reserved_ips";

std::string with_place(std::string_view cluster, const ResourceId& id, const char* how, std::string_view where) {
  ResourceId in_book = id;
  in_book.kind = book_word;
  return fmt::format("{}:{}:{}", owner_text(cluster, in_book), how, where);
}

}  // namespace

std::string promise_tag(std::string_view cluster, const ResourceId& id, std::string_view droplet) {
  return with_place(cluster, id, "on", droplet);
}

std::string address_tag(std::string_view cluster, const ResourceId& id, std::string_view address) {
  return with_place(cluster, id, "at", replace_all(std::string(address), ".", "-"));
}

std::optional<Entry> entry_in(std::string_view tag, std::string_view cluster) {
  auto id = owner_in(tag, book_word, cluster);
  const auto parts = split(tag, ':');
  if (!id || parts.size() != 7 || (parts[5] != "on" && parts[5] != "at")) return std::nullopt;
  id->kind = floating_ip_kind;
  const bool is_promise = parts[5] == "on";
  return Entry{*id, is_promise, is_promise ? parts[6] : replace_all(parts[6], "-", "."), std::string(tag)};
}

std::string droplet_of(const Json& address) {
  const Json droplet = cloud::part_of(address, "droplet");
  return droplet.is_null() ? "" : id_text(droplet.value("id", Json()));
}

Result<std::vector<Entry>> AddressBook::entries(const Context& context) {
  std::vector<Entry> found;
  for (const auto& tag : TRY(cloud_.account.list(tags().path, tags().many, {}, context))) {
    if (auto entry = entry_in(json_string_or(tag, "name"), cluster_)) found.push_back(std::move(*entry));
  }
  // what is known comes before what was promised
  std::ranges::stable_sort(found, {}, &Entry::is_promise);
  return found;
}

Result<std::vector<AddressBook::Held>> AddressBook::all(const Context& context) {
  std::vector<Held> held;
  const auto book = TRY(entries(context));
  if (book.empty()) return held;
  const auto addresses = TRY(cloud_.account.list(book_path, book_member, {}, context));
  for (const auto& entry : book) {
    const auto found = std::ranges::find_if(addresses, [&](const Json& address) {
      return (entry.is_promise ? droplet_of(address) : json_string_or(address, "ip")) == entry.where;
    });
    const bool is_known = std::ranges::any_of(held, [&](const Held& one) { return one.id == entry.id; });
    if (found == addresses.end() || is_known) continue;
    held.push_back({entry.id, *found});
  }
  return held;
}

Result<std::optional<Json>> AddressBook::find(const ResourceId& id, const Context& context) {
  for (auto& one : TRY(all(context))) {
    if (one.id == id) return std::optional<Json>(std::move(one.address));
  }
  return std::optional<Json>();
}

Result<void> AddressBook::promise(const ResourceId& id, const std::string& droplet, const Context& context) {
  for (const auto& address : TRY(cloud_.account.list(book_path, book_member, {}, context))) {
    if (droplet_of(address) != droplet) continue;
    return Error{ErrorCode::refused,
                 fmt::format("droplet {} has the reserved IP {}, which is not this cluster's", droplet,
                             json_string_or(address, "ip")),
                 "take it off at the provider: a droplet bears one, and what is not skep's is never taken"};
  }
  return make_tag(cloud_, promise_tag(cluster_, id, droplet), context);
}

Result<void> AddressBook::keep(const ResourceId& id, const std::string& droplet, const std::string& address,
                               const Context& context) {
  TRY(make_tag(cloud_, address_tag(cluster_, id, address), context));
  return destroy_tag(cloud_, promise_tag(cluster_, id, droplet), context);
}

Result<void> AddressBook::settle(const ResourceId& id, const std::string& address, const Context& context) {
  bool is_written = false;
  std::vector<std::string> promises;
  for (const auto& entry : TRY(entries(context))) {
    if (entry.id != id) continue;
    is_written = is_written || (!entry.is_promise && entry.where == address);
    if (entry.is_promise) promises.push_back(entry.tag);
  }
  if (!is_written) TRY(make_tag(cloud_, address_tag(cluster_, id, address), context));
  for (const auto& tag : promises) TRY(destroy_tag(cloud_, tag, context));
  return {};
}

Result<void> AddressBook::forget(const ResourceId& id, const Context& context) {
  for (const auto& entry : TRY(entries(context))) {
    if (entry.id == id) TRY(destroy_tag(cloud_, entry.tag, context));
  }
  return {};
}

}  // namespace skep::digitalocean
