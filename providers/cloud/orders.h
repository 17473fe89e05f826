// Ordering machines: what is tried in turn, and what is said of orders that cannot be filled.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "planner/model/resource.h"
#include "planner/model/schema.h"
#include "planner/system/context.h"
#include "providers/cloud/cloud.h"

namespace skep::cloud {

/// One combination of a type and a place that is tried.
struct Choice {
  std::string type;
  std::string location;
};

/// What a server's inputs allow, in the order in which it is tried: all types in the first location, then the next.
std::vector<Choice> choices_of(const Attributes& inputs);
std::vector<std::string> locations_in(const Attributes& inputs);
std::vector<std::string> types_in(const Attributes& inputs);

/// One of those that are tried in turn is as good as the first.
bool is_wanted_type(const Attributes& inputs, const std::string& type);

/// The fields that servers of every cloud have as inputs; `type_doc` and `location_doc` are the provider's words.
std::vector<Field> server_inputs(const std::string& provider, const std::string& location_doc,
                                 const std::string& type_doc);

/// "hetzner has no image "debian-99" for arm, did you mean "debian-12"?"; " for arm" is `where`, which may be empty.
Error unknown_name(const std::string& provider, const std::string& what, const std::string& name,
                   const std::string& where, const std::vector<std::string>& names, const std::string& hint);

/// Gathers what is wrong with several orders in one error: their messages and hints, each with whose it is.
class OrderProblems {
 public:
  void add(const std::string& whose, const Error& error);  // "pool worker"
  Result<void> result() const;

 private:
  std::optional<Error> all_;
};

/// How a cloud's servers say their type and their disk: JSON pointers into a server.
struct DiskWords {
  const char* type;  // "/server_type/name"
  const char* disk;  // "/primary_disk_size", in GB
};

/// Adds a problem for each server among `made` that exists and is to take a type whose disk is smaller than its own:
/// no cloud shrinks a disk, and a server that was switched off for it would stay off. `disk_of` gives a type's disk in
/// GB, or nothing for what is not sold. Costs one list at most. Errors: those of listing.
Result<void> add_disk_problems(Cloud& cloud, const Kind& servers, const DiskWords& words,
                               std::span<const Resource> made,
                               const std::function<std::optional<std::int64_t>(const std::string&)>& disk_of,
                               OrderProblems& problems, const Context& context);

/// One order of each pool among `made`: the first of that driver.
std::vector<const Resource*> one_of_each_pool(std::span<const Resource> made, const std::string& driver);

/// Tries the choices one after the other, until one is made or fails for another reason than that there is none to be
/// had. `order` is called with each. Errors: as the last order's.
Result<Object> first_to_be_had(const Attributes& inputs, const Context& context,
                               const std::function<Result<Object>(const Choice&)>& order,
                               const std::function<bool(const Error&)>& is_quota);

}  // namespace skep::cloud
