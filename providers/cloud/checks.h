// What is wrong with the part of a spec that asks for machines of a cloud, as far as all clouds say the same. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep::cloud {

/// What a cloud bears, and how it is called in messages.
struct CloudFacts {
  std::string provider;    // "hetzner"
  std::string type;        // what it calls the size of a machine: "server type"
  std::string usual_type;  // "cx23"
  std::uint64_t volume_gb_least = 1;
  std::uint64_t volume_gb_most = 0;
  std::size_t name_most = 63;  // characters in a name
};

inline constexpr std::uint64_t bytes_per_gb = 1'000'000'000;

class Checker {
 public:
  Checker(const Spec& spec, CloudFacts facts) : spec_(spec), facts_(std::move(facts)) {}

  /// Logging in, neighbours, endpoint, types, volumes, names, listeners.
  void check_what_all_share();
  /// The token goes to the endpoint: over the open internet only in a sealed envelope.
  void check_endpoint();
  std::vector<Problem> problems() && { return std::move(problems_); }

  void refuse(const std::string& path, const std::string& message, const std::string& hint);
  /// `name` is none of `names`: with the one that may be meant.
  void refuse_unknown(const std::string& path, const std::string& what, const std::string& name,
                      const std::vector<std::string>& names);
  void warn(const std::string& path, const std::string& message, const std::string& hint);

 private:
  void check_login();
  void check_neighbours();
  void check_pool(const PoolSpec& pool);
  void check_volumes(const PoolSpec& pool);
  void check_name(const std::string& path, const std::string& name);
  void check_names();
  void add(std::vector<Problem> more);

  const Spec& spec_;
  const CloudFacts facts_;
  std::vector<Problem> problems_;
};

}  // namespace skep::cloud
