// Where jobs run: threads in production, one at a time in tests.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "planner/base/result.h"
#include "planner/model/plan.h"
#include "planner/model/resource.h"
#include "planner/system/context.h"

namespace skep {

/// What a job gives back: the object (create, update), nothing (destroy, forget, or a read that found nothing), or an
/// error. An error leaves the step's intent open: something may exist. A failure after which surely nothing of the
/// resource exists stands in `abandoned` instead, and closes the intent.
struct StepOutcome {
  std::optional<Object> object = {};
  std::optional<Error> abandoned = {};
  std::vector<std::pair<ResourceId, Object>> listed = {};  // of a read that lists
};
using StepResult = Result<StepOutcome>;
using Say = std::function<void(std::string_view)>;

struct Notice {
  enum class Kind { said, finished };
  Kind kind = Kind::said;
  StepId step = 0;
  std::string text = {};
  std::optional<StepResult> result = {};
};

class Runner {
 public:
  virtual ~Runner() = default;
  virtual std::size_t capacity() const = 0;
  /// Starts a job; it owns copies of all it uses. At most capacity() jobs at once.
  virtual void start(StepId step, std::function<StepResult(Say)> job) = 0;
  /// Blocks until at least one notice is there. Asserts that a job is running.
  virtual std::vector<Notice> wait() = 0;
  /// What else is told within this time, or until the last job has ended; it may be nothing.
  virtual std::vector<Notice> wait_for_more(Duration) { return {}; }
};

}  // namespace skep
