#include "providers/local/preflight.h"

#include <fmt/format.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "planner/base/text.h"
#include "providers/local/image_recipe.h"
#include "providers/local/kernel_files.h"

namespace skep {

namespace {

struct Program {
  const char* name;
  const char* package;
  bool for_image = false;  // only for building the base image
};

constexpr Program programs[] = {
    {"systemd-nspawn", "systemd-container"},
    {"ip", "iproute2"},
    {"nft", "nftables"},
    {"losetup", "mount"},
    {"nsenter", "util-linux"},
    {"unshare", "util-linux"},
    {"mmdebstrap", "mmdebstrap", true},
    {"apt-get", "apt", true},
    {"dpkg-deb", "dpkg", true},
};

// Each line that is printed names one thing the kernel lacks. In a network namespace of its own, so nothing is left.
constexpr const char* probe = R"sh(
[ -e /proc/net/ip_vs ] || { modprobe -q ip_vs 2>/dev/null && [ -e /proc/net/ip_vs ]; } || echo ipvs
ip xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 1 mode transport \
  aead 'rfc4106(gcm(aes))' 0x0102030405060708090a0b0c0d0e0f1011121314 64 2>/dev/null || echo esp
ip link add probe0 type vxlan id 7 dstport 4789 2>/dev/null || echo vxlan
if command -v tc >/dev/null; then tc qdisc add dev lo root netem delay 1ms 2>/dev/null || echo netem; fi
{ nft add table ip probe && nft add chain ip probe c '{ type nat hook postrouting priority 100; }' &&
  nft add rule ip probe c masquerade; } 2>/dev/null || echo nft
ip link add probe1 type veth peer name probe2 2>/dev/null || echo veth
ip link add probe3 type bridge 2>/dev/null || echo bridge
)sh";

struct Lack {
  std::string_view probe;
  std::string_view warning;
};

constexpr Lack lacks[] = {
    {"ipvs",
     "the kernel has no IPVS: published ports answer on no node in ingress mode, and services are not reached by their "
     "virtual IP; use `mode: host` for ports and `endpoint_mode: dnsrr` for services"},
    {"esp",
     "the kernel has no ESP with AES-GCM: traffic between nodes vanishes on encrypted overlay networks; leave "
     "`encrypted` out on this computer"},
    {"vxlan", "the kernel has no VXLAN: containers on different nodes do not reach each other by overlay networks"},
    {"netem", "the kernel has no netem: delay and loss between machines cannot be imitated with tc"},
};

// Nobody can do without these.
constexpr Lack essentials[] = {
    {"nft", "nf_tables with masquerading (modprobe nft_masq)"},
    {"veth", "veth devices (modprobe veth)"},
    {"bridge", "bridges (modprobe bridge)"},
};

constexpr int bit_net_admin = 12;
constexpr int bit_sys_admin = 21;
constexpr int bit_sys_resource = 24;
constexpr int bit_mknod = 27;

std::uint64_t effective_capabilities(std::string_view status) {
  for (const auto& line : split_lines(status)) {
    if (line.starts_with("CapEff:")) return std::strtoull(line.c_str() + 7, nullptr, 16);
  }
  return 0;
}

bool has_bit(std::uint64_t set, int bit) { return (set >> bit & 1) != 0; }

Result<void> check_privileges() {
  if (::geteuid() != 0) {
    return Error{ErrorCode::denied, "provider local makes machines on this computer, and for that it must be root",
                 "run the same command with sudo"};
  }
  const std::string missing = missing_capabilities(read_kernel_file("/proc/self/status"));
  if (missing.empty()) return {};
  return Error{ErrorCode::denied, "provider local lacks " + missing + ", though it is root",
               "this looks like an unprivileged container; start it with docker run --privileged"};
}

Result<void> check_programs(const LocalTools& tools) {
  std::vector<std::string> names;
  std::vector<std::string> packages;
  const auto images = tools.files.list(tools.paths.cache + "/images");
  const bool has_image = images.ok() && std::ranges::any_of(images.value(), [](const std::string& image) {
                           return image.starts_with(image_debian_12);
                         });
  for (const auto& [name, package, for_image] : programs) {
    if (tools.processes.find_program(name) || (for_image && has_image)) continue;
    names.emplace_back(name);
    if (std::ranges::find(packages, package) == packages.end()) packages.emplace_back(package);
  }
  if (names.empty()) return {};
  return Error{ErrorCode::invalid_input, "provider local needs " + join(names, ", ") + ", not found on this computer",
               "apt-get install " + join(packages, " ")};
}

Result<void> check_file_systems(const LocalTools& tools, const Context& context) {
  const auto knows_overlay = [] {
    return read_kernel_file("/proc/filesystems").find("\toverlay\n") != std::string::npos;
  };
  if (!knows_overlay() && tools.processes.find_program("modprobe"))
    TRY(tools.processes.run({.argv = {"modprobe", "--quiet", "overlay"}}, context));
  if (!knows_overlay()) {
    return Error{ErrorCode::invalid_input, "the kernel has no overlayfs, over which the machines' files lie",
                 "modprobe overlay must succeed; another kernel may be needed"};
  }
  std::string folder = tools.paths.root;
  while (!tools.files.exists(folder)) folder.resize(std::max<std::size_t>(folder.rfind('/'), 1));
  constexpr long overlay_magic = 0x794c7630;
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) == 0 && status.f_type == overlay_magic) {
    return Error{ErrorCode::invalid_input, tools.paths.root + " lies on an overlay, which cannot carry another one",
                 "in a container, put a volume there: docker run -v skep:/var/lib/skep ..."};
  }
  return {};
}

