#include "models/eks/karpenter/requirements.h"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "sim/core/random.h"

namespace plimsoll::eks::karpenter {

namespace {

struct Case {
  Names names;
  NameId key = names.intern("key");
  NameId v(std::string_view text) { return names.intern(text); }
  KeyRequirement make(SelectorOp op, std::vector<NameId> values, std::int64_t number = 0) {
    return KeyRequirement::of({key, op, std::move(values), number});
  }
};

}  // namespace

TEST_CASE("intersections of the six operators hold exactly the values that both allow") {
  Case c;
  const std::vector<NameId> all{c.v("1"), c.v("2"), c.v("3"), c.v("4"), c.v("a")};
  const Stream draw(3, std::uint64_t{9}, Purpose::tie_break);
  const auto random = [&](std::uint64_t trial, std::uint32_t side) {
    const auto op = static_cast<SelectorOp>(draw.below(6, trial, side));
    std::vector<NameId> values;
    if (op == SelectorOp::in || op == SelectorOp::not_in) {
      for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (draw.below(2, trial, side * 100 + i + 10) == 1) values.push_back(all[i]);
      }
    }
    return c.make(op, values, static_cast<std::int64_t>(draw.below(4, trial, side * 100 + 50)));
  };
  for (std::uint64_t trial = 0; trial < 2000; ++trial) {
    const KeyRequirement a = random(trial, 1);
    const KeyRequirement b = random(trial, 2);
    const KeyRequirement both = intersect(a, b, c.names);
    for (const NameId v : all) {
      CHECK(both.has(v, c.names) == (a.has(v, c.names) && b.has(v, c.names)));
    }
  }
}

TEST_CASE("a key that a pool does not define is denied unless it is well known or may be absent") {
  Case c;
  const WellKnownLabels known(c.names);
  Requirements pool;
  pool.add(KeyRequirement::in(known.zone, {c.v("z1"), c.v("z2")}), c.names);
  Requirements pod;
  pod.add(KeyRequirement::in(known.arch, c.v("arm64")), c.names);
  CHECK(pool.compatible(pod, known, c.names));
  pod.add(KeyRequirement::in(known.zone, c.v("z2")), c.names);
  CHECK(pool.compatible(pod, known, c.names));
  pod.add(KeyRequirement::in(c.key, c.v("x")), c.names);
  CHECK_FALSE(pool.compatible(pod, known, c.names));
  Requirements absent;
  absent.add(c.make(SelectorOp::not_in, {c.v("x")}), c.names);
  CHECK(pool.compatible(absent, known, c.names));
  Requirements elsewhere;
  elsewhere.add(KeyRequirement::in(known.zone, c.v("z3")), c.names);
  CHECK_FALSE(pool.intersects(elsewhere, c.names));
}

TEST_CASE("bounds must leave an integer and the larger minValues counts") {
  Case c;
  const KeyRequirement above = c.make(SelectorOp::gt, {}, 3);
  const KeyRequirement below = c.make(SelectorOp::lt, {}, 3);
  CHECK(intersect(above, below, c.names).is_empty());
  CHECK(intersect(above, c.make(SelectorOp::lt, {}, 4), c.names).is_empty());  // 3 < n < 4
  CHECK(intersect(above, c.make(SelectorOp::lt, {}, 5), c.names).any(c.names) == c.v("4"));
  KeyRequirement a = c.make(SelectorOp::exists, {});
  KeyRequirement b = a;
  a.min_values = 2;
  b.min_values = 5;
  CHECK(intersect(a, b, c.names).min_values == 5);
}

TEST_CASE("a value that a requirement allows") {
  Case c;
  const auto any = [&](const KeyRequirement& r) -> std::string {
    const NameId value = r.any(c.names);
    return value.is_none() ? "" : std::string(c.names.text(value));
  };
  CHECK(any(c.make(SelectorOp::in, {c.v("web"), c.v("api")})) == "api");
  CHECK(any(c.make(SelectorOp::exists, {})) == "0");
  CHECK(any(c.make(SelectorOp::not_in, {c.v("0"), c.v("1")})) == "2");
  CHECK(any(c.make(SelectorOp::gt, {}, 5)) == "6");
  CHECK(any(c.make(SelectorOp::lt, {}, 3)) == "0");
  CHECK(any(c.make(SelectorOp::lt, {}, 0)) == "-1");
  CHECK(any(c.make(SelectorOp::does_not_exist, {})) == "");
}

TEST_CASE("it does not matter which side has more keys") {
  Case c;
  const NameId other = c.v("other");
  Requirements many, few;
  for (const char* key : {"a", "b", "c"}) many.add(KeyRequirement::in(c.v(key), c.v("1")), c.names);
  many.add(KeyRequirement::in(other, c.v("1")), c.names);
  few.add(KeyRequirement::in(other, c.v("1")), c.names);
  CHECK(many.intersects(few, c.names));
  CHECK(few.intersects(many, c.names));
  few.add(KeyRequirement::in(c.v("b"), c.v("2")), c.names);
  CHECK_FALSE(many.intersects(few, c.names));
  CHECK_FALSE(few.intersects(many, c.names));
}

}  // namespace plimsoll::eks::karpenter
