// A team's state as an object in S3, or in what speaks like it. The lock is an object beside it, KEY.tflock as
// Terraform's. Both depend on conditional writes, so a store that does not honour them is refused.
#pragma once

#include <memory>
#include <string>

#include "planner/store/patient_http.h"
#include "planner/store/s3_sign.h"
#include "planner/store/shared_state.h"

namespace skep {

struct S3Options {
  std::string endpoint;  // "https://s3.eu-central-1.amazonaws.com"
  std::string bucket;
  std::string key;
  std::string region;
  S3Credentials credentials = {};
  Patience patience = {};
};

/// The state is written by `If-Match` of what was last read or written, the lock by `If-None-Match: *`. Each lock()
/// asks with conditions that must fail before it believes them. Errors besides those of SharedState: refused (the store
/// ignores conditions, or does not know them).
std::unique_ptr<SharedState> make_s3_state(Http& http, const Clock& clock, S3Options options);

}  // namespace skep
