// What a plan does to the monthly bill, by the providers' own price lists: always an estimate.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "planner/base/json.h"
#include "planner/model/resource.h"

namespace skep {

struct Amounts {
  double before = 0;
  double after = 0;
};

struct Bill {
  std::map<std::string, Amounts> totals = {};  // by currency; empty: nothing costs anything
  /// By kind and name, all generations together: what each resource adds to the bill, and its currency.
  std::map<std::pair<std::string, std::string>, std::pair<double, std::string>> changes = {};
  std::vector<ResourceId> unknown = {};  // have a price that the list does not tell
  std::string problem = {};              // why there are no prices at all
};

/// "+3.79 EUR/month, 24.40 in all (estimate)"; empty when nothing costs anything.
std::string bill_text(const Bill& bill);

/// "+3.79", "-0.44" for the resources together; empty when they change nothing.
std::string change_text(const Bill& bill, const std::vector<ResourceId>& ids);

/// {"totals": [{currency, before, after, change}], "unknown": [...], "is_estimate": true}
Json bill_json(const Bill& bill);

}  // namespace skep
