#include "cli/redacted_streams.h"

#include "cli/commands/redaction.h"

namespace skep {

namespace {

constexpr std::size_t waiting_limit = 64U << 10;

}  // namespace

RedactingBuffer::int_type RedactingBuffer::overflow(int_type letter) {
  if (traits_type::eq_int_type(letter, traits_type::eof())) return traits_type::not_eof(letter);
  const char one = traits_type::to_char_type(letter);
  return xsputn(&one, 1) == 1 ? letter : traits_type::eof();
}

std::streamsize RedactingBuffer::xsputn(const char* text, std::streamsize count) {
  waiting_.append(text, static_cast<std::size_t>(count));
  if (waiting_.size() <= waiting_limit) return count;
  const auto line_end = waiting_.rfind('\n');
  const std::size_t whole = line_end == std::string::npos ? waiting_.size() : line_end + 1;
  return pass_on(whole) ? count : 0;
}

int RedactingBuffer::sync() { return pass_on(waiting_.size()) && next_.pubsync() == 0 ? 0 : -1; }

bool RedactingBuffer::pass_on(std::size_t count) {
  const std::string text = without_secrets(waiting_.substr(0, count), outside_);
  waiting_.erase(0, count);
  const auto length = static_cast<std::streamsize>(text.size());
  return next_.sputn(text.data(), length) == length;
}

RedactedStreams::RedactedStreams(Outside& outside)
    : outside_(outside),
      out_before_(outside.out.rdbuf()),
      err_before_(outside.err.rdbuf()),
      out_(*out_before_, outside),
      err_(*err_before_, outside) {
  outside_.out.rdbuf(&out_);
  outside_.err.rdbuf(&err_);
}

RedactedStreams::~RedactedStreams() {
  give_back(outside_.out, out_before_);
  give_back(outside_.err, err_before_);
}

void RedactedStreams::give_back(std::ostream& stream, std::streambuf* before) {
  stream.flush();
  const auto state = stream.rdstate();
  stream.rdbuf(before);
  stream.setstate(state);
}

}  // namespace skep
