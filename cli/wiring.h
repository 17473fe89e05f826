// The real outside: the only place that builds real clocks, clients and stores.
#pragma once

#include <memory>

#include "cli/outside.h"
#include "planner/system/interrupt.h"
#include "providers/http/curl_http.h"
#include "providers/http/curl_mail.h"
#include "providers/http/traced_http.h"

namespace skep {

/// Holds the real things that its Outside refers to.
class RealWorld {
 public:
  /// `environment`: the process's, as main() gets it.
  RealWorld(Interrupt& interrupt, char** environment);
  Outside& outside() { return *outside_; }

  /// Whether everything that was printed has also arrived (a full disk, a closed pipe).
  bool output_is_whole();

 private:
  Result<std::unique_ptr<Store>> open_store_at(const StatePlace& place, StateUse use);
  Result<std::vector<std::unique_ptr<Provider>>> make_providers_with(const ProviderSettings& settings);

  SystemTerminal terminal_;
  SystemFiles files_;
  SystemProcesses processes_;
  SystemClock clock_;
  SystemRandom random_;
  CurlHttp http_;
  CurlMail mail_;
  std::unique_ptr<TracedHttp> traced_;  // around http_, once a trace is asked for
  std::unique_ptr<Outside> outside_;
};

}  // namespace skep
