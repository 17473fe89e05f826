// Host keys as a spec, a key exchange and ssh(1) write them.
#include "provisioners/ssh/known_hosts.h"

#include <gtest/gtest.h>

#include "planner/base/digest.h"

namespace skep {
namespace {

const std::string blob_text = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const std::string known_key = "ssh-ed25519 " + blob_text;

TEST(KnownHosts, APinnedKeyIsTakenApart) {
  const auto pinned = pinned_key({.address = "10.0.0.5", .host_key = known_key + " root@host\n"});
  ASSERT_TRUE(pinned.ok()) << pinned.error().message;
  EXPECT_EQ(pinned.value(), (PinnedKey{.type = "ssh-ed25519", .blob = base64_decode(blob_text), .line = known_key}));
  EXPECT_EQ(public_line_of_blob(pinned.value().blob), known_key);
  EXPECT_EQ(fingerprint_of_blob(pinned.value().blob), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
}

TEST(KnownHosts, AHostWithoutAUsableKeyIsRefused) {
  for (const std::string& line : {std::string(), std::string("ssh-ed25519"), std::string("ssh-rsa AAAAB3NzaC1yc2E="),
                                  std::string("ssh-ed25519 !!!!"), "ssh-ed25519 " + blob_text.substr(0, 40)}) {
    SCOPED_TRACE(line);
    const auto pinned = pinned_key({.address = "10.0.0.5", .host_key = line});
    ASSERT_FALSE(pinned.ok());
    EXPECT_EQ(pinned.error().code, ErrorCode::refused);
    EXPECT_NE(pinned.error().message.find("10.0.0.5"), std::string::npos);
    EXPECT_NE(pinned.error().hint, "");
  }
}

TEST(KnownHosts, TheLineForSshNamesThePortWhereItIsUnusual) {
  EXPECT_EQ(known_hosts_line({.address = "10.0.0.5", .host_key = known_key}).value(), "10.0.0.5 " + known_key + "\n");
  EXPECT_EQ(known_hosts_line({.address = "10.0.0.5", .port = 2222, .host_key = known_key}).value(),
            "[10.0.0.5]:2222 " + known_key + "\n");
}

TEST(KnownHosts, MalformedBlobsAreNoKeys) {
  for (const std::string& blob :
       {std::string(), std::string("\0\0\0", 3),
        std::string("\0\0\0\xff"
                    "abc",
                    7),
        std::string("\0\0\0\0", 4), std::string("\0\0\0\1 ", 5), std::string("\0\0\0\2a\n", 6),
        std::string("\xff\xff\xff\xff"
                    "abc")}) {
    EXPECT_EQ(public_line_of_blob(blob), "");
    EXPECT_EQ(fingerprint_of_blob(blob), "a malformed key");
  }
}

TEST(KnownHosts, EndpointsHaveShortNames) {
  EXPECT_EQ(endpoint_name({.address = "10.0.0.5"}), "root@10.0.0.5");
  EXPECT_EQ(endpoint_name({.address = "10.0.0.5", .port = 2222, .user = "debian"}), "debian@10.0.0.5:2222");
}

}  // namespace
}  // namespace skep
