#include "providers/local/check_local.h"

#include <fmt/format.h>

#include <algorithm>

#include "planner/base/text.h"
#include "providers/common/pool_checks.h"
#include "providers/common/unsupported.h"
#include "providers/local/image_recipe.h"
#include "providers/local/limits.h"
#include "providers/local/local.h"
#include "providers/local/subnet.h"

namespace skep {

namespace {

constexpr int prefix_least = 12;
constexpr int prefix_most = 26;

class Checker {
 public:
  explicit Checker(const Spec& spec) : spec_(spec) {}

  void check_network();
  void check_login();
  void check_pool(const PoolSpec& pool);
  void check_count();
  std::vector<Problem> problems() && { return std::move(problems_); }

 private:
  void refuse(const std::string& path, const std::string& message, const std::string& hint) {
    problems_.push_back(problem_at(spec_, path, path + ": " + message, hint));
  }

  const Spec& spec_;
  std::vector<Problem> problems_;
};

void Checker::check_network() {
  const std::string& text = spec_.network.range;
  if (text.empty()) return;
  const auto range = parse_subnet(text);
  if (range && range->prefix >= prefix_least && range->prefix <= prefix_most) return;
  refuse("network.range",
         fmt::format("provider local needs an IPv4 range from /{} to /{}, not '{}'", prefix_least, prefix_most, text),
         "leave it out to have a free one chosen, or write one like 10.77.0.0/23");
}

// Its machines have one user and one port; other pools of the spec may well have others.
void Checker::check_login() {
  const bool all_local =
      std::ranges::all_of(spec_.pools, [](const auto& entry) { return entry.second.provider == local_provider_name; });
  if (!all_local) return;
  if (spec_.ssh.user != "root")
    refuse("ssh.user", "machines of provider local know only root, not '" + spec_.ssh.user + "'", "take the key out");
  if (spec_.ssh.port != 22) refuse("ssh.port", "machines of provider local listen on port 22", "take the key out");
}

void Checker::check_pool(const PoolSpec& pool) {
  const std::string path = "pools." + pool.name;
  if (!pool.location.empty())
    refuse(path + ".location", "provider local has no locations, only this computer", "take the key out");
  if (!pool.image.empty() && pool.image != image_debian_12) {
    refuse(path + ".image", fmt::format("provider local has no image '{}'", pool.image),
           fmt::format("{} is the only one; it is also the default", image_debian_12));
  }
  if (!parse_limits(pool.type)) {
    refuse(path + ".type", fmt::format("provider local has no type '{}'", pool.type),
           "write limits, such as 2cpu-1gb, or leave it out for none");
  }
  if (pool.spread) refuse(path + ".spread", "machines of provider local are all on this computer", "take the key out");
}

void Checker::check_count() {
  const auto range = parse_subnet(spec_.network.range);
  if (!range || range->prefix < prefix_least || range->prefix > prefix_most) return;
  std::size_t count = 0;
  for (const PoolSpec* pool : pools_of(spec_, local_provider_name)) count += pool->nodes.size();
  const std::size_t room = machine_capacity(*range);
  if (count <= room) return;
  refuse("network.range",
         fmt::format("{} has room for {}, not for {}", spec_.network.range, count_of(room, "machine"), count),
         "half of the range is for machines, half for floating IPs; choose a larger one");
}

}  // namespace

std::vector<Problem> check_local(const Spec& spec) {
  const auto pools = pools_of(spec, local_provider_name);
  if (pools.empty()) return {};
  Checker checker(spec);
  checker.check_network();
  checker.check_login();
  for (const PoolSpec* pool : pools) checker.check_pool(*pool);
  checker.check_count();
  auto problems = std::move(checker).problems();
  for (auto& more :
       {hand_written_problems(spec, local_provider_name, "provider local chooses addresses, keys and users itself"),
        volume_name_problems(spec, local_provider_name), cloud_only_problems(spec, local_provider_name)}) {
    problems.insert(problems.end(), more.begin(), more.end());
  }
  return problems;
}

}  // namespace skep
