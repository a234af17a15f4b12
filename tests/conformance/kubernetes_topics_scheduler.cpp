#include <algorithm>
#include <bit>

#include "models/kubernetes/scheduler/default_preemption.h"
#include "models/kubernetes/scheduler/num_feasible_nodes.h"
#include "tests/conformance/kubernetes_topics.h"

namespace plimsoll::conformance {

using namespace plimsoll::kubernetes;

namespace {

ScoredResource scored_resource(VectorCluster& cluster, const Json& r) {
  ScoredResource out;
  const std::string name = r.at("name");
  if (name == "cpu") {
    out.fixed = Resource::cpu;
  } else if (name == "memory") {
    out.fixed = Resource::memory;
  } else if (name == "ephemeral-storage") {
    out.fixed = Resource::ephemeral_storage;
  } else {
    out.extended = cluster.name(name);
  }
  out.weight = r.at("weight");
  return out;
}

/// Scores of one plugin that belong to each node alone.
template <PluginId Id>
Json plugin_scores(const Json& input, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion version, const Json&) {
    VectorCluster cluster;
    cluster.read(input);
    const ShapeId pod = cluster.shape(input.at("pod"));
    Profile profile = default_profile(version);
    profile.filters.clear();
    profile.scores = {{Id, 1}};
    if (input.contains("resources")) {
      profile.fit_resources.clear();
      for (const Json& r : input.at("resources")) profile.fit_resources.push_back(scored_resource(cluster, r));
      profile.balanced_resources = profile.fit_resources;
    }
    if (input.contains("shape")) {
      profile.capacity_shape.clear();
      for (const Json& p : input.at("shape")) profile.capacity_shape.push_back({p.at("utilization"), p.at("score")});
    }
    const Framework framework(profile, cluster.names);
    Scratch scratch;
    const Grid grid = framework.explain(cluster.view(), pod, scratch);
    Json scores = Json::object();
    for (std::size_t i = 0; i < grid.feasible.size(); ++i) scores[cluster.node_name(grid.feasible[i])] = grid.totals[i];
    return Json{{"scores", scores}};
  });
}

/// The reasons of a verdict in the words of the vectors.
Json reason_words(const VectorCluster& cluster, ShapeId pod, Row row, const Verdict& verdict,
                  const Framework& framework) {
  Json words = Json::array();
  for (std::uint32_t bits = verdict.reasons; bits != 0; bits &= bits - 1) {
    switch (static_cast<Reason>(std::countr_zero(bits))) {
      case Reason::unschedulable:
        words.push_back("unschedulable");
        break;
      case Reason::node_name:
        words.push_back("node_name");
        break;
      case Reason::taint:
        words.push_back("taint:" + std::string(cluster.names.text(verdict.detail)));
        break;
      case Reason::node_affinity:
        words.push_back("node_affinity");
        break;
      case Reason::added_node_affinity:
        words.push_back("added_node_affinity");
        break;
      case Reason::host_ports:
        words.push_back("host_ports");
        break;
      case Reason::too_many_pods:
        words.push_back("too_many_pods");
        break;
      case Reason::insufficient_cpu:
        words.push_back("insufficient:cpu");
        break;
      case Reason::insufficient_memory:
        words.push_back("insufficient:memory");
        break;
      case Reason::insufficient_ephemeral_storage:
        words.push_back("insufficient:ephemeral-storage");
        break;
      case Reason::insufficient_enis:
        words.push_back("insufficient:enis");
        break;
      case Reason::insufficient_gpus:
        words.push_back("insufficient:gpus");
        break;
      case Reason::insufficient_extended:
        for (const auto& [name, wanted] : cluster.shapes[pod].extended) {
          const auto& ignored = framework.profile().ignored_resources;
          if (std::find(ignored.begin(), ignored.end(), name) != ignored.end()) continue;
          const std::string text(cluster.names.text(name));
          const auto& groups = framework.profile().ignored_resource_groups;
          if (std::find(groups.begin(), groups.end(), text.substr(0, text.find('/'))) != groups.end()) continue;
          if (wanted >
              cluster.snapshot.allocatable_extended(row, name) - cluster.snapshot.requested_extended(row, name)) {
            words.push_back("insufficient:" + text);
          }
        }
        break;
      case Reason::spread_missing_label:
        words.push_back("spread_missing_label");
        break;
      case Reason::spread_skew:
        words.push_back("spread_skew");
        break;
      case Reason::pod_affinity:
        words.push_back("pod_affinity");
        break;
      case Reason::pod_anti_affinity:
        words.push_back("pod_anti_affinity");
        break;
      case Reason::existing_anti_affinity:
        words.push_back("existing_anti_affinity");
        break;
      // No vector has volumes.
      case Reason::unbound_claim:
      case Reason::exclusive_claim:
      case Reason::volume_node_affinity:
      case Reason::no_volume_to_bind:
      case Reason::volume_zone:
      case Reason::missing_claim:
      case Reason::too_many_volumes:
        words.push_back("volume");
        break;
    }
  }
  std::sort(words.begin(), words.end());
  return words;
}

