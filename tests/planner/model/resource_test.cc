#include "planner/model/resource.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

TEST(ResourceIdText, TheFirstGenerationHasNoNumber) {
  EXPECT_EQ(to_text(ResourceId{"server", "worker-1"}), "server/worker-1");
  EXPECT_EQ(to_text(ResourceId{"server", "worker-1", 2}), "server/worker-1@2");
}

TEST(ResourceIdText, ReadsBackWhatItWrites) {
  for (const auto& id : {ResourceId{"server", "worker-1"}, ResourceId{"swarm_node", "a.b_c", 12}}) {
    EXPECT_EQ(parse_resource_id(to_text(id)), id) << to_text(id);
  }
}

TEST(ResourceIdText, RefusesWhatIsNoId) {
  for (const char* text : {"", "server", "/x", "server/", "server/a@", "server/a@0", "server/a@1", "server/a@02",
                           "server/a@-2", "server/a@2x", "server/a@99999999999", "server/a/b", "server/a b", "Server/a",
                           "server/a@2@3", "@2", "server/@2"}) {
    EXPECT_EQ(parse_resource_id(text), std::nullopt) << text;
  }
}

TEST(ResourceIdText, GenerationsSortAfterNames) {
  EXPECT_LT((ResourceId{"server", "a", 2}), (ResourceId{"server", "b", 1}));
  EXPECT_LT((ResourceId{"server", "a", 1}), (ResourceId{"server", "a", 2}));
}

}  // namespace
}  // namespace skep
