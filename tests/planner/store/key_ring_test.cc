// Sealed texts: who can open them, who notices that they were changed, and what stays readable.
#include "planner/store/key_ring.h"

#include <gtest/gtest.h>

#include "planner/base/digest.h"
#include "planner/store/sealed_state.h"

namespace skep {
namespace {

const std::string raw_key = "base64:" + base64_encode(std::string(32, 'k'));
const std::string other_key = "base64:" + base64_encode(std::string(32, 'o'));
constexpr const char* passphrase = "correct horse battery staple";
constexpr const char* canary = "canary-7f3a";
const Json head = {{"version", 1}, {"serial", 7}, {"lineage", "abc"}};

KeyRing ring(const std::string& lines) {
  auto parsed = KeyRing::parse(Secret(lines));
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed.ok() ? parsed.value() : KeyRing();
}

std::string sealed_with(const std::string& lines) {
  SystemRandom random;
  return ring(lines).seal(head, std::string("{\"x\":\"") + canary + "\"}", random).value();
}

ErrorCode code_of(const std::string& lines, const std::string& text) {
  const auto opened = (lines.empty() ? KeyRing() : ring(lines)).open(text, "the state");
  EXPECT_FALSE(opened.ok());
  if (opened.ok()) return ErrorCode::internal;
  EXPECT_EQ(opened.error().message.find("horse"), std::string::npos) << "no key in a message";
  EXPECT_FALSE(opened.error().hint.empty());
  return opened.error().code;
}

TEST(KeyRing, WhatWasSealedOpensAndOnlyTheHeadIsReadable) {
  for (const std::string& key : {raw_key, std::string(passphrase)}) {
    const std::string text = sealed_with(key);
    EXPECT_EQ(text.find("canary"), std::string::npos);
    EXPECT_EQ(base64_decode(parse_json(text, "x").value().at("sealed").get<std::string>()).find("canary"),
              std::string::npos);
    EXPECT_EQ(parse_json(text, "x").value().at("serial"), 7) << "GitLab counts by it";
    EXPECT_EQ(ring(key).open(text, "the state").value(), std::string("{\"x\":\"") + canary + "\"}");
    EXPECT_NE(text, sealed_with(key)) << "the same text never looks the same";
  }
}

TEST(KeyRing, WithoutTheKeyOrWithAnotherOneItStaysShut) {
  EXPECT_EQ(code_of("", sealed_with(raw_key)), ErrorCode::denied);
  EXPECT_EQ(code_of(other_key, sealed_with(raw_key)), ErrorCode::denied);
  EXPECT_EQ(code_of("another passphrase of mine", sealed_with(passphrase)), ErrorCode::denied);
}

TEST(KeyRing, EveryChangeIsNoticed) {
  const Json envelope = parse_json(sealed_with(raw_key), "x").value();
  std::vector<Json> changed;
  for (const char* member : {"version", "serial", "lineage", "more"}) {
    changed.push_back(envelope);
    changed.back()[member] = 8;
  }
  for (const char* member : {"nonce", "salt", "key_id", "passes", "kib"}) {
    changed.push_back(envelope);
    Json& value = changed.back()["encryption"][member];
    if (value.is_string()) value = std::string("AAAA") + value.get<std::string>().substr(4);
    if (value.is_number()) value = value.get<int>() + 1;
  }
  std::string bytes = base64_decode(envelope.at("sealed").get<std::string>());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
    changed.push_back(envelope);
    changed.back()["sealed"] = base64_encode(bytes);
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
  }
  for (const std::size_t length : {std::size_t{0}, std::size_t{15}, bytes.size() - 1}) {
    changed.push_back(envelope);
    changed.back()["sealed"] = base64_encode(bytes.substr(0, length));
  }
  for (const auto& one : changed) EXPECT_FALSE(ring(raw_key).open(dump_json(one), "the state").ok()) << one.dump();
  changed[1]["serial"] = 7;
  EXPECT_TRUE(ring(raw_key).open(dump_json(changed[1]), "the state").ok());
  changed[1]["serial"] = 6;
  EXPECT_EQ(code_of(raw_key, dump_json(changed[1])), ErrorCode::invalid_input) << "not the key's fault";
}

TEST(KeyRing, AGreedyTextGetsNoMemory) {
  Json envelope = parse_json(sealed_with(passphrase), "x").value();
  envelope["encryption"]["kib"] = std::int64_t{1} << 40;
  EXPECT_EQ(code_of(passphrase, dump_json(envelope)), ErrorCode::invalid_input);
}

TEST(KeyRing, OlderKeysOpenAndTheFirstSeals) {
  const std::string both = raw_key + "\n" + other_key + "\n";
  EXPECT_TRUE(ring(both).open(sealed_with(other_key), "the state").ok());
  EXPECT_TRUE(ring(raw_key).open(sealed_with(both), "the state").ok());
  EXPECT_EQ(code_of(other_key, sealed_with(both)), ErrorCode::denied);
}

TEST(KeyRing, PlaintextIsRefusedUnlessALineTakesIt) {
  EXPECT_EQ(code_of(raw_key, R"({"serial":1})"), ErrorCode::refused);
  EXPECT_EQ(code_of(raw_key, "no JSON"), ErrorCode::refused);
  EXPECT_EQ(ring(raw_key + "\nplaintext").open("{}", "the state").value(), "{}");
  EXPECT_TRUE(ring(raw_key + "\nplaintext").seals());
  KeyRing leaving = ring("plaintext\n" + raw_key);
  SystemRandom random;
  EXPECT_EQ(leaving.seal(head, "{}", random).value(), "{}");
  EXPECT_TRUE(leaving.open(sealed_with(raw_key), "the state").ok());
}

TEST(KeyRing, AnUnfitKeyIsNamedByItsLine) {
  for (const char* lines : {"base64:AAAA", "short", "\n\nplaintext\n", "base64:\n"}) {
    const auto parsed = KeyRing::parse(Secret(lines));
    ASSERT_FALSE(parsed.ok()) << lines;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_input);
    EXPECT_EQ(parsed.error().message.find("short,"), std::string::npos);
  }
  EXPECT_NE(KeyRing::parse(Secret(raw_key + "\nshort")).error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace skep
