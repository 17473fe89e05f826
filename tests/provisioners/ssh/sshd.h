// A private sshd on an address of its own in 127/8, with own keys under a folder of the test. Never the system's.
#pragma once

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "planner/system/clock.h"
#include "planner/system/ssh.h"
#include "provisioners/ssh/libssh2_ssh.h"

namespace skep::testing {

/// A new folder, destroyed with everything in it.
class Folder {
 public:
  Folder();
  ~Folder();
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text, unsigned mode = 0600) const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::string& path);
/// Runs a command line by sh and expects it to succeed; its stdout.
std::string run_locally(const std::string& command_line);
/// Makes a key pair with ssh-keygen: FOLDER/NAME and FOLDER/NAME.pub. Returns the private text.
std::string make_key(const Folder& folder, const std::string& name, const std::string& type = "ed25519",
                     const std::string& passphrase = "");

class Sshd {
 public:
  /// `lines`: more sshd_config. Not started yet. The user key is FOLDER/user.
  explicit Sshd(std::string lines = "", const std::string& host_key_type = "ed25519");
  ~Sshd() { stop(); }
  Sshd(const Sshd&) = delete;
  Sshd& operator=(const Sshd&) = delete;

  void start();  // and waits until it listens
  void stop();   // and waits until it is gone; its connections stay
  int pid() const { return pid_; }
  /// Processes of its connections, and theirs, deepest last.
  std::vector<int> connection_pids() const;
  /// Ends every connection with SIGKILL.
  void cut_connections() const;

  const Folder& folder() const { return folder_; }
  Endpoint endpoint(const std::string& user = "root") const;
  SshCredentials credentials() const;

 private:
  Folder folder_;
  std::string address_;
  std::uint16_t port_ = 0;
  int pid_ = 0;
};

/// Two seconds to connect, short pauses: what the tests use.
inline SshOptions quick_options() { return {.timeout_connect = std::chrono::seconds(5)}; }

/// A context whose deadline is so far away.
Context in(Duration duration, std::stop_token stop = {});

/// While it lives, leaks of this thread are not reported. libssh2 1.10 itself loses the host's key with each new key
/// exchange, and two numbers with each ECDSA host key that it checks.
#ifdef __SANITIZE_ADDRESS__
using LeaksOfLibssh2 = __lsan::ScopedDisabler;
#else
struct LeaksOfLibssh2 {
  LeaksOfLibssh2() {}  // not trivial, so that nobody calls it unused
};
#endif

/// Why these tests cannot run here, or empty.
std::string missing();

}  // namespace skep::testing

#define SKEP_NEEDS_SSHD() \
  if (const std::string why = skep::testing::missing(); !why.empty()) GTEST_SKIP() << why
