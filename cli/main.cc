// skep's entry: the process itself (signals, streams, the exit code); everything else begins in run_app().
#include <iostream>
#include <string_view>
#include <system_error>
#include <vector>

#include "cli/app.h"
#include "cli/exit_code.h"
#include "cli/wiring.h"
#include "providers/local/supervisor.h"

namespace {

int run(const std::vector<std::string>& words, char** environment) {
  skep::Interrupt interrupt(skep::exit_stopped);  // before any thread
  skep::RealWorld world(interrupt, environment);
  const int code = skep::run_app(words, world.outside());
  if (!world.output_is_whole()) {
    std::cerr << "error: the output could not be written: disk full, or its reader has gone\n";
    return code == skep::exit_done ? skep::exit_error : code;
  }
  return code;
}

}  // namespace

int main(int count, char** words, char** environment) {
  // A machine's supervisor is another program in the same file: no terminal, no signal handling of ours.
  if (count == 3 && std::string_view(words[1]) == "local-machine") return skep::run_local_machine(words[2]);

  std::ios::sync_with_stdio(false);
  try {
    return run({words + 1, words + count}, environment);
  } catch (const std::system_error& error) {  // of std::thread, before any step has begun
    if (error.code() != std::errc::resource_unavailable_try_again) throw;
    std::cerr << "error: cannot start a thread: " << error.code().message() << '\n'
              << "hint: raise the limit of processes: ulimit -u, or TasksMax or --pids-limit of what skep runs in\n";
    return skep::exit_error;
  }
}
