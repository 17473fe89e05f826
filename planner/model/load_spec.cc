#include "planner/model/load_spec.h"

#include <algorithm>
#include <utility>

#include "planner/model/spec_check.h"
#include "planner/model/spec_findings.h"
#include "planner/model/spec_read.h"
#include "planner/model/spec_shape.h"
#include "planner/model/spec_text.h"
#include "planner/model/spec_tree.h"

namespace skep {

Checked load_spec(std::span<const Document> files, const Environment& environment) {
  Checked checked;
  if (files.empty()) {
    checked.problems.push_back({.message = "no spec was given", .hint = "name one with -f FILE"});
    return checked;
  }
  const model::Sources sources(files);
  model::Findings findings(sources);
  auto tree = model::merged_tree(sources, environment, findings);
  if (tree) {
    findings.set_root(*tree);
    model::check_shape(*tree, findings);
    Spec spec = model::read_spec(*tree, findings);
    model::check_rules(*tree, spec, findings);
    if (!findings.has_errors()) {
      spec.places = model::places_of(*tree, sources);
      spec.digest = model::digest_of(spec);
      checked.spec = std::move(spec);
    }
  }
  checked.problems = findings.problems();
  return checked;
}

}  // namespace skep
