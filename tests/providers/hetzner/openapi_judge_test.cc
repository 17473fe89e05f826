// The judge sees what is wrong: a judge that never complains proves nothing.
#include <gmock/gmock.h>

#include "tests/providers/hetzner/simulator_kit.h"

namespace skep::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OpenApiJudge : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!hetzner_document()) GTEST_SKIP() << "no specifications: set SKEP_API_SPECS";
  }
  static std::vector<std::string> asked(const std::string& method, const std::string& path, const Json& body) {
    return hetzner_document()->request_violations(
        {method, "https://x/v1" + path, {}, body.is_null() ? "" : body.dump()});
  }
  static std::vector<std::string> answered(const std::string& path, int status, const std::string& body) {
    return hetzner_document()->response_violations({"GET", "https://x/v1" + path}, {status, {}, body});
  }
};

TEST_F(OpenApiJudge, Requests) {
  const Json order = {{"name", "a"}, {"server_type", "cx23"}, {"image", "debian-12"}};
  EXPECT_THAT(asked("POST", "/servers", order), IsEmpty());
  const auto with = [&](const Json& more) {
    Json body = order;
    body.update(more);
    return asked("POST", "/servers", body);
  };
  EXPECT_THAT(with({{"datacenter", "x"}}), ElementsAre(HasSubstr("datacenter is unknown")));
  EXPECT_THAT(with({{"networks", {"x"}}}), ElementsAre(HasSubstr(".networks[0]: is not of type integer")));
  EXPECT_THAT(with({{"public_net", {{"enable_ipv5", true}}}}), ElementsAre(HasSubstr("enable_ipv5 is unknown")));
  EXPECT_THAT(asked("POST", "/servers", {{"name", "a"}, {"image", "i"}}), ElementsAre(HasSubstr("lacks server_type")));
  EXPECT_THAT(asked("POST", "/servers", nullptr), ElementsAre(HasSubstr("needs a body")));
  EXPECT_THAT(asked("POST", "/volumes/1/actions/detach", {{"a", 1}}), ElementsAre(HasSubstr("takes no body")));
  EXPECT_THAT(asked("GET", "/servers?nmae=x", nullptr), ElementsAre(HasSubstr("query parameter nmae is unknown")));
  EXPECT_THAT(asked("GET", "/nothing", nullptr), ElementsAre(HasSubstr("is not in the document")));
  EXPECT_THAT(asked("POST", "/floating_ips", {{"type", "ipv9"}}), ElementsAre(HasSubstr("is none of")));
}

TEST_F(OpenApiJudge, Answers) {
  EXPECT_THAT(answered("/actions?id=1", 200, R"({"actions":[]})"), IsEmpty());
  EXPECT_THAT(answered("/actions?id=1", 200, R"({"actions":[{"id":0}]})"),
              ::testing::Contains(HasSubstr(".actions[0].id: is too small")));
  EXPECT_THAT(answered("/actions?id=1", 200, R"({"actions":[],"more":1})"), ElementsAre(HasSubstr("more is unknown")));
  EXPECT_THAT(answered("/actions?id=1", 200, "<html>"), ElementsAre(HasSubstr("not valid JSON")));
  EXPECT_THAT(answered("/actions?id=1", 404, R"({"error":{"code":"x"}})"), ::testing::Not(IsEmpty()));
  EXPECT_THAT(answered("/servers/1", 204, ""), ElementsAre(HasSubstr("is not in the document")));
}

}  // namespace
}  // namespace skep::testing