void tell_filters(Json& out, const VectorCluster& cluster, ShapeId pod, const Grid& grid, const Framework& framework,
                  bool codes) {
  out["feasible"] = Json::array();
  out["failed"] = Json::object();
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    const std::string name = cluster.node_name(grid.rows[i]);
    const Verdict& verdict = grid.verdicts[i];
    if (verdict.ok()) {
      out["feasible"].push_back(name);
      continue;
    }
    const Json reasons = reason_words(cluster, pod, grid.rows[i], verdict, framework);
    out["failed"][name] =
        codes ? Json{{"code", verdict.code == Code::unresolvable ? "UU" : "U"}, {"reasons", reasons}} : reasons;
  }
}

/// Filter and scores of one plugin.
template <PluginId Id, bool Scores>
Json plugin_topic(const Json& input, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion version, const Json& asked) {
    VectorCluster cluster;
    cluster.read(input);
    const ShapeId pod = cluster.shape(input.at("pod"));
    Profile profile = default_profile(version);
    profile.filters = {Id};
    profile.scores.clear();
    if (Scores) profile.scores = {{Id, 1}};
    if (input.contains("ignored_resources") && input.at("ignored_resources").is_array()) {
      for (const Json& r : input.at("ignored_resources")) profile.ignored_resources.push_back(cluster.name(r));
    }
    if (input.contains("ignored_resource_groups") && input.at("ignored_resource_groups").is_array()) {
      for (const Json& r : input.at("ignored_resource_groups")) profile.ignored_resource_groups.push_back(r);
    }
    if (input.contains("hard_pod_affinity_weight"))
      profile.hard_pod_affinity_weight = input.at("hard_pod_affinity_weight");
    if (input.contains("added_node_required"))
      profile.added_node_required = cluster.node_terms(input.at("added_node_required"));
    if (input.contains("added_node_preferred")) {
      profile.added_node_preferred = cluster.preferred_terms(input.at("added_node_preferred"));
    }
    // Some cases score nodes that were given, whatever the filter says of them.
    const bool given = asked.contains("scored");
    if (given) profile.filters.clear();
    Framework framework(profile, cluster.names);
    framework.set_services(cluster.services);
    Scratch scratch;
    Grid grid = framework.explain(cluster.view(), pod, scratch);
    Json out = Json::object();
    if (given) {
      std::vector<Row> rows;
      out["scored"] = Json::array();
      for (const Row row : grid.rows) {
        if (!asked.at("raw").contains(cluster.node_name(row))) continue;
        rows.push_back(row);
        out["scored"].push_back(cluster.node_name(row));
      }
      grid = framework.score_rows(cluster.view(), pod, rows, scratch);
    } else {
      tell_filters(out, cluster, pod, grid, framework, true);
    }
    if (asked.contains("raw")) {
      Json raw = Json::object(), norm = Json::object();
      for (std::size_t i = 0; i < grid.feasible.size(); ++i) {
        raw[cluster.node_name(grid.feasible[i])] = grid.columns.at(0).raw[i];
        norm[cluster.node_name(grid.feasible[i])] = grid.columns.at(0).normalized[i];
      }
      out["raw"] = raw;
      out["norm"] = norm;
    }
    return out;
  });
}

Json schedule_one(const Json& input, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion version, const Json& asked) {
    VectorCluster cluster;
    cluster.read(input);
    const ShapeId pod = cluster.shape(input.at("pod"));
    Profile profile = default_profile(version);
    profile.percentage_of_nodes_to_score = 100;
    Framework framework(profile, cluster.names);
    framework.set_services(cluster.services);
    Scratch scratch;
    const Grid grid = framework.explain(cluster.view(), pod, scratch);
    Json out = Json::object();
    tell_filters(out, cluster, pod, grid, framework, false);
    out["weighted"] = Json::object();
    out["total"] = Json::array();
    out["best"] = Json::array();
    for (const Grid::Column& column : grid.columns) {
      Json weighted = Json::array();
      for (const std::int64_t s : column.normalized) weighted.push_back(s * column.weight);
      out["weighted"][std::string(plugin_name(column.plugin))] = weighted;
    }
    // Registered for scoring in 1.26, without a score by default.
    if (version == KubernetesVersion::v1_26 && asked.contains("weighted")) {
      out["weighted"]["VolumeBinding"] = Json(std::vector<int>(grid.feasible.size(), 0));
    }
    if (grid.feasible.empty()) {
      out["weighted"] = nullptr;
      out["total"] = nullptr;
    } else {
      const std::int64_t top = *std::max_element(grid.totals.begin(), grid.totals.end());
      for (std::size_t i = 0; i < grid.feasible.size(); ++i) {
        out["total"].push_back(grid.totals[i]);
        if (grid.totals[i] == top) out["best"].push_back(cluster.node_name(grid.feasible[i]));
      }
    }
    return out;
  });
}

