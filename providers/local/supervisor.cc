#include "providers/local/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>

#include "planner/system/clock.h"
#include "planner/system/descriptor.h"
#include "planner/system/files.h"
#include "planner/system/os_error.h"
#include "planner/system/processes.h"
#include "providers/local/boot.h"
#include "providers/local/cgroups.h"
#include "providers/local/file_lock.h"
#include "providers/local/kernel_files.h"
#include "providers/local/loop_device.h"
#include "providers/local/machine_record.h"
#include "providers/local/node_network.h"
#include "providers/local/nspawn_command.h"

namespace skep {

namespace {

using namespace std::chrono_literals;

constexpr auto wait_for_lock = 3s;  // a starter may look at it at the same moment, or the last boot is just ending
constexpr auto wait_for_power_off = 90s;  // then the machine is ended hard

// ROOT/CLUSTER/server/NAME -> ROOT
std::string root_of(std::string folder) {
  for (int level = 0; level < 3; ++level) folder.resize(std::min(folder.rfind('/'), folder.size()));
  return folder;
}

class Supervisor {
 public:
  explicit Supervisor(std::string folder) : folder_{std::move(folder)} {}

  /// Why the machine no longer runs; it is written down too.
  Result<std::string> run();

 private:
  Result<std::string> keep_running();
  Result<Descriptor> watch_signals();
  Result<int> boot(int number);
  Result<BootOrder> order(const NotifySocket& socket);
  Result<int> watch(const NotifySocket& socket);
  void take_notice(const NotifySocket::Notice& notice);
  void power_off();
  void note() { (void)files_.write(folder_.run(), dump_json_pretty(to_json(run_)), 0600); }

  SystemFiles files_;
  SystemProcesses processes_;
  SystemClock clock_;
  MachineFolder folder_;
  LocalPaths paths_;
  LocalMachine machine_;
  MachineRun run_;
  std::optional<Cgroups> groups_;
  Descriptor signals_;
  bool stopping_ = false;
  Instant kill_at_ = Instant::max();
};

Result<Descriptor> Supervisor::watch_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGCHLD}) sigaddset(&wanted, number);
  if (::sigprocmask(SIG_SETMASK, &wanted, nullptr) != 0) return os_error(errno, "block signals");
  ::signal(SIGHUP, SIG_IGN);
  Descriptor signals(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.is_open()) return os_error(errno, "watch signals");
  return signals;
}

Result<std::string> Supervisor::run() {
  signals_ = TRY(watch_signals());
  const Context briefly{.deadline = clock_.now() + wait_for_lock};
  const FileLock lock = TRY(FileLock::take(folder_.lock(), clock_, briefly).doing("the machine runs already"));
  // Children inherit it: as long as one process of the machine lives, nobody starts it a second time.
  ::fcntl(lock.descriptor(), F_SETFD, 0);
  run_ = {.supervisor = ::getpid()};
  note();  // whoever destroys the machine must know whom to end
  auto ended = keep_running();
  run_.ended = ended.ok() ? ended.value() : ended.error().message;
  run_.ready = false;
  run_.leader = 0;
  note();
  // What is off does not answer; where the supervisor is killed, the next start or destroy does this.
  if (!machine_.uid.empty()) (void)destroy_node_network(processes_, machine_, {});
  return ended;
}

Result<std::string> Supervisor::keep_running() {
  const auto machine = TRY(read_machine(files_, folder_));
  if (!machine) return Error{ErrorCode::not_found, folder_.record() + ": no such file"};
  machine_ = *machine;
  paths_.root = root_of(folder_.path);
  groups_ = TRY(Cgroups::make(machine_.unit(), parse_limits(machine_.type).value_or(Limits{})));
  for (int number = 1;; ++number) {
    run_ = {.supervisor = ::getpid(), .boots = number, .cgroups = groups_->folders()};
    const int code = TRY(boot(number));
    if (stopping_) return std::string("stopped");
    if (code != nspawn_reboot) return ending_text(code);
  }
}

Result<BootOrder> Supervisor::order(const NotifySocket& socket) {
  std::vector<DeviceBinding> devices;
  for (const auto& volume : machine_.volumes) {
    const std::string name = volume.substr(volume.rfind('/') + 1);
    const std::string file = paths_.kind(machine_.cluster, "volume") + "/" + name + "/disk";
    const std::string device = TRY(ensure_loop_device(processes_, file, {}).doing("volume " + name));
    devices.push_back({device, device_inside(name)});
  }
  return BootOrder{.command = nspawn_command(machine_, folder_, devices),
                   .environment = nspawn_environment(socket.name()),
                   .root = folder_.root(),
                   .overlay = overlay_options(machine_, folder_),
                   .title = "skep: machine " + machine_.unit()};
}

Result<int> Supervisor::boot(int number) {
  // Volumes and floating addresses may have changed since the last boot.
  if (const auto machine = TRY(read_machine(files_, folder_))) machine_ = *machine;
  const auto floating = TRY(floating_addresses_of(files_, paths_, machine_));
  TRY(make_node_network(processes_, machine_, floating, {}).doing("make the network of " + machine_.name));
  TRY(files_.destroy_tree(folder_.work()));  // scratch of overlayfs, with the mark that it was mounted before
  TRY(files_.make_directories(folder_.work(), 0755));
  const NotifySocket socket = TRY(NotifySocket::open(machine_.unit()));
  Boot boot = TRY(Boot::prepare(TRY(order(socket))));
  run_.init = boot.pid();
  run_.began = start_time(boot.pid());
  TRY(groups_->place(boot.pid(), number));
  note();
  boot.let_go();
  return watch(socket);
}

// Until the boot ends; then how.
Result<int> Supervisor::watch(const NotifySocket& socket) {
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(run_.init, &status, WNOHANG);
    if (ended == run_.init) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (ended < 0 && errno != EINTR) return os_error(errno, "wait for the machine");
    if (clock_.now() >= kill_at_) ::kill(run_.init, SIGKILL);
    std::array<pollfd, 2> sources = {{{signals_.get(), POLLIN, 0}, {socket.descriptor(), POLLIN, 0}}};
    ::poll(sources.data(), sources.size(), stopping_ ? 1000 : -1);
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      if (signal.ssi_signo != SIGCHLD) power_off();
    }
    while (const auto notice = socket.receive()) take_notice(*notice);
  }
}

void Supervisor::take_notice(const NotifySocket::Notice& notice) {
  // systemd-nspawn numbers its leader as its own namespace does.
  if (notice.content.leader) run_.leader = outer_pid({.parent = notice.sender, .inner = *notice.content.leader});
  if (notice.content.ready) run_.ready = true;
  if (!notice.content.leader && !notice.content.ready) return;
  note();
  if (stopping_) power_off();  // the wish came before the leader was known
}

void Supervisor::power_off() {
  if (!stopping_) kill_at_ = clock_.now() + wait_for_power_off;
  stopping_ = true;
  if (run_.leader > 0) ::kill(run_.leader, SIGRTMIN + 4);  // systemd: start poweroff.target
}

}  // namespace

int run_local_machine(const std::string& folder) {
  const auto ended = Supervisor(folder).run();
  if (ended.ok()) {
    std::fprintf(stderr, "%s: %s\n", folder.c_str(), ended.value().c_str());
    return ended.value() == "powered off" || ended.value() == "stopped" ? 0 : 1;
  }
  std::fprintf(stderr, "%s: error: %s\n", folder.c_str(), ended.error().message.c_str());
  if (!ended.error().hint.empty()) std::fprintf(stderr, "hint: %s\n", ended.error().hint.c_str());
  return 1;
}

}  // namespace skep
