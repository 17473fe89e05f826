// A host key as the value of a label or tag: its 32 bytes in base 32, 52 characters, lower case.
//
// A server's host key is made before the server is, from fresh random bytes, and goes out in the one request that
// creates it: the private half in the user-data, the public half in a label. So whoever finds the server finds its pin:
// after a crash between request and record, and after the state was lost, nothing has to be remembered or guessed.
#pragma once

#include <string>
#include <string_view>

namespace skep::cloud {

/// "ssh-ed25519 AAAA..." as the value of a label, and back; empty when it cannot be.
std::string host_key_to_label(std::string_view public_line);
std::string host_key_from_label(std::string_view label);

}  // namespace skep::cloud
