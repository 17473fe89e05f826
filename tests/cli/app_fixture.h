// The whole program in-process over a folder of its own: real files, state and clock; fake machines and terminal.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "cli/app.h"
#include "planner/base/json.h"
#include "planner/base/text.h"
#include "planner/store/sealed_state.h"
#include "planner/store/shared_store.h"
#include "planner/store/sqlite_store.h"
#include "tests/fakes/fake_driver.h"
#include "tests/fakes/http_script.h"
#include "tests/fakes/memory_place.h"

namespace skep {

class FakeTerminal final : public Terminal {
 public:
  bool is_there = false;
  std::deque<std::string> answers;  // none left: the end of the input

  bool input_is_terminal() const override { return is_there; }
  bool output_is_terminal() const override { return false; }
  bool errors_are_terminal() const override { return false; }
  int columns() const override { return 100; }
  Result<std::optional<std::string>> read_line(const Context& context) override {
    if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped"};
    if (answers.empty()) return std::optional<std::string>();
    std::string answer = answers.front();
    answers.pop_front();
    return std::optional<std::string>(answer);
  }
};

/// Machines that exist in a map; one resource a node.
class FakeLocal final : public Provider {
 public:
  FakeLocal(Driver& servers, std::vector<std::string>& warnings, double& price)
      : servers_(servers), warnings_(warnings), price_(price) {}
  std::string_view name() const override { return "local"; }
  std::vector<Driver*> drivers() override { return {&servers_}; }
  std::vector<Problem> check(const Spec& spec) const override {
    if (spec.location != "mars") return {};
    return {problem_at(spec, "location", "location: there is no mars", "leave it out")};
  }
  Result<Expansion> expand(const Spec& spec, const ExpandOptions& options) const override {
    Expansion expansion;
    for (const auto* pool : pools_of(spec, "local")) {
      for (const auto& node : pool->nodes) {
        const ResourceId id = {"server", node.name};
        expansion.resources.push_back({.id = id,
                                       .driver = "local.server",
                                       .inputs = {{"image", pool->image},
                                                  {"address", "192.0.2.1"},
                                                  {"power", "on"},
                                                  {"host_key", "ssh-ed25519 AAAA"},
                                                  {"authorized_keys", options.authorized_keys}},
                                       .node = node.name,
                                       .protect = pool->protect});
        expansion.machines[node.name] = {.id = id, .pool = pool->name};
      }
    }
    return expansion;
  }
  Result<std::vector<std::string>> preflight(const Spec&, const Context&) override { return warnings_; }
  Result<void> check_orders(std::span<const Resource> made, const Context&) override {
    for (const auto& resource : made) {
      if (json_string_or(resource.inputs, "image") != "sold-out") continue;
      return Error{ErrorCode::exhausted, "there is none to be had", "take another"};
    }
    return {};
  }
  Result<Prices> prices(std::span<const Resource> resources, const Context&) override {
    Prices prices;
    if (price_ == 0) return prices;
    prices.currency = "EUR";
    for (const auto& resource : resources) prices.monthly[resource.id] = price_;
    return prices;
  }

 private:
  Driver& servers_;
  std::vector<std::string>& warnings_;
  double& price_;
};

class NoHosts final : public HostKinds {
 public:
  std::vector<Driver*> drivers() override { return {}; }
  std::vector<Problem> check(const Spec&) const override { return {}; }
  Result<std::vector<Resource>> expand(const Spec&, const std::map<std::string, Machine>&) const override {
    return std::vector<Resource>();
  }
};

class NoSsh final : public Ssh {
 public:
  Result<Exit> run(const Endpoint&, const Script&, const Context&) override {
    return Error{ErrorCode::unavailable, "no host answers here"};
  }
};

/// Keeps what is sent, or fails as told.
class FakeMail final : public Mail {
 public:
  struct Sent {
    MailServer server;
    MailMessage message;
  };
  std::vector<Sent> sent = {};
  std::deque<Error> failures = {};

