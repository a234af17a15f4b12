#include "models/eks/machine_needs.h"

#include <doctest/doctest.h>

#include "models/aws/price_book.h"
#include "sim/policy/machine_needs.h"

namespace plimsoll::eks {
namespace {

/// What a column of these nodes says of one app; "": Fargate.
std::string complaints(const std::string& type, const MachineNeeds& needs) {
  Setting setting;
  setting.region = "us-east-1";
  setting.as_of = "today";
  WorkloadSpec w;
  w.name = "web";
  auto file = std::make_shared<PodWithNeeds>();
  file->needs = needs;
  w.kubernetes_pod = file;
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
    check_machine_needs(f, setting, plan);
  }
  return diagnostics.text();
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
