// A whole skep over the simulated DigitalOcean.
#pragma once

#include <string>

#include "providers/digitalocean/digitalocean.h"
#include "tests/fakes/apply_kit.h"
#include "tests/fakes/digitalocean_http.h"
#include "tests/providers/digitalocean/simulator_kit.h"

namespace skep::testing {

/// A cluster at digitalocean: a pool "manager", and what else the test adds.
Spec digitalocean_spec(int managers, int workers = 0);

class DigitalOceanWorld : public ApplyWorld {
 public:
  explicit DigitalOceanWorld(DigitalOceanOptions options = {});
  ~DigitalOceanWorld() override;

  /// As a new run of skep: nothing is remembered but the state.
  void restart();

  /// What exists, of kinds that skep makes: "droplets: demo-manager-1 demo-manager-2".
  std::string what_exists() const;
  Json droplet(const std::string& name) const;
  /// Straight to the cloud, as somebody else with the same account: the answer's body.
  Json ask(const std::string& method, const std::string& path, const Json& body = nullptr);

  DigitalOceanCloud cloud;
  FaultyHttp& http() { return faulty_; }

 private:
  DigitalOceanHttp direct_;
  JudgedHttp judged_;
  FaultyHttp faulty_;
  SameBytes random_;
};

}  // namespace skep::testing
