#include "models/eks/karpenter/api/node_class_reader.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "sim/core/text.h"

namespace plimsoll::eks::karpenter {

namespace {

using document::Fields;
using document::Item;
using document::Node;

std::optional<Bytes> size_of(Fields& f, std::string_view key) {
  const std::optional<Node> value = f.any(key, "a quantity", "size");
  if (!value || f.describing()) return std::nullopt;
  const auto parsed = parse_bytes(value->is_scalar() ? value->text() : "");
  if (parsed) return *parsed.value;
  f.error(key, parsed.error);
  return std::nullopt;
}

void pass_over(Fields& f, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) f.ignore(key);
}

void pass_over_reservations(Fields& spec) {
  constexpr std::string_view kKey = "capacityReservationSelectorTerms";
  if (spec.has(kKey))
    spec.warning(kKey, "capacity reservations are not simulated: nodes are bought as Spot or on demand");
  spec.ignore(kKey);
}

/// Types of EBS that a node's volume may have and that are not priced, and others.
void refuse_volume_type(Fields& ebs, const std::string& type) {
  constexpr std::string_view kTypes[] = {"gp3", "gp2", "io1", "io2", "st1", "sc1", "standard"};
  if (type == "io1" || type == "io2") {
    ebs.error("volumeType", type + " (Provisioned IOPS) is not priced as a node's volume",
              "gp3 with the same iops, up to 80000, is; or gp2");
  } else if (std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes)) {
    ebs.error("volumeType", type + " is a magnetic volume, which is not priced as a node's", "gp3 or gp2");
  } else {
    const std::string near = nearest(type, kTypes);
    ebs.error("volumeType", "EBS has no volume type '" + type + "'",
              near.empty() ? "gp3 or gp2" : "did you mean '" + near + "'?");
  }
}

/// The volumes of `blockDeviceMappings`. Pods and images are on the one that says rootVolume, else on the device that
/// the image family keeps for them (Bottlerocket: /dev/xvdb; Custom: the last), else on one of the default size.
/// SOURCE: aws/karpenter-provider-aws pkg/providers/instancetype/types.go (ephemeralStorage).
void read_volumes(Fields& spec, const document::Reader& reader, NodeClass& out) {
  const std::string device = out.ami_family == "Bottlerocket" ? "/dev/xvdb" : "/dev/xvda";
  std::optional<Bytes> root, own;
  for (const Item& item : spec.list("blockDeviceMappings", "volumes of the node")) {
    Fields mapping(item.node, reader, item.path);
    const bool says_root = mapping.boolean("rootVolume", false, "Karpenter default", "pods and images are on it");
    const std::string name = mapping.text("deviceName", "", "none", "as the image knows it");
    Fields ebs = mapping.child("ebs", "the volume");
    pass_over(ebs, {"deleteOnTermination", "encrypted", "kmsKeyID", "snapshotID", "volumeInitializationRate"});
    aws::NodeVolume volume;
    const Bytes size = size_of(ebs, "volumeSize").value_or(gibibytes(volume.gib));
    volume.gib = div_ceil(size.raw(), kGiB);
    const std::string type = ebs.text("volumeType", "gp3", "as the default volume's", "gp3 or gp2");
    if (type == "gp2") {
      volume.kind = aws::charges::VolumeKind::gp2;
    } else if (type != "gp3") {
      refuse_volume_type(ebs, type);
    }
    volume.iops = ebs.integer("iops", volume.iops, "included in gp3", "IOPS of the volume");
    volume.mibps = ebs.integer("throughput", volume.mibps, "included in gp3", "MiB/s of the volume");
    if (const std::string fault = fault_of(volume); !fault.empty()) ebs.error("", fault);
    if (says_root && !root) root = size;
    if (name == device || out.ami_family == "Custom") own = size;
    out.volumes.push_back(volume);
  }
  if (root || own) out.root_volume = root ? *root : *own;
}

/// The image family of an alias; empty when there is none of that name.
std::string_view family_of_alias(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kAliases[] = {{"al2", "AL2"},
                                                                        {"al2023", "AL2023"},
                                                                        {"bottlerocket", "Bottlerocket"},
                                                                        {"windows2019", "Windows2019"},
                                                                        {"windows2022", "Windows2022"},
                                                                        {"windows2025", "Windows2025"}};
  for (const auto& [alias, family] : kAliases) {
    if (alias == name) return family;
  }
  return {};
}

