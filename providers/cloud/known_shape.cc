#include "providers/cloud/known_shape.h"

namespace skep::cloud {

namespace {

class ShapedDriver final : public Driver {
 public:
  ShapedDriver(std::string provider, std::unique_ptr<Driver> inner)
      : provider_(std::move(provider)), inner_(std::move(inner)) {}

  const Schema& schema() const override { return inner_->schema(); }

  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override {
    return with_known_shape(provider_, ErrorCode::unavailable, [&] { return inner_->list(cluster, context); });
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override {
    return with_known_shape(provider_, ErrorCode::unavailable,
                            [&] { return inner_->find(resource, remote_id, context); });
  }

  Result<Object> create(const Resource& resource, const Context& context) override {
    return with_known_shape(provider_, ErrorCode::unknown_outcome, [&] { return inner_->create(resource, context); });
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context& context) override {
    return with_known_shape(provider_, ErrorCode::unknown_outcome,
                            [&] { return inner_->update(resource, object, context); });
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override {
    return with_known_shape(provider_, ErrorCode::unknown_outcome,
                            [&] { return inner_->destroy(resource, object, context); });
  }

  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override {
    return with_known_shape(provider_, ErrorCode::unavailable,
                            [&] { return inner_->wait_ready(resource, std::move(object), context); });
  }

 private:
  const std::string provider_;
  std::unique_ptr<Driver> inner_;
};

}  // namespace

std::unique_ptr<Driver> with_known_shape(std::string provider, std::unique_ptr<Driver> driver) {
  return std::make_unique<ShapedDriver>(std::move(provider), std::move(driver));
}

}  // namespace skep::cloud
