#include "planner/store/schema.h"

namespace skep {

// Attributes are JSON texts with sorted keys, lists of ids are one id a line. `applied` is NULL where it is the same as
// `inputs`. Times are seconds since 1970. A format that an older skep cannot read gets the next user_version.
const char* const state_schema_1 = R"sql(
PRAGMA application_id = 0x736B6570;
PRAGMA user_version = 1;

CREATE TABLE meta (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  lineage    TEXT NOT NULL,
  digest_key TEXT NOT NULL,
  serial     INTEGER NOT NULL,
  written    INTEGER NOT NULL
) STRICT;

CREATE TABLE records (
  kind          TEXT NOT NULL,
  name          TEXT NOT NULL,
  generation    INTEGER NOT NULL,
  driver        TEXT NOT NULL,
  node          TEXT NOT NULL,
  pool          TEXT NOT NULL,
  protect       INTEGER NOT NULL,
  needs         TEXT NOT NULL,
  vanishes_with TEXT NOT NULL,
  inputs        TEXT NOT NULL,
  applied       TEXT,
  remote_id     TEXT NOT NULL,
  attributes    TEXT NOT NULL,
  PRIMARY KEY (kind, name, generation)
) STRICT;

CREATE TABLE intents (
  kind          TEXT NOT NULL,
  name          TEXT NOT NULL,
  generation    INTEGER NOT NULL,
  driver        TEXT NOT NULL,
  node          TEXT NOT NULL,
  pool          TEXT NOT NULL,
  protect       INTEGER NOT NULL,
  needs         TEXT NOT NULL,
  vanishes_with TEXT NOT NULL,
  inputs        TEXT NOT NULL,
  action        TEXT NOT NULL,
  PRIMARY KEY (kind, name, generation)
) STRICT;

CREATE TABLE lock (
  one           INTEGER PRIMARY KEY CHECK (one = 1),
  token         TEXT NOT NULL,
  user          TEXT NOT NULL,
  host          TEXT NOT NULL,
  pid           INTEGER NOT NULL,
  operation     TEXT NOT NULL,
  job_url       TEXT NOT NULL,
  since         INTEGER NOT NULL,
  started       INTEGER NOT NULL,
  boot_id       TEXT NOT NULL,
  pid_namespace TEXT NOT NULL,
  machine_id    TEXT NOT NULL,
  host_name     TEXT NOT NULL
) STRICT;

CREATE TABLE history (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  token         TEXT NOT NULL,
  started       INTEGER NOT NULL,
  ended         INTEGER NOT NULL,
  operation     TEXT NOT NULL,
  user          TEXT NOT NULL,
  host          TEXT NOT NULL,
  commit_id     TEXT NOT NULL,
  summary       TEXT NOT NULL,
  outcome       TEXT NOT NULL,
  serial_before INTEGER NOT NULL,
  serial_after  INTEGER NOT NULL
) STRICT;
)sql";

const char* const state_schema_2 = R"sql(
PRAGMA user_version = 2;
ALTER TABLE history ADD COLUMN change_id TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN job_url TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN plan_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN step_count INTEGER NOT NULL DEFAULT 0;
CREATE TABLE history_steps (
  entry      INTEGER NOT NULL,
  resource   TEXT NOT NULL,
  step       INTEGER NOT NULL,
  action     TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  elapsed_ms INTEGER NOT NULL,
  PRIMARY KEY (entry, resource, step)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace skep
