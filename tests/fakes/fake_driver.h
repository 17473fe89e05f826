// A driver made of functions, for tests that say what one call answers; and the small parts that an executor wants.
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "planner/engine/driver.h"
#include "planner/engine/runner.h"
#include "planner/system/clock.h"

namespace skep::test {

/// Keeps what was created by id; every verb can be replaced, and every call is noted.
class FakeDriver : public Driver {
 public:
  explicit FakeDriver(std::string name, bool listed = false) {
    schema_.driver = std::move(name);
    schema_.inputs = {
        {"value", OnChange::update}, {"other", OnChange::ignore}, {"token", OnChange::update, false, true}};
    schema_.listed = listed;
  }

  std::function<Result<std::vector<Owned>>()> on_list;
  std::function<Result<std::optional<Object>>(const Resource&, std::string_view)> on_find;
  std::function<Result<Object>(const Resource&, const Context&)> on_create;
  std::function<Result<void>(const Resource&)> on_prepare_update;
  std::function<Result<Object>(const Resource&, const Object&, const Context&)> on_update;
  std::function<Result<void>(const Resource&, const Object&, const Context&)> on_destroy;
  std::function<Result<Object>(const Resource&, Object, const Context&)> on_wait_ready;

  std::vector<std::string> calls() const {
    const std::scoped_lock lock(mutex_);
    return calls_;
  }
  std::map<ResourceId, Object> objects;  // what exists; guarded in calls, free to touch when no job runs
  Schema& edit_schema() { return schema_; }

  const Schema& schema() const override { return schema_; }

  Result<std::vector<Owned>> list(std::string_view, const Context&) override {
    note("list " + schema_.driver);
    if (on_list) return on_list();
    const std::scoped_lock lock(mutex_);
    std::vector<Owned> owned;
    for (const auto& [id, object] : objects) owned.push_back({id, object});
    return owned;
  }
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id, const Context&) override {
    note("find " + to_text(resource.id));
    if (on_find) return on_find(resource, remote_id);
    const std::scoped_lock lock(mutex_);
    const auto found = objects.find(resource.id);
    return found == objects.end() ? std::optional<Object>() : found->second;
  }
  Result<Object> create(const Resource& resource, const Context& context) override {
    note("create " + to_text(resource.id));
    if (on_create) return on_create(resource, context);
    return keep(resource);
  }
  Result<void> prepare_update(const Resource& resource, const Object&, const Context&) override {
    note("prepare " + to_text(resource.id));
    return on_prepare_update ? on_prepare_update(resource) : Result<void>();
  }
  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    note("update " + to_text(resource.id));
    if (on_update) return on_update(resource, object, context);
    return keep(resource);
  }
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    note("destroy " + to_text(resource.id));
    if (on_destroy) return on_destroy(resource, object, context);
    const std::scoped_lock lock(mutex_);
    objects.erase(resource.id);
    return {};
  }
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    if (on_wait_ready) return on_wait_ready(resource, std::move(object), context);
    return object;
  }

  /// As the default create(): the object reports its inputs.
  Object keep(const Resource& resource) {
    const std::scoped_lock lock(mutex_);
    Object object = {.remote_id = "id-of-" + to_text(resource.id), .attributes = resource.inputs};
    object.attributes.erase("token");
    objects[resource.id] = object;
    return object;
  }

 private:
  void note(std::string call) {
    const std::scoped_lock lock(mutex_);
    calls_.push_back(std::move(call));
  }

  Schema schema_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
};

/// A clock that stands still until somebody sleeps.
class FakeClock final : public Clock {
 public:
  Instant now() const override { return Instant(Duration(now_.load())); }
  WallTime wall() const override {
    return WallTime(std::chrono::duration_cast<std::chrono::seconds>(now() - Instant{}));
  }
  Result<void> sleep(Duration duration, const Context& context) const override {
    if (context.stop.stop_requested()) return Error{.code = ErrorCode::cancelled, .message = "stopped while it slept"};
    const bool is_too_long = now() + duration > context.deadline;
    advance(is_too_long ? context.deadline - now() : duration);
    if (is_too_long) return Error{.code = ErrorCode::unavailable, .message = "the deadline came first"};
    return {};
  }
  void advance(Duration duration) const { now_ += duration.count(); }

 private:
  mutable std::atomic<Duration::rep> now_ = 0;
};

/// Runs each job at once, to its end, when the executor waits: in the order of their start.
class InlineRunner final : public Runner {
 public:
  explicit InlineRunner(std::size_t capacity = 64) : capacity_(capacity) {}
  std::size_t capacity() const override { return capacity_; }
  void start(StepId step, std::function<StepResult(Say)> job) override {
    started.push_back(step);
    jobs_.emplace_back(step, std::move(job));
    most_at_once = std::max(most_at_once, jobs_.size());
  }
  std::vector<Notice> wait() override {
    auto [step, job] = std::move(jobs_.front());
    jobs_.erase(jobs_.begin());
    std::vector<Notice> notices;
    const StepId id = step;
    StepResult result = job([&notices, id](std::string_view text) {
      notices.push_back({.kind = Notice::Kind::said, .step = id, .text = std::string(text)});
    });
    notices.push_back({.kind = Notice::Kind::finished, .step = step, .result = std::move(result)});
    return notices;
  }

  std::vector<StepId> started;
  std::size_t most_at_once = 0;

 private:
  std::size_t capacity_;
  std::vector<std::pair<StepId, std::function<StepResult(Say)>>> jobs_;
};

}  // namespace skep::test
