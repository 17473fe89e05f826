// A whole skep over the simulated Hetzner Cloud.
#pragma once

#include <string>

#include "providers/hetzner/hetzner.h"
#include "tests/fakes/apply_kit.h"
#include "tests/fakes/hetzner_http.h"
#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {

/// A cluster at hetzner: a pool "manager" that spreads, and what else the test adds.
Spec hetzner_spec(int managers, int workers = 0);

class HetznerWorld : public ApplyWorld {
 public:
  explicit HetznerWorld(HetznerOptions options = {});

  /// As a new run of skep: nothing is remembered but the state.
  void restart();

  /// A DNS zone of the user's own.
  void make_zone(const std::string& name);

  /// What exists, of kinds that skep makes: "servers: demo-manager-1 demo-manager-2".
  std::string what_exists() const;

  HetznerCloud cloud;
  FaultyHttp& http() { return faulty_; }
  JudgedHttp& judge() { return judged_; }

 private:
  HetznerHttp direct_;
  JudgedHttp judged_;
  FaultyHttp faulty_;
  SameBytes random_;
};

}  // namespace skep::testing
