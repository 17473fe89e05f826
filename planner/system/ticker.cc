#include "planner/system/ticker.h"

#include <utility>

#include "planner/system/clock.h"

namespace skep {

Ticker::Ticker(Duration every, std::function<void()> tick)
    : thread_([every, tick = std::move(tick)](std::stop_token stop) {
        const SystemClock clock;
        const Context context = {.stop = std::move(stop)};
        while (clock.sleep(every, context).ok()) tick();
      }) {}

}  // namespace skep
