#include "planner/store/sealed_state.h"

namespace skep {

namespace {

class SealedState final : public SharedState {
 public:
  SealedState(std::unique_ptr<SharedState> place, KeyRing keys, Random& random)
      : place_(std::move(place)), keys_(std::move(keys)), random_(random) {}

  std::string what() const override { return place_->what(); }

  Result<std::optional<std::string>> read(const Context& context) override {
    const auto text = TRY(place_->read(context));
    if (!text) return std::optional<std::string>();
    return std::optional(TRY(keys_.open(*text, what())));
  }

  Result<void> write(const std::string& text, const std::string& lock_id, const Context& context) override {
    const Json document = TRY(parse_json(text, what()));
    Json head = Json::object();
    for (const char* key : {"version", "serial", "lineage", "tool"}) head[key] = json_member(document, key);
    return place_->write(TRY(keys_.seal(head, text, random_)), lock_id, context);
  }

  Result<std::optional<LockInfo>> lock(const LockInfo& ours, const Context& context) override {
    return place_->lock(ours, context);
  }
  Result<void> unlock(const LockInfo& info, const Context& context) override { return place_->unlock(info, context); }

 private:
  std::unique_ptr<SharedState> place_;
  KeyRing keys_;
  Random& random_;
};

}  // namespace

std::unique_ptr<SharedState> make_sealed_state(std::unique_ptr<SharedState> place, KeyRing keys, Random& random) {
  return std::make_unique<SealedState>(std::move(place), std::move(keys), random);
}

}  // namespace skep
