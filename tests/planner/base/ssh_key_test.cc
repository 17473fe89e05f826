#include "planner/base/ssh_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "planner/base/text.h"

namespace skep {
namespace {

namespace fs = std::filesystem;

/// Real keys of OpenSSH, made in a folder of the test's own.
class SshKey : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "skep-ssh-key-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    if (std::system("command -v ssh-keygen >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs ssh-keygen (openssh-client)";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  std::string read(const std::string& name) const {
    std::ifstream file(path(name));
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    ::chmod(path(name).c_str(), 0600);
  }

  /// stdout and stderr of a command line run in the folder.
  std::string output(const std::string& command) const {
    FILE* pipe = ::popen(("cd " + folder_ + " && { " + command + "; } 2>&1 </dev/null").c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    EXPECT_EQ(::pclose(pipe), 0) << command << ": " << text;
    return std::string(trim(text));
  }

  std::string keygen(const std::string& options) const {
    output("ssh-keygen -q -f key " + options);
    return read("key");
  }

 private:
  std::string folder_;
};

std::array<std::uint8_t, 32> seed_of(std::uint8_t first) {
  std::array<std::uint8_t, 32> seed = {};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(first + i);
  return seed;
}

std::string error_of(const Result<std::string>& result) {
  if (result.ok()) return "no error: " + result.value();
  EXPECT_EQ(result.error().code, ErrorCode::invalid_input);
  EXPECT_NE(result.error().hint, "") << result.error().message;
  return result.error().message;
}

TEST_F(SshKey, OpenSshReadsTheKeysThatWeMake) {
  for (const auto* comment : {"skep manager-1", "", "x", "a comment of some length that moves the padding"}) {
    SCOPED_TRACE(comment);
    const auto pair = ed25519_key_pair(seed_of(static_cast<std::uint8_t>(comment[0])), comment);
    write("ours", pair.private_text.reveal());
    EXPECT_EQ(output("ssh-keygen -y -f ours"), pair.public_line);
    write("ours.pub", pair.public_line + "\n");
    EXPECT_NE(output("ssh-keygen -l -f ours.pub").find(key_fingerprint(pair.public_line)), std::string::npos);
    EXPECT_EQ(public_line_of(pair.private_text.reveal()).value(), pair.public_line);
  }
}

TEST_F(SshKey, OpenSshSignsWithTheKeysThatWeMake) {
  const auto pair = ed25519_key_pair(seed_of(9), "signer");
  write("ours", pair.private_text.reveal());
  write("allowed", "signer " + pair.public_line + "\n");
  write("text", "hello");
  output("ssh-keygen -Y sign -f ours -n test text");
  EXPECT_TRUE(output("ssh-keygen -Y verify -f allowed -I signer -n test -s text.sig <text").starts_with("Good"));
}

TEST(SshKeyPair, TheSameSeedGivesTheSamePair) {
  const auto first = ed25519_key_pair(seed_of(1), "c");
  const auto again = ed25519_key_pair(seed_of(1), "c");
  EXPECT_EQ(first.public_line, again.public_line);
  EXPECT_EQ(first.private_text.reveal(), again.private_text.reveal());
  EXPECT_NE(first.public_line, ed25519_key_pair(seed_of(2), "c").public_line);
}

// RFC 8032 section 7.1, test 1.
TEST(SshKeyPair, PublicKeyAsInTheStandard) {
  const std::array<std::uint8_t, 32> seed = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                                             0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                                             0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
  EXPECT_EQ(ed25519_key_pair(seed, "").public_line,
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
}

TEST(SshKeyPair, ACommentCannotAddALine) {
  EXPECT_EQ(ed25519_key_pair(seed_of(1), "a\nssh-rsa b\r").public_line.find_first_of("\r\n"), std::string::npos);
}

TEST_F(SshKey, PublicLinesOfOpenSshsOwnKeys) {
  for (const auto* options : {"-t ed25519 -N '' -C 'anna@home'", "-t ecdsa -b 256 -N '' -C x",
                              "-t ecdsa -b 384 -N '' -C ''", "-t ecdsa -b 521 -N '' -C 'two words'"}) {
    SCOPED_TRACE(options);
    output("rm -f key key.pub");
    const auto line = public_line_of(keygen(options));
    ASSERT_TRUE(line.ok()) << line.error().message;
    EXPECT_EQ(line.value(), trim(read("key.pub")));
    EXPECT_NE(output("ssh-keygen -l -f key.pub").find(key_fingerprint(line.value())), std::string::npos);
    EXPECT_TRUE(checked_public_line(read("key.pub")).ok());
  }
}

TEST_F(SshKey, AnEncryptedKeyShowsItsPublicPartWithoutItsComment) {
  const auto line = public_line_of(keygen("-t ed25519 -N 'pass phrase' -C anna"));
  ASSERT_TRUE(line.ok()) << line.error().message;
  EXPECT_EQ(line.value() + " anna", trim(read("key.pub")));
}

TEST_F(SshKey, RsaKeysAreRefusedWithTheWayOut) {
  const auto error = public_line_of(keygen("-t rsa -b 2048 -N ''"));
  EXPECT_EQ(error_of(error), "this is an RSA key; skep takes ed25519 or ECDSA keys");
  EXPECT_EQ(error.error().hint, "make one with: ssh-keygen -t ed25519");
  EXPECT_EQ(error_of(checked_public_line(read("key.pub"))), "this is an RSA key; skep takes ed25519 or ECDSA keys");
  output("rm key key.pub");
  EXPECT_EQ(error_of(public_line_of(keygen("-t rsa -m PEM -b 2048 -N ''"))),
            "this is an RSA key; skep takes ed25519 or ECDSA keys");
}

TEST_F(SshKey, OtherFormsAreNamed) {
  EXPECT_EQ(error_of(public_line_of("")), "the key is empty");
  EXPECT_EQ(error_of(public_line_of("hello")), "this is no OpenSSH private key");
  EXPECT_EQ(error_of(public_line_of(keygen("-t ecdsa -m PEM -N ''"))),
            "this private key is in PEM form; skep takes OpenSSH's own form");
  EXPECT_EQ(error_of(public_line_of("-----BEGIN DSA PRIVATE KEY-----\n")),
            "this is a DSA key; skep takes ed25519 or ECDSA keys");
  EXPECT_EQ(error_of(public_line_of(read("key.pub"))), "this is a public key; skep needs the private one");
  EXPECT_EQ(error_of(public_line_of("PuTTY-User-Key-File-3: ssh-ed25519\n")),
            "this private key is in PuTTY's form; skep takes OpenSSH's");
}

TEST_F(SshKey, DamagedPrivateKeysAreRefusedAtEveryLength) {
  const std::string whole = ed25519_key_pair(seed_of(1), "c").private_text.reveal();
  const std::string end = "-----END OPENSSH PRIVATE KEY-----\n";
  const std::size_t begin = whole.find('\n') + 1;
  // Cut at each byte, with and without the end line: never a crash, never an answer.
  for (std::size_t length = 0; length + end.size() < whole.size(); ++length) {
    EXPECT_FALSE(public_line_of(whole.substr(0, length)).ok()) << length;
    if (length >= begin && length + end.size() + 1 < whole.size()) {
      EXPECT_FALSE(public_line_of(whole.substr(0, length) + "\n" + end).ok()) << length;
    }
  }
}

TEST(SshPublicLine, IsReducedToTypeAndKey) {
  const std::string key = "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
  EXPECT_EQ(checked_public_line("ssh-ed25519 " + key).value(), "ssh-ed25519 " + key);
  EXPECT_EQ(checked_public_line("ssh-ed25519 " + key.substr(0, 20) + "\r" + key.substr(20)).value(),
            "ssh-ed25519 " + key);
  EXPECT_EQ(checked_public_line("  ssh-ed25519\t" + key + "  anna@home and more\n").value(), "ssh-ed25519 " + key);
}

TEST(SshPublicLine, MistakesAreNamed) {
  const std::string key = "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
  const struct {
    std::string line, message;
  } cases[] = {
      {"", "the key is empty"},
      {"hello", "this is no public SSH key"},
      {"ssh-ed25519", "nothing follows \"ssh-ed25519\""},
      {"198.51.100.7 ssh-ed25519 " + key, "leave \"198.51.100.7\" out: the line must begin with the key type"},
      {"ssh-ed25519 AAAA", "the base64 text behind \"ssh-ed25519\" is damaged or cut off"},
      {"ssh-ed25519 " + key.substr(0, key.size() - 4), "the base64 text behind \"ssh-ed25519\" is damaged or cut off"},
      {"ecdsa-sha2-nistp256 " + key, "the base64 text behind \"ecdsa-sha2-nistp256\" is damaged or cut off"},
      {"ssh-dss AAAAB3NzaC1kc3M", "this is a DSA key; skep takes ed25519 or ECDSA keys"},
      {"ssh-rsa AAAAB3NzaC1yc2E", "this is an RSA key; skep takes ed25519 or ECDSA keys"},
      {"sk-ssh-ed25519@openssh.com AAAAGnNr",
       "keys of type \"sk-ssh-ed25519@openssh.com\" are not supported; skep takes ed25519 or ECDSA keys"},
      {"ssh-ed25519 " + key + "\nssh-ed25519 " + key, "expected one line with one key"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----", "this is a private key; a public one is expected"},
  };
  for (const auto& wrong : cases) EXPECT_EQ(error_of(checked_public_line(wrong.line)), wrong.message) << wrong.line;
}

}  // namespace
}  // namespace skep
