#include "cli/commands/secret_input.h"

#include "planner/base/text.h"

namespace skep {

namespace {

Result<std::string> text_at(const SecretPlace& place, const std::string& folder, Outside& outside) {
  if (!place.env.empty()) {
    const auto found = outside.environment.find(place.env);
    if (found != outside.environment.end()) return found->second;
    return Error{ErrorCode::invalid_input, place.env + " is not set", "set it: export " + place.env + "=..."};
  }
  if (!place.file.empty()) {
    const bool is_whole = place.file.starts_with("/") || folder.empty();
    return outside.files.read(is_whole ? place.file : folder + "/" + place.file, 64u << 10);
  }
  return run_checked(outside.processes, {.argv = place.command, .folder = folder}, {.stop = outside.stop});
}

}  // namespace

Result<SecretPlace> secret_place_of(const std::string& option, const std::string& text) {
  SecretPlace place;
  if (text.starts_with("env:")) place.env = text.substr(4);
  if (text.starts_with("file:")) place.file = text.substr(5);
  if (place.is_given()) return place;
  return Error{ErrorCode::invalid_input, option + ": this is no place of a secret",
               "write env:NAME or file:PATH; a secret itself would show in the list of processes"};
}

Result<Secret> read_secret(const SecretPlace& place, const std::string& what, const std::string& folder,
                           Outside& outside) {
  const std::string text = TRY(text_at(place, folder, outside).doing(what));
  Secret secret{std::string(trim(text))};
  if (secret.empty()) return Error{ErrorCode::invalid_input, what + ": it is empty"};
  return secret;
}

}  // namespace skep
