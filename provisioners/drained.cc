#include "provisioners/drained.h"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "provisioners/drain.h"
#include "provisioners/health.h"
#include "provisioners/membership.h"
#include "provisioners/quorum.h"
#include "provisioners/upgrade_probe.h"
#include "provisioners/wait_until.h"

namespace skep {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Schema with_service(Schema schema) {
  schema.inputs.push_back({service_key, OnChange::ignore, false, false, "How its node is taken out of service."});
  schema.timeout_update += std::chrono::hours(8);  // emptying a node has a limit of its own, and so has each wait
  return schema;
}

Resource without_service(const Resource& resource) {
  Resource bare = resource;
  bare.inputs.erase(service_key);
  return bare;
}

// Of a kind on a host; a machine itself is none.
std::optional<Member> host_of(const Resource& resource) {
  if (!resource.inputs.contains("host")) return std::nullopt;
  auto member = member_behind(resource);
  if (!member.ok()) return std::nullopt;
  return std::move(member).value();
}

// A node while it is out of service.
class Window {
 public:
  Window(const HostTools& tools, const Resource& resource)
      : tools_(tools),
        service_(resource.inputs.at(service_key)),
        prefix_(engine_uid(json_string_or(service_, "identity"), resource.id.generation, "")),
        all_(tools, members_of(json_member(service_, "managers"))),
        itself_(manager_on(resource)),
        member_(host_of(resource)),
        others_(itself_ ? all_.without(*itself_) : all_) {}

  /// False: there is no swarm, or it does not know this node.
  Result<bool> find(const Context& context);
  Result<void> open(const Context& context);
  Result<void> close(const Context& context);
  const SwarmNode& node() const { return node_; }

 private:
  // Those that are asked while the node is out of service: itself only where it is the only one.
  const Managers& asked() const { return others_.members().empty() ? all_ : others_; }
  Duration drain_timeout() const { return seconds(json_int_or(service_, "drain_timeout", 600)); }
  std::vector<std::string> allowed() const { return allowed_services(service_); }
  Duration settle() const { return seconds(json_int_or(service_, "settle", 30)); }
  Result<Looked<bool>> look_for_node(const Context& context);
  std::optional<Member> manager_on(const Resource& resource) const;
  Result<void> set_availability(const std::string& availability, const Context& context) const;
  Result<void> probe(const Context& context) const;

  const HostTools& tools_;
  const Json& service_;
  std::string prefix_;
  Managers all_;
  std::optional<Member> itself_;  // if it is a manager
  std::optional<Member> member_;  // where its kind says so
  Managers others_;
  bool is_alone_ = false;  // no other node takes its tasks
  SwarmNode node_ = {};
  std::set<std::string> versions_ = {};  // of the engines of the others, before it is disturbed
};

std::optional<Member> Window::manager_on(const Resource& resource) const {
  const auto found = std::ranges::find_if(all_.members(), [&](const Member& member) {
    return member.node == resource.node && member.generation == resource.id.generation;
  });
  return found == all_.members().end() ? std::nullopt : std::optional(*found);
}

Result<bool> Window::find(const Context& context) {
  if (all_.members().empty()) return false;
  const auto view = TRY(asked().view(context));
  const auto found =
      std::ranges::find_if(view.nodes, [&](const SwarmNode& one) { return one.uid.starts_with(prefix_); });
  if (found == view.nodes.end()) return false;
  node_ = *found;
  for (const auto& other : view.nodes)
    if (other.id != node_.id && other.state == "ready") versions_.insert(other.engine_version);
  is_alone_ = std::ranges::none_of(view.nodes, [&](const SwarmNode& one) {
    return one.id != node_.id && one.state == "ready" && one.availability == "active";
  });
  return true;
}

Result<void> Window::open(const Context& context) {
  TRY(pass({.what = "before " + node_.hostname + " is disturbed",
            .except = node_.id,
            .allowed = allowed(),
            .at_most = std::max<Duration>(drain_timeout(), minutes(5))},
           tools_, asked(), context));
  TRY(wait_for_gate(tools_, may_restart, "the managers to bear one less for a while", asked(), node_.id, context));
  if (node_.availability == "drain" || node_.state != "ready") return {};
  if (is_alone_) {
    context.say("no other node takes its tasks: they stop meanwhile");
    return {};
  }
  context.say("emptying " + node_.hostname);
  return drain_node({node_, drain_timeout(), allowed()}, tools_, asked(), context);
}

Result<Looked<bool>> Window::look_for_node(const Context& context) {
  for (const auto& view : TRY(asked().two_views(context))) {
    const auto* now = view.node(node_.id);
    if (now == nullptr) return Error{ErrorCode::not_found, fmt::format("{} no longer lists it", view.by.label())};
    if (now->state != "ready") return Looked<bool>{.not_yet = view.by.label() + " sees it " + now->state};
    if (itself_ && now->reachability != "reachable")
      return Looked<bool>{.not_yet = view.by.label() + " sees it " + now->reachability};
  }
  return Looked<bool>{.value = true};
}

Result<void> Window::close(const Context& context) {
  tools_.facts.forget_all();
  TRY(wait_until<bool>(tools_.clock, {.what = node_.hostname + " to be back in the swarm"}, context,
                       [&](const Context& limited) { return look_for_node(limited); }));
  if (node_.availability != "drain") {
    context.say(node_.hostname + " takes tasks again");
    TRY(set_availability(node_.availability, context));
    TRY(probe(context));
  }
  return pass(
      {.what = "after " + node_.hostname + " was disturbed", .settle = settle(), .at_most = drain_timeout() + settle()},
      tools_, all_, context);
}

Result<void> Window::set_availability(const std::string& availability, const Context& context) const {
  TRY(asked().run({.name = "node_update", .arguments = {{"node", node_.id}, {"availability", availability}}}, context));
  return {};
}

// What cannot be reached takes no tasks.
Result<void> Window::probe(const Context& context) const {
  if (!member_) return {};
  const auto probed = probe_first_of_version(tools_, *member_, versions_, asked(), context);
  if (!probed.ok() && probed.error().code == ErrorCode::unavailable) TRY(set_availability("drain", context));
  return probed;
}

}  // namespace

