#include "models/eks/persistent_volumes.h"

#include <algorithm>

#include "models/aws/billing/meter.h"
#include "models/eks/application_shape.h"
#include "models/kubernetes/api/volume_claim_reader.h"
#include "models/kubernetes/controllers/volume_provisioner.h"
#include "sim/billing/bill.h"

namespace plimsoll::eks {

namespace {

namespace api = kubernetes::api;

std::int64_t whole_gib(Bytes size) { return (size.raw() + kGiB - 1) / kGiB; }

const api::ManifestPod* file_of(const VendorPod* pod) { return dynamic_cast<const api::ManifestPod*>(pod); }

std::int64_t gib_of(const WorkloadSpec& spec) {
  const api::ManifestPod* file = file_of(spec.kubernetes_pod.get());
  if (file == nullptr || spec.kubernetes_rollout.kind != "StatefulSet") return 0;
  std::int64_t gib = 0;
  for (const api::VolumeClaim& claim : file->workload.claims) {
    if (api::is_block_volume(claim, file->storage_classes)) gib += whole_gib(claim.size);
  }
  return gib;
}

/// Where the volumes of a class that binds at once may be made, by name: the zones that it allows, else all of the
/// cluster.
std::vector<NameId> zones_of_class(World& world, const api::StorageClass* of) {
  constexpr std::string_view kZoneKeys[] = {"topology.kubernetes.io/zone", "topology.ebs.csi.aws.com/zone",
                                            "failure-domain.beta.kubernetes.io/zone"};
  std::vector<std::string> zones;
  if (of != nullptr) {
    for (const api::NodeTerm& term : of->allowed_topologies) {
      for (const api::MatchExpression& e : term.expressions) {
        if (std::find(std::begin(kZoneKeys), std::end(kZoneKeys), e.key) != std::end(kZoneKeys))
          zones.insert(zones.end(), e.values.begin(), e.values.end());
      }
    }
  }
  if (zones.empty()) {
    for (const NameId zone : world.zones()) zones.emplace_back(world.names.text(zone));
  }
  std::sort(zones.begin(), zones.end());
  zones.erase(std::unique(zones.begin(), zones.end()), zones.end());
  std::vector<NameId> out;
  for (const std::string& zone : zones) out.push_back(world.names.intern(zone));
  return out;
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
  const api::ManifestPod& file = *file_of(spec.kubernetes_pod.get());
  out.deleted_when_scaled = file.workload.claims_deleted_when_scaled;
  for (const api::VolumeClaim& claim : file.workload.claims) {
    if (!api::is_block_volume(claim, file.storage_classes)) continue;
    kubernetes::ClaimTemplate each{file.workload.namespace_name + "/" + claim.name + "-" + file.workload.name, {}};
    if (api::binds_at_once(claim, file.storage_classes))
      each.zones = zones_of_class(context.world, api::class_of(claim, file.storage_classes));
    out.each.push_back(std::move(each));
  }
  return out;
}

void tie_to_volume(World& world, const api::ManifestPod& file, const api::VolumeClaim& claim, PodVolume& volume) {
  const auto existing = std::find_if(file.volumes.begin(), file.volumes.end(), [&](const api::PersistentVolume& pv) {
    return pv.name == claim.volume_name || (pv.claim == claim.name && pv.claim_namespace == claim.namespace_name);
  });
  if (existing != file.volumes.end()) {
    if (!existing->zone.empty()) {
      volume.zone = world.names.intern(existing->zone);
      volume.zone_is_label = existing->zone_is_label;
    }
  } else if (api::binds_at_once(claim, file.storage_classes) && !volume.unbound) {
    const std::vector<NameId> zones = zones_of_class(world, api::class_of(claim, file.storage_classes));
    volume.zone = zones[kubernetes::topology_of_claim(claim.name, zones.size())];
  } else {
    return;
  }
  volume.allowed.clear();  // its volume is there
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
    tie_to_volume(world, *file, *claim, v);
    shared.zone = v.zone;
    claims.share(shared);
  }
  world.edit_workload(workload).shape = world.shapes.intern(std::move(shape));
  kubernetes::SharedClaim own;
  for (const api::Volume& v : file->workload.pod.volumes) {
    if (v.kind == api::Volume::Kind::ephemeral && api::is_block_volume(v.made, file->storage_classes))
      own.gib += whole_gib(v.made.size);
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

std::vector<std::string> claims_without_class(const Setting& setting, int minor) {
  constexpr int kNoDefaultSince = 30;
  std::vector<std::string> out;
  if (minor < kNoDefaultSince) return out;
  each_pod(setting, [&](const std::string& name, const VendorPod* pod) {
    const api::ManifestPod* file = file_of(pod);
    if (file == nullptr) return;
    const auto lacks = [&](const api::VolumeClaim& c) {
      return c.storage_class.empty() && c.volume_name.empty() && api::is_block_volume(c, file->storage_classes) &&
             api::class_of(c, file->storage_classes) == nullptr &&
             std::none_of(file->volumes.begin(), file->volumes.end(),
                          [&](const api::PersistentVolume& pv) { return pv.claim == c.name; });
    };
    bool any = std::any_of(file->workload.claims.begin(), file->workload.claims.end(), lacks);
    for (const api::Volume& v : file->workload.pod.volumes) {
      if (v.kind == api::Volume::Kind::ephemeral) any = any || lacks(v.made);
      if (v.kind != api::Volume::Kind::claim) continue;
      const api::VolumeClaim* claim = api::find_claim(file->claims, file->workload.namespace_name, v.claim);
      any = any || (claim != nullptr && lacks(*claim));
    }
    if (any)
      out.push_back(
          "the volume claims of " + name +
          " name no StorageClass, and no file makes one the default: an EKS cluster made at 1.30 or later has "
          "none, and its pods would wait (pod has unbound immediate PersistentVolumeClaims); here they get EBS "
          "gp3");
  });
  return out;
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
