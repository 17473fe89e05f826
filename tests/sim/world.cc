#include "tests/sim/world.h"

#include <algorithm>

#include "planner/engine/observe.h"

namespace skep::sim {

class SimDriver final : public Driver {
 public:
  SimDriver(Schema schema, World& world) : schema_(std::move(schema)), world_(world) {}

  const Schema& schema() const override { return schema_; }

  Result<std::vector<Owned>> list(std::string_view, const Context&) override {
    TRY(before(false));
    std::vector<Owned> owned;
    for (const auto& [id, thing] : world_.cloud.things)
      if (thing.driver == schema_.driver) owned.push_back({thing.owner, object_of(id, thing)});
    return owned;
  }

  Result<std::optional<Object>> find(const Resource& resource, std::string_view remote_id, const Context&) override {
    TRY(before(false));
    if (world_.mutant == Mutant::skips_first_find && remote_id.empty()) return std::optional<Object>();
    const std::string machine = machine_of(resource);
    if (!machine.empty() && !world_.cloud.things.contains(machine))
      return Error{.code = ErrorCode::unavailable, .message = "no route to host"};
    const std::string* id = world_.cloud.find(schema_.driver, resource.id);
    if (!id || world_.cloud.things.at(*id).machine != machine) return std::optional<Object>();
    return std::optional(object_of(*id, world_.cloud.things.at(*id)));
  }

  Result<Object> create(const Resource& resource, const Context&) override {
    TRY(begin(resource, StepAction::create));
    if (world_.scheduler->happens(world_.faults.exhausted_percent)) {
      if (world_.mutant == Mutant::rebuilds_on_failure) world_.cloud.destroy(machine_of(resource));
      return Error{.code = ErrorCode::exhausted, .message = "no capacity"};
    }
    const std::string id = world_.cloud.create(schema_.driver, resource.id, given(resource), machine_of(resource));
    TRY(after());
    return object_of(id, world_.cloud.things.at(id));
  }

  Result<Object> update(const Resource& resource, const Object& object, const Context&) override {
    TRY(begin(resource, StepAction::update));
    const auto thing = world_.cloud.things.find(object.remote_id);
    if (thing == world_.cloud.things.end()) return Error{.code = ErrorCode::not_found, .message = "it is not there"};
    thing->second.inputs = given(resource);
    TRY(after());
    return object_of(object.remote_id, thing->second);
  }

  Result<void> destroy(const Resource& resource, const Object& object, const Context&) override {
    TRY(begin(resource, StepAction::destroy));
    if (world_.mutant != Mutant::loses_destroy) world_.cloud.destroy(object.remote_id);
    return after();
  }

  Result<Object> wait_ready(const Resource&, Object object, const Context& context) override {
    Context patient = context;
    if (world_.mutant == Mutant::ignores_stop) patient.stop = {};
    if (schema_.driver == "test.server")
      for (int looks = 0; looks < 3; ++looks) {
        TRY(before(false));
        TRY(world_.scheduler->sleep(std::chrono::seconds(20), patient));
      }
    world_.cloud.things.at(object.remote_id).is_ready = true;
    return object;
  }

