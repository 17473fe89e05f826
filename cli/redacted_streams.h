// Everything that is printed passes without_secrets() on its way: a cloud may repeat a token in an error.
#pragma once

#include <streambuf>
#include <string>

#include "cli/outside.h"

namespace skep {

/// Between a stream and where it goes. What was written leaves with each flush, and in whole lines when it gets long.
class RedactingBuffer final : public std::streambuf {
 public:
  RedactingBuffer(std::streambuf& next, const Outside& outside) : next_(next), outside_(outside) {}

 protected:
  int_type overflow(int_type letter) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  int sync() override;

 private:
  bool pass_on(std::size_t count);

  std::streambuf& next_;
  const Outside& outside_;
  std::string waiting_ = {};
};

/// Puts such a buffer into both streams while it lives. Whether they failed outlives it.
class RedactedStreams {
 public:
  explicit RedactedStreams(Outside& outside);
  ~RedactedStreams();
  RedactedStreams(const RedactedStreams&) = delete;
  RedactedStreams& operator=(const RedactedStreams&) = delete;

 private:
  static void give_back(std::ostream& stream, std::streambuf* before);

  Outside& outside_;
  std::streambuf* out_before_;
  std::streambuf* err_before_;
  RedactingBuffer out_;
  RedactingBuffer err_;
};

}  // namespace skep
