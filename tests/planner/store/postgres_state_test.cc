// A team's state in a real PostgreSQL: locks that end with their connection, answers that are lost, rights, passwords.
#include "planner/store/postgres_state.h"

#include "planner/store/key_ring.h"
#include "planner/store/postgres_link.h"
#include "planner/store/sealed_state.h"
#include "planner/store/shared_store.h"
#include "tests/fakes/cutting_proxy.h"
#include "tests/fakes/postgres_server.h"
#include "two_runners.h"

namespace skep {
namespace {

using testing::CuttingProxy;
using testing::PostgresServer;

struct PostgresTest : ::testing::Test {
  PostgresServer server_program;
  SystemClock clock;
  SystemRandom random;

  std::unique_ptr<Store> open_at(const std::string& connection, const std::string& name = "demo") {
    return make_shared_store(make_postgres_state({.connection = connection, .name = name}, clock), random, clock,
                             {.cluster = name});
  }
  std::unique_ptr<Store> open() { return open_at(server_program.connection()); }
  std::string asked(const std::string& sql) {
    PostgresLink link(server_program.connection());
    EXPECT_TRUE(link.open().ok());
    const auto answer = link.ask(sql, {}).value();
    return answer.sqlstate.empty() && !answer.rows.empty() ? answer.rows[0][0] : answer.message;
  }
  std::string locks() { return asked("select count(*) from pg_locks where locktype = 'advisory'"); }
};

TEST_F(PostgresTest, WhatIsRecordedIsThereForTheNextOneAndEveryVersionHasItsRow) {
  EXPECT_EQ(open()->load().value().records.size(), 0U) << "no tables yet";
  {
    const auto store = open();
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    ASSERT_TRUE(store->load().ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{begin(server("a"))}).ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("a"))}).ok());
    for (int i = 0; i < 110; ++i) ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("b"))}).ok());
  }
  EXPECT_EQ(open()->load().value().records.size(), 2U);
  EXPECT_EQ(open_at(server_program.connection(), "other")->load().value().records.size(), 0U);
  EXPECT_EQ(asked("select count(*) from skep_states"), "100");
  EXPECT_EQ(asked("select max(serial) from skep_states"), "112");
  EXPECT_EQ(locks(), "0");
}

TEST_F(PostgresTest, ALockEndsWithItsHolderOrByHandAndWhoLostItWritesNothing) {
  auto first = open();
  auto lock = first->lock(me());
  ASSERT_TRUE(lock.ok());
  const auto second = open();
  const Holder ben = {.user = "ben", .host = "laptop", .operation = "destroy"};
  const auto refused = second->lock(ben);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("locked by anna@build-7, apply"), std::string::npos);
  EXPECT_EQ(second->holder().value()->user, "anna");
  EXPECT_EQ(open_at(server_program.connection(), "other")->holder().value(), std::nullopt);

  ASSERT_TRUE(second->break_lock().ok());
  {
    const auto taken = second->lock(ben);
    ASSERT_TRUE(taken.ok()) << taken.error().message;
    const auto late = first->record(std::vector<Entry>{finish(server("late"))});
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, ErrorCode::conflict) << late.error().message;
    ASSERT_TRUE(second->record(std::vector<Entry>{finish(server("b"))}).ok());
  }
  const auto later = first->record(std::vector<Entry>{finish(server("later"))});
  ASSERT_FALSE(later.ok()) << "the lock is free again, but somebody has written";
  EXPECT_EQ(later.error().code, ErrorCode::conflict) << later.error().message;
  EXPECT_EQ(open()->load().value().records.size(), 1U);
}

