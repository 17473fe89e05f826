#include "cli/commands/pricing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "planner/base/text.h"

namespace skep {

namespace {

constexpr const char* option_name = "max-monthly";

/// The record's resource as it exists: what the provider reports counts more than what was once wanted.
Resource as_reported(const Record& record) {
  Resource resource = record.resource;
  for (auto& [name, value] : resource.inputs.items()) {
    const auto reported = record.object.attributes.find(name);
    if (reported != record.object.attributes.end()) value = *reported;
  }
  return resource;
}

using Resources = std::map<ResourceId, Resource>;

Resources after(const Plan& plan, Resources resources) {
  for (const auto& step : plan.steps) {
    if (step.action == StepAction::create || step.action == StepAction::update) {
      resources[step.resource.id] = step.resource;
    } else if (step.action == StepAction::destroy || step.action == StepAction::forget) {
      resources.erase(step.resource.id);
    }
  }
  return resources;
}

std::vector<Resource> listed(const Resources& resources) {
  std::vector<Resource> list;
  for (const auto& [id, resource] : resources) list.push_back(resource);
  return list;
}

Result<void> add_prices(Provider& provider, const Resources& before, const Resources& then, const Context& context,
                        Bill& bill) {
  const Prices old_prices = TRY(provider.prices(listed(before), context));
  const Prices new_prices = TRY(provider.prices(listed(then), context));
  for (const auto* prices : {&old_prices, &new_prices}) {
    const bool is_new = prices == &new_prices;
    if (prices->currency.empty()) continue;
    for (const auto& [id, price] : prices->monthly) {
      auto& amounts = bill.totals[prices->currency];
      (is_new ? amounts.after : amounts.before) += price;
      auto& change = bill.changes[{id.kind, id.name}];
      change.first += is_new ? price : -price;
      change.second = prices->currency;
    }
  }
  bill.unknown.insert(bill.unknown.end(), new_prices.unknown.begin(), new_prices.unknown.end());
  return {};
}

struct Limit {
  double amount = 0;
  std::string currency;  // empty: whatever the provider's is
};

Result<Limit> limit_of(const Invocation& invocation) {
  const std::string text = invocation.text(option_name);
  Limit limit;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), limit.amount);
  limit.currency = std::string(trim(std::string_view(end, text.data() + text.size())));
  const bool is_currency =
      limit.currency.empty() ||
      (limit.currency.size() == 3 && std::ranges::all_of(limit.currency, [](char c) { return c >= 'A' && c <= 'Z'; }));
  if (failure == std::errc() && is_currency && limit.amount >= 0 && std::isfinite(limit.amount)) return limit;
  return Error{ErrorCode::invalid_input, fmt::format("--{}: '{}' is no amount of money", option_name, text),
               "write it as 50EUR or 49.90USD"};
}

}  // namespace

Bill bill_of(const Cluster& cluster, const Plan& plan, const State& stored, Outside& outside) {
  Bill bill;
  Resources before;
  for (const auto& [id, record] : stored.records) before.emplace(id, as_reported(record));
  const Resources then = after(plan, before);
  const Context context = {.deadline = outside.clock.now() + std::chrono::seconds(30), .stop = outside.stop};
  for (const auto& provider : cluster.providers) {
    const auto added = add_prices(*provider, before, then, context, bill);
    if (!added.ok()) bill.problem = added.error().message;
  }
  return bill;
}

bool has_spending_limit(const Invocation& invocation) { return invocation.has(option_name); }

Result<void> check_spending(const Bill& bill, const Invocation& invocation) {
  if (!has_spending_limit(invocation)) return {};
  const Limit limit = TRY(limit_of(invocation));
  if (!bill.problem.empty() || !bill.unknown.empty()) {
    const std::string why =
        bill.problem.empty() ? fmt::format("there is no price for {}", to_text(bill.unknown.front())) : bill.problem;
    return Error{ErrorCode::refused, fmt::format("what it costs a month cannot be told: {}", why),
                 fmt::format("leave --{} out to go on without knowing", option_name)};
  }
  for (const auto& [currency, amounts] : bill.totals) {
    if (!limit.currency.empty() && limit.currency != currency) {
      return Error{ErrorCode::invalid_input,
                   fmt::format("--{} is in {}, the prices are in {}", option_name, limit.currency, currency)};
    }
    if (amounts.after <= limit.amount) continue;
    return Error{
        ErrorCode::refused,
        fmt::format("it would cost about {:.2f} {} a month, more than {:.2f}", amounts.after, currency, limit.amount),
        fmt::format("take smaller or fewer machines, or raise --{}", option_name)};
  }
  return {};
}

}  // namespace skep
