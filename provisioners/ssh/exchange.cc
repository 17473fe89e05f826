#include "provisioners/ssh/exchange.h"

#include <libssh2.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <utility>

namespace skep {

namespace {

constexpr std::array<std::pair<std::string_view, int>, 13> signals = {{{"HUP", 1},
                                                                       {"INT", 2},
                                                                       {"QUIT", 3},
                                                                       {"ILL", 4},
                                                                       {"TRAP", 5},
                                                                       {"ABRT", 6},
                                                                       {"FPE", 8},
                                                                       {"KILL", 9},
                                                                       {"USR1", 10},
                                                                       {"SEGV", 11},
                                                                       {"USR2", 12},
                                                                       {"PIPE", 13},
                                                                       {"TERM", 15}}};

int number_of_signal(std::string_view name) {
  for (const auto& [known, number] : signals) {
    if (known == name) return number;
  }
  return 127;  // one that the protocol does not name
}

}  // namespace

long Exchange::get_ready() {
  const long code = advance();
  if (code < 0 && code != LIBSSH2_ERROR_EAGAIN) return code;
  return is_started_ || is_closed_ ? 0 : LIBSSH2_ERROR_EAGAIN;
}

long Exchange::send() {
  assert(script_ != nullptr);
  const long code = advance();
  if (code < 0 && code != LIBSSH2_ERROR_EAGAIN) return code;
  return written_bytes_ >= script_->script_bytes || is_closed_ ? 0 : LIBSSH2_ERROR_EAGAIN;
}

long Exchange::finish() {
  const long code = advance();
  if (code < 0 && code != LIBSSH2_ERROR_EAGAIN) return code;
  return is_closed_ ? 0 : LIBSSH2_ERROR_EAGAIN;
}

// Every part in turn, each as far as it goes. The reply to the start is not waited for before the input goes out, which
// saves a round trip; and output is read while input is still being written, because the script may do both.
long Exchange::advance() {
  if (half_sent_) {
    const Part part = *half_sent_;
    const long code = call(part);
    if (transport_.is_half_sent()) return LIBSSH2_ERROR_EAGAIN;
    half_sent_.reset();
    if (code < 0 && code != LIBSSH2_ERROR_EAGAIN) return code;
  }
  for (const Part part : {Part::read_out, Part::read_err, Part::start, Part::write, Part::end_of_input, Part::close}) {
    const long code = call(part);
    if (transport_.is_half_sent()) {
      half_sent_ = part;
      return LIBSSH2_ERROR_EAGAIN;
    }
    if (code < 0 && code != LIBSSH2_ERROR_EAGAIN) return code;
  }
  return LIBSSH2_ERROR_EAGAIN;
}

long Exchange::call(Part part) {
  long code = 0;
  switch (part) {
    case Part::start:
      return start();
    case Part::write:
      return write();
    case Part::end_of_input:
      if (script_ == nullptr || is_input_ended_ || written_bytes_ < script_->input.reveal().size()) return 0;
      code = libssh2_channel_send_eof(channel_);
      is_input_ended_ = code == 0;
      return code;
    case Part::read_out:
      return read(0, out_);
    case Part::read_err:
      return read(SSH_EXTENDED_DATA_STDERR, err_);
    case Part::close:
      if (libssh2_channel_eof(channel_) != 1) return 0;
      code = libssh2_channel_wait_closed(channel_);
      is_closed_ = code == 0;
      if (is_closed_) exit_code_ = exit_code();
      return code;
  }
  return LIBSSH2_ERROR_BAD_USE;
}

// libssh2 1.10 takes the first answer to a start that it reads here for ours, whichever channel it names
// (_libssh2_packet_requirev in packet.c). So it may not read here: both streams have just been read until nothing was
// left, which has put every answer into its queue, and there it looks at the channel's number.
long Exchange::start() {
  if (is_started_) return 0;
  transport_.hold_input(true);
  const long code = libssh2_channel_exec(channel_, shell_command_.c_str());
  transport_.hold_input(false);
  is_started_ = code == 0;
  return code;
}

long Exchange::write() {
  if (script_ == nullptr) return 0;
  const std::string& input = script_->input.reveal();
  while (written_bytes_ < input.size()) {
    const ssize_t count = libssh2_channel_write(channel_, input.data() + written_bytes_, input.size() - written_bytes_);
    if (count <= 0) return count;
    written_bytes_ += static_cast<std::size_t>(count);
  }
  return 0;
}

long Exchange::read(int stream, std::string& text) {
  std::array<char, 32768> buffer;
  for (;;) {
    const ssize_t count = libssh2_channel_read_ex(channel_, stream, buffer.data(), buffer.size());
    if (count <= 0) return count;
    const std::size_t room = output_limit_bytes_ - std::min(text.size(), output_limit_bytes_);
    text.append(buffer.data(), std::min(static_cast<std::size_t>(count), room));
  }
}

int Exchange::exit_code() const {
  char* name = nullptr;
  std::size_t length = 0;
  libssh2_channel_get_exit_signal(channel_, &name, &length, nullptr, nullptr, nullptr, nullptr);
  if (name == nullptr) return libssh2_channel_get_exit_status(channel_);
  const int code = 128 + number_of_signal({name, length});
  libssh2_free(transport_.libssh2(), name);
  return code;
}

}  // namespace skep
