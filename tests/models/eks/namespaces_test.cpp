#include "models/eks/namespaces.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "models/kubernetes/api/manifest_reader.h"
#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

/// A setting of one application out of a file, with the admission objects of that file.
Setting setting_of(const std::string& text) {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<ManifestFacts> facts;
  kubernetes::api::kubernetes_manifest_reader()->read_all(document::load_text(text, "app.yaml", diagnostics), reader,
                                                          facts);
  INFO(diagnostics.text());
  REQUIRE_FALSE(diagnostics.has_errors());
  Setting out;
  for (const ManifestFacts& f : facts) {
    if (f.admission) out.admission.push_back({Side::kubernetes, f.file, *f.admission});
    if (!f.pod) continue;
    WorkloadSpec& w = out.workloads.emplace_back();
    w.name = f.name;
    w.kubernetes_pod = f.pod;
  }
  return out;
}

constexpr const char* kShopFile = R"(apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: red, kubernetes.io/metadata.name: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: till}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, tier: back}}
    spec: {containers: [{name: cart, image: cart}]}
---
apiVersion: v1
kind: Service
metadata: {name: back, namespace: till}
spec: {selector: {tier: back}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: back, namespace: shop}
spec: {selector: {tier: back}, ports: [{port: 80}]}
)";

TEST_CASE("namespaces: the initial ones, those of files and those that pods live in, each with its own name") {
  Names names;
  const auto all = cluster_namespaces(setting_of(kShopFile), names);
  const auto label = [&](const char* place, const char* key) -> std::string {
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& n) { return names.text(n.name) == place; });
    REQUIRE(at != all.end());
    const NameId value = at->labels.find(names.intern(key));
    return value.is_none() ? "-" : std::string(names.text(value));
  };
  CHECK(label("shop", "team") == "red");
  CHECK(label("till", "team") == "-");
  for (const char* name : {"default", "kube-system", "shop", "till"}) {
    CHECK(label(name, "kubernetes.io/metadata.name") == name);
    CHECK(std::count_if(all.begin(), all.end(), [&](const auto& n) { return names.text(n.name) == name; }) == 1);
  }
}

TEST_CASE("a Service selects pods of its own namespace") {
  Names names;
  const auto services = cluster_services(setting_of(kShopFile), names);
  REQUIRE(services.size() == 1);
  CHECK(names.text(services[0].namespace_name) == "till");
  REQUIRE(services[0].selector.size() == 1);
  CHECK(names.text(services[0].selector[0].second) == "back");
}

}  // namespace
}  // namespace plimsoll::eks
