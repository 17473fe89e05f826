// What every part of provider `local` touches: the four seams, the folders, and the program that keeps machines
// running.
#pragma once

#include "planner/system/clock.h"
#include "planner/system/files.h"
#include "planner/system/processes.h"
#include "planner/system/random.h"
#include "providers/local/paths.h"

namespace skep {

struct LocalTools {
  Files& files;
  Processes& processes;
  const Clock& clock;
  Random& random;
  LocalPaths paths = {};
};

}  // namespace skep
