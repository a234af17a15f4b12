#include "models/kubernetes/api/yaml_booleans.h"

#include <doctest/doctest.h>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

TEST_CASE("plain words of YAML 1.1 are booleans, quoted ones strings, and nothing else changes") {
  document::Diagnostics d;
  const document::Node read =
      document::load_text("{a: yes, b: 'yes', c: [Off, office, \"no\"], d: true, e: y}", "a.yaml", d).front();
  const document::Node node = with_yaml_booleans(read);
  CHECK(node.find("a")->kind() == document::Kind::boolean);
  CHECK(node.find("a")->as_boolean());
  CHECK(node.find("a")->mark().column == read.find("a")->mark().column);
  CHECK(node.find("b")->is_string());
  CHECK_FALSE(node.find("c")->at(0).as_boolean());
  CHECK(node.find("c")->at(1).text() == "office");
  CHECK(node.find("c")->at(2).is_string());
  CHECK(node.find("d")->as_boolean());
  CHECK(node.find("e")->as_boolean());
  CHECK(same_value(with_yaml_booleans(document::load_text("{a: x}", "a.yaml", d).front()),
                   document::load_text("{a: x}", "a.yaml", d).front()));
}

TEST_CASE("a manifest may say hostNetwork: no, and not hostNetwork: 'no'") {
  const auto said = [](const std::string& value) {
    document::Diagnostics d;
    const document::Reader reader(d);
    std::vector<ManifestFacts> facts;
    kubernetes_manifest_reader()->read_all(
        document::load_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: " + value +
                                ", containers: [{name: c, image: i}]}\n",
                            "a.yaml", d),
        reader, facts);
    return d.text();
  };
  CHECK(said("no").find("hostNetwork") == std::string::npos);
  CHECK(said("'no'").find("hostNetwork") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
