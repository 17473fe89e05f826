#include "providers/local/server.h"

#include <algorithm>

#include "planner/base/text.h"
#include "providers/common/machine_fields.h"
#include "providers/local/attachment.h"
#include "providers/local/cgroups.h"
#include "providers/local/host_network.h"
#include "providers/local/inside.h"
#include "providers/local/kinds.h"
#include "providers/local/machine_record.h"
#include "providers/local/names.h"
#include "providers/local/trash.h"

namespace skep {

namespace {

// A manager that must not act while another one goes on without it.
bool is_wanted_off(const Resource& resource) { return json_string_or(resource.inputs, "power") == "off"; }

}  // namespace

const Schema& ServerDriver::schema() const {
  static const Schema schema = {
      .driver = "local.server",
      .doc = "A machine on this computer: systemd, its own files, addresses and processes, the computer's kernel.",
      .inputs = {{.name = "cluster", .on_change = OnChange::ignore, .required = true, .doc = "The cluster's name."},
                 {.name = "image",
                  .on_change = OnChange::replace,
                  .required = true,
                  .doc = "Operating system; debian-12 is the only one."},
                 {.name = "type", .required = true, .doc = "Limits, such as 2cpu-1gb; empty: those of the computer."},
                 {.name = "authorized_keys", .required = true, .doc = "Public keys that may log in as root."},
                 {.name = "power",
                  .required = true,
                  .doc = "on: a machine that is off is started; off: its power is cut."},
                 {.name = "network", .on_change = OnChange::replace, .required = true, .doc = "Its local.network."},
                 {.name = "volumes", .required = true, .doc = "The local.volume that are attached to it."}},
      .outputs = machine_outputs(true),
      .listed = true,
      .timeout_create = std::chrono::minutes(15),  // the first one builds the base image
      .timeout_update = std::chrono::minutes(3),
      .timeout_destroy = std::chrono::minutes(3),
  };
  return schema;
}

Result<std::optional<Object>> ServerDriver::look(const std::string& cluster, const std::string& folder) {
  const MachineFolder path{tools_.paths.kind(cluster, machine_kind) + "/" + folder};
  if (!tools_.files.exists(path.path)) return std::optional<Object>();
  Object object{.remote_id = remote_id_of(cluster, folder)};
  const auto machine = TRY(read_machine(tools_.files, path));
  if (!machine) {  // a crash came right after the folder was made
    object.attributes = {{"power", "off"}};
    return std::optional(std::move(object));
  }
  object.attributes = to_attributes({.address = machine->address,
                                     .private_address = machine->address,
                                     .host_key = machine->host_key,
                                     .is_on = is_running(tools_, *machine)});
  object.attributes["image"] = machine->image;
  object.attributes["type"] = machine->type;
  object.attributes["authorized_keys"] = machine->authorized_keys;
  object.attributes["volumes"] = machine->volumes;
  object.attributes["network"] = remote_id_of(cluster, "main");
  return std::optional(std::move(object));
}

Result<std::vector<Owned>> ServerDriver::list(std::string_view cluster, const Context&) {
  std::vector<Owned> owned;
  const std::string name(cluster);
  for (const auto& folder : TRY(names_in(tools_.files, tools_.paths.kind(name, machine_kind)))) {
    const auto id = id_of_folder(machine_kind, folder);
    if (!id) continue;
    if (auto object = TRY(look(name, folder))) owned.push_back({*id, std::move(*object)});
  }
  return owned;
}

Result<std::optional<Object>> ServerDriver::find(const Resource& resource, std::string_view, const Context&) {
  return look(cluster_of(resource), folder_name(resource.id));
}

// From whatever is there to a machine that is starting: new, half made, or off.
Result<LocalMachine> ServerDriver::bring_up(const Resource& resource, const Context& context) {
  const std::string cluster = cluster_of(resource);
  TRY(sweep_trash(tools_, cluster));
  const MachineWish wish{.cluster = cluster,
                         .id = resource.id,
                         .image = json_string_or(resource.inputs, "image"),
                         .type = json_string_or(resource.inputs, "type"),
                         .authorized_keys = text_list(resource.inputs, "authorized_keys"),
                         .volumes = text_list(resource.inputs, "volumes")};
  const MachineFolder folder{tools_.paths.resource(cluster, resource.id)};
  const auto present = TRY(read_machine(tools_.files, folder));
  const auto machine =
      present ? *present : TRY(record_machine(tools_, wish, TRY(image_.ensure(tools_, context)), context));
  if (is_running(tools_, machine)) return machine;
  if (!tools_.files.exists(machine.base)) {
    return Error{ErrorCode::not_found, "its base image " + machine.base + " is gone",
                 "restore it, or replace the machine: skep apply -replace=" + resource.node};
  }
  TRY(check_volumes_are_free(tools_, machine));
  TRY(write_identity(tools_, machine));
  TRY(start_machine(tools_, machine, context));
  return machine;
}

Result<Object> ServerDriver::create(const Resource& resource, const Context& context) {
  TRY(bring_up(resource, context));
  return must_exist(TRY(look(cluster_of(resource), folder_name(resource.id))), resource);
}

Result<void> ServerDriver::apply_changes(const LocalMachine& before, const LocalMachine& after,
                                         const Context& context) {
  if (before == after) return {};
  TRY(rewrite_machine(tools_, after));
  if (!is_running(tools_, after)) return {};  // all of it takes effect at its start
  const MachineRun run = TRY(read_run(tools_.files, folder_of(tools_, after)));
  if (before.type != after.type) TRY(set_limits(run.cgroups, parse_limits(after.type).value_or(Limits{})));
  if (before.authorized_keys != after.authorized_keys && run.leader > 0) {
    TRY(run_inside(tools_.processes,
                   {.leader = run.leader,
                    .script = "umask 077; mkdir -p /root/.ssh; cat >/root/.ssh/authorized_keys",
                    .input = join(after.authorized_keys, "\n") + "\n"},
                   context));
  }
  for (const auto& volume : after.volumes) {
    if (std::ranges::find(before.volumes, volume) == before.volumes.end())
      TRY(attach_to_running(tools_, after, run, volume, context));
  }
  return {};  // a volume that is wanted no longer is taken off when it is destroyed, after it was unmounted
}

Result<Object> ServerDriver::update(const Resource& resource, const Object&, const Context& context) {
  const std::string cluster = cluster_of(resource);
  const MachineFolder folder{tools_.paths.resource(cluster, resource.id)};
  if (const auto before = TRY(read_machine(tools_.files, folder))) {
    LocalMachine after = *before;
    after.type = json_string_or(resource.inputs, "type");
    after.authorized_keys = text_list(resource.inputs, "authorized_keys");
    after.volumes = text_list(resource.inputs, "volumes");
    TRY(apply_changes(*before, after, context));
    if (is_wanted_off(resource)) {
      TRY(end_machine(tools_, folder, context));
      return must_exist(TRY(look(cluster, folder_name(resource.id))), resource);
    }
  }
  return create(resource, context);
}

Result<Object> ServerDriver::wait_ready(const Resource& resource, Object object, const Context& context) {
  if (is_wanted_off(resource)) return object;
  if (json_string_or(object.attributes, "power") != "on") TRY(bring_up(resource, context));
  const MachineFolder folder{tools_.paths.resource(cluster_of(resource), resource.id)};
  const auto machine = TRY(read_machine(tools_.files, folder));
  if (!machine) return must_exist(std::nullopt, resource);
  TRY(wait_until_ready(tools_, *machine, context));
  return must_exist(TRY(look(machine->cluster, machine->name)), resource);
}

Result<void> ServerDriver::destroy(const Resource& resource, const Object& object, const Context& context) {
  return destroy_machine(tools_, cluster_of(object), resource.id, context);
}

}  // namespace skep
