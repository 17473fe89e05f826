#include "fault_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <new>
#include <optional>
#include <random>
#include <sstream>
#include <vector>

namespace skep {
namespace fault_layer {  // its calls bear the names of the system's own
namespace {

/// A change that no sync has made durable yet: bytes at an offset, or a new size.
struct Change {
  sqlite3_int64 offset = 0;
  std::string bytes;
  bool is_truncation = false;
};

/// What a power cut could leave of a file.
struct Tracked {
  std::optional<std::string> durable;  // nothing: it would not even be there
  std::vector<Change> since = {};
  bool is_destroyed = false;  // but its folder was not synced
};

struct Layer {
  sqlite3_vfs* below = nullptr;
  Fault fault;
  int operation_count = 0;
  std::string last;
  int last_errno = 0;
  std::map<std::string, Tracked> files = {};
};
Layer* layer = nullptr;

struct FaultFile {
  sqlite3_file base;
  const std::string* path;  // nullptr: a temporary file, of which nothing survives anyway
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& ours(sqlite3_file* file) { return *reinterpret_cast<FaultFile*>(file); }
sqlite3_file* below(sqlite3_file* file) { return ours(file).below(); }

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void carry_out(const Change& change, std::string& content) {
  const auto offset = static_cast<std::size_t>(change.offset);
  if (change.is_truncation) return content.resize(offset);
  if (content.size() < offset + change.bytes.size()) content.resize(offset + change.bytes.size());
  content.replace(offset, change.bytes.size(), change.bytes);
}

/// Leaves of each file what was durable, and of what came since a part that `chance` chooses.
[[noreturn]] void lose_power() {
  std::mt19937_64 numbers(layer->fault.chance);
  const auto keeps = [&] { return layer->fault.chance != 0 && numbers() % 2 == 0; };
  for (auto& [path, file] : layer->files) {
    if (file.since.empty() && !file.is_destroyed) continue;
    if (!file.is_destroyed && !std::filesystem::exists(path)) _exit(exit_unsynced);
    if (file.is_destroyed && keeps()) continue;  // it is gone for good
    const bool stays_new = !file.durable && keeps();
    if (!file.durable && !stays_new) {
      std::filesystem::remove(path);
      continue;
    }
    std::string content = file.durable.value_or("");
    for (auto& change : file.since) {
      if (!keeps()) continue;
      if (!change.is_truncation && numbers() % 4 == 0) change.bytes.resize(change.bytes.size() / 2);
      carry_out(change, content);
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
  _exit(exit_by_fault);
}

/// Counts an operation. True when it is to fail as an error; does not return where the process ends.
bool strikes(const char* what, const char* path) {
  ++layer->operation_count;
  const char* name = path == nullptr ? "a temporary file" : path;
  layer->last = std::string(what) + " " + (std::strrchr(name, '/') == nullptr ? name : std::strrchr(name, '/') + 1);
  const Fault& fault = layer->fault;
  const bool is_due = layer->operation_count == fault.at || (fault.stays && layer->operation_count > fault.at);
  if (fault.kind == Fault::Kind::none || !is_due) return false;
  if (fault.kind == Fault::Kind::killed) _exit(exit_by_fault);
  if (fault.kind == Fault::Kind::power_lost) lose_power();
  layer->last_errno = fault.kind == Fault::Kind::full ? ENOSPC : EIO;
  return true;
}

int error_code(int of_device) { return layer->fault.kind == Fault::Kind::full ? SQLITE_FULL : of_device; }

bool is_next(Fault::Kind kind) { return layer->fault.kind == kind && layer->operation_count + 1 == layer->fault.at; }

Tracked* tracked(sqlite3_file* file) {
  return ours(file).path == nullptr ? nullptr : &layer->files.at(*ours(file).path);
}

const char* path_of(sqlite3_file* file) { return ours(file).path == nullptr ? nullptr : ours(file).path->c_str(); }

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Tracked* record = tracked(file);
  const auto* text = static_cast<const char*>(bytes);
  if (record != nullptr) record->since.push_back({offset, std::string(text, static_cast<std::size_t>(count))});
  if (is_next(Fault::Kind::killed)) (void)below(file)->pMethods->xWrite(below(file), bytes, count / 2, offset);
  if (strikes("write", path_of(file))) {
    (void)below(file)->pMethods->xWrite(below(file), bytes, count / 2,
                                        offset);  // a disk that is full takes what it can
    return error_code(SQLITE_IOERR_WRITE);
  }
  return below(file)->pMethods->xWrite(below(file), bytes, count, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (strikes("truncate", path_of(file))) return SQLITE_IOERR_TRUNCATE;
  if (Tracked* record = tracked(file); record != nullptr) record->since.push_back({size, "", true});
  return below(file)->pMethods->xTruncate(below(file), size);
}

/// The disk itself is left alone: what counts as durable is kept here, and is so in no time.
int sync(sqlite3_file* file, int) {
  if (strikes("sync", path_of(file))) return error_code(SQLITE_IOERR_FSYNC);
  Tracked* record = tracked(file);
  if (record == nullptr) return SQLITE_OK;
  record->durable = content_of(*ours(file).path);
  record->since.clear();
  return SQLITE_OK;
}

int close(sqlite3_file* file) { return below(file)->pMethods->xClose(below(file)); }
int read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  return below(file)->pMethods->xRead(below(file), bytes, count, offset);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) { return below(file)->pMethods->xFileSize(below(file), size); }
int lock(sqlite3_file* file, int level) { return below(file)->pMethods->xLock(below(file), level); }
int unlock(sqlite3_file* file, int level) { return below(file)->pMethods->xUnlock(below(file), level); }
int check_reserved_lock(sqlite3_file* file, int* is_locked) {
  return below(file)->pMethods->xCheckReservedLock(below(file), is_locked);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return below(file)->pMethods->xFileControl(below(file), operation, argument);
}
int sector_size(sqlite3_file* file) { return below(file)->pMethods->xSectorSize(below(file)); }
/// No promises: a page may be torn, and writes may land in any order.
int device_characteristics(sqlite3_file*) { return 0; }

int shm_map(sqlite3_file* file, int page, int bytes, int extends, void volatile** memory) {
  if (extends != 0 && strikes("map", path_of(file))) return error_code(SQLITE_IOERR_SHMMAP);
  return below(file)->pMethods->xShmMap(below(file), page, bytes, extends, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
int shm_unmap(sqlite3_file* file, int destroys) { return below(file)->pMethods->xShmUnmap(below(file), destroys); }

constexpr sqlite3_io_methods methods = {2,
                                        close,
                                        read,
                                        write,
                                        truncate,
                                        sync,
                                        file_size,
                                        lock,
                                        unlock,
                                        check_reserved_lock,
                                        file_control,
                                        sector_size,
                                        device_characteristics,
                                        shm_map,
                                        shm_lock,
                                        shm_barrier,
                                        shm_unmap,
                                        nullptr,
                                        nullptr};

int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  FaultFile& opened = *new (file) FaultFile{};
  if (strikes("open", path)) return error_code(SQLITE_CANTOPEN);
  if (path != nullptr) {
    const auto [entry, is_new] = layer->files.try_emplace(path);
    // What is there at first counts as durable; what comes again after it was destroyed does not.
    if (is_new) entry->second.durable = content_of(path);
    entry->second.is_destroyed = false;
    opened.path = &entry->first;
  }
  const int code = layer->below->xOpen(layer->below, path, opened.below(), flags, flags_out);
  if (opened.below()->pMethods != nullptr) opened.base.pMethods = &methods;
  return code;
}

int destroy(sqlite3_vfs*, const char* path, int syncs_folder) {
  if (strikes("destroy", path)) return SQLITE_IOERR_DELETE;
  const int code = layer->below->xDelete(layer->below, path, syncs_folder);
  if (code != SQLITE_OK) return code;
  const auto found = layer->files.find(path);
  if (found == layer->files.end()) return code;
  found->second.since.clear();
  found->second.is_destroyed = syncs_folder == 0 && found->second.durable.has_value();
  if (!found->second.is_destroyed) found->second.durable.reset();
  return code;
}

int last_error(sqlite3_vfs*, int, char*) {
  return layer->last_errno != 0 ? layer->last_errno : layer->below->xGetLastError(layer->below, 0, nullptr);
}

}  // namespace
}  // namespace fault_layer

using fault_layer::layer;

void install_fault_vfs(const Fault& fault) {
  static fault_layer::Layer the_layer;
  layer = &the_layer;
  layer->fault = fault;
  layer->below = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs vfs = *layer->below;  // what is not ours goes below as it is
  vfs.zName = "fault";
  vfs.szOsFile = static_cast<int>(sizeof(fault_layer::FaultFile)) + layer->below->szOsFile;
  vfs.xOpen = fault_layer::open;
  vfs.xDelete = fault_layer::destroy;
  vfs.xGetLastError = fault_layer::last_error;
  sqlite3_vfs_register(&vfs, 1);
}

int fault_vfs_operations() { return layer->operation_count; }

const std::string& fault_vfs_last() { return layer->last; }

}  // namespace skep
