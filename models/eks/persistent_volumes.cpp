#include "models/eks/persistent_volumes.h"

#include <algorithm>

#include "models/aws/billing/meter.h"
#include "models/eks/application_shape.h"
#include "models/kubernetes/api/volume_claim_reader.h"
#include "sim/billing/bill.h"
#include "sim/core/hash.h"

namespace plimsoll::eks {

namespace {

namespace api = kubernetes::api;

std::int64_t whole_gib(Bytes size) { return (size.raw() + kGiB - 1) / kGiB; }

const api::ManifestPod* file_of(const VendorPod* pod) { return dynamic_cast<const api::ManifestPod*>(pod); }

std::int64_t gib_of(const WorkloadSpec& spec) {
  const api::ManifestPod* file = file_of(spec.kubernetes_pod.get());
  if (file == nullptr || spec.kubernetes_rollout.kind != "StatefulSet") return 0;
  std::int64_t gib = 0;
  for (const api::VolumeClaim& claim : file->workload.claims) gib += whole_gib(claim.size);
  return gib;
}

LineItemId volume_line(BuildContext& context, Rate gp3_gb_month) {
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
  return context.bill.line(line);
}

/// The block volumes that a pod's file asks for beside those of a StatefulSet: named ones that exist, ephemeral ones.
bool mounts_volumes(const VendorPod* pod) {
  const api::ManifestPod* file = file_of(pod);
  return file != nullptr &&
         std::any_of(file->workload.pod.volumes.begin(), file->workload.pod.volumes.end(), [&](const api::Volume& v) {
           if (v.kind == api::Volume::Kind::ephemeral) return true;
           if (v.kind != api::Volume::Kind::claim) return false;
           const api::VolumeClaim* claim = api::find_claim(file->claims, file->workload.namespace_name, v.claim);
           return claim != nullptr && api::is_block_volume(*claim, file->storage_classes);
         });
}

/// Every pod of the scenario by name and file, on nodes.
template <class F>
void each_pod(const Setting& setting, F&& use) {
  for (const WorkloadSpec& w : setting.workloads) use(w.name, w.kubernetes_pod.get());
  for (const WorkloadSpec& w : setting.daemon_sets) use(w.name, w.kubernetes_pod.get());
  for (const JobSpec& j : setting.jobs) use(j.name, j.kubernetes_pod.get());
}

}  // namespace

std::optional<kubernetes::ClaimTemplates> claims_of(BuildContext& context, const WorkloadSpec& spec,
                                                    Rate gp3_gb_month) {
  const std::int64_t gib = gib_of(spec);
  if (gib == 0) return std::nullopt;
  kubernetes::ClaimTemplates out;
  out.gib = gib;
  out.line = volume_line(context, gp3_gb_month);
  out.deleted_when_scaled = file_of(spec.kubernetes_pod.get())->workload.claims_deleted_when_scaled;
  return out;
}

void add_claims(BuildContext& context, WorkloadId workload, const VendorPod* pod, Rate gp3_gb_month,
                kubernetes::VolumeClaims& claims) {
  World& world = context.world;
  const api::ManifestPod* file = file_of(pod);
  if (file == nullptr) return;
  PodShape shape = world.shapes[world.workload(workload).shape];
  for (PodVolume& v : shape.volumes) {
    const api::VolumeClaim* claim =
        v.claim.is_none() || v.missing ? nullptr : claim_named(*file, world.names.text(v.claim));
    if (claim == nullptr) continue;
    kubernetes::SharedClaim shared;
    shared.name = v.claim;
    shared.gib = whole_gib(claim->size);
    if (shared.gib > 0) shared.line = volume_line(context, gp3_gb_month);
    const auto existing =
        std::find_if(file->volumes.begin(), file->volumes.end(), [&](const api::PersistentVolume& pv) {
          return pv.name == claim->volume_name ||
                 (pv.claim == claim->name && pv.claim_namespace == claim->namespace_name);
        });
    if (existing != file->volumes.end() && !existing->zone.empty()) {
      v.zone = world.names.intern(existing->zone);
      v.zone_is_label = existing->zone_is_label;
      shared.zone = v.zone;
    } else if (api::binds_at_once(*claim, file->storage_classes)) {
      v.zone = world.zones()[hash_text(world.names.text(v.claim)) % world.zones().size()];
      shared.zone = v.zone;
    }
    claims.share(shared);
  }
  world.edit_workload(workload).shape = world.shapes.intern(std::move(shape));
  kubernetes::SharedClaim own;
  for (const api::Volume& v : file->workload.pod.volumes) {
    if (v.kind == api::Volume::Kind::ephemeral) own.gib += whole_gib(v.made.size);
  }
  if (own.gib == 0) return;
  own.line = volume_line(context, gp3_gb_month);
  claims.give_each(workload, own);
}

bool has_volumes(const Setting& setting) {
  bool any = std::any_of(setting.workloads.begin(), setting.workloads.end(),
                         [](const WorkloadSpec& w) { return gib_of(w) > 0; });
  each_pod(setting, [&](const std::string&, const VendorPod* pod) { any = any || mounts_volumes(pod); });
  return any;
}

std::vector<std::string> claims_left_out(const Setting& setting) {
  std::vector<std::string> out;
  for (const WorkloadSpec& spec : setting.workloads) {
    if (gib_of(spec) > 0 || mounts_volumes(spec.kubernetes_pod.get()))
      out.push_back("the volume claims of " + spec.name + " are left out: no EBS volume can be mounted on Fargate");
  }
  return out;
}

}  // namespace plimsoll::eks