Json schedule_sequence(const Json& input, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion version, const Json&) {
    VectorCluster cluster;
    cluster.read(input);
    std::vector<ShapeId> templates;
    for (const Json& t : input.at("templates")) templates.push_back(cluster.shape(t));
    Profile profile = default_profile(version);
    profile.percentage_of_nodes_to_score = 100;
    profile.tie = Tie::first;
    Framework framework(profile, cluster.names);
    framework.set_services(cluster.services);
    Scratch scratch, plain;
    SearchState search, plain_search;
    Json nodes = Json::array(), scores = Json::array();
    std::uint32_t next = 1'000'000;
    for (const Json& index : input.at("order")) {
      const ShapeId shape = templates.at(index.get<std::size_t>());
      const Decision d = framework.schedule_one(cluster.view(), shape, search, {}, scratch);
      const Decision check = framework.schedule_one(cluster.view(), shape, plain_search, {}, plain, Path::plain);
      if (!(d == check)) throw std::runtime_error("fast and plain path disagree");
      nodes.push_back(d.placed() ? cluster.node_name(d.row) : "");
      scores.push_back(d.total);
      if (!d.placed()) continue;
      PodOnNode pod;
      pod.id = PodId{next++};
      pod.shape = shape;
      cluster.snapshot.add_pod(d.row, pod, cluster.shapes[shape]);
    }
    return Json{{"nodes", nodes}, {"score", scores}};
  });
}

Json feasible_nodes(const Json& input, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion, const Json&) {
    return Json{{"find", num_feasible_nodes(input.at("nodes"), input.at("percentage_of_nodes_to_score"))}};
  });
}

Json preemption(const Json& input, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion version, const Json&) {
    VectorCluster cluster;
    cluster.read(input);
    const ShapeId pod = cluster.shape(input.at("pod"));
    const Framework framework(default_profile(version), cluster.names);
    std::vector<PreemptionBudget> budgets;
    if (input.contains("pdbs") && input.at("pdbs").is_array()) {
      for (const Json& b : input.at("pdbs")) {
        budgets.push_back({cluster.value(b.value("namespace", "")),
                           cluster.selector(b.value("selector", Json())),
                           b.at("disruptions_allowed").get<std::int64_t>(),
                           {}});
      }
    }
    Scratch scratch;
    const auto found = DefaultPreemption::candidates(framework, cluster.snapshot, cluster.shapes, cluster.names, pod,
                                                     budgets, 0, cluster.snapshot.rows(), scratch);
    Json candidates = Json::array(), best = Json::array();
    for (const PreemptionCandidate& c : found) {
      Json victims = Json::array();
      for (const PodId id : c.victims) victims.push_back(cluster.pod_names[id.index()]);
      candidates.push_back(
          {{"node", cluster.node_name(c.row)}, {"pdb_violations", c.violations}, {"victims", victims}});
    }
    for (const std::size_t i : DefaultPreemption::best(cluster.snapshot, found)) {
      best.push_back(cluster.node_name(found[i].row));
    }
    return Json{{"candidates", candidates}, {"best", best}};
  });
}

}  // namespace

void register_kubernetes_scheduler(std::vector<Topic>& topics) {
  const auto add = [&](const char* name, Json (*evaluate)(const Json&, const Json&)) {
    topics.push_back({"kubernetes", name, evaluate, nullptr});
  };
  add("score_least_allocated", plugin_scores<PluginId::least_allocated>);
  add("score_most_allocated", plugin_scores<PluginId::most_allocated>);
  add("score_balanced", plugin_scores<PluginId::balanced_allocation>);
  add("score_requested_to_capacity_ratio", plugin_scores<PluginId::requested_to_capacity_ratio>);
  add("image_locality", plugin_scores<PluginId::image_locality>);
  add("filter_resources_fit", plugin_topic<PluginId::node_resources_fit, false>);
  add("taint_toleration", plugin_topic<PluginId::taint_toleration, true>);
  add("node_affinity", plugin_topic<PluginId::node_affinity, true>);
  add("pod_topology_spread", plugin_topic<PluginId::pod_topology_spread, true>);
  add("inter_pod_affinity", plugin_topic<PluginId::inter_pod_affinity, true>);
  add("schedule_one", schedule_one);
  add("schedule_sequence", schedule_sequence);
  add("preemption", preemption);
  add("num_feasible_nodes", feasible_nodes);
}

}  // namespace plimsoll::conformance
