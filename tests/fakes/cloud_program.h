// What the programs of the simulated clouds share: their options, the server, the folder of machines.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "planner/base/json.h"
#include "planner/system/http.h"
#include "tests/fakes/cloud_api.h"

namespace skep::testing {

/// PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS] [--sold-out TYPE@PLACE] [--machines FOLDER]
struct ProgramOptions {
  int port = 0;
  double speed = 1.0;
  std::chrono::milliseconds lag{0};
  std::optional<int> rate;
  std::set<std::pair<std::string, std::string>> sold_out;
  std::string machines;
};
/// Nothing, with the usage on stderr, when they cannot be read.
std::optional<ProgramOptions> parse_program(int argc, char** argv);

/// {name, address, private_address, user_data} of a machine that is ready; `is_ready` false: it exists, no more.
struct ProgramMachine {
  std::string name;
  bool is_ready = true;
  Json file;
};

struct Program {
  std::function<Response(const Request&, CloudTime)> handle;  // one call at a time
  std::function<std::vector<ProgramMachine>()> machines;
  std::function<std::vector<std::string>(const std::string& url)> greeting;  // lines that say how to reach it
};
/// Serves until stdin ends. In the folder of machines each has a file NAME.json as long as it exists: for a script that
/// backs them with machines of this computer.
int serve(const Program& program, const ProgramOptions& options);

}  // namespace skep::testing
