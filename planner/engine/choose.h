// Which of several resources a $one_of stands for (the present holder while it can stay, else the first that can), and
// which of several values an $any_of does. Pure.
#pragma once

#include <functional>

#include "planner/model/refs.h"

namespace skep {

struct Candidate {
  const Object* object = nullptr;  // what exists; nullptr: nothing yet
  bool stays = false;              // it exists, and this plan neither destroys nor replaces it
  bool is_usable = false;          // it was read, and is not powered off
  int burden = 0;  // 1: this plan takes its node out of service for a while; 2: and others have to leave it, too
};
using CandidateLookup = std::function<Candidate(const ResourceId&)>;

bool holds_choice(const Attributes& inputs);

/// Replaces every $any_of in `inputs` by the value that the object reports (else the one that was applied) at the same
/// place, if it is among those wanted, else by the first. And every $one_of by a $ref. The present holder is the
/// candidate whose field has the value that the object reports (else the one that was applied) at the same place. It is
/// kept while it stays, is usable and bears no greater burden than others; else the first of the least burden that
/// stays and is usable is taken, else the first of all.
void make_choices(Attributes& inputs, const Attributes& applied, const Attributes& reported,
                  const CandidateLookup& lookup);

}  // namespace skep
