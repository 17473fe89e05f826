// What goes into the base image, and from where: computed from the computer's own apt settings. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace skep {

/// The only image there is.
inline constexpr const char* image_debian_12 = "debian-12";

struct ImageRecipe {
  std::vector<std::string> sources;           // "deb [..] URI SUITE main"
  std::vector<std::string> apt_options;       // of the computer, for building: "Acquire::Retries \"3\""
  std::vector<std::string> node_apt_options;  // those that also hold inside a machine (no proxy on the loopback)
  std::string architecture;                   // "amd64"

  /// Equal recipes give equal images as far as we know: 16 hexadecimal digits.
  std::string content_key() const;
};

/// `index_targets`: of `apt-get indextargets` with index_target_format; `apt_settings`: of `apt-config dump`;
/// `keyring`: Debian's, or "" where there is none; `environment`: http_proxy and its like.
ImageRecipe image_recipe(std::string_view index_targets, std::string_view apt_settings, std::string_view keyring,
                         std::string_view architecture, const std::map<std::string, std::string>& environment);
inline constexpr const char* index_target_format = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)";

/// `target` is the folder to fill, `hook` a file with packages_hook().
std::vector<std::string> mmdebstrap_command(const ImageRecipe& recipe, const std::string& target,
                                            const std::string& hook);

/// A script that mmdebstrap runs with the image's root as $1: it fetches the packages that most nodes get (Docker and
/// what it needs), and leaves them in a folder of the image, recompressed so that unpacking them costs little. They are
/// not installed.
std::string packages_hook();

/// A script that runs inside the finished image: sources, masked units, identity taken out, package lists read.
std::string finishing_script(const ImageRecipe& recipe);

/// The name servers that a machine can reach, for its /etc/resolv.conf: the computer's, those on the loopback left out
/// and then taken from `behind_stub` (/run/systemd/resolve/resolv.conf).
std::string node_resolv_conf(std::string_view own, std::string_view behind_stub);

}  // namespace skep
