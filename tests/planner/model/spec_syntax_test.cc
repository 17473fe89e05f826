// Files that are no spec: broken YAML, hostile YAML, no YAML; and what several files do to one another.
#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <span>

#include "spec_kit.h"

namespace skep {
namespace {

TEST(SpecSyntax, AFileThatIsNoSpec) {
  const SpecCase cases[] = {
      {"", "the file is empty\n"},
      {"\n\n", "the file is empty\n"},
      {"# nothing yet\n", "the file is empty\n"},
      {"---\n...\n", "the file is empty\n"},
      {"~\n", "the file is empty\n"},
      {"- a\n- b\n", "1 [-] expected keys and values, found a list\n"},
      {"hello\n", "1 [hello] expected keys and values, found 'hello'\n"},
      {"42\n", "1 [42] expected keys and values, found '42'\n"},
  };
  expect_problems(cases);
}

TEST(SpecSyntax, BrokenYaml) {
  const SpecCase cases[] = {
      {"a:\n\tb: 1\n", "2 [\t] a tab in the indentation\n"},
      {"a: 1\n b: 2\n", "2 [:] a ':' that begins no value here\n"},
      {"a: b: c\n", "1 [:] a ':' that begins no value here\n"},
      {"a: {b: 1\n", "1 [{] this '{' is never closed, or something stands in it that needs quotes\n"},
      {"a: [b, c\n", "1 [[] this '[' is never closed, or something stands in it that needs quotes\n"},
      {"a: 1\n}\n", "2 [}] a closing bracket without an opening one\n"},
      {"a: @b\n", "1 [@] a text cannot begin with this character\n"},
      {"a: 'b\nc: 1\n", "1 ['b] this quote is never closed\n"},
      {"a: \"b\nc: 1\n", "1 [\"b] this quote is never closed\n"},
      {"a: *b\n", "1 [*] this alias names no anchor above it\n"},
      {"a: &a [1, *a]\n", "1 [*] this alias stands inside of what it names\n"},
      {"a: {b: ${NAME}}\n", "1 [{] a variable without quotes ends the map or list it stands in\n"},
      {"? [a]\n: b\n", "1 [[] a key must be a text, not a list or a map\n"},
      {": b\n", "1 [:] a key must be a text that is not empty\n"},
      {"a: !reset b\n", "1 [!] the tag '!reset' means nothing in a spec\n"},
      {"a: 1\n---\nb: 1\n", "2 [-] a second YAML document begins here\n"},
      {"- a\nb: 1\n", "2 [b] this belongs to nothing above it\n"},
      {"%YAML 9999999999999999999999.1\n---\na: 1\n",
       "1 [%] not valid YAML: bad YAML version: 9999999999999999999999.1\n"},
      {"a: \"\\q\"\n", "1 [\"] not valid YAML: unknown escape character: q\n"},
  };
  expect_problems(cases);
}

TEST(SpecSyntax, KeysThatStandTwice) {
  const SpecCase cases[] = {
      {three_managers("name: other\n"), "5 [name] name: stands here for the second time, first in line 2\n"},
      {spec_with("{m: {role: manager, count: 1, count: 3}}"),
       "4 [count] pools.m.count: stands here for the second time, first in line 4\n"},
      {spec_with("{m: {role: manager, count: 1}, m: {count: 1}}"),
       "4 [m] pools.m: stands here for the second time, first in line 4\n"},
      {"x-a: &a {count: 1}\n" + spec_with("{m: {<<: *a, <<: *a, role: manager}}"),
       "5 [<<] pools.m.<<: stands here for the second time, first in line 5\n"},
  };
  expect_problems(cases);
  EXPECT_EQ(load(cases[3].spec).problems[0].hint, "merge several with one key: <<: [*a, *b]");
}

TEST(SpecSyntax, MergeKeysTakeMaps) {
  const SpecCase cases[] = {
      {spec_with("{m: {<<: 3, role: manager, count: 1}}"),
       "4 [3] pools.m.<<: expected a map or a list of maps, found '3'\n"},
      // a mistake in a shared part stands where it was written, once for each place it reaches
      {"x-a: &a {typ: b}\n" + spec_with("{m: {<<: *a, role: manager, count: 1}}"),
       "1 [typ] pools.m: unknown key 'typ', did you mean 'type'?\n"},
  };
  expect_problems(cases);
}

TEST(SpecSyntax, Variables) {
  const SpecCase cases[] = {
      {three_managers("location: ${NOPE}\n"), "5 [${NOPE}] location: variable 'NOPE' is not set\n"},
      {three_managers("location: \"${NOPE:?ask ops} and ${NIX}\"\n"),
       "5 [${NOPE:?ask ops}] location: variable 'NOPE' is not set: ask ops\n"
       "5 [${NIX}] location: variable 'NIX' is not set\n"},
      {three_managers("location: ${NOPE\n"), "5 [${NOPE] location: '${' is never closed\n"},
      {three_managers("location: a$ b\n"), "5 [a$ b] location: a '$' that begins no variable\n"},
      {spec_with("{m: {role: manager, count: \"${NUMBER}\"}}"),
       "4 [\"${NUMBER}\"] pools.m.count: expected a whole number from 0 to 1000, found what the variable holds\n"},
      {three_managers("engine: {version: \"${SECRET}\"}\n"),
       "5 [\"${SECRET}\"] engine.version: expected a version such as 28.5 or 28.5.2, found what the variable holds\n"},
  };
  expect_problems(cases);
  const std::vector<Document> files = {{"cluster.yaml", three_managers("location: ${BAD}\n")}};
  EXPECT_EQ(problem_lines(load_spec(files, {{"BAD", "\xff"}})),
            "5 [${BAD}] location: the variable holds bytes that are not UTF-8 text\n");
}

TEST(SpecSyntax, BytesThatAreNoText) {
  using std::string_literals::operator""s;
  const SpecCase cases[] = {
      {"a: \0b\n"s, "1 [] holds a NUL byte: this is no text\n"},
      {"a: 1\nb: \xff\n", "2 [\xff] is not UTF-8 from here on\n"},
      {"a: \xc0\xaf\n", "1 [\xc0] is not UTF-8 from here on\n"},      // an overlong '/'
      {"a: \xed\xa0\x80\n", "1 [\xed] is not UTF-8 from here on\n"},  // half a surrogate pair
      {"\xff\xfe"s + "a\0:\0"s, "1 [\xff] is not UTF-8 from here on\n"},
  };
  for (const auto& c : cases) {
    const Checked checked = load(c.spec);
    ASSERT_EQ(checked.problems.size(), 1U) << c.spec;
    const Problem& problem = checked.problems[0];
    const std::string line = std::to_string(problem.place.line);
    EXPECT_EQ(c.problems.substr(0, line.size()), line);
    EXPECT_NE(c.problems.find("] " + problem.message + "\n"), std::string::npos) << problem.message;
  }
  EXPECT_EQ(problem_lines(load("\xEF\xBB\xBF" + three_managers(""))), "");  // a byte order mark is fine
  EXPECT_EQ(load("\xEF\xBB\xBFname: A\n").problems.back().place.column, 7);
}

TEST(SpecSyntax, ColumnsCountCharactersAndLongLinesAreCut) {
  const Checked wide = load(three_managers("engine: {\"ü\": 1, x: 1}\n"));
  ASSERT_EQ(wide.problems.size(), 2U);
  EXPECT_EQ(wide.problems[1].place.column, 18);

  const Checked cut =
      load(three_managers("engine: {" + std::string(3000, ' ') + "wrong: 1" + std::string(3000, ' ') + "}\n"));
  ASSERT_EQ(cut.problems.size(), 1U);
  const Place& place = cut.problems[0].place;
  EXPECT_EQ(place.column, 3010);
  EXPECT_LT(place.line_text.size(), 200U);
  EXPECT_TRUE(place.line_text.starts_with("…"));
  EXPECT_TRUE(place.line_text.ends_with("…"));
  const auto begin = static_cast<std::size_t>(place.column - place.text_column - 1) + std::string("…").size();
  EXPECT_EQ(place.line_text.substr(begin, 5), "wrong");
}

TEST(SpecSyntax, SeveralFiles) {
  const std::string base = three_managers("engine: {source: distro}\n");
  EXPECT_EQ(problem_lines(load(base, "engine: {sorce: docker}\npools: {m: {count: 2}}\n")),
            "over.yaml:1 [sorce] engine: unknown key 'sorce', did you mean 'source'?\n"
            "over.yaml:2 [2] pools.m.count: 2 managers: two managers are more fragile than one: both are needed for a "
            "majority, so the failure of either stops the swarm's control\n");
  EXPECT_EQ(problem_lines(load(base, "floating_ips: {ingress: null}\npols: null\n")),
            "warning over.yaml:1 [ingress] floating_ips.ingress: null takes nothing away: no file before has this key\n"
            "warning over.yaml:2 [pols] pols: null takes nothing away: no file before has this key\n");
  EXPECT_EQ(problem_lines(load(base, "")), "over.yaml:the file is empty\n");
  EXPECT_EQ(problem_lines(load("a: [\n", "b: }\n")),
            "base.yaml:1 [[] this '[' is never closed, or something stands in it that needs quotes\n"
            "over.yaml:1 [}] a closing bracket without an opening one\n");
  EXPECT_EQ(problem_lines(load(base, "name: null\n")), "base.yaml:name: is missing\n");
  EXPECT_EQ(load_spec({}, {}).problems.size(), 1U);
}

double cpu_seconds_of(const std::string& text, std::string& problems) {
  const std::clock_t begun = std::clock();
  const Checked checked = load(text);
  problems = problem_lines(checked);
  EXPECT_FALSE(checked.spec.has_value());
  EXPECT_FALSE(checked.problems.empty());
  EXPECT_LE(checked.problems.size(), 201U);
  return static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
}

std::string repeated(const std::string& part, std::size_t bytes = 1'500'000) {
  std::string text;
  while (text.size() + part.size() <= bytes) text += part;
  return text;
}

// The limit is far above what they take, and far below what any of them would take unguarded.
TEST(SpecSyntax, HostileFilesAreRefusedSoon) {
  std::string aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  std::string deep;
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1) + ", ";
    aliases +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(before, before.size() * 10) + "]\n";
  }
  for (int i = 0; i < 3000; ++i) {
    const std::string name = std::to_string(i);
    const std::string inner = i == 0 ? "1" : "*x" + std::to_string(i - 1);
    deep += "a" + name + ": &x" + name + " [[[[[[[[[[" + inner + "]]]]]]]]]]\n";
  }
  std::string keys;
  for (int i = 0; i < 300'000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
  const struct {
    const char* name;
    std::string text;
    const char* says;
  } cases[] = {
      {"50 MB", std::string(50'000'000, 'a'), "has 50.0 MB, a spec has at most 4 MiB"},
      {"50 MB of lines", repeated("a: 1\n", 50'000'000), "has 50.0 MB, a spec has at most 4 MiB"},
      {"open brackets", repeated("["), "brackets are never closed"},
      {"open braces", repeated("{a: "), "brackets are never closed"},
      {"dashes", repeated("- "), "nested deeper than 64 levels"},
      {"aliases of aliases", aliases, "the spec holds more than 250000 values"},
      {"depth by aliases", deep, "nested deeper than 64 levels"},
      {"many keys", keys, "the spec holds more than 250000 values"},
      {"one key for ever", repeated("a: 1\n"), "stands here for the second time"},
      {"one long list", "pools: [" + repeated("a,") + "]\n", "the spec holds more than 250000 values"},
      {"one long text", "name: " + repeated("a") + "\n", "expected a name"},
      {"one long key", repeated("a") + ": 1\n", "a ':' that begins no value here"},
      {"defaults in defaults", "name: " + repeated("${A:-", 100'000) + "\n", "brackets are never closed"},
      {"dollars", "name: \"" + repeated("$$", 3'000'000) + "\"\n", "is longer than 1 MiB"},
      {"anchors", repeated("a: &a\n"), "stands here for the second time"},
      {"unclosed quote", "a: '" + repeated("b\n"), "this quote is never closed"},
      {"question marks", repeated("? "), "a key must be a text"},
      {"unknown keys", "pools: {" + repeated("x: {y: 1}, ", 2'000'000) + "}\n", "second time"},
  };
  for (const auto& c : cases) {
    std::string problems;
    EXPECT_LT(cpu_seconds_of(c.text, problems), 8.0) << c.name;
    EXPECT_NE(problems.find(c.says), std::string::npos) << c.name << ": " << problems.substr(0, 300);
  }
}

TEST(SpecSyntax, NoMutationCrashesIt) {
  const std::string seeds[] = {
      R"(skep: 1
name: ${NAME:-x}
provider: local
x-a: &a {labels: {tier: "web"}, count: 2}
engine: {version: "28.5", daemon: {log-opts: {max-file: "3"}, labels: [a=b]}}
swarm: {address_pool: [172.30.0.0/15], autolock: false}
rollout: {max_unavailable: 25%, drain_timeout: 10m}
pools:
  manager: {role: manager, count: 3}
  worker:
    <<: *a
    volumes: {data: {size: 100GB, mount: /srv/data}}
  db: {nodes: [db-1, db-2], protect: true}
floating_ips: {ingress: {pool: manager}}
)",
      existing_spec(),
  };
  const std::string pieces[] = {"\n",  " ",  "\t", ": ", "- ", "[",  "]",    "{",    "}",    "&a ", "*a",  "<<: ", "!",
                                "$",   "${", "}",  "'",  "\"", "\\", "#",    "null", "true", "-1",  "1e9", "|",    ">",
                                "---", "%",  "@",  "?",  ",",  "~",  "\xff", "\0",   "ü",    "0x",  "x-",  "*",    "&"};
  std::mt19937 random(20240229);
  for (int round = 0; round < 4000; ++round) {
    std::string text = seeds[round % 2];
    for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
      const std::size_t at = random() % (text.size() + 1);
      const std::size_t length = random() % 12;
      switch (random() % 4) {
        case 0:
          text.insert(at, pieces[random() % std::size(pieces)]);
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), length * 4));
          break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(random());
      }
    }
    const bool has_overlay = random() % 8 == 0;
    const Checked checked = has_overlay ? load(seeds[0], text) : load(text);
    bool has_error = false;
    for (const auto& problem : checked.problems) {
      has_error = has_error || problem.severity == Problem::Severity::error;
      EXPECT_FALSE(problem.message.empty());
      EXPECT_GE(problem.place.column, problem.place.text_column - 1) << text;
    }
    EXPECT_NE(checked.spec.has_value(), has_error) << "round " << round << ": " << text;
  }
}

}  // namespace
}  // namespace skep
