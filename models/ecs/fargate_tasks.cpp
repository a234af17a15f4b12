#include "models/ecs/fargate_tasks.h"

#include <algorithm>
#include <string>

#include "models/aws/surroundings.h"

namespace plimsoll::ecs {

namespace {

constexpr const char* kFargateService = "Amazon Elastic Container Service";

/// As much below `rate` as `spot` is below `usual`.
Rate with_discount(Rate rate, Rate spot, Rate usual) {
  if (usual.raw() <= 0) return rate;
  return Rate{static_cast<std::int64_t>(
      div_round(static_cast<__int128>(rate.raw()) * spot.raw(), static_cast<__int128>(usual.raw())))};
}

LineItemId arm64_line(BuildContext& context, bool memory, bool spot, Rate rate) {
  billing::LineItem line;
  line.item = std::string("fargate/") + (memory ? "memory" : "vcpu") + "/arm64" + (spot ? "/spot" : "");
  line.label = std::string(spot ? "Fargate Spot ARM64 " : "Fargate ARM64 ") + (memory ? "memory" : "vCPU");
  line.rate = rate;
  line.unit = memory ? "GB-Hours" : "vCPU-Hours";
  line.scale = memory ? kGiB : kCpuTicksPerVcpu;
  line.minimum = seconds(60);
  line.service = kFargateService;
  line.category = "Compute";
  line.resource_type = "Task";
  line.sku =
      std::string(spot ? "SpotUsage-" : "") + (memory ? "Fargate-ARM-GB-Hours" : "Fargate-ARM-vCPU-Hours:perCPU");
  return context.bill.line(line);
}

}  // namespace

aws::FargateLines usual_fargate_lines(BuildContext& context, const CapacityPlan& capacity) {
  aws::FargateLines out =
      aws::fargate_lines(context, capacity.fargate_vcpu, capacity.fargate_gb, kFargateService, "Task");
  if (capacity.has(ProviderKind::fargate_spot))
    aws::add_fargate_spot(context, out, capacity.fargate_spot_vcpu, capacity.fargate_spot_gb, kFargateService, "Task");
  return out;
}

FargateTasks FargateTasks::read(document::Fields& column, aws::PriceBook& prices, const CapacityPlan& capacity,
                                const std::vector<ContainerLifecycle>& lifecycles) {
  FargateTasks out;
  for (const ContainerLifecycle& l : lifecycles) out.kinds.push_back({l.arm64, l.ephemeral_gib});
  if (column.describing()) return out;
  std::vector<Kind> there;
  for (std::size_t i = 0; i < out.kinds.size(); ++i) {
    if (capacity.fargate(i)) there.push_back(out.kinds[i]);
  }
  if (std::any_of(there.begin(), there.end(), [](const Kind& k) { return k.storage_gib > 20; }))
    out.storage_gb_hour = prices.service(column, "fargate", "ephemeral_storage_over_20gb");
  if (std::none_of(there.begin(), there.end(), [](const Kind& k) { return k.arm64; })) return out;
  out.vcpu_hour = prices.service(column, "fargate", "linux_arm64_vcpu");
  out.gb_hour = prices.service(column, "fargate", "linux_arm64_mem");
  if (!capacity.has(ProviderKind::fargate_spot)) return out;
  const auto spot = [&](const char* item, Rate rate, Rate x86_spot, Rate x86) {
    const bool listed = prices.catalogue().service_price("fargate", item, prices.region()) != nullptr;
    return listed ? prices.service(column, "fargate", item) : with_discount(rate, x86_spot, x86);
  };
  out.spot_vcpu_hour = spot("linux_arm64_vcpu_spot", out.vcpu_hour, capacity.fargate_spot_vcpu, capacity.fargate_vcpu);
  out.spot_gb_hour = spot("linux_arm64_mem_spot", out.gb_hour, capacity.fargate_spot_gb, capacity.fargate_gb);
  return out;
}

aws::FargateLines FargateTasks::lines(BuildContext& context, const aws::FargateLines& usual, std::size_t i) const {
  const Kind& kind = kinds[i];
  aws::FargateLines out = usual;
  if (kind.arm64) {
    out.vcpu = arm64_line(context, false, false, vcpu_hour);
    out.memory = arm64_line(context, true, false, gb_hour);
    if (!usual.spot_vcpu.is_none()) {
      out.spot_vcpu = arm64_line(context, false, true, spot_vcpu_hour);
      out.spot_memory = arm64_line(context, true, true, spot_gb_hour);
    }
  }
  aws::add_fargate_storage(context, out, storage_gb_hour, kind.storage_gib, kFargateService, "Task");
  return out;
}

}  // namespace plimsoll::ecs
