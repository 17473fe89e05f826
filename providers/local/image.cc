#include "providers/local/image.h"

#include <cstdlib>
#include <map>
#include <mutex>

#include "planner/base/text.h"
#include "providers/local/file_lock.h"
#include "providers/local/image_recipe.h"

namespace skep {

namespace {

constexpr const char* keyring_path = "/usr/share/keyrings/debian-archive-keyring.gpg";
constexpr const char* ca_bundle = "/etc/ssl/certs/ca-certificates.crt";

struct ImageFolder {
  std::string cache;
  std::string key;
  std::string final() const { return cache + "/" + key; }
  std::string root() const { return final() + "/root"; }
  std::string lock() const { return cache + "/.lock"; }
};

Result<ImageRecipe> recipe_of_host(const LocalTools& tools, const Context& context) {
  std::map<std::string, std::string> environment;
  for (const char* name : {"http_proxy", "https_proxy"}) {
    if (const char* value = std::getenv(name)) environment[name] = value;
  }
  const auto out = [&](std::vector<std::string> argv) {
    return run_checked(tools.processes, {.argv = std::move(argv)}, context);
  };
  const auto targets = TRY(out({"apt-get", "indextargets", "--format", index_target_format, "Created-By: Packages"}));
  const auto settings = TRY(out({"apt-config", "dump"}));
  const auto architecture = TRY(out({"dpkg", "--print-architecture"}));
  const std::string keyring = tools.files.exists(keyring_path) ? keyring_path : "";
  return image_recipe(targets, settings, keyring, architecture, environment);
}

ImageFolder folder_for(const LocalTools& tools, const ImageRecipe& recipe) {
  return {tools.paths.cache + "/images", std::string(image_debian_12) + "-" + recipe.content_key()};
}

Result<void> bootstrap(const LocalTools& tools, const ImageRecipe& recipe, const std::string& scratch,
                       const Context& context) {
  context.say("building the Debian 12 base image, once for all machines (about 40 s)");
  const std::string hook = scratch + "/packages-hook";
  TRY(tools.files.write(hook, packages_hook(), 0700));
  auto exit = TRY(tools.processes.run({.argv = mmdebstrap_command(recipe, scratch + "/root", hook)}, context));
  if (exit.code == 0) return {};
  std::string cause;
  for (const auto& line : split_lines(exit.err)) {
    if (line.starts_with("E: ") || line.starts_with("Err:") || cause.empty()) cause = line;
    if (line.starts_with("E: ") && line.find("mmdebstrap") == std::string::npos) break;
  }
  return Error{ErrorCode::unavailable, "build the base image: mmdebstrap: " + cause,
               "try it by hand: apt-get update; if that works, run the command again"};
}

Result<void> finish(const LocalTools& tools, const ImageRecipe& recipe, const std::string& scratch,
                    const Context& context) {
  context.say("finishing the base image");
  const std::string root = scratch + "/root";
  TRY(run_checked(tools.processes, {.argv = {"chroot", root, "/bin/sh", "-s"}, .input = finishing_script(recipe)},
                  context)
          .doing("finish the base image"));
  // Certificates of a company's own proxy or mirror are trusted inside as well.
  if (auto bundle = tools.files.read(ca_bundle, 16 << 20); bundle.ok())
    TRY(tools.files.write(root + ca_bundle, bundle.value(), 0644));
  return tools.files.destroy(scratch + "/packages-hook");
}

constexpr const char* scratch_prefix = ".building-";

// A folder of its own for each attempt: what a killed skep had started may go on for a while, and must not meddle.
Result<std::string> fresh_scratch(const LocalTools& tools, const ImageFolder& folder) {
  for (const auto& name : TRY(tools.files.list(folder.cache))) {
    // Left by an attempt that was cut off. If its mmdebstrap still writes, the next one gets rid of it.
    if (name.starts_with(scratch_prefix)) (void)tools.files.destroy_tree(folder.cache + "/" + name);
  }
  const std::string scratch = folder.cache + "/" + scratch_prefix + random_id(tools.random);
  TRY(tools.files.make_directories(scratch, 0755));
  return scratch;
}

}  // namespace

Result<std::string> BaseImage::ensure(const LocalTools& tools, const Context& context) {
  std::unique_lock lock(mutex_, std::chrono::seconds(1));  // a look takes less; so somebody builds it
  if (!lock.owns_lock()) {
    context.say("waiting for the base image");
    lock.lock();  // its holder watches deadline and stop
  }
  if (root_.empty() || !tools.files.exists(root_)) root_ = TRY(ensure_base_image(tools, context));
  return root_;
}

Result<std::string> ensure_base_image(const LocalTools& tools, const Context& context) {
  const auto recipe = TRY(recipe_of_host(tools, context));
  const ImageFolder folder = folder_for(tools, recipe);
  if (tools.files.exists(folder.root())) return folder.root();
  TRY(tools.files.make_directories(folder.cache, 0755));
  auto lock = TRY(FileLock::try_take(folder.lock()));
  if (!lock) {
    context.say("waiting for the base image, which is being built");
    lock = TRY(FileLock::take(folder.lock(), tools.clock, context));
  }
  if (tools.files.exists(folder.root())) return folder.root();
  const std::string scratch = TRY(fresh_scratch(tools, folder));
  TRY(bootstrap(tools, recipe, scratch, context));
  TRY(finish(tools, recipe, scratch, context));
  TRY(run_checked(tools.processes, {.argv = {"mv", "--no-target-directory", scratch, folder.final()}}, context));
  return folder.root();
}

}  // namespace skep
