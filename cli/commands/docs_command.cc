#include "cli/commands/docs_command.h"

#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/man_pages.h"
#include "cli/render/reference.h"
#include "planner/engine/catalog.h"

namespace skep {

Result<std::map<std::string, std::string>> reference_pages(Outside& outside) {
  const auto providers = TRY(outside.make_providers({}));
  std::vector<Provider*> all;
  for (const auto& provider : providers) all.push_back(provider.get());
  const auto ssh = outside.make_ssh({});
  const auto hosts = outside.make_host_kinds(*ssh);
  const Catalog catalog(all, *hosts);
  std::vector<const Schema*> schemas;
  for (const auto& [name, schema] : catalog.schemas()) schemas.push_back(schema);
  return std::map<std::string, std::string>{{"commands.md", commands_markdown()},
                                            {"spec.md", spec_markdown(spec_schema())},
                                            {"kinds.md", kinds_markdown(schemas)}};
}

Result<int> docs_command(const Invocation& invocation, Outside& outside) {
  const std::string folder = invocation.argument("FOLDER");
  const auto pages = TRY(reference_pages(outside));
  for (const auto& [name, text] : pages) {
    TRY(outside.files.write(folder + "/" + name, text, 0644));
    outside.out << "wrote " << folder << "/" << name << "\n";
  }
  return exit_done;
}

Result<int> package_files_command(const Invocation& invocation, Outside& outside) {
  const std::string folder = invocation.argument("FOLDER");
  std::map<std::string, std::string> files = {
      {"bash-completion/completions/skep", bash_completion()},
      {"zsh/vendor-completions/_skep", zsh_completion()},
      {"fish/vendor_completions.d/skep.fish", fish_completion()},
  };
  for (const auto& [name, text] : man_pages()) files["man/man1/" + name] = text;
  for (const auto& [name, text] : files) {
    const std::string path = folder + "/" + name;
    TRY(outside.files.make_directories(path.substr(0, path.rfind('/'))));
    TRY(outside.files.write(path, text, 0644));
  }
  return exit_done;
}

}  // namespace skep
