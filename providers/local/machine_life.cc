#include "providers/local/machine_life.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "planner/base/digest.h"
#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "providers/local/cgroups.h"
#include "providers/local/host_network.h"
#include "providers/local/image_recipe.h"
#include "providers/local/kernel_files.h"
#include "providers/local/names.h"
#include "providers/local/node_network.h"
#include "providers/local/ssh_probe.h"
#include "providers/local/trash.h"

namespace skep {

namespace {

using namespace std::chrono_literals;

constexpr Duration pause_between_looks = 20ms;
constexpr Duration time_to_start = 60s;  // of the supervisor, until it holds the machine's lock
constexpr Duration time_to_end = 60s;    // of all processes of a machine, after a kill

std::string random_hex(Random& random, std::size_t bytes) {
  std::string raw(bytes, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()});
  return to_hex(raw);
}

// The public line of the machine's key; made at the first call.
Result<std::string> ensure_host_key(const LocalTools& tools, const MachineFolder& folder, const std::string& name) {
  if (tools.files.exists(folder.key())) {
    const Secret present{TRY(tools.files.read(folder.key(), 1 << 16))};
    return checked_public_line(TRY(public_line_of(present.reveal())));
  }
  const auto pair = ed25519_key_pair(random_seed(tools.random), "skep " + name);
  TRY(tools.files.write(folder.key(), pair.private_text.reveal(), 0600));
  return checked_public_line(pair.public_line);
}

Result<std::uint32_t> free_address(const LocalTools& tools, const LocalNetwork& network) {
  std::set<std::uint32_t> used;
  for (const auto& [name, machine] : TRY(machines_of(tools.files, tools.paths, network.cluster)))
    used.insert(parse_address(machine.address).value_or(0));
  if (const auto address = free_machine_address(network.range, used)) return *address;
  return Error{ErrorCode::exhausted,
               fmt::format("all {} addresses of {} are taken", used.size(), to_text(network.range)),
               "give the cluster a larger network.range in the spec, and make it anew"};
}

// Never over what is there: the machine may have changed it, and it is the machine's.
Result<void> write_once(Files& files, const std::string& path, std::string_view content, unsigned mode) {
  const auto present = files.read(path);
  if (present.ok() && !present.value().empty()) return {};
  return files.write(path, content, mode);
}

// Those lines of a machine's log that tell what went wrong.
std::string last_words(const std::string& log) {
  const auto exit = read_tail(log);
  std::string words;
  for (const auto& line : split_lines(exit)) {
    if (line.find("rror") != std::string::npos || line.find("ailed") != std::string::npos) words = trim(line);
  }
  if (!words.empty()) return words;
  const auto lines = split_lines(exit);
  return lines.empty() ? "it left no message" : std::string(trim(lines.back()));
}

std::string own_program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return !error && std::filesystem::exists(path, error) ? path.string() : "/proc/self/exe";
}

bool has_systemd() { return ::access("/run/systemd/system", F_OK) == 0; }

// Where systemd is PID 1: else the machine would end with the login session, or share its limits.
Result<void> start_unit(const LocalTools& tools, const std::string& unit, const MachineFolder& folder,
                        const std::vector<std::string>& command, const Context& context) {
  std::vector<std::string> start = {"systemd-run",
                                    "--quiet",
                                    "--collect",
                                    "--unit=" + unit,
                                    "--property=Delegate=yes",
                                    "--property=KillMode=mixed",
                                    "--property=TasksMax=infinity",
                                    "--property=LimitNOFILE=1048576",
                                    "--property=StandardOutput=append:" + folder.log(),
                                    "--property=StandardError=append:" + folder.log(),
                                    "--"};
  start.insert(start.end(), command.begin(), command.end());
  for (;;) {
    auto started = run_checked(tools.processes, {.argv = start}, context);
    if (started.ok() || FileLock::is_held(folder.lock())) return {};
    // After a power cut systemd takes a moment to forget the unit of the last time.
    if (started.error().message.find("already loaded") == std::string::npos) return std::move(started).error();
    if (!tools.clock.sleep(pause_between_looks, context).ok()) return std::move(started).error();
  }
}

}  // namespace

