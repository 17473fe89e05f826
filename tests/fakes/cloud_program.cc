#include "tests/fakes/cloud_program.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>

#include "tests/fakes/http_server.h"

namespace skep::testing {

namespace {

CloudTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

bool take_option(const std::string& name, const std::string& text, ProgramOptions& options) {
  const double value = std::atof(text.c_str());
  if (name == "--speed" && value > 0) {
    options.speed = value;
  } else if (name == "--lag") {
    options.lag = std::chrono::milliseconds(static_cast<int>(value));
  } else if (name == "--rate" && value >= 1) {
    options.rate = static_cast<int>(value);
  } else if (const auto at = text.find('@'); name == "--sold-out" && at != std::string::npos) {
    options.sold_out.insert({text.substr(0, at), text.substr(at + 1)});
  } else if (name == "--machines") {
    options.machines = text;
  } else {
    return false;
  }
  return true;
}

/// Files are complete when they appear under their name.
void write_machines(const std::vector<ProgramMachine>& machines, const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& machine : machines) {
    names.insert(machine.name + ".json");
    if (!machine.is_ready || std::filesystem::exists(folder / (machine.name + ".json"))) continue;
    std::ofstream(folder / (machine.name + ".new")) << machine.file.dump();
    std::filesystem::rename(folder / (machine.name + ".new"), folder / (machine.name + ".json"));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!names.contains(entry.path().filename().string())) std::filesystem::remove(entry.path());
  }
}

}  // namespace

std::optional<ProgramOptions> parse_program(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  ProgramOptions options;
  bool is_right = arguments.size() % 2 == 1;
  for (std::size_t i = 1; i + 1 < arguments.size() && is_right; i += 2) {
    is_right = take_option(arguments[i], arguments[i + 1], options);
  }
  if (!is_right) {
    std::cerr << "usage: " << std::filesystem::path(argv[0]).filename().string()
              << " PORT [--speed FACTOR] [--lag MILLISECONDS] [--rate REQUESTS] [--sold-out TYPE@PLACE] "
                 "[--machines FOLDER]\n";
    return std::nullopt;
  }
  options.port = std::atoi(arguments[0].c_str());
  return options;
}

int serve(const Program& program, const ProgramOptions& options) {
  std::mutex mutex;
  HttpServer server(
      [&](const Request& request) {
        const std::lock_guard lock(mutex);
        Response response = program.handle(request, wall_now());
        if (!options.machines.empty()) write_machines(program.machines(), options.machines);
        return response;
      },
      {.port = options.port});
  for (const auto& line : program.greeting(server.url())) fmt::print("{}\n", line);
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}

}  // namespace skep::testing
