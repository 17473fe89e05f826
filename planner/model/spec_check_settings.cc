// Rules about settings: what Docker refuses in a swarm, what skep owns, keys that cannot log in, rollout,
// notifications.
#include <algorithm>
#include <string>

#include "planner/base/ssh_key.h"
#include "planner/base/text.h"
#include "planner/model/spec_check.h"

namespace skep::model {

namespace {

struct ForbiddenSetting {
  std::string_view key;
  std::string_view value;  // only this one; empty: every one
  std::string_view message;
  std::string_view hint;
};

constexpr ForbiddenSetting forbidden_settings[] = {
    {"live-restore", "true", "Docker refuses live-restore in a swarm",
     "take it out: skep drains a node before a restart"},
    {"firewall-backend", "\"nftables\"", "Docker refuses the nftables backend in a swarm",
     "take it out, or write iptables"},
    {"hosts", "", "sockets belong to Docker's systemd unit, and a second list of them stops the engine",
     "reach the engine over SSH: DOCKER_HOST=ssh://..."},
    {"storage-driver", "", "a change of the storage driver hides every image and container",
     "leave it to Docker: the default is right"},
    {"cluster-store", "", "belongs to the swarm of old, which is gone from Docker", "take it out"},
    {"cluster-advertise", "", "belongs to the swarm of old, which is gone from Docker", "take it out"},
};

/// The keys of daemon.json on Linux, of Engine 20.10 to 29 (docs.docker.com, reference of dockerd; its flags).
constexpr std::string_view known_settings =
    "allow-direct-routing allow-nondistributable-artifacts api-cors-header authorization-plugins bip bip6 "
    "bridge bridge-accept-fwmark builder cdi-spec-dirs cgroup-parent cluster-advertise cluster-store "
    "cluster-store-opts containerd containerd-namespace containerd-plugin-namespace cpu-rt-period "
    "cpu-rt-runtime data-root debug default-address-pools default-cgroupns-mode default-gateway "
    "default-gateway-v6 default-ipc-mode default-network-opts default-runtime default-shm-size "
    "default-ulimits dns dns-opts dns-search exec-opts exec-root experimental features firewall-backend "
    "fixed-cidr fixed-cidr-v6 group host-gateway-ip host-gateway-ips hosts icc init init-path "
    "insecure-registries ip ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 labels "
    "live-restore log-driver log-format log-level log-opts max-concurrent-downloads max-concurrent-uploads "
    "max-download-attempts metrics-addr min-api-version mtu network-control-plane-mtu no-new-privileges "
    "node-generic-resources oom-score-adjust pidfile proxies raw-logs registry-mirrors runtimes "
    "seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opts "
    "swarm-default-advertise-addr tls tlscacert tlscert tlskey tlsverify userland-proxy userland-proxy-path "
    "userns-remap";

/// A newer engine may know more: not refused.
void check_known(const Json& daemon, Findings& findings) {
  const auto known = split(known_settings, ' ');
  for (const auto& [key, value] : daemon.items()) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const auto meant = key.size() > 64 ? std::nullopt : closest(key, known);
    findings.warning_at("engine.daemon." + key,
                        "skep knows no such key of daemon.json, and an engine that does not either will not start",
                        meant ? "did you mean '" + *meant + "'?" : "check it against the manual of dockerd");
  }
}

void check_daemon_labels(const Json& labels, Findings& findings) {
  const std::string path = "engine.daemon.labels";
  if (!labels.is_array()) return findings.error_at(path, "expected a list of texts KEY=VALUE");
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string here = path + "." + std::to_string(i);
    const std::string text = labels[i].is_string() ? labels[i].get<std::string>() : "";
    if (text.find('=') == std::string::npos || text.starts_with('='))
      findings.error_at(here, "expected a text KEY=VALUE");
    else if (text.starts_with("skep."))
      findings.error_at(here, "labels that begin with skep. are set by skep itself", "choose another name for yours");
  }
}

void check_daemon(const Json& daemon, Findings& findings) {
  const std::string path = "engine.daemon.";
  for (const auto& setting : forbidden_settings) {
    const auto found = daemon.find(setting.key);
    if (found == daemon.end() || (!setting.value.empty() && dump_json(*found) != setting.value)) continue;
    findings.error_at(path + std::string(setting.key), setting.message, std::string(setting.hint));
  }
  check_known(daemon, findings);
  if (const auto labels = daemon.find("labels"); labels != daemon.end()) check_daemon_labels(*labels, findings);
  const auto options = daemon.find("log-opts");
  if (options == daemon.end() || !options->is_object()) return;
  for (const auto& [key, value] : options->items()) {
    if (!value.is_string())
      findings.error_at(path + "log-opts." + key, "Docker takes only texts here", "put the value in quotes");
  }
}

void check_engine(const Spec& spec, Findings& findings) {
  if (spec.engine.source == EngineSpec::Source::distro && !spec.engine.repository_url.empty())
    findings.error_at("engine.repository",
                      "is for source: docker; packages of the distribution come from its own places",
                      "take it out, or write source: docker");
  check_daemon(spec.engine.daemon, findings);
}

