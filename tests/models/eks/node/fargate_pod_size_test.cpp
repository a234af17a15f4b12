#include "models/eks/node/fargate_pod_size.h"

#include <doctest/doctest.h>

#include <vector>

namespace plimsoll::eks {

TEST_CASE("256 MiB are added before the size is chosen") {
  CHECK(fargate_pod_size(cpu_millis(250), mebibytes(256)) == FargatePodSize{cpu_millis(250), mebibytes(512)});
  CHECK(fargate_pod_size(cpu_millis(250), mebibytes(512)) == FargatePodSize{cpu_millis(250), gibibytes(1)});
  CHECK(fargate_pod_size(cpu_millis(250), mebibytes(1024)) == FargatePodSize{cpu_millis(250), gibibytes(2)});
  // The example of the user guide: 1 vCPU and 8 GB become 2 vCPU and 9 GB.
  CHECK(fargate_pod_size(cpu_millis(1000), gibibytes(8)) == FargatePodSize{cpu_millis(2000), gibibytes(9)});
  CHECK(fargate_pod_size(cpu_millis(0), Bytes{0}) == FargatePodSize{cpu_millis(250), mebibytes(512)});
}

TEST_CASE("large sizes go in steps of 4 and 8 GB and end at 16 vCPU and 120 GB") {
  CHECK(fargate_pod_size(cpu_millis(8000), gibibytes(17)) == FargatePodSize{cpu_millis(8000), gibibytes(20)});
  CHECK(fargate_pod_size(cpu_millis(9000), gibibytes(33)) == FargatePodSize{cpu_millis(16000), gibibytes(40)});
  CHECK(fargate_pod_size(cpu_millis(4000), gibibytes(30)) == FargatePodSize{cpu_millis(8000), gibibytes(32)});
  CHECK_FALSE(fargate_pod_size(cpu_millis(16001), gibibytes(1)));
  CHECK_FALSE(fargate_pod_size(cpu_millis(1000), gibibytes(120)));
}

TEST_CASE("containers add up and the largest init container counts when it asks for more") {
  const std::vector<ContainerRequest> run{{cpu_millis(300), mebibytes(200)}, {cpu_millis(300), mebibytes(200)}};
  const std::vector<ContainerRequest> init{{cpu_millis(900), mebibytes(100)}, {cpu_millis(100), mebibytes(3000)}};
  CHECK(fargate_pod_size(run, {}) == FargatePodSize{cpu_millis(1000), gibibytes(2)});
  // 900m and 3000 + 256 MiB
  CHECK(fargate_pod_size(run, init) == FargatePodSize{cpu_millis(1000), gibibytes(4)});
}

}  // namespace plimsoll::eks
