#include "planner/engine/quorum.h"

#include <cassert>
#include <map>
#include <set>
#include <utility>

#include "planner/base/text.h"

namespace skep {

namespace {

using Kind = QuorumEvent::Kind;

constexpr std::size_t most_states = 100'000;
constexpr std::size_t nobody = most_quorum_events;  // no manager was lost

Members after(const Members& members, Kind kind) {
  switch (kind) {
    case Kind::add:
      return {members.count + 1, members.up + 1};
    case Kind::again:
    case Kind::power_on:
      return {members.count, members.up + 1};
    case Kind::drop:
      return {members.count - 1, members.up - 1};
    case Kind::drop_dead:
      return {members.count - 1, members.up};
    case Kind::outage:
      return members;
  }
  return members;
}

// The manager that was added or disturbed never comes back.
Members after_loss(const Members& members, Kind kind) {
  switch (kind) {
    case Kind::add:
      return {members.count + 1, members.up};
    case Kind::outage:
      return {members.count, members.up - 1};
    default:
      return members;
  }
}

std::string counts(const Members& members) {
  return count_of(static_cast<std::size_t>(members.up), "manager") + " up of " + std::to_string(members.count) + ", " +
         std::to_string(quorum_of(members.count)) + " needed";
}

// Why the event must not happen in this state; empty: it may.
std::string objection(const Members& now, Kind kind) {
  if (kind == Kind::power_on) return {};
  if (now.count > 0 && !has_quorum(now)) return "the quorum is lost already: " + counts(now);
  switch (kind) {
    case Kind::add:
      if (now.count <= 1 || has_quorum(after_loss(now, kind))) return {};
      return "with " + counts(now) + ", one more that fails to come up would lose the quorum: repair or take out the " +
             "managers that are down first";
    case Kind::again:
      if (has_quorum({now.count - 1, now.up}) && has_quorum(now)) return {};
      return "taking out the dead manager first would leave " + counts({now.count - 1, now.up});
    case Kind::drop:
    case Kind::drop_dead: {
      const Members then = after(now, kind);
      if (then.count == 0) return "it is the last manager";
      return has_quorum(then) ? "" : "it would leave " + counts(then);
    }
    case Kind::outage:
      if (now.count <= 2 || has_quorum(after_loss(now, kind))) return {};
      return "while it is out of service, " + counts(after_loss(now, kind)) + " would be left";
    case Kind::power_on:
      return {};
  }
  return {};
}

class Walk {
 public:
  Walk(Members start, std::span<const QuorumEvent> events) : start_(start), events_(events) {}

  void go(QuorumProof& proof) {
    visit(0, nobody);
    while (!look_.empty() && seen_.size() < most_states) {
      const auto [done, lost] = look_.back();
      look_.pop_back();
      step(done, lost);
    }
    if (seen_.size() >= most_states)
      refusals_.emplace("too many managers change at once for a proof: make the change in smaller steps");
    proof.refusals.assign(refusals_.begin(), refusals_.end());
  }

 private:
  static std::uint64_t bit(std::size_t event) { return std::uint64_t{1} << event; }

  void visit(std::uint64_t done, std::size_t lost) {
    if (seen_.emplace(done, lost).second) look_.emplace_back(done, lost);
  }

  Members members(std::uint64_t done, std::size_t lost) const {
    Members now = start_;
    for (std::size_t e = 0; e < events_.size(); ++e) {
      if (e == lost)
        now = after_loss(now, events_[e].kind);
      else if (done & bit(e))
        now = after(now, events_[e].kind);
    }
    return now;
  }

  void step(std::uint64_t done, std::size_t lost) {
    const Members now = members(done, lost);
    if (lost != nobody && !has_quorum(now)) return;  // found on the live swarm: nothing more is tried there
    for (std::size_t e = 0; e < events_.size(); ++e) {
      if (e == lost || (done & bit(e)) || (events_[e].after & ~done)) continue;
      const std::string why = objection(now, events_[e].kind);
      if (!why.empty()) {
        const bool is_after_loss = lost != nobody;
        refusals_.insert(events_[e].what + ": " + (is_after_loss ? "if " + events_[lost].what + " fails, " : "") + why);
        continue;
      }
      visit(done | bit(e), lost);
      const bool can_be_lost = events_[e].kind == Kind::add || events_[e].kind == Kind::outage;
      if (lost == nobody && can_be_lost) visit(done, e);
    }
  }

  Members start_;
  std::span<const QuorumEvent> events_;
  std::set<std::pair<std::uint64_t, std::size_t>> seen_ = {};
  std::vector<std::pair<std::uint64_t, std::size_t>> look_ = {};
  std::set<std::string> refusals_ = {};
};

}  // namespace

QuorumProof prove_quorum(Members start, std::span<const QuorumEvent> events) {
  QuorumProof proof;
  if (events.size() > most_quorum_events) {
    proof.refusals.emplace_back("more than " + std::to_string(most_quorum_events) +
                                " changes of managers at once: make the change in smaller steps");
    return proof;
  }
  Walk(start, events).go(proof);
  Members now = start;
  for (const auto& event : events) {
    if (event.kind == Kind::outage) {
      if (now.count <= 2)
        proof.warnings.push_back(event.what + ": the control plane does not answer meanwhile; running tasks go on");
      proof.lines.push_back(event.what + ": " + counts(after_loss(now, event.kind)) + " meanwhile");
    } else {
      now = after(now, event.kind);
      proof.lines.push_back(event.what + ": " + counts(now));
    }
  }
  return proof;
}

}  // namespace skep
