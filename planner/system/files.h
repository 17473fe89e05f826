// Seam 3 of 6: files. Small texts, whole and atomic; nobody else opens a file of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/base/result.h"

namespace skep {

class Files {
 public:
  virtual ~Files() = default;

  /// The whole file. Errors: not_found, denied (permissions), invalid_input (a directory, or more than `limit_bytes`),
  /// unavailable (I/O error).
  virtual Result<std::string> read(const std::string& path, std::size_t limit_bytes = 16u << 20) const = 0;

  /// Replaces the file atomically and durably: temporary file beside it, fsync, rename, fsync of the folder.
  /// `mode` as in chmod. Errors: denied, exhausted (disk full), not_found (no such folder), unavailable.
  virtual Result<void> write(const std::string& path, std::string_view content, unsigned mode = 0600) = 0;

  virtual bool exists(const std::string& path) const = 0;  // follows links
  virtual Result<std::vector<std::string>> list(
      const std::string& path) const = 0;  // names, sorted; not_found if absent
  virtual Result<void> make_directories(const std::string& path, unsigned mode = 0755) = 0;
  virtual Result<void> destroy(const std::string& path) = 0;       // file or empty folder; absent is success
  virtual Result<void> destroy_tree(const std::string& path) = 0;  // never crosses into another mount
};

class SystemFiles final : public Files {
 public:
  Result<std::string> read(const std::string& path, std::size_t limit_bytes) const override;
  Result<void> write(const std::string& path, std::string_view content, unsigned mode) override;
  bool exists(const std::string& path) const override;
  Result<std::vector<std::string>> list(const std::string& path) const override;
  Result<void> make_directories(const std::string& path, unsigned mode) override;
  Result<void> destroy(const std::string& path) override;
  Result<void> destroy_tree(const std::string& path) override;
};

}  // namespace skep
