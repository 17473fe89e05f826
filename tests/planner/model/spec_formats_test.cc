#include "planner/model/spec_formats.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

// g++ 12 sees uninitialised members in <regex> when sanitizers are on; there are none.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <regex>

namespace skep::model {
namespace {

// Where the schema's regular expression may say yes and the checker no: it cannot count to 255 or to a year.
bool is_loose(Format format) {
  return format == Format::address || format == Format::range || format == Format::any_range ||
         format == Format::ports || format == Format::duration || format == Format::size;
}

void expect_agreement(const FormatRule& rule, const std::regex& pattern, const std::string& text) {
  const bool by_pattern = std::regex_search(text, pattern);
  const bool by_checker = matches(rule.format, text);
  if (is_loose(rule.format)) {
    EXPECT_TRUE(by_pattern || !by_checker) << rule.expected << ": " << text;
  } else {
    EXPECT_EQ(by_pattern, by_checker) << rule.expected << ": " << text;
  }
}

TEST(Formats, CheckerAndSchemaAgree) {
  const std::vector<std::string> seeds = {"a",
                                          "Abc",
                                          "my-cluster",
                                          "-a",
                                          "a-",
                                          "1a",
                                          "a_b",
                                          "shop.example.com",
                                          "a..b",
                                          ".com",
                                          "shop.-a.com",
                                          "10.0.0.1",
                                          "10.0.0.0/16",
                                          "10.0.0.1/33",
                                          "256.1.1.1",
                                          "2001:db8::/32",
                                          "::/0",
                                          "443",
                                          "8000-8010",
                                          "30s",
                                          "1h30m",
                                          "10",
                                          "25%",
                                          "%",
                                          "50GB",
                                          "512MiB",
                                          "5gb",
                                          "28.5.2",
                                          "29.0.0-rc.1",
                                          "28.",
                                          "https://a.b/c",
                                          "file:///x",
                                          "",
                                          "smtp://mail.example:587",
                                          "smtps://mail.example",
                                          "smtp://mail.example:",
                                          "smtp://:25",
                                          "ops@example.com",
                                          "a b@example.com",
                                          "ops@",
                                          "http://",
                                          "/srv/data",
                                          "srv",
                                          "tier",
                                          "com.example/x-y",
                                          ".x",
                                          "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
                                          "9DC8 5822 9FC7 DD38 854A  E2D8 8D81 803C 0EBF CD88",
                                          "",
                                          " ",
                                          "a b",
                                          "_apt",
                                          std::string(40, 'a'),
                                          std::string(41, 'a'),
                                          std::string(63, 'a'),
                                          std::string(64, 'a'),
                                          std::string(128, 'a'),
                                          std::string(129, 'a')};
  std::mt19937 random(7);
  const std::string alphabet = "abAB019-_./:%skmGiB \n\x01~";
  for (const auto& rule : format_rules()) {
    const std::regex pattern{std::string(rule.pattern), std::regex::ECMAScript};
    for (std::string text : seeds) {
      expect_agreement(rule, pattern, text);
      for (int round = 0; round < 60 && !text.empty(); ++round) {
        std::string mutated = text;
        mutated[random() % mutated.size()] = alphabet[random() % alphabet.size()];
        if (random() % 3 == 0) mutated.insert(random() % mutated.size(), 1, alphabet[random() % alphabet.size()]);
        expect_agreement(rule, pattern, mutated);
      }
    }
  }
}

TEST(Cidr, ReadsWholeRangesOnly) {
  const auto range = parse_cidr("10.1.2.3/16");
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(to_text(Cidr{range->first(), range->prefix}), "10.1.0.0/16");
  EXPECT_EQ(ipv4_text(range->last()), "10.1.255.255");
  for (const char* text : {"", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0.0/8",
                           "010.0.0.0/8", "10.0.0.0/08", "1.2.3.4/5/6", "::/0", "10.0.0.256/8", " 10.0.0.0/8"}) {
    EXPECT_FALSE(parse_cidr(text).has_value()) << text;
  }
}

TEST(Formats, RangesOfBothFamilies) {
  for (const char* text : {"203.0.113.0/24", "0.0.0.0/0", "::/0", "2001:db8::/32", "2001:db8::1/128", "fe80::/10",
                           "1:2:3:4:5:6:7:8/128"}) {
    EXPECT_TRUE(matches(Format::any_range, text)) << text;
  }
  for (const char* text : {"", "203.0.113.7/24", "203.0.113.7", "2001:db8::", "2001:db8::1/64", "::/129", "1::2::3/128",
                           "1:2:3/48", "12345::/16", "::/-1", "1:2:3:4:5:6:7:8:9/128", "g::/16"}) {
    EXPECT_FALSE(matches(Format::any_range, text)) << text;
  }
}

TEST(Formats, Ports) {
  for (const char* text : {"1", "443", "65535", "8000-8010", "80-80"})
    EXPECT_TRUE(matches(Format::ports, text)) << text;
  for (const char* text : {"", "0", "65536", "443,80", "90-80", "-80", "80-", "any", "0-80", "1-65536"})
    EXPECT_FALSE(matches(Format::ports, text)) << text;
}

TEST(Cidr, KnowsWhatOverlaps) {
  const auto overlap = [](const char* a, const char* b) {
    EXPECT_EQ(parse_cidr(a)->overlaps(*parse_cidr(b)), parse_cidr(b)->overlaps(*parse_cidr(a)));
    return parse_cidr(a)->overlaps(*parse_cidr(b));
  };
  EXPECT_TRUE(overlap("10.0.0.0/8", "10.200.0.0/16"));
  EXPECT_TRUE(overlap("172.30.0.0/15", "172.31.0.0/16"));
  EXPECT_TRUE(overlap("0.0.0.0/0", "192.168.0.0/16"));
  EXPECT_FALSE(overlap("172.30.0.0/15", "172.28.0.0/15"));
  EXPECT_FALSE(overlap("10.0.0.0/16", "10.1.0.0/16"));
}

}  // namespace
}  // namespace skep::model
