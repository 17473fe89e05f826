#include "provisioners/engine.h"

#include <algorithm>

#include <fmt/format.h>

#include "planner/base/digest.h"
#include "planner/base/text.h"
#include "provisioners/daemon_json.h"
#include "provisioners/engine_version.h"
#include "provisioners/quorum.h"
#include "provisioners/unlock.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Of the key at https://download.docker.com/linux/debian/gpg and .../ubuntu/gpg.
constexpr const char* docker_fingerprint = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88";

Schema schema_of_engine() {
  return {.driver = "host.engine",
          .doc = "Docker Engine on a host, from Docker's repository or the distribution's, with its daemon.json.",
          .inputs = {{"host", OnChange::ignore, true, false, "The machine."},
                     {"cluster", OnChange::ignore, true, false, "The cluster's name."},
                     {"login", OnChange::ignore, false, false, "By which key the host is known."},
                     {"source", OnChange::disrupt, true, false, "docker or distro."},
                     {"version", OnChange::disrupt, true, false, "Exact, a series, or empty for any."},
                     {"daemon", OnChange::disrupt, true, false, "Keys of daemon.json that need a restart."},
                     {"daemon_live", OnChange::update, true, false, "Keys that a running engine takes over."},
                     {"identity", OnChange::update, true, false, "CLUSTER/NODE, as the engine label skep.uid has it."},
                     {"repository_url", OnChange::update, false, false, "A mirror of Docker's repository."},
                     {"repository_key", OnChange::update, false, false, "Fingerprint of the mirror's key."}},
          .outputs = {{"engine_version", OnChange::ignore, false, false, "The version that runs."},
                      {"package", OnChange::ignore, false, false, "Package and exact version."},
                      {"held", OnChange::ignore, false, false, "Whether upgrades leave the package alone."},
                      {"daemon_digest", OnChange::ignore, false, false, "SHA-256 of daemon.json."}},
          .prepares_update = true,
          .timeout_create = minutes(30),
          .timeout_update = minutes(30),
          .timeout_destroy = minutes(10),
          .timeout_read = seconds(20)};
}

std::string identity_label(const Resource& resource, const Facts& facts) {
  return "skep.uid=" +
         engine_uid(json_string_or(resource.inputs, "identity"), resource.id.generation, facts.machine_id);
}

std::string source_of(const Facts& facts) { return facts.engine_package() == "docker-ce" ? "docker" : "distro"; }

bool is_as_wanted(const Resource& resource, const Facts& facts) {
  return !facts.engine_package().empty() && source_of(facts) == json_string_or(resource.inputs, "source") &&
         version_fits(json_string_or(resource.inputs, "version"), upstream_version(facts.engine_version));
}

Object object_of(const Resource& resource, const Facts& facts) {
  const auto wanted_version = json_string_or(resource.inputs, "version");
  const auto running = upstream_version(facts.engine_version);
  const auto package = facts.engine_package();
  const auto& fact = facts.packages.at(package);
  const auto label = identity_label(resource, facts);
  const bool is_labelled = std::ranges::find(facts.engine_labels, label) != facts.engine_labels.end();
  auto keys = split_daemon_keys(owned_daemon_keys(facts.daemon_json, facts.engine_memory));
  return {label.substr(9),
          {{"source", source_of(facts)},
           {"version", version_fits(wanted_version, running) ? wanted_version : running},
           {"engine_version", running},
           {"package", package + " " + fact.version},
           {"held", fact.held},
           {"daemon", std::move(keys.restart)},
           {"daemon_live", std::move(keys.reload)},
           {"daemon_digest", sha256_hex(facts.daemon_json.value_or(""))},
           {"identity", is_labelled ? json_string_or(resource.inputs, "identity") : ""}}};
}

Json wanted_keys(const Resource& resource) {
  Json wanted = resource.inputs.at("daemon");
  wanted.update(resource.inputs.at("daemon_live"));
  return wanted;
}

std::string upper(std::string text) {
  for (auto& letter : text) letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
  return text;
}

std::string digest_of(const std::optional<std::string>& text) { return text ? sha256_hex(*text) : "none"; }

