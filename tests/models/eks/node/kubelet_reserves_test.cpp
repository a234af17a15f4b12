#include "models/eks/node/kubelet_reserves.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

struct KubeletReading {
  explicit KubeletReading(const std::string& text) {
    const auto nodes = document::load_text(text, "class.yaml", diagnostics);
    REQUIRE(nodes.size() == 1);
    document::Fields f(nodes.front(), diagnostics, "kubelet");
    kubelet = read_kubelet_reserves(f);
    f.finish();
  }
  document::Diagnostics diagnostics;
  KubeletReserves kubelet;
};

/// 4 vCPU, 16 GiB, 20 GiB of disk, 58 pods.
ResourceVector four_cores() {
  ResourceVector v;
  v.set_cpu(cpu_cores(4));
  v.set_memory(gibibytes(16));
  v[Resource::ephemeral_storage] = gibibytes(20).raw();
  v[Resource::pods] = 58;
  return v;
}

TEST_CASE("without settings the image's own reserves hold") {
  const KubeReserved kept = kube_reserved(4, 58);  // 60 + 10 + 10 = 80m; 58 x 11 + 255 = 893 MiB; 1 GiB
  const ResourceVector a = KubeletReserves{}.allocatable(four_cores(), kept, NodeImage::al2023, true);
  CHECK(a.cpu() == cpu_millis(3'920));
  CHECK(a.memory() == mebibytes(16 * 1024 - 893 - 100));
  CHECK(a[Resource::ephemeral_storage] == gibibytes(20 - 1 - 2).raw());
  CHECK(a[Resource::pods] == 58);
}

TEST_CASE("kubeReserved replaces one amount each, systemReserved comes on top, thresholds replace the image's") {
  const KubeletReading r(
      "{kubeReserved: {cpu: 200m}, systemReserved: {cpu: 100m, memory: 100Mi, ephemeral-storage: 1Gi}, "
      "evictionHard: {memory.available: 5%, nodefs.available: 4Gi}, evictionSoft: {memory.available: 1Gi}}");
  CHECK(r.diagnostics.text() == "");
  const KubeReserved kept = kube_reserved(4, 58);
  const ResourceVector real = r.kubelet.allocatable(four_cores(), kept, NodeImage::al2023, false);
  CHECK(real.cpu() == cpu_millis(3'700));
  // 5 % of 16 GiB = 858,993,459.2 bytes, rounded up.
  CHECK(real.memory() == mebibytes(16 * 1024 - 893 - 100) - Bytes{858'993'460});
  CHECK(real[Resource::ephemeral_storage] == gibibytes(20 - 1 - 1 - 4).raw());
  // Karpenter takes the larger of both thresholds, but for Bottlerocket, which has no soft ones.
  const auto planned = [&](NodeImage image) { return r.kubelet.allocatable(four_cores(), kept, image, true).memory(); };
  CHECK(planned(NodeImage::al2023) == mebibytes(16 * 1024 - 893 - 100 - 1024));
  CHECK(planned(NodeImage::bottlerocket) == real.memory());
  CHECK(EvictionThreshold{0, percent(100)}.of(gibibytes(16).raw()) == 0);
}

TEST_CASE("podsPerCore limits the pods, but not on Bottlerocket") {
  const KubeletReading r("{podsPerCore: 4}");
  CHECK(r.kubelet.limit_pods(58, 4, NodeImage::al2023) == 16);
  CHECK(r.kubelet.limit_pods(8, 4, NodeImage::al2) == 8);
  CHECK(r.kubelet.limit_pods(58, 4, NodeImage::bottlerocket) == 58);
}

TEST_CASE("mistakes in the kubelet block are named") {
  CHECK(KubeletReading("{kubeReserved: {memroy: 1Gi}}").diagnostics.text().find("did you mean 'memory'?") !=
        std::string::npos);
  CHECK(KubeletReading("{evictionHard: {memory.avaliable: 5%}}").diagnostics.text().find("'memory.available'") !=
        std::string::npos);
  CHECK(KubeletReading("{systemReserved: {cpu: lots}}").diagnostics.has_errors());
  CHECK_FALSE(
      KubeletReading("{evictionHard: {pid.available: 10%}, kubeReserved: {pid: '1000'}}").diagnostics.has_errors());
}

}  // namespace
}  // namespace plimsoll::eks
