#include "planner/system/files.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "temporary_folder.h"

namespace skep {
namespace {

using Names = std::vector<std::string>;

class FilesTest : public TemporaryFolder {
 protected:
  unsigned mode_of(const std::string& name) const {
    struct stat status = {};
    return ::stat(path(name).c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  Names names() const { return files_.list(folder()).value(); }

  SystemFiles files_;
};

constexpr std::size_t limit = 16u << 20;

TEST_F(FilesTest, WhatIsWrittenIsRead) {
  const std::string content("a\0b\n\xff", 5);
  ASSERT_TRUE(files_.write(path("x"), content, 0600).ok());
  EXPECT_EQ(files_.read(path("x"), limit).value(), content);
  ASSERT_TRUE(files_.write(path("x"), "", 0600).ok());
  EXPECT_EQ(files_.read(path("x"), limit).value(), "");
  EXPECT_EQ(names(), Names{"x"});  // no temporary file stays
}

TEST_F(FilesTest, ModesAreExactWhateverTheUmask) {
  const mode_t before = umask(0077);
  ASSERT_TRUE(files_.write(path("open"), "", 0644).ok());
  ASSERT_TRUE(files_.make_directories(path("a/b"), 0755).ok());
  umask(0);
  ASSERT_TRUE(files_.write(path("private"), "", 0600).ok());
  umask(before);
  EXPECT_EQ(mode_of("open"), 0644U);
  EXPECT_EQ(mode_of("private"), 0600U);
  EXPECT_EQ(mode_of("a"), 0755U);
  EXPECT_EQ(mode_of("a/b"), 0755U);
  ASSERT_TRUE(files_.write(path("open"), "", 0600).ok());
  EXPECT_EQ(mode_of("open"), 0600U);
}

TEST_F(FilesTest, ErrorsNameThePathAndTheCause) {
  std::filesystem::create_directory(path("folder"));
  EXPECT_EQ(files_.read(path("absent"), limit).error(),
            (Error{ErrorCode::not_found, "read " + path("absent") + ": no such file or directory"}));
  EXPECT_EQ(files_.read(path("folder"), limit).error(),
            (Error{ErrorCode::invalid_input, "read " + path("folder") + ": is a directory"}));
  EXPECT_EQ(files_.write(path("absent/x"), "", 0600).error().code, ErrorCode::not_found);
  EXPECT_EQ(files_.write(path("folder"), "", 0600).error().code, ErrorCode::invalid_input);
  EXPECT_EQ(files_.list(path("absent")).error().code, ErrorCode::not_found);
  EXPECT_EQ(files_.write("/proc/sys/kernel/ostype/x", "", 0600).error().code, ErrorCode::not_found);
}

TEST_F(FilesTest, AFileLargerThanTheLimitIsRefused) {
  put("x", std::string(1000, 'x'));
  EXPECT_TRUE(files_.read(path("x"), 1000).ok());
  EXPECT_EQ(files_.read(path("x"), 999).error(),
            (Error{ErrorCode::invalid_input, "read " + path("x") + ": larger than 999 B"}));
  EXPECT_EQ(files_.read("/dev/zero", 100'000).error().code, ErrorCode::invalid_input);  // it has no size to look at
}

TEST_F(FilesTest, PipesAndKernelFilesAreReadToTheirEnd) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(path("pipe")) << std::string(200'000, 'x'); });
  EXPECT_EQ(files_.read(path("pipe"), limit).value().size(), 200'000U);
  EXPECT_FALSE(files_.read("/proc/self/status", limit).value().empty());
}

TEST_F(FilesTest, AReaderSeesTheOldOrTheNewNeverHalf) {
  const std::string old_text(100'000, 'o');
  const std::string new_text(50'000, 'n');
  ASSERT_TRUE(files_.write(path("x"), old_text, 0600).ok());
  std::atomic<int> left = 60;
  std::jthread writer([&] {
    SystemFiles files;
    for (; left > 0; --left) EXPECT_TRUE(files.write(path("x"), left % 2 == 0 ? old_text : new_text, 0600).ok());
  });
  while (left > 0) {
    const std::string seen = files_.read(path("x"), limit).value();
    ASSERT_TRUE(seen == old_text || seen == new_text) << seen.size();
  }
}

TEST_F(FilesTest, WritingThroughALinkChangesItsTargetAndDevicesAreLeftAlone) {
  put("target", "old");
  std::filesystem::create_symlink(path("target"), path("link"));
  std::filesystem::create_symlink(path("nowhere"), path("dangling"));
  ASSERT_TRUE(files_.write(path("link"), "new", 0600).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(get("target"), "new");
  EXPECT_EQ(files_.write(path("dangling"), "x", 0600).error().message,
            "write " + path("dangling") + ": the link leads nowhere");
  EXPECT_EQ(files_.write("/dev/null", "x", 0600).error().message, "write /dev/null: not a regular file");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(FilesTest, FoldersAreListedInOrderAndMadeOnce) {
  ASSERT_TRUE(files_.make_directories(path("b/c/d"), 0755).ok());
  ASSERT_TRUE(files_.make_directories(path("b/c/d/"), 0755).ok());
  put("a", "");
  EXPECT_EQ(names(), (Names{"a", "b"}));
  EXPECT_EQ(files_.make_directories(path("a/x"), 0755).error().message,
            "make folder " + path("a") + ": there is a file of that name");
  EXPECT_TRUE(files_.exists(path("b/c")));
  EXPECT_FALSE(files_.exists(path("z")));
}

TEST_F(FilesTest, DestroyTakesFilesLinksAndEmptyFolders) {
  put("file", "");
  put("full/x", "");
  std::filesystem::create_directory(path("empty"));
  std::filesystem::create_symlink(path("full"), path("link"));
  for (const auto* name : {"file", "empty", "link", "absent", "file/below"}) {
    EXPECT_TRUE(files_.destroy(path(name)).ok()) << name;
  }
  EXPECT_EQ(names(), Names{"full"});
  EXPECT_EQ(files_.destroy(path("full")).error().code, ErrorCode::conflict);
}

TEST_F(FilesTest, DestroyTreeTakesAllBelowAndNoTargetOfALink) {
  put("outside/kept", "x");
  put("tree/a/b/c", "x");
  put("tree/.hidden", "x");
  std::filesystem::create_symlink(path("outside"), path("tree/a/link"));
  std::filesystem::create_symlink(path("outside/kept"), path("tree/file-link"));
  std::filesystem::create_symlink(path("tree"), path("tree-link"));
  ASSERT_EQ(mkfifo(path("tree/pipe").c_str(), 0600), 0);
  std::filesystem::permissions(path("tree/a/b"), std::filesystem::perms::none);

  ASSERT_TRUE(files_.destroy_tree(path("tree-link/")).ok());  // the link only, slash or not
  EXPECT_TRUE(is_there("tree/a/b"));
  if (geteuid() != 0) std::filesystem::permissions(path("tree/a/b"), std::filesystem::perms::owner_all);
  const auto destroyed = files_.destroy_tree(path("tree/"));
  ASSERT_TRUE(destroyed.ok()) << destroyed.error().message;
  EXPECT_EQ(names(), Names{"outside"});
  EXPECT_EQ(get("outside/kept"), "x");
  EXPECT_TRUE(files_.destroy_tree(path("tree")).ok());
  EXPECT_TRUE(files_.destroy_tree(path("absent/x")).ok());
  put("file", "");
  EXPECT_TRUE(files_.destroy_tree(path("file")).ok());
}

TEST_F(FilesTest, DestroyTreeRefusesPathsWithoutAName) {
  for (const auto* wrong : {"", "/", ".", "..", "//", "a/.."}) {
    EXPECT_EQ(files_.destroy_tree(wrong).error().code, ErrorCode::invalid_input) << wrong;
  }
}

TEST_F(FilesTest, DestroyTreeGoesDeepAndWide) {
  std::string deep = path("tree");
  for (int i = 0; i < 200; ++i) deep += "/d";
  std::filesystem::create_directories(deep);
  for (int i = 0; i < 3000; ++i) put("tree/wide/" + std::to_string(i), "");
  ASSERT_TRUE(files_.destroy_tree(path("tree")).ok());
  EXPECT_FALSE(is_there("tree"));
}

// A trash folder is swept while whoever filled it empties it.
TEST_F(FilesTest, DestroyTreeDoesNotMindAnotherThatDestroysTheSameTree) {
  for (int round = 0; round < 8; ++round) {
    for (int i = 0; i < 100; ++i) std::filesystem::create_directories(path("tree/" + std::to_string(i) + "/a/b"));
    std::vector<std::optional<Error>> errors(2);
    {
      std::vector<std::jthread> both;
      for (auto& error : errors) {
        both.emplace_back([&] {
          if (const auto destroyed = files_.destroy_tree(path("tree")); !destroyed.ok()) error = destroyed.error();
        });
      }
    }
    for (const auto& error : errors) ASSERT_FALSE(error) << error->message;
    ASSERT_FALSE(is_there("tree"));
  }
}

/// Mounts of the test's own inside its folder.
class MountedFiles : public FilesTest {
 protected:
  void SetUp() override {
    FilesTest::SetUp();
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to mount";
    std::filesystem::create_directories(path("tree/mount"));
    put("tree/beside", "x");
  }
  void TearDown() override {
    umount2(path("tree/mount").c_str(), MNT_DETACH);
    FilesTest::TearDown();
  }
  bool mount_it(const char* source, const char* kind, unsigned long flags, const char* options) const {
    return mount(source, path("tree/mount").c_str(), kind, flags, options) == 0;
  }
};

TEST_F(MountedFiles, DestroyTreeDoesNotCrossIntoAnotherFileSystem) {
  if (!mount_it("skep-test", "tmpfs", 0, "size=64k")) GTEST_SKIP() << "mounting is not allowed here";
  put("tree/mount/kept", "x");
  const auto refused = files_.destroy_tree(path("tree"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::refused);
  EXPECT_EQ(refused.error().message,
            "destroy " + path("tree/mount") + ": something is mounted there, and it is left alone");
  EXPECT_EQ(get("tree/mount/kept"), "x");
  EXPECT_EQ(files_.destroy_tree(path("tree/mount")).error().code, ErrorCode::refused);  // nor empties it
  EXPECT_EQ(get("tree/mount/kept"), "x");
}

TEST_F(MountedFiles, DestroyTreeDoesNotCrossIntoABindMountOfTheSameFileSystem) {
  put("data/kept", "x");
  if (!mount_it(path("data").c_str(), nullptr, MS_BIND, nullptr)) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(files_.destroy_tree(path("tree")).error().code, ErrorCode::refused);
  EXPECT_EQ(get("data/kept"), "x");
  ASSERT_EQ(umount(path("tree/mount").c_str()), 0);
  EXPECT_TRUE(files_.destroy_tree(path("tree")).ok());
  EXPECT_EQ(get("data/kept"), "x");
}

TEST_F(MountedFiles, AFullDiskIsSaidAndTheOldContentStays) {
  if (!mount_it("skep-test", "tmpfs", 0, "size=64k")) GTEST_SKIP() << "mounting is not allowed here";
  const std::string file = path("tree/mount/x");
  ASSERT_TRUE(files_.write(file, "old", 0600).ok());
  const auto refused = files_.write(file, std::string(100'000, 'x'), 0600);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::exhausted);
  EXPECT_EQ(refused.error().message, "write " + file + ": no space left on device");
  EXPECT_NE(refused.error().hint, "");
  EXPECT_EQ(get("tree/mount/x"), "old");
  EXPECT_EQ(files_.list(path("tree/mount")).value(), Names{"x"});
}

TEST_F(MountedFiles, AReadOnlyDiskIsSaid) {
  if (!mount_it("skep-test", "tmpfs", MS_RDONLY, "size=64k")) GTEST_SKIP() << "mounting is not allowed here";
  EXPECT_EQ(files_.write(path("tree/mount/x"), "x", 0600).error().code, ErrorCode::denied);
  EXPECT_EQ(files_.make_directories(path("tree/mount/x"), 0755).error().code, ErrorCode::denied);
  EXPECT_TRUE(files_.make_directories(path("tree/mount"), 0755).ok());  // it is there
}

}  // namespace
}  // namespace skep
