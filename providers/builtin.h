// The table of providers that ship with skep.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "planner/engine/provider.h"
#include "planner/system/clock.h"
#include "planner/system/files.h"
#include "planner/system/http.h"
#include "planner/system/processes.h"
#include "planner/system/random.h"

namespace skep {

struct ProviderParts {
  Files& files;
  Processes& processes;
  const Clock& clock;
  Random& random;
  Http& http;                                         // one exchange a call: retries and limits are the providers' own
  std::map<std::string, std::string> variables = {};  // of the environment: credentials and endpoints
  std::map<std::string, std::string> endpoints = {};  // Spec::endpoints
};

/// One of each, by name. The parts must outlive them.
std::vector<std::unique_ptr<Provider>> make_providers(const ProviderParts& parts);

}  // namespace skep
