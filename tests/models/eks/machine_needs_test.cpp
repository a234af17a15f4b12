#include "models/eks/machine_needs.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "models/aws/price_book.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "sim/policy/machine_needs.h"

namespace plimsoll::eks {
namespace {

/// What a column of these nodes says of one app; "": Fargate. With `profile`, pods of the namespace default run on
/// Fargate beside the nodes.
std::string complaints_of(const std::string& type, std::shared_ptr<const VendorPod> file, bool profile = false) {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = "today";
  WorkloadSpec w;
  w.name = "web";
  w.kubernetes_pod = std::move(file);
  setting.workloads.push_back(w);
  document::Diagnostics diagnostics;
  {
    document::Fields f(document::Node::null(), diagnostics, "platforms.a");
    f.allow_unknown();
    EksPlan plan;
    plan.prices = aws::PriceBook::open(f, setting);
    REQUIRE(plan.prices != nullptr);
    plan.fargate = type.empty();
    if (!plan.fargate) {
      NodeGroupPlan group;
      NodeGroupType t;
      t.type = plan.prices->catalogue().find_type(type);
      REQUIRE(t.type != nullptr);
      t.allocatable = node_allocatable(*t.type, group.image, {}, 0, 20);
      t.extended = node_extended(*t.type, {}, {});
      group.types.push_back(t);
      plan.groups.push_back(std::move(group));
    }
    if (profile) plan.fargate_profiles.push_back({"fp", {{"default", {}}}});
    std::vector<Unholdable> too_large;
    check_machine_needs(f, setting, plan, too_large);
    for (const Unholdable& u : too_large) diagnostics.add(u.fault);
  }
  return diagnostics.text();
}

std::string complaints(const std::string& type, const MachineNeeds& needs) {
  auto file = std::make_shared<PodWithNeeds>();
  file->needs = needs;
  return complaints_of(type, std::move(file));
}

TEST_CASE("GPUs need a node group that has them") {
  const auto says = [](const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; };
  MachineNeeds two;
  two.gpus = 2;
  CHECK(says(complaints("", two), "web asks for 2 GPUs: Fargate runs no pods with GPUs"));
  CHECK(says(complaints("m5.large", two), "web asks for 2 GPUs: m5.large has none"));
  CHECK(says(complaints("g4dn.xlarge", two), "g4dn.xlarge has 1"));
  CHECK(complaints("g4dn.12xlarge", two) == "");
  CHECK(complaints("m5.large", {}) == "");
}

TEST_CASE("Fargate refuses pods that need a host, another architecture or too much disk") {
  using kubernetes::api::ManifestPod;
  const auto made = [](const std::function<void(kubernetes::api::Workload&)>& change) {
    auto file = std::make_shared<ManifestPod>();
    file->workload.name = "web";
    file->workload.pod.containers.emplace_back();
    change(file->workload);
    return file;
  };
  const auto says = [](const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; };
  const auto plain = made([](auto&) {});
  CHECK(complaints_of("", plain) == "");

  const auto network = made([](auto& w) {
    w.pod.host_network = true;
    w.pod.containers[0].ports.push_back({"http", 80, 80, "TCP", ""});  // the network says it all
  });
  CHECK(says(complaints_of("", network), "web has hostNetwork: true: Fargate has no network of a host"));
  CHECK_FALSE(says(complaints_of("", network), "hostPort"));
  const auto port = made([](auto& w) { w.pod.containers[0].ports.push_back({"http", 80, 8080, "TCP", ""}); });
  CHECK(says(complaints_of("", port), "web asks for a hostPort: Fargate has no ports of a host"));
  const auto privileged = made([](auto& w) { w.pod.containers[0].privileged = true; });
  CHECK(says(complaints_of("", privileged), "web has a privileged container: Fargate runs none"));
  const auto prepares = made([](auto& w) {
    w.pod.init_containers.emplace_back();
    w.pod.init_containers[0].privileged = true;
  });
  CHECK(says(complaints_of("", prepares), "web has a privileged container: Fargate runs none"));
  CHECK(complaints_of("m5.large", privileged) == "");
  const auto path = made([](auto& w) {
    kubernetes::api::Volume v;
    v.kind = kubernetes::api::Volume::Kind::host_path;
    v.name = "logs";
    w.pod.volumes.push_back(v);
  });
  CHECK(says(complaints_of("", path), "web mounts the hostPath volume logs: Fargate has no files of a host"));

  const auto arm = made([](auto& w) { w.pod.node_selector.emplace_back("kubernetes.io/arch", "arm64"); });
  const auto amd = made([](auto& w) { w.pod.node_selector.emplace_back("kubernetes.io/arch", "amd64"); });
  CHECK(says(complaints_of("", arm), "web asks for an architecture other than amd64"));
  CHECK(complaints_of("", amd) == "");
  const auto affinity = [&](bool or_amd) {
    return made([or_amd](auto& w) {
      kubernetes::api::NodeTerm term;
      term.expressions.push_back({"kubernetes.io/arch", SelectorOp::in, {"arm64"}});
      w.pod.node_required.emplace();
      w.pod.node_required->push_back(term);
      term.expressions[0].values = {"amd64"};
      if (or_amd) w.pod.node_required->push_back(term);  // one term is enough
    });
  };
  CHECK(says(complaints_of("", affinity(false)), "web asks for an architecture other than amd64"));
  CHECK(complaints_of("", affinity(true)) == "");

  const auto disk = [&](std::int64_t gib) {
    return made([gib](auto& w) { w.pod.containers[0].requests.ephemeral_storage = gibibytes(gib); });
  };
  CHECK(complaints_of("", disk(175)) == "");
  CHECK(says(complaints_of("", disk(176)), "web asks for 176 GiB of ephemeral storage: Fargate gives a pod 175 GiB"));

  // Nodes take them all; beside nodes the profile decides.
  for (const auto& file : {network, port, path, arm, disk(300)}) {
    CHECK(complaints_of("m5.large", file) == "");
    CHECK(complaints_of("m5.large", file, true) != "");
  }
  // DaemonSets do not run on Fargate at all.
  const auto agent = made([](auto& w) {
    w.kind = kubernetes::api::WorkloadKind::daemon_set;
    w.pod.host_network = true;
  });
  CHECK(complaints_of("m5.large", agent, true) == "");
}

TEST_CASE("other accelerators and Windows are refused with the reason") {
  MachineNeeds neuron, windows, licence;
  neuron.others.emplace_back("aws.amazon.com/neuron", 1);
  windows.windows = true;
  licence.others.emplace_back("example.com/licence", 1);
  CHECK(complaints("m5.large", neuron).find("web asks for 1 aws.amazon.com/neuron") != std::string::npos);
  CHECK(complaints("m5.large", windows).find("web runs Windows: the nodes of this column run Linux") !=
        std::string::npos);
  CHECK(complaints("m5.large", licence)
            .find("warning: web asks for 1 example.com/licence, which no node of the column "
                  "offers: its pods will wait (Insufficient example.com/licence)") != std::string::npos);
  CHECK(complaints("", licence).find("error") != std::string::npos);  // Fargate has no such thing at all
  CHECK(complaints("inf2.24xlarge", neuron) == "");
}

}  // namespace
}  // namespace plimsoll::eks
