#include "models/eks/hybrid_nodes.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

struct Reading {
  explicit Reading(const std::string& text) {
    Setting setting;
    setting.region = "us-east-1";
    setting.zones = {"us-east-1a"};
    setting.as_of = "today";
    const auto nodes = document::load_text(text, "hybrid.yaml", diagnostics);
    REQUIRE(nodes.size() == 1);
    document::Fields f(nodes.front(), diagnostics, "h");
    std::shared_ptr<aws::PriceBook> prices = aws::PriceBook::open(f, setting);
    REQUIRE(prices != nullptr);
    hybrid = read_hybrid_nodes(f, f, *prices);
    weak = prices->weak_rows().size();
    f.finish();
  }
  document::Diagnostics diagnostics;
  HybridNodes hybrid;
  std::size_t weak = 0;
};

TEST_CASE("nodeadm keeps whole GiB of a hybrid node's memory") {
  CHECK(hybrid_kube_reserved_memory(mebibytes(512)) == mebibytes(255));
  CHECK(hybrid_kube_reserved_memory(gibibytes(1)) == Bytes{});          // 0.25 GiB rounds to none
  CHECK(hybrid_kube_reserved_memory(gibibytes(2)) == gibibytes(1));     // 0.50
  CHECK(hybrid_kube_reserved_memory(gibibytes(4)) == gibibytes(1));     // 1.00
  CHECK(hybrid_kube_reserved_memory(gibibytes(8)) == gibibytes(2));     // 1.80
  CHECK(hybrid_kube_reserved_memory(gibibytes(16)) == gibibytes(3));    // 2.60
  CHECK(hybrid_kube_reserved_memory(gibibytes(64)) == gibibytes(5));    // 2.60 + 0.06 x 48 = 5.48
  CHECK(hybrid_kube_reserved_memory(gibibytes(128)) == gibibytes(9));   // 9.32
  CHECK(hybrid_kube_reserved_memory(gibibytes(256)) == gibibytes(12));  // 9.32 + 0.02 x 128 = 11.88
}

TEST_CASE("a machine of 8 vCPU and 32 GiB offers what the kubelet leaves") {
  const Reading r("{count: 3, cpu: 8 vCPU, memory: 32GiB}");
  CHECK(r.diagnostics.text() == "");
  CHECK(r.hybrid.count == 3);
  CHECK(r.hybrid.vcpu == 8);
  CHECK(r.hybrid.allocatable.cpu() == cpu_millis(8000 - 90));
  // 2.60 + 0.06 x 16 = 3.56: 4 GiB; and 100 MiB that evictionHard keeps.
  CHECK(r.hybrid.allocatable.memory() == mebibytes(28 * 1024 - 100));
  CHECK(r.hybrid.allocatable[Resource::pods] == 110);
  CHECK(r.hybrid.vcpu_hour[0] == Rate{20'000'000'000});  // 0.020 $
  CHECK(r.weak == 0);
  CHECK(Reading("{count: 1, cpu: 1500m, memory: 4GiB}").hybrid.vcpu == 2);
}

TEST_CASE("the fee falls in steps of a month's vCPU-hours") {
  // 2,000 x 10 vCPU x 720 h = 14.4 million: 576,000, 576,000, 4,608,000, 5,760,000 and 2,880,000 hours.
  const Reading r("{count: 2000, cpu: 10 vCPU, memory: 32GiB}");
  const auto vcpus = r.hybrid.split();
  CHECK(vcpus[0] * 720 == 576'000);
  CHECK(vcpus[1] * 720 == 576'000);
  CHECK(vcpus[2] * 720 == 4'608'000);
  CHECK(vcpus[3] * 720 == 5'760'000);
  CHECK(vcpus[4] * 720 == 2'880'000);
  for (std::size_t t = 1; t < HybridNodes::kTiers; ++t) CHECK(r.hybrid.vcpu_hour[t] < r.hybrid.vcpu_hour[t - 1]);
  CHECK(r.hybrid.vcpu_hour[4] == Rate{6'000'000'000});  // 0.006 $
  CHECK(r.weak == 0);
}

TEST_CASE("a machine needs its size") {
  CHECK(Reading("{count: 2}").diagnostics.text().find("cpu") != std::string::npos);
  CHECK(Reading("{count: 0, cpu: 8 vCPU, memory: 32GiB}").diagnostics.has_errors());
}

}  // namespace
}  // namespace plimsoll::eks
