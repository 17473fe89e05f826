#include "providers/local/machine_record.h"

#include "providers/local/names.h"

namespace skep {

std::string LocalMachine::unit() const { return machine_name(cluster, name, uid); }

std::string LocalMachine::cable() const { return cable_name(uid); }

Json to_json(const LocalMachine& machine) {
  return {{"cluster", machine.cluster},
          {"name", machine.name},
          {"host_name", machine.host_name},
          {"uid", machine.uid},
          {"image", machine.image},
          {"base", machine.base},
          {"type", machine.type},
          {"address", machine.address},
          {"gateway", machine.gateway},
          {"prefix", machine.prefix},
          {"bridge", machine.bridge},
          {"host_key", machine.host_key},
          {"authorized_keys", machine.authorized_keys},
          {"volumes", machine.volumes}};
}

namespace {

std::vector<std::string> texts(const Json& json, const char* key) {
  std::vector<std::string> result;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array()) return result;
  for (const auto& item : *found) {
    if (item.is_string()) result.push_back(item.get<std::string>());
  }
  return result;
}

}  // namespace

Result<LocalMachine> machine_from_json(const Json& json) {
  const auto text = [&](const char* key) { return json_string(json, key, "machine.json"); };
  LocalMachine machine;
  machine.cluster = TRY(text("cluster"));
  machine.name = TRY(text("name"));
  machine.host_name = TRY(text("host_name"));
  machine.uid = TRY(text("uid"));
  machine.image = TRY(text("image"));
  machine.base = TRY(text("base"));
  machine.type = TRY(text("type"));
  machine.address = TRY(text("address"));
  machine.gateway = TRY(text("gateway"));
  machine.prefix = static_cast<int>(TRY(json_int(json, "prefix", "machine.json")));
  machine.bridge = TRY(text("bridge"));
  machine.host_key = TRY(text("host_key"));
  machine.authorized_keys = texts(json, "authorized_keys");
  machine.volumes = texts(json, "volumes");
  return machine;
}

Json to_json(const MachineRun& run) {
  return {{"supervisor", run.supervisor}, {"init", run.init},   {"began", run.began}, {"leader", run.leader},
          {"ready", run.ready},           {"boots", run.boots}, {"ended", run.ended}, {"cgroups", run.cgroups}};
}

MachineRun run_from_json(const Json& json) {
  const auto number = [&](const char* key) { return json_int_or(json, key, 0); };
  MachineRun run;
  run.supervisor = static_cast<int>(number("supervisor"));
  run.init = static_cast<int>(number("init"));
  run.began = static_cast<std::uint64_t>(number("began"));
  run.leader = static_cast<int>(number("leader"));
  run.ready = json.is_object() && json.value("ready", Json(false)) == Json(true);
  run.boots = static_cast<int>(number("boots"));
  run.ended = json_string_or(json, "ended");
  run.cgroups = texts(json, "cgroups");
  return run;
}

namespace {

constexpr std::size_t record_limit_bytes = 1 << 20;

// Nothing when the file is not there.
Result<std::optional<Json>> read_json(const Files& files, const std::string& path) {
  const auto text = files.read(path, record_limit_bytes);
  if (!text.ok() && text.error().code == ErrorCode::not_found) return std::optional<Json>();
  if (!text.ok()) return text.error();
  return std::optional(TRY(parse_json(text.value(), path)));
}

}  // namespace

Result<std::optional<LocalMachine>> read_machine(const Files& files, const MachineFolder& folder) {
  const auto json = TRY(read_json(files, folder.record()));
  if (!json) return std::optional<LocalMachine>();
  return std::optional(TRY(machine_from_json(*json).doing(folder.record())));
}

Result<MachineRun> read_run(const Files& files, const MachineFolder& folder) {
  const auto json = TRY(read_json(files, folder.run()));
  return json ? run_from_json(*json) : MachineRun{};
}

Result<std::map<std::string, LocalMachine>> machines_of(const Files& files, const LocalPaths& paths,
                                                        const std::string& cluster) {
  std::map<std::string, LocalMachine> machines;
  const std::string folder = paths.kind(cluster, machine_kind);
  for (const auto& name : TRY(names_in(files, folder))) {
    if (auto machine = TRY(read_machine(files, {folder + "/" + name}))) machines.emplace(name, std::move(*machine));
  }
  return machines;
}

Result<std::vector<std::string>> names_in(const Files& files, const std::string& folder) {
  auto names = files.list(folder);
  if (!names.ok() && names.error().code == ErrorCode::not_found) return std::vector<std::string>();
  return names;
}

}  // namespace skep
