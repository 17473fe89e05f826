// A public key known to a cloud. An account takes each key once, whoever brought it: one that somebody else brought is
// used, and never destroyed.
#pragma once

#include "providers/cloud/owned_driver.h"

namespace skep::cloud {

/// "TYPE BASE64", without the comment.
std::string key_part(const std::string& line);

/// Inputs and outputs of the kind, for Schema.
Schema ssh_key_schema(const std::string& provider_name, const std::string& doc);

/// `parts.to_attributes` gives `public_key` (a key_part()) and `is_ours`.
std::unique_ptr<Driver> make_ssh_key_driver(OwnedParts parts);

}  // namespace skep::cloud