// Says what is wrong with the key without ever showing it.
void check_ssh_key(const Tree& tree, const Spec& spec, Findings& findings) {
  const std::string key(trim(spec.ssh.key));
  if (key.starts_with("ssh-") || key.starts_with("ecdsa-sha2-")) {
    findings.error_at("ssh.key", "this is a public key; logging in needs the private one",
                      "name the file without .pub, or give the text that begins with -----BEGIN");
    return;
  }
  if (!key.starts_with("-----BEGIN")) return;
  const auto line = public_line_of(spec.ssh.key);
  if (!line.ok()) findings.error_at("ssh.key", line.error().message, line.error().hint);
  const Tree* written = tree.good("ssh") ? tree.good("ssh")->good("key") : nullptr;
  if (written && !written->from_variable)
    findings.warning_at("ssh.key", "a private key stands in the spec itself, for everyone who can read the file",
                        "keep it in a variable, key: \"${SKEP_SSH_KEY}\", or in a file");
}

void check_share(const CountOrPercent& share, const std::string& path, int least, Findings& findings) {
  if (share.percent && (share.value < 1 || share.value > 100))
    findings.error_at(path, std::to_string(share.value) + "% is out of range", "a share is 1% to 100%");
  if (!share.percent && (share.value < least || share.value > 1000))
    findings.error_at(path, std::to_string(share.value) + " is out of range",
                      "a number here is " + std::to_string(least) + " to 1000");
}

void check_rollout(const RolloutSpec& rollout, Findings& findings) {
  using std::chrono_literals::operator""s;
  using std::chrono_literals::operator""h;
  check_share(rollout.max_unavailable, "rollout.max_unavailable", 1, findings);
  check_share(rollout.max_surge, "rollout.max_surge", 0, findings);
  if (rollout.drain_timeout < 1s || rollout.drain_timeout > 3h)
    findings.error_at("rollout.drain_timeout", human_duration(rollout.drain_timeout) + " is out of range",
                      "give tasks 1s to 3h to leave");
  if (rollout.settle > 1h)
    findings.error_at("rollout.settle", human_duration(rollout.settle) + " is out of range", "at most 1h");
}

void check_state(const StateSpec& state, Findings& findings) {
  if (state.backend == "local" && !state.address.empty())
    findings.error_at("state.address", "the local backend has no address",
                      "add `backend: http`, `postgres` or `s3`, or take it out");
  const bool is_url = state.address.starts_with("http://") || state.address.starts_with("https://");
  if (state.backend == "http" && !state.address.empty() && !is_url)
    findings.error_at("state.address", "'" + state.address + "' is no address of the http backend",
                      "as in https://state.example/demo");
  if (state.backend == "s3" && !state.address.empty() && !state.address.starts_with("s3://"))
    findings.error_at("state.address", "'" + state.address + "' is no address of the s3 backend",
                      "as in s3://bucket/folder/demo.json");
}

/// `tree` is what holds the key; nothing is said where it was not written.
void check_secret_place(const Tree* tree, std::string_view key, const SecretPlace& secret, const std::string& path,
                        Findings& findings) {
  if (!tree || !tree->good(key)) return;
  const int places = (secret.env.empty() ? 0 : 1) + (secret.file.empty() ? 0 : 1) + (secret.command.empty() ? 0 : 1);
  if (places == 1) return;
  findings.error_at(path, "says " + std::string(places == 0 ? "no" : "more than one") + " place",
                    "one of env: NAME, file: PATH and command: [PROGRAM, ...]");
}

void check_mail(const Tree& tree, const MailSpec& mail, const std::string& path, Findings& findings) {
  check_secret_place(&tree, "password", mail.password, path + ".password", findings);
  const Tree* receivers = tree.good("to");
  if (receivers && receivers->members.empty()) findings.error_at(path + ".to", "names nobody", "add an address");
  if (mail.user.empty() != !mail.password.is_given())
    findings.error_at(path, "user and password belong together", "give both, or neither");
  if (mail.password.is_given() && !mail.needs_tls)
    findings.error_at(path + ".tls", "a password is never sent in the clear", "take `tls: none` out, or the login");
}

void check_receiver(const Tree& tree, const NotifySpec& receiver, const std::string& path, Findings& findings) {
  const Tree* mail = tree.good("mail");
  if ((tree.find("webhook") != nullptr) == (tree.find("mail") != nullptr))
    return findings.error_at(
        path, "is neither a webhook nor mail, or both",
        "one of webhook: https://... and mail: {server, from, to}; a second receiver has a name of "
        "its own");
  if (mail && tree.find("secret"))
    findings.error_at(path + ".secret", "signs messages to a webhook, and this is mail", "take it out");
  check_secret_place(&tree, "secret", receiver.secret, path + ".secret", findings);
  if (mail) check_mail(*mail, receiver.mail, path + ".mail", findings);
}

void check_notify(const Tree& tree, const Spec& spec, Findings& findings) {
  const Tree* notify = tree.good("notify");
  if (!notify) return;
  for (const auto& [name, spot, value] : notify->members) {
    if (!value.wrong) check_receiver(value, spec.notify.at(name), "notify." + name, findings);
  }
}

}  // namespace

void check_settings(const Tree& tree, const Spec& spec, Findings& findings) {
  check_engine(spec, findings);
  check_ssh_key(tree, spec, findings);
  check_rollout(spec.rollout, findings);
  check_state(spec.state, findings);
  check_secret_place(tree.good("swarm"), "unlock_key", spec.swarm.unlock_key, "swarm.unlock_key", findings);
  check_notify(tree, spec, findings);
}

void check_rules(const Tree& tree, const Spec& spec, Findings& findings) {
  check_pools(tree, spec, findings);
  check_traffic(tree, spec, findings);
  check_nodes(spec, findings);
  check_volumes(spec, findings);
  check_ranges(spec, findings);
  check_settings(tree, spec, findings);
}

}  // namespace skep::model
