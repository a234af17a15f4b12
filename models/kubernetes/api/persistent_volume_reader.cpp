#include "models/kubernetes/api/persistent_volume_reader.h"

#include <algorithm>
#include <string_view>

namespace plimsoll::kubernetes::api {

namespace {

using document::Node;

constexpr std::string_view kZoneKeys[] = {"topology.kubernetes.io/zone", "topology.ebs.csi.aws.com/zone",
                                          "failure-domain.beta.kubernetes.io/zone"};

bool is_zone_key(std::string_view key) {
  return std::find(std::begin(kZoneKeys), std::end(kZoneKeys), key) != std::end(kZoneKeys);
}

const Node* child(const Node* node, std::string_view key) { return node == nullptr ? nullptr : node->find(key); }

std::string word(const Node* node) { return node != nullptr && node->is_string() ? node->text() : std::string(); }

std::string required_zone(const Node& spec) {
  const Node* terms = child(child(spec.find("nodeAffinity"), "required"), "nodeSelectorTerms");
  if (terms == nullptr) return {};
  for (const Node& term : terms->items()) {
    const Node* expressions = term.find("matchExpressions");
    if (expressions == nullptr) continue;
    for (const Node& e : expressions->items()) {
      const Node* values = e.find("values");
      if (is_zone_key(word(e.find("key"))) && word(e.find("operator")) == "In" && values != nullptr &&
          values->size() > 0)
        return word(&values->at(0));
    }
  }
  return {};
}

}  // namespace

bool is_persistent_volume(const Node& node) {
  return word(node.find("apiVersion")) == "v1" && word(node.find("kind")) == "PersistentVolume";
}

PersistentVolume read_persistent_volume(const Node& node, document::Diagnostics& diagnostics) {
  PersistentVolume out;
  Object o(node, diagnostics, "");
  o.allow_unknown();
  if (const Node* metadata = o.get("metadata")) {
    out.name = word(metadata->find("name"));
    if (const Node* labels = metadata->find("labels")) {
      for (const document::Entry& e : labels->entries()) {
        if (is_zone_key(e.key)) out.zone = e.value.text();
      }
    }
  }
  if (out.name.empty()) o.error("metadata", "Required value: name or generateName is required");
  out.zone_is_label = !out.zone.empty();
  const Node* spec = o.get("spec");
  if (spec == nullptr) {
    o.error("spec", "Required value");
    return out;
  }
  if (child(spec->find("capacity"), "storage") == nullptr)
    diagnostics.error(*spec, "Required value", {}, "spec.capacity.storage");
  const Node* modes = spec->find("accessModes");
  if (modes == nullptr || modes->items().empty()) diagnostics.error(*spec, "Required value", {}, "spec.accessModes");
  constexpr std::string_view kNoSource[] = {"accessModes",      "capacity",     "claimRef",
                                            "mountOptions",     "nodeAffinity", "persistentVolumeReclaimPolicy",
                                            "storageClassName", "volumeMode",   "volumeAttributesClassName"};
  const bool source = std::any_of(spec->entries().begin(), spec->entries().end(), [&](const document::Entry& e) {
    return std::find(std::begin(kNoSource), std::end(kNoSource), e.key) == std::end(kNoSource) && !e.value.is_null();
  });
  if (!source) diagnostics.error(*spec, "Required value: must specify a volume type", {}, "spec");
  out.claim = word(child(spec->find("claimRef"), "name"));
  if (!out.claim.empty()) {
    out.claim_namespace = word(child(spec->find("claimRef"), "namespace"));
    if (out.claim_namespace.empty()) out.claim_namespace = "default";
  }
  if (std::string zone = required_zone(*spec); !zone.empty()) {
    out.zone = std::move(zone);
    out.zone_is_label = false;
  }
  return out;
}

}  // namespace plimsoll::kubernetes::api
