// skep's entry: the process itself (signals, streams, the exit code); everything else begins in run_app().
#include <iostream>
#include <string_view>
#include <vector>

#include "cli/app.h"
#include "cli/exit_code.h"
#include "cli/wiring.h"
#include "providers/local/supervisor.h"

int main(int count, char** words, char** environment) {
  // A machine's supervisor is another program in the same file: no terminal, no signal handling of ours.
  if (count == 3 && std::string_view(words[1]) == "local-machine") return skep::run_local_machine(words[2]);

  std::ios::sync_with_stdio(false);
  skep::Interrupt interrupt(skep::exit_stopped);  // before any thread
  skep::RealWorld world(interrupt, environment);
  const int code = skep::run_app({words + 1, words + count}, world.outside());
  if (!world.output_is_whole()) {
    std::cerr << "error: the output could not be written: disk full, or its reader has gone\n";
    return code == skep::exit_done ? skep::exit_error : code;
  }
  return code;
}
