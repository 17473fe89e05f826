#include "cloud_use.h"

#include <cctype>

#include "fuzz_kit.h"
#include "planner/base/text.h"
#include "planner/model/load_spec.h"

namespace skep::fuzz {

namespace {

Response response_of(const std::string& part) {
  Response response;
  std::size_t at = 0;
  while (at < part.size() && std::isdigit(static_cast<unsigned char>(part[at])) != 0 && at < 3) {
    response.status = response.status * 10 + (part[at++] - '0');
  }
  const auto body = part.find("\n\n", at);
  for (const auto& line : split_lines(part.substr(at, body == std::string::npos ? body : body - at))) {
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

void carry_out(Driver& driver, const Resource& resource, unsigned verb, const Context& context) {
  if (verb == 0 && driver.schema().listed) (void)driver.list("demo", context);
  const auto found = driver.find(resource, verb == 1 ? "17" : "", context);
  Object object = {.remote_id = "17", .attributes = Json::object()};
  if (found.ok() && found.value()) object = *found.value();
  if (verb == 2) {
    const auto created = driver.create(resource, context);
    if (created.ok()) (void)driver.wait_ready(resource, created.value(), context);
  }
  if (verb == 3) (void)driver.update(resource, object, context);
  if (verb == 4) (void)driver.destroy(resource, object, context);
}

}  // namespace

std::vector<Resource> cloud_resources(const std::string& provider, const std::string& spec_text) {
  testing::ScriptedHttp nobody;
  const World world(nobody);
  const std::vector<Document> files = {{"cluster.yaml", spec_text}};
  const auto checked = load_spec(files, {});
  require(checked.spec.has_value(), "the spec is sound");
  std::vector<Resource> found;
  for (const auto& one : world.providers) {
    if (one->name() != provider) continue;
    for (auto& resource : one->expand(*checked.spec, {.authorized_keys = {"ssh-ed25519 AAAA"}}).value().resources) {
      resource.inputs = resolved(resource.inputs);
      found.push_back(std::move(resource));
    }
  }
  return found;
}

void use_cloud(const std::string& provider, const std::vector<Resource>& all, const std::uint8_t* data,
               std::size_t size) {
  if (size < 2) return;
  testing::ScriptedHttp http;
  for (const auto& part : parts_of(data + 2, size - 2)) http.then(response_of(part));
  World world(http);
  const Context context = {.deadline = world.clock.now() + std::chrono::minutes(10), .say = [](std::string_view) {}};
  const Resource& resource = all[data[0] % all.size()];
  const unsigned verb = data[1] % 8;
  for (const auto& one : world.providers) {
    if (one->name() != provider) continue;
    if (verb == 5) (void)one->prices(all, context);
    if (verb == 6) (void)one->check_orders(all, context);
    for (auto* driver : one->drivers()) {
      if (driver->schema().driver == resource.driver && verb < 5) carry_out(*driver, resource, verb, context);
    }
  }
}

}  // namespace skep::fuzz
