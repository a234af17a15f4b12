#include "models/kubernetes/scheduler/reason_text.h"

#include <algorithm>
#include <bit>
#include <map>

#include "models/kubernetes/scheduler/match.h"
#include "models/kubernetes/scheduler/node_resources_fit.h"

namespace plimsoll::kubernetes {

namespace {

constexpr std::string_view kUnboundClaims = "pod has unbound immediate PersistentVolumeClaims";

std::string taint_text(const Framework& framework, const ClusterView& view, ShapeId shape, Row row) {
  const Taint* taint = first_untolerated(view.snapshot.node(row).taints, view.shapes[shape].tolerations);
  std::string pair;
  if (taint != nullptr) {
    pair = std::string(view.names.text(taint->key)) + ": " +
           (taint->value.is_none() ? std::string() : std::string(view.names.text(taint->value)));
  }
  if (framework.profile().version == KubernetesVersion::v1_20) {
    return "node(s) had taint {" + pair + "}, that the pod didn't tolerate";
  }
  return "node(s) had untolerated taint {" + pair + "}";
}

/// Whether each of the pod's required terms names its nodes (matchFields metadata.name), and this is none of them:
/// PreFilter then narrows the search to those named. SOURCE: plugins/nodeaffinity PreFilter, schedule_one.go.
bool is_not_named(const PodShape& pod, NameId node, NameId metadata_name) {
  if (!pod.node_required || pod.node_required->empty()) return false;
  return std::all_of(pod.node_required->begin(), pod.node_required->end(), [&](const NodeSelectorTerm& term) {
    return std::any_of(term.fields.begin(), term.fields.end(), [&](const Requirement& r) {
      return r.key == metadata_name && r.op == SelectorOp::in &&
             std::find(r.values.begin(), r.values.end(), node) == r.values.end();
    });
  });
}

/// The error of the lister, which knows the claim by its name alone.
std::string missing_claim_text(std::string_view claim) {
  return "persistentvolumeclaim \"" + std::string(claim.substr(claim.rfind('/') + 1)) + "\" not found";
}

}  // namespace

std::vector<std::string> reason_texts(const Framework& framework, const ClusterView& view, ShapeId shape, Row row,
                                      const Verdict& verdict) {
  const Profile& profile = framework.profile();
  const bool old = profile.version == KubernetesVersion::v1_20;
  std::vector<std::string> out;
  if (profile.version == KubernetesVersion::current && !verdict.ok() &&
      is_not_named(view.shapes[shape], view.snapshot.node(row).name, framework.keys().metadata_name))
    return {"node(s) didn't satisfy plugin(s) [NodeAffinity]"};
  for (std::uint32_t bits = verdict.reasons; bits != 0; bits &= bits - 1) {
    switch (static_cast<Reason>(std::countr_zero(bits))) {
      case Reason::unschedulable:
        out.emplace_back("node(s) were unschedulable");
        break;
      case Reason::node_name:
        out.emplace_back(old ? "node(s) didn't match the requested hostname"
                             : "node(s) didn't match the requested node name");
        break;
      case Reason::taint:
        out.push_back(taint_text(framework, view, shape, row));
        break;
      case Reason::node_affinity:
        out.emplace_back(old ? "node(s) didn't match Pod's node affinity"
                             : "node(s) didn't match Pod's node affinity/selector");
        break;
      case Reason::added_node_affinity:
        out.emplace_back("node(s) didn't match scheduler-enforced node affinity");
        break;
      case Reason::host_ports:
        out.emplace_back("node(s) didn't have free ports for the requested pod ports");
        break;
      case Reason::too_many_pods:
        out.emplace_back("Too many pods");
        break;
      case Reason::insufficient_cpu:
        out.emplace_back("Insufficient cpu");
        break;
      case Reason::insufficient_memory:
        out.emplace_back("Insufficient memory");
        break;
      case Reason::insufficient_ephemeral_storage:
        out.emplace_back("Insufficient ephemeral-storage");
        break;
      case Reason::insufficient_enis:
        out.emplace_back("Insufficient vpc.amazonaws.com/pod-eni");
        break;
      case Reason::insufficient_gpus:
        out.emplace_back("Insufficient nvidia.com/gpu");
        break;
      case Reason::insufficient_extended: {
        const Cycle cycle{view, view.shapes[shape], shape, framework.keys(), profile.version, framework.services()};
        const NodeResourcesFit fit(profile.fit_resources, profile.ignored_resources, profile.ignored_resource_groups);
        for (const NameId name : fit.short_extended(cycle, row)) {
          out.push_back("Insufficient " + std::string(view.names.text(name)));
        }
        break;
      }
      case Reason::spread_missing_label:
        out.emplace_back("node(s) didn't match pod topology spread constraints (missing required label)");
        break;
      case Reason::spread_skew:
        out.emplace_back("node(s) didn't match pod topology spread constraints");
        break;
      case Reason::pod_affinity:
        if (old) out.emplace_back("node(s) didn't match pod affinity/anti-affinity rules");
        out.emplace_back("node(s) didn't match pod affinity rules");
        break;
      case Reason::pod_anti_affinity:
        if (old) out.emplace_back("node(s) didn't match pod affinity/anti-affinity rules");
        out.emplace_back("node(s) didn't match pod anti-affinity rules");
        break;
      case Reason::existing_anti_affinity:
        if (old) out.emplace_back("node(s) didn't match pod affinity/anti-affinity rules");
        out.emplace_back("node(s) didn't satisfy existing pods anti-affinity rules");
        break;
      case Reason::exclusive_claim:
        out.emplace_back(
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");
        break;
      case Reason::too_many_volumes:
        out.emplace_back("node(s) exceed max volume count");
        break;
      case Reason::unbound_claim:
        out.emplace_back(kUnboundClaims);
        break;
      case Reason::volume_node_affinity:
        out.emplace_back(profile.version == KubernetesVersion::current
                             ? "node(s) didn't match PersistentVolume's node affinity"
                             : "node(s) had volume node affinity conflict");
        break;
      case Reason::no_volume_to_bind:
        out.emplace_back("node(s) didn't find available persistent volumes to bind");
        break;
      case Reason::volume_zone:
        out.emplace_back("node(s) had no available volume zone");
        break;
      case Reason::missing_claim:
        out.push_back(missing_claim_text(view.names.text(verdict.detail)));
        break;
    }
  }
  return out;
}

std::string fit_error(KubernetesVersion version, std::size_t nodes, const std::vector<std::string>& reasons) {
  if (nodes == 0) return "no nodes available to schedule pods";
  for (const std::string& reason : reasons) {
    const bool of_pod = reason.starts_with("persistentvolumeclaim ") || reason == kUnboundClaims;
    if (of_pod && version != KubernetesVersion::v1_20)
      return "0/" + std::to_string(nodes) + " nodes are available: " + reason + ".";
  }
  std::map<std::string, std::size_t> counts;
  for (const std::string& reason : reasons) ++counts[reason];
  std::vector<std::string> parts;
  for (const auto& [reason, count] : counts) parts.push_back(std::to_string(count) + " " + reason);
  std::sort(parts.begin(), parts.end());
  std::string out = "0/" + std::to_string(nodes) + " nodes are available:";
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? " " : ", ") + parts[i];
  return out + (parts.empty() ? "" : ".");
}

}  // namespace plimsoll::kubernetes
