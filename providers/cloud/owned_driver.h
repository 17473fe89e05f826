// A kind at a cloud whose verbs are a request each: listed, looked for, created and destroyed as all others are.
#pragma once

#include <memory>

#include "providers/cloud/cloud.h"

namespace skep::cloud {

struct OwnedParts {
  Cloud& cloud;
  const Kind& kind;
  Schema schema;
  ToAttributes to_attributes;
  /// The body of the request that creates it; name and owner are added. Kinds that create otherwise leave it out.
  Json (*order)(const Attributes& inputs) = nullptr;
};

/// Drivers of kinds that need more override what they do otherwise.
class OwnedDriver : public Driver {
 public:
  explicit OwnedDriver(OwnedParts parts) : parts_(std::move(parts)) {}

  const Schema& schema() const override { return parts_.schema; }
  Result<std::vector<Owned>> list(std::string_view cluster, const Context& context) override;
  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id,
                                     const Context& context) override;
  Result<Object> create(const Resource& resource, const Context& context) override;
  /// Nothing about it can be changed.
  Result<Object> update(const Resource&, const Object& object, const Context&) override { return object; }
  Result<void> destroy(const Resource& resource, const Object& object, const Context& context) override;
  Result<Object> wait_ready(const Resource& resource, Object object, const Context& context) override;

 protected:
  /// find(), where its absence is an error. Errors: also not_found.
  Result<Object> read_now(const Resource& resource, const Object& object, const Context& context);
  /// POST KIND/ID/actions/NAME, and wait until what it begins has ended.
  Result<void> act_on(const Object& object, const std::string& action, const Json& body, const Context& context);
  Result<Object> order(const Resource& resource, Json body, const Context& context);

  Cloud& cloud() { return parts_.cloud; }
  const Kind& kind() const { return parts_.kind; }
  ToAttributes to_attributes() const { return parts_.to_attributes; }

 private:
  const OwnedParts parts_;
};

/// The input that every kind has.
Field cluster_field();

}  // namespace skep::cloud
