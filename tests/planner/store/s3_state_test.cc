// A team's state in S3: signatures, conditions, stores that ignore them, answers that are lost.
#include "planner/store/s3_state.h"

#include <atomic>

#include "planner/store/key_ring.h"
#include "planner/store/sealed_state.h"
#include "planner/store/shared_store.h"
#include "tests/fakes/http_script.h"
#include "tests/fakes/s3_server.h"
#include "two_runners.h"

namespace skep {
namespace {

using testing::ManualClock;
using testing::S3Server;
using testing::S3ServerOptions;

/// The store, and a network on which one answer is lost, or one request.
class S3Wire final : public Http {
 public:
  explicit S3Wire(S3Server& server) : server_(server) {}

  int lost_request = 0;  // from 1; 0: none
  int lost_answer = 0;
  int bad_gateway = 0;  // done, and answered with 502
  std::atomic<int> count = 0;

  Result<Response> send(const Request& request, const Context&) override {
    const int now = ++count;
    if (now == lost_request) return Error{ErrorCode::unavailable, "connection refused"};
    auto answer = server_.answer(request);
    if (now == lost_answer) return Error{ErrorCode::unknown_outcome, "connection reset"};
    if (now == bad_gateway) return Response{.status = 502, .body = "Bad Gateway"};
    return answer;
  }

 private:
  S3Server& server_;
};

struct S3Test : ::testing::Test {
  S3Server remote;
  ManualClock clock;
  SystemRandom random;

  S3Options options() const {
    return {.endpoint = "http://s3.test",
            .bucket = "bucket",
            .key = "team/demo.json",
            .region = "eu-central-1",
            .credentials = {"AKIATEST", Secret("secret-canary"), {}}};
  }
  std::unique_ptr<Store> open(Http& http) {
    return make_shared_store(make_s3_state(http, clock, options()), random, clock, {.cluster = "demo"});
  }
};

Request aws_example(const std::string& method, const std::string& path) {
  return {.method = method, .url = "https://examplebucket.s3.amazonaws.com" + path};
}
const S3Credentials aws_credentials = {"AKIAIOSFODNN7EXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), {}};
constexpr WallTime aws_time{std::chrono::seconds(1'369'353'600)};  // 2013-05-24T00:00:00Z

// The examples of "Signature Calculations for the Authorization Header" in AWS's S3 reference.
TEST(S3Sign, AsInAwsExamples) {
  Request get = aws_example("GET", "/test.txt");
  get.headers = {{"Range", "bytes=0-9"}};
  EXPECT_EQ(sign_s3(get, aws_credentials, "us-east-1", aws_time).headers.at("Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  Request put = aws_example("PUT", s3_path("", "test$file.text").substr(1));
  put.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  put.body = "Welcome to Amazon S3.";
  EXPECT_NE(sign_s3(put, aws_credentials, "us-east-1", aws_time)
                .headers.at("Authorization")
                .find("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
            std::string::npos);
}

TEST(S3Sign, ATemporaryLoginSendsItsTokenSigned) {
  S3Credentials login = aws_credentials;
  login.session_token = Secret("token-of-the-session");
  const Request sent = sign_s3(aws_example("GET", "/test.txt"), login, "us-east-1", aws_time);
  EXPECT_EQ(sent.headers.at("x-amz-security-token"), "token-of-the-session");
  EXPECT_NE(sent.headers.at("Authorization").find("x-amz-security-token"), std::string::npos);
  EXPECT_EQ(s3_path("bucket", "a b/ü.json"), "/bucket/a%20b/%C3%BC.json");
}

TEST_F(S3Test, WhatIsRecordedIsThereForTheNextOne) {
  S3Wire wire(remote);
  EXPECT_EQ(open(wire)->load().value().records.size(), 0U);
  {
    const auto store = open(wire);
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    EXPECT_TRUE(remote.objects().contains("team/demo.json.tflock"));
    ASSERT_TRUE(store->record(std::vector<Entry>{begin(server("a"))}).ok());
    ASSERT_TRUE(store->record(std::vector<Entry>{finish(server("a"))}).ok());
    const auto refused = open(wire)->lock({.user = "ben", .host = "laptop", .operation = "apply"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("locked by anna@build-7, apply"), std::string::npos);
  }
  EXPECT_EQ(remote.objects().size(), 1U) << "the lock is gone";
  EXPECT_EQ(open(wire)->load().value().records.size(), 1U);
}

TEST_F(S3Test, AnAnswerThatIsLostIsLookedUp) {
  int request_count = 1;
  for (int at = 0; at <= request_count; ++at) {
    for (int S3Wire::*trouble : {&S3Wire::lost_request, &S3Wire::lost_answer, &S3Wire::bad_gateway}) {
      SCOPED_TRACE(at);
      S3Server fresh;
      S3Wire wire(fresh);
      wire.*trouble = at;
      {
        const auto store = open(wire);
        const auto lock = store->lock(me());
        ASSERT_TRUE(lock.ok()) << lock.error().message;
        ASSERT_TRUE(store->load().ok());
        for (const char* one : {"a", "b"}) {
          const auto recorded = store->record(std::vector<Entry>{finish(server(one))});
          ASSERT_TRUE(recorded.ok()) << recorded.error().message;
        }
      }
      if (at == 0) request_count = wire.count;
      EXPECT_EQ(fresh.objects().size(), 1U) << "no lock is left";
      S3Wire quiet(fresh);
      EXPECT_EQ(open(quiet)->load().value().records.size(), 2U);
    }
  }
  EXPECT_GE(request_count, 8);
}

TEST_F(S3Test, AStoreThatIgnoresConditionsIsRefused) {
  const std::vector<S3ServerOptions> unfit = {
      {.ignores_none_match = true}, {.ignores_match = true}, {.knows_no_conditions = true}};
  for (const auto& one : unfit) {
    S3Server careless(one);
    S3Wire wire(careless);
    const auto lock = open(wire)->lock(me());
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().code, ErrorCode::refused) << lock.error().message;
    EXPECT_FALSE(lock.error().hint.empty());
    EXPECT_TRUE(careless.objects().empty()) << "nothing is left of the attempt";
  }
}

TEST_F(S3Test, WhoWroteMeanwhileIsNotOverwritten) {
  S3Wire wire(remote);
  const auto first = open(wire);
  auto lock = first->lock(me());
  ASSERT_TRUE(lock.ok());
  ASSERT_TRUE(first->record(std::vector<Entry>{finish(server("a"))}).ok());
  ASSERT_TRUE(open(wire)->break_lock().ok());
  {
    const auto second = open(wire);
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
    EXPECT_TRUE(remote.objects().contains("team/demo.json.tflock")) << "the lock of the other one stays";
  }
  EXPECT_EQ(open(wire)->load().value().records.size(), 2U);
}

TEST_F(S3Test, AWrongKeyOrBucketIsSaidWithoutTheSecret) {
  S3Wire wire(remote);
  auto wrong = options();
  wrong.credentials.secret = Secret("wrong-canary");
  const auto denied = make_s3_state(wire, clock, wrong)->read({});
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error().code, ErrorCode::denied);
  EXPECT_EQ((denied.error().message + denied.error().hint).find("canary"), std::string::npos);
  wrong = options();
  wrong.bucket = "another";
  EXPECT_EQ(make_s3_state(wire, clock, wrong)->read({}).error().code, ErrorCode::invalid_input);
}

TEST_F(S3Test, OfTwoRunnersAtOnceOneWins) {
  S3Wire wire(remote);
  expect_one_wins_each_round([&] { return open(wire); }, 50);
}

}  // namespace
}  // namespace skep
