#include "planner/engine/select.h"

#include <algorithm>

#include "planner/base/text.h"
#include "planner/engine/patterns.h"
#include "planner/model/refs.h"

namespace skep {

namespace {

Names names_of(const ResourceId& id, const std::string& node, const PlanOptions& options) {
  ResourceId plain = id;
  plain.generation = 1;
  const auto pool = options.node_pools.find(node);
  return {.id = to_text(plain),
          .id_with_generation = to_text(id),
          .node = node,
          .pool = pool == options.node_pools.end() ? "" : pool->second,
          .kind = id.kind};
}

class Selection {
 public:
  explicit Selection(Draft& draft) : draft_(draft), index_(draft.index()), chosen_(draft.items.size(), false) {
    for (std::size_t i = 0; i < draft.items.size(); ++i) {
      const Item& item = draft.items[i];
      if (item.action == Action::none) continue;
      if (!item.node.empty()) nodes_[item.node].push_back(i);
      if (!item.record) continue;
      for (const auto& id : item.record->resource.needs) users_[id].push_back(i);
      for (const auto& id : referenced(item.record->resource.inputs)) users_[id].push_back(i);
    }
  }

  void choose(std::size_t i) {
    if (chosen_[i] || draft_.items[i].action == Action::none) return;
    chosen_[i] = true;
    fresh_.push_back(i);
  }

  // Brings along, until nothing new comes, what the chosen ones cannot do without.
  void complete() {
    while (!fresh_.empty()) {
      const Item& item = draft_.items[fresh_.back()];
      fresh_.pop_back();
      if (item.action == Action::destroy) {
        if (const auto users = users_.find(item.id); users != users_.end())
          for (const auto user : users->second) choose(user);
      } else {
        for (const auto& need : item.resource.needs) {
          const auto at = index_.find(need);
          if (at != index_.end() && draft_.items[at->second].action == Action::create) choose(at->second);
        }
      }
      if (item.is_replacement) choose_other_generations(item);
    }
  }

  bool is_chosen(std::size_t i) const { return chosen_[i]; }

 private:
  void choose_other_generations(const Item& item) {
    if (const auto node = nodes_.find(item.node); node != nodes_.end())
      for (const auto other : node->second) choose(other);
    ResourceId id = item.id;  // a resource without a node has its older and newer generations close by
    for (int step : {-1, 1}) {
      id.generation = item.id.generation + step;
      if (const auto at = index_.find(id); at != index_.end()) choose(at->second);
    }
  }

  Draft& draft_;
  std::unordered_map<ResourceId, std::size_t, IdHash> index_;
  std::vector<bool> chosen_;
  std::vector<std::size_t> fresh_ = {};
  std::unordered_map<std::string, std::vector<std::size_t>> nodes_ = {};
  std::unordered_map<ResourceId, std::vector<std::size_t>, IdHash> users_ = {};
};

}  // namespace

Result<void> select(Draft& draft, std::span<const Resource> wanted, const PlanOptions& options) {
  if (options.only.empty() && options.except.empty()) return {};
  std::vector<Names> all;
  for (const auto& item : draft.items) all.push_back(names_of(item.id, item.node, options));
  const std::size_t item_count = all.size();
  for (const auto& resource : wanted) all.push_back(names_of(resource.id, resource.node, options));
  TRY(check_patterns("--only", options.only, all));
  TRY(check_patterns("--except", options.except, all));

  Selection selection(draft);
  for (std::size_t i = 0; i < item_count; ++i) {
    const bool is_in = options.only.empty() || any_matches(options.only, all[i]);
    if (is_in && !any_matches(options.except, all[i])) selection.choose(i);
  }
  selection.complete();
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < item_count; ++i) {
    Item& item = draft.items[i];
    if (item.action == Action::none) continue;
    if (selection.is_chosen(i)) {
      if (!any_matches(options.except, all[i])) continue;
      return Error{
          .code = ErrorCode::invalid_input,
          .message = "--except leaves out " + to_text(item.id) + ", which other chosen changes cannot do without",
          .hint = "leave out what depends on it as well, or nothing"};
    }
    item.action = Action::none;
    item.resource = {};
    ++left_out;
  }
  if (left_out > 0)
    draft.warnings.push_back("limited by --only or --except: " + count_of(left_out, "change") + " left out");
  return {};
}

}  // namespace skep
