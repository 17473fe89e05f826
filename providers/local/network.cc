#include "providers/local/network.h"

#include "planner/base/text.h"
#include "providers/local/host_network.h"
#include "providers/local/kinds.h"
#include "providers/local/machine_record.h"

namespace skep {

const Schema& NetworkDriver::schema() const {
  static const Schema schema = {
      .driver = "local.network",
      .doc = "The cluster's bridge on this computer, with address translation to the outside.",
      .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                 {.name = "range",
                  .on_change = OnChange::next_time,
                  .required = true,
                  .doc = "IPv4 range; empty: a free one is chosen when the network is made."},
                 {.name = "avoid", .on_change = OnChange::ignore, .required = true, .doc = "Ranges used otherwise."},
                 {.name = "up", .required = true, .doc = "Whether all of it is in place."}},
      .outputs = {{.name = "subnet", .doc = "The range that it has."},
                  {.name = "bridge", .doc = "Name of the bridge."},
                  {.name = "gateway", .doc = "This computer's address in it."}},
      .listed = true,
      .timeout_create = std::chrono::minutes(1),
      .timeout_update = std::chrono::minutes(1),
      .timeout_destroy = std::chrono::minutes(2),
  };
  return schema;
}

Result<std::optional<Object>> NetworkDriver::look(const std::string& cluster, const Context& context) {
  const auto network = TRY(read_network(tools_, cluster));
  if (!network) return std::optional<Object>();
  const bool is_up = TRY(is_network_up(tools_, *network, context));
  return std::optional(Object{.remote_id = cluster + "/main",
                              .attributes = {{"up", is_up},
                                             {"subnet", to_text(network->range)},
                                             {"bridge", network->bridge},
                                             {"gateway", address_text(gateway_of(network->range))}}});
}

Result<std::vector<Owned>> NetworkDriver::list(std::string_view cluster, const Context& context) {
  std::vector<Owned> owned;
  if (auto object = TRY(look(std::string(cluster), context)))
    owned.push_back({{network_kind, "main"}, std::move(*object)});
  return owned;
}

Result<std::optional<Object>> NetworkDriver::find(const Resource& resource, std::string_view, const Context& context) {
  return look(cluster_of(resource), context);
}

Result<Object> NetworkDriver::create(const Resource& resource, const Context& context) {
  const auto avoid = text_list(resource.inputs, "avoid");
  const std::string range = json_string_or(resource.inputs, "range");
  const auto network = TRY(record_network(tools_, cluster_of(resource), range, avoid, context));
  TRY(bring_up_network(tools_, network, context));
  return must_exist(TRY(look(network.cluster, context)), resource);
}

Result<Object> NetworkDriver::update(const Resource& resource, const Object&, const Context& context) {
  return create(resource, context);
}

// "server worker-1, server worker-2", or nothing: what stands on the network.
Result<std::string> NetworkDriver::still_there(const std::string& cluster) const {
  std::vector<std::string> left;
  for (const char* kind : {machine_kind, volume_kind}) {
    for (const auto& name : TRY(names_in(tools_.files, tools_.paths.kind(cluster, kind)))) {
      left.push_back(std::string(kind) + " " + name);
    }
  }
  return join(left, ", ");
}

Result<void> NetworkDriver::destroy(const Resource&, const Object& object, const Context& context) {
  const std::string cluster = cluster_of(object);
  // Machines that nobody remembers go beside their network, not before it: nothing says that they stand on it.
  for (;;) {
    const std::string left = TRY(still_there(cluster));
    if (left.empty()) break;
    context.say("waiting for the end of " + left);
    if (!tools_.clock.sleep(std::chrono::milliseconds(50), context).ok()) {
      return Error{ErrorCode::conflict, "still in use by " + left, "run the command again: it destroys those first"};
    }
  }
  if (const auto network = TRY(read_network(tools_, cluster))) return take_down_network(tools_, *network, context);
  return tools_.files.destroy_tree(tools_.paths.cluster(cluster));
}

}  // namespace skep
