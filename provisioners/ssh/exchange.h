// One script over one channel: start it, feed it, gather what it prints, learn how it ended. Its two functions are
// operations for Transport::drive.
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
  /// `command` must outlive the exchange. Of stdout and of stderr at most `output_limit_bytes` are kept.
  Exchange(Transport& transport, _LIBSSH2_CHANNEL* channel, const ScriptCommand& command,
           std::size_t output_limit_bytes = 64U << 20U)
      : transport_(transport), channel_(channel), command_(command), output_limit_bytes_(output_limit_bytes) {}

  /// Until the whole script is on its way (or the host ended the channel before). Before that, nothing runs.
  long send();
  /// Until the host has closed the channel.
  long finish();

  /// How it ended; after finish(). The output still holds the start mark.
  Exit take_exit() { return {.code = exit_code_, .out = std::move(out_), .err = std::move(err_)}; }
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
  const ScriptCommand& command_;
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