void read_images(Fields& spec, const document::Reader& reader, NodeClass& out) {
  constexpr std::string_view kFamilies[] = {"AL2023", "AL2",         "Bottlerocket", "Custom",
                                            "Ubuntu", "Windows2019", "Windows2022",  "Windows2025"};
  constexpr std::string_view kAliasNames[] = {"al2023",      "al2",         "bottlerocket",
                                              "windows2019", "windows2022", "windows2025"};
  const auto said = spec.optional_one_of("amiFamily", kFamilies, "image family; by the alias where there is one");
  if (said) out.ami_family = kFamilies[*said];
  for (const Item& item : spec.list("amiSelectorTerms", "which images")) {
    Fields term(item.node, reader, item.path);
    pass_over(term, {"tags", "name", "owner", "ssmParameter"});
    const auto alias = term.optional_text("alias", "an EKS optimized image, such as al2023@latest");
    const auto id = term.optional_text("id", "an image by its id");
    if (id) out.ami_pinned = true;
    if (!alias) {
      out.ami_by_id = true;
      continue;
    }
    const std::size_t at = alias->find('@');
    const std::string_view name = std::string_view(*alias).substr(0, at);
    const std::string_view family = family_of_alias(name);
    if (at == std::string::npos || at + 1 == alias->size()) {
      term.error("alias", "'" + *alias + "' has no version", "write " + std::string(name) + "@latest");
    } else if (std::string_view(*alias).substr(at + 1) != "latest") {
      out.ami_pinned = true;
    }
    if (family.empty()) {
      const std::string near = nearest(name, kAliasNames);
      term.error("alias", "no image family has the alias '" + std::string(name) + "'",
                 near.empty() ? "al2023, al2, bottlerocket" : "did you mean '" + near + "'?");
    } else if (said && out.ami_family != family && out.ami_family != "Custom") {
      term.error("alias", "the alias is of " + std::string(family) + ", amiFamily says " + out.ami_family,
                 "leave amiFamily out");
    } else if (out.ami_family != "Custom") {
      out.ami_family = family;
    }
  }
}

void read_zones_of_subnets(Fields& spec, const document::Reader& reader, NodeClass& out) {
  for (const Item& item : spec.list("subnetSelectorTerms", "which subnets")) {
    Fields term(item.node, reader, item.path);
    term.ignore("id");
    for (const Item& tag : term.map("tags", "tags of the subnets")) {
      const std::string zone = tag.node.text();
      if (tag.name == "topology.kubernetes.io/zone" && !zone.empty() && zone != "*") out.zones.push_back(zone);
    }
  }
}

/// NodeClass of EKS Auto Mode. SOURCE: EKS user guide, "Create a Node Class for Amazon EKS".
void read_auto_mode_class(Fields& spec, NodeClass& out) {
  pass_over(spec, {"role", "instanceProfile", "tags", "securityGroupSelectorTerms", "podSubnetSelectorTerms",
                   "podSecurityGroupSelectorTerms", "snatPolicy", "networkPolicy", "networkPolicyEventLogs",
                   "advancedSecurity", "certificateBundles", "placementGroupSelector"});
  pass_over_reservations(spec);
  Fields storage = spec.child("ephemeralStorage", "EKS Auto Mode: disk of the node");
  pass_over(storage, {"iops", "throughput", "kmsKeyID"});
  if (const auto size = size_of(storage, "size")) out.root_volume = *size;
  Fields network = spec.child("advancedNetworking", "EKS Auto Mode: network of the node");
  pass_over(network, {"httpsProxy", "noProxy", "ipv4PrefixSize", "enableV4Egress"});
  out.associate_public_ip =
      network.boolean("associatePublicIPAddress", false, "subnet default", "a public address each node");
}

}  // namespace

std::string_view scalar_under(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->is_scalar() ? std::string_view(value->text()) : std::string_view{};
}

std::pair<std::int64_t, KubeletReserves> read_kubelet_block(Fields& kubelet) {
  pass_over(kubelet, {"clusterDNS", "evictionSoftGracePeriod", "evictionMaxPodGracePeriod",
                      "imageGCHighThresholdPercent", "imageGCLowThresholdPercent", "cpuCFSQuota"});
  const auto pods = kubelet.optional_integer("maxPods", "most pods on a node", {0, 1000});
  return {pods.value_or(0), read_kubelet_reserves(kubelet)};
}

NodeClass read_node_class(const Node& node, const document::Reader& reader) {
  NodeClass out;
  Fields f(node, reader);
  pass_over(f, {"apiVersion", "kind", "status"});
  {
    Fields metadata = f.required_child("metadata", "name of the class");
    out.name = metadata.required_text("name", "name of the class");
    metadata.allow_unknown();
  }
  Fields spec = f.required_child("spec", "the class");
  read_zones_of_subnets(spec, reader, out);
  if (scalar_under(node, "kind") == "NodeClass") {
    read_auto_mode_class(spec, out);
    return out;
  }
  pass_over(spec, {"securityGroupSelectorTerms", "ipPrefixCount", "userData", "role", "instanceProfile", "tags",
                   "detailedMonitoring", "metadataOptions", "enclaveOptions", "context", "connectionTracking",
                   "networkInterfaces", "placementGroupSelector"});
  pass_over_reservations(spec);
  read_images(spec, reader, out);
  {
    Fields kubelet = spec.child("kubelet", "settings of the kubelet");
    std::tie(out.max_pods, out.kubelet) = read_kubelet_block(kubelet);
  }
  constexpr std::string_view kPolicies[] = {"RAID0"};
  out.instance_store =
      spec.optional_one_of("instanceStorePolicy", kPolicies, "pods and images are on the instance's own disks")
          .has_value();
  read_volumes(spec, reader, out);
  out.associate_public_ip =
      spec.boolean("associatePublicIPAddress", false, "subnet default", "a public address each node");
  return out;
}

}  // namespace plimsoll::eks::karpenter
