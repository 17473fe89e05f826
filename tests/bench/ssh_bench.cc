// Twelve steps of 50 ms on many hosts by SSH: how near skep comes to the bound, what it costs us, and OpenSSH beside
// it. Real sshd on addresses of 127/8. The bound is the steps themselves, seven round trips to log in and open a
// channel, one a step, and the hosts' own work, which here shares our cores: the larger of (steps + trips + logins) and
// all of it.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "planner/base/text.h"
#include "planner/system/random.h"
#include "provisioners/ssh/libssh2_ssh.h"
#include "tests/bench/delay_proxy.h"
#include "tests/provisioners/ssh/sshd.h"

namespace skep::bench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr int step_count = 12;
constexpr double step_seconds = 0.05;
constexpr int login_round_trips = 7;
constexpr int run_count = 5;

struct Host {
  std::unique_ptr<skep::testing::Sshd> sshd;
  std::unique_ptr<DelayProxy> proxy;  // none: no distance
  SshCredentials credentials;
  Endpoint endpoint;
  std::string file;  // where its steps leave their traces
};

std::vector<Host> start_hosts(int count, std::chrono::milliseconds round_trip) {
  std::vector<Host> hosts;
  for (int i = 0; i < count; ++i) {
    Host host{.sshd = std::make_unique<skep::testing::Sshd>()};
    host.sshd->start();
    host.credentials = host.sshd->credentials();
    host.endpoint = host.sshd->endpoint();
    host.file = host.sshd->folder().path("steps");
    if (round_trip.count() > 0) {
      host.proxy = std::make_unique<DelayProxy>(host.endpoint.address, host.endpoint.port, round_trip / 2);
      host.endpoint.port = host.proxy->port();
    }
    hosts.push_back(std::move(host));
  }
  // One client key for all, as skep has it.
  for (Host& host : hosts) {
    host.credentials = hosts[0].credentials;
    host.sshd->folder().write("authorized_keys", skep::testing::read_file(hosts[0].sshd->folder().path("user.pub")),
                              0644);
  }
  return hosts;
}

