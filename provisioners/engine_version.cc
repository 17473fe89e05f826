#include "provisioners/engine_version.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "planner/base/text.h"

namespace skep {
namespace {

constexpr const char* distro_conflicts =
    "docker-ce docker-ce-cli docker-ce-rootless-extras docker-buildx-plugin docker-compose-plugin containerd.io";
constexpr const char* docker_conflicts =
    "docker.io docker-compose docker-compose-v2 docker-doc podman-docker containerd runc";

int number_of(const std::string& text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::vector<std::string> offered(const std::string& package, const std::vector<PackageVersion>& available) {
  std::vector<std::string> versions;
  for (const auto& one : available) {
    if (one.package == package) versions.push_back(one.version);
  }
  std::ranges::stable_sort(versions, [](const std::string& left, const std::string& right) {
    return compare_versions(upstream_version(left), upstream_version(right)) > 0;
  });
  return versions;
}

Error nothing_fits(const std::string& source, const std::string& wanted, const std::vector<std::string>& versions) {
  std::vector<std::string> names;
  for (const auto& version : versions) {
    const auto upstream = upstream_version(version);
    if (std::ranges::find(names, upstream) == names.end() && names.size() < 8) names.push_back(upstream);
  }
  const auto* where = source == "docker" ? "Docker's repository" : "the distribution";
  if (names.empty()) {
    return {ErrorCode::unavailable, fmt::format("{} offers no engine to this host", where),
            "look at `apt-get update` and `apt-cache policy` on the host"};
  }
  return {ErrorCode::invalid_input, fmt::format("{} has no engine version \"{}\"", where, wanted),
          fmt::format("it offers {}", join(names, ", "))};
}

// The newest version that fits; a pre-release only where it is asked for.
std::string newest_fit(const std::string& wanted, const std::vector<std::string>& versions) {
  for (const auto& version : versions) {
    const auto upstream = upstream_version(version);
    const bool is_early = upstream.find('~') != std::string::npos && wanted.find('~') == std::string::npos;
    if (!is_early && version_fits(wanted, upstream)) return version;
  }
  return {};
}

}  // namespace

std::string upstream_version(std::string_view package_version) {
  std::string version(package_version);
  if (const auto colon = version.find(':'); colon != std::string::npos) version.erase(0, colon + 1);
  version = version.substr(0, version.find('-'));
  return version.substr(0, version.find('+'));
}

bool version_fits(std::string_view wanted, std::string_view version) {
  if (wanted.empty()) return true;
  if (!version.starts_with(wanted)) return false;
  if (version.size() == wanted.size()) return true;
  return version[wanted.size()] == '.' || version[wanted.size()] == '~';
}

int compare_versions(std::string_view left, std::string_view right) {
  const auto release = [](std::string_view version) { return version.substr(0, version.find('~')); };
  const auto ours = split(release(left), '.');
  const auto theirs = split(release(right), '.');
  for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    const int mine = i < ours.size() ? number_of(ours[i]) : 0;
    const int other = i < theirs.size() ? number_of(theirs[i]) : 0;
    if (mine != other) return mine - other;
  }
  const bool is_early = left.find('~') != std::string_view::npos;
  const bool other_is_early = right.find('~') != std::string_view::npos;
  if (is_early != other_is_early) return is_early ? -1 : 1;
  return left.compare(right);
}

std::vector<PackageVersion> package_versions(std::string_view lines) {
  std::vector<PackageVersion> versions;
  for (const auto& line : split_lines(lines)) {
    const auto words = split(line, ' ');
    if (words.size() == 2) versions.push_back({words[0], words[1]});
  }
  return versions;
}

std::string packages_of_source(const std::string& source) {
  return source == "docker" ? "docker-ce docker-ce-cli containerd.io" : "docker.io";
}

Result<PackageChoice> choose_packages(const std::string& source, const std::string& wanted,
                                      const std::vector<PackageVersion>& available) {
  if (source != "docker" && wanted.empty()) {
    return PackageChoice{.packages = "docker.io iptables", .hold = {}, .conflicts = distro_conflicts, .version = {}};
  }
  const std::string main_package = source == "docker" ? "docker-ce" : "docker.io";
  const auto versions = offered(main_package, available);
  const auto version = newest_fit(wanted, versions);
  if (version.empty()) return nothing_fits(source, wanted, versions);
  PackageChoice choice;
  choice.version = upstream_version(version);
  if (source != "docker") {
    choice.packages = fmt::format("docker.io={} iptables", version);
    choice.hold = "docker.io";
    choice.conflicts = distro_conflicts;
    return choice;
  }
  const auto runtimes = offered("containerd.io", available);
  if (runtimes.empty()) return nothing_fits(source, "containerd.io", {});
  choice.packages = fmt::format("docker-ce={0} docker-ce-cli={0} containerd.io={1}", version, runtimes.front());
  choice.hold = "docker-ce docker-ce-cli containerd.io";
  choice.conflicts = docker_conflicts;
  return choice;
}

}  // namespace skep
