#include "models/eks/node/image_support.h"

#include <doctest/doctest.h>

#include <string>

namespace plimsoll::eks {

TEST_CASE("AL2023 starts on no A1, older and other images do") {
  aws::InstanceType a1, m6g;
  a1.name = "a1.large";
  m6g.name = "m6g.large";
  CHECK_FALSE(starts_on(NodeImage::al2023, a1));
  CHECK(starts_on(NodeImage::al2, a1));
  CHECK(starts_on(NodeImage::bottlerocket, a1));
  CHECK(starts_on(NodeImage::al2023, m6g));
}

TEST_CASE("an amiType names the architecture that its types must have") {
  aws::InstanceType arm, intel;
  arm.name = "m6g.large";
  arm.arch = aws::Architecture::arm64;
  intel.name = "m5.large";
  struct Case {
    const char* ami_type;
    bool on_arm, on_intel;
  };
  for (const Case& c :
       {Case{"AL2_ARM_64", true, false}, Case{"AL2_x86_64_GPU", false, true}, Case{"AL2023_ARM_64_NVIDIA", true, false},
        Case{"BOTTLEROCKET_x86_64", false, true}, Case{"CUSTOM", true, true}, Case{"AL2023", true, true}}) {
    CAPTURE(c.ami_type);
    CHECK(ami_type_fault(c.ami_type, arm).empty() == c.on_arm);
    CHECK(ami_type_fault(c.ami_type, intel).empty() == c.on_intel);
  }
}

}  // namespace plimsoll::eks
