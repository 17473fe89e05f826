#include "providers/cloud/inventory.h"

#include <algorithm>

#include "providers/http/woken_sleep.h"

namespace skep::cloud {

namespace {

constexpr Duration shared_longest = std::chrono::seconds(2);  // how old a shared list may be
constexpr Instant long_ago{Duration(-shared_longest)};
constexpr Duration gathering = std::chrono::milliseconds(30);  // one poll wakes them all
constexpr std::size_t alone_most = 2;                          // so many are read one by one
constexpr Duration wait_longest = std::chrono::hours(1);

std::string key_of(const Kind& kind, const std::string& cluster) { return kind.path + " " + cluster; }

}  // namespace

Result<std::vector<Json>> Inventory::list(const Kind& kind, const std::string& cluster, const Context& context) {
  auto objects = TRY(account_.list(kind.path, kind.many, kind.of_cluster(cluster), context));
  for (const auto& object : objects) {
    if (!kind.id_of(object).empty()) continue;
    return Error{ErrorCode::unavailable, "GET " + kind.path + ": one of the " + kind.many + " has no id",
                 "try again later"};
  }
  Memory memory;
  memory.listed = account_.clock().now();
  memory.read = memory.listed;
  const std::lock_guard lock(mutex_);
  std::erase_if(objects, [&](const Json& object) { return destroyed_[kind.path].contains(kind.id_of(object)); });
  for (const auto& object : objects) {
    if (const auto id = kind.owner(object, kind.name, cluster)) memory.objects.emplace(*id, object);
  }
  Memory& old = memories_[key_of(kind, cluster)];
  memory.tried = std::move(old.tried);  // lists lag behind: what was tried is looked for by name all the same
  old = std::move(memory);
  return objects;
}

Result<std::vector<Json>> Inventory::list_shared(const Kind& kind, const std::string& cluster, const Context& context) {
  std::mutex* of_kind = nullptr;
  {
    const std::lock_guard lock(mutex_);
    of_kind = &sharing_[key_of(kind, cluster)];
  }
  const std::lock_guard sharing(*of_kind);
  {
    const std::lock_guard lock(mutex_);
    const auto memory = memories_.find(key_of(kind, cluster));
    if (memory != memories_.end() && account_.clock().now() - memory->second.listed < shared_longest) {
      std::vector<Json> objects;
      for (const auto& [id, object] : memory->second.objects) objects.push_back(object);
      return objects;
    }
  }
  return list(kind, cluster, context);
}

/// The first to come lists, the others wait for it; if it fails, the next one tries.
Result<void> Inventory::ensure_listed(const Kind& kind, const std::string& cluster, const Context& context) {
  const std::string key = key_of(kind, cluster);
  for (;;) {
    std::shared_ptr<std::stop_source> done;
    bool is_first = false;
    {
      const std::lock_guard lock(mutex_);
      if (memories_.contains(key)) return {};
      auto& under_way = first_lists_[key];
      is_first = under_way == nullptr;
      if (is_first) under_way = std::make_shared<std::stop_source>();
      done = under_way;
    }
    if (!is_first) {
      TRY(sleep_until_woken(account_.clock(), done->get_token(), wait_longest, context));
      continue;
    }
    const auto listed = list(kind, cluster, context);
    {
      const std::lock_guard lock(mutex_);
      first_lists_.erase(key);
    }
    done->request_stop();
    if (!listed.ok()) return listed.error();
    return {};
  }
}

Result<std::optional<Json>> Inventory::find(const Kind& kind, const std::string& cluster, const ResourceId& id,
                                            const Context& context) {
  if (!kind.has_unique_names) return find_in_new_list(kind, cluster, id, context);
  TRY(ensure_listed(kind, cluster, context));
  RemoteId known;
  {
    const std::lock_guard lock(mutex_);
    const Memory& memory = memories_[key_of(kind, cluster)];
    const auto found = memory.objects.find(id);
    if (!memory.tried.contains(id)) {
      if (found == memory.objects.end()) return std::optional<Json>();
      known = kind.id_of(found->second);
    }
  }
  auto object = known.empty() ? TRY(find_by_name(kind, remote_name(cluster, id), context))
                              : TRY(read(kind, cluster, known, context));
  if (!object || kind.owner(*object, kind.name, cluster) != id) return std::optional<Json>();
  return object;
}

Result<std::optional<Json>> Inventory::find_by_name(const Kind& kind, const std::string& name, const Context& context) {
  const Query query = kind.is_listed_by_name ? Query{{"name", name}} : Query{};
  for (auto& object : TRY(account_.list(kind.path, kind.many, query, context))) {
    if (json_string_or(object, "name") == name) return std::optional<Json>(std::move(object));
  }
  return std::optional<Json>();
}

/// What is done to others of the kind makes no list too old for one that nobody has tried to make since the run began.
std::optional<std::vector<Json>> Inventory::untried_list(const Kind& kind, const std::string& cluster,
                                                         const ResourceId& id) {
  const std::lock_guard lock(mutex_);
  const auto memory = memories_.find(key_of(kind, cluster));
  if (memory == memories_.end() || memory->second.tried.contains(id)) return std::nullopt;
  if (account_.clock().now() - memory->second.read >= shared_longest) return std::nullopt;
  std::vector<Json> objects;
  const auto [first, last] = memory->second.objects.equal_range(id);
  for (auto one = first; one != last; ++one) objects.push_back(one->second);
  return objects;
}

Result<std::optional<Json>> Inventory::find_in_new_list(const Kind& kind, const std::string& cluster,
                                                        const ResourceId& id, const Context& context) {
  auto remembered = untried_list(kind, cluster, id);
  for (auto& object : remembered ? std::move(*remembered) : TRY(list_shared(kind, cluster, context))) {
    if (kind.owner(object, kind.name, cluster) == id) return std::optional<Json>(std::move(object));
  }
  return std::optional<Json>();
}

Result<std::optional<Json>> Inventory::read_alone(const Kind& kind, const RemoteId& id, const Context& context) {
  auto answer = account_.get(kind.path + "/" + id, {}, context);
  if (!answer.ok() && answer.error().code == ErrorCode::not_found) return std::optional<Json>();
  if (!answer.ok()) return answer.error();
  const auto object = answer.value().find(kind.one);
  if (object == answer.value().end() || kind.id_of(*object).empty()) {
    return Error{ErrorCode::internal, "GET " + kind.path + "/" + id + ": the answer holds no " + kind.one};
  }
  return std::optional<Json>(*object);
}

Result<std::optional<Json>> Inventory::read(const Kind& kind, const std::string& cluster, const RemoteId& id,
                                            const Context& context) {
  std::shared_ptr<Reading> reading;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    auto& gathered = readings_[key_of(kind, cluster)];
    is_first = gathered == nullptr;
    if (is_first) gathered = std::make_shared<Reading>();
    reading = gathered;
    reading->wanted.push_back(id);
  }
  if (is_first) {
    static_cast<void>(account_.clock().sleep(gathering, context));  // a stop is noticed by the request itself
    {
      const std::lock_guard lock(mutex_);
      readings_.erase(key_of(kind, cluster));  // who comes now gathers anew
    }
    answer(kind, cluster, *reading, context);
    reading->done->request_stop();
  } else {
    TRY(sleep_until_woken(account_.clock(), reading->done->get_token(), wait_longest, context));
    if (reading->error) return read_alone(kind, id, context);  // the first of them may have had less time
  }
  if (reading->error) return *reading->error;
  return reading->found.at(id);
}

