// The forms that pipelines show: right counts, well-formed, and harmless whatever a name or a value says.
#include "cli/render/ci_report.h"

#include <gtest/gtest.h>

#include "cli/render/markup.h"
#include "planner/base/json.h"
#include "planner/base/text.h"
#include "tests/cli/render/sample_plan.h"

namespace skep {
namespace {

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

PlanHeader sample_header() { return {"lympo-staging", "local", "state 14, written 3 min ago by anna on build-7", {}}; }

Summary failed_run() {
  Summary summary;
  summary.failures = {
      {1, {"engine", "worker-3"}, {ErrorCode::unavailable, "no answer from \"apt\" <mirror>", "retry"}}};
  summary.skipped = {{"floating_ip", "ingress"}, {"server", "worker-9"}};
  summary.timings = {{0, {"server", "worker-3"}, StepAction::create, Duration(0), Duration(1500)},
                     {1, {"engine", "worker-3"}, StepAction::create, Duration(1500), Duration(2000)}};
  return summary;
}

TEST(CiReport, TerraformCountsAReplacementTwiceAsTerraformDoes) {
  const Plan plan = sample_plan();
  const PlanHeader header = sample_header();
  const auto json = parse_json(terraform_report({"plan", plan, header}), "the report");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json.value(), (Json{{"create", 3}, {"update", 2}, {"delete", 2}}));
}

TEST(CiReport, DotenvTellsAPlanFromARunThatFailed) {
  const Plan plan = sample_plan();
  const PlanHeader header = sample_header();
  EXPECT_EQ(dotenv_report({"plan", plan, header}),
            "SKEP_CLUSTER=lympo-staging\nSKEP_OUTCOME=planned\nSKEP_HAS_CHANGES=true\n"
            "SKEP_ADD=3\nSKEP_CHANGE=2\nSKEP_DESTROY=2\n");
  const Summary summary = failed_run();
  EXPECT_TRUE(says(dotenv_report({"apply", plan, header, &summary}), "SKEP_OUTCOME=failed\n"));
  EXPECT_TRUE(says(dotenv_report({"apply", plan, header, &summary}), "SKEP_DESTROY=1\n")) << "worker-9 was not tried";
  const Plan nothing = {.cluster = "c"};
  EXPECT_TRUE(says(dotenv_report({"apply", nothing, header}), "SKEP_HAS_CHANGES=false\n"));
  EXPECT_EQ(report_outcome({"apply", nothing, header}), "nothing to do");
}

TEST(CiReport, JUnitOfARunHasACaseForEachStep) {
  const Plan plan = sample_plan();
  const PlanHeader header = sample_header();
  const Summary summary = failed_run();
  const std::string text = junit_report({"apply", plan, header, &summary});
  EXPECT_TRUE(says(text, "tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"2\"")) << text;
  EXPECT_TRUE(says(text, "name=\"create server/worker-3\" time=\"1.500\"/>")) << text;
  const std::string page = html_report({"apply", plan, header, &summary});
  EXPECT_EQ(occurrences(page, ">not tried<"), 2U) << page;
  EXPECT_EQ(occurrences(page, "<b class=\"destroy\">failed</b>"), 2U) << "the head, and the step";
  EXPECT_TRUE(says(text, "<failure message=\"no answer from &quot;apt&quot; &lt;mirror&gt;\">retry</failure>")) << text;
}

TEST(CiReport, MarkdownHasTheRowsTheGraphAndTheRisk) {
  const Plan plan = sample_plan();
  const PlanHeader header = sample_header();
  CiReport report = {"plan", plan, header};
  report.commit = "0123456789abcdef";
  report.link = "https://gitlab.example.com/job/7";
  const std::string text = markdown_report(report);
  EXPECT_TRUE(says(text, "```mermaid\nflowchart LR\n")) << text;
  EXPECT_TRUE(says(text, "> :warning: **2 resources will be destroyed.**")) << text;
  EXPECT_TRUE(says(text, "| `-` | `server` | `worker-9` | `with")) << text;
  EXPECT_TRUE(says(text, "commit `0123456789ab`")) << text;
  EXPECT_TRUE(says(text, "[job](<https://gitlab.example.com/job/7>)")) << text;
}

TEST(CiReport, AVeryLongPlanIsCutAndSaysSo) {
  Plan plan = {.cluster = "big"};
  for (StepId i = 0; i < 250; ++i) {
    const ResourceId id = {"volume", "v-" + std::to_string(i)};
    plan.changes.push_back({.id = id, .driver = "local.volume", .action = Action::create});
    plan.steps.push_back({.id = i, .resource = {.id = id, .driver = "local.volume"}});
  }
  const PlanHeader header = sample_header();
  const std::string markdown = markdown_report({"plan", plan, header});
  EXPECT_EQ(occurrences(markdown, "| `+` |"), 200U);
  EXPECT_TRUE(says(markdown, "50 more are left out here"));
  EXPECT_FALSE(says(markdown, "```mermaid"));
  EXPECT_EQ(occurrences(html_report({"plan", plan, header}), "<tr><td class=\"act create\">"), 250U);
}

TEST(CiReport, ThePageAsksNobodyAndRunsNothing) {
  const Plan plan = sample_plan();
  const PlanHeader header = sample_header();
  const std::string text = html_report({"plan", plan, header});
  EXPECT_TRUE(says(text, "default-src 'none'"));
  for (const char* word : {"<script", "http://", "https://", "url(", "@import", " src="}) {
    EXPECT_FALSE(says(text, word)) << word;
  }
}

TEST(CiReport, WhatStandsInThePlanIsNoMarkupAnywhere) {
  const std::string nasty = "<img src=x onerror=alert(1)> \"q\" & `code` | @all\n/close";
  Plan plan = sample_plan();
  plan.changes[0].fields = {{"version", nasty, nasty}};
  plan.changes[0].why = nasty;
  plan.warnings = {nasty};
  plan.quorum = {nasty};
  PlanHeader header = sample_header();
  header.state = nasty;
  const Summary summary = [&] {
    Summary failed = failed_run();
    failed.failures[0].error = {ErrorCode::unavailable, nasty, nasty};
    return failed;
  }();
  for (const Summary* run : {static_cast<const Summary*>(nullptr), &summary}) {
    const CiReport report = {"apply", plan, header, run};
    EXPECT_FALSE(says(html_report(report), "<img"));
    EXPECT_FALSE(says(junit_report(report), "<img"));
    const std::string markdown = markdown_report(report);
    EXPECT_FALSE(says(markdown, "\n/close")) << "a quick action of GitLab's";
    EXPECT_TRUE(says(markdown, "\\<img")) << markdown;
    for (const auto& line : split_lines(markdown)) {
      if (!line.starts_with("| `")) {
        EXPECT_FALSE(says(line, "@all")) << "a mention outside a code span: " << line;
      }
    }
  }
}

TEST(CiReport, ThePageOrdersStepsThatWaitForLaterOnes) {
  Plan plan = sample_plan();
  plan.steps[0].after = {1};
  plan.steps[1].after = {};
  plan.steps[2].after = {0};
  const PlanHeader header = sample_header();
  const std::string text = html_report({"plan", plan, header});
  const std::string order = text.substr(text.find("<ol class=\"waves\">"));
  EXPECT_LT(order.find("engine/worker-3"), order.find("server/worker-3")) << order;
  EXPECT_EQ(occurrences(order, "<li><span"), 4U);
}

TEST(Markup, ControlCharactersBecomeBlanks) {
  EXPECT_EQ(xml_text("a\x1b[31m\0b"), "a [31m");
  EXPECT_EQ(markdown_code("a|b`c\nd"), "`a\\|b'c d`");
  EXPECT_EQ(markdown_code(""), "");
}

}  // namespace
}  // namespace skep
