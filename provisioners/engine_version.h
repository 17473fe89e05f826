// Versions of the engine: as packages spell them, as people ask for them, and which packages follow. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/base/result.h"

namespace skep {

/// "5:28.5.2-1~debian.12~bookworm" and "28.5.2" -> "28.5.2"; "20.10.24+dfsg1-1+deb12u1" -> "20.10.24".
/// A pre-release keeps its mark: "5:29.0.0~rc.1-1~debian..." -> "29.0.0~rc.1".
std::string upstream_version(std::string_view package_version);

/// True when `version` is the wanted one or of its series: "28.5" fits 28.5.2, not 28.50.0. Empty fits all.
bool version_fits(std::string_view wanted, std::string_view version);

/// Negative, zero, positive, by numbers; a pre-release comes before its release.
int compare_versions(std::string_view left, std::string_view right);

struct PackageVersion {
  std::string package;
  std::string version;
};
/// Lines of "PACKAGE VERSION".
std::vector<PackageVersion> package_versions(std::string_view lines);

/// What to hand to apt.
struct PackageChoice {
  std::string packages;   // "docker-ce=5:28.5.2-1~... docker-ce-cli=... containerd.io=..."
  std::string hold;       // names that no upgrade may touch
  std::string conflicts;  // names that must go first
  std::string version;    // upstream; empty: the distribution's
};

/// Which packages carry a source, whatever their version: for `apt-cache madison`.
std::string packages_of_source(const std::string& source);

/// The newest version that fits. Errors: invalid_input (none fits: names what there is).
Result<PackageChoice> choose_packages(const std::string& source, const std::string& wanted,
                                      const std::vector<PackageVersion>& available);

}  // namespace skep
