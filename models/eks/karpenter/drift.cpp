#include "models/eks/karpenter/drift.h"

#include <algorithm>

#include "sim/core/hash.h"

namespace plimsoll::eks::karpenter {

std::uint64_t template_hash(const NodePool& pool) {
  TraceHash hash;
  hash.add(hash_text(pool.node_class));
  hash.add(pool.do_not_disrupt ? 1u : 0u);
  for (const auto& [key, value] : pool.labels.pairs()) {
    hash.add(key.value());
    hash.add(value.value());
  }
  for (const std::vector<Taint>* taints : {&pool.taints, &pool.startup_taints}) {
    hash.add(taints->size());
    for (const Taint& t : *taints) {
      hash.add(t.key.value());
      hash.add(t.value.value());
      hash.add(static_cast<std::uint64_t>(t.effect));
    }
  }
  for (const std::optional<Duration>& d : {pool.expire_after, pool.termination_grace_period}) {
    hash.add(d.has_value() ? 1u : 0u);
    hash.add(static_cast<std::uint64_t>(d.value_or(Duration{}).count()));
  }
  return hash.value();
}

bool satisfies(const NodePool& pool, const Labels& labels, const Names& names) {
  const auto entries = pool.requirements.entries();
  return std::all_of(entries.begin(), entries.end(), [&](const KeyRequirement& r) {
    const NameId value = labels.find(r.key);
    return value.is_none() ? r.allows_absence() : r.has(value, names);
  });
}

}  // namespace plimsoll::eks::karpenter
