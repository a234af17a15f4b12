#include "models/eks/karpenter/instance_labels.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/eks/karpenter/instance_types.h"

namespace plimsoll::eks::karpenter {
namespace {

const std::vector<std::string> kLabelZones{"us-east-1a", "us-east-1b"};

struct LabelledTypes {
  explicit LabelledTypes(bool auto_mode)
      : known(names, auto_mode),
        types(make_instance_types(aws::Catalogue::built_in(), "us-east-1", kLabelZones, {}, known, names)) {}
  /// "" where there is none, "?" where the type says nothing of the label.
  std::string value(const char* type, std::string_view label) {
    const auto at = types.find(names.intern(type));
    REQUIRE(at.has_value());
    const KeyRequirement* r = types[*at].labels.find(names.intern(label));
    if (r == nullptr || r->complement) return "?";
    return r->values.empty() ? "" : std::string(names.text(r->any(names)));
  }
  Names names;
  WellKnownLabels known;
  InstanceTypes types;
};

}  // namespace

TEST_CASE("every type defines every well-known label, or says that it has none") {
  for (const bool auto_mode : {false, true}) {
    const LabelledTypes t(auto_mode);
    REQUIRE(t.types.types.size() > 500);
    for (const NameId key : t.known.keys()) {
      if (key == t.known.nodepool) continue;  // its pool gives a node this one
      CAPTURE(t.names.text(key));
      for (const InstanceType& type : t.types.types) {
        CAPTURE(t.names.text(type.name));
        const KeyRequirement* r = type.labels.find(key);
        REQUIRE(r != nullptr);
        REQUIRE_FALSE(r->complement);
      }
    }
    // And nothing else, which a requirement could not ask for.
    for (const KeyRequirement& r : t.types.types.front().labels.entries()) {
      CAPTURE(t.names.text(r.key));
      CHECK(t.known.contains(r.key));
    }
  }
}

TEST_CASE("labels are those of real nodes") {
  // As `kubectl get nodes --show-labels` told of a c6a.large and a c6g.large of EKS Auto Mode (kernels of 2025).
  LabelledTypes t(true);
  const std::pair<const char*, std::pair<const char*, const char*>> kRows[] = {
      {"instance-capability-flex", {"false", "false"}},
      {"instance-category", {"c", "c"}},
      {"instance-cpu-manufacturer", {"amd", "aws"}},
      {"instance-cpu-sustained-clock-speed-mhz", {"3600", "2500"}},
      {"instance-cpu", {"2", "2"}},
      {"instance-ebs-bandwidth", {"10000", "4750"}},
      {"instance-encryption-in-transit-supported", {"true", "false"}},
      {"instance-family", {"c6a", "c6g"}},
      {"instance-generation", {"6", "6"}},
      {"instance-hypervisor", {"nitro", "nitro"}},
      {"instance-memory", {"4096", "4096"}},
      {"instance-network-bandwidth", {"781", "750"}},
      {"instance-size", {"large", "large"}},
      {"compute-type", {"auto", "auto"}},
      {"instance-gpu-name", {"", ""}},
      {"instance-accelerator-name", {"", ""}},
      {"instance-local-nvme", {"", ""}},
      {"instance-tenancy", {"?", "?"}}};
  for (const auto& [name, values] : kRows) {
    CAPTURE(name);
    CHECK(t.value("c6a.large", "eks.amazonaws.com/" + std::string(name)) == values.first);
    CHECK(t.value("c6g.large", "eks.amazonaws.com/" + std::string(name)) == values.second);
  }
  CHECK(t.value("c6a.large", "karpenter.k8s.aws/instance-family") == "?");
}

TEST_CASE("devices, disks and hypervisors by Karpenter's names") {
  LabelledTypes t(false);
  const auto of = [&](const char* type, const char* name) {
    return t.value(type, "karpenter.k8s.aws/" + std::string(name));
  };
  CHECK(of("g5.xlarge", "instance-gpu-name") == "a10g");
  CHECK(of("g5.xlarge", "instance-gpu-manufacturer") == "nvidia");
  CHECK(of("g5.xlarge", "instance-gpu-count") == "1");
  CHECK(of("g4ad.xlarge", "instance-gpu-name") == "radeon-pro-v520");
  CHECK(of("g4ad.xlarge", "instance-gpu-manufacturer") == "amd");
  CHECK(of("inf2.xlarge", "instance-accelerator-name") == "inferentia2");
  CHECK(of("inf2.xlarge", "instance-accelerator-manufacturer") == "aws");
  CHECK(of("m5d.large", "instance-local-nvme") == "75");
  CHECK(of("c7i-flex.large", "instance-capability-flex") == "true");
  CHECK(of("c7i-flex.large", "instance-category") == "c");
  CHECK(of("inf2.xlarge", "instance-category") == "inf");
  CHECK(of("t3.large", "instance-hypervisor") == "nitro");
  CHECK(of("t2.large", "instance-hypervisor") == "xen");
  CHECK(of("m5.metal", "instance-hypervisor") == "");
  CHECK(of("m5.large", "instance-tenancy") == "default");
  CHECK(of("m5.large", "capacity-reservation-id") == "");
  CHECK(t.value("m5.large", "node.kubernetes.io/windows-build") == "");
  CHECK(t.value("m5.large", "topology.k8s.aws/zone-id") == "use1-az1");
}

TEST_CASE("category and generation are read in the name of the family") {
  Names names;
  const WellKnownLabels known(names);
  struct Row {
    const char *type, *category, *generation;
  };
  for (const Row& row :
       {Row{"u-3tb1.56xlarge", "u", "1"}, Row{"u7i-12tb.224xlarge", "u", "7"}, Row{"im4gn.large", "im", "4"},
        Row{"p6-b200.48xlarge", "p", "6"}, Row{"m5.large", "m", "5"}, Row{"c7i-flex.large", "c", "7"}}) {
    CAPTURE(row.type);
    const aws::InstanceType* type = aws::Catalogue::built_in().find_type(row.type);
    REQUIRE(type != nullptr);
    Requirements labels;
    add_instance_labels(labels, *type, "us-east-1", known, names);
    const auto has = [&](const char* key, const char* value) {
      return labels.allows(names.intern(key), names.intern(value), names);
    };
    CHECK(has("karpenter.k8s.aws/instance-category", row.category));
    CHECK(has("karpenter.k8s.aws/instance-generation", row.generation));
  }
}

}  // namespace plimsoll::eks::karpenter
