// What providers that make machines say of pools in the same words. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/model/problem.h"
#include "planner/model/spec.h"

namespace skep {

/// "pools.worker", or "pools.db.nodes.db-1" where nodes are named.
std::string path_of(const PoolSpec& pool, const NodeSpec& node);

/// A problem for each volume whose name, put together of node and volume, another one has as well.
std::vector<Problem> volume_name_problems(const Spec& spec, std::string_view provider);

/// A problem for each node that says what only a machine that exists already can say: addresses, keys, users.
std::vector<Problem> hand_written_problems(const Spec& spec, std::string_view provider, const std::string& message);

/// The nodes of a pool in natural order, as candidates for a floating IP ("$one_of").
std::vector<std::string> machines_of(const PoolSpec& pool);

/// The name of the pool whose address a DNS record leads to; empty: there is none.
std::string pool_behind(const Spec& spec, const DnsRecordSpec& record);

/// The pool of that name, when it is this provider's and has nodes; else nullptr.
const PoolSpec* pool_at(const Spec& spec, std::string_view provider, const std::string& name);

}  // namespace skep
