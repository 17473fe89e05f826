#include "tests/sim/world.h"

#include <algorithm>
#include <set>

#include "planner/engine/observe.h"
#include "tests/sim/sim_driver.h"

namespace skep::sim {

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
  cloud.takes_volumes_along = mutant == Mutant::takes_volumes_along;
}

World::~World() = default;

void World::point(Call call) {
  const std::uint64_t next = faults.points + 1;
  if (next == faults.stop_at) counts.add(Fault::stop, call);
  if (next == faults.crash_at) counts.add(Fault::crash, call);
  if (next == faults.loss.at) lose_node(call);
  scheduler->point();
}

void World::lose_node(Call call) {
  const std::string* machine = nullptr;
  int newest = 0;
  for (const auto& [id, thing] : cloud.things) {
    if (thing.driver != "test.server" || thing.owner.name != faults.loss.node || thing.is_off) continue;
    if (thing.owner.generation < newest) continue;
    newest = thing.owner.generation;
    machine = &id;
  }
  if (machine == nullptr || !cloud.can_lose(*machine)) return;
  counts.add(faults.loss.is_for_good ? Fault::machine_lost : Fault::power_off, call);
  if (faults.loss.is_for_good) return cloud.lose(std::string(*machine));
  cloud.things.at(*machine).is_off = true;
  ++cloud.losses;
}

namespace {

// The journal as skep sees it: every call is a point before and after, and a mutant may be in between.
class SimJournal final : public Journal {
 public:
  explicit SimJournal(World& world) : world_(world) {}

  Result<void> record(std::span<const Entry> entries) override {
    if (begins_anything(entries) && world_.faults.stop.stop_requested())
      world_.cloud.violations.emplace_back("something was begun after skep was asked to stop");
    world_.point(Call::record);
    if (world_.scheduler->happens(world_.faults.of(Fault::disk_full))) {
      world_.counts.add(Fault::disk_full, Call::record);
      return Error{.code = ErrorCode::exhausted, .message = "no space left on device"};
    }
    std::vector<Entry> kept(entries.begin(), entries.end());
    if (world_.mutant == Mutant::skips_begin)
      std::erase_if(kept, [](const Entry& entry) { return std::holds_alternative<Begin>(entry); });
    if (world_.mutant == Mutant::records_late) std::swap(kept, late_);
    TRY(world_.store.record(kept));
    world_.cloud.is_swarm_told = world_.store.state().records.contains({"swarm", "main"});
    world_.point(Call::record);
    return {};
  }

 private:
  // What came into being along with a swarm is written down with it, whatever happens.
  bool begins_anything(std::span<const Entry> entries) {
    bool is_along = false;
    bool begins = false;
    for (const Entry& entry : entries) {
      const auto* finish = std::get_if<Finish>(&entry);
      if (finish) is_along = finish->record && finish->id.kind == "swarm";
      const auto* begin = std::get_if<Begin>(&entry);
      if (begin && is_along) world_.along.insert(begin->resource.id);
      begins = begins || (begin && !is_along);
    }
    return begins;
  }

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
    ended_.insert(id);
    --in_pool_[plan_.steps[id].resource.pool];
  }
  std::vector<ResourceId> running() const {
    std::vector<ResourceId> ids;
    for (const StepId id : running_) ids.push_back(plan_.steps[id].resource.id);
    return ids;
  }

 private:
  bool is_durable(const Step& step) const {
    if (step.action == StepAction::prepare) return ended_.contains(step.id);  // no journal knows of it
    if (is_followed(step)) return true;
    const auto& records = world_.store.state().records;
    const auto record = records.find(step.resource.id);
    if (step.action == StepAction::destroy || step.action == StepAction::forget) return record == records.end();
    return record != records.end() && record->second.resource == step.resource;
  }
  // What another step on the same resource, which waited for it, has changed since.
  bool is_followed(const Step& step) const {
    const auto is_later = [&](StepId id) { return id > step.id && plan_.steps[id].resource.id == step.resource.id; };
    return ended_.contains(step.id) &&
           (std::ranges::any_of(ended_, is_later) || std::ranges::any_of(running_, is_later));
  }
  void note(std::string violation) { world_.cloud.violations.push_back(std::move(violation)); }

  World& world_;
  const Plan& plan_;
  std::map<std::string, std::uint32_t> in_pool_ = {};
  std::set<StepId> running_ = {};
  std::set<StepId> ended_ = {};
};

Plan mutated(const World& world, Plan plan) {
  if (world.mutant == Mutant::ignores_pools) plan.pools.clear();
  for (auto& step : plan.steps) {
    const bool is_demotion = step.resource.id.kind == "swarm_manager" && step.action == StepAction::destroy;
    const bool is_move = step.resource.id.kind == "volume" && step.action == StepAction::update;
    std::erase_if(step.after, [&](StepId before) {
      const Step& earlier = plan.steps[before];
      const std::string& pool = step.resource.pool;
      if (world.mutant == Mutant::ignores_pools) return !pool.empty() && earlier.resource.pool == pool;
      if (world.mutant == Mutant::demotes_early) return is_demotion;
      if (world.mutant == Mutant::detaches_mounted) return is_move && earlier.action != StepAction::create;
      return world.mutant == Mutant::ignores_waves && earlier.resource.node != step.resource.node;
    });
  }
  return plan;
}

// With all that makes way for others in a plan.
std::vector<Resource> wanted_by(test::Shape shape) {
  shape.is_balanced = shape.says_availability = true;
  return test::wanted_of(shape);
}

