#include "planner/store/state_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>

#include "planner/base/text.h"
#include "planner/store/new_state.h"
#include "planner/store/schema.h"
#include "planner/system/descriptor.h"
#include "planner/system/files.h"

namespace skep {

namespace {

constexpr off_t log_header_bytes = 32;
constexpr const char* passing_mark = ".new-";
constexpr std::int64_t left_over_seconds = 3600;
constexpr std::array<const char*, 4> file_endings = {"", "-wal", "-shm", "-journal"};
constexpr int attempt_limit = 20;  // to look at a file that is being rewritten all the time

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// What can be seen of a file from outside; nothing when it is absent.
struct Outline {
  ino_t inode = 0;
  off_t bytes = 0;
  std::int64_t changed_ns = 0;
  mode_t mode = 0;
  bool operator==(const Outline&) const = default;
};

Result<std::optional<Outline>> outline_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return std::optional<Outline>();
    return file_error(errno, path);
  }
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorCode::invalid_input, path + ": not a regular file, so no state file of skep",
                 "move it away: skep makes its state file there"};
  }
  const std::int64_t changed_ns = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return std::optional(Outline{status.st_ino, status.st_size, changed_ns, status.st_mode});
}

// Write-ahead logs need memory that all users of a file share, which no network file system gives.
bool is_on_network(const std::string& path) {
  static constexpr std::array<unsigned, 9> kinds = {0x6969 /*NFS*/,      0xFF534D42 /*CIFS*/,   0xFE534D42 /*SMB2*/,
                                                    0x65735546 /*FUSE*/, 0x01021997 /*9P*/,     0x5346414F /*AFS*/,
                                                    0x00C36400 /*Ceph*/, 0x0BD00BD0 /*Lustre*/, 0x01161970 /*GFS2*/};
  struct statfs status = {};
  if (::statfs(folder_of(path).c_str(), &status) != 0) return false;
  for (const auto kind : kinds) {
    if (static_cast<unsigned>(status.f_type) == kind) return true;
  }
  return false;
}

/// SQLite itself would open for reading what it may not write, and say so only later. It also makes files in the
/// folder.
Result<void> check_writable(const std::string& path) {
  for (const auto& target : {path, folder_of(path)}) {
    if (::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) return file_error(errno, path);
  }
  return {};
}

/// SQLite gives its two helper files the mode of the file itself, so that narrowing comes first.
Result<void> ensure_private(const std::string& path) {
  for (const auto* ending : file_endings) {
    const std::string file = path + ending;
    const auto outline = TRY(outline_of(file));
    if (!outline || (outline->mode & 0077) == 0) continue;
    if (::chmod(file.c_str(), 0600) != 0) return file_error(errno, "make " + file + " private");
  }
  return {};
}

/// True: ours. False: an empty file, which was made but never filled. Inside a transaction.
Result<bool> is_filled(Database& database) {
  const std::int64_t id = TRY(database.integer("PRAGMA application_id"));
  const std::int64_t format = TRY(database.integer("PRAGMA user_version"));
  if (id == state_application_id && format > state_format) {
    return Error{ErrorCode::invalid_input,
                 fmt::format("{} was written by a newer skep (format {}, this one knows {})", database.path(), format,
                             state_format),
                 "use that skep, or a newer one"};
  }
  if (id == state_application_id && format >= 1) return true;
  const std::int64_t table_count = TRY(database.integer("SELECT count(*) FROM sqlite_master"));
  if (id == 0 && format == 0 && table_count == 0) return false;
  return Error{ErrorCode::invalid_input, database.path() + ": a database, but no state file of skep",
               "move it away: skep makes its state file there"};
}

/// The same, seen at one moment: another process may be filling it.
Result<bool> is_filled_now(Database& database) {
  const Transaction moment = TRY(Transaction::begin(database, Transaction::Kind::read));
  return is_filled(database);
}

Result<void> fill(Database& database, Random& random, const Clock& clock) {
  Transaction transaction = TRY(Transaction::begin(database, Transaction::Kind::write));
  if (TRY(is_filled(database))) return {};  // somebody else was faster
  TRY(database.run(state_schema_1));
  TRY(database.run(state_schema_2));
  const State state = new_state(random);
  Statement meta = TRY(database.prepare("INSERT INTO meta VALUES (1, ?1, ?2, 0, ?3)"));
  TRY(meta.bind(1, state.lineage)
          .bind(2, state.digest_key)
          .bind(3, std::int64_t{clock.wall().time_since_epoch().count()})
          .run());
  return transaction.commit();
}

/// What an older skep made gets what it lacks.
Result<void> bring_up_to_date(Database& database) {
  if (TRY(database.integer("PRAGMA user_version")) == state_format) return {};
  Transaction transaction = TRY(Transaction::begin(database, Transaction::Kind::write));
  if (TRY(database.integer("PRAGMA user_version")) == state_format) return {};  // somebody else was faster
  TRY(database.run(state_schema_2));
  return transaction.commit();
}

Result<void> set_modes_of_writing(Database& database, const std::string& path) {
  const bool on_network = is_on_network(path);
  TRY(database.ensure_journal_mode(on_network ? "delete" : "wal"));
  return database.run(on_network ? "PRAGMA synchronous = EXTRA" : "PRAGMA synchronous = FULL");
}