 private:
  Result<void> before(bool is_change) {
    world_.scheduler->point();
    if (world_.scheduler->happens(world_.faults.unavailable_percent))
      return Error{.code = ErrorCode::unavailable, .message = "503"};
    if (is_change && world_.scheduler->happens(world_.faults.lost_request_percent))
      return Error{.code = ErrorCode::unknown_outcome, .message = "no answer"};
    return {};
  }
  // The intent must be on disk before anything is touched.
  Result<void> begin(const Resource& resource, StepAction action) {
    TRY(before(true));
    const auto& open = world_.store.state().open;
    const bool is_written = std::ranges::any_of(
        open, [&](const Intent& intent) { return intent.resource.id == resource.id && intent.action == action; });
    if (!is_written)
      world_.cloud.violations.push_back(to_text(resource.id) + " was touched before it was written down");
    return {};
  }
  Result<void> after() {
    world_.scheduler->point();
    if (world_.scheduler->happens(world_.faults.lost_answer_percent))
      return Error{.code = ErrorCode::unknown_outcome, .message = "no answer"};
    return {};
  }
  static std::string machine_of(const Resource& resource) {
    const auto host = resource.inputs.find("host");
    return host == resource.inputs.end() ? "" : json_string_or(*host, "address");
  }
  // What lists of the other hosts say depends on the moment, and is no part of the thing.
  static Attributes given(const Resource& resource) {
    Attributes inputs = resource.inputs;
    inputs.erase("managers");
    inputs.erase("hosts");
    return inputs;
  }
  Object object_of(const std::string& id, const Thing& thing) const {
    Object object = {.remote_id = id, .attributes = {{"address", id}}};
    if (schema_.driver.starts_with("test.")) object.attributes.update(thing.inputs);
    if (world_.mutant == Mutant::reports_nonsense && object.attributes.contains("labels"))
      object.attributes["labels"] = "none";
    return object;
  }

  Schema schema_;
  World& world_;
};

World::World(Mutant which) : mutant(which) {
  std::vector<Driver*> all;
  for (const auto& [name, schema] : test::kit_schemas()) {
    Schema own = *schema;
    // Half of the cloud's kinds cannot be listed: of these only the journal knows what was begun.
    if (name == "test.floating_ip" || name == "test.volume") own.listed = false;
    drivers_.push_back(std::make_unique<SimDriver>(std::move(own), *this));
    all.push_back(drivers_.back().get());
  }
  catalog_ = std::make_unique<Catalog>(all);
}

World::~World() = default;

namespace {

// The journal as skep sees it: every call is a point before and after, and a mutant may be in between.
class SimJournal final : public Journal {
 public:
  explicit SimJournal(World& world) : world_(world) {}

  Result<void> record(std::span<const Entry> entries) override {
    world_.scheduler->point();
    std::vector<Entry> kept(entries.begin(), entries.end());
    if (world_.mutant == Mutant::skips_begin)
      std::erase_if(kept, [](const Entry& entry) { return std::holds_alternative<Begin>(entry); });
    if (world_.mutant == Mutant::records_late) std::swap(kept, late_);
    TRY(world_.store.record(kept));
    world_.scheduler->point();
    return {};
  }

 private:
  World& world_;
  std::vector<Entry> late_ = {};
};

// What the executor promises about each start: all before it is durable, and its pool has room.
class Watch {
 public:
  Watch(World& world, const Plan& plan) : world_(world), plan_(plan) {}

  void started(StepId id) {
    const Step& step = plan_.steps[id];
    for (const StepId before : step.after)
      if (!is_durable(plan_.steps[before])) note(to_text(step.resource.id) + " started too early");
    const auto limit = plan_.pools.find(step.resource.pool);
    if (limit != plan_.pools.end() && ++in_pool_[limit->first] > limit->second)
      note("the pool " + limit->first + " is overfull");
    running_.insert(id);
  }
  void ended(StepId id) {
    running_.erase(id);
    --in_pool_[plan_.steps[id].resource.pool];
  }
  std::vector<ResourceId> running() const {
    std::vector<ResourceId> ids;
    for (const StepId id : running_) ids.push_back(plan_.steps[id].resource.id);
    return ids;
  }

 private:
  bool is_durable(const Step& step) const {
    const auto& records = world_.store.state().records;
    const auto record = records.find(step.resource.id);
    if (step.action == StepAction::destroy || step.action == StepAction::forget) return record == records.end();
    return record != records.end() && record->second.resource == step.resource;
  }
  void note(std::string violation) { world_.cloud.violations.push_back(std::move(violation)); }

