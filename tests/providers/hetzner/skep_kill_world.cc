#include "skep_kill_world.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "planner/model/resource.h"
#include "planner/system/clock.h"
#include "planner/system/descriptor.h"
#include "planner/system/spawn.h"
#include "providers/hetzner/labels.h"

namespace skep::testing {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_run{120'000};
constexpr milliseconds lateness{60};
constexpr double cloud_speed = 400;

struct KindName {
  const char* in_cloud;
  const char* in_state;
};
constexpr std::array<KindName, 8> kinds = {{{"ssh_keys", "ssh_key"},
                                            {"networks", "network"},
                                            {"firewalls", "firewall"},
                                            {"placement_groups", "placement_group"},
                                            {"servers", "server"},
                                            {"volumes", "volume"},
                                            {"floating_ips", "floating_ip"},
                                            {"load_balancers", "load_balancer"}}};

HetznerOptions quick_cloud() {
  HetznerOptions options;
  options.speed = cloud_speed;
  options.rate_limit = 100'000'000;
  return options;
}

CloudTime cloud_now() { return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now()); }

/// True when the process has ended within that time.
bool ends_within(int process, milliseconds time) {
  pollfd ended = {process, POLLIN, 0};
  return poll(&ended, 1, static_cast<int>(time.count())) == 1;
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Descriptor open_for_writing(const std::string& path, int flags) {
  return above_standard(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600));
}

/// Whose it is: "server worker-1 1 of CLUSTER".
std::string owner_text(const KindName& kind, const Json& object) {
  return fmt::format("{} {} {} of {}", kind.in_state, hetzner::label_of(object, hetzner::label_name),
                     hetzner::label_of(object, hetzner::label_generation),
                     hetzner::label_of(object, hetzner::label_cluster));
}

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(2);
}

}  // namespace

KillWorld::KillWorld(std::string skep, Machine machine)
    : skep_(std::move(skep)),
      machine_(std::move(machine)),
      cloud_(quick_cloud()),
      server_([this](const Request& request) { return answer(request); }) {}

Run KillWorld::run(const std::vector<std::string>& words, const std::optional<Moment>& moment) {
  Command command = {.argv = {skep_}, .environment = environment_at(machine_), .folder = machine_.folder};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  const Descriptor out = open_for_writing(machine_.folder + "/out", O_TRUNC);
  const Descriptor log = open_for_writing(machine_.folder + "/log", O_APPEND);
  const auto log_size = std::filesystem::file_size(machine_.folder + "/log");
  const auto arguments = ExecArguments::of(command, SystemProcesses());
  if (!arguments.ok()) give_up(arguments.error().message);

  const auto begun = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  const auto pid = spawn(command, arguments.value(), {.out = out.get(), .err = log.get()}, true);
  if (!pid.ok()) give_up(pid.error().message);
  pid_ = pid.value();
  moment_ = moment;
  mutation_count_ = 0;
  lock.unlock();

  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (moment && moment->at == Moment::At::time && !ends_within(process.get(), moment->time)) kill_now();
  const bool has_ended = ends_within(process.get(), longest_run);
  if (!has_ended) kill_now();
  lock.lock();
  Run run;
  run.code = wait_for_child(pid_);
  pid_ = 0;
  run.was_killed = has_ended && run.code == 128 + SIGKILL;
  if (!has_ended) run.code = 124;
  run.mutation_count = mutation_count_;
  run.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
  run.out = text_of(machine_.folder + "/out");
  run.err = text_of(machine_.folder + "/log").substr(log_size);
  return run;
}

Run KillWorld::run_at(const Machine& machine, const std::vector<std::string>& words) const {
  Command command = {.argv = {skep_}, .environment = environment_at(machine), .folder = machine.folder};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  const SystemClock clock;
  auto ended = SystemProcesses().run(command, within(clock, longest_run, {}));
  if (!ended.ok()) return {.code = 124, .err = ended.error().message};
  return {.code = ended.value().code, .out = std::move(ended.value().out), .err = std::move(ended.value().err)};
}

std::map<std::string, std::string> KillWorld::environment_at(const Machine& machine) const {
  std::map<std::string, std::string> environment = machine.environment;
  environment.insert({{"HCLOUD_ENDPOINT", server_.url() + "/v1"},
                      {"HCLOUD_TOKEN", std::string(64, 'k')},
                      {"HOME", machine.folder},
                      {"NO_COLOR", "1"}});
  return environment;
}

void KillWorld::wait_for_late_requests() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return late_count_ == 0; });
}

Response KillWorld::answer(const Request& request) {
  if (request.method != "GET") before_changes_();
  const auto at = request.method == "GET" ? std::nullopt : count_mutation();
  if (!at) return handle(request);
  if (*at == Moment::At::answer) {
    Response response = handle(request);
    kill_now();
    return response;
  }
  kill_now();
  if (*at == Moment::At::request) return {.status = 503, .headers = {}, .body = {}};
  std::this_thread::sleep_for(lateness);
  Response response = handle(request);
  const std::lock_guard lock(mutex_);
  --late_count_;
  changed_.notify_all();
  return response;
}

std::optional<Moment::At> KillWorld::count_mutation() {
  const std::lock_guard lock(mutex_);
  ++mutation_count_;
  if (!moment_ || moment_->at == Moment::At::time || mutation_count_ != moment_->request) return std::nullopt;
  if (moment_->at == Moment::At::late_request) ++late_count_;
  return moment_->at;
}

void KillWorld::kill_now() {
  const std::lock_guard lock(mutex_);
  if (pid_ != 0) kill(pid_, SIGKILL);
}

Response KillWorld::handle(const Request& request) {
  const std::lock_guard lock(mutex_);
  return cloud_.handle(request, cloud_now());
}

Differences KillWorld::compare(const Json& snapshot) {
  std::set<std::string> recorded;  // "server 17"
  std::map<std::string, std::string> names;
  for (const auto& record : snapshot["records"]) {
    const auto id = parse_resource_id(record["id"].get<std::string>());
    if (!id) give_up("no resource id: " + record["id"].dump());
    for (const auto& kind : kinds) {
      if (id->kind != kind.in_state) continue;
      const std::string key = id->kind + " " + record["remote_id"].get<std::string>();
      recorded.insert(key);
      names[key] = to_text(*id);
    }
  }
  Differences found;
  std::set<std::string> owners;
  const std::lock_guard lock(mutex_);
  for (const auto& kind : kinds) {
    for (const auto& object : cloud_.all(kind.in_cloud)) {
      const std::string key = fmt::format("{} {}", kind.in_state, object["id"].get<std::int64_t>());
      const std::string owner = owner_text(kind, object);
      if (!owners.insert(owner).second) found.duplicates.push_back(owner);
      if (recorded.erase(key) == 0) found.orphans.push_back(key + " " + owner);
    }
  }
  for (const auto& key : recorded) found.missing.push_back(key + " (" + names[key] + ")");
  return found;
}

std::vector<std::string> KillWorld::objects() {
  std::vector<std::string> found;
  const std::lock_guard lock(mutex_);
  for (const auto& kind : kinds) {
    for (const auto& object : cloud_.all(kind.in_cloud)) {
      found.push_back(fmt::format("{} (id {})", owner_text(kind, object), object["id"].get<std::int64_t>()));
    }
  }
  for (const auto& object : cloud_.all("primary_ips")) found.push_back("primary_ip " + object["id"].dump());
  return found;
}

}  // namespace skep::testing