// --- making the file ---

/// A file under a passing name, gone again at the end with all that SQLite put beside it.
class PassingFile {
 public:
  PassingFile(const std::string& target, Random& random) : path_(target + passing_mark + random_id(random)) {}
  ~PassingFile() {
    for (const auto* ending : file_endings) ::unlink((path_ + ending).c_str());
  }
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Gives the file its name, unless another has it already, whose owner was faster then.
Result<void> name_file(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 || errno == EEXIST) return {};
  if (errno != EINVAL && errno != ENOSYS) return file_error(errno, "make " + to);
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};  // network file systems
  return file_error(errno, "make " + to);
}

/// Passing files of processes that were killed. One that is being made is never that old.
Result<void> destroy_left_overs(const std::string& path) {
  const std::string folder = folder_of(path);
  const std::string begin = path.substr(path.rfind('/') + 1) + passing_mark;
  for (const auto& name : TRY(SystemFiles().list(folder))) {
    struct stat status = {};
    const std::string file = folder + "/" + name;
    if (!name.starts_with(begin) || ::stat(file.c_str(), &status) != 0) continue;
    if (::time(nullptr) - status.st_mtime > left_over_seconds) TRY(SystemFiles().destroy(file));
  }
  return {};
}

/// Makes the file whole before it gets its name: nobody ever sees half of one, whenever we are killed.
Result<void> make_file(const std::string& path, Random& random, const Clock& clock) {
  const std::string folder = folder_of(path);
  TRY(SystemFiles().make_directories(folder, 0700));
  const PassingFile passing(path, random);
  {
    const Descriptor made(::open(passing.path().c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!made.is_open() || ::fchmod(made.get(), 0600) != 0) return file_error(errno, "make " + path);
  }
  {
    Database database = TRY(Database::open(passing.path(), SQLITE_OPEN_READWRITE, path));
    TRY(fill(database, random, clock));
    TRY(set_modes_of_writing(database, path));
  }
  TRY(name_file(passing.path(), path));
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() || (::fsync(opened.get()) != 0 && errno != EINVAL)) return file_error(errno, "make " + path);
  return {};
}

// --- looking into it ---

std::string uri_of(const std::string& path, std::string_view options) {
  std::string escaped = replace_all(replace_all(replace_all(path, "%", "%25"), "?", "%3f"), "#", "%23");
  return "file:" + escaped + "?" + std::string(options);
}

/// Opens without a way to write, and looks if there is something to see.
Result<bool> look_by(const std::string& uri, const std::string& path,
                     const std::function<Result<void>(Database&)>& look) {
  Database database = TRY(Database::open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, path));
  Transaction moment = TRY(Transaction::begin(database, Transaction::Kind::read));
  if (!TRY(is_filled(database))) return false;
  TRY(look(database));
  return true;
}

}  // namespace

Result<Database> open_state_file(const std::string& path, Random& random, const Clock& clock) {
  if (!TRY(outline_of(path))) TRY(make_file(path, random, clock));
  TRY(check_writable(path));
  TRY(destroy_left_overs(path));
  TRY(ensure_private(path));
  Database database = TRY(Database::open(path, SQLITE_OPEN_READWRITE, path));
  if (database.is_read_only()) return file_error(EROFS, path);
  const bool was_filled = TRY(is_filled_now(database));  // before anything of it is changed
  TRY(set_modes_of_writing(database, path));
  if (!was_filled) TRY(fill(database, random, clock));
  TRY(bring_up_to_date(database));
  return database;
}

Result<bool> look_into_state_file(const std::string& path, const std::function<Result<void>(Database&)>& look) {
  for (int attempt = 1;; ++attempt) {
    const auto before = TRY(outline_of(path));
    if (!before || before->bytes == 0) return false;
    const auto log = TRY(outline_of(path + "-wal"));
    const bool has_log = log && log->bytes > log_header_bytes;
    // Killed between the header and the first page: SQLite 3.40 would try for ten seconds to read such a log.
    const bool is_header_only = log && log->bytes == log_header_bytes;
    const bool has_index = TRY(outline_of(path + "-shm")).has_value();
    const bool has_rollback = TRY(outline_of(path + "-journal")).has_value();
    if (has_rollback || is_on_network(path) || (has_log && !has_index)) {
      return look_by(uri_of(path, "mode=ro"), path, look);  // by locks alone; an index for the log has to be made
    }
    if (log && has_index && !is_header_only) {
      // Somebody writes, or was killed while he did. SQLite reads his index of the log without a note of its own.
      auto looked = look_by(uri_of(path, "readonly_shm=1"), path, look);
      if (looked.ok() || attempt == attempt_limit || TRY(outline_of(path)) == before) return looked;
      continue;
    }
    // Nobody writes: all is in the file itself, and "immutable" makes SQLite touch nothing else. If somebody begins
    // meanwhile, the file is as it was until he moves his log into it; then we look again.
    auto looked = look_by(uri_of(path, "immutable=1"), path, look);
    if (attempt == attempt_limit || TRY(outline_of(path)) == before) return looked;
  }
}

}  // namespace skep