  World& world_;
  const Plan& plan_;
  std::map<std::string, std::uint32_t> in_pool_ = {};
  std::set<StepId> running_ = {};
};

Plan mutated(const World& world, Plan plan) {
  if (world.mutant == Mutant::ignores_pools) plan.pools.clear();
  if (world.mutant != Mutant::ignores_waves) return plan;
  for (auto& step : plan.steps)
    std::erase_if(step.after, [&](StepId before) { return plan.steps[before].resource.node != step.resource.node; });
  return plan;
}

std::string event_text(const Event& event) {
  return std::to_string(static_cast<int>(event.kind)) + " " + to_text(event.id) + " " +
         std::to_string(event.at.time_since_epoch().count());
}

std::vector<std::string> listed_drivers(const World& world) {
  std::vector<std::string> drivers;
  for (const auto& [name, schema] : world.catalog().schemas())
    if (schema->listed) drivers.push_back(name);
  return drivers;
}

Schemas schemas_of(const World& world) { return world.catalog().schemas(); }

struct Run {
  World& world;
  Scheduler scheduler;
  Outcome outcome = {};
  Instant stopped_at = {};

  Run(World& in, std::uint64_t seed) : world(in), scheduler(seed, in.faults) { world.scheduler = &scheduler; }
  ~Run() { world.scheduler = nullptr; }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  Executor executor() {
    return Executor({.runner = scheduler,
                     .catalog = world.catalog(),
                     .clock = scheduler,
                     .secrets = [](std::string_view) -> Result<Secret> { return Secret("a planted secret"); },
                     .digest_key = "key",
                     .events = [this](const Event& event) { outcome.events.push_back(event_text(event)); }});
  }

  void go(const test::Shape& shape) {
    auto run_it = executor();
    const auto stop = world.faults.stop.get_token();
    State state = world.store.state();
    if (world.mutant == Mutant::forgets_open) state.open.clear();
    auto now = observe(state, run_it, world.catalog(), "test", listed_drivers(world), stop);
    if (!now.ok()) return fail(now.error());
    auto plan = make_plan(test::wanted_of(shape), now.value(), schemas_of(world), test::options_of(shape));
    if (!plan.ok()) return fail(plan.error());
    outcome.plan = std::move(plan).value();
    Watch watch(world, outcome.plan);
    scheduler.on_start = [&](StepId step) { watch.started(step); };
    scheduler.on_end = [&](StepId step) { watch.ended(step); };
    scheduler.on_stop = [&] {
      stopped_at = scheduler.now();
      outcome.running_at_stop = watch.running();
    };
    SimJournal journal(world);
    auto summary = run_it.run(mutated(world, outcome.plan), journal, stop);
    if (!summary.ok()) return fail(summary.error());
    outcome.summary = std::move(summary).value();
    if (stopped_at != Instant{}) outcome.after_stop = scheduler.now() - stopped_at;
  }
  void fail(const Error& error) { outcome.error = error; }
};

}  // namespace

Outcome apply(World& world, const test::Shape& shape, std::uint64_t seed) {
  static std::uint64_t moments = 0;  // what a clock is to a mutant: something that the seed does not decide
  if (world.mutant == Mutant::uses_the_clock) seed += ++moments;
  world.cloud.is_torn_down = shape.pools.empty();
  Run run(world, seed);
  try {
    run.go(shape);
  } catch (const Crash&) {
    run.outcome.is_crashed = true;
  }
  return std::move(run.outcome);
}

void calm(World& world) { world.faults = Faults{}; }

Result<Plan> plan_now(World& world, const test::Shape& shape) {
  calm(world);
  Run run(world, 1);
  auto executor = run.executor();
  const State now = TRY(observe(world.store.state(), executor, world.catalog(), "test", listed_drivers(world), {}));
  return make_plan(test::wanted_of(shape), now, schemas_of(world), test::options_of(shape));
}

bool converge(World& world, const test::Shape& shape, std::uint64_t seed) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    calm(world);
    const Outcome outcome = apply(world, shape, seed + static_cast<std::uint64_t>(attempt));
    if (outcome.is_done() && outcome.plan.empty()) return true;
  }
  return false;
}

}  // namespace skep::sim
