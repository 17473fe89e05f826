// The arithmetic table of managers, row by row, and the orders in which changes can happen.
#include "planner/engine/quorum.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

using Kind = QuorumEvent::Kind;

std::string verdict(Members start, std::vector<QuorumEvent> events) {
  const auto proof = prove_quorum(start, events);
  return proof.refusals.empty() ? "kept" : "refused";
}

struct Row {
  Members now;
  std::string drop_healthy;
  std::string drop_dead;  // empty: there is none
  std::string add;        // the new one may die
};

// Every row of the table; 1/1 grows in spite of its risk, because there is no other way to grow.
const Row rows[] = {
    {{1, 1}, "refused", "", "kept"}, {{2, 2}, "kept", "", "kept"},           {{2, 1}, "refused", "refused", "refused"},
    {{3, 3}, "kept", "", "kept"},    {{3, 2}, "refused", "kept", "refused"}, {{4, 4}, "kept", "", "kept"},
    {{5, 5}, "kept", "", "kept"},    {{5, 4}, "kept", "kept", "kept"},       {{5, 3}, "refused", "kept", "refused"},
    {{7, 7}, "kept", "", "kept"},
};

TEST(Quorum, OneChangeAtATimeFollowsTheTable) {
  for (const auto& row : rows) {
    SCOPED_TRACE(std::to_string(row.now.count) + "/" + std::to_string(row.now.up));
    EXPECT_EQ(verdict(row.now, {{.kind = Kind::drop}}), row.drop_healthy);
    if (!row.drop_dead.empty()) {
      EXPECT_EQ(verdict(row.now, {{.kind = Kind::drop_dead}}), row.drop_dead);
    }
    EXPECT_EQ(verdict(row.now, {{.kind = Kind::add}}), row.add);
  }
}

TEST(Quorum, FirstManagersOfANewSwarm) {
  EXPECT_EQ(verdict({0, 0}, {{.kind = Kind::add}, {.kind = Kind::add}, {.kind = Kind::add}}), "kept");
}

TEST(Quorum, ReplacingAHealthyOneMustAddFirst) {
  const QuorumEvent add = {.kind = Kind::add, .what = "create b"};
  const QuorumEvent drop = {.kind = Kind::drop, .what = "destroy a", .after = 1};
  EXPECT_EQ(verdict({1, 1}, {add, drop}), "kept");
  EXPECT_EQ(verdict({1, 1}, {add, {.kind = Kind::drop, .what = "destroy a"}}), "refused");  // nothing orders them
}

TEST(Quorum, ReplacingADeadOneMustTakeItOutFirst) {
  EXPECT_EQ(verdict({3, 2}, {{.kind = Kind::drop_dead}, {.kind = Kind::add, .after = 1}}), "kept");
  EXPECT_EQ(verdict({3, 2}, {{.kind = Kind::add}, {.kind = Kind::drop_dead, .after = 1}}), "refused");
  EXPECT_EQ(verdict({3, 2}, {{.kind = Kind::again}}), "kept");
  EXPECT_EQ(verdict({3, 2}, {{.kind = Kind::power_on}, {.kind = Kind::add, .after = 1}}), "kept");
}

TEST(Quorum, AFailureBetweenChangesIsThoughtOf) {
  // Two outages that nothing chains: if the first manager never comes back, the second one must not go.
  EXPECT_EQ(verdict({3, 3}, {{.kind = Kind::outage, .what = "a"}, {.kind = Kind::outage, .what = "b"}}), "refused");
  EXPECT_EQ(verdict({3, 3}, {{.kind = Kind::outage}, {.kind = Kind::outage, .after = 1}}), "kept");
  const auto proof = prove_quorum({3, 3}, std::vector<QuorumEvent>{{.kind = Kind::outage, .what = "update a"},
                                                                   {.kind = Kind::drop, .what = "destroy b"}});
  EXPECT_EQ(proof.refusals,
            std::vector<std::string>{"destroy b: if update a fails, it would leave 1 manager up of 2, 2 needed"});
}

TEST(Quorum, WithOneOrTwoManagersAnOutageIsOnlySaid) {
  const auto proof = prove_quorum({1, 1}, std::vector<QuorumEvent>{{.kind = Kind::outage, .what = "update a"}});
  EXPECT_TRUE(proof.refusals.empty());
  EXPECT_EQ(proof.warnings,
            std::vector<std::string>{"update a: the control plane does not answer meanwhile; running tasks go on"});
}

TEST(Quorum, ALostQuorumIsSaid) {
  const auto proof = prove_quorum({3, 1}, std::vector<QuorumEvent>{{.kind = Kind::add, .what = "create d"}});
  EXPECT_EQ(proof.refusals,
            std::vector<std::string>{"create d: the quorum is lost already: 1 manager up of 3, 2 needed"});
}

TEST(Quorum, TheProofHasALineForEachChange) {
  const auto proof =
      prove_quorum({3, 3}, std::vector<QuorumEvent>{{.kind = Kind::add, .what = "create d"},
                                                    {.kind = Kind::drop, .what = "destroy a", .after = 1}});
  EXPECT_EQ(proof.lines, (std::vector<std::string>{"create d: 4 managers up of 4, 3 needed",
                                                   "destroy a: 3 managers up of 3, 2 needed"}));
}

TEST(Quorum, TooManyChangesAreRefusedRatherThanGuessedAt) {
  std::vector<QuorumEvent> many(most_quorum_events + 1);
  EXPECT_FALSE(prove_quorum({3, 3}, many).refusals.empty());
  std::vector<QuorumEvent> unordered(40, {.kind = Kind::power_on});
  EXPECT_FALSE(prove_quorum({3, 3}, unordered).refusals.empty());
}

}  // namespace
}  // namespace skep
