#include "providers/local/image_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "providers/local/image_scripts.h"

namespace skep {

namespace {

constexpr const char* release = "bookworm";
constexpr const char* default_source = "http://deb.debian.org/debian";
constexpr const char* default_security = "http://deb.debian.org/debian-security";

// A normal Debian server: systemd, SSH, network tools, no interpreter of any kind, no Docker.
constexpr const char* packages =
    "systemd,systemd-sysv,dbus,openssh-server,iproute2,iputils-ping,ca-certificates,curl,e2fsprogs,procps,kmod";

// Options of apt that say how to fetch, not what.
bool is_about_fetching(std::string_view option) {
  static const std::vector<std::string_view> wanted = {
      "Acquire::http::", "Acquire::https::",   "Acquire::ftp::",     "Acquire::Retries", "Acquire::Check-",
      "Acquire::Max-",   "Acquire::ForceIPv4", "Acquire::ForceIPv6", "Acquire::socks::", "Acquire::Valid-Until"};
  return std::ranges::any_of(wanted, [&](std::string_view prefix) { return option.starts_with(prefix); });
}

bool is_on_loopback(std::string_view value) {
  return value.find("//127.") != std::string_view::npos || value.find("//localhost") != std::string_view::npos ||
         value.find("//[::1]") != std::string_view::npos;
}

bool is_script(std::string_view option) {  // a program of the computer, absent in the machine
  return option.find("Proxy-Auto-Detect") != std::string_view::npos ||
         option.find("ProxyAutoDetect") != std::string::npos;
}

std::vector<std::string> debian_sources(std::string_view index_targets, std::string_view signed_by) {
  std::vector<std::string> sources;
  for (const auto& line : split_lines(index_targets)) {
    const auto fields = split(line, '|');
    if (fields.size() != 4 || !fields[1].starts_with(release) || fields[2] != "main") continue;
    if (fields[1].find("backports") != std::string::npos || fields[0].starts_with("cdrom:")) continue;
    const bool is_debian = fields[3] == "Debian" || fields[3].empty() || fields[3].starts_with("$");
    if (!is_debian || fields[0].starts_with("file:")) continue;
    std::string uri = fields[0];
    while (uri.ends_with('/')) uri.pop_back();
    const std::string source = fmt::format("deb {}{} {} main", signed_by, uri, fields[1]);
    if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
  }
  const std::string plain = std::string(" ") + release + " ";
  const bool has_release =
      std::ranges::any_of(sources, [&](const std::string& source) { return source.find(plain) != std::string::npos; });
  if (has_release) return sources;
  return {fmt::format("deb {}{} {} main", signed_by, default_source, release),
          fmt::format("deb {}{} {}-updates main", signed_by, default_source, release),
          fmt::format("deb {}{} {}-security main", signed_by, default_security, release)};
}

std::string quoted(const std::vector<std::string>& lines, std::string_view end) {
  std::string text;
  for (const auto& line : lines) text += line + std::string(end) + "\n";
  return text;
}

}  // namespace

std::string ImageRecipe::content_key() const {
  std::string all = std::string(packages) + "\n" + packages_hook() + "\n" + finishing_script(*this) + architecture;
  for (const auto& source : sources) all += "\n" + source;
  return sha256_hex(all).substr(0, 16);
}

ImageRecipe image_recipe(std::string_view index_targets, std::string_view apt_settings, std::string_view keyring,
                         std::string_view architecture, const std::map<std::string, std::string>& environment) {
  ImageRecipe recipe;
  recipe.architecture = std::string(trim(architecture));
  const std::string signed_by = keyring.empty() ? "" : fmt::format("[signed-by={}] ", keyring);
  recipe.sources = debian_sources(index_targets, signed_by);
  for (const auto& line : split_lines(apt_settings)) {
    std::string option(trim(line));
    if (option.ends_with(';')) option.pop_back();
    if (!is_about_fetching(option) || option.ends_with(" \"\"")) continue;
    recipe.apt_options.push_back(option);
    if (!is_on_loopback(option) && !is_script(option)) recipe.node_apt_options.push_back(option);
  }
  for (const char* scheme : {"http", "https"}) {  // apt honours these variables; a machine has none
    const auto proxy = environment.find(std::string(scheme) + "_proxy");
    if (proxy == environment.end() || proxy->second.empty() || is_on_loopback(proxy->second)) continue;
    recipe.node_apt_options.push_back(fmt::format("Acquire::{}::Proxy \"{}\"", scheme, proxy->second));
  }
  return recipe;
}

std::vector<std::string> mmdebstrap_command(const ImageRecipe& recipe, const std::string& target,
                                            const std::string& hook) {
  std::vector<std::string> command = {"mmdebstrap",
                                      "--mode=root",
                                      "--variant=apt",
                                      "--format=directory",
                                      "--architectures=" + recipe.architecture,
                                      std::string("--include=") + packages,
                                      "--dpkgopt=path-exclude=/usr/share/man/*",
                                      "--dpkgopt=path-exclude=/usr/share/doc/*",
                                      "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                                      "--dpkgopt=path-exclude=/usr/share/locale/*",
                                      "--dpkgopt=force-unsafe-io",
                                      "--aptopt=Acquire::Languages \"none\"",
                                      "--aptopt=APT::Install-Recommends \"false\""};
  for (const auto& option : recipe.apt_options) command.push_back("--aptopt=" + option);
  command.push_back("--customize-hook=sh " + shell_quote(hook) + " \"$1\"");
  command.emplace_back(release);
  command.push_back(target);
  command.insert(command.end(), recipe.sources.begin(), recipe.sources.end());
  return command;
}

std::string packages_hook() { return image_scripts::packages_hook; }

std::string finishing_script(const ImageRecipe& recipe) {
  std::string script = image_scripts::finishing;
  script = replace_all(std::move(script), "@SOURCES@\n", quoted(recipe.sources, ""));
  return replace_all(std::move(script), "@APT_OPTIONS@\n", quoted(recipe.node_apt_options, ";"));
}

std::string node_resolv_conf(std::string_view own, std::string_view behind_stub) {
  const auto reachable = [](std::string_view text) {
    std::string result;
    for (const auto& line : split_lines(text)) {
      const auto content = trim(line);
      const bool is_server = content.starts_with("nameserver");
      const bool is_local =
          content.find(" 127.") != std::string_view::npos || content.find(" ::1") != std::string_view::npos;
      if (is_server ? !is_local : content.starts_with("search") || content.starts_with("options"))
        result += std::string(content) + "\n";
    }
    return result;
  };
  std::string text = reachable(own);
  if (text.find("nameserver") == std::string::npos) text = reachable(behind_stub);
  return text;
}

}  // namespace skep
