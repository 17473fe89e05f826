#include "providers/local/nspawn_command.h"

#include <fmt/format.h>

#include <charconv>

#include "planner/base/text.h"

namespace skep {

namespace {

// systemd-nspawn splits a binding at colons.
std::string binding(const std::string& outside, const std::string& inside) {
  return "--bind=" + replace_all(outside, ":", "\\:") + ":" + inside;
}

// overlayfs splits its options at commas and its lower folders at colons.
std::string escaped(std::string path) {
  for (const char* special : {"\\", ",", ":"})
    path = replace_all(std::move(path), special, std::string("\\") + special);
  return path;
}

}  // namespace

std::string device_inside(std::string_view volume_name) {
  return "/dev/disk/by-id/skep-" + std::string(volume_name.substr(volume_name.rfind('/') + 1));
}

std::vector<std::string> nspawn_command(const LocalMachine& machine, const MachineFolder& folder,
                                        const std::vector<DeviceBinding>& devices) {
  std::vector<std::string> command = {
      "systemd-nspawn",
      "--quiet",
      "--boot",
      "--directory=" + folder.root(),
      "--machine=" + machine.unit(),
      "--hostname=" + machine.host_name,
      "--register=no",
      "--keep-unit",
      "--network-namespace-path=/run/netns/" + machine.unit(),
      "--resolv-conf=off",
      "--link-journal=no",
      "--timezone=off",
      "--console=read-only",
      "--notify-ready=yes",
      "--kill-signal=SIGRTMIN+3",
      "--capability=all",
      "--system-call-filter=add_key keyctl bpf",
      binding(folder.data() + "/docker", "/var/lib/docker"),
      binding(folder.data() + "/containerd", "/var/lib/containerd"),
  };
  for (const auto& [device, inside] : devices) command.push_back(binding(device, inside));
  return command;
}

std::vector<std::string> nspawn_environment(std::string_view notify_socket) {
  return {"SYSTEMD_NSPAWN_API_VFS_WRITABLE=network", "SYSTEMD_NSPAWN_LOCK=0",
          "NOTIFY_SOCKET=" + std::string(notify_socket)};
}

std::string overlay_options(const LocalMachine& machine, const MachineFolder& folder) {
  return fmt::format("lowerdir={},upperdir={},workdir={}", escaped(machine.base), escaped(folder.upper()),
                     escaped(folder.work()));
}

NspawnNotice parse_nspawn_notice(std::string_view datagram) {
  NspawnNotice notice;
  constexpr std::string_view leader_key = "X_NSPAWN_LEADER_PID=";
  for (const auto& line : split_lines(datagram)) {
    if (line == "READY=1") notice.ready = true;
    if (!line.starts_with(leader_key)) continue;
    const std::string_view digits = std::string_view(line).substr(leader_key.size());
    int leader = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), leader);
    if (error == std::errc() && end == digits.data() + digits.size() && leader > 0) notice.leader = leader;
  }
  return notice;
}

std::string ending_text(int exit_code) {
  switch (exit_code) {
    case 0:
      return "powered off";
    case 1:
      return "its init ended";
    case nspawn_reboot:
      return "rebooted";
    case 128 + 9:
      return "killed";
    default:
      return fmt::format("systemd-nspawn ended with {}", exit_code);
  }
}

}  // namespace skep
