// The state of a team over Terraform's HTTP protocol: what is durable, what a lost answer means, who holds the lock.
#include "planner/store/shared_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "planner/store/http_state.h"
#include "planner/store/sealed_state.h"
#include "planner/store/snapshot.h"
#include "tests/fakes/http_script.h"
#include "tests/fakes/http_state_server.h"
#include "two_runners.h"

namespace skep {
namespace {

using testing::ManualClock;
using testing::StateServer;
using testing::StateServerOptions;

enum class Trouble { none, not_sent, answer_lost, bad_gateway, too_many };

/// The server, and a network that loses what the test says.
class Wire final : public Http {
 public:
  explicit Wire(StateServer& server) : server_(server) {}
  std::function<Trouble(const Request&)> trouble = [](const Request&) { return Trouble::none; };

  Result<Response> send(const Request& request, const Context&) override {
    Request arriving = request;
    arriving.url = request.url.substr(std::string("http://state.test").size());
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) headers[name == "Authorization" ? "authorization" : name] = value;
    arriving.headers = headers;
    switch (trouble(request)) {
      case Trouble::not_sent:
        return Error{ErrorCode::unavailable, "connection refused"};
      case Trouble::too_many:
        return Response{.status = 429};
      case Trouble::answer_lost:
        server_.answer(arriving);
        return Error{ErrorCode::unknown_outcome, "connection reset"};
      case Trouble::bad_gateway:
        server_.answer(arriving);
        return Response{.status = 502, .body = "<html>Bad Gateway"};
      case Trouble::none:
        break;
    }
    return server_.answer(arriving);
  }

 private:
  StateServer& server_;
};

struct SharedStoreTest : ::testing::TestWithParam<bool> {
  StateServer remote{{.is_gitlab = GetParam(), .username = "anna", .password = "hunter22", .read_only = "guest"}};
  Wire wire{remote};
  ManualClock clock;
  SystemRandom random;

  HttpStateOptions options() const {
    HttpStateOptions options = {.address = "http://state.test/state",
                                .lock_address = "http://state.test/state/lock",
                                .username = "anna",
                                .password = "hunter22"};
    if (GetParam()) options.lock_method = "POST", options.unlock_method = "DELETE";
    return options;
  }
  std::unique_ptr<Store> open(const HttpStateOptions& given) {
    return make_shared_store(std::make_unique<HttpState>(wire, clock, given), random, clock,
                             {.cluster = "demo", .version = "0.1.0", .commit = "1f3a"});
  }
  std::unique_ptr<Store> open() { return open(options()); }
  Holder me() const {
    return {.user = "anna",
            .host = "build-7",
            .pid = 12,
            .operation = "apply",
            .job_url = "https://g/-/jobs/8841",
            .since = clock.wall()};
  }
};

TEST_P(SharedStoreTest, WhatIsRecordedIsThereForTheNextOne) {
  std::string lineage;
  {
    const auto store = open();
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    lineage = store->load().value().lineage;
    HistoryEntry entry = {.operation = "apply", .user = "anna"};
    entry.id = store->begin_history(entry).value();
    ASSERT_TRUE(store->record(std::vector<Entry>{begin(server("a"))}).ok());
    ASSERT_TRUE(remote.state()) << "an intent is there before the deed";
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("a")), begin(server("b"))}).ok());
    entry.outcome = "done";
    entry.ended = clock.wall();
    ASSERT_TRUE(store->end_history(entry).ok());
  }
  EXPECT_EQ(remote.lock(), "");
  EXPECT_EQ(remote.versions().size(), 3U) << "the beginning goes with the first write";
  const auto next = open();
  const State state = next->load().value();
  EXPECT_EQ(state.lineage, lineage);
  EXPECT_TRUE(state.records.contains({"server", "a"}));
  ASSERT_EQ(state.open.size(), 1U);
  EXPECT_EQ(next->history().value().front().outcome, "done");
  const auto history = open()->history().value();
  ASSERT_EQ(history.size(), 1U) << "also for those who have read nothing else";
}

