// The report as one HTML page: no script, no other address; light and dark, narrow and wide, and on paper.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/render/ci_report.h"
#include "cli/render/markup.h"
#include "cli/render/progress.h"
#include "planner/base/text.h"
#include "planner/model/plan_json.h"

namespace skep {

namespace {

constexpr const char* page_style = R"css(
:root{color-scheme:light dark;--text:#1c2126;--soft:#5b6570;--page:#f6f7f8;--card:#fff;--line:#dde1e5;
--create:#18753c;--update:#8a5a00;--replace:#8131a8;--destroy:#b3261e;--warn:#fff6dd}
@media (prefers-color-scheme:dark){:root{--text:#e4e8ec;--soft:#9aa5b1;--page:#14181c;--card:#1c2227;--line:#323a42;
--create:#5fd38d;--update:#e8b64c;--replace:#cf9bec;--destroy:#ff8a80;--warn:#332b14}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .6rem}
p{margin:.4rem 0}
.soft{color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}
.counts{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.2rem 0;padding:0;list-style:none}
.counts li{flex:1 1 5rem;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .9rem}
.counts b{display:block;font-size:1.6rem;line-height:1.2}
.none{color:var(--soft)}
.box{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.2rem 1rem;overflow-wrap:anywhere}
.warn{background:var(--warn);border-left:.3rem solid var(--update)}
.bad{border-left:.3rem solid var(--destroy)}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}
th,td{text-align:left;vertical-align:top;padding:.45rem .8rem;border-top:1px solid var(--line)}
th{font-size:.85rem;font-weight:600;color:var(--soft);border-top:0}
td{overflow-wrap:anywhere}
td.name{font-weight:600;white-space:nowrap}
td.act{white-space:nowrap;font-weight:600}
td.kind{white-space:nowrap}
.create,.add{color:var(--create)}.update,.change{color:var(--update)}.replace{color:var(--replace)}
.destroy,.forget{color:var(--destroy)}
summary{cursor:pointer;padding:.4rem 0}
ol,ul{padding-left:1.4rem}
ol.waves>li{margin:.5rem 0}
.step{display:inline-block;border:1px solid var(--line);border-radius:.3rem;padding:0 .45rem;margin:.12rem .15rem;
font-size:.9rem;overflow-wrap:anywhere}
@media (max-width:640px){thead{display:none}tr{display:block;border-top:1px solid var(--line);padding:.4rem 0}
td{display:inline-block;border:0;padding:.05rem .4rem .05rem .8rem}td.what{display:block}td.what:empty{display:none}
td.name{white-space:normal}}
a{color:inherit}
@media print{:root{color-scheme:light;--text:#000;--soft:#444;--page:#fff;--card:#fff;--line:#bbb;--create:#064d20;
--update:#5c3b00;--replace:#561b75;--destroy:#8c1d18;--warn:#fff}
main{max-width:none;padding:0}tr,.box{break-inside:avoid}
details>:not(summary){display:block}}
)css";

std::string count_item(std::size_t count, const char* css_class, const char* words) {
  return fmt::format("<li><b class=\"{}\">{}</b>{}</li>", count == 0 ? "none" : css_class, count, words);
}

std::string html_list(const std::vector<std::string>& lines) {
  std::string text = "<ul>";
  for (const auto& line : lines) text += "<li>" + xml_text(line) + "</li>";
  return text + "</ul>";
}

std::string html_head(const CiReport& report, const PlanCounts& counts) {
  const std::string outcome = report_outcome(report);
  const std::string color = outcome == "failed" || outcome == "stopped" ? "destroy"
                            : outcome == "done"                         ? "add"
                                                                        : "soft";
  std::string text = "<header>\n<p>skep " + report.operation + " · <b class=\"" + color + "\">" + outcome +
                     "</b></p>\n<h1>" + xml_text(report.plan.cluster) + "</h1>\n";
  const bool is_planned = report.summary == nullptr;
  std::string verdict = verdict_text(report.plan);
  if (verdict.empty()) verdict = plan_line(counts);
  const std::string price = bill_text(report.header.bill);
  const std::string prefix = is_planned ? "" : "planned: ";
  text += "<p>" + xml_text(prefix + (price.empty() ? verdict : verdict + " · " + price)) + "</p>\n";
  text += "<p class=\"soft\">" + xml_text(report.header.place + " · " + report.header.state);
  if (!report.commit.empty()) text += " · commit " + xml_text(report.commit.substr(0, 12));
  if (!report.plan.empty()) text += " · plan " + digest_of(report.plan).substr(0, 12);
  if (report.link.starts_with("https://")) text += " · <a href=\"" + xml_text(report.link) + "\">the job</a>";
  return text + "</p>\n</header>\n<ul class=\"counts\">" +
         count_item(counts.add, "add", is_planned ? "to add" : "added") +
         count_item(counts.change, "change", is_planned ? "to change" : "changed") +
         count_item(counts.destroy, "destroy", is_planned ? "to destroy" : "destroyed") + "</ul>\n";
}

std::string html_failures(const CiReport& report) {
  if (report.summary == nullptr || report.summary->failures.empty()) return "";
  std::string text = "<h2>What failed</h2>\n<div class=\"box bad\">";
  for (const auto& failure : report.summary->failures) {
    text += "<p><b>" + xml_text(to_text(failure.id)) + "</b>: " + xml_text(failure.error.message);
    if (!failure.error.hint.empty()) text += "<br><span class=\"soft\">" + xml_text(failure.error.hint) + "</span>";
    text += "</p>";
  }
  const std::size_t skipped = report.summary->skipped.size();
  if (skipped > 0) text += "<p>" + count_of(skipped, "step") + " not tried</p>";
  return text + "</div>\n";
}

std::string html_changes(const std::vector<PlanRow>& rows) {
  if (rows.empty()) return "";
  std::string text =
      "<h2>Changes</h2>\n<table><thead><tr><th>action</th><th>kind</th><th>name</th><th>what</th></tr></"
      "thead><tbody>\n";
  for (const auto& row : rows) {
    const Row cells = plan_row_cells(row);
    const std::string action(action_name(row.change.action));
    const std::string glyph = cells[0].text.substr(0, cells[0].text.find(' '));
    text += fmt::format(
        "<tr><td class=\"act {0}\">{1} {0}</td><td class=\"kind\">{2}</td><td class=\"name\">{3}</td><td "
        "class=\"what\">{4}</td></tr>\n",
        action, xml_text(glyph), xml_text(row.change.id.kind), xml_text(cells[1].text), xml_text(cells[2].text));
  }
  return text + "</tbody></table>\n";
}

/// The steps by how many others must end before them: those of one wave may run side by side.
std::map<std::size_t, std::vector<const Step*>> waves_of(const Plan& plan) {
  std::vector<std::size_t> wave(plan.steps.size(), 0);
  // A step may wait for one behind it in the list, so go on until nothing moves; the plan has no circles.
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& step : plan.steps) {
      std::size_t at = 0;
      for (const StepId before : step.after) at = std::max(at, wave[before] + 1);
      moved |= wave[step.id] != at;
      wave[step.id] = at;
    }
  }
  std::map<std::size_t, std::vector<const Step*>> waves;
  for (const auto& step : plan.steps) waves[wave[step.id]].push_back(&step);
  return waves;
}

std::string html_waves(const CiReport& report) {
  if (report.plan.empty()) return "";
  std::map<StepId, Duration> elapsed;
  std::set<StepId> failed;
  if (report.summary != nullptr) {
    for (const auto& failure : report.summary->failures) failed.insert(failure.step);
    for (const auto& timing : report.summary->timings) elapsed[timing.step] = timing.elapsed;
  }
  std::string text =
      "<h2>Order</h2>\n<p class=\"soft\">What stands in one line may run side by side.</p>\n"
      "<div class=\"box\"><ol class=\"waves\">\n";
  for (const auto& [number, steps] : waves_of(report.plan)) {
    text += "<li>";
    for (const auto* step : steps) {
      const std::string action(step_action_name(step->action));
      text += "<span class=\"step\"><span class=\"" + action + "\">" + action + "</span> " +
              xml_text(to_text(step->resource.id));
      const auto time = elapsed.find(step->id);
      if (time != elapsed.end()) text += " <span class=\"soft\">" + human_duration(time->second) + "</span>";
      if (failed.contains(step->id)) text += " <b class=\"destroy\">failed</b>";
      if (report.summary != nullptr && time == elapsed.end()) text += " <span class=\"soft\">not tried</span>";
      text += "</span>";
    }
    text += "</li>\n";
  }
  return text + "</ol></div>\n";
}

}  // namespace

std::string html_report(const CiReport& report) {
  const auto rows = plan_rows(report.plan);
  std::string text =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      "<title>skep " +
      report.operation + ": " + xml_text(report.plan.cluster) + "</title>\n<style>" + page_style +
      "</style></head>\n<body><main>\n" + html_head(report, report_counts(report)) + html_failures(report);
  if (!report.plan.warnings.empty()) {
    text += "<h2>Risks</h2>\n<div class=\"box warn\">" + html_list(report.plan.warnings) + "</div>\n";
  }
  text += html_changes(rows) + html_waves(report);
  if (!report.plan.quorum.empty()) {
    text += "<h2>Quorum</h2>\n<details class=\"box\"><summary>kept at every step</summary>" +
            html_list(report.plan.quorum) + "</details>\n";
  }
  return text + "</main></body></html>\n";
}

}  // namespace skep
