// What a plan costs, and the limit that is set to it.
#include <gtest/gtest.h>

#include "tests/cli/app_fixture.h"

namespace skep {
namespace {

class PricingTest : public AppTest {};

TEST_F(PricingTest, ThePlanShowsChangeAndTotal) {
  price = 4.5;
  write_spec(1);
  ASSERT_EQ(run("apply -auto-approve"), 0) << err;
  EXPECT_TRUE(has(out, "2 nodes to add · +9.00 EUR/month, 9.00 in all (estimate)"));
  write_spec(3);
  EXPECT_EQ(run("plan"), 0);
  EXPECT_TRUE(has(out, "+9.00 EUR/month, 18.00 in all (estimate)"));
  EXPECT_TRUE(has(out, "worker-3  +4.50"));
  EXPECT_EQ(run("plan -json"), 0);
  const Json total = json_out()["price"]["totals"][0];
  EXPECT_EQ(total["currency"], "EUR");
  EXPECT_EQ(total["before"], 9.0);
  EXPECT_EQ(total["after"], 18.0);
  EXPECT_TRUE(json_out()["price"]["is_estimate"]);
  EXPECT_EQ(run("plan -destroy"), 0);
  EXPECT_TRUE(has(out, "-9.00 EUR/month, 0.00 in all"));
}

TEST_F(PricingTest, WhatCostsNothingIsNotMentioned) {
  write_spec(1);
  EXPECT_EQ(run("plan"), 0);
  EXPECT_EQ(out.find("month"), std::string::npos) << out;
}

TEST_F(PricingTest, MoreThanTheLimitIsRefusedAndNothingIsDone) {
  price = 30;
  write_spec(1);
  EXPECT_EQ(run("plan --max-monthly 60EUR"), 0) << err;
  EXPECT_EQ(run("plan --max-monthly 59.99EUR"), 4);
  EXPECT_TRUE(has(err, "it would cost about 60.00 EUR a month, more than 59.99"));
  EXPECT_TRUE(has(out, "Plan: 2 to add")) << "the plan is shown all the same";
  EXPECT_EQ(run("apply -auto-approve -max-monthly 50"), 4);
  EXPECT_EQ(run("apply -auto-approve -max-monthly 60"), 0);
  EXPECT_EQ(run("plan -max-monthly 50EUR"), 4) << "also when there is nothing to do";
}

TEST_F(PricingTest, NoAmountAndAnotherCurrency) {
  price = 30;
  write_spec(1);
  for (const char* amount : {"much", "-1", "50EURO", "50eur", "nan"}) {
    EXPECT_EQ(run(std::string("plan --max-monthly=") + amount), 1) << amount;
    EXPECT_TRUE(has(err, "is no amount of money"));
  }
  EXPECT_EQ(run("plan --max-monthly 50USD"), 1);
  EXPECT_TRUE(has(err, "--max-monthly is in USD, the prices are in EUR"));
}

TEST_F(PricingTest, WhatIsNotForSaleStopsThePlan) {
  write("cluster.yaml",
        "skep: 1\nname: demo\nprovider: local\npools: {m: {role: manager, count: 1, image: sold-out}}\n");
  EXPECT_EQ(run("plan"), 1);
  EXPECT_TRUE(has(err, "there is none to be had"));
  EXPECT_EQ(run("apply -auto-approve"), 1);
}

}  // namespace
}  // namespace skep
