// A team's state in S3 at three servers: our own in memory, our own over real HTTP, and Ceph's gateway.
#include <atomic>

#include "planner/store/key_ring.h"
#include "planner/store/s3_state.h"
#include "planner/store/sealed_state.h"
#include "planner/store/shared_store.h"
#include "providers/http/curl_http.h"
#include "tests/fakes/ceph_server.h"
#include "tests/fakes/http_server.h"
#include "tests/fakes/s3_server.h"
#include "two_runners.h"

namespace skep {
namespace {

using testing::CephServer;
using testing::HttpServer;
using testing::S3InMemory;
using testing::S3Server;

/// A network on which one answer is lost, or one request.
class S3Wire final : public Http {
 public:
  explicit S3Wire(Http& next) : next_(next) {}

  int lost_request = 0;  // from 1; 0: none
  int lost_answer = 0;
  int bad_gateway = 0;  // done, and answered with 502
  std::atomic<int> count = 0;

  Result<Response> send(const Request& request, const Context& context) override {
    const int now = ++count;
    if (now == lost_request) return Error{ErrorCode::unavailable, "connection refused"};
    auto answer = next_.send(request, context);
    if (now == lost_answer) return Error{ErrorCode::unknown_outcome, "connection reset"};
    if (now == bad_gateway) return Response{.status = 502, .body = "Bad Gateway"};
    return answer;
  }

 private:
  Http& next_;
};

/// One for all tests of this process: it takes seconds to start.
CephServer& ceph() {
  static CephServer server;
  return server;
}

struct S3Servers : ::testing::TestWithParam<std::string> {
  S3Server own;
  std::unique_ptr<HttpServer> own_over_http;
  std::unique_ptr<Http> http;
  SystemClock clock;
  SystemRandom random;
  S3Options options = {.bucket = "bucket",
                       .region = "eu-central-1",
                       .credentials = {CephServer::key_id, Secret(CephServer::secret), {}},
                       .patience = {.wait_min = std::chrono::milliseconds(1)}};

  void SetUp() override {
    if (GetParam() == "Ceph" && !CephServer::missing().empty()) GTEST_SKIP() << CephServer::missing();
    options.key = "team/" + random_id(random) + ".json";
    options.endpoint = "http://s3.test";
    if (GetParam() == "Memory") {
      http = std::make_unique<S3InMemory>(own);
      return;
    }
    http = std::make_unique<CurlHttp>();
    if (GetParam() == "Ceph") {
      options.endpoint = ceph().url();
      options.region = CephServer::region;
      return;
    }
    own_over_http = std::make_unique<HttpServer>([this](const Request& request) { return own.answer(request); });
    options.endpoint = own_over_http->url();
  }

  std::unique_ptr<Store> open(Http& wire, const S3Options& at) {
    return make_shared_store(make_s3_state(wire, clock, at), random, clock, {.cluster = "demo"});
  }
  std::unique_ptr<Store> open() { return open(*http, options); }

  /// As it lies there; nothing: there is none.
  std::optional<std::string> object(const std::string& key) {
    S3Options at = options;
    at.key = key;
    const auto text = make_s3_state(*http, clock, at)->read(within(clock, std::chrono::seconds(10), {}));
    EXPECT_TRUE(text.ok());
    return text.ok() ? text.value() : std::nullopt;
  }
  bool has_lock(const S3Options& at) { return object(at.key + ".tflock").has_value(); }
};

TEST_P(S3Servers, WhatIsRecordedIsThereForTheNextOne) {
  EXPECT_EQ(open()->load().value().records.size(), 0U);
  {
    const auto store = open();
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    EXPECT_TRUE(has_lock(options));
    ASSERT_TRUE(store->record(std::vector<Entry>{begin(server("a"))}).ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("a"))}).ok());
    const auto refused = open()->lock({.user = "ben", .host = "laptop", .operation = "apply"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("locked by anna@build-7, apply"), std::string::npos);
    EXPECT_EQ(open()->holder().value()->user, "anna");
  }
  EXPECT_FALSE(has_lock(options));
  EXPECT_EQ(open()->load().value().records.size(), 1U);
}

