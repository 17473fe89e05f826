#include "cli/commands/state_keys.h"

#include <algorithm>

namespace skep {

namespace {

constexpr const char* key_variable = "SKEP_STATE_KEY";
constexpr const char* key_file_variable = "SKEP_STATE_KEY_FILE";
constexpr const char* key_command_variable = "SKEP_STATE_KEY_COMMAND";
constexpr Duration key_command_limit = std::chrono::minutes(2);  // somebody may have to unlock a password store
constexpr std::size_t key_limit_bytes = 64u << 10;

Result<Secret> key_lines(const Outside& outside) {
  if (const std::string text = variable(outside, key_variable); !text.empty()) return Secret(text);
  if (const std::string path = variable(outside, key_file_variable); !path.empty())
    return Secret(TRY(outside.files.read(path, key_limit_bytes).doing(key_file_variable)));
  const Context context = within(outside.clock, key_command_limit, {.stop = outside.stop});
  const Command command = {.argv = {"sh", "-c", variable(outside, key_command_variable)},
                           .output_limit_bytes = key_limit_bytes};
  const Exit exit = TRY(outside.processes.run(command, context).doing(key_command_variable));
  if (exit.code != 0) {
    return Error{ErrorCode::invalid_input,
                 std::string(key_command_variable) + ": exited with " + std::to_string(exit.code),
                 "it must print the key on its standard output, and nothing else"};
  }
  return Secret(exit.out);
}

}  // namespace

Result<KeyRing> state_keys(const Outside& outside) {
  const auto names = {key_variable, key_file_variable, key_command_variable};
  const auto count = std::ranges::count_if(names, [&](const char* name) { return !variable(outside, name).empty(); });
  if (count == 0) return KeyRing();
  if (count > 1) {
    return Error{ErrorCode::invalid_input,
                 "the state's key comes from one place: SKEP_STATE_KEY, SKEP_STATE_KEY_FILE or SKEP_STATE_KEY_COMMAND",
                 "unset the others"};
  }
  return KeyRing::parse(TRY(key_lines(outside)));
}

}  // namespace skep
