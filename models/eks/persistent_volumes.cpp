#include "models/eks/persistent_volumes.h"

#include "models/aws/billing/meter.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "sim/billing/bill.h"

namespace plimsoll::eks {

namespace {

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

std::int64_t gib_of(const WorkloadSpec& spec) {
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  if (file == nullptr || spec.kubernetes_rollout.kind != "StatefulSet") return 0;
  std::int64_t gib = 0;
  for (const kubernetes::api::VolumeClaim& claim : file->workload.claims) gib += (claim.size.raw() + kGiB - 1) / kGiB;
  return gib;
}

}  // namespace

std::optional<kubernetes::ClaimTemplates> claims_of(BuildContext& context, const WorkloadSpec& spec,
                                                    Rate gp3_gb_month) {
  const std::int64_t gib = gib_of(spec);
  if (gib == 0) return std::nullopt;
  billing::LineItem line;
  line.item = "ebs/claims";
  line.label = "Persistent volumes (EBS gp3)";
  line.rate = gp3_gb_month;
  line.unit = "GB-Months";
  line.scale = aws::charges::kHoursPerMonth;
  line.minimum = seconds(60);
  line.service = "Amazon Elastic Block Store";
  line.category = "Storage";
  line.resource_type = "Volume";
  line.sku = "EBS:VolumeUsage.gp3";
  kubernetes::ClaimTemplates out;
  out.gib = gib;
  out.line = context.bill.line(line);
  const auto* file = dynamic_cast<const kubernetes::api::ManifestPod*>(spec.kubernetes_pod.get());
  out.deleted_when_scaled = file->workload.claims_deleted_when_scaled;
  return out;
}

Delay volume_attachment() { return Delay::uniform(seconds(5), seconds(15)); }

std::vector<std::string> claims_left_out(const Setting& setting) {
  std::vector<std::string> out;
  for (const WorkloadSpec& spec : setting.workloads) {
    if (gib_of(spec) > 0)
      out.push_back("the volume claims of " + spec.name + " are left out: no EBS volume can be mounted on Fargate");
  }
  return out;
}

}  // namespace plimsoll::eks