TEST_P(S3Servers, AnAnswerThatIsLostIsLookedUp) {
  int request_count = 1;
  const std::string folder = options.key.substr(0, options.key.size() - 5);
  for (int at = 0; at <= request_count; ++at) {
    for (int S3Wire::*trouble : {&S3Wire::lost_request, &S3Wire::lost_answer, &S3Wire::bad_gateway}) {
      SCOPED_TRACE(at);
      S3Options fresh = options;
      fresh.key = folder + "/" + random_id(random) + ".json";
      S3Wire wire(*http);
      wire.*trouble = at;
      {
        const auto store = open(wire, fresh);
        const auto lock = store->lock(me());
        ASSERT_TRUE(lock.ok()) << lock.error().message;
        ASSERT_TRUE(store->load().ok());
        for (const char* one : {"a", "b"}) {
          const auto recorded = store->record(std::vector<Entry>{finish(server(one))});
          ASSERT_TRUE(recorded.ok()) << recorded.error().message;
        }
      }
      if (at == 0) request_count = wire.count;
      EXPECT_FALSE(has_lock(fresh)) << "no lock is left";
      EXPECT_EQ(open(*http, fresh)->load().value().records.size(), 2U);
    }
  }
  EXPECT_GE(request_count, 9);
}

TEST_P(S3Servers, WhoWroteMeanwhileIsNotOverwritten) {
  const auto first = open();
  auto lock = first->lock(me());
  ASSERT_TRUE(lock.ok()) << lock.error().message;
  ASSERT_TRUE(first->record(std::vector<Entry>{finish(server("a"))}).ok());
  ASSERT_TRUE(open()->break_lock().ok());
  {
    const auto second = open();
    const auto taken = second->lock(me());
    ASSERT_TRUE(taken.ok()) << taken.error().message;
    ASSERT_TRUE(second->load().ok());
    ASSERT_TRUE(second->record(std::vector<Entry>{finish(server("b"))}).ok());
    for (int i = 0; i < 2; ++i) {
      const auto late = first->record(std::vector<Entry>{finish(server("late"))});
      ASSERT_FALSE(late.ok());
      EXPECT_EQ(late.error().code, ErrorCode::conflict) << late.error().message;
    }
    lock = Error{ErrorCode::internal, "let go"};
    EXPECT_TRUE(has_lock(options)) << "the lock of the other one stays";
  }
  EXPECT_EQ(open()->load().value().records.size(), 2U);
}

TEST_P(S3Servers, AWrongSecretIsDenied) {
  S3Options wrong = options;
  wrong.credentials.secret = Secret("wrong-canary");
  for (const auto& error : {open(*http, wrong)->load().error(), open(*http, wrong)->lock(me()).error()}) {
    EXPECT_EQ(error.code, ErrorCode::denied) << error.message;
    EXPECT_EQ((error.message + error.hint).find("canary"), std::string::npos) << error.message;
  }
}

TEST_P(S3Servers, SealedNobodyReadsItThere) {
  {
    const auto store =
        make_shared_store(make_sealed_state(make_s3_state(*http, clock, options),
                                            KeyRing::parse(Secret("a passphrase of the team")).value(), random),
                          random, clock, {});
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    for (const char* one : {"canary-1", "canary-2"})
      ASSERT_TRUE(store->record(std::vector<Entry>{finish(server(one))}).ok());
  }
  const auto text = object(options.key);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->find("canary"), std::string::npos);
}

TEST_P(S3Servers, OfTwoRunnersAtOnceOneWins) {
  expect_one_wins_each_round([&] { return open(); }, 50);
}

std::string server_name(const ::testing::TestParamInfo<std::string>& one) { return one.param; }
INSTANTIATE_TEST_SUITE_P(Own, S3Servers, ::testing::Values("Memory", "Http"), server_name);
INSTANTIATE_TEST_SUITE_P(ThirdParty, S3Servers, ::testing::Values("Ceph"), server_name);

}  // namespace
}  // namespace skep