// What is installed already, exactly: nothing changes but that upgrades leave it alone.
PackageChoice as_installed(const Facts& facts) {
  PackageChoice choice;
  std::vector<std::string> exact;
  std::vector<std::string> names;
  for (const char* name : {"docker-ce", "docker-ce-cli", "containerd.io", "docker.io"}) {
    const auto package = facts.packages.find(name);
    if (package == facts.packages.end()) continue;
    exact.push_back(fmt::format("{}={}", name, package->second.version));
    names.emplace_back(name);
  }
  choice.packages = join(exact, " ");
  choice.hold = join(names, " ");
  return choice;
}

bool must_be_held(const Resource& resource) {
  return json_string_or(resource.inputs, "source") == "docker" || !json_string_or(resource.inputs, "version").empty();
}

Result<void> check_no_downgrade(const Facts& facts, const PackageChoice& choice) {
  if (facts.engine_package().empty() || choice.version.empty()) return {};
  const auto present = upstream_version(facts.packages.at(facts.engine_package()).version);
  if (compare_versions(choice.version, present) >= 0) return {};
  return Error{ErrorCode::refused,
               fmt::format("the host has engine {}, and {} is older: an engine is not taken back by itself", present,
                           choice.version),
               fmt::format("ask for {} or newer in engine.version, or replace the node", present)};
}

Result<DaemonMerge> merged(const Resource& resource, const Facts& facts) {
  return merge_daemon({.present_text = facts.daemon_json,
                       .memory = facts.engine_memory,
                       .wanted = wanted_keys(resource),
                       .label = identity_label(resource, facts)});
}

}  // namespace

Engine::Engine(const HostTools& tools) : HostDriver(tools, schema_of_engine()) {}

Result<std::optional<Object>> Engine::find(const Resource& resource, std::string_view remote_id,
                                           const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_for(remote_id), context));
  if (facts->engine_package().empty() || !facts->engine_answers) return std::optional<Object>();
  return std::optional(object_of(resource, *facts));
}

Result<Object> Engine::create(const Resource& resource, const Context& context) {
  const auto member = TRY(member_behind(resource));
  TRY(configure(resource, member, Reads::now, context));  // first, so that the first start is right
  TRY(install(resource, member, Repository::when_needed, context));
  return check(resource, member, context);
}

Result<void> Engine::prepare_update(const Resource& resource, const Object&, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  const auto merge = TRY(merged(resource, *facts));  // what cannot be is said before anything is disturbed
  if (is_as_wanted(resource, *facts) && !merge.changed_keys.empty()) {
    TRY(run_script(tools().ssh, member.endpoint, {.name = "engine_validate", .input = Secret(merge.text)}, context));
  }
  const auto choice = TRY(choose(resource, member, *facts, Repository::refreshed, context));
  if (!choice) return {};
  context.say("fetching " + choice->packages);
  TRY(tools().change(member.endpoint, {.name = "engine_download", .arguments = {{"packages", choice->packages}}},
                     context));
  return {};
}

Result<Object> Engine::update(const Resource& resource, const Object&, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  // An engine of another version starts once, with its new configuration; the old one may not know the keys.
  const bool is_other = !is_as_wanted(resource, *facts) && facts->engine_answers;
  TRY(configure(resource, member, is_other ? Reads::later : Reads::now, context));
  TRY(install(resource, member, Repository::refreshed, context));
  if (is_other) TRY(configure(resource, member, Reads::has_read, context));
  return check(resource, member, context);
}

Result<void> Engine::configure(const Resource& resource, const Member& member, Reads reads,
                               const Context& context) const {
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  const auto merge = TRY(merged(resource, *facts));
  if (!merge.differs) return {};
  const bool needs_restart = reads == Reads::now && merge.needs_restart;
  const bool restarts = needs_restart && facts->engine_answers;
  if (restarts) TRY(may_restart(facts->nodes, facts->swarm.node_id).doing("restart the engine"));
  if (!merge.changed_keys.empty()) {
    context.say(fmt::format("writing daemon.json ({}){}", join(merge.changed_keys, ", "),
                            restarts ? ", the engine restarts" : ""));
  }
  TRY(change_and_unlock(
      tools(), member, *facts,
      {.name = "engine_configure",
       .arguments = {{"present_digest", digest_of(facts->daemon_json)},
                     {"memory", dump_json(reads == Reads::later ? unread(merge.memory) : merge.memory)},
                     {"apply", reads == Reads::later ? "later"
                               : needs_restart       ? "restart"
                                                     : "reload"}},
       .input = Secret(merge.text)},
      context));
  return {};
}