MachineFolder folder_of(const LocalTools& tools, const LocalMachine& machine) {
  return {tools.paths.kind(machine.cluster, machine_kind) + "/" + machine.name};
}

bool is_running(const LocalTools& tools, const LocalMachine& machine) {
  return FileLock::is_held(folder_of(tools, machine).lock());
}

Result<LocalMachine> record_machine(const LocalTools& tools, const MachineWish& wish, const std::string& base,
                                    const Context& context) {
  const MachineFolder folder{tools.paths.resource(wish.cluster, wish.id)};
  const auto network = TRY(read_network(tools, wish.cluster));
  if (!network) {
    return Error{ErrorCode::not_found, "the network of cluster " + wish.cluster + " is not there",
                 "run the command again: it makes the network first"};
  }
  TRY(tools.files.make_directories(folder.path, 0755));
  const FileLock lock = TRY(FileLock::take(tools.paths.cluster_lock(wish.cluster), tools.clock, context));
  if (auto present = TRY(read_machine(tools.files, folder))) return *present;
  LocalMachine machine;
  machine.cluster = wish.cluster;
  machine.name = folder_name(wish.id);
  machine.host_name = host_name(wish.id);
  machine.uid = random_hex(tools.random, 4);
  machine.image = wish.image;
  machine.base = base;
  machine.type = wish.type;
  machine.address = address_text(TRY(free_address(tools, *network)));
  machine.gateway = address_text(gateway_of(network->range));
  machine.prefix = machine_half(network->range).prefix;
  machine.bridge = network->bridge;
  machine.host_key = TRY(ensure_host_key(tools, folder, machine.name));
  machine.authorized_keys = wish.authorized_keys;
  machine.volumes = wish.volumes;
  TRY(rewrite_machine(tools, machine));
  return machine;
}

Result<void> rewrite_machine(const LocalTools& tools, const LocalMachine& machine) {
  return tools.files.write(folder_of(tools, machine).record(), dump_json_pretty(to_json(machine)), 0644);
}

Result<void> write_identity(const LocalTools& tools, const LocalMachine& machine) {
  const MachineFolder folder = folder_of(tools, machine);
  for (const std::string& path : {folder.work(), folder.root(), folder.upper(), folder.upper() + "/etc/ssh"})
    TRY(tools.files.make_directories(path, 0755));
  TRY(tools.files.make_directories(folder.upper() + "/root", 0700));
  TRY(tools.files.make_directories(folder.upper() + "/root/.ssh", 0700));
  for (const char* name : {"/docker", "/containerd"}) TRY(tools.files.make_directories(folder.data() + name, 0711));
  const std::string etc = folder.upper() + "/etc";
  const Secret key{TRY(tools.files.read(folder.key(), 1 << 16))};
  const std::string& name = machine.host_name;
  TRY(write_once(tools.files, etc + "/hostname", name + "\n", 0644));
  TRY(write_once(tools.files, etc + "/hosts",
                 fmt::format("127.0.0.1\tlocalhost\n127.0.1.1\t{}\n::1\tlocalhost ip6-localhost ip6-loopback\n", name),
                 0644));
  TRY(write_once(tools.files, etc + "/machine-id", random_hex(tools.random, 16) + "\n", 0444));
  TRY(write_once(tools.files, etc + "/ssh/ssh_host_ed25519_key", key.reveal(), 0600));
  TRY(write_once(tools.files, etc + "/ssh/ssh_host_ed25519_key.pub", machine.host_key + "\n", 0644));
  const auto resolv_conf = tools.files.read("/etc/resolv.conf", 1 << 16);
  const auto behind_stub = tools.files.read("/run/systemd/resolve/resolv.conf", 1 << 16);
  TRY(tools.files.write(
      etc + "/resolv.conf",
      node_resolv_conf(resolv_conf.ok() ? resolv_conf.value() : "", behind_stub.ok() ? behind_stub.value() : ""),
      0644));
  const std::string keys = join(machine.authorized_keys, "\n") + "\n";
  return tools.files.write(folder.upper() + "/root/.ssh/authorized_keys", keys, 0600);
}

