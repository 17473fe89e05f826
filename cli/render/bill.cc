#include "cli/render/bill.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr double smallest_shown = 0.005;

/// Whole cents, so that programs need not round.
double cents(double amount) { return std::round(amount * 100) / 100; }

std::string signed_text(double amount) { return fmt::format("{:+.2f}", cents(amount) + 0.0); }

}  // namespace

std::string bill_text(const Bill& bill) {
  std::vector<std::string> parts;
  for (const auto& [currency, amounts] : bill.totals) {
    parts.push_back(fmt::format("{} {}/month, {:.2f} in all", signed_text(amounts.after - amounts.before), currency,
                                amounts.after));
  }
  if (!bill.problem.empty()) parts.push_back("price not known: " + bill.problem);
  if (parts.empty()) return "";
  std::string text = join(parts, "; ");
  if (!bill.totals.empty()) text += bill.unknown.empty() ? " (estimate)" : " (estimate, some prices not known)";
  return text;
}

std::string change_text(const Bill& bill, const std::vector<ResourceId>& ids) {
  double sum = 0;
  std::set<std::pair<std::string, std::string>> seen;  // each once, whatever its generation
  for (const auto& id : ids) {
    const auto change = bill.changes.find({id.kind, id.name});
    if (change != bill.changes.end() && seen.insert(change->first).second) sum += change->second.first;
  }
  return std::abs(sum) < smallest_shown ? "" : signed_text(sum);
}

Json bill_json(const Bill& bill) {
  Json totals = Json::array();
  for (const auto& [currency, amounts] : bill.totals) {
    totals.push_back({{"currency", currency},
                      {"before", cents(amounts.before)},
                      {"after", cents(amounts.after)},
                      {"change", cents(amounts.after - amounts.before)}});
  }
  Json unknown = Json::array();
  for (const auto& id : bill.unknown) unknown.push_back(to_text(id));
  return {{"totals", totals}, {"unknown", unknown}, {"problem", bill.problem}, {"is_estimate", true}};
}

}  // namespace skep