Result<std::vector<std::string>> probe_kernel(const LocalTools& tools, const Context& context) {
  if (tools.processes.find_program("modprobe") && !read_kernel_file("/proc/modules").empty()) {
    // Nothing can be loaded from inside a machine, so all that a node with Docker uses is loaded here.
    TRY(tools.processes.run({.argv = {"modprobe", "--all", "--quiet", "overlay", "br_netfilter", "ip_vs", "ip_vs_rr",
                                      "xt_ipvs", "nf_conntrack", "vxlan", "esp4", "xfrm_user", "veth", "xt_MASQUERADE",
                                      "xt_addrtype", "xt_conntrack", "loop", "iptable_nat"}},
                            context));
  }
  const auto exit = TRY(tools.processes.run({.argv = {"unshare", "--net", "/bin/sh", "-s"}, .input = probe}, context));
  for (const auto& line : split_lines(exit.out)) {
    const auto* essential = std::ranges::find(essentials, std::string_view(line), &Lack::probe);
    if (essential != std::end(essentials)) {
      return Error{ErrorCode::invalid_input, fmt::format("the kernel lacks {}", essential->warning),
                   "provider local cannot work without it"};
    }
  }
  return kernel_warnings(exit.out);
}

}  // namespace

std::string missing_capabilities(std::string_view status) {
  const std::uint64_t set = effective_capabilities(status);
  std::vector<std::string> missing;
  if (!has_bit(set, bit_sys_admin)) missing.emplace_back("CAP_SYS_ADMIN");
  if (!has_bit(set, bit_net_admin)) missing.emplace_back("CAP_NET_ADMIN");
  if (!has_bit(set, bit_mknod)) missing.emplace_back("CAP_MKNOD");
  return join(missing, ", ");
}

bool lacks_resource_capability(std::string_view status) {
  return !has_bit(effective_capabilities(status), bit_sys_resource);
}

std::vector<std::string> kernel_warnings(std::string_view probe_output) {
  const auto lines = split_lines(probe_output);
  std::vector<std::string> warnings;
  for (const auto& [name, warning] : lacks) {
    if (std::ranges::find(lines, name) != lines.end()) warnings.emplace_back(warning);
  }
  return warnings;
}

Result<std::vector<std::string>> preflight_local(const LocalTools& tools, const Spec& spec, const Context& context) {
  if (pools_of(spec, "local").empty()) return std::vector<std::string>();
  TRY(check_privileges());
  TRY(check_programs(tools));
  TRY(check_file_systems(tools, context));
  auto warnings = TRY(probe_kernel(tools, context));
  if (lacks_resource_capability(read_kernel_file("/proc/self/status"))) {
    warnings.emplace_back(
        "this computer withholds CAP_SYS_RESOURCE: in the machines, containers with --privileged, raised file limits "
        "or "
        "negative oom scores do not start");
  }
  return warnings;
}

}  // namespace skep
