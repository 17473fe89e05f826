// References inside attributes: to another resource's field, to a choice of resources, to a secret.
//
//   {"$ref": "server/worker-1", "field": "address"}     that field once it exists; adds `needs`. Without "field": all
//   attributes
//   {"$one_of": ["server/a", "server/b"], "field": "remote_id"}  one of them, chosen by the planner: the present holder
//   while it
//                                                       stays, else the first that stays; becomes a $ref in the plan
//   {"$any_of": ["cx23", "cx33"]}                       a plain value: the one of these that the object has, else the
//                                                       first; becomes that value in the plan
//   {"$all": "swarm_manager", "field": "host"}          that field of every object of the kind that exists when the
//   step starts, by id,
//                                                       as a list; orders nothing, never counts as a change
//   {"$secret": "env:TOKEN"}                            env:NAME or file:PATH; resolved only in perform()
//
// The field "remote_id" is Object::remote_id; any other is a member of Object::attributes.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "planner/base/result.h"
#include "planner/base/secret.h"
#include "planner/model/resource.h"

namespace skep {

struct Ref {
  ResourceId id;
  std::string field;  // empty: all attributes
};

/// Every $ref and $one_of target in `attributes`, in walking order, duplicates kept out.
std::vector<ResourceId> referenced(const Attributes& attributes);

/// Renames ids inside every reference: `rename(id)` gives the id to use instead.
void rename_references(Attributes& attributes, const std::function<ResourceId(const ResourceId&)>& rename);

/// Objects by id, as references see them.
using Objects = std::map<ResourceId, Object>;

/// `attributes` with every $ref and $all replaced by its value; $secret stays. Errors: not_found (names the reference).
/// A $one_of left inside is a bug of the planner and gives internal.
Result<Attributes> resolve_refs(const Attributes& attributes, const Objects& objects);

/// Where secrets come from: given "env:NAME" or "file:PATH". Errors: invalid_input (unset, unreadable), naming it.
using SecretSource = std::function<Result<Secret>(std::string_view)>;

/// `attributes` with every {"$secret": ...} replaced by its clear text, and the list of those texts, for redaction.
struct WithSecrets {
  Attributes attributes;
  std::vector<Secret> secrets;
};
Result<WithSecrets> resolve_secrets(const Attributes& attributes, const SecretSource& source);

/// `attributes` with every {"$secret": "env:X"} replaced by {"$secret": "env:X", "digest": keyed digest of its value}:
/// the form that state and plans hold. A secret that cannot be read gives the digest "unknown".
Attributes with_secret_digests(const Attributes& attributes, const SecretSource& source, std::string_view digest_key);

/// Every occurrence of a secret text in `text` replaced by ***; secrets shorter than 4 bytes are left alone.
std::string redact(std::string text, std::span<const Secret> secrets);

}  // namespace skep
