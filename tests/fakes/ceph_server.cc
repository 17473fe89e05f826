#include "tests/fakes/ceph_server.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "planner/store/s3_sign.h"
#include "planner/system/clock.h"
#include "providers/http/curl_http.h"
#include "tests/fakes/child_program.h"

namespace skep::testing {

namespace {

const std::string bin = "/usr/bin/";
constexpr const char* cluster_id = "6b1c4a5e-0d5d-4f0a-9a0e-2f0a6a3b7c11";
constexpr const char* store_id = "0b3d3d6e-51a5-4a8c-8a3c-8f0e0f5c9d21";

// One of everything, nothing on disk, no logins between its own parts, no background work.
constexpr const char* settings = R"([global]
fsid = {cluster}
mon host = v1:127.0.0.1:{monitor}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 268435456
mon allow pool size one = true
mon cluster log to file = false
mon data avail crit = 1
ms bind msgr2 = false
run dir = {folder}
log file = {folder}/$name.log
admin socket = {folder}/$name.asok
mon data = {folder}/mon
osd data = {folder}/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw thread pool size = 16
rgw run sync thread = false
rgw enable gc threads = false
rgw enable lc threads = false
rgw enable quota threads = false
)";

}  // namespace

std::string CephServer::missing() {
  for (const char* program : {"ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool"}) {
    if (access((bin + program).c_str(), X_OK) != 0)
      return std::string(program) +
             " is not installed, so nothing is said about a third-party S3 server; "
             "apt-get install --no-install-recommends ceph-mon ceph-osd radosgw";
  }
  return "";
}

CephServer::CephServer() : folder_(program_folder("skep-ceph")), port_(unused_port()) {
  const int monitor_port = unused_port();
  write_settings(monitor_port);
  for (const char* part : {"mon", "osd"}) std::filesystem::create_directory(folder_ + "/" + part);
  const std::string map = folder_ + "/monmap";
  run({"monmaptool", "--create", "--fsid", cluster_id, "--addv", "a", fmt::format("[v1:127.0.0.1:{}]", monitor_port),
       map});
  run({"ceph-mon", "--mkfs", "-i", "a", "--monmap", map});
  pids_.push_back(start({"ceph-mon", "-i", "a", "-f"}));
  run({"ceph", "--connect-timeout", "5", "osd", "new", store_id}, 20);
  run({"ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", store_id});
  start_store();
  pids_.push_back(start({"radosgw", "-n", "client.rgw", "-f"}));
  run({"radosgw-admin", "user", "create", "--uid", "skep", "--display-name", "skep", "--access-key", key_id,
       "--secret-key", secret});
  make_bucket();
}

CephServer::~CephServer() {
  for (auto pid = pids_.rbegin(); pid != pids_.rend(); ++pid) end_program(*pid, SIGKILL);
  std::filesystem::remove_all(folder_);
}

void CephServer::write_settings(int monitor_port) {
  using fmt::arg;
  std::ofstream(folder_ + "/ceph.conf") << fmt::format(settings, arg("cluster", cluster_id), arg("folder", folder_),
                                                       arg("monitor", monitor_port), arg("gateway", port_));
}

// It ends with "wrong fsid" when it asks the monitor for something before it has heard of the cluster: then once more.
void CephServer::start_store() {
  for (int attempt = 0; attempt < 10; ++attempt) {
    const pid_t store = start({"ceph-osd", "-i", "0", "-f"});
    for (int i = 0; i < 150 && is_running(store); ++i, usleep(100'000)) {
      if (run({"ceph", "--connect-timeout", "5", "osd", "stat"}).find("1 up") == std::string::npos) continue;
      pids_.push_back(store);
      return;
    }
    if (is_running(store)) end_program(store, SIGKILL);
  }
  give_up_program("the Ceph", "its store does not start: " + text_in(folder_ + "/ceph-osd.out"));
}

// The gateway listens once it has made its own pools.
void CephServer::make_bucket() const {
  const SystemClock clock;
  CurlHttp http;
  std::string last = "no answer";
  for (int i = 0; i < 300; ++i, usleep(200'000)) {
    const Request make =
        sign_s3({.method = "PUT", .url = url() + "/bucket"}, {key_id, Secret(secret), {}}, region, clock.wall());
    const auto answer = http.send(make, within(clock, std::chrono::seconds(5), {}));
    if (answer.ok() && answer.value().status == 200) return;
    last = answer.ok() ? answer.value().body : answer.error().message;
  }
  give_up_program("the Ceph", "no bucket: " + last);
}

std::string CephServer::run(const std::vector<std::string>& words, int tries) const {
  std::vector<std::string> whole = {"/usr/bin/timeout", "60", bin + words[0], "-c", folder_ + "/ceph.conf"};
  whole.insert(whole.end(), words.begin() + 1, words.end());
  const std::string log = folder_ + "/out";
  for (int i = 0; i < tries; ++i) {
    std::filesystem::remove(log);
    if (wait_for_program(start_program(whole, log)) == 0) return text_in(log);
    usleep(200'000);
  }
  give_up_program("the Ceph", words[0] + " fails: " + text_in(log));
}

pid_t CephServer::start(const std::vector<std::string>& words) const {
  std::vector<std::string> whole = {bin + words[0], "-c", folder_ + "/ceph.conf"};
  whole.insert(whole.end(), words.begin() + 1, words.end());
  return start_program(whole, folder_ + "/" + words[0] + ".out");
}

}  // namespace skep::testing
