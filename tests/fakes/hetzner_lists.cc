#include "tests/fakes/hetzner_lists.h"

#include <algorithm>
#include <set>

#include "tests/fakes/hetzner_input.h"

namespace skep::testing::hetzner {

namespace {

std::int64_t number_in(const Call& call, const std::string& name, std::int64_t usual, std::int64_t most) {
  const auto number = cloud::number_of(call, name, usual, most);
  if (!number) fail_input(name, "must be between 1 and " + std::to_string(most));
  return *number;
}

/// What ?status= and the like compare with; objects that lack the member never match.
const std::set<std::string> filters = {"name", "type", "status", "architecture", "fingerprint", "ip", "mode"};

bool passes(const Call& call, const Json& object) {
  for (const auto& selector : values_of(call, "label_selector")) {
    if (!object.contains("labels") || !matches_selector(object["labels"], selector)) return false;
  }
  for (const auto& filter : filters) {
    const auto wanted = values_of(call, filter);
    if (wanted.empty()) continue;
    const Json value = object.value(filter, Json());
    if (!value.is_string() || std::ranges::find(wanted, value.get<std::string>()) == wanted.end()) return false;
  }
  const auto ids = values_of(call, "id");
  return ids.empty() || std::ranges::find(ids, std::to_string(object["id"].get<Id>())) != ids.end();
}

void sort_by(const std::string& order, std::vector<Json>& objects) {
  const std::size_t colon = order.find(':');
  const std::string key = order.substr(0, colon);
  const std::string direction = colon == std::string::npos ? "asc" : order.substr(colon + 1);
  static const std::set<std::string> keys = {"id",       "name",    "created",  "status", "command",
                                             "progress", "started", "finished", "type"};
  if (!keys.contains(key) || (direction != "asc" && direction != "desc")) fail_input("sort", "cannot sort by " + order);
  std::ranges::stable_sort(objects, [&](const Json& left, const Json& right) {
    const Json a = left.value(key, Json());
    const Json b = right.value(key, Json());
    return direction == "asc" ? a < b : b < a;
  });
}

}  // namespace

Answer list_answer(const Call& call, const std::string& key, std::vector<Json> objects) {
  std::erase_if(objects, [&](const Json& object) { return !passes(call, object); });
  auto orders = values_of(call, "sort");
  std::ranges::reverse(orders);
  for (const auto& order : orders) sort_by(order, objects);

  const std::int64_t per_page = number_in(call, "per_page", 25, 50);
  const std::int64_t page = number_in(call, "page", 1, 1'000'000);
  cloud::Page cut = cloud::page_of(std::move(objects), page, per_page);
  const Json pagination = {{"page", page},
                           {"per_page", per_page},
                           {"previous_page", page > 1 ? Json(page - 1) : Json()},
                           {"next_page", page < cut.last ? Json(page + 1) : Json()},
                           {"last_page", cut.last},
                           {"total_entries", cut.total}};
  return {200, {{key, std::move(cut.objects)}, {"meta", {{"pagination", pagination}}}}};
}

}  // namespace skep::testing::hetzner
