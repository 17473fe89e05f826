// `skep run`: which nodes, what is printed, which exit code.
#include "cli/commands/run_command.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "planner/base/json.h"

namespace skep {
namespace {

using std::chrono::milliseconds;

NodeInfo node_of(const std::string& pool, const std::string& name, const std::string& role) {
  return {.name = name, .pool = pool, .role = role, .generation = 1, .address = name};
}

const std::vector<NodeInfo>& four_nodes() {
  static const std::vector<NodeInfo> nodes = {node_of("manager", "manager-1", "manager"),
                                              node_of("web", "web-1", "worker"), node_of("web", "web-2", "worker"),
                                              node_of("db", "pg", "worker")};
  return nodes;
}

std::string names_of(const Result<std::vector<NodeInfo>>& nodes) {
  if (!nodes.ok()) return nodes.error().message + " / " + nodes.error().hint;
  std::string names;
  for (const NodeInfo& node : nodes.value()) names += node.name + " ";
  return names;
}

TEST(RunCommand, ASelectorNamesNodesPoolsRolesAndPatterns) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"all", "manager-1 web-1 web-2 pg "},
      {"manager", "manager-1 "},
      {"workers", "web-1 web-2 pg "},
      {"web", "web-1 web-2 "},
      {"web-*", "web-1 web-2 "},
      {"pg, web-2 ,pg", "web-2 pg "},
      {"db", "pg "},
      {"w*", "web-1 web-2 "},
      {"web,manger", "\"manger\" names no node, pool or role / did you mean \"manager\"?"},
      {"web-9*", "\"web-9*\" names no node, pool or role / did you mean \"web-1\"?"},
      {" , ", "the selector names no node / for example: all, manager, worker-*, db-1"},
  };
  for (const auto& [selector, expected] : cases) {
    SCOPED_TRACE(selector);
    EXPECT_EQ(names_of(select_nodes(selector, four_nodes())), expected);
  }
}

/// Answers by address; remembers how many scripts ran at once.
class AnsweringSsh final : public Ssh {
 public:
  Result<Exit> run(const Endpoint& endpoint, const Script& script, const Context& context) override {
    {
      const std::scoped_lock lock(mutex_);
      texts[endpoint.address].push_back(script.text);
      at_once = std::max(at_once, ++running_);
    }
    std::this_thread::sleep_for(milliseconds(20));
    const Result<Exit> answer =
        script.text == ":" && !answers_connect.contains(endpoint.address) ? Exit{} : answer_of(endpoint, context);
    const std::scoped_lock lock(mutex_);
    --running_;
    return answer;
  }

  std::map<std::string, Result<Exit>> answers;
  std::map<std::string, bool> answers_connect;  // answers the first, empty script too
  std::map<std::string, std::vector<std::string>> texts;
  int at_once = 0;

 private:
  Result<Exit> answer_of(const Endpoint& endpoint, const Context& context) {
    if (endpoint.address == "web-2") context.say("waiting for SSH");
    const auto found = answers.find(endpoint.address);
    return found == answers.end() ? Exit{.code = 0, .out = "ok\n", .err = ""} : found->second;
  }

  std::mutex mutex_;
  int running_ = 0;
};

class RunSideBySide : public ::testing::Test {
 protected:
  int run(std::vector<std::string> command, bool json = false, std::stop_token stop = {}) {
    RunRequest request{.nodes = four_nodes(), .command = std::move(command), .json = json};
    request.parallelism = parallelism_;
    const auto code = run_side_by_side(request, ssh_, clock_, stop, out_, err_);
    EXPECT_TRUE(code.ok());
    return code.ok() ? code.value() : -1;
  }
  static std::vector<std::string> sorted_lines(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    std::ranges::sort(lines);
    return lines;
  }

