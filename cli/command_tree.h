// The command tree as data: parsing, help, shell completion and the reference pages are all made from this one table.
#pragma once

#include <string>
#include <vector>

namespace skep {

struct OptionDoc {
  std::string name;                       // long, without dashes; one dash or two on the command line
  char letter = 0;                        // 0: none
  std::string value = {};                 // "FILE", "N", "DURATION"; empty: a flag
  std::string doc = {};                   // one sentence without its full stop
  bool repeated = false;                  // may be given several times
  std::vector<std::string> choices = {};  // the only values allowed; empty: any
};

struct ArgumentDoc {
  std::string name;  // "NODE"
  std::string doc;
  bool required = false;
  bool repeated = false;
  bool is_file = false;
  std::vector<std::string> choices = {};
};

struct ExampleDoc {
  std::string command;
  std::string doc;
};

struct CommandDoc {
  std::string name;
  std::string summary;           // for the list of commands
  std::string description = {};  // further sentences for its own page
  std::vector<OptionDoc> options = {};
  std::vector<ArgumentDoc> arguments = {};
  std::string tail = {};  // "-- COMMAND ...": what follows a lone --; empty: nothing may
  std::vector<ExampleDoc> examples = {};
  std::vector<CommandDoc> commands = {};
  bool hidden = false;
};

/// The root: `skep` itself; its options are allowed with every command.
const CommandDoc& command_tree();

/// The command with this path below the root ("state list"); nullptr when there is none.
const CommandDoc* find_command(const std::vector<std::string>& path);

}  // namespace skep