TEST_P(SharedStoreTest, AnAnswerThatIsLostIsLookedUp) {
  for (const Trouble kind : {Trouble::not_sent, Trouble::answer_lost, Trouble::bad_gateway, Trouble::too_many}) {
    for (const char* method : {"LOCK", "POST", "UNLOCK", "DELETE", "GET"}) {
      StateServer fresh({.is_gitlab = GetParam()});
      Wire lossy(fresh);
      bool has_struck = false;
      lossy.trouble = [&](const Request& request) {
        if (has_struck || request.method != method) return Trouble::none;
        has_struck = true;
        return kind;
      };
      const auto store = make_shared_store(std::make_unique<HttpState>(lossy, clock, options()), random, clock, {});
      SCOPED_TRACE(std::string(method) + " " + std::to_string(static_cast<int>(kind)));
      {
        const auto lock = store->lock(me());
        ASSERT_TRUE(lock.ok()) << lock.error().message;
        ASSERT_TRUE(store->load().ok());
        const auto recorded = store->record(std::vector<Entry>{finish(server("a"))});
        ASSERT_TRUE(recorded.ok()) << recorded.error().message;
      }
      EXPECT_EQ(fresh.lock(), "");
      EXPECT_EQ(fresh.versions().size(), GetParam() ? 1U : fresh.versions().size());
      EXPECT_TRUE(parse_json(*fresh.state(), "x").ok());
    }
  }
}

TEST_P(SharedStoreTest, AHolderIsNamedAndItsLockTakenAwayByHand) {
  const auto first = open();
  auto lock = first->lock(me());
  ASSERT_TRUE(lock.ok());
  const auto second = open();
  const auto refused =
      second->lock({.user = "ben", .host = "laptop", .operation = "apply", .job_url = "https://g/-/jobs/8842"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("locked by anna@build-7"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("(lock job-8841-"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().message.find("8842"), std::string::npos) << "the asker's own job is not the holder's";
  EXPECT_EQ(second->holder().value()->user, "anna");
  if (!GetParam()) {  // GitLab echoes the asker's own information
    EXPECT_EQ(second->holder().value()->pid, 12);
    EXPECT_EQ(second->holder().value()->job_url, "commit 1f3a, https://g/-/jobs/8841");
  }
  ASSERT_TRUE(second->break_lock().ok());
  EXPECT_EQ(remote.lock(), "");
  EXPECT_FALSE(second->holder().value());
  EXPECT_EQ(remote.lock(), "") << "asking leaves no lock behind";

  // Whoever lost it and another one took it cannot write any more.
  const auto taken = second->lock({.user = "ben", .host = "laptop", .operation = "apply"});
  ASSERT_TRUE(taken.ok());
  const auto late = first->record(std::vector<Entry>{finish(server("late"))});
  ASSERT_FALSE(late.ok());
  EXPECT_FALSE(remote.state());
}

TEST_P(SharedStoreTest, ReadingNeedsNoRightToWrite) {
  auto guest = options();
  guest.password = "guest";
  const auto store = open(guest);
  EXPECT_TRUE(store->load().ok());
  const auto lock = store->lock(me());
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().code, ErrorCode::denied);
  EXPECT_NE(lock.error().hint.find("Maintainer"), std::string::npos);
  guest.password = "wrong";
  EXPECT_EQ(open(guest)->load().error().code, ErrorCode::denied);
  EXPECT_EQ(open(guest)->load().error().message.find("wrong"), std::string::npos) << "no secret in a message";
}

TEST_P(SharedStoreTest, WhatIsNotOursIsLeftAlone) {
  ASSERT_EQ(remote
                .answer({.method = "POST",
                         .url = "/state",
                         .headers = {{"authorization", "Basic YW5uYTpodW50ZXIyMg=="}},
                         .body = R"({"version":4,"serial":7,"lineage":"x","resources":[]})"})
                .status,
            200);
  const auto store = open();
  const auto loaded = store->load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::invalid_input);
  EXPECT_NE(loaded.error().message.find("not a state of skep"), std::string::npos);
}

TEST_P(SharedStoreTest, WithoutALockNothingIsWritten) {
  auto lockless = options();
  lockless.lock_address.clear();
  const auto store = open(lockless);
  EXPECT_TRUE(store->load().ok());
  const auto lock = store->lock(me());
  ASSERT_FALSE(lock.ok());
  EXPECT_NE(lock.error().hint.find("TF_HTTP_LOCK_ADDRESS"), std::string::npos);
  EXPECT_FALSE(store->record(std::vector<Entry>{finish(server("a"))}).ok());
  EXPECT_FALSE(remote.state());
}

TEST_P(SharedStoreTest, ATooLargeStateIsSaidAndTheOldOneStays) {
  StateServer small({.is_gitlab = GetParam(), .bytes_limit = 2000});
  Wire narrow(small);
  const auto store = make_shared_store(std::make_unique<HttpState>(narrow, clock, options()), random, clock, {});
  const auto lock = store->lock(me());
  ASSERT_TRUE(lock.ok());
  ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("a"))}).ok());
  const auto before = small.state();
  std::vector<Entry> many;
  for (int i = 0; i < 50; ++i) many.emplace_back(finish(server("n" + std::to_string(i))));
  const auto refused = store->record(many);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
  EXPECT_EQ(small.state(), before);
}

