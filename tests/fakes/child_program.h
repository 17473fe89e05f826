// Somebody else's server program, started by a test: where it may listen, as whom it runs, how it ends.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace skep::testing {

/// A port of 127.0.0.1 that nobody uses at this moment.
int unused_port();

/// Starts it with its output appended to `log`; as this user of the system when we are root and the name is not empty.
/// It ends with us.
pid_t start_program(const std::vector<std::string>& words, const std::string& log, const std::string& user = "");

/// Waits until it has ended by itself; its exit code, 128 + N after a signal.
int wait_for_program(pid_t pid);

/// Whether it still runs; one that has ended is done with.
bool is_running(pid_t pid);

/// Asks it to end by this signal, and waits.
void end_program(pid_t pid, int signal);

/// A new folder below the temporary one, owned by that user when we are root and the name is not empty.
std::string program_folder(const std::string& prefix, const std::string& user = "");

std::string text_in(const std::string& path);

/// Says why the test cannot go on, and aborts.
[[noreturn]] void give_up_program(const std::string& what, const std::string& why);

}  // namespace skep::testing
