#include "models/eks/karpenter/instance_types.h"

#include <doctest/doctest.h>

#include "tests/models/eks/karpenter/karpenter_bed.h"

namespace plimsoll::eks::karpenter {

TEST_CASE("the cheapest and the worst launch price follow what the requirements leave") {
  test::KarpenterBed bed;
  bed.types.types[0].offerings[0].price = Rate{45'000'000'000};  // spot in z1: 0.045
  Requirements any;
  const OfferingMask all = bed.types.mask(any, bed.known, bed.names);
  CHECK(bed.types.cheapest(0, all) == doctest::Approx(0.04));
  CHECK(bed.types.worst_launch_price(0, all) == doctest::Approx(0.045));  // spot comes first, its dearest counts
  Requirements od;
  od.add(KeyRequirement::in(bed.known.capacity_type, bed.known.on_demand), bed.names);
  CHECK(bed.types.worst_launch_price(0, bed.types.mask(od, bed.known, bed.names)) == doctest::Approx(0.1));
  Requirements none;
  none.add(KeyRequirement::in(bed.known.zone, bed.name("z9")), bed.names);
  CHECK_FALSE(bed.types.has_offering(0, bed.types.mask(none, bed.known, bed.names)));
}

TEST_CASE("minValues say how many types, in order, are needed") {
  test::KarpenterBed bed;
  Requirements r;
  KeyRequirement k = KeyRequirement::exists(bed.known.instance_type);
  k.min_values = 3;
  r.add(k, bed.names);
  const std::vector<std::uint32_t> all{0, 1, 2, 3};
  CHECK(bed.types.types_for_min_values(all, r) == 3);
  CHECK(bed.types.types_for_min_values(std::span(all).first(2), r) == std::nullopt);
  CHECK(bed.types.types_for_min_values(all, {}) == 0);
}

TEST_CASE("the catalogue becomes types with labels, allocatable and offerings") {
  Names names;
  const WellKnownLabels known(names);
  const std::vector<std::string> zones{"us-east-1a", "us-east-1b", "us-east-1c"};
  const InstanceTypes types = make_instance_types(aws::Catalogue::built_in(), "us-east-1", zones, {}, known, names);
  REQUIRE(types.types.size() > 500);
  const auto index = types.find(names.intern("m5.large"));
  REQUIRE(index);
  const InstanceType& t = types[*index];
  CHECK(t.allocatable.cpu() == cpu_millis(1930));
  CHECK(t.capacity[Resource::pods] == 29);
  CHECK(t.offerings.size() == 6);
  CHECK(t.labels.allows(names.intern("karpenter.k8s.aws/instance-category"), names.intern("m"), names));
  CHECK_FALSE(t.labels.allows(names.intern("karpenter.k8s.aws/instance-generation"), names.intern("6"), names));
  CHECK_FALSE(t.labels.allows(known.arch, names.intern("arm64"), names));
  const Offering* od = types.offering(*index, 0, CapacityType::on_demand);
  REQUIRE(od != nullptr);
  CHECK(od->usd() == doctest::Approx(0.096));
}

}  // namespace plimsoll::eks::karpenter