// What a read answers is sealed again for every write, with the serial that the server counts by.
TEST_P(SharedStoreTest, SealedNobodyReadsItAtTheServer) {
  const auto open_sealed = [&](const std::string& lines) {
    return make_shared_store(make_sealed_state(std::make_unique<HttpState>(wire, clock, options()),
                                               KeyRing::parse(Secret(lines)).value(), random),
                             random, clock, {});
  };
  {
    const auto store = open_sealed("a passphrase of the team");
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("canary-1"))}).ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("canary-2"))}).ok());
  }
  ASSERT_EQ(remote.versions().size(), 2U);
  for (const auto& version : remote.versions()) EXPECT_EQ(version.find("canary"), std::string::npos);
  EXPECT_EQ(parse_json(remote.versions().back(), "x").value().at("serial"), 2);
  EXPECT_EQ(open_sealed("a passphrase of the team")->load().value().records.size(), 2U);
  EXPECT_EQ(open_sealed("a newer key of the team\na passphrase of the team")->load().value().records.size(), 2U);
  EXPECT_EQ(open_sealed("another passphrase, a wrong one")->load().error().code, ErrorCode::denied);
  EXPECT_EQ(open()->load().error().code, ErrorCode::invalid_input) << "without sealing it is no state at all";
}

TEST_P(SharedStoreTest, AnOlderCopyGivesItselfAway) {
  const std::string beside = ::testing::TempDir() + "skep-" + random_id(random) + ".db";
  const auto open_noting = [&] {
    return make_shared_store(std::make_unique<HttpState>(wire, clock, options()), random, clock,
                             {.seen_beside = beside});
  };
  const auto record = [&](const std::string& name) {
    const auto store = open_noting();
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok());
    ASSERT_TRUE(store->load().ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server(name))}).ok());
  };
  record("a");
  record("b");
  EXPECT_EQ(open_noting()->load().value().newer_serial, 0);
  const std::int64_t newest = open_noting()->load().value().serial;
  remote.put_back(remote.versions().front());
  EXPECT_EQ(open_noting()->load().value().newer_serial, newest);
  std::filesystem::remove(beside + ".seen");
}

TEST_P(SharedStoreTest, OfTwoRunnersAtOnceOneWins) {
  expect_one_wins_each_round([this] { return open(); }, 50);
}

INSTANTIATE_TEST_SUITE_P(Servers, SharedStoreTest, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "GitLab" : "Plain"; });

}  // namespace
}  // namespace skep
