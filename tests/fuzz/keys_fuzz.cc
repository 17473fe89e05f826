// Keys as people, hosts and providers write them: public lines, raw blobs, private key files, labels.
#include "fuzz_kit.h"
#include "planner/base/ssh_key.h"
#include "providers/cloud/host_key_text.h"
#include "provisioners/ssh/known_hosts.h"

using skep::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)skep::public_line_of_blob(text);
  (void)skep::fingerprint_of_blob(text);
  (void)skep::public_line_of(text);
  if (const auto line = skep::checked_public_line(text); line.ok()) {
    require(skep::checked_public_line(line.value()).ok(), "a checked line is checked again");
    (void)skep::key_fingerprint(line.value());
  }
  const skep::Endpoint endpoint = {.address = "192.0.2.1", .host_key = text};
  if (const auto key = skep::pinned_key(endpoint); key.ok()) {
    require(skep::public_line_of_blob(key.value().blob) == key.value().line, "a pinned key is its blob");
    const auto line = skep::known_hosts_line(endpoint);
    require(line.ok() && line.value().find('\n') == line.value().size() - 1, "one line of known_hosts");
  }
  const auto from_label = skep::cloud::host_key_from_label(text);
  if (!from_label.empty()) {
    require(skep::cloud::host_key_from_label(skep::cloud::host_key_to_label(from_label)) == from_label,
            "a label says its key");
  }
  (void)skep::cloud::host_key_to_label(text);
  return 0;
}
