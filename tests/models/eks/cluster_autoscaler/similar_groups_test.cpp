#include "models/eks/cluster_autoscaler/similar_groups.h"

#include <doctest/doctest.h>

#include "tests/models/eks/fixture.h"

namespace plimsoll::eks::ca {

namespace {
GroupTemplate group(Names& names, std::int64_t memory, std::string_view zone, std::string_view team) {
  GroupTemplate t;
  t.capacity = test::room(4000, memory);
  t.allocatable = test::room(3920, memory - 700);
  t.requested = test::room(150, 0, 2);
  t.labels.set(names.intern("topology.kubernetes.io/zone"), names.intern(zone));
  t.labels.set(names.intern("eks.amazonaws.com/nodegroup"), names.intern(zone));
  t.labels.set(names.intern("team"), names.intern(team));
  return t;
}
}  // namespace

TEST_CASE("zones and small differences of memory do not tell groups apart, other labels do") {
  Names names;
  const GroupTemplate a = group(names, 16000, "a", "x");
  CHECK(are_similar(a, group(names, 16000, "b", "x"), names, {}));
  CHECK(are_similar(a, group(names, 16240, "b", "x"), names, {}));        // 1.48 %
  CHECK_FALSE(are_similar(a, group(names, 16260, "b", "x"), names, {}));  // 1.6 %
  CHECK_FALSE(are_similar(a, group(names, 16000, "b", "y"), names, {}));
  SimilarityParams plain;
  plain.aws_labels = false;
  CHECK_FALSE(are_similar(a, group(names, 16000, "b", "x"), names, plain));
  plain.extra_ignored_labels = {names.intern("eks.amazonaws.com/nodegroup")};
  CHECK(are_similar(a, group(names, 16000, "b", "x"), names, plain));
  SimilarityParams only;
  only.only_labels = {names.intern("team")};
  CHECK(are_similar(a, group(names, 16000, "c", "x"), names, only));
}

TEST_CASE("capacity other than memory must be equal and free room close") {
  Names names;
  const GroupTemplate a = group(names, 16000, "a", "x");
  GroupTemplate cpu = a;
  cpu.capacity.set_cpu(cpu_millis(4001));
  CHECK_FALSE(are_similar(a, cpu, names, {}));
  GroupTemplate busy = a;
  busy.requested.set_cpu(cpu_millis(350));  // free 3570 against 3770: 5.3 %
  CHECK_FALSE(are_similar(a, busy, names, {}));
}

}  // namespace plimsoll::eks::ca
