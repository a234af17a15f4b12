#include "models/eks/fargate_profiles.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/document/loader.h"

namespace plimsoll::eks {
namespace {

struct ProfileReading {
  explicit ProfileReading(const std::string& list) {
    const auto nodes = document::load_text("fargateProfiles: " + list + "\n", "s.yaml", diagnostics);
    REQUIRE(nodes.size() == 1);
    document::Fields f(nodes.front(), diagnostics, "capacity");
    profiles = read_fargate_profiles(f);
  }
  bool says(std::string_view what) const { return diagnostics.text().find(what) != std::string::npos; }
  bool takes(std::string_view name_space, std::string_view app) {
    PodShape pod;
    pod.namespace_name = names.intern(name_space);
    pod.labels.set(names.intern("app"), names.intern(app));
    pod.labels.set(names.intern("tier"), names.intern("front"));
    return selects(profiles, pod, names);
  }
  document::Diagnostics diagnostics;
  Names names;
  std::vector<FargateProfile> profiles;
};

TEST_CASE("a pod runs on Fargate when a selector has its namespace and all of the selector's labels are its own") {
  ProfileReading r("[{name: a, selectors: [{namespace: batch}, {namespace: shop, labels: {app: web, tier: front}}]}]");
  CHECK(r.diagnostics.text() == "");
  CHECK(r.takes("batch", "any"));
  CHECK(r.takes("shop", "web"));
  CHECK_FALSE(r.takes("shop", "api"));
  CHECK_FALSE(r.takes("default", "web"));
  CHECK_FALSE(ProfileReading("[]").takes("default", "web"));
}

TEST_CASE("wildcards of namespaces and labels") {
  ProfileReading r("[{selectors: [{namespace: '*-prod', labels: {app: 'w?b*'}}]}]");
  CHECK(r.takes("shop-prod", "web"));
  CHECK(r.takes("-prod", "wXb-front"));
  CHECK_FALSE(r.takes("shop-prod", "wb"));
  CHECK_FALSE(r.takes("shop-prod-1", "web"));
}

TEST_CASE("what a profile must and may have") {
  CHECK(ProfileReading("[{name: a}]").says("'selectors' is missing"));
  CHECK(ProfileReading("[{selectors: [{labels: {a: b}}]}]").says("'namespace' is missing"));
  CHECK(ProfileReading("[{selectors: [{namespace: a, label: {a: b}}]}]").says("did you mean 'labels'?"));
  CHECK(ProfileReading("[{name: a, selectors: [{namespace: x}]}, {name: a, selectors: [{namespace: y}]}]")
            .says("two Fargate profiles have the name 'a'"));
  const std::string one = "{namespace: x}";
  CHECK(ProfileReading("[{selectors: [" + one + "," + one + "," + one + "," + one + "," + one + "," + one + "]}]")
            .says("at most five selectors"));
}

}  // namespace
}  // namespace plimsoll::eks
