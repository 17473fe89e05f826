// A team's state in S3: signatures, and stores that ignore conditions or have their own idea of them.
#include "planner/store/s3_state.h"

#include "planner/store/shared_store.h"
#include "providers/http/curl_http.h"
#include "tests/fakes/http_script.h"
#include "tests/fakes/http_server.h"
#include "tests/fakes/s3_server.h"
#include "two_runners.h"

namespace skep {
namespace {

using testing::HttpServer;
using testing::ManualClock;
using testing::S3InMemory;
using testing::S3Server;
using testing::S3ServerOptions;

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

TEST_F(S3Test, AStoreThatIgnoresConditionsIsRefused) {
  struct Case {
    const char* name;
    S3ServerOptions store;
    const char* said;
  };
  const std::vector<Case> cases = {
      {"the lock's", {.ignores_none_match = true}, "this store ignores If-None-Match, so two applies at once"},
      {"the state's", {.ignores_match = true}, "this store ignores If-Match, so two applies at once"},
      {"not implemented", {.knows_no_conditions = true}, "the store answered 501"},
      {"no tags", {.says_no_tags = true}, "the store says no ETag"},
      {"no tag matches", {.knows_quotes = false}, "this store does not know its own ETag in If-Match"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    S3Server careless(one.store);
    const HttpServer over_http([&](const Request& request) { return careless.answer(request); });
    CurlHttp wire;
    S3Options there = options();
    there.endpoint = over_http.url();
    const SystemClock real_clock;
    const auto store =
        make_shared_store(make_s3_state(wire, real_clock, there), random, real_clock, {.cluster = "demo"});
    const auto lock = store->lock(me());
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().code, ErrorCode::refused) << lock.error().message;
    EXPECT_NE(lock.error().message.find(one.said), std::string::npos) << lock.error().message;
    EXPECT_FALSE(lock.error().hint.empty());
    EXPECT_TRUE(careless.objects().empty()) << "nothing is left of the attempt";
  }
}

// With their quotes, without, or either way: all are about.
TEST_F(S3Test, TagsAreWrittenAsTheStoreKnowsThem) {
  const std::vector<S3ServerOptions> forms = {
      {}, {.wants_quotes = false}, {.wants_quotes = false, .knows_quotes = false}};
  for (const auto& form : forms) {
    S3Server fresh(form);
    S3InMemory wire(fresh);
    const auto store = open(wire);
    const auto lock = store->lock(me());
    ASSERT_TRUE(lock.ok()) << lock.error().message;
    for (const char* one : {"a", "b", "c"}) {
      const auto recorded = store->record(std::vector<Entry>{finish(server(one))});
      ASSERT_TRUE(recorded.ok()) << recorded.error().message;
    }
    EXPECT_EQ(open(wire)->load().value().records.size(), 3U);
  }
}

TEST_F(S3Test, AWrongKeyOrBucketIsSaidWithoutTheSecret) {
  S3InMemory wire(remote);
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

}  // namespace
}  // namespace skep
