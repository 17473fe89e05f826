#include "tests/fakes/cloud_actions.h"

#include <algorithm>

namespace skep::testing::cloud {

const Actions::Action& Actions::begin(Id id, Work work, CloudTime now, std::chrono::milliseconds takes) {
  due_.emplace(now + takes, id);
  if (!work.hidden) begun_until_ = std::max(begun_until_, now + takes);
  return actions_.emplace(id, Action{id, std::move(work), now, now + takes}).first->second;
}

bool Actions::is_busy(const std::string& what) const {
  return std::ranges::any_of(due_, [&](const auto& one) {
    const auto& locks = actions_.at(one.second).work.locks;
    return std::ranges::find(locks, what) != locks.end();
  });
}

const Actions::Action* Actions::find(Id id) const {
  const auto found = actions_.find(id);
  return found == actions_.end() || found->second.work.hidden ? nullptr : &found->second;
}

CloudTime Actions::last_end(CloudTime now) const { return due_.empty() ? now : std::max(now, due_.rbegin()->first); }

void Actions::advance(CloudTime& now, CloudTime to, std::map<std::string, int>& failing) {
  while (!due_.empty() && due_.begin()->first <= to) {
    const auto [time, id] = *due_.begin();
    due_.erase(due_.begin());
    now = std::max(now, time);
    Action& action = actions_.at(id);
    const auto left = failing.find(action.work.command);
    const bool fails = left != failing.end() && left->second > 0;
    if (fails) --left->second;
    action.status = fails ? Status::error : Status::success;
    fails ? action.work.on_error() : action.work.effect();
  }
  now = std::max(now, to);
  begun_until_ = now;
}

}  // namespace skep::testing::cloud