  AnsweringSsh ssh_;
  SystemClock clock_;
  std::size_t parallelism_ = 64;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(RunSideBySide, EveryLineCarriesItsNode) {
  ssh_.answers.emplace("pg", Exit{.code = 0, .out = "one\n\ntwo", .err = "careful\n"});
  EXPECT_EQ(run({"uptime"}), 0);
  EXPECT_EQ(sorted_lines(out_.str()),
            (std::vector<std::string>{"manager-1 | ok", "pg        | ", "pg        | one", "pg        | two",
                                      "web-1     | ok", "web-2     | ok"}));
  EXPECT_EQ(sorted_lines(err_.str()), (std::vector<std::string>{"pg        | careful", "web-2     | waiting for SSH"}));
}

TEST_F(RunSideBySide, FailuresComeLastWithTheirReasons) {
  ssh_.answers.emplace("pg", Exit{.code = 3, .out = "", .err = "no\n"});
  ssh_.answers.emplace("web-1", Error{ErrorCode::unavailable, "ssh root@web-1: connection refused", "is it up?"});
  EXPECT_EQ(run({"uptime"}), 1);
  const std::string text = err_.str();
  EXPECT_NE(text.find("failed on 2 of 4 nodes:\n"
                      "  web-1      ssh root@web-1: connection refused\n"
                      "             hint: is it up?\n"
                      "  pg         exited with 3\n"),
            std::string::npos)
      << text;
}

TEST_F(RunSideBySide, ANodeThatCannotBeReachedIsNotSentTheCommand) {
  ssh_.answers_connect["web-1"] = true;
  ssh_.answers.emplace("web-1", Error{ErrorCode::unavailable, "connection refused"});
  EXPECT_EQ(run({"uptime"}), 1);
  EXPECT_EQ(ssh_.texts["web-1"], (std::vector<std::string>{":"}));
  EXPECT_EQ(ssh_.texts["pg"], (std::vector<std::string>{":", "uptime"}));
}

TEST_F(RunSideBySide, JsonIsOneRecord) {
  ssh_.answers.emplace("pg", Exit{.code = 3, .out = "x", .err = "y"});
  ssh_.answers.emplace("web-1", Error{ErrorCode::denied, "no", "do this"});
  EXPECT_EQ(run({"echo", "a b"}, true), 1);
  const Json record = parse_json(out_.str(), "the output").value();
  EXPECT_EQ(record["format_version"], "1.0");
  EXPECT_EQ(record["command"], "echo 'a b'");
  EXPECT_EQ(record["failed"], 2);
  ASSERT_EQ(record["nodes"].size(), 4U);
  EXPECT_EQ(record["nodes"][1]["error"]["hint"], "do this");
  EXPECT_EQ(record["nodes"][3]["node"], "pg");
  EXPECT_EQ(record["nodes"][3]["exit_code"], 3);
  EXPECT_EQ(record["nodes"][3]["ok"], false);
  EXPECT_EQ(err_.str(), "");
}

TEST_F(RunSideBySide, NodesRunAtOnceUpToTheLimit) {
  EXPECT_EQ(run({"uptime"}), 0);
  EXPECT_GT(ssh_.at_once, 1);
  ssh_.at_once = 0;
  parallelism_ = 1;
  EXPECT_EQ(run({"uptime"}), 0);
  EXPECT_EQ(ssh_.at_once, 1);
}

TEST_F(RunSideBySide, AStopBeginsNothingMore) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(run({"uptime"}, false, stop.get_token()), 5);
  EXPECT_TRUE(ssh_.texts.empty());
}

TEST_F(RunSideBySide, ANodeWithoutAMachineAndAnEmptyCommandAreErrors) {
  NodeInfo absent = node_of("web", "web-3", "worker");
  absent.generation = 0;
  const auto code =
      run_side_by_side({.nodes = {absent}, .command = {"true"}}, ssh_, clock_, std::stop_token(), out_, err_);
  EXPECT_EQ(code.value(), 1);
  EXPECT_NE(err_.str().find("no machine yet"), std::string::npos);
  EXPECT_FALSE(
      run_side_by_side({.nodes = four_nodes(), .command = {}}, ssh_, clock_, std::stop_token(), out_, err_).ok());
}

}  // namespace
}  // namespace skep
