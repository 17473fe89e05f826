#include "planner/system/descriptor.h"

#include <fcntl.h>

#include <array>

namespace skep {

Pipe make_pipe() {
  std::array<int, 2> ends = {-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  return {above_standard(ends[0]), above_standard(ends[1])};
}

Descriptor above_standard(int number) {
  Descriptor low(number);
  if (number < 0 || number > 2) return low;
  return Descriptor(fcntl(number, F_DUPFD_CLOEXEC, 3));
}

}  // namespace skep
