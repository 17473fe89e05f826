// One script over one channel: start a shell, feed it, gather what it prints, learn how it ended. get_ready(), send()
// and finish() are operations for Transport::drive.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "planner/system/processes.h"
#include "provisioners/ssh/script_command.h"
#include "provisioners/ssh/transport.h"

struct _LIBSSH2_CHANNEL;  // libssh2's own name

namespace skep {

class Exchange {
 public:
  /// `shell_command` must outlive the exchange. Of stdout and of stderr at most `output_limit_bytes` are kept.
  Exchange(Transport& transport, _LIBSSH2_CHANNEL* channel, const std::string& shell_command,
           std::size_t output_limit_bytes = 64U << 20U)
      : transport_(transport),
        channel_(channel),
        shell_command_(shell_command),
        output_limit_bytes_(output_limit_bytes) {}

  /// Until a shell waits for its script (or the host ended the channel). May be left out, or left before its end.
  long get_ready();
  /// What is sent from now on; it must outlive the exchange. Once.
  void give(const ScriptCommand& script) { script_ = &script; }
  /// Until the whole script is on its way (or the host ended the channel before). Before that, nothing runs.
  long send();
  /// Until the host has closed the channel.
  long finish();

  /// How it ended; after finish(). The output still holds the start mark.
  Exit take_exit() { return {.code = exit_code_, .out = std::move(out_), .err = std::move(err_)}; }
  _LIBSSH2_CHANNEL* channel() const { return channel_; }
  /// The host has started the shell.
  bool is_started() const { return is_started_; }
  /// Whether the host has begun the script, as far as we have heard.
  bool has_begun() const { return after_start_mark(out_).has_value(); }

 private:
  enum class Part { read_out, read_err, start, write, end_of_input, close };
  long call(Part part);
  long advance();
  long start();
  long write();
  long read(int stream, std::string& text);
  int exit_code() const;

  Transport& transport_;
  _LIBSSH2_CHANNEL* channel_;
  const std::string& shell_command_;
  const ScriptCommand* script_ = nullptr;
  const std::size_t output_limit_bytes_;
  std::optional<Part> half_sent_;  // must be called first: it has a packet half out
  bool is_started_ = false;
  bool is_input_ended_ = false;
  bool is_closed_ = false;
  int exit_code_ = 0;
  std::size_t written_bytes_ = 0;
  std::string out_;
  std::string err_;
};

}  // namespace skep
