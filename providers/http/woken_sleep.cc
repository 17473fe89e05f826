#include "providers/http/woken_sleep.h"

namespace skep {

namespace {

struct Wake {
  std::stop_source source;
  void operator()() { source.request_stop(); }
};

}  // namespace

Result<void> sleep_until_woken(const Clock& clock, const std::stop_token& woken, Duration at_most,
                               const Context& context) {
  const std::stop_source either;
  Result<void> slept;
  {
    const std::stop_callback on_stop(context.stop, Wake{either});
    const std::stop_callback on_woken(woken, Wake{either});
    Context sleeping = context;
    sleeping.stop = either.get_token();
    slept = clock.sleep(at_most, sleeping);
  }
  if (woken.stop_requested()) return {};
  if (context.stop.stop_requested()) return Error{ErrorCode::cancelled, "stopped on request"};
  return slept;
}

}  // namespace skep