Result<void> Engine::add_repository(const Resource& resource, const Member& member, const Context& context) const {
  const auto key = replace_all(json_string_or(resource.inputs, "repository_key"), " ", "");
  context.say("adding Docker's repository");
  TRY(tools().change(member.endpoint,
                     {.name = "engine_repository",
                      .arguments = {{"fingerprint", key.empty() ? docker_fingerprint : upper(key)},
                                    {"url", json_string_or(resource.inputs, "repository_url")}}},
                     context));
  return {};
}

// The packages that are missing or wrong; nothing when all is as it should be.
Result<std::optional<PackageChoice>> Engine::choose(const Resource& resource, const Member& member, const Facts& facts,
                                                    Repository repository, const Context& context) const {
  const auto source = json_string_or(resource.inputs, "source");
  const auto version = json_string_or(resource.inputs, "version");
  const bool is_complete = is_as_wanted(resource, facts) && facts.engine_answers;
  if (source == "docker" && (!is_complete || repository == Repository::refreshed)) {
    TRY(add_repository(resource, member, context));
  }
  if (is_complete) {
    if (!must_be_held(resource) || facts.packages.at(facts.engine_package()).held)
      return std::optional<PackageChoice>();
    return std::optional(as_installed(facts));
  }
  std::vector<PackageVersion> available;
  if (must_be_held(resource)) {
    available = package_versions(TRY(
        run_script(tools().ssh, member.endpoint,
                   {.name = "engine_available", .arguments = {{"packages", packages_of_source(source)}}}, context)));
  }
  auto choice = TRY(choose_packages(source, version, available));
  TRY(check_no_downgrade(facts, choice));
  return std::optional(std::move(choice));
}

Result<void> Engine::install(const Resource& resource, const Member& member, Repository repository,
                             const Context& context) const {
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  const auto choice = TRY(choose(resource, member, *facts, repository, context));
  if (!choice) return {};
  if (facts->engine_answers) TRY(may_restart(facts->nodes, facts->swarm.node_id).doing("upgrade the engine"));
  context.say("installing " + choice->packages);
  TRY(change_and_unlock(
      tools(), member, *facts,
      {.name = "engine_install",
       .arguments = {{"packages", choice->packages}, {"hold", choice->hold}, {"conflicts", choice->conflicts}}},
      context));
  return {};
}

// What was a member of a swarm before must be one again.
Result<Object> Engine::check(const Resource& resource, const Member& member, const Context& context) const {
  return wait_until<Object>(tools().clock, {.what = "the engine", .at_most = minutes(3)}, context,
                            [&](const Context& limited) -> Result<Looked<Object>> {
                              tools().facts.forget(member.endpoint);
                              const auto facts = TRY(tools().look(member.endpoint, age_to_act, limited));
                              if (!facts->engine_answers) return Looked<Object>{.not_yet = "it does not answer"};
                              if (facts->engine_package().empty())
                                return Looked<Object>{.not_yet = "its package is not installed"};
                              if (facts->has_swarm_state && facts->swarm.state == "pending") {
                                return Looked<Object>{.not_yet = "it is coming back into its swarm"};
                              }
                              if (!is_as_wanted(resource, *facts)) {
                                return Error{ErrorCode::internal,
                                             fmt::format("engine {} runs after {} was installed", facts->engine_version,
                                                         facts->packages.at(facts->engine_package()).version)};
                              }
                              return Looked<Object>{.value = object_of(resource, *facts)};
                            });
}

// Docker stays where it is: on a machine that is not ours others may use it, and ours vanish with the machine.
Result<void> Engine::destroy(const Resource& resource, const Object&, const Context& context) {
  const auto member = TRY(member_behind(resource));
  const auto facts = TRY(tools().look(member.endpoint, age_to_act, context));
  const auto merge = TRY(merge_daemon({.present_text = facts->daemon_json, .memory = facts->engine_memory}));
  if (facts->daemon_json && !merge.changed_keys.empty()) {
    // Labels go at once; keys that need a restart go with the engine's next one, which is not ours to choose.
    TRY(tools().change(member.endpoint,
                       {.name = "engine_configure",
                        .arguments = {{"present_digest", digest_of(facts->daemon_json)},
                                      {"memory", dump_json(merge.memory)},
                                      {"apply", "reload"}},
                        .input = Secret(merge.text)},
                       context));
  }
  TRY(tools().change(member.endpoint, {.name = "engine_release"}, context));
  return {};
}

}  // namespace skep
