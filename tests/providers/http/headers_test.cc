#include "providers/http/headers.h"

#include <gtest/gtest.h>

#include "providers/http/url.h"

namespace skep {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

WallTime at(std::int64_t unix_seconds) { return WallTime(seconds(unix_seconds)); }

Response with(std::map<std::string, std::string> headers) { return {200, std::move(headers), {}}; }

TEST(Headers, HttpDatesAreRead) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), at(784111777));
  EXPECT_EQ(parse_http_date(" Tue, 29 Feb 2028 23:59:59 GMT "), at(1835481599));
  for (const char* wrong :
       {"", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999999 08:49:37 GMT"}) {
    EXPECT_EQ(parse_http_date(wrong), std::nullopt) << wrong;
  }
}

TEST(Headers, RetryAfterIsSecondsOrADate) {
  const WallTime now = at(784111777);
  EXPECT_EQ(retry_after(with({{"retry-after", "7"}}), now), seconds(7));
  EXPECT_EQ(retry_after(with({{"retry-after", " 0 "}}), now), seconds(0));
  EXPECT_EQ(retry_after(with({{"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}}), now), seconds(30));
  EXPECT_EQ(retry_after(with({{"retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"}}), now), seconds(0));
  EXPECT_LE(retry_after(with({{"retry-after", "9000000000000000000"}}), now), std::chrono::hours(24 * 366));
  EXPECT_EQ(retry_after(with({}), now), std::nullopt);
  EXPECT_EQ(retry_after(with({{"retry-after", "-1"}}), now), std::nullopt);
  EXPECT_EQ(retry_after(with({{"retry-after", "soon"}}), now), std::nullopt);
}

TEST(Headers, RatesAreReadOrLeftAlone) {
  const auto reading =
      rate_reading(with({{"ratelimit-limit", "3600"}, {"ratelimit-remaining", "3500"}, {"ratelimit-reset", "1000"}}));
  EXPECT_EQ(reading, (RateReading{3600, 3500, at(1000)}));
  EXPECT_EQ(rate_reading(with({{"ratelimit-limit", "10"}, {"ratelimit-remaining", "4"}})),
            (RateReading{10, 4, std::nullopt}));
  EXPECT_EQ(rate_reading(with({{"ratelimit-remaining", "4"}})), std::nullopt);
  EXPECT_EQ(rate_reading(with({{"ratelimit-limit", "0"}, {"ratelimit-remaining", "0"}})), std::nullopt);
  EXPECT_EQ(rate_reading(with({{"ratelimit-limit", "x"}, {"ratelimit-remaining", "4"}})), std::nullopt);
  EXPECT_EQ(rate_reading(with({{"ratelimit-limit", "5"}, {"ratelimit-remaining", "9"}}))->remaining, 5);
}

TEST(Headers, OneMoreRequestFollowsFromTheMeaningOfReset) {
  // 3600 an hour, empty: full again in an hour, so one a second
  const RateReading empty{3600, 0, at(4600)};
  EXPECT_EQ(empty.one_more(at(1000), ResetMeaning::full, minutes(10)), seconds(1));
  // 10 an hour, 5 gone, full in half an hour: one in six minutes
  const RateReading half{10, 5, at(2800)};
  EXPECT_EQ(half.one_more(at(1000), ResetMeaning::full, minutes(10)), minutes(6));
  EXPECT_EQ(half.one_more(at(1000), ResetMeaning::full, minutes(2)), minutes(2));
  EXPECT_EQ(half.one_more(at(1000), ResetMeaning::next, minutes(60)), minutes(30));
  EXPECT_EQ(half.one_more(at(9000), ResetMeaning::next, minutes(60)), seconds(1));
  EXPECT_EQ((RateReading{10, 0, std::nullopt}).one_more(at(0), ResetMeaning::full, minutes(1)), seconds(1));
}

TEST(Url, QueriesAreEncodedAndPrefixesKept) {
  EXPECT_EQ(url_of("https://api.example.com/v1", "/servers"), "https://api.example.com/v1/servers");
  EXPECT_EQ(
      url_of("http://127.0.0.1:4020/v1//", "/a", {{"label_selector", "a==b,c in (d,e)"}, {"id", "1"}, {"id", "2"}}),
      "http://127.0.0.1:4020/v1/a?label_selector=a%3D%3Db%2Cc%20in%20%28d%2Ce%29&id=1&id=2");
  EXPECT_EQ(percent_encode("aZ09-._~/ä"), "aZ09-._~%2F%C3%A4");
}

}  // namespace
}  // namespace skep
