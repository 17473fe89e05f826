// The base image on this computer: built once, shared by all machines, never changed.
#pragma once

#include <mutex>
#include <string>

#include "planner/base/result.h"
#include "providers/local/tools.h"

namespace skep {

/// The folder with the image's root file system. Built first if need be (about 40 s, once; whoever else wants it
/// waits), with progress through `context.say`. Errors: unavailable (the packages cannot be fetched; names the cause),
/// exhausted (disk full), cancelled, denied.
Result<std::string> ensure_base_image(const LocalTools& tools, const Context& context);

/// ensure_base_image() once per process, however many machines ask at once.
class BaseImage {
 public:
  Result<std::string> ensure(const LocalTools& tools, const Context& context);

 private:
  std::timed_mutex mutex_;
  std::string root_;  // empty: nobody asked yet
};

}  // namespace skep
