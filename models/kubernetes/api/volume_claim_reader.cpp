#include "models/kubernetes/api/volume_claim_reader.h"

#include <algorithm>

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

const StorageClass* class_of(const VolumeClaim& claim, const std::vector<StorageClass>& classes) {
  const auto at = std::find_if(classes.begin(), classes.end(), [&](const StorageClass& c) {
    return claim.storage_class.empty() ? c.is_default : c.name == claim.storage_class;
  });
  return at == classes.end() ? nullptr : &*at;
}

}  // namespace

VolumeClaim read_claim_spec(const document::Node& spec, document::Diagnostics& diagnostics, const std::string& path) {
  VolumeClaim claim;
  claim.mark = spec.mark();
  Object o(spec, diagnostics, path);
  o.allow_unknown();
  claim.storage_class = o.text_or("storageClassName", "");
  claim.volume_name = o.text_or("volumeName", "");
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
  for (const auto& [key, value] : annotations) {
    out.is_default = out.is_default || (key == "storageclass.kubernetes.io/is-default-class" && value == "true");
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
