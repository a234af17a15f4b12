#include "models/eks/node/node_image.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

struct ImageReading {
  explicit ImageReading(const std::string& text) {
    const auto nodes = document::load_text(text, "group.yaml", diagnostics);
    REQUIRE(nodes.size() == 1);
    document::Fields f(nodes.front(), diagnostics, "group");
    image = read_node_image(f);
  }
  bool says(std::string_view what) const {
    for (const document::Diagnostic& d : diagnostics.sorted()) {
      if ((d.message + d.hint).find(what) != std::string::npos) return true;
    }
    return false;
  }
  document::Diagnostics diagnostics;
  NodeImage image{};
};

TEST_CASE("an image has the name of its family or of the EKS API") {
  CHECK(ImageReading("{}").image == NodeImage::al2023);
  CHECK(ImageReading("{ami: AL2}").image == NodeImage::al2);
  CHECK(ImageReading("{ami: AL2_x86_64_GPU}").image == NodeImage::al2);
  CHECK(ImageReading("{ami: BOTTLEROCKET_ARM_64}").image == NodeImage::bottlerocket);
  const ImageReading standard("{ami: AL2023_x86_64_STANDARD}");
  CHECK(standard.image == NodeImage::al2023);
  CHECK_FALSE(standard.diagnostics.has_errors());
}

TEST_CASE("amiType is the EKS API's key for the same") {
  CHECK(ImageReading("{amiType: BOTTLEROCKET_x86_64}").image == NodeImage::bottlerocket);
  CHECK(ImageReading("{amiType: AL2_x86_64}").image == NodeImage::al2);
  CHECK(ImageReading("{amiType: CUSTOM}").diagnostics.text() == "");
  CHECK(ImageReading("{amiType: WINDOWS_CORE_2022_x86_64}").says("Windows nodes are not simulated"));
  CHECK(ImageReading("{amiType: AL203_x86_64_STANDARD}").says("did you mean 'AL2023_x86_64_STANDARD'?"));
  CHECK(ImageReading("{ami: AL2, amiType: AL2_x86_64}").says("exclude each other"));
}

TEST_CASE("Windows is refused with the reason, whatever it is called") {
  for (const char* name : {"Windows", "WINDOWS_CORE_2022_x86_64", "WINDOWS_FULL_2019_x86_64"}) {
    CAPTURE(name);
    CHECK(ImageReading("{ami: " + std::string(name) + "}").says("Windows nodes are not simulated: the applications"));
  }
  CHECK(ImageReading("{ami: Ubunto}").diagnostics.has_errors());
  NodeImage image = NodeImage::al2023;
  CHECK_FALSE(find_node_image("Windows2022", image));
}

}  // namespace
}  // namespace plimsoll::eks
