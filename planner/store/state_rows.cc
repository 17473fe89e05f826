#include "planner/store/state_rows.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

// The columns of a Resource, in the order in which they are read and bound; both tables begin with them.
constexpr const char* select_records =
    "SELECT kind, name, generation, driver, node, pool, protect, needs, vanishes_with, inputs,"
    " applied, remote_id, attributes FROM records";
constexpr const char* select_intents =
    "SELECT kind, name, generation, driver, node, pool, protect, needs, vanishes_with, inputs, action FROM intents";
constexpr int first_own_column = 10;

// A row that would stay as it is does not count as changed.
constexpr const char* upsert_record =
    "INSERT INTO records VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    " ON CONFLICT (kind, name, generation) DO UPDATE SET driver = ?4, node = ?5, pool = ?6, protect = ?7, needs = ?8,"
    " vanishes_with = ?9, inputs = ?10, applied = ?11, remote_id = ?12, attributes = ?13"
    " WHERE (driver, node, pool, protect, needs, vanishes_with, inputs, applied, remote_id, attributes)"
    " IS NOT (?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
constexpr const char* upsert_intent =
    "INSERT OR REPLACE INTO intents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

std::string ids_text(const std::vector<ResourceId>& ids) {
  std::string text;
  for (const auto& id : ids) text += to_text(id) + "\n";
  return text;
}

// --- reading ---

Error damaged(const Database& database, std::string_view what) {
  return {.code = ErrorCode::invalid_input,
          .message = database.path() + ": damaged: " + std::string(what),
          .hint = "restore the file from a backup, or move it away: what exists is then found by its labels"};
}

Result<std::vector<ResourceId>> ids_of(const Database& database, std::string_view text) {
  std::vector<ResourceId> ids;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto id = parse_resource_id(text.substr(0, end));
    if (!id) return damaged(database, "\"" + std::string(text.substr(0, end)) + "\" is no resource id");
    ids.push_back(*std::move(id));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

Result<Resource> resource_of(const Database& database, const Statement& row) {
  Resource resource;
  resource.id = {std::string(row.text(0)), std::string(row.text(1)), static_cast<int>(row.integer(2))};
  resource.driver = row.text(3);
  resource.node = row.text(4);
  resource.pool = row.text(5);
  resource.protect = row.integer(6) != 0;
  resource.needs = TRY(ids_of(database, row.text(7)));
  resource.vanishes_with = TRY(ids_of(database, row.text(8)));
  resource.inputs = TRY(parse_json(row.text(9), database.path() + ": inputs of " + to_text(resource.id)));
  return resource;
}

Result<Record> record_of(const Database& database, const Statement& row) {
  Record record;
  record.resource = TRY(resource_of(database, row));
  const auto what = [&](const char* column) {
    return database.path() + ": " + column + " of " + to_text(record.resource.id);
  };
  const bool is_as_wanted = row.is_null(first_own_column);
  record.applied = is_as_wanted ? record.resource.inputs : TRY(parse_json(row.text(first_own_column), what("applied")));
  record.object.remote_id = row.text(first_own_column + 1);
  record.object.attributes = TRY(parse_json(row.text(first_own_column + 2), what("attributes")));
  return record;
}

Result<Intent> intent_of(const Database& database, const Statement& row) {
  Intent intent;
  intent.resource = TRY(resource_of(database, row));
  const std::string_view name = row.text(first_own_column);
  const auto action = step_action_of(name);
  if (!action)
    return damaged(database, "unknown action \"" + std::string(name) + "\" of " + to_text(intent.resource.id));
  intent.action = *action;
  return intent;
}

// --- writing ---

/// The statements of one transaction, each prepared when it is first needed.
class Writer {
 public:
  explicit Writer(Database& database) : database_(database) {}

  Result<void> write(const Begin& begin) {
    const Texts texts(begin.resource);
    Statement& statement = *TRY(prepared(upsert_intent_, upsert_intent));
    bind_resource(statement, begin.resource, texts).bind(first_own_column + 1, step_action_name(begin.action));
    return statement.run();
  }

  Result<void> write(const Finish& finish) {
    assert(!finish.record || finish.record->resource.id == finish.id);
    TRY(close_intent(finish.id));
    TRY(finish.record ? put(*finish.record) : take(finish.id));
    changed_count_ += database_.changed();
    return {};
  }

  Result<void> write(const Abandon& abandon) { return close_intent(abandon.id); }

  std::int64_t changed_count() const { return changed_count_; }

 private:
  struct Texts {
    explicit Texts(const Resource& resource)
        : needs(ids_text(resource.needs)),
          vanishes_with(ids_text(resource.vanishes_with)),
          inputs(dump_json(resource.inputs)) {}
    std::string needs, vanishes_with, inputs;
  };

  Result<Statement*> prepared(std::optional<Statement>& statement, const char* sql) {
    if (!statement) statement = TRY(database_.prepare(sql));
    return &*statement;
  }

  static Statement& bind_id(Statement& statement, const ResourceId& id) {
    return statement.bind(1, id.kind).bind(2, id.name).bind(3, std::int64_t{id.generation});
  }

  static Statement& bind_resource(Statement& statement, const Resource& resource, const Texts& texts) {
    return bind_id(statement, resource.id)
        .bind(4, resource.driver)
        .bind(5, resource.node)
        .bind(6, resource.pool)
        .bind(7, std::int64_t{resource.protect})
        .bind(8, texts.needs)
        .bind(9, texts.vanishes_with)
        .bind(10, texts.inputs);
  }

  Result<void> put(const Record& record) {
    const Texts texts(record.resource);
    const std::string applied = dump_json(record.applied);
    const std::string attributes = dump_json(record.object.attributes);
    Statement& statement = *TRY(prepared(upsert_record_, upsert_record));
    bind_resource(statement, record.resource, texts);
    applied == texts.inputs ? statement.bind_null(11) : statement.bind(11, applied);
    statement.bind(12, record.object.remote_id).bind(13, attributes);
    return statement.run();
  }

  Result<void> take(const ResourceId& id) {
    constexpr const char* sql = "DELETE FROM records WHERE kind = ?1 AND name = ?2 AND generation = ?3";
    return bind_id(*TRY(prepared(take_record_, sql)), id).run();
  }

  Result<void> close_intent(const ResourceId& id) {
    constexpr const char* sql = "DELETE FROM intents WHERE kind = ?1 AND name = ?2 AND generation = ?3";
    return bind_id(*TRY(prepared(close_intent_, sql)), id).run();
  }

  Database& database_;
  std::int64_t changed_count_ = 0;
  std::optional<Statement> upsert_intent_, close_intent_, upsert_record_, take_record_;
};

}  // namespace

