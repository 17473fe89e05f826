// A shared place in memory, for commands that are not about its protocol.
#pragma once

#include "planner/store/shared_state.h"

namespace skep::testing {

/// What is there, for all that look at it.
struct PlaceContent {
  std::optional<std::string> text = {};
  std::optional<LockInfo> holder = {};
  int writes_left = 1'000'000;  // until they fail; the first that fails is stored all the same
};

class MemoryPlace final : public SharedState {
 public:
  explicit MemoryPlace(PlaceContent& content) : content_(content) {}
  std::string what() const override { return "the state in memory"; }
  Result<std::optional<std::string>> read(const Context&) override { return content_.text; }
  Result<void> write(const std::string& text, const std::string& lock_id, const Context&) override {
    if (!content_.holder || content_.holder->id != lock_id) return Error{ErrorCode::conflict, "the lock is not yours"};
    if (content_.writes_left >= 0) content_.text = text;
    if (--content_.writes_left < 0) return Error{ErrorCode::unavailable, "the place is out of reach"};
    return {};
  }
  Result<std::optional<LockInfo>> lock(const LockInfo& ours, const Context&) override {
    if (content_.holder) return content_.holder;
    content_.holder = ours;
    return std::optional<LockInfo>();
  }
  Result<void> unlock(const LockInfo& info, const Context&) override {
    if (content_.holder && content_.holder->id == info.id) content_.holder.reset();
    return {};
  }

 private:
  PlaceContent& content_;
};

}  // namespace skep::testing
