#include "providers/cloud/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "planner/base/text.h"
#include "providers/cloud/owned_driver.h"

namespace skep::cloud {

namespace {

std::vector<std::string> texts_of(const Attributes& inputs, const char* many, const char* one) {
  const auto list = inputs.find(many);
  if (list != inputs.end() && list->is_array()) return list->get<std::vector<std::string>>();
  return {json_string_or(inputs, one)};
}

}  // namespace

std::vector<std::string> locations_in(const Attributes& inputs) { return texts_of(inputs, "locations", "location"); }
std::vector<std::string> types_in(const Attributes& inputs) { return texts_of(inputs, "types", "type"); }

std::vector<Choice> choices_of(const Attributes& inputs) {
  std::vector<Choice> choices;
  for (const auto& location : locations_in(inputs)) {
    for (const auto& type : types_in(inputs)) choices.push_back({type, location});
  }
  return choices;
}

bool is_wanted_type(const Attributes& inputs, const std::string& type) {
  const auto types = inputs.find("types");
  return type == json_string_or(inputs, "type") || (types != inputs.end() && holds(*types, type));
}

std::vector<Field> server_inputs(const std::string& provider, const std::string& location_doc,
                                 const std::string& type_doc) {
  return {cluster_field(),
          {.name = "pool", .on_change = OnChange::ignore, .required = true, .doc = "Its pool, for load balancers."},
          {.name = "host_name", .on_change = OnChange::ignore, .required = true, .doc = "The name it gives itself."},
          {.name = "user", .on_change = OnChange::next_time, .required = true, .doc = "Who logs in."},
          {.name = "authorized_keys",
           .on_change = OnChange::next_time,
           .required = true,
           .doc = "Public keys that may log in."},
          {.name = "location", .on_change = OnChange::replace, .required = true, .doc = location_doc},
          {.name = "type", .on_change = OnChange::disrupt, .required = true, .doc = type_doc},
          {.name = "locations", .on_change = OnChange::ignore, .doc = "Where it may be as well, in turn."},
          {.name = "types", .on_change = OnChange::ignore, .doc = "What it may be as well, in turn."},
          {.name = "image", .on_change = OnChange::next_time, .required = true, .doc = "Its operating system."},
          {.name = "ssh_keys",
           .on_change = OnChange::next_time,
           .required = true,
           .doc = fmt::format("Its {}.ssh_key.", provider)},
          {.name = "volumes", .required = true, .doc = fmt::format("The {}.volume that are attached to it.", provider)},
          {.name = "serving",
           .doc = "Whether the load balancer of its pool sends it connections: not while its node is out of service."},
          {.name = "power", .required = true, .doc = "on: a server that is off is started; off: its power is cut."},
          {.name = "backups",
           .required = true,
           .doc = "Whether the provider backs it up; those that there are go when it no longer does."}};
}

Error unknown_name(const std::string& provider, const std::string& what, const std::string& name,
                   const std::string& where, const std::vector<std::string>& names, const std::string& hint) {
  const auto meant = closest(name, names);
  return {ErrorCode::invalid_input,
          fmt::format("{} has no {} \"{}\"{}{}", provider, what, name, where,
                      meant ? fmt::format(", did you mean \"{}\"?", *meant) : ""),
          hint};
}

void OrderProblems::add(const std::string& whose, const Error& error) {
  const std::string message = fmt::format("{}: {}", whose, error.message);
  if (!all_) {
    all_ = Error{error.code, message, error.hint};
    return;
  }
  all_->message += "; " + message;
  if (all_->hint.find(error.hint) == std::string::npos) all_->hint += "; " + error.hint;
  if (error.code == ErrorCode::invalid_input) all_->code = ErrorCode::invalid_input;
}

Result<void> OrderProblems::result() const {
  if (all_) return *all_;
  return {};
}

Result<void> add_disk_problems(Cloud& cloud, const Kind& servers, const DiskWords& words,
                               std::span<const Resource> made,
                               const std::function<std::optional<std::int64_t>(const std::string&)>& disk_of,
                               OrderProblems& problems, const Context& context) {
  if (made.empty()) return {};
  const std::string cluster = cluster_of(made.front());
  const auto present = TRY(cloud.inventory.list_shared(servers, cluster, context));
  for (const auto& resource : made) {
    if (resource.id.kind != machine_kind) continue;
    const auto server = std::ranges::find_if(
        present, [&](const Json& one) { return servers.owner(one, servers.name, cluster) == resource.id; });
    if (server == present.end() ||
        is_wanted_type(resource.inputs, server->value(Json::json_pointer(words.type), std::string())))
      continue;
    const std::string wanted = types_in(resource.inputs).front();
    const auto offered = disk_of(wanted);
    const std::int64_t own = server->value(Json::json_pointer(words.disk), std::int64_t{0});
    if (!offered || *offered >= own) continue;
    problems.add(resource.node, {ErrorCode::refused,
                                 fmt::format("its disk of {} GB does not fit the {} GB of {}, and no disk shrinks", own,
                                             *offered, wanted),
                                 "take a larger type, or a new machine: skep apply -replace=" + resource.node});
  }
  return {};
}

std::vector<const Resource*> one_of_each_pool(std::span<const Resource> made, const std::string& driver) {
  std::set<std::string> pools;
  std::vector<const Resource*> orders;
  for (const auto& resource : made) {
    if (resource.driver != driver) continue;
    if (pools.insert(json_string_or(resource.inputs, "pool")).second) orders.push_back(&resource);
  }
  return orders;
}

Result<Object> first_to_be_had(const Attributes& inputs, const Context& context,
                               const std::function<Result<Object>(const Choice&)>& order,
                               const std::function<bool(const Error&)>& is_quota) {
  std::optional<Error> sold_out;
  for (const auto& choice : choices_of(inputs)) {
    if (sold_out) context.say("there was none to be had; trying " + choice.type + " in " + choice.location);
    auto made = order(choice);
    if (made.ok() || made.error().code == ErrorCode::unknown_outcome) return made;
    sold_out = std::move(made).error();
    // a quota is the account's, whatever is ordered
    if (sold_out->code != ErrorCode::exhausted || is_quota(*sold_out)) break;
  }
  return *sold_out;
}

}  // namespace skep::cloud
