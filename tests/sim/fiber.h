// A thread of control that runs only when it is resumed: a switch costs a fraction of a microsecond, where two real
// threads that hand each other a baton pay for the kernel's scheduler.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>

namespace skep::sim {

/// Belongs to one thread. Its body must have ended before it is destroyed, and must not let an exception out.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Goes on with the body until it pauses or ends. Not from inside of it.
  void resume();
  /// From inside of the body: goes back to where resume() was called.
  void pause();
  bool is_done() const { return is_done_; }

 private:
  static void enter(unsigned high, unsigned low);
  void switch_to(ucontext_t& from, ucontext_t& to, void** fake_stack, const void* stack, std::size_t stack_bytes);

  std::function<void()> body_;
  void* stack_;
  bool is_done_ = false;
  ucontext_t own_ = {};
  ucontext_t caller_ = {};
  void* own_fake_stack_ = nullptr;  // AddressSanitizer's, of each side
  void* caller_fake_stack_ = nullptr;
  const void* caller_stack_ = nullptr;
  std::size_t caller_stack_bytes_ = 0;
};

}  // namespace skep::sim
