#include "tests/sim/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace skep::sim {

namespace {

constexpr std::size_t stack_bytes = std::size_t{256} * 1024;

// Stacks are used again: most fibers live for microseconds. Below each lies a page that nobody may touch.
class Stacks {
 public:
  Stacks() = default;
  ~Stacks() {
    for (void* stack : free_) munmap(stack, stack_bytes);
  }
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  void* take() {
    if (!free_.empty()) {
      void* stack = free_.back();
      free_.pop_back();
      return stack;
    }
    void* stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    assert(stack != MAP_FAILED);
    const int guarded = mprotect(stack, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), PROT_NONE);
    assert(guarded == 0);
    static_cast<void>(guarded);
    return stack;
  }
  void give_back(void* stack) { free_.push_back(stack); }

 private:
  std::vector<void*> free_ = {};
};

Stacks& stacks() {
  thread_local Stacks own;
  return own;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(stacks().take()) {
  getcontext(&own_);
  own_.uc_stack.ss_sp = stack_;
  own_.uc_stack.ss_size = stack_bytes;
  own_.uc_link = nullptr;  // the body never returns from enter()
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&own_, reinterpret_cast<void (*)()>(&Fiber::enter), 2, static_cast<unsigned>(self >> 32),
              static_cast<unsigned>(self));
}

Fiber::~Fiber() {
  assert(is_done_);
  stacks().give_back(stack_);
}

void Fiber::enter(unsigned high, unsigned low) {
  auto* self = reinterpret_cast<Fiber*>((std::uintptr_t{high} << 32) | low);  // NOLINT(performance-no-int-to-ptr)
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(nullptr, &self->caller_stack_, &self->caller_stack_bytes_);
#endif
  self->body_();
  self->body_ = nullptr;
  self->is_done_ = true;
  self->switch_to(self->own_, self->caller_, nullptr, self->caller_stack_, self->caller_stack_bytes_);
}

void Fiber::resume() {
  assert(!is_done_);
  switch_to(caller_, own_, &caller_fake_stack_, stack_, stack_bytes);
}

void Fiber::pause() { switch_to(own_, caller_, &own_fake_stack_, caller_stack_, caller_stack_bytes_); }

void Fiber::switch_to(ucontext_t& from, ucontext_t& to, [[maybe_unused]] void** fake_stack,
                      [[maybe_unused]] const void* stack, [[maybe_unused]] std::size_t bytes) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(fake_stack, stack, bytes);
#endif
  swapcontext(&from, &to);
#ifdef __SANITIZE_ADDRESS__
  const bool is_caller = &from == &caller_;
  __sanitizer_finish_switch_fiber(fake_stack ? *fake_stack : nullptr, is_caller ? nullptr : &caller_stack_,
                                  is_caller ? nullptr : &caller_stack_bytes_);
#endif
}

}  // namespace skep::sim
