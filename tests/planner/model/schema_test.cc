#include "planner/model/schema.h"

#include <gtest/gtest.h>

namespace skep {
namespace {

Schema server_schema() {
  return {.driver = "fake.server",
          .doc = "A machine.",
          .inputs = {{.name = "image", .required = true}, {.name = "labels"}},
          .outputs = {{.name = "address"}}};
}

Resource server(Attributes inputs) {
  return {.id = {"server", "a"}, .driver = "fake.server", .inputs = std::move(inputs)};
}

TEST(Schema, FindsAnInputByName) {
  const Schema schema = server_schema();
  ASSERT_NE(schema.input("labels"), nullptr);
  EXPECT_EQ(schema.input("labels")->name, "labels");
  EXPECT_EQ(schema.input("address"), nullptr);  // an output
}

TEST(CheckInputs, TakesWhatTheSchemaKnows) {
  EXPECT_TRUE(check_inputs(server({{"image", "debian-12"}}), server_schema()).ok());
  EXPECT_TRUE(check_inputs(server({{"image", {{"$ref", "image/x"}}}, {"labels", nullptr}}), server_schema()).ok());
}

TEST(CheckInputs, NamesResourceDriverAndField) {
  const auto unknown = check_inputs(server({{"image", "x"}, {"imgae", "x"}}), server_schema());
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::internal);
  EXPECT_EQ(unknown.error().message, "server/a: fake.server: unknown input \"imgae\"");
  for (const Attributes& inputs : {Attributes::object(), Attributes{{"image", nullptr}}}) {
    const auto missing = check_inputs(server(inputs), server_schema());
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().message, "server/a: fake.server: the required input \"image\" is missing");
  }
  EXPECT_FALSE(check_inputs(server(Attributes::array()), server_schema()).ok());
}

}  // namespace
}  // namespace skep
