// Whatever Hetzner Cloud, or something on the way to it, answers: every driver's every verb, and what a plan asks.
// The first line of an input chooses, each part after it is one answer: a line with the status, headers, an empty line,
// the body.
#include <cctype>

#include "fuzz_kit.h"
#include "planner/base/text.h"
#include "planner/model/load_spec.h"

namespace {

using skep::Json;
using skep::Resource;
using skep::Response;

constexpr const char* spec_text = R"(skep: 1
name: demo
provider: hetzner
location: [fsn1, nbg1]
firewall: {inbound: [{port: 80}]}
pools:
  manager: {role: manager, count: 1, type: [cx23, cx33], spread: true}
  worker: {count: 1, type: cx23, location: fsn1, volumes: {data: {size: 10GB, mount: /srv}}}
floating_ips: {ingress: {pool: manager}}
load_balancers: {web: {pool: worker, listen: [{port: 80}]}}
)";

Response response_of(const std::string& part) {
  Response response;
  std::size_t at = 0;
  while (at < part.size() && std::isdigit(static_cast<unsigned char>(part[at])) != 0 && at < 3) {
    response.status = response.status * 10 + (part[at++] - '0');
  }
  const auto body = part.find("\n\n", at);
  for (const auto& line : skep::split_lines(part.substr(at, body == std::string::npos ? body : body - at))) {
    const auto colon = line.find(": ");
    if (colon != std::string::npos) response.headers[std::string(line.substr(0, colon))] = line.substr(colon + 2);
  }
  if (body != std::string::npos) response.body = part.substr(body + 2);
  return response;
}

/// As the executor hands them over: each reference is a number by now.
Json resolved(const Json& inputs) {
  if (inputs.is_object() && (inputs.contains("$ref") || inputs.contains("$one_of"))) return "17";
  if (inputs.is_object() && inputs.contains("$any_of")) return inputs["$any_of"][0];
  Json result = inputs;
  if (inputs.is_structured()) {
    for (auto& [key, value] : result.items()) value = resolved(value);
  }
  return result;
}

const std::vector<Resource>& resources() {
  static const auto all = [] {
    skep::testing::ScriptedHttp nobody;
    const skep::fuzz::World world(nobody);
    const std::vector<skep::Document> files = {{"cluster.yaml", spec_text}};
    const auto checked = skep::load_spec(files, {});
    std::vector<Resource> found;
    for (const auto& provider : world.providers) {
      if (provider->name() != "hetzner") continue;
      for (auto& resource :
           provider->expand(*checked.spec, {.authorized_keys = {"ssh-ed25519 AAAA"}}).value().resources) {
        resource.inputs = resolved(resource.inputs);
        found.push_back(std::move(resource));
      }
    }
    return found;
  }();
  return all;
}

void carry_out(skep::Driver& driver, const Resource& resource, unsigned verb, const skep::Context& context) {
  if (verb == 0 && driver.schema().listed) (void)driver.list("demo", context);
  const auto found = driver.find(resource, verb == 1 ? "17" : "", context);
  skep::Object object = {.remote_id = "17", .attributes = Json::object()};
  if (found.ok() && found.value()) object = *found.value();
  if (verb == 2) {
    const auto created = driver.create(resource, context);
    if (created.ok()) (void)driver.wait_ready(resource, created.value(), context);
  }
  if (verb == 3) (void)driver.update(resource, object, context);
  if (verb == 4) (void)driver.destroy(resource, object, context);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  skep::testing::ScriptedHttp http;
  const auto parts = skep::fuzz::parts_of(data + 2, size - 2);
  for (const auto& part : parts) http.then(response_of(part));
  skep::fuzz::World world(http);
  const skep::Context context = {.deadline = world.clock.now() + std::chrono::minutes(10),
                                 .say = [](std::string_view) {}};
  const auto& all = resources();
  const Resource& resource = all[data[0] % all.size()];
  const unsigned verb = data[1] % 8;
  for (const auto& provider : world.providers) {
    if (provider->name() != "hetzner") continue;
    if (verb == 5) (void)provider->prices(all, context);
    if (verb == 6) (void)provider->check_orders(all, context);
    for (auto* driver : provider->drivers()) {
      if (driver->schema().driver == resource.driver && verb < 5) carry_out(*driver, resource, verb, context);
    }
  }
  return 0;
}
