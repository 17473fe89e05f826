#include "providers/local/loop_device.h"

#include "planner/base/text.h"

namespace skep {

Result<std::string> find_loop_device(Processes& processes, const std::string& file, const Context& context) {
  const auto out = TRY(
      run_checked(processes, {.argv = {"losetup", "--noheadings", "--output", "NAME", "--associated", file}}, context));
  const auto devices = split_lines(out);  // one, unless somebody else attached the file as well
  return devices.empty() ? std::string() : std::string(trim(devices.front()));
}

Result<std::string> ensure_loop_device(Processes& processes, const std::string& file, const Context& context) {
  const std::string present = TRY(find_loop_device(processes, file, context));
  if (!present.empty()) return present;
  const auto made = TRY(processes.run({.argv = {"losetup", "--find", "--show", file}}, context));
  if (made.code != 0) {
    return Error{ErrorCode::exhausted, "attach " + file + " as a loop device: " + std::string(trim(made.err)),
                 "in a container, pass /dev/loop-control and /dev/loop* on (docker run --privileged)"};
  }
  return std::string(trim(made.out));
}

Result<void> refresh_loop_device(Processes& processes, const std::string& device, const Context& context) {
  TRY(run_checked(processes, {.argv = {"losetup", "--set-capacity", device}}, context));
  return {};
}

Result<void> detach_loop_device(Processes& processes, const std::string& file, const Context& context) {
  const std::string device = TRY(find_loop_device(processes, file, context));
  if (device.empty()) return {};
  TRY(run_checked(processes, {.argv = {"losetup", "--detach", device}}, context));
  return {};
}

}  // namespace skep