/// CPU time of all connections that have ended, in seconds.
double host_work(const std::vector<Host>& hosts) {
  double ticks = 0;
  for (const Host& host : hosts) {
    std::istringstream fields(skep::testing::read_file(fmt::format("/proc/{}/stat", host.sshd->pid())));
    std::string field;
    for (int i = 1; i <= 17 && fields >> field; ++i) {
      if (i >= 14) ticks += std::stod(field);  // utime, stime, cutime, cstime
    }
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double own_work() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// All hosts side by side, each host's steps in turn. Returns the wall time.
template <class Work>
double side_by_side(const std::vector<Host>& hosts, const Work& work) {
  const auto begun = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (const Host& host : hosts) threads.emplace_back([&] { work(host); });
  }
  return Seconds(std::chrono::steady_clock::now() - begun).count();
}

void expect_steps(const std::vector<Host>& hosts, const std::string& nonce) {
  std::string expected;
  for (int i = 0; i < step_count; ++i) expected += fmt::format("{} {}\n", nonce, i);
  for (const Host& host : hosts) {
    if (skep::testing::read_file(host.file) == expected) continue;
    std::cerr << "the steps were not done on " << host.endpoint.address << "\n";
    std::exit(1);
  }
}

void run_or_exit(Ssh& ssh, const Host& host, const Script& script) {
  const auto exit = ssh.run(host.endpoint, script, skep::testing::in(std::chrono::seconds(120)));
  if (exit.ok() && exit.value().code == 0) return;
  std::cerr << (exit.ok() ? exit.value().err : exit.error().message) << "\n";
  std::exit(1);
}

double by_skep(const std::vector<Host>& hosts, int steps) {
  static const SystemClock clock;
  SystemRandom random;
  const std::string nonce = random_id(random);
  const auto ssh = make_libssh2_ssh(hosts[0].credentials, {}, clock);
  const double seconds = side_by_side(hosts, [&](const Host& host) {
    if (steps == 0) run_or_exit(*ssh, host, {.name = "", .text = ":"});
    for (int i = 0; i < steps; ++i) {
      run_or_exit(*ssh, host,
                  {.name = "",
                   .arguments = {{"FILE", host.file}, {"LINE", fmt::format("{} {}", nonce, i)}},
                   .text = i == 0 ? "echo \"$LINE\" > \"$FILE\"; exec sleep 0.05"
                                  : "echo \"$LINE\" >> \"$FILE\"; exec sleep 0.05"});
    }
  });
  if (steps == step_count) expect_steps(hosts, nonce);
  return seconds;
}

/// ssh(1) over one master connection a host.
double by_openssh(const std::vector<Host>& hosts) {
  SystemRandom random;
  const std::string nonce = random_id(random);
  const std::string key = hosts[0].sshd->folder().path("user");
  const double seconds = side_by_side(hosts, [&](const Host& host) {
    const std::string known = host.sshd->folder().path("known_hosts");
    std::ofstream(known) << fmt::format("[{}]:{} {}\n", host.endpoint.address, host.endpoint.port,
                                        host.endpoint.host_key);
    const std::string options = fmt::format(
        "-F /dev/null -q -o UserKnownHostsFile={} -o StrictHostKeyChecking=yes -o KexAlgorithms=curve25519-sha256 "
        "-o ControlPath={} -i {} -p {} root@{}",
        known, host.sshd->folder().path("control"), key, host.endpoint.port, host.endpoint.address);
    std::string script = fmt::format("ssh -M -N -f {} || exit 1\n", options);
    for (int i = 0; i < step_count; ++i) {
      script += fmt::format("ssh {} 'echo {} {} {} {}; exec sleep 0.05' </dev/null || exit 1\n", options, nonce, i,
                            i == 0 ? ">" : ">>", host.file);
    }
    skep::testing::run_locally(script + fmt::format("ssh -O exit {} 2>/dev/null\n", options));
  });
  expect_steps(hosts, nonce);
  return seconds;
}

struct Spread {
  double median;
  double least;
  double most;
};

template <class Measure>
Spread measured(const Measure& measure) {
  std::vector<double> values;
  for (int i = 0; i < run_count; ++i) values.push_back(measure());
  std::ranges::sort(values);
  return {values[values.size() / 2], values.front(), values.back()};
}

/// The hosts' own work for one run, in seconds; the connections have ended a moment after the client has.
template <class Measure>
double work_of(const std::vector<Host>& hosts, const Measure& measure) {
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const double before = host_work(hosts);
  for (int i = 0; i < run_count; ++i) measure();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  return (host_work(hosts) - before) / run_count;
}

void print_row(int host_count, int round_trip, bool with_peer) {
  const std::vector<Host> hosts = start_hosts(host_count, std::chrono::milliseconds(round_trip));
  const double cores = std::max(1U, std::thread::hardware_concurrency());
  by_skep(hosts, 0);  // warms the hosts' page cache
  const double login_work = work_of(hosts, [&] { by_skep(hosts, 0); });
  const double own_before = own_work();
  Spread skep = {};
  const double all_work = work_of(hosts, [&] { skep.most = by_skep(hosts, step_count); });
  const double own = (own_work() - own_before) / run_count / host_count;
  skep = measured([&] { return by_skep(hosts, step_count); });
  const double trips = (login_round_trips + step_count) * round_trip / 1000.0;
  const double bound = std::max(step_count * step_seconds + trips + login_work / cores, all_work / cores);
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  std::string row = fmt::format("{:>5} {:>6} ms {:>7.2f} s {:>7.2f} s  {:.2f} to {:.2f} {:>8.2f}", host_count,
                                round_trip, bound, skep.median, skep.least, skep.most, skep.median / bound);
  row += round_trip == 0 ? fmt::format(" {:>9.1f} ms", own * 1000) : fmt::format(" {:>12}", "-");
  row += fmt::format(" {:>8.1f} MiB", static_cast<double>(usage.ru_maxrss) / 1024);
  if (with_peer) {
    const Spread openssh = measured([&] { return by_openssh(hosts); });
    row += fmt::format(" {:>7.2f} s  {:.2f} to {:.2f}", openssh.median, openssh.least, openssh.most);
  }
  std::cout << row << std::endl;
}

}  // namespace
}  // namespace skep::bench

int main() {
  if (const std::string why = skep::testing::missing(); !why.empty()) {
    std::cout << "not measured: " << why << "\n";
    return 0;
  }
  std::cout
      << "12 steps of 50 ms a host, median and range of 5 runs; goal: ratio at most 1.15, at most 5 ms of our CPU a "
         "host\n"
      << "hosts round trip   bound      skep     range       ratio  CPU a host       peak  OpenSSH, multiplexed\n";
  skep::bench::print_row(8, 0, true);
  skep::bench::print_row(16, 0, true);
  skep::bench::print_row(8, 40, true);
  skep::bench::print_row(16, 40, true);
  skep::bench::print_row(50, 0, true);
  skep::bench::print_row(100, 0, false);
}
