#include "models/aws/fargate/task_size.h"

#include <doctest/doctest.h>

#include <vector>

using namespace plimsoll;
using namespace plimsoll::aws;

TEST_CASE("the list has 4 + ... sizes and nothing between them") {
  // 0.25: 3; 0.5: 4; 1: 7; 2: 13; 4: 23; 8: 12 (16..60 by 4); 16: 12 (32..120 by 8); 32: 3.
  std::vector<FargateSize> found;
  for (const std::int64_t units : {256, 512, 1024, 2048, 4096, 8192, 16384, 32768}) {
    for (std::int64_t mib = 512; mib <= 262'144; mib += 512) {
      if (is_fargate_size(cpu_ecs_units(units), mebibytes(mib)))
        found.push_back({cpu_ecs_units(units), mebibytes(mib)});
    }
  }
  CHECK(found.size() == 3 + 4 + 7 + 13 + 23 + 12 + 12 + 3);
  CHECK_FALSE(is_fargate_size(cpu_ecs_units(3072), gibibytes(8)));
  CHECK_FALSE(is_fargate_size(cpu_ecs_units(32768), gibibytes(60), 16));
}

TEST_CASE("rounding up gives the least vCPU and then the least memory that hold the request") {
  for (std::int64_t cpu_m = 0; cpu_m <= 16'500; cpu_m += 1'111) {
    for (std::int64_t mib = 0; mib <= 125'000; mib += 7'177) {
      std::optional<FargateSize> naive;
      for (const std::int64_t units : {256, 512, 1024, 2048, 4096, 8192, 16384}) {
        for (std::int64_t m = 512; m <= 122'880 && !naive; m += 512) {
          const FargateSize s{cpu_ecs_units(units), mebibytes(m)};
          if (is_fargate_size(s.cpu, s.memory) && s.cpu >= cpu_millis(cpu_m) && s.memory >= mebibytes(mib)) naive = s;
        }
      }
      const auto fast = smallest_fargate_size(cpu_millis(cpu_m), mebibytes(mib));
      REQUIRE(fast == naive);
    }
  }
}

TEST_CASE("a pod on EKS pays for its overhead: the documented cliff") {
  const auto size = eks_fargate_pod_size(cpu_millis(1000), gibibytes(8), Cpu{}, Bytes{});
  REQUIRE(size.has_value());
  CHECK(size->cpu == cpu_cores(2));
  CHECK(size->memory == gibibytes(9));
  CHECK(eks_fargate_pod_size(Cpu{}, Bytes{}, Cpu{}, Bytes{}) == FargateSize{cpu_millis(250), mebibytes(512)});
  CHECK(eks_fargate_pod_size(cpu_millis(250), mebibytes(512), Cpu{}, Bytes{})->memory == gibibytes(1));
  CHECK(eks_fargate_pod_size(cpu_millis(250), mebibytes(100), cpu_millis(900), Bytes{})->cpu == cpu_cores(1));
  CHECK_FALSE(eks_fargate_pod_size(cpu_cores(17), Bytes{}, Cpu{}, Bytes{}).has_value());
}

TEST_CASE("task definitions are refused for the reason that ECS gives") {
  FargateTaskFields f{"1024", "2048", "awsvpc", std::nullopt, false};
  CHECK(fargate_task_error(f).empty());
  f.cpu = ".5 vcpu";
  f.memory = "2GB";
  CHECK(fargate_task_error(f).empty());
  f.network_mode = "bridge";
  CHECK(fargate_task_error(f).find("awsvpc") != std::string::npos);
  f.network_mode = "awsvpc";
  f.ephemeral_gib = 20;
  CHECK(fargate_task_error(f).find("ephemeralStorage") != std::string::npos);
  f.ephemeral_gib = 21;
  CHECK(fargate_task_error(f).empty());
  f.ephemeral_gib.reset();
  f.windows = true;
  CHECK(fargate_task_error(f).find("Windows") != std::string::npos);
  f.windows = false;
  f.memory = "512";
  CHECK(fargate_task_error(f).find("512 MiB") != std::string::npos);
  f.memory = "two";
  CHECK_FALSE(fargate_task_error(f).empty());
  f.memory.reset();
  CHECK_FALSE(fargate_task_error(f).empty());
}

TEST_CASE("a size that the date did not have names the next one") {
  CHECK(fargate_size_fault(cpu_cores(8), gibibytes(16), as_of(kToday)).empty());
  CHECK_FALSE(fargate_size_fault(cpu_cores(8), gibibytes(16), as_of({2020, 12, 1})).empty());
  CHECK(fargate_size_fault(cpu_millis(300), mebibytes(512), as_of(kToday)).find("1Gi") != std::string::npos);
}
