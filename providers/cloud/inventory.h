// What the account holds, as far as it was read: so that a look before each creation costs one list for all of a kind.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "planner/model/resource.h"
#include "providers/cloud/kind.h"

namespace skep::cloud {

class Inventory {
 public:
  explicit Inventory(Account& account) : account_(account) {}

  /// All of the kind that carry the cluster's label, read now, and remembered.
  Result<std::vector<Json>> list(const Kind& kind, const std::string& cluster, const Context& context);

  /// The same for those who need not know more than was so a moment ago: several kinds of ours are read from one list.
  Result<std::vector<Json>> list_shared(const Kind& kind, const std::string& cluster, const Context& context);

  /// The object that carries the resource's labels. Of kinds with unique names, what was not in the last list and was
  /// not tried since is not there: the provider refuses a second object of one name, so a wrong memory cannot make a
  /// second one. Everything else is read now. Many threads at once cost one list.
  Result<std::optional<Json>> find(const Kind& kind, const std::string& cluster, const ResourceId& id,
                                   const Context& context);

  /// The object of this name as it is now, whosever it is.
  Result<std::optional<Json>> find_by_name(const Kind& kind, const std::string& name, const Context& context);

  /// The object by its number as it is now. Those who ask at the same moment share one list.
  Result<std::optional<Json>> read(const Kind& kind, const std::string& cluster, const RemoteId& id,
                                   const Context& context);

  /// The object by its number, and nothing else.
  Result<std::optional<Json>> read_alone(const Kind& kind, const RemoteId& id, const Context& context);

  /// Something of the kind was changed: a list from before is no longer shared.
  void mark_changed(const Kind& kind);

  /// Somebody tries to make or destroy it: what is remembered of it is worth nothing any more.
  void mark_tried(const Kind& kind, const ResourceId& id);

  /// It was destroyed, and an id is never given twice: lists that lag behind show it no more.
  void mark_destroyed(const Kind& kind, const RemoteId& id);

 private:
  struct Memory {
    std::multimap<ResourceId, Json> objects;  // several that claim to be the same are for others to judge
    std::set<ResourceId> tried;
    Instant listed = {};  // when; what we did since makes it old
    Instant read = {};    // when, whatever we did since
  };
  struct Reading {  // several reads that are answered together
    std::vector<RemoteId> wanted;
    std::map<RemoteId, std::optional<Json>> found;
    std::optional<Error> error;
    std::shared_ptr<std::stop_source> done = std::make_shared<std::stop_source>();
  };

  Result<std::optional<Json>> find_in_new_list(const Kind& kind, const std::string& cluster, const ResourceId& id,
                                               const Context& context);
  std::optional<std::vector<Json>> untried_list(const Kind& kind, const std::string& cluster, const ResourceId& id);
  Result<void> ensure_listed(const Kind& kind, const std::string& cluster, const Context& context);
  void answer(const Kind& kind, const std::string& cluster, Reading& reading, const Context& context);

  Account& account_;
  std::mutex mutex_;
  std::map<std::string, std::mutex>
      sharing_;                             // held during a shared list, by path and cluster: others await its answer
  std::map<std::string, Memory> memories_;  // by path and cluster
  std::map<std::string, std::set<RemoteId>> destroyed_;                   // by path
  std::map<std::string, std::shared_ptr<std::stop_source>> first_lists_;  // under way, by path and cluster
  std::map<std::string, std::shared_ptr<Reading>> readings_;              // that still gather, by path and cluster
};

}  // namespace skep::cloud
