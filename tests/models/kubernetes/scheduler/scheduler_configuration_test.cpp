// Also tests: scheduler_configuration_reader
#include "models/kubernetes/scheduler/scheduler_configuration.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "models/kubernetes/api/scheduler_configuration_reader.h"
#include "sim/document/loader.h"
#include "tests/models/kubernetes/scheduler/plugin_fixture.h"

namespace plimsoll::kubernetes {
namespace {

struct Read {
  document::Diagnostics diagnostics;
  std::optional<SchedulerConfiguration> configuration;
  explicit Read(const std::string& body, KubernetesVersion version = KubernetesVersion::current) {
    const std::string text = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n" + body;
    const auto documents = document::load_text(text, "scheduler.yaml", diagnostics);
    REQUIRE(documents.size() == 1);
    REQUIRE(api::is_scheduler_configuration(documents[0]));
    configuration = api::read_scheduler_configuration(documents[0], version, diagnostics);
  }
  Profile profile(std::size_t i = 0, KubernetesVersion version = KubernetesVersion::current) {
    INFO(diagnostics.text());
    REQUIRE(configuration.has_value());
    return make_profile(configuration->profiles.at(i), version, names);
  }
  Names names;
};

std::int64_t weight_of(const Profile& p, PluginId id) {
  for (const Profile::Score& s : p.scores) {
    if (s.plugin == id) return s.weight;
  }
  return 0;
}

bool filters_by(const Profile& p, PluginId id) {
  return std::find(p.filters.begin(), p.filters.end(), id) != p.filters.end();
}

TEST_CASE("an empty profile is the release's default") {
  Read r("profiles: [{schedulerName: default-scheduler}]\n");
  const Profile p = r.profile(), d = default_profile(KubernetesVersion::current);
  CHECK(p.filters == d.filters);
  CHECK(p.scores.size() == d.scores.size());
  CHECK(r.configuration->profiles[0].preemption);
}

TEST_CASE("plugins are disabled, enabled with new weights, and cleared with a star") {
  Read r(R"(
percentageOfNodesToScore: 30
clientConnection: {qps: 100, burst: 200}
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 60
profiles:
- schedulerName: default-scheduler
  plugins:
    score:
      disabled: [{name: ImageLocality}]
      enabled: [{name: NodeResourcesBalancedAllocation, weight: 5}]
    filter: {disabled: [{name: InterPodAffinity}]}
    postFilter: {disabled: [{name: '*'}]}
- schedulerName: only-fit
  percentageOfNodesToScore: 50
  plugins:
    score: {disabled: [{name: '*'}], enabled: [{name: NodeResourcesFit, weight: 3}]}
- schedulerName: weighted
  plugins:
    multiPoint: {disabled: [{name: PodTopologySpread}], enabled: [{name: TaintToleration, weight: 7}]}
)");
  Profile p = r.profile(0);
  CHECK(weight_of(p, PluginId::image_locality) == 0);
  CHECK(weight_of(p, PluginId::balanced_allocation) == 5);
  CHECK(weight_of(p, PluginId::taint_toleration) == 3);
  CHECK_FALSE(filters_by(p, PluginId::inter_pod_affinity));
  CHECK_FALSE(r.configuration->profiles[0].preemption);
  p = r.profile(1);
  CHECK(p.scores.size() == 1);
  CHECK(weight_of(p, PluginId::node_resources_fit) == 3);
  CHECK(p.percentage_of_nodes_to_score == 50);
  CHECK(r.configuration->profiles[1].preemption);
  p = r.profile(2);
  CHECK(weight_of(p, PluginId::taint_toleration) == 7);
  CHECK(weight_of(p, PluginId::pod_topology_spread) == 0);
  CHECK_FALSE(filters_by(p, PluginId::pod_topology_spread));
  CHECK(r.configuration->percentage_of_nodes_to_score == 30);
  CHECK(r.configuration->qps_milli == 100'000);
  CHECK(r.configuration->burst == 200);
  CHECK(r.configuration->initial_backoff == seconds(2));
  CHECK(r.configuration->maximum_backoff == seconds(60));
}

TEST_CASE("arguments of the plugins") {
  Read r(R"(
profiles:
- schedulerName: packing
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      ignoredResourceGroups: [example.com]
      scoringStrategy:
        type: RequestedToCapacityRatio
        resources: [{name: cpu, weight: 3}, {name: nvidia.com/gpu, weight: 5}]
        requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}
  - name: InterPodAffinity
    args: {hardPodAffinityWeight: 10, ignorePreferredTermsOfExistingPods: true}
  - name: PodTopologySpread
    args:
      defaultingType: List
      defaultConstraints: [{maxSkew: 2, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}]
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [a]}]}]
)");
  const Profile p = r.profile();
  CHECK(weight_of(p, PluginId::requested_to_capacity_ratio) == 1);
  CHECK(weight_of(p, PluginId::node_resources_fit) == 0);
  REQUIRE(p.fit_resources.size() == 2);
  CHECK(p.fit_resources[0].weight == 3);
  CHECK(p.fit_resources[1].extended == r.names.intern("nvidia.com/gpu"));
  CHECK(p.capacity_shape.back().score == 10);
  CHECK(p.ignored_resource_groups == std::vector<std::string>{"example.com"});
  CHECK(p.hard_pod_affinity_weight == 10);
  CHECK(p.ignore_preferred_terms_of_existing_pods);
  REQUIRE(p.default_constraints.size() == 1);
  CHECK(p.default_constraints[0].max_skew == 2);
  CHECK_FALSE(p.default_spread);
  REQUIRE(p.added_node_required.has_value());
  CHECK(p.added_node_required->size() == 1);
}

