// A folder of the test's own with a state file in it, and short ways to make entries, children and copies.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "planner/base/digest.h"
#include "planner/store/replay.h"
#include "planner/store/snapshot.h"
#include "planner/store/sqlite_store.h"
#include "planner/system/process_identity.h"

namespace skep {

inline Resource server(const std::string& name, int size = 1) {
  Resource resource;
  resource.id = {"server", name};
  resource.driver = "local.server";
  resource.inputs = {{"size", size}, {"network", {{"$ref", "network/lan"}, {"field", "id"}}}};
  resource.needs = {{"network", "lan"}};
  resource.node = name;
  resource.pool = "worker";
  return resource;
}

inline Record record_of(const Resource& resource, const std::string& remote_id = "id-1") {
  Record record = {.resource = resource, .applied = resource.inputs};
  record.applied["network"] = "n-1";
  record.object = {.remote_id = remote_id, .attributes = {{"address", "10.0.0.1"}, {"power", "on"}}};
  return record;
}

inline Entry begin(const Resource& resource, StepAction action = StepAction::create) { return Begin{action, resource}; }
inline Entry finish(const Resource& resource, const std::string& remote_id = "id-1") {
  return Finish{resource.id, record_of(resource, remote_id)};
}

inline Holder me(const std::string& operation = "apply") {
  return {.user = "anna", .host = "build-7", .pid = getpid(), .operation = operation, .since = SystemClock().wall()};
}

/// Batches to record one after the other, the same in every process: creations and destructions of 20
/// servers, each batch an intent and the end of the one before.
inline std::vector<Entry> batch(int number) {
  std::mt19937 numbers(static_cast<unsigned>(number));
  const auto name = [](int turn) { return "n" + std::to_string(turn * 7 % 20); };
  std::vector<Entry> entries;
  if (number > 0) {
    Resource last = server(name(number - 1), number - 1);
    last.inputs["padding"] = std::string(numbers() % 3000, 'x');
    if (number % 3 == 0)
      entries.push_back(Finish{last.id, std::nullopt});
    else
      entries.push_back(finish(last, "id-" + std::to_string(number - 1)));
  }
  entries.push_back(begin(server(name(number), number)));
  return entries;
}

inline std::string text_after(const State& fresh, int batch_count) {
  State state = fresh;
  for (int i = 0; i < batch_count; ++i) replay(batch(i), state);
  return dump_json(snapshot_json(state));
}

class StoreFolder : public ::testing::Test {
 public:
  Result<std::unique_ptr<Store>> try_open(OpenMode mode) { return open_sqlite_store(path(), mode, random_, clock_); }

 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "skep-store-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::string& folder() const { return folder_; }
  std::string path() const { return folder_ + "/.skep/state.db"; }

  std::unique_ptr<Store> open(OpenMode mode = OpenMode::write) {
    auto store = try_open(mode);
    EXPECT_TRUE(store.ok()) << store.error().message;
    return store.ok() ? std::move(store).value() : nullptr;
  }

  /// Runs `work` in a child process, which then leaves without cleaning up, as after kill -9. Returns its exit code.
  static int in_child(const std::function<int()>& work) {
    const pid_t pid = fork();
    if (pid == 0) _exit(work());
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  /// Another process: opens the state, takes the lock, does `work`, and holds the lock until it is killed at the end.
  /// Made before this process opens the file itself, since a connection must not be carried into a child.
  class OtherProcess {
   public:
    OtherProcess(StoreFolder& folder, const std::function<bool(Store&)>& work) {
      int told[2];
      EXPECT_EQ(pipe(told), 0);
      pid_ = fork();
      if (pid_ == 0) {
        const auto store = folder.open();
        const auto lock = store->lock(me());
        const char answer = lock.ok() && work(*store) ? 'y' : 'n';
        (void)!::write(told[1], &answer, 1);
        pause();
        _exit(0);
      }
      char answer = 'n';
      EXPECT_EQ(::read(told[0], &answer, 1), 1);
      EXPECT_EQ(answer, 'y');
      close(told[0]);
      close(told[1]);
    }
    ~OtherProcess() {
      kill_it();
      waitpid(pid_, nullptr, 0);
    }
    OtherProcess(const OtherProcess&) = delete;
    OtherProcess& operator=(const OtherProcess&) = delete;

    pid_t pid() const { return pid_; }
    void kill_it() const { ::kill(pid_, SIGKILL); }

   private:
    pid_t pid_ = 0;
  };

  void write_file(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(name).parent_path());
    std::ofstream(name, std::ios::binary) << content;
  }

  static std::string read_file(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  /// Every file below the folder with a digest of its content and its time of change: equal only if nothing was
  /// written.
  std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
      struct stat status = {};
      ::stat(entry.path().c_str(), &status);
      std::ostringstream text;
      text << std::oct << status.st_mode << std::dec << " " << status.st_mtim.tv_sec << "." << status.st_mtim.tv_nsec;
      if (entry.is_regular_file()) text << " " << sha256_hex(read_file(entry.path()));
      files[entry.path()] = text.str();
    }
    return files;
  }

  SystemRandom random_;
  SystemClock clock_;

 private:
  std::string folder_;
};

inline unsigned mode_of(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

}  // namespace skep