/// One by one, or all of the cluster's at once, whatever takes fewer requests. Runs without the lock: nobody else
/// writes to the reading any more, and nobody reads it before it is done.
void Inventory::answer(const Kind& kind, const std::string& cluster, Reading& reading, const Context& context) {
  std::map<RemoteId, Json> listed;
  if (reading.wanted.size() > alone_most) {
    auto objects = list(kind, cluster, context);
    if (!objects.ok()) {
      reading.error = objects.error();
      return;
    }
    for (auto& object : objects.value()) listed.emplace(kind.id_of(object), std::move(object));
  }
  for (const auto& id : reading.wanted) {
    if (const auto found = listed.find(id); found != listed.end()) {
      reading.found[id] = found->second;
      continue;
    }
    auto object = read_alone(kind, id, context);  // lists lag behind
    if (!object.ok()) {
      reading.error = object.error();
      return;
    }
    reading.found[id] = std::move(object).value();
  }
}

void Inventory::mark_changed(const Kind& kind) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, memory] : memories_) {
    if (key.starts_with(kind.path + " ")) memory.listed = long_ago;
  }
}

void Inventory::mark_destroyed(const Kind& kind, const RemoteId& id) {
  const std::lock_guard lock(mutex_);
  destroyed_[kind.path].insert(id);
}

void Inventory::mark_tried(const Kind& kind, const ResourceId& id) {
  const std::lock_guard lock(mutex_);
  for (auto& [key, memory] : memories_) {
    if (!key.starts_with(kind.path + " ")) continue;
    memory.tried.insert(id);
    memory.listed = long_ago;
  }
}

}  // namespace skep::cloud
