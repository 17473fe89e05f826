// How a machine's systemd is started, and what systemd-nspawn reports while it runs. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/local/machine_record.h"

namespace skep {

/// A block device of this computer, and where the machine sees it.
struct DeviceBinding {
  std::string device;  // "/dev/loop3"
  std::string inside;  // "/dev/disk/by-id/skep-db-1-data"
};

/// The path by which a machine knows a volume, from the volume's name.
std::string device_inside(std::string_view volume_name);

std::vector<std::string> nspawn_command(const LocalMachine& machine, const MachineFolder& folder,
                                        const std::vector<DeviceBinding>& devices);
/// NAME=VALUE, added to the supervisor's own environment.
std::vector<std::string> nspawn_environment(std::string_view notify_socket);
/// Data of mount(2) for the machine's root: the base image below, its own files above.
std::string overlay_options(const LocalMachine& machine, const MachineFolder& folder);

/// One datagram of NOTIFY_SOCKET.
struct NspawnNotice {
  std::optional<int> leader;  // of the machine's PID 1, as numbered where systemd-nspawn runs
  bool ready = false;
};
NspawnNotice parse_nspawn_notice(std::string_view datagram);

/// What an exit code of systemd-nspawn means. 133 asks for another boot.
inline constexpr int nspawn_reboot = 133;
std::string ending_text(int exit_code);

}  // namespace skep