Json service_input(const std::string& identity, const RolloutSpec& rollout) {
  const auto whole_seconds = [](Duration duration) {
    return std::chrono::ceil<std::chrono::seconds>(duration).count();
  };
  return {{"managers", {{"$all", "swarm_manager"}, {"field", "host"}}},
          {"identity", identity},
          {"drain_timeout", whole_seconds(rollout.drain_timeout)},
          {"settle", whole_seconds(rollout.settle)},
          {"allow_unschedulable", rollout.allow_unschedulable}};
}

Drained::Drained(Driver& inner, const HostTools& tools)
    : inner_(inner), tools_(tools), schema_(with_service(inner.schema())) {}

Result<std::vector<Owned>> Drained::list(std::string_view cluster, const Context& context) {
  return inner_.list(cluster, context);
}

Result<std::optional<Object>> Drained::find(const Resource& resource, std::string_view remote_id,
                                            const Context& context) {
  return inner_.find(without_service(resource), remote_id, context);
}

Result<Object> Drained::create(const Resource& resource, const Context& context) {
  return inner_.create(without_service(resource), context);
}

Result<void> Drained::destroy(const Resource& resource, const Object& object, const Context& context) {
  return inner_.destroy(without_service(resource), object, context);
}

Result<Object> Drained::wait_ready(const Resource& resource, Object object, const Context& context) {
  return inner_.wait_ready(without_service(resource), std::move(object), context);
}

bool Drained::disturbs(const Resource& resource, const Object& object) const {
  return std::ranges::any_of(schema_.inputs, [&](const Field& field) {
    if (field.on_change != OnChange::disrupt) return false;
    return json_member(resource.inputs, field.name) != json_member(object.attributes, field.name);
  });
}

Result<void> Drained::prepare_update(const Resource& resource, const Object& object, const Context& context) {
  return inner_.prepare_update(without_service(resource), object, context);
}

Result<Object> Drained::update(const Resource& resource, const Object& object, const Context& context) {
  const Resource bare = without_service(resource);
  if (!resource.inputs.contains(service_key) || !disturbs(resource, object))
    return inner_.update(bare, object, context);
  Window window(tools_, resource);
  if (!TRY(window.find(context))) return inner_.update(bare, object, context);
  TRY(window.open(context));
  auto updated = work(bare, object, context);
  if (updated.ok()) {
    const auto closed = window.close(context);
    if (closed.ok()) return updated;
    updated = closed.error();
  }
  auto error = std::move(updated).error();
  error.message = fmt::format("{} (the node is out of service until an apply succeeds)", error.message);
  return error;
}

Result<Object> Drained::work(const Resource& resource, const Object& object, const Context& context) {
  return inner_.wait_ready(resource, TRY(inner_.update(resource, object, context)), context);
}

}  // namespace skep
