#include "models/eks/cluster_autoscaler/taint_config.h"

#include <doctest/doctest.h>

namespace plimsoll::eks::ca {

TEST_CASE("which taints are passing states of a node") {
  Options options;
  options.startup_taint = {"node.cilium.io/agent-not-ready"};
  options.ignore_taint = {"old/one"};
  options.startup_taint_prefix = {"wait.example.com/"};
  options.status_taint = {"example.com/hot"};
  const TaintConfig config(options);
  struct Row {
    std::string_view key;
    bool startup, status, kept;
  };
  const Row rows[] = {
      {"node.cilium.io/agent-not-ready", true, false, false},
      {"old/one", true, false, false},
      {"wait.example.com/driver", true, false, false},
      {"example.com/hot", false, true, false},
      {"startup-taint.cluster-autoscaler.kubernetes.io/x", true, false, false},
      {"ignore-taint.cluster-autoscaler.kubernetes.io/x", true, false, false},
      {"status-taint.cluster-autoscaler.kubernetes.io/x", false, true, false},
      {"node.kubernetes.io/not-ready", false, false, false},
      {"DeletionCandidateOfClusterAutoscaler", false, false, false},
      {"dedicated", false, false, true},
      {"wait.example.co", false, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.key);
    CHECK(config.is_startup(row.key) == row.startup);
    CHECK(config.is_status(row.key) == row.status);
    CHECK(config.is_kept(row.key) == row.kept);
  }
  // Without flags the prefixes hold all the same.
  CHECK(TaintConfig().is_startup("startup-taint.cluster-autoscaler.kubernetes.io/x"));
  CHECK(TaintConfig().is_kept("old/one"));
}

TEST_CASE("a template keeps the taints that its next node will have") {
  Names names;
  Options options;
  options.startup_taint = {"a"};
  options.status_taint = {"b"};
  const TaintConfig config(options);
  std::vector<Taint> taints;
  for (const char* key : {"a", "b", "c"}) taints.push_back({names.intern(key), NameId{}, TaintEffect::no_schedule});
  CHECK(config.has_startup(taints, names));
  config.sanitize(taints, names);
  REQUIRE(taints.size() == 1);
  CHECK(names.text(taints[0].key) == "c");
  CHECK_FALSE(config.has_startup(taints, names));
}

}  // namespace plimsoll::eks::ca