  Result<void> send(const MailServer& server, const MailMessage& message, const Context&) override {
    sent.push_back({server, message});
    if (failures.empty()) return {};
    Error error = failures.front();
    failures.pop_front();
    return error;
  }
};

class AppTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "skep-cli.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder);
    environment = {{"HOME", folder.string()}, {"PATH", "/usr/bin:/bin"}};
    servers.edit_schema().inputs = {{.name = "image", .on_change = OnChange::replace},
                                    {.name = "address", .on_change = OnChange::ignore},
                                    {.name = "power"},
                                    {.name = "host_key", .on_change = OnChange::ignore},
                                    {.name = "authorized_keys", .on_change = OnChange::ignore}};
  }
  void TearDown() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder);
  }

  /// What a derived fixture may have of its own.
  virtual const Clock& clock() const { return clock_; }
  virtual std::unique_ptr<Provider> make_provider() { return std::make_unique<FakeLocal>(servers, warnings, price); }
  virtual std::unique_ptr<Ssh> make_ssh() { return std::make_unique<NoSsh>(); }
  virtual std::unique_ptr<HostKinds> make_hosts(Ssh&) { return std::make_unique<NoHosts>(); }

  /// Runs the words, split at blanks, and returns the exit code; `out` and `err` hold what was printed.
  int run(const std::string& line) { return run_words(split(line, ' ')); }

  int run_words(const std::vector<std::string>& words) {
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    Outside outside = {
        .environment = environment,
        .out = out_stream,
        .err = err_stream,
        .terminal = terminal,
        .files = files_,
        .processes = processes_,
        .clock = clock(),
        .random = random_,
        .http = http,
        .mail = mail,
        .me = {"anna", "build-7", static_cast<int>(getpid())},
        .stop = stop.get_token(),
        .request_stop = [this] { stop.request_stop(); },
        .open_store = [this](const StatePlace& place, StateUse use) -> Result<std::unique_ptr<Store>> {
          if (!place.is_local()) {
            return make_shared_store(
                make_sealed_state(std::make_unique<testing::MemoryPlace>(shared), place.keys, random_), random_, clock_,
                {.cluster = place.cluster});
          }
          return open_sqlite_store(place.file, use == StateUse::read ? OpenMode::read : OpenMode::write, random_,
                                   clock());
        },
        .make_providers =
            [this](const ProviderSettings&) {
              std::vector<std::unique_ptr<Provider>> providers;
              providers.push_back(make_provider());
              return providers;
            },
        .make_ssh = [this](SshCredentials) { return make_ssh(); },
        .make_host_kinds = [this](Ssh& ssh) { return make_hosts(ssh); },
    };
    const int code = run_app(words, outside);
    out = out_stream.str();
    err = err_stream.str();
    return code;
  }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
  void write_spec(int workers, const std::string& more = "") {
    write("cluster.yaml", "skep: 1\nname: demo\nprovider: local\npools:\n  manager: {role: manager, count: 1}\n" +
                              std::string("  worker: {role: worker, count: ") + std::to_string(workers) + "}\n" + more);
  }
  std::string text_of(const std::string& name) {
    std::ifstream file(folder / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  unsigned mode_of(const std::string& name) {
    return static_cast<unsigned>(std::filesystem::status(folder / name).permissions()) & 0777U;
  }
  bool is_there(const std::string& name) { return std::filesystem::exists(folder / name); }
  Json json_out() {
    const auto json = parse_json(out, "the output");
    EXPECT_TRUE(json.ok()) << out;
    return json.ok() ? json.value() : Json();
  }
  std::unique_ptr<Store> open_state() {
    auto store = open_sqlite_store((folder / ".skep/demo.db").string(), OpenMode::write, random_, clock());
    EXPECT_TRUE(store.ok());
    return std::move(store).value();
  }
  WallTime now() const { return clock_.wall(); }

  std::filesystem::path folder;
  Environment environment;
  FakeTerminal terminal;
  test::FakeDriver servers{"local.server", true};
  std::vector<std::string> warnings;
  double price = 0;              // of a server each month, in EUR
  testing::PlaceContent shared;  // where every backend but the local one is
  testing::ScriptedHttp http;
  FakeMail mail;
  std::stop_source stop;
  std::string out;
  std::string err;

 private:
  SystemFiles files_;
  SystemProcesses processes_;
  SystemClock clock_;
  SystemRandom random_;
  std::filesystem::path before_;
};

/// gtest prints the whole text when it lacks something.
inline ::testing::AssertionResult has(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}

}  // namespace skep
