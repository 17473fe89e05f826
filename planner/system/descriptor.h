// An open file descriptor that closes itself, and pipes of two of them.
#pragma once

#include <unistd.h>

#include <utility>

namespace skep {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor reading;
  Descriptor writing;
  bool is_open() const { return reading.is_open() && writing.is_open(); }
};

/// A pipe, close-on-exec, with numbers from 3 upwards. On failure not open, and errno says why.
Pipe make_pipe();

/// The same open file under a number from 3 upwards: 0 to 2 will be a child's own, and may be closed in ours.
Descriptor above_standard(int number);

}  // namespace skep
