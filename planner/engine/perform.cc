#include "planner/engine/perform.h"

#include <algorithm>
#include <exception>

namespace skep {

namespace {

constexpr Duration first_pause = std::chrono::seconds(1);
constexpr Duration longest_pause = std::chrono::seconds(15);
// A second look must not cost what the deed may cost: a host that lost its power in the middle would be waited for
// until the step's own deadline. What is not found by then stays an open intent, and the next run looks again.
constexpr Duration look_limit = std::chrono::minutes(1);

struct Call {
  Driver& driver;
  const Clock& clock;
  const Resource& resource;  // everything resolved
  Context context;
  const std::string& cluster;
};

// What was found by its label alone has no inputs that find() could go by: only the label finds it again.
Result<std::optional<Object>> find_by_label(const Call& call) {
  for (auto& owned : TRY(call.driver.list(call.cluster, call.context)))
    if (owned.id == call.resource.id) return std::optional(std::move(owned.object));
  return std::optional<Object>();
}

Result<std::optional<Object>> find(const Call& call, const std::optional<Object>& known) {
  if (!known && call.resource.inputs.empty() && call.driver.schema().listed)
    return find_by_label(call).doing("look for it");
  return call.driver.find(call.resource, known ? known->remote_id : "", call.context).doing("look for it");
}

// The answer to create() was lost. Lists may lag behind, so one look that finds nothing proves nothing.
Result<Object> find_what_was_made(Call call, const Error& lost) {
  call.context = within(call.clock, look_limit, call.context);
  for (Duration pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    if (auto found = find(call, std::nullopt); found.ok() && found.value()) return *found.value();
    call.context.say("the answer to its creation was lost: looking for it");
    if (!call.clock.sleep(pause, call.context).ok()) {
      return Error{.code = ErrorCode::unknown_outcome,
                   .message = lost.message,
                   .hint = "it may exist: the next apply looks for it before anything is created"};
    }
  }
}

// The driver says so of what cannot be changed to that.
bool changes_in_place(OnChange change) {
  return change == OnChange::update || change == OnChange::disrupt || change == OnChange::grows ||
         change == OnChange::fixed;
}

// An object that reports another value than is wanted, for a field that can be changed in place.
bool differs(const Call& call, const Object& object) {
  return std::ranges::any_of(call.driver.schema().inputs, [&](const Field& field) {
    if (field.secret || !changes_in_place(field.on_change)) return false;
    const auto wanted = call.resource.inputs.find(field.name);
    const auto reported = object.attributes.find(field.name);
    return wanted != call.resource.inputs.end() && reported != object.attributes.end() && *wanted != *reported;
  });
}

Result<Object> adopt(const Call& call, Object object) {
  object = TRY(call.driver.wait_ready(call.resource, std::move(object), call.context));
  if (!differs(call, object)) return object;
  object = TRY(call.driver.update(call.resource, object, call.context));
  return call.driver.wait_ready(call.resource, std::move(object), call.context);
}

StepResult finished(Result<Object> object) {
  if (!object.ok()) return std::move(object).error();
  return StepOutcome{.object = std::move(object).value()};
}

// A failed creation is abandoned only when a second look proves that nothing was left behind.
StepResult failed_creation(Call call, Error error) {
  call.context = within(call.clock, look_limit, call.context);
  const auto found = find(call, std::nullopt);
  if (!found.ok() || found.value()) return error;
  return StepOutcome{.abandoned = std::move(error)};
}

// Nothing is made, changed or waited for: only what is there is put on record.
StepResult look_only(const Call& call, const std::optional<Object>& known) {
  if (auto found = TRY(find(call, known))) return StepOutcome{.object = std::move(*found)};
  return StepOutcome{.abandoned = Error{.code = ErrorCode::not_found, .message = "it is not there"}};
}

StepResult create(const Call& call, const std::optional<Object>& known) {
  if (auto found = TRY(find(call, known)); found) return finished(adopt(call, std::move(*found)));
  if (call.context.stop.stop_requested())
    return StepOutcome{.abandoned = Error{.code = ErrorCode::cancelled, .message = "stopped before it was created"}};
  auto created = call.driver.create(call.resource, call.context);
  if (!created.ok()) {
    const Error& error = created.error();
    if (error.code != ErrorCode::unknown_outcome) return failed_creation(call, error);
    created = find_what_was_made(call, error);
    if (!created.ok()) return std::move(created).error();
  }
  return finished(call.driver.wait_ready(call.resource, std::move(created).value(), call.context));
}

StepResult update(const Call& call, const std::optional<Object>& known) {
  const std::optional<Object> object = known ? known : TRY(find(call, known));
  if (!object) {
    return Error{.code = ErrorCode::not_found,
                 .message = "it is no longer there",
                 .hint = "the next plan sees that, and makes it again"};
  }
  auto updated = TRY(call.driver.update(call.resource, *object, call.context));
  return finished(call.driver.wait_ready(call.resource, std::move(updated), call.context));
}

StepResult destroy(const Call& call, const std::optional<Object>& known) {
  std::optional<Object> object = known ? known : TRY(find(call, known));
  if (object) TRY(call.driver.destroy(call.resource, *object, call.context));
  return StepOutcome{};
}

StepResult read(const Call& call, const Work& work) {
  if (work.resource.id.kind != list_kind) {
    const std::string known = work.object ? work.object->remote_id : "";
    return StepOutcome{.object = TRY(call.driver.find(call.resource, known, call.context))};
  }
  StepOutcome outcome;
  for (auto& owned : TRY(call.driver.list(work.cluster, call.context)))
    outcome.listed.emplace_back(std::move(owned.id), std::move(owned.object));
  return outcome;
}

StepResult prepare(const Work& work, const Call& call) {
  if (work.object) TRY(call.driver.prepare_update(call.resource, *work.object, call.context));
  return StepOutcome{};
}

StepResult carry_out(const Work& work, const Call& call) {
  try {
    switch (work.action) {
      case StepAction::create:
        return work.only_adopts ? look_only(call, work.object) : create(call, work.object);
      case StepAction::update:
        return update(call, work.object);
      case StepAction::destroy:
        return destroy(call, work.object);
      case StepAction::read:
        return read(call, work);
      case StepAction::prepare:
        return prepare(work, call);
      case StepAction::forget:
        return StepOutcome{};
    }
    return StepOutcome{};
  } catch (const std::exception& exception) {
    return Error{.code = ErrorCode::internal,
                 .message = work.driver.schema().driver + " threw: " + exception.what(),
                 .hint = "this is a bug in skep: please report it"};
  }
}

Error redacted(Error error, std::span<const Secret> secrets) {
  error.message = redact(std::move(error.message), secrets);
  error.hint = redact(std::move(error.hint), secrets);
  return error;
}

}  // namespace

StepResult perform(const Work& work, const Say& say) {
  const WithSecrets clear = TRY(resolve_secrets(work.resource.inputs, work.secrets));
  Resource resource = work.resource;
  resource.inputs = clear.attributes;
  const Call call = {
      .driver = work.driver,
      .clock = work.clock,
      .resource = resource,
      .context = {.deadline = work.deadline,
                  .stop = work.stop,
                  .say = [&](std::string_view text) { say(redact(std::string(text), clear.secrets)); }},
      .cluster = work.cluster,
  };
  StepResult result = carry_out(work, call);
  if (!result.ok()) return redacted(std::move(result).error(), clear.secrets);
  auto& abandoned = result.value().abandoned;
  if (abandoned) abandoned = redacted(std::move(*abandoned), clear.secrets);
  return result;
}

}  // namespace skep
