// What the fuzz targets share: an input in several parts, seams that reach nothing, and a way to fail.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "planner/system/files.h"
#include "planner/system/processes.h"
#include "planner/system/ssh.h"
#include "providers/builtin.h"
#include "tests/fakes/http_script.h"

namespace skep::fuzz {

/// Stops the run as a crash does: the property `what` does not hold.
inline void require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

/// The parts of an input, between lines of "%%".
inline std::vector<std::string> parts_of(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view separator = "\n%%\n";
  std::vector<std::string> parts;
  for (std::size_t from = 0;;) {
    const auto to = text.find(separator, from);
    parts.emplace_back(text.substr(from, to == std::string_view::npos ? to : to - from));
    if (to == std::string_view::npos) return parts;
    from = to + separator.size();
  }
}

class NoSsh final : public Ssh {
 public:
  Result<Exit> run(const Endpoint&, const Script&, const Context&) override {
    return Error{ErrorCode::internal, "there are no hosts here"};
  }
};

/// All providers over seams of which the fuzz targets use only time and HTTP.
struct World {
  explicit World(Http& to) : http(to) {}

  SystemFiles files;
  SystemProcesses processes;
  testing::ManualClock clock;
  testing::SameBytes random{0x42};
  Http& http;
  NoSsh ssh;
  std::vector<std::unique_ptr<Provider>> providers =
      make_providers({.files = files,
                      .processes = processes,
                      .clock = clock,
                      .random = random,
                      .http = http,
                      .variables = {{"HCLOUD_TOKEN", std::string(64, 'k')},
                                    {"DIGITALOCEAN_TOKEN", "dop_v1_" + std::string(64, 'a')}}});
};

}  // namespace skep::fuzz