Result<void> start_machine(const LocalTools& tools, const LocalMachine& machine, const Context& context) {
  if (is_running(tools, machine)) return {};
  const MachineFolder folder = folder_of(tools, machine);
  TRY(tools.files.destroy(folder.run()));  // of the last time
  // A clean environment: what we were started with (tokens, perhaps) is none of a long-lived process's business.
  const std::vector<std::string> command = {
      "env",           "-i",       "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", own_program(),
      "local-machine", folder.path};
  const Context limited = within(tools.clock, time_to_start, context);
  if (has_systemd()) {
    TRY(start_unit(tools, "skep-" + machine.unit() + ".service", folder, command, limited));
  } else {
    TRY(tools.processes.start_detached({.argv = command, .folder = "/"}, folder.log()));
  }
  // From here on it counts as running. One that has ended by now says why in its folder.
  while (!is_running(tools, machine) && TRY(read_run(tools.files, folder)).ended.empty())
    TRY(tools.clock.sleep(pause_between_looks / 4, limited).doing("wait for the supervisor of " + machine.name));
  return {};
}

Result<void> wait_until_ready(const LocalTools& tools, const LocalMachine& machine, const Context& context) {
  const MachineFolder folder = folder_of(tools, machine);
  context.say("booting");
  for (;;) {
    const bool runs = is_running(tools, machine);
    const MachineRun run = TRY(read_run(tools.files, folder));
    if (!runs) {
      return Error{ErrorCode::unavailable,
                   fmt::format("{} does not run: {}: {}", machine.name, run.ended.empty() ? "it was killed" : run.ended,
                               last_words(folder.log())),
                   "its whole log is " + folder.log()};
    }
    if (run.ready && answers_ssh(machine.address, 22, within(tools.clock, 1s, context))) return {};
    const auto slept = tools.clock.sleep(pause_between_looks, context);
    if (slept.ok()) continue;
    if (slept.error().code == ErrorCode::cancelled) return slept.error();
    return Error{ErrorCode::unavailable,
                 fmt::format("{} runs, but {} did not come up in time", machine.name, run.ready ? "sshd" : "systemd"),
                 "its whole log is " + folder.log()};
  }
}

Result<FileLock> end_machine(const LocalTools& tools, const MachineFolder& folder, const Context& context) {
  const Context limited = within(tools.clock, time_to_end, context);
  for (;;) {
    auto lock = TRY(FileLock::try_take(folder.lock()));
    const MachineRun run = TRY(read_run(tools.files, folder));
    const bool init_lives = is_same_process(run.init, run.began);
    if (lock && !init_lives) return std::move(*lock);
    lock.reset();
    // With the supervisor the kernel ends the init, and with the init everything in the machine.
    if (command_line(run.supervisor).ends_with("local-machine " + folder.path)) ::kill(run.supervisor, SIGKILL);
    if (init_lives) ::kill(run.init, SIGKILL);
    TRY(tools.clock.sleep(pause_between_looks / 4, limited).doing("wait for the end of " + folder.path));
  }
}

Result<void> destroy_machine(const LocalTools& tools, const std::string& cluster, const ResourceId& id,
                             const Context& context) {
  const MachineFolder folder{tools.paths.resource(cluster, id)};
  if (!tools.files.exists(folder.path)) return sweep_trash(tools, cluster);
  const FileLock lock = TRY(end_machine(tools, folder, context));
  if (const auto machine = TRY(read_machine(tools.files, folder))) {
    TRY(destroy_node_network(tools.processes, *machine, context));
    const MachineRun run = TRY(read_run(tools.files, folder));
    const Context limited = within(tools.clock, time_to_end, context);
    while (!destroy_cgroups(run.cgroups, machine->unit()))
      TRY(tools.clock.sleep(pause_between_looks, limited).doing("empty the control groups of " + machine->name));
    TRY(tools.files.destroy_tree("/run/systemd/nspawn/propagate/" + machine->unit()));
  }
  return throw_away(tools, cluster, folder.path);
}

}  // namespace skep
