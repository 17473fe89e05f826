#include "cli/wiring.h"

#include <iostream>

#include "cli/version.h"
#include "planner/store/sealed_state.h"
#include "planner/store/shared_store.h"
#include "planner/store/sqlite_store.h"
#include "providers/builtin.h"
#include "providers/digitalocean/digitalocean.h"
#include "providers/hetzner/hetzner.h"
#include "providers/http/trace_file.h"
#include "provisioners/builtin.h"

namespace skep {

namespace {

constexpr const char* credential_variables[] = {digitalocean_token_variable, hetzner_token_variable};

Environment environment_of(char** entries) {
  Environment environment;
  for (char** entry = entries; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

}  // namespace

RealWorld::RealWorld(Interrupt& interrupt, char** environment) {
  outside_ = std::make_unique<Outside>(Outside{
      .environment = environment_of(environment),
      .out = std::cout,
      .err = std::cerr,
      .terminal = terminal_,
      .files = files_,
      .processes = processes_,
      .clock = clock_,
      .random = random_,
      .http = http_,
      .mail = mail_,
      .me = whoami(),
      .stop = interrupt.token(),
      .request_stop = [&interrupt] { interrupt.request_stop(); },
      .open_store = [this](const StatePlace& place, StateUse use) { return open_store_at(place, use); },
      .make_providers = [this](const ProviderSettings& settings) { return make_providers_with(settings); },
      .make_ssh = [this](SshCredentials credentials) { return make_libssh2_ssh(std::move(credentials), {}, clock_); },
      .make_host_kinds = [this](Ssh& ssh) { return make_host_kinds(ssh, clock_); },
  });
}

Result<std::unique_ptr<Store>> RealWorld::open_store_at(const StatePlace& place, StateUse use) {
  if (place.is_local())
    return open_sqlite_store(place.file, use == StateUse::read ? OpenMode::read : OpenMode::write, random_, clock_);
  std::unique_ptr<SharedState> shared;
  if (place.http) shared = std::make_unique<HttpState>(http_, clock_, *place.http);
  if (place.postgres) shared = make_postgres_state(*place.postgres, clock_);
  if (place.s3) shared = make_s3_state(http_, clock_, *place.s3);
  return make_shared_store(
      make_sealed_state(std::move(shared), place.keys, random_), random_, clock_,
      {.cluster = place.cluster, .version = version_text, .commit = place.commit, .seen_beside = place.file});
}

Result<std::vector<std::unique_ptr<Provider>>> RealWorld::make_providers_with(const ProviderSettings& settings) {
  if (!settings.trace_file.empty() && !traced_) {
    traced_ = std::make_unique<TracedHttp>(http_, clock_, TRY(trace_to_file(settings.trace_file)));
  }
  if (!traced_) {
    return make_providers({files_, processes_, clock_, random_, http_, outside_->environment, settings.endpoints});
  }
  // A token is redacted by value as well: a provider may repeat it in an answer.
  for (const char* name : credential_variables) traced_->add_secret(Secret(variable(*outside_, name)));
  return make_providers({files_, processes_, clock_, random_, *traced_, outside_->environment, settings.endpoints});
}

bool RealWorld::output_is_whole() {
  std::cout.flush();
  return std::cout.good();
}

}  // namespace skep