TEST_CASE("default constraints of one's own spread a pod that carries none") {
  PluginFixture f;
  f.snapshot.add_node(f.node("z1"));
  f.snapshot.add_node(f.node("z2"));
  f.put(0, f.pod("a"));
  Profile p = f.only(PluginId::pod_topology_spread);
  p.default_spread = false;
  TopologySpreadConstraint c;
  c.topology_key = f.name("topology.kubernetes.io/zone");
  c.max_skew = 1;
  p.default_constraints = {c};
  PodShape pod = f.pod("a");
  pod.owner_selector = f.app("a");
  const Grid grid = f.ask(p, pod);
  CHECK_FALSE(grid.verdicts[0].ok());
  CHECK(grid.verdicts[1].ok());
}

TEST_CASE("1.20 has other plugins and scores") {
  Read r(
      "profiles: [{schedulerName: s, plugins: {score: {disabled: [{name: NodeResourcesLeastAllocated}], "
      "enabled: [{name: NodeResourcesMostAllocated, weight: 2}]}}}]\n",
      KubernetesVersion::v1_20);
  const Profile p = r.profile(0, KubernetesVersion::v1_20);
  CHECK(weight_of(p, PluginId::least_allocated) == 0);
  CHECK(weight_of(p, PluginId::most_allocated) == 2);
}

TEST_CASE("faults are told with their place") {
  const auto fault = [](const std::string& body) {
    Read r(body);
    CHECK_FALSE(r.configuration.has_value());
    return r.diagnostics.text();
  };
  CHECK(fault("profiles: [{plugins: {score: {enabled: [{name: NodeResourceFit}]}}}]\n").find("NodeResourcesFit") !=
        std::string::npos);
  CHECK(fault("profiles: [{}, {}]\n").find("Duplicate value") != std::string::npos);
  CHECK(fault("percentageOfNodesToScore: 130\n").find("percentageOfNodesToScore") != std::string::npos);
  CHECK(fault("podInitialBackoffSeconds: 20\n").find("podMaxBackoffSeconds") != std::string::npos);
  CHECK(fault("profiles: [{pluginConfig: [{name: PodTopologySpread, args: {defaultConstraints: [{maxSkew: 1, "
              "topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}}]}]\n")
            .find("System") != std::string::npos);
}

TEST_CASE("clientConnection: 0 is the default, fractions count, a negative qps is no limit") {
  struct Row {
    const char* text;
    std::optional<std::int64_t> qps_milli, burst;
  };
  const Row rows[] = {
      {"{qps: 0, burst: 0}", {}, {}},
      {"{qps: 50.5, burst: 7}", 50'500, 7},
      {"{qps: -1}", -1, {}},
      {"{qps: 100}", 100'000, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Read r("clientConnection: " + std::string(row.text) + "\nprofiles: [{}]\n");
    REQUIRE(r.configuration.has_value());
    CHECK(r.configuration->qps_milli == row.qps_milli);
    CHECK(r.configuration->burst == row.burst);
  }
  const Read negative("clientConnection: {burst: -1}\nprofiles: [{}]\n");
  CHECK(negative.diagnostics.text().find("Invalid value: -1: must be non-negative (at clientConnection.burst)") !=
        std::string::npos);
}

TEST_CASE("a profile without a queue sort or a bind plugin is refused, and gates hold without their plugin") {
  const auto said = [](const std::string& plugins) {
    return Read("profiles:\n- plugins: {" + plugins + "}\n").diagnostics.text();
  };
  CHECK(said("queueSort: {disabled: [{name: PrioritySort}]}")
            .find("error: no queue sort plugin is enabled (at "
                  "profiles[0].plugins.queueSort)") != std::string::npos);
  CHECK(said("bind: {disabled: [{name: '*'}]}")
            .find("error: at least one bind plugin is needed (at "
                  "profiles[0].plugins.bind)") != std::string::npos);
  CHECK(said("multiPoint: {disabled: [{name: '*'}]}").find("no queue sort plugin") != std::string::npos);
  CHECK(said("multiPoint: {disabled: [{name: '*'}], enabled: [{name: PrioritySort}, {name: DefaultBinder}, {name: "
             "SchedulingGates}]}")
            .empty());
  CHECK(said("queueSort: {disabled: [{name: '*'}], enabled: [{name: PrioritySort}]}").find("error") ==
        std::string::npos);
  CHECK(said("preEnqueue: {disabled: [{name: SchedulingGates}]}").find("warning: without SchedulingGates") !=
        std::string::npos);
  CHECK(said("reserve: {disabled: [{name: VolumeBinding}]}").find("keep their effect here") != std::string::npos);
  CHECK(said("score: {disabled: [{name: ImageLocality}]}").empty());
}

}  // namespace
}  // namespace plimsoll::kubernetes