Result<State> load_rows(Database& database) {
  State state;
  Statement meta = TRY(database.prepare("SELECT serial, lineage, digest_key FROM meta"));
  if (!TRY(meta.step())) return damaged(database, "its first table is empty");
  state.serial = meta.integer(0);
  state.lineage = meta.text(1);
  state.digest_key = meta.text(2);

  Statement records = TRY(database.prepare(select_records));
  while (TRY(records.step())) {
    Record record = TRY(record_of(database, records));
    ResourceId id = record.resource.id;
    state.records.insert_or_assign(state.records.end(), std::move(id), std::move(record));
  }
  Statement intents = TRY(database.prepare(select_intents));
  while (TRY(intents.step())) state.open.push_back(TRY(intent_of(database, intents)));
  std::ranges::sort(state.open, {}, [](const Intent& intent) { return intent.resource.id; });
  return state;
}

Result<void> write_rows(Database& database, std::span<const Entry> entries, std::int64_t written) {
  Writer writer(database);
  for (const auto& entry : entries) {
    TRY(std::visit([&](const auto& one) { return writer.write(one); }, entry));
  }
  if (writer.changed_count() == 0) return {};
  Statement meta = TRY(database.prepare("UPDATE meta SET serial = serial + ?1, written = ?2"));
  return meta.bind(1, writer.changed_count()).bind(2, written).run();
}

Result<void> replace_rows(Database& database, const State& state, std::int64_t written) {
  for (const char* table : {"DELETE FROM records", "DELETE FROM intents"}) TRY(TRY(database.prepare(table)).run());
  std::vector<Entry> entries;
  for (const auto& [id, record] : state.records) entries.emplace_back(Finish{id, record});
  for (const auto& intent : state.open) entries.emplace_back(Begin{intent.action, intent.resource});
  TRY(write_rows(database, entries, written));
  Statement meta = TRY(database.prepare("UPDATE meta SET lineage = ?1, digest_key = ?2, serial = ?3, written = ?4"));
  return meta.bind(1, state.lineage).bind(2, state.digest_key).bind(3, state.serial).bind(4, written).run();
}

}  // namespace skep
