#include "providers/builtin.h"

#include "providers/digitalocean/digitalocean.h"
#include "providers/existing/existing.h"
#include "providers/hetzner/hetzner.h"
#include "providers/local/local.h"
#include "providers/local/paths.h"

namespace skep {

namespace {

std::string text_of(const std::map<std::string, std::string>& texts, const char* name) {
  const auto found = texts.find(name);
  return found == texts.end() ? "" : found->second;
}

// For one run, the environment has the last word.
std::string endpoint_of(const ProviderParts& parts, const char* variable, const char* provider) {
  const std::string endpoint = text_of(parts.variables, variable);
  return endpoint.empty() ? text_of(parts.endpoints, provider) : endpoint;
}

HetznerParts hetzner_parts(const ProviderParts& parts) {
  HetznerParts hetzner{parts.http, parts.clock, parts.random};
  hetzner.token = Secret(text_of(parts.variables, hetzner_token_variable));
  hetzner.endpoint = endpoint_of(parts, hetzner_endpoint_variable, hetzner_provider_name);
  return hetzner;
}

DigitalOceanParts digitalocean_parts(const ProviderParts& parts) {
  DigitalOceanParts digitalocean{parts.http, parts.clock, parts.random};
  digitalocean.token = Secret(text_of(parts.variables, digitalocean_token_variable));
  digitalocean.endpoint = endpoint_of(parts, digitalocean_endpoint_variable, digitalocean_provider_name);
  return digitalocean;
}

}  // namespace

std::vector<std::unique_ptr<Provider>> make_providers(const ProviderParts& parts) {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(make_digitalocean_provider(digitalocean_parts(parts)));
  providers.push_back(make_existing_provider());
  providers.push_back(make_hetzner_provider(hetzner_parts(parts)));
  providers.push_back(
      make_local_provider({parts.files, parts.processes, parts.clock, parts.random, local_paths_from_environment()}));
  return providers;
}

}  // namespace skep
