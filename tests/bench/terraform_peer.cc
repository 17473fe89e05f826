#include "tests/bench/terraform_peer.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

#include "planner/base/json.h"

namespace skep::bench {

double cpu_seconds_of(const rusage& usage) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Figure figure_of(const rusage& usage) {
  constexpr double block = 512;  // getrusage(2)
  return {.cpu_seconds = cpu_seconds_of(usage),
          .peak_mib = static_cast<double>(usage.ru_maxrss) / 1024,
          .written_mb = static_cast<double>(usage.ru_oublock) * block / 1e6};
}

bool has_terraform() {
  const char* answer = std::getenv("SKEP_BENCH_TERRAFORM");
  if (answer && std::string(answer) == "0") return false;
  return std::system("terraform version >/dev/null 2>&1") == 0;
}

bool make_terraform_folder(const std::filesystem::path& folder, int count, bool is_on_record) {
  Json resources = Json::object();
  Json instances = Json::array();
  for (int i = 0; i < count; ++i) {
    const std::string name = "r" + std::to_string(i);
    resources[name] = {{"input", {{"name", name}, {"location", "fra1"}}}};
    const Json value = {{"type", {"object", {{"location", "string"}, {"name", "string"}}}},
                        {"value", {{"location", "fra1"}, {"name", name}}}};
    const Json attributes = {{"id", name}, {"input", value}, {"output", value}, {"triggers_replace", nullptr}};
    instances.push_back({{"mode", "managed"},
                         {"type", "terraform_data"},
                         {"name", name},
                         {"provider", "provider[\"terraform.io/builtin/terraform\"]"},
                         {"instances", {{{"schema_version", 0}, {"attributes", attributes}}}}});
  }
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "main.tf.json") << Json{{"resource", {{"terraform_data", resources}}}};
  if (is_on_record) {
    std::ofstream(folder / "terraform.tfstate") << Json{
        {"version", 4}, {"terraform_version", "1.0.0"}, {"serial", 1}, {"lineage", "bench"}, {"resources", instances}};
  }
  const std::string init = "cd " + folder.string() + " && terraform init -input=false >/dev/null 2>&1";
  return std::system(init.c_str()) == 0;
}

Figure run_terraform(const std::filesystem::path& folder, const std::string& arguments, int expected_code) {
  const std::string command = fmt::format("cd {} && terraform {} -input=false -no-color >log 2>&1; test $? = {}",
                                          folder.string(), arguments, expected_code);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage = {};
  if (wait4(child, &status, 0, &usage) != child || status != 0) return {};
  Figure figure = figure_of(usage);
  figure.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return figure;
}

}  // namespace skep::bench
