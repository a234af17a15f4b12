#include "models/kubernetes/api/volume_claim_reader.h"

#include <algorithm>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/quantity.h"

namespace plimsoll::kubernetes::api {

namespace {

constexpr std::string_view kAccessModes[] = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"};

void read_access_modes(Object& o, VolumeClaim& claim) {
  const std::vector<std::string> modes = o.texts("accessModes");
  if (modes.empty()) o.error("accessModes", "Required value: at least 1 access mode is required");
  for (const std::string& mode : modes) {
    if (std::find(std::begin(kAccessModes), std::end(kAccessModes), mode) == std::end(kAccessModes)) {
      o.error("accessModes", "Unsupported value: \"" + mode +
                                 "\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", "
                                 "\"ReadWriteOncePod\"");
    }
    claim.once = claim.once && mode.starts_with("ReadWriteOnce");
    claim.once_pod = claim.once_pod || mode == "ReadWriteOncePod";
  }
  if (claim.once_pod && modes.size() > 1)
    o.error("accessModes", "Forbidden: may not use ReadWriteOncePod with other access modes");
}

MatchExpression read_topology(Object& o) {
  MatchExpression e;
  e.key = o.text_or("key", "");
  if (const std::string fault = required_label_key_fault(e.key); !fault.empty()) o.error("key", fault);
  for (const std::string& value : o.texts("values")) {
    if (std::find(e.values.begin(), e.values.end(), value) != e.values.end()) {
      o.error("values", "Duplicate value: \"" + value + "\"");
    } else {
      e.values.push_back(value);
    }
  }
  if (e.values.empty()) o.error("values", "Required value");
  return e;
}

std::vector<NodeTerm> read_topologies(Object& o) {
  std::vector<NodeTerm> out;
  std::size_t index = 0;
  for (const document::Node& node : o.list("allowedTopologies")) {
    Object term(node, o.diagnostics(), document::join_path(o.path_of("allowedTopologies"), index++));
    NodeTerm t;
    std::size_t place = 0;
    for (const document::Node& item : term.list("matchLabelExpressions")) {
      Object requirement(item, o.diagnostics(), document::join_path(term.path_of("matchLabelExpressions"), place++));
      MatchExpression e = read_topology(requirement);
      const bool twice = std::any_of(t.expressions.begin(), t.expressions.end(),
                                     [&](const MatchExpression& other) { return other.key == e.key; });
      if (twice) requirement.error("key", "Duplicate value: \"" + e.key + "\"");
      t.expressions.push_back(std::move(e));
    }
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace

VolumeClaim read_claim_spec(const document::Node& spec, document::Diagnostics& diagnostics, const std::string& path) {
  VolumeClaim claim;
  claim.mark = spec.mark();
  Object o(spec, diagnostics, path);
  o.allow_unknown();
  claim.storage_class = o.text_or("storageClassName", "");
  if (!claim.storage_class.empty()) {
    if (const std::string fault = subdomain_name_fault(claim.storage_class); !fault.empty())
      o.error("storageClassName", fault);
  }
  claim.volume_name = o.text_or("volumeName", "");
  o.choice<bool>("volumeMode", {{"Block", true}, {"Filesystem", false}});
  read_access_modes(o, claim);
  const document::Node* resources = o.get("resources");
  const document::Node* requests = resources == nullptr ? nullptr : resources->find("requests");
  if (requests == nullptr || requests->find("storage") == nullptr) {
    o.error("resources[storage]", "Required value");
    return claim;
  }
  Object q(*requests, diagnostics, o.path_of("resources") + ".requests");
  q.allow_unknown();
  if (const auto text = q.scalar("storage")) {
    const auto size = parse_bytes_quantity(*text);
    if (size && size.value->raw() > 0) {
      claim.size = *size.value;
    } else {
      q.error("storage", size ? "Invalid value: must be greater than zero" : size.error);
    }
  }
  return claim;
}

StorageClass read_storage_class(Object& object, std::string name, const TextMap& annotations) {
  StorageClass out;
  out.name = std::move(name);
  object.allow_unknown();
  out.provisioner = object.text_or("provisioner", "");
  if (out.provisioner.empty()) object.error("provisioner", "Required value");
  for (const auto& [key, value] : object.map("parameters")) {
    if (key == "type") out.type = value;
  }
  out.immediate =
      object.choice<bool>("volumeBindingMode", {{"Immediate", true}, {"WaitForFirstConsumer", false}}).value_or(true);
  object.choice<bool>("reclaimPolicy", {{"Delete", true}, {"Retain", false}});
  out.allowed_topologies = read_topologies(object);
  for (const auto& [key, value] : annotations) {
    const bool marks = key == "storageclass.kubernetes.io/is-default-class" ||
                       key == "storageclass.beta.kubernetes.io/is-default-class";
    out.is_default = out.is_default || (marks && value == "true");
  }
  return out;
}

const VolumeClaim* find_claim(const std::vector<VolumeClaim>& claims, const std::string& namespace_name,
                              const std::string& name) {
  const VolumeClaim* near = nullptr;
  for (const VolumeClaim& c : claims) {
    if (c.name != name) continue;
    if (c.namespace_name == namespace_name) return &c;
    if (c.namespace_name == "default" || namespace_name == "default") near = &c;
  }
  return near;
}

const StorageClass* class_of(const VolumeClaim& claim, const std::vector<StorageClass>& classes) {
  const auto at = std::find_if(classes.begin(), classes.end(), [&](const StorageClass& c) {
    return claim.storage_class.empty() ? c.is_default : c.name == claim.storage_class;
  });
  return at == classes.end() ? nullptr : &*at;
}

bool is_block_volume(const VolumeClaim& claim, const std::vector<StorageClass>& classes) {
  const StorageClass* of = class_of(claim, classes);
  return claim.once && (of == nullptr || of->provisioner == "ebs.csi.aws.com" ||
                        of->provisioner == "ebs.csi.eks.amazonaws.com" || of->provisioner == "kubernetes.io/aws-ebs");
}

bool binds_at_once(const VolumeClaim& claim, const std::vector<StorageClass>& classes) {
  const StorageClass* of = class_of(claim, classes);
  return of != nullptr && of->immediate;
}

}  // namespace plimsoll::kubernetes::api
