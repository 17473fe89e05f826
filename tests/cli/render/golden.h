// Golden files: what is rendered must be what stands beside the test; SKEP_ACCEPT=1 writes it anew for review.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace skep {

/// `name` below tests/cli/render/golden.
inline void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(SKEP_SOURCE_DIR) + "/tests/cli/render/golden/" + name;
  if (std::getenv("SKEP_ACCEPT") != nullptr) {
    std::ofstream(path) << text;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file.is_open()) << path << " is missing; SKEP_ACCEPT=1 writes it";
  std::stringstream wanted;
  wanted << file.rdbuf();
  EXPECT_EQ(text, wanted.str()) << "differs from " << path;
}

}  // namespace skep
