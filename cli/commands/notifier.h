// Tells the receivers of the spec's `notify` what happens. Whoever cannot be reached is said, and changes nothing.
#pragma once

#include <string>

#include "cli/commands/origin.h"
#include "cli/invocation.h"
#include "cli/outside.h"
#include "cli/render/notification.h"
#include "planner/model/spec.h"

namespace skep {

class Notifier {
 public:
  /// Both must outlive it. `spec_folder`: where relative paths of secrets count from. --notify=false makes it silent.
  Notifier(const Spec& spec, std::string spec_folder, const Invocation& invocation, Outside& outside);

  /// Fills in who, where, when and from which commit, and sends it to everybody who wants such an event, one after the
  /// other; for at most 15 seconds each. Warnings go to stderr.
  void tell(Notification notification);

 private:
  const Spec& spec_;
  const std::string folder_;
  const bool is_silent_;
  Outside& outside_;
};

}  // namespace skep
