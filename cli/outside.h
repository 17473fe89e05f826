// Everything of the outside that a command may touch, as one value: the real world in wiring.cc, fakes in tests.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <stop_token>
#include <string>
#include <vector>

#include "planner/engine/provider.h"
#include "planner/model/load_spec.h"
#include "planner/store/http_state.h"
#include "planner/store/key_ring.h"
#include "planner/store/postgres_state.h"
#include "planner/store/s3_state.h"
#include "planner/store/store.h"
#include "planner/system/clock.h"
#include "planner/system/files.h"
#include "planner/system/http.h"
#include "planner/system/mail.h"
#include "planner/system/processes.h"
#include "planner/system/random.h"
#include "planner/system/ssh.h"
#include "planner/system/terminal.h"
#include "planner/system/whoami.h"
#include "provisioners/ssh/libssh2_ssh.h"

namespace skep {

enum class StateUse { read, write };  // read: never creates nor writes anything

/// Where a cluster's state is.
struct StatePlace {
  std::string cluster = {};
  std::string file = {};                      // beside the spec, when it is local
  std::optional<HttpStateOptions> http = {};  // else
  std::optional<PostgresOptions> postgres = {};
  std::optional<S3Options> s3 = {};
  KeyRing keys = {};        // what is shared is sealed with
  std::string commit = {};  // of the CI job, for those who meet our lock
  bool is_local() const { return !http && !postgres && !s3; }
};

/// What the providers are made with, besides the outside itself.
struct ProviderSettings {
  std::map<std::string, std::string> endpoints = {};  // Spec::endpoints
  std::string trace_file = {};                        // where every exchange with a cloud is written; empty: nowhere
};

struct Outside {
  Environment environment;
  std::ostream& out;  // results
  std::ostream& err;  // everything else
  Terminal& terminal;
  Files& files;
  Processes& processes;
  const Clock& clock;
  Random& random;
  Http& http;  // for what was asked for beside clouds and state: notes on merge requests, notifications
  Mail& mail;
  Whoami me;
  std::stop_token stop;                // Ctrl-C, SIGTERM, a terminal that is gone
  std::function<void()> request_stop;  // as if one had come; for deadlines

  /// The state of a cluster. Errors: those of Store::load().
  std::function<Result<std::unique_ptr<Store>>(const StatePlace& place, StateUse use)> open_store;
  /// Errors: the trace file cannot be written.
  std::function<Result<std::vector<std::unique_ptr<Provider>>>(const ProviderSettings&)> make_providers;
  std::function<std::unique_ptr<Ssh>(SshCredentials)> make_ssh;
  std::function<std::unique_ptr<HostKinds>(Ssh&)> make_host_kinds;
};

/// An environment variable, or nothing's empty text.
inline std::string variable(const Outside& outside, const std::string& name) {
  const auto found = outside.environment.find(name);
  return found == outside.environment.end() ? "" : found->second;
}

}  // namespace skep
