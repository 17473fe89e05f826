#include "providers/cloud/action_poll.h"

#include <fmt/format.h>

#include <algorithm>

#include "providers/http/woken_sleep.h"

namespace skep::cloud {

namespace {

constexpr Duration pause_least = std::chrono::milliseconds(150);
constexpr Duration pause_most = std::chrono::seconds(5);
constexpr int pause_share = 20;  // a pause is this part of the time waited: who asks late loses little of it
constexpr Duration first_longest = std::chrono::seconds(20);
constexpr Duration slack = std::chrono::milliseconds(250);  // what is due within it is asked for in the same request
constexpr Duration sleep_longest = std::chrono::hours(1);

bool contains(const std::vector<ActionId>& list, ActionId id) { return std::ranges::find(list, id) != list.end(); }

}  // namespace

Result<void> ActionPoll::await(const std::vector<Json>& actions, const Context& context) {
  Waiter waiter;
  begin(waiter, actions);
  Result<void> result;
  while (result.ok()) {
    bool is_leader = false;
    Duration pause = sleep_longest;
    {
      const std::lock_guard lock(mutex_);
      if (waiter.open.empty()) break;
      if (leader_ == nullptr) {
        leader_ = &waiter;
        is_leader = true;
        pause = until_due();
      }
      waiter.wake = std::make_shared<std::stop_source>();
    }
    result = sleep(waiter, pause, context);
    if (!is_leader) continue;
    if (result.ok()) result = poll(context);
    const std::lock_guard lock(mutex_);
    leader_ = nullptr;
  }
  leave(waiter);
  if (!result.ok()) return result;
  if (!waiter.failures.empty()) return waiter.failures.front();
  return {};
}

void ActionPoll::begin(Waiter& waiter, const std::vector<Json>& actions) {
  const std::lock_guard lock(mutex_);
  for (const auto& action : actions) watch(waiter, action);
  waiters_.push_back(&waiter);
  if (leader_ != nullptr) leader_->wake->request_stop();  // it may have to ask sooner than it thought
}

void ActionPoll::watch(Waiter& waiter, const Json& action) {
  const ActionStatus status = words().status(action);
  if (status == ActionStatus::done) return;
  if (status == ActionStatus::failed) return waiter.failures.push_back(words().error(action));
  const ActionId id = json_int_or(action, "id", 0);
  const std::string name = words().name(action);
  const Instant now = account_.clock().now();
  const auto usual = usual_.find(name);
  const Duration first = usual == usual_.end() ? words().expected(name) : usual->second;
  watched_.try_emplace(id, Watched{name, now, now + std::clamp(first, pause_least, first_longest)});
  waiter.open.push_back(id);
}

void ActionPoll::leave(Waiter& waiter) {
  const std::lock_guard lock(mutex_);
  std::erase(waiters_, &waiter);
  for (const ActionId id : waiter.open) {
    const bool is_wanted =
        std::ranges::any_of(waiters_, [&](const Waiter* other) { return contains(other->open, id); });
    if (!is_wanted) watched_.erase(id);
  }
  wake_next();
}

/// Ends well also when it was woken.
Result<void> ActionPoll::sleep(const Waiter& waiter, Duration at_most, const Context& context) const {
  auto slept = sleep_until_woken(account_.clock(), waiter.wake->get_token(), at_most, context);
  if (slept.ok() || slept.error().code == ErrorCode::cancelled) return slept;
  return Error{ErrorCode::unavailable, "the provider did not finish in time", "try again: what has begun goes on"};
}

/// The actions that are asked for, and when.
std::map<ActionId, Instant> ActionPoll::due() const {
  std::map<ActionId, Instant> result;
  for (const Waiter* waiter : waiters_) {
    if (!waiter->open.empty()) result.emplace(waiter->open.back(), watched_.at(waiter->open.back()).due);
  }
  return result;
}

Duration ActionPoll::until_due() const {
  Instant first = Instant::max();
  for (const auto& [id, at] : due()) first = std::min(first, at);
  const Instant now = account_.clock().now();
  return first <= now ? Duration::zero() : std::min(first - now, sleep_longest);
}

/// Asks for what is due, if anything is. Only the leader calls it.
Result<void> ActionPoll::poll(const Context& context) {
  std::vector<ActionId> asked;
  {
    const std::lock_guard lock(mutex_);
    const Instant now = account_.clock().now();
    const auto all = due();
    const bool is_time = std::ranges::any_of(all, [&](const auto& one) { return one.second <= now; });
    for (const auto& [id, at] : all) {
      if (is_time && at <= now + slack && asked.size() < words().batch_limit) asked.push_back(id);
    }
  }
  if (asked.empty()) return {};
  add_earlier(asked);
  const auto answer = words().ask(account_, asked, context);
  if (!answer.ok() && answer.error().code == ErrorCode::cancelled) return answer.error();
  take(asked, answer);
  return {};
}

/// What else those who wait need, as far as there is room in the same request.
void ActionPoll::add_earlier(std::vector<ActionId>& asked) {
  const std::lock_guard lock(mutex_);
  for (const Waiter* waiter : waiters_) {
    for (const ActionId id : waiter->open) {
      if (asked.size() < words().batch_limit && !contains(asked, id)) asked.push_back(id);
    }
  }
}

void ActionPoll::take(const std::vector<ActionId>& asked, const Result<std::vector<Json>>& answer) {
  const std::lock_guard lock(mutex_);
  const Instant now = account_.clock().now();
  std::map<ActionId, Json> seen;
  if (answer.ok()) {
    for (const auto& action : answer.value()) seen.emplace(json_int_or(action, "id", 0), action);
  }
  for (const ActionId id : asked) {
    const auto watched = watched_.find(id);
    if (watched == watched_.end()) continue;
    const auto found = seen.find(id);
    const bool is_running = found != seen.end() && words().status(found->second) == ActionStatus::running;
    const bool could_not_ask = !answer.ok() && answer.error().code == ErrorCode::unavailable;
    if (is_running || could_not_ask) {
      watched->second.due = now + std::clamp((now - watched->second.since) / pause_share, pause_least, pause_most);
    } else if (found != seen.end()) {
      end(id, found->second);
    } else {
      const std::string provider = account_.dialect().provider;
      fail(id, answer.ok() ? Error{ErrorCode::unavailable, provider + " knows nothing of the action any more"}
                           : answer.error());
    }
  }
  for (Waiter* waiter : waiters_) {
    if (waiter->open.empty()) waiter->wake->request_stop();
  }
}

void ActionPoll::end(ActionId id, const Json& action) {
  const Watched& watched = watched_.at(id);
  const bool is_good = words().status(action) == ActionStatus::done;
  const Duration took = account_.clock().now() - watched.since;
  if (!is_good) return fail(id, words().error(action));
  // the shortest is remembered: asking late costs time, asking early a request
  const auto [usual, is_first] = usual_.try_emplace(watched.name, took);
  if (!is_first) usual->second = std::min(usual->second, took);
  for (Waiter* waiter : waiters_) std::erase(waiter->open, id);
  watched_.erase(id);
}

void ActionPoll::fail(ActionId id, const Error& error) {
  for (Waiter* waiter : waiters_) {
    if (std::erase(waiter->open, id) > 0) waiter->failures.push_back(error);
  }
  watched_.erase(id);
}

/// Somebody must poll for those who are left.
void ActionPoll::wake_next() {
  if (leader_ == nullptr && !waiters_.empty()) waiters_.front()->wake->request_stop();
}

}  // namespace skep::cloud
