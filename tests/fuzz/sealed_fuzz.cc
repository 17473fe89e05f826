// What a shared place gives back instead of the sealed state that was put there: it is the very state, or it is
// refused. The first byte of an input chooses: the text itself, members that are put into a sealed one, bytes that are
// changed in it, or a text to be sealed.
#include "fuzz_kit.h"
#include "planner/store/key_ring.h"
#include "planner/store/sealed_state.h"
#include "planner/store/state_document.h"
#include "tests/fakes/memory_place.h"

using skep::Json;
using skep::KeyRing;
using skep::fuzz::require;

namespace {

KeyRing ring() {
  // 32 bytes, "kkkk...": no Argon2id, which would take all the time.
  return KeyRing::parse(skep::Secret("base64:a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")).value();
}

const std::string& document() {
  static const std::string text = [] {
    skep::StateDocument one = {.serial = 7};
    one.state.lineage = "lineage-1";
    one.state.serial = 5;
    return skep::document_text(one);
  }();
  return text;
}

const std::string& sealed() {
  static const std::string text = [] {
    skep::testing::SameBytes random{0x42};
    return ring()
        .seal({{"version", 1}, {"serial", 7}, {"lineage", "lineage-1"}, {"tool", "skep"}}, document(), random)
        .value();
  }();
  return text;
}

/// As the store reads it.
void read_back(const std::string& text) {
  skep::testing::PlaceContent content = {.text = text};
  skep::testing::SameBytes random{0x42};
  const auto place = skep::make_sealed_state(std::make_unique<skep::testing::MemoryPlace>(content), ring(), random);
  const auto opened = place->read({});
  if (!opened.ok()) return;
  require(opened.value() == document(), "what opens is what was sealed");
  const Json envelope = skep::parse_json(text, "the envelope").value();
  require(skep::json_int_or(envelope, "serial", 0) == 7, "with the serial that was sealed");
  require(skep::json_string_or(envelope, "lineage") == "lineage-1", "and the lineage");
  require(skep::parse_document(*opened.value(), "the state").ok(), "and can be read");
}

/// Each three bytes: where, and what instead.
std::string edited(std::string text, std::string_view edits) {
  for (std::size_t i = 0; i + 2 < edits.size(); i += 3) {
    const auto at = static_cast<unsigned char>(edits[i]) * 256U + static_cast<unsigned char>(edits[i + 1]);
    text[at % text.size()] = edits[i + 2];
  }
  return text;
}

void seal_and_open(const std::string& text) {
  skep::testing::SameBytes random{0x17};
  auto keys = ring();
  const auto envelope = keys.seal({{"serial", 1}}, text, random);
  require(envelope.ok() && keys.open(envelope.value(), "it").value() == text, "what was sealed is opened");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      read_back(rest);
      (void)skep::parse_document(rest, "the state");
      break;
    case 1: {
      const auto members = skep::parse_json(rest, "the members");
      if (!members.ok() || !members.value().is_object()) break;
      Json envelope = skep::parse_json(sealed(), "the envelope").value();
      envelope.merge_patch(members.value());
      read_back(skep::dump_json(envelope));
      break;
    }
    case 2:
      read_back(edited(sealed(), rest));
      break;
    default:
      seal_and_open(rest);
  }
  return 0;
}