// The most machines of a pool but for the one to spare: one for each node, and those that nothing wants any more.
std::size_t machines_of(const FakeCloud& cloud, const test::PoolShape& pool) {
  std::size_t unwanted = 0;
  for (const auto& [id, thing] : cloud.things)
    if (thing.driver == "test.server" && thing.inputs.at("labels").at("pool") == pool.name)
      unwanted += std::ranges::find(pool.nodes, thing.owner.name) == pool.nodes.end() ? 1 : 0;
  return pool.nodes.size() + unwanted;
}

// A pool of managers that has not come together yet has nothing that a wave could protect: all of its nodes must join
// before the first is promoted, those that are replaced already as well.
bool is_formed(const FakeCloud& cloud, const test::PoolShape& pool) {
  const std::size_t managers = cloud.count("host.swarm_manager");
  return !pool.is_manager || (managers > 0 && managers >= machines_of(cloud, {.name = pool.name}));
}

Permissions permissions(const FakeCloud& cloud, const Plan& plan, const test::Shape& shape) {
  Permissions may = {.is_torn_down = shape.pools.empty(), .destroys = std::set<ResourceId>()};
  for (const Step& step : plan.steps)
    if (step.action == StepAction::destroy) may.destroys->insert(step.resource.id);
  for (const auto& pool : shape.pools) {
    if (is_formed(cloud, pool)) may.machines[pool.name] = machines_of(cloud, pool) + 1;
    if (shape.has_volumes && !pool.is_manager) may.wanted_volumes.insert(pool.nodes.begin(), pool.nodes.end());
  }
  return may;
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
  Duration jumped_at_stop = {};

  Run(World& in, std::uint64_t seed) : world(in), scheduler(seed, in.faults, in.now) { world.scheduler = &scheduler; }
  ~Run() {
    world.scheduler = nullptr;
    world.now = scheduler.now() + std::chrono::seconds(60 + scheduler.below(600));
  }
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
    world.losses_when_planned = world.cloud.losses;  // what is lost from now on, the plan may not know
    if (world.mutant == Mutant::forgets_open) state.open.clear();
    auto now = observe(state, run_it, world.catalog(), "test", listed_drivers(world), stop);
    if (!now.ok()) return fail(now.error());
    auto plan = make_plan(wanted_by(shape), now.value(), schemas_of(world), test::options_of(shape));
    if (!plan.ok()) return fail(plan.error());
    outcome.plan = std::move(plan).value();
    world.cloud.may = permissions(world.cloud, outcome.plan, shape);
    Watch watch(world, outcome.plan);
    scheduler.on_start = [&](StepId step) { watch.started(step); };
    scheduler.on_end = [&](StepId step) { watch.ended(step); };
    scheduler.on_stop = [&] {
      stopped_at = scheduler.now();
      jumped_at_stop = scheduler.jumped();
      outcome.running_at_stop = watch.running();
    };
    SimJournal journal(world);
    auto summary = run_it.run(mutated(world, outcome.plan), journal, stop);
    if (!summary.ok()) return fail(summary.error());
    outcome.summary = std::move(summary).value();
    if (stopped_at != Instant{})
      outcome.after_stop = scheduler.now() - stopped_at - (scheduler.jumped() - jumped_at_stop);
  }
  void fail(const Error& error) { outcome.error = error; }
};

std::string outcome_text(const World& world, const Outcome& outcome) {
  std::string text = "run:" + test::plan_text(outcome.plan);
  if (outcome.is_crashed) text += "  crashed\n";
  if (outcome.error) text += "  error: " + outcome.error->message + "\n";
  if (outcome.summary && outcome.summary->stopped) text += "  stopped\n";
  if (outcome.summary)
    for (const auto& failure : outcome.summary->failures)
      text += "  failed: " + to_text(failure.id) + ": " + failure.error.message + "\n";
  for (const auto& intent : world.store.state().open) text += "  open: " + to_text(intent.resource.id) + "\n";
  for (const auto& violation : world.cloud.violations) text += "  violation: " + violation + "\n";
  return text;
}

}  // namespace

Outcome apply(World& world, const test::Shape& shape, std::uint64_t seed) {
  static std::uint64_t moments = 0;  // what a clock is to a mutant: something that the seed does not decide
  if (world.mutant == Mutant::uses_the_clock) seed += ++moments;
  world.cloud.in_service.clear();
  Run run(world, seed);
  try {
    run.go(shape);
  } catch (const Crash&) {
    run.outcome.is_crashed = true;
  }
  if (world.trace) world.trace(outcome_text(world, run.outcome));
  return std::move(run.outcome);
}

void calm(World& world) { world.faults = Faults{}; }

Result<Plan> plan_now(World& world, const test::Shape& shape) {
  calm(world);
  Run run(world, 1);
  auto executor = run.executor();
  const State now = TRY(observe(world.store.state(), executor, world.catalog(), "test", listed_drivers(world), {}));
  return make_plan(wanted_by(shape), now, schemas_of(world), test::options_of(shape));
}

bool converge(World& world, const test::Shape& shape, std::uint64_t seed) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    calm(world);
    const Outcome outcome = apply(world, shape, seed + static_cast<std::uint64_t>(attempt));
    if (outcome.is_done() && outcome.plan.empty()) return true;
    if (outcome.error && outcome.error->code == ErrorCode::refused) world.cloud.power_all_on();
  }
  return false;
}

}  // namespace skep::sim
