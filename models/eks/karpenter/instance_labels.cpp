#include "models/eks/karpenter/instance_labels.h"

#include <algorithm>
#include <string>

namespace plimsoll::eks::karpenter {

namespace {

/// Letters at the head of the family: "m5" is "m", "c6g" "c", "inf1" "inf", "u-3tb1" "u".
std::string_view category(std::string_view family) {
  const auto end = std::find_if(family.begin(), family.end(), [](char c) { return c < 'a' || c > 'z'; });
  return family.substr(0, static_cast<std::size_t>(end - family.begin()));
}

/// The number behind the category: "c6g" is "6", "u7i-12tb" "7", "u-3tb1" "1".
std::string_view generation(std::string_view family) {
  std::string_view rest = family.substr(category(family).size());
  if (rest.starts_with('-') && rest.find("tb") != std::string_view::npos) rest.remove_prefix(rest.find("tb") + 2);
  return rest.substr(0, rest.find_first_not_of("0123456789"));
}

/// "Radeon Pro V520" is "radeon-pro-v520".
std::string kebab(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c == ' ') c = '-';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string number(std::int64_t n) { return n > 0 ? std::to_string(n) : std::string(); }

std::string_view truth(bool yes) { return yes ? "true" : "false"; }

}  // namespace

bool encrypts_in_transit(const aws::InstanceType& type) {
  constexpr std::string_view kWithout[] = {
      "a1",  "c1",  "c3",  "c4",   "c5",  "c5d",  "c6g", "c6gd", "d2",   "f1", "g5g", "h1",   "i2", "i3",  "m1",
      "m2",  "m3",  "m4",  "m5",   "m5a", "m5ad", "m5d", "m6g",  "m6gd", "p3", "r3",  "r4",   "r5", "r5a", "r5ad",
      "r5b", "r5d", "r6g", "r6gd", "t1",  "t2",   "t3",  "t3a",  "t4g",  "x1", "x1e", "x2gd", "z1d"};
  return std::find(std::begin(kWithout), std::end(kWithout), type.family) == std::end(kWithout);
}

void add_instance_labels(Requirements& labels, const aws::InstanceType& type, std::string_view region,
                         const WellKnownLabels& known, Names& names) {
  const auto add = [&](NameId key, std::string_view value) {
    labels.add(value.empty() ? KeyRequirement::does_not_exist(key) : KeyRequirement::in(key, names.intern(value)),
               names);
  };
  const auto set = [&](std::string_view name, std::string_view value) {
    add(names.intern(known.instance_label(name)), value);
  };
  add(known.instance_type, type.name);
  add(known.arch, type.arch == aws::Architecture::arm64 ? "arm64" : "amd64");
  add(known.os, "linux");
  add(known.region, region);
  add(names.intern("node.kubernetes.io/windows-build"), "");
  set("instance-category", category(type.family));
  set("instance-capability-flex", truth(type.flex));
  set("instance-family", type.family);
  set("instance-generation", generation(type.family));
  set("instance-size", type.size);
  set("instance-cpu", number(type.vcpu));
  set("instance-cpu-manufacturer", type.cpu_vendor);
  set("instance-cpu-sustained-clock-speed-mhz", number(type.clock_mhz));
  set("instance-memory", number(type.memory.raw() / kMiB));
  set("instance-hypervisor", type.hypervisor);
  set("instance-encryption-in-transit-supported", truth(encrypts_in_transit(type)));
  set("instance-ebs-bandwidth", number(type.ebs_max_mbps));
  set("instance-network-bandwidth", number(type.net_baseline_mbps));
  set("instance-local-nvme", number(type.local_nvme_gb));
  set("instance-gpu-name", kebab(type.gpu_model));
  set("instance-gpu-manufacturer", type.gpu_vendor);
  set("instance-gpu-count", number(type.gpu_count));
  set("instance-gpu-memory", number(type.gpu_memory_each.raw() / kMiB));
  set("instance-accelerator-name", kebab(type.accelerator_model));
  set("instance-accelerator-manufacturer", type.accelerator_model.empty() ? "" : "aws");
  set("instance-accelerator-count", number(type.accelerator_count));
  for (const std::string_view name : {"capacity-reservation-id", "capacity-reservation-type"}) set(name, "");
  if (known.auto_mode()) {
    set("compute-type", "auto");
  } else {
    set("instance-tenancy", "default");
    for (const std::string_view name :
         {"capacity-reservation-interruptible", "placement-group-id", "placement-group-partition"})
      set(name, "");
  }
}

}  // namespace plimsoll::eks::karpenter
