// What is written down about a machine: how it was made (machine.json) and how it runs (run.json).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/files.h"
#include "providers/local/paths.h"

namespace skep {

/// Written once, before anything else of the machine exists; enough to boot it again after the computer was off.
struct LocalMachine {
  std::string cluster;
  std::string name;  // its folder's name: "worker-1", "worker-1@2"
  std::string host_name;
  std::string uid;      // 8 hexadecimal digits, in the name of each of its things on this computer
  std::string image;    // as the spec says: "debian-12"
  std::string base;     // the folder of the base image; never changes while the machine lives
  std::string type;     // limits, see limits.h; may be empty
  std::string address;  // "10.128.2.10"
  std::string gateway;
  int prefix = 24;
  std::string bridge;
  std::string host_key;  // the public line
  std::vector<std::string> authorized_keys;
  std::vector<std::string> volumes;  // remote ids of local.volume

  std::string remote_id() const { return cluster + "/" + name; }
  std::string unit() const;   // of machine, network namespace and control group, see machine_name()
  std::string cable() const;  // the host's end
  bool operator==(const LocalMachine&) const = default;
};

Json to_json(const LocalMachine& machine);
Result<LocalMachine> machine_from_json(const Json& json);

/// Of the present or the last boot. Process ids are the computer's own.
struct MachineRun {
  int supervisor = 0;
  int init = 0;             // of the process namespace: with it all of the machine ends
  std::uint64_t began = 0;  // start time of `init`, so that a reused number is noticed
  int leader = 0;           // the machine's own PID 1; 0: not yet known
  bool ready = false;       // systemd said READY=1
  int boots = 0;
  std::vector<std::string> cgroups;  // the folders it lives in
  std::string ended = {};            // why it no longer runs; empty while it does
};

Json to_json(const MachineRun& run);
MachineRun run_from_json(const Json& json);

/// The files of one machine. Reading is safe at any time: every file is replaced atomically.
struct MachineFolder {
  std::string path;

  std::string lock() const { return path + "/lock"; }  // held by the supervisor and all that it started
  std::string log() const { return path + "/log"; }    // the supervisor's and the console's
  std::string record() const { return path + "/machine.json"; }
  std::string run() const { return path + "/run.json"; }
  std::string key() const { return path + "/host_key"; }  // private, made before the machine
  std::string upper() const { return path + "/upper"; }
  std::string work() const { return path + "/work"; }
  std::string root() const { return path + "/root"; }
  std::string data() const { return path + "/data"; }  // what must not lie on an overlay: /var/lib/docker, containerd
};

/// Nothing: there is no such file yet (a crash came between the folder and it). Errors: invalid_input (unreadable).
Result<std::optional<LocalMachine>> read_machine(const Files& files, const MachineFolder& folder);
Result<MachineRun> read_run(const Files& files, const MachineFolder& folder);

/// Every machine of a cluster that has been written down, by folder name.
Result<std::map<std::string, LocalMachine>> machines_of(const Files& files, const LocalPaths& paths,
                                                        const std::string& cluster);

/// The names in a folder; none when it is not there.
Result<std::vector<std::string>> names_in(const Files& files, const std::string& folder);

}  // namespace skep
