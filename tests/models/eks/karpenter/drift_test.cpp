#include "models/eks/karpenter/drift.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::karpenter {
namespace {

TEST_CASE("what a template gives its nodes for good changes the hash, what acts at once does not") {
  Names names;
  NodePool pool;
  const std::uint64_t before = template_hash(pool);
  const auto changed = [&](auto&& edit) {
    NodePool other = pool;
    edit(other);
    return template_hash(other) != before;
  };
  CHECK(changed([&](NodePool& p) { p.labels.set(names.intern("team"), names.intern("a")); }));
  CHECK(changed([&](NodePool& p) { p.taints.push_back({names.intern("gpu"), NameId{}, TaintEffect::no_schedule}); }));
  CHECK(changed([&](NodePool& p) { p.startup_taints.push_back({names.intern("cni"), {}, TaintEffect::no_execute}); }));
  CHECK(changed([](NodePool& p) { p.expire_after = hours(24); }));
  CHECK(changed([](NodePool& p) { p.expire_after.reset(); }));
  CHECK(changed([](NodePool& p) { p.termination_grace_period = hours(1); }));
  CHECK(changed([](NodePool& p) { p.node_class = "other"; }));
  CHECK_FALSE(changed([](NodePool& p) { p.weight = 10; }));
  CHECK_FALSE(changed([](NodePool& p) { p.cpu_limit = cpu_cores(10); }));
  CHECK_FALSE(changed([](NodePool& p) { p.consolidate_after.reset(); }));
  CHECK_FALSE(changed([&](NodePool& p) { p.requirements.add(KeyRequirement::exists(names.intern("zone")), names); }));
}

TEST_CASE("a node satisfies its pool while each of its labels is among the values that the pool allows") {
  Names names;
  const NameId type = names.intern("type"), small = names.intern("small"), large = names.intern("large");
  NodePool pool;
  Labels node;
  node.set(type, small);
  CHECK(satisfies(pool, node, names));
  pool.requirements.add(KeyRequirement::in(type, {small, large}), names);
  CHECK(satisfies(pool, node, names));
  NodePool narrow = pool;
  narrow.requirements.add(KeyRequirement::in(type, large), names);
  CHECK_FALSE(satisfies(narrow, node, names));
  // A label that the node lacks: wanted, or wanted absent.
  NodePool wanted = pool, unwanted = pool;
  wanted.requirements.add(KeyRequirement::exists(names.intern("team")), names);
  unwanted.requirements.add(KeyRequirement::does_not_exist(names.intern("team")), names);
  CHECK_FALSE(satisfies(wanted, node, names));
  CHECK(satisfies(unwanted, node, names));
}

}  // namespace
}  // namespace plimsoll::eks::karpenter
