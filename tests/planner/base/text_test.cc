#include "planner/base/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace skep {
namespace {

using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (Strings{"a", "", "b"}));
  EXPECT_EQ(split("", ','), Strings{});
  EXPECT_EQ(split(",", ','), (Strings{"", ""}));
  EXPECT_EQ(split("abc", ','), Strings{"abc"});
}

TEST(Text, SplitLinesKnowsBothLineEndsAndNoEmptyLastLine) {
  EXPECT_EQ(split_lines("a\nb\n"), (Strings{"a", "b"}));
  EXPECT_EQ(split_lines("a\r\nb"), (Strings{"a", "b"}));
  EXPECT_EQ(split_lines("a\n\n"), (Strings{"a", ""}));
  EXPECT_EQ(split_lines("\n"), Strings{""});
  EXPECT_EQ(split_lines("\r\n"), Strings{""});
  EXPECT_EQ(split_lines(""), Strings{});
}

TEST(Text, JoinIsTheOtherWayOfSplit) {
  EXPECT_EQ(join(Strings{"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(join(Strings{}, ","), "");
}

TEST(Text, TrimTakesBlanksAndLineEndsOffBothSides) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, ReplaceAllDoesNotReplaceItsOwnResult) {
  EXPECT_EQ(replace_all("aaa", "a", "aa"), "aaaaaa");
  EXPECT_EQ(replace_all("x.y.z", ".", ""), "xyz");
  EXPECT_EQ(replace_all("abc", "", "-"), "abc");
}

TEST(Text, ShellQuoteLeavesPlainWordsAlone) {
  EXPECT_EQ(shell_quote("--filter=name/x"), "--filter=name/x");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("a b"), "'a b'");
  EXPECT_EQ(shell_quote("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_quote("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_quote("a\nb"), "'a\nb'");
}

TEST(Text, ClosestSuggestsWhatWasLikelyMeant) {
  const Strings keys = {"type", "image", "labels", "location", "count"};
  EXPECT_EQ(closest("typ", keys), "type");
  EXPECT_EQ(closest("tpye", keys), "type");
  EXPECT_EQ(closest("lables", keys), "labels");
  EXPECT_EQ(closest("locatoin", keys), "location");
  EXPECT_EQ(closest("image", keys), "image");
  EXPECT_EQ(closest("xyz", keys), std::nullopt);
  EXPECT_EQ(closest("", keys), std::nullopt);
  EXPECT_EQ(closest("type", {}), std::nullopt);
}

TEST(Text, DurationsAreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1h30m5s10ms"), 90min + 5s + 10ms);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("8760h"), 8760h);
  for (const auto* wrong : {"", "30", "s", "-5s", "1.5h", "30 s", "5m1h", "1h1h", "1d", "8761h", "8760h1ms", "5s ",
                            "99999999999999999999s", "1hs", "٣s"}) {
    SCOPED_TRACE(wrong);
    EXPECT_EQ(parse_duration(wrong), std::nullopt);
  }
}

TEST(Text, DurationsReadWellInSentences) {
  EXPECT_EQ(human_duration(0ms), "0 s");
  EXPECT_EQ(human_duration(-1s), "0 s");
  EXPECT_EQ(human_duration(420ms), "0.4 s");
  EXPECT_EQ(human_duration(4249ms), "4.2 s");
  EXPECT_EQ(human_duration(9940ms), "9.9 s");
  EXPECT_EQ(human_duration(9999ms), "10 s");
  EXPECT_EQ(human_duration(5s), "5 s");
  EXPECT_EQ(human_duration(42s), "42 s");
  EXPECT_EQ(human_duration(59700ms), "1 min");
  EXPECT_EQ(human_duration(200s), "3 min 20 s");
  EXPECT_EQ(human_duration(125min), "2 h 5 min");
  EXPECT_EQ(human_duration(2h), "2 h");
  EXPECT_EQ(human_duration(51h), "2 d 3 h");
}

TEST(Text, SizesAreReadWithDecimalAndBinaryUnits) {
  EXPECT_EQ(parse_size("100B"), 100U);
  EXPECT_EQ(parse_size("50GB"), 50'000'000'000U);
  EXPECT_EQ(parse_size("512MiB"), 512U << 20);
  EXPECT_EQ(parse_size("1TB"), 1'000'000'000'000U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("1024PiB"), std::uint64_t{1} << 60);
  for (const auto* wrong :
       {"", "50", "GB", "1.5GB", "-1GB", "50 GB", "1025PiB", "1153PB", "50gb", "18446744073709551617B"}) {
    SCOPED_TRACE(wrong);
    EXPECT_EQ(parse_size(wrong), std::nullopt);
  }
}

TEST(Text, SizesReadWellInSentences) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(999), "999 B");
  EXPECT_EQ(human_size(512U << 20), "512 MiB");
  EXPECT_EQ(human_size(16U << 20), "16 MiB");
  EXPECT_EQ(human_size(50'000'000'000U), "50.0 GB");
  EXPECT_EQ(human_size(1'234'567), "1.2 MB");
  EXPECT_EQ(human_size(999'999), "1.0 MB");
}

TEST(Text, CountsAgreeWithTheirNoun) {
  EXPECT_EQ(count_of(1, "node"), "1 node");
  EXPECT_EQ(count_of(0, "node"), "0 nodes");
  EXPECT_EQ(count_of(2, "address"), "2 addresses");
  EXPECT_EQ(count_of(3, "policy"), "3 policies");
  EXPECT_EQ(count_of(2, "key"), "2 keys");
}

TEST(Text, NumbersInNamesCompareAsNumbers) {
  Strings names = {"worker-10", "worker-2", "worker-1", "db", "worker", "worker-02", "worker-2a"};
  std::ranges::sort(names, natural_less);
  EXPECT_EQ(names, (Strings{"db", "worker", "worker-1", "worker-02", "worker-2", "worker-2a", "worker-10"}));
  EXPECT_TRUE(natural_less("n99999999999999999999998", "n99999999999999999999999"));
}

// std::map and sort rely on it: irreflexive, asymmetric, transitive.
TEST(Text, NaturalOrderIsStrict) {
  std::mt19937 numbers(7);
  const auto word = [&] {
    std::string text;
    for (unsigned i = numbers() % 5; i > 0; --i) text += "a0129-"[numbers() % 6];
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    const auto a = word();
    const auto b = word();
    const auto c = word();
    EXPECT_FALSE(natural_less(a, a));
    EXPECT_EQ(natural_less(a, b) + natural_less(b, a), a == b ? 0 : 1) << a << " " << b;
    if (natural_less(a, b) && natural_less(b, c)) {
      EXPECT_TRUE(natural_less(a, c)) << a << " " << b << " " << c;
    }
  }
}

}  // namespace
}  // namespace skep