TEST_F(PostgresTest, AKilledRunnersLockIsFreeAtOnceAndItsIntentIsThere) {
  int told[2] = {};
  ASSERT_EQ(pipe(told), 0);
  const pid_t runner = fork();
  if (runner == 0) {
    const auto store = open();
    const auto lock = store->lock(me());
    const bool is_done = lock.ok() && store->record(std::vector<Entry>{begin(server("half"))}).ok();
    static_cast<void>(write(told[1], is_done ? "y" : "n", 1));
    pause();
  }
  char answer = 0;
  ASSERT_EQ(read(told[0], &answer, 1), 1);
  ASSERT_EQ(answer, 'y');
  EXPECT_FALSE(open()->lock(me()).ok());
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  const auto store = open();
  auto lock = store->lock(me());
  for (int i = 0; i < 100 && !lock.ok(); ++i, usleep(50'000)) lock = store->lock(me());  // until the server has noticed
  ASSERT_TRUE(lock.ok()) << lock.error().message;
  ASSERT_EQ(store->load().value().open.size(), 1U);
}

// Of every request of a whole run, the handshake's too.
TEST_F(PostgresTest, AnAnswerThatIsLostIsLookedUp) {
  int request_count = 1;
  for (int cut = 0; cut <= request_count; ++cut) {
    SCOPED_TRACE(cut);
    asked("drop table if exists skep_states, skep_locks");  // making them is a request too
    const std::string name = "run" + std::to_string(cut);
    CuttingProxy proxy(server_program.port(), cut);
    {
      const auto store = open_at(server_program.connection("skep", proxy.port()) + " sslmode=disable", name);
      const auto lock = store->lock(me());
      ASSERT_TRUE(lock.ok()) << lock.error().message;
      ASSERT_TRUE(store->load().ok());
      for (const char* one : {"a", "b"}) {
        const auto recorded = store->record(std::vector<Entry>{finish(server(one))});
        ASSERT_TRUE(recorded.ok()) << recorded.error().message;
      }
    }
    if (cut == 0) request_count = proxy.request_count();
    EXPECT_EQ(open_at(server_program.connection(), name)->load().value().records.size(), 2U);
    EXPECT_EQ(asked("select count(*) from skep_states where name = '" + name + "'"), "2");
    EXPECT_EQ(open_at(server_program.connection(), name)->holder().value(), std::nullopt) << "no lock is left";
  }
  EXPECT_GT(request_count, 6);
}

TEST_F(PostgresTest, ReadingNeedsNoRightToWrite) {
  {
    const auto store = open();
    const auto lock = store->lock(me());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("a"))}).ok());
  }
  asked("grant select on skep_states to reader");
  const auto guest = open_at(server_program.connection("reader", server_program.port()));
  EXPECT_EQ(guest->load().value().records.size(), 1U);
  EXPECT_EQ(guest->lock(me()).error().code, ErrorCode::denied);
}

TEST_F(PostgresTest, APasswordIsInNoMessageAndNotInASpec) {
  const auto wrong = open_at(server_program.connection("skep", server_program.port(), "wrong-canary"))->load();
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, ErrorCode::denied) << wrong.error().message;
  const auto absent = open_at("host=127.0.0.1 port=1 password=wrong-canary")->load();
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().code, ErrorCode::unavailable);
  for (const auto& error : {wrong.error(), absent.error()})
    EXPECT_EQ((error.message + error.hint).find("canary"), std::string::npos) << error.message;
  EXPECT_TRUE(names_password("postgresql://anna:hunter22@host/db").value());
  EXPECT_TRUE(names_password("host=h password=x").value());
  EXPECT_FALSE(names_password("postgresql://anna@host/db").value());
  const auto unfit = names_password("postgresql://anna:canary@[host/db");
  ASSERT_FALSE(unfit.ok());
  EXPECT_EQ(unfit.error().message.find("canary"), std::string::npos);
}

TEST_F(PostgresTest, SealedNobodyReadsItInTheDatabase) {
  {
    const auto store = make_shared_store(
        make_sealed_state(make_postgres_state({.connection = server_program.connection(), .name = "demo"}, clock),
                          KeyRing::parse(Secret("a passphrase of the team")).value(), random),
        random, clock, {});
    const auto lock = store->lock(me());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("canary-1"))}).ok());
  }
  EXPECT_EQ(asked("select count(*) from skep_states where document like '%canary%'"), "0");
  EXPECT_EQ(asked("select count(*) from skep_states"), "1");
}

TEST_F(PostgresTest, OfTwoRunnersAtOnceOneWins) {
  expect_one_wins_each_round([this] { return open(); }, 50);
}

}  // namespace
}  // namespace skep
