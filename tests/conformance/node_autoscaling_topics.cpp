// compiled alone: names of EKS that Kubernetes has too
#include <algorithm>
#include <memory>

#include "models/eks/cluster_autoscaler/backoff.h"
#include "models/eks/cluster_autoscaler/balance.h"
#include "models/eks/cluster_autoscaler/drainability.h"
#include "models/eks/cluster_autoscaler/estimator.h"
#include "models/eks/cluster_autoscaler/expander.h"
#include "models/eks/cluster_autoscaler/scale_down.h"
#include "models/eks/cluster_autoscaler/scale_up.h"
#include "models/eks/cluster_autoscaler/similar_groups.h"
#include "models/eks/cluster_autoscaler/unneeded.h"
#include "models/eks/cluster_autoscaler/utilization.h"
#include "models/eks/node/fargate_pod_size.h"
#include "models/eks/node/kube_reserved.h"
#include "models/eks/node/vpc_cni.h"
#include "tests/conformance/node_autoscaling_fixture.h"

namespace plimsoll::conformance {

namespace {

using namespace plimsoll::eks;  // NOLINT(google-build-using-namespace)

constexpr int kVectorsMinor = 28;  // the release that made the Cluster Autoscaler vectors
constexpr std::uint64_t kEstimatorOrders = 15;

std::vector<ContainerRequest> containers_of(const Json& list) {
  std::vector<ContainerRequest> out;
  for (const Json& c : list) out.push_back({cpu_millis(whole(c, "cpu_m")), Bytes{whole(c, "mem_b")}});
  return out;
}

Json fargate_size(const Json& input, const Json&) {
  const auto size = fargate_pod_size(containers_of(input.at("containers")), containers_of(input.at("init_containers")));
  if (!size) return Json{{"error", "no size"}};
  return {{"provisioned_cpu_m", size->cpu.raw() / kCpuTicksPerMilli}, {"provisioned_mem_b", size->memory.raw()}};
}

Json reserved(const Json& input, const Json&) {
  const std::int64_t vcpu = whole(input, "vcpu");
  const std::int64_t pods = whole(input, "max_pods");
  const Bytes memory = mebibytes(whole(input, "memory_mib"));
  const bool arm = word(input, "arch") == "arm64";
  const KubeReserved kept = kube_reserved(vcpu, pods);
  const NodeSize size = node_size({.vcpu = vcpu, .memory = memory, .ephemeral_storage = {}, .eni_max_pods = pods});
  return {{"allocatable_cpu_m", size.allocatable[Resource::cpu] / kCpuTicksPerMilli},
          {"allocatable_mem_b_from_nominal", size.allocatable[Resource::memory]},
          {"eviction_hard_mem_b", kEvictionHardMemory.raw()},
          {"karpenter_allocatable_mem_b", karpenter_memory_allocatable(memory, arm, vcpu, pods).raw()},
          {"karpenter_capacity_mem_b", karpenter_memory_capacity(memory, arm).raw()},
          {"kube_reserved_cpu_m", kept.cpu.raw() / kCpuTicksPerMilli},
          {"kube_reserved_mem_b", kept.memory.raw()}};
}

Json vpc_pods(const Json& input, const Json&) {
  const EniLimits limits{whole(input, "default_card_max_enis"), whole(input, "ipv4_per_eni"),
                         word(input, "hypervisor") != "xen"};
  EniLimits raw = limits;
  raw.nitro = true;  // the raw figure is the bare formula
  Json out{{"max_pods", max_pods(limits)},
           {"prefix_delegation_raw", max_pods(raw, IpMode::prefix_delegation)},
           {"custom_networking_max_pods_raw", max_pods(limits, IpMode::secondary_ip, true)}};
  if (input.contains("vcpu")) {
    const std::int64_t vcpu = whole(input, "vcpu");
    out["calculator_recommended_secondary_ip"] = calculator_max_pods(limits, vcpu);
    out["calculator_recommended_prefix_delegation"] = calculator_max_pods(limits, vcpu, IpMode::prefix_delegation);
  }
  return out;
}

Json utilization(const Json& input, const Json&) {
  std::vector<ca::UtilizationPod> pods;
  for (const Json& p : input.at("pods")) {
    PodFacts facts;
    facts.grace = seconds(whole(p, "termination_grace_s", 30));
    const Time now = kTimeZero + hours(1000);
    if (p.contains("deletion_timestamp_age_s")) facts.deleted_at = now - seconds(whole(p, "deletion_timestamp_age_s"));
    pods.push_back({resources_of(whole(p, "cpu_m"), whole(p, "mem_b"), 1), word(p, "kind") == "daemonset",
                    word(p, "kind") == "mirror", is_long_terminating(facts, now)});
  }
  const ca::Utilization u =
      ca::node_utilization(resources_of(whole(input, "alloc_cpu_m"), whole(input, "alloc_mem_b"), 110), pods,
                           {input.at("ignore_daemonsets").get<bool>(), input.at("ignore_mirror").get<bool>()});
  return {{"cpu_util", u.cpu},
          {"mem_util", u.memory},
          {"utilization", u.value},
          {"resource", u.resource == Resource::cpu ? "cpu" : "memory"}};
}

Json backoff(const Json& input, const Json&) {
  ca::Backoff state(
      {seconds(whole(input, "initial_s")), seconds(whole(input, "max_s")), seconds(whole(input, "reset_s"))});
  const NodeGroupId group{0};
  Json events = Json::array();
  for (const Json& e : input.at("events")) {
    const Time now = kTimeZero + seconds(whole(e, "t_s"));
    const std::string op = word(e, "op");
    Json answer = Json::object();
    if (op == "fail") {
      answer["backoff_until_s"] = to_microseconds(state.fail(group, now)) / 1'000'000;
    } else if (op == "query") {
      answer["backed_off"] = state.is_backed_off(group, now);
    } else if (op == "remove_stale") {
      state.remove_stale(now);
    } else if (op == "remove") {
      state.remove(group);
    } else {
      throw Unsupported("operation " + op);
    }
    events.push_back(answer);
  }
  return {{"events", events}};
}

Json balance_groups(const Json& input, const Json&) {
  std::vector<ca::BalanceGroup> groups;
  for (const Json& g : input.at("groups"))
    groups.push_back({groups.size(), whole(g, "target_size"), whole(g, "max_size")});
  auto sizes = ca::balance(groups, whole(input, "new_nodes"));
  std::sort(sizes.begin(), sizes.end(), [](const ca::Resize& a, const ca::Resize& b) { return a.index < b.index; });
  Json resized = Json::array();
  for (const ca::Resize& r : sizes) {
    resized.push_back({{"id", input.at("groups").at(r.index).at("id")}, {"current", r.current}, {"new", r.wanted}});
  }
  return {{"resized", resized}};
}

ca::GroupTemplate template_of(const Json& node, Names& names) {
  const std::int64_t pods = whole(node, "max_pods");
  ca::GroupTemplate t;
  t.capacity = resources_of(whole(node, "capacity_cpu_m"), whole(node, "capacity_mem_b"), pods);
  t.allocatable = resources_of(whole(node, "alloc_cpu_m"), whole(node, "alloc_mem_b"), pods);
  t.requested = resources_of(whole(node, "requested_cpu_m"), whole(node, "requested_mem_b"), 0);
  const Json none = Json::object();
  for (const auto& [key, value] : (node.contains("labels") ? node.at("labels") : none).items()) {
    t.labels.set(names.intern(key), names.intern(value.get<std::string>()));
  }
  return t;
}

Json similar(const Json& input, const Json&) {
  Names names;
  ca::SimilarityParams params;
  params.aws_labels = false;
  for (const Json& label : input.at("extra_ignored_labels"))
    params.extra_ignored_labels.push_back(names.intern(label.get<std::string>()));
  return {{"similar",
           ca::are_similar(template_of(input.at("a"), names), template_of(input.at("b"), names), names, params)}};
}

PodFacts facts_of(const Json& p, Names& names, Time now) {
  PodFacts f;
  const std::string kind = word(p, "controller_kind", "ReplicaSet");
  f.mirror = kind == "Mirror";
  f.controller = kind == "ReplicaSet"              ? ControllerKind::replica_set
                 : kind == "ReplicationController" ? ControllerKind::replication_controller
                 : kind == "StatefulSet"           ? ControllerKind::stateful_set
                 : kind == "Job"                   ? ControllerKind::job
                 : kind == "DaemonSet"             ? ControllerKind::daemon_set
                 : kind == "None" || f.mirror      ? ControllerKind::none
                                                   : ControllerKind::custom;
  f.controller_exists = p.value("controller_exists", true);
  f.controller_replicas = whole(p, "controller_replicas", 1);
  if (const std::string phase = word(p, "phase"); phase == "Failed") {
    f.phase = PodPhase::failed;
  } else if (phase == "Succeeded") {
    f.phase = PodPhase::succeeded;
  }
  const std::string restart = word(p, "restart_policy", "Always");
  f.restart_policy = restart == "Never"       ? RestartPolicy::never
                     : restart == "OnFailure" ? RestartPolicy::on_failure
                                              : RestartPolicy::always;
  const std::string safe = word(p, "safe_to_evict");
  f.safe_to_evict = safe == "true" ? SafeToEvict::yes : safe == "false" ? SafeToEvict::no : SafeToEvict::unset;
  if (p.contains("volume")) {
    const std::string volume = word(p, "volume");
    f.volumes.push_back({volume == "hostPath"          ? LocalVolume::host_path
                         : volume == "emptyDir-Memory" ? LocalVolume::empty_dir_memory
                                                       : LocalVolume::empty_dir,
                         names.intern(word(p, "volume_name", "scratch"))});
  }
  std::string listed = word(p, "safe_to_evict_local_volumes");
  while (!listed.empty()) {
    const std::size_t comma = listed.find(',');
    f.safe_local_volumes.push_back(names.intern(listed.substr(0, comma)));
    listed = comma == std::string::npos ? "" : listed.substr(comma + 1);
  }
  f.grace = seconds(whole(p, "termination_grace_s", 30));
  if (p.contains("deletion_timestamp_age_s")) f.deleted_at = now - seconds(whole(p, "deletion_timestamp_age_s"));
  return f;
}

Json drainability(const Json& input, const Json&) {
  Cluster c;
  const Time now = kTimeZero + hours(1000);
  const Json& list = input.at("pods");
  std::vector<PodShape> shapes(list.size());
  std::vector<PodFacts> facts;
  std::vector<ca::DrainPod> pods;
  for (const Json& p : list) facts.push_back(facts_of(p, c.names, now));
  for (std::size_t i = 0; i < list.size(); ++i) {
    shapes[i].namespace_name = c.name(word(list[i], "namespace"));
    shapes[i].labels.set(c.name("name"), c.name(word(list[i], "name")));
    pods.push_back({PodId{i}, &shapes[i], &facts[i], now});
  }
  std::vector<DisruptionBudget> budgets;
  for (const Json& b : input.at("pdbs")) {
    budgets.push_back(
        {c.name(word(b, "namespace")), c.select("name", word(b, "selects_pod")), whole(b, "disruptions_allowed")});
  }
  ca::DrainParams params;
  params.minor = kVectorsMinor;
  params.skip_nodes_with_system_pods = input.at("skip_nodes_with_system_pods");
  params.skip_nodes_with_local_storage = input.at("skip_nodes_with_local_storage");
  params.skip_nodes_with_custom_controller_pods = input.at("skip_nodes_with_custom_controller_pods");
  params.min_replica_count = whole(input, "min_replica_count");
  params.kube_system = c.name("kube-system");
  const ca::DrainVerdict v = ca::pods_to_move(pods, ca::PdbTracker(budgets, c.names), params, now);
  if (v.blocked()) {
    return {{"blocked", true},
            {"blocking_pod", list.at(v.blocking_pod.index()).at("name")},
            {"reason", ca::to_string(v.reason)}};
  }
  Json move = Json::array();
  Json daemons = Json::array();
  for (const PodId id : v.move) move.push_back(list.at(id.index()).at("name"));
  for (const PodId id : v.daemonset) daemons.push_back(list.at(id.index()).at("name"));
  return {{"blocked", false}, {"move", move}, {"daemonset", daemons}};
}

Json unneeded_timing(const Json& input, const Json&) {
  const Json& nodes = input.at("nodes");
  const auto index_of = [&](const Json& name) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].at("name") == name) return i;
    }
    throw std::runtime_error("unknown node");
  };
  ca::UnneededNodes state;
  Json steps = Json::array();
  for (const Json& step : input.at("steps")) {
    const Time now = kTimeZero + seconds(whole(step, "t_s"));
    std::vector<ca::UnneededNode> found;
    for (const Json& name : step.at("unneeded_now")) {
      const std::size_t i = index_of(name);
      found.push_back({NodeId{i}, nodes[i].at("needs_drain").get<bool>(), false});
    }
    state.update(found, now);
    const ca::GroupSize size{whole(input, "group_target_size"), whole(input, "group_min_size"),
                             whole(input, "deletions_in_progress")};
    const auto out = state.removable_at(now, {size}, [&](NodeId id) {
      const Json& n = nodes[id.index()];
      return ca::NodeState{0, n.at("ready").get<bool>(), n.at("scale_down_disabled").get<bool>(),
                           seconds(whole(input, "unneeded_time_s")), seconds(whole(input, "unready_time_s"))};
    });
    const bool hit = std::any_of(out.waiting.begin(), out.waiting.end(),
                                 [](const auto& w) { return w.second == ca::WaitReason::group_min_size_reached; });
    const auto names = [&](const std::vector<ca::UnneededNode>& list) {
      std::vector<std::string> texts;
      for (const ca::UnneededNode& n : list) texts.push_back(nodes[n.node.index()].at("name"));
      std::sort(texts.begin(), texts.end());
      return Json(texts);
    };
    Json answer{{"min_size_hit", hit},
                {"removable_empty_count", out.empty.size()},
                {"removable_drain_count", out.drain.size()}};
    if (!hit) {
      answer["removable_empty"] = names(out.empty);
      answer["removable_drain"] = names(out.drain);
    }
    steps.push_back(answer);
  }
  return {{"steps", steps}};
}

Json best_options(const ca::Expander& expander, const Json& input) {
  std::vector<ca::ExpansionOption> options;
  std::vector<std::string> ids;
  for (const Json& o : input.at("options")) ids.push_back(word(o, "id"));
  for (const Json& o : input.at("options")) {
    ca::ExpansionOption x;
    x.group_id = ids[options.size()];
    x.nodes = whole(o, "node_count");
    x.node_capacity = resources_of(whole(o, "capacity_cpu_m"), whole(o, "capacity_mem_b"), 110);
    for (const Json& p : o.at("pods")) {
      ++x.pods;
      x.requested += resources_of(whole(p, "cpu_m"), whole(p, "mem_b"), 1);
    }
    options.push_back(x);
  }
  Json best = Json::array();
  for (const std::size_t i : expander.best(options)) best.push_back(ids[i]);
  return {{"best", best}};
}

Json least_waste(const Json& input, const Json&) { return best_options(*ca::make_least_waste_expander(), input); }
Json most_pods(const Json& input, const Json&) { return best_options(*ca::make_most_pods_expander(), input); }
Json least_nodes(const Json& input, const Json&) { return best_options(*ca::make_least_nodes_expander(), input); }

Json priority(const Json& input, const Json&) {
  ca::PriorityConfig config;
  for (const Json& p : input.at("priorities")) {
    config.emplace_back(whole(p, "priority"), p.at("patterns").get<std::vector<std::string>>());
  }
  const auto ids = input.at("group_ids").get<std::vector<std::string>>();
  std::vector<ca::ExpansionOption> options(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) options[i].group_id = ids[i];
  Json best = Json::array();
  for (const std::size_t i : ca::make_priority_expander(config)->best(options)) best.push_back(ids[i]);
  return {{"best", best}};
}

/// Pods of one group of the estimator and scale-up sets: label app=<name>, and what the case adds.
PodShape grouped_shape(const Json& g, Cluster& c) {
  const std::string name = word(g, "name");
  PodShape s = shape_of(whole(g, "cpu_m"), whole(g, "mem_b"));
  s.namespace_name = c.name("default");
  s.labels.set(c.name("app"), c.name(name));
  if (whole(g, "host_port") > 0) {
    s.host_ports.push_back({static_cast<std::int32_t>(whole(g, "host_port")), {}, {}});
  }
  if (whole(g, "hostname_spread_max_skew") > 0) {
    TopologySpreadConstraint spread;
    spread.max_skew = static_cast<std::int32_t>(whole(g, "hostname_spread_max_skew"));
    spread.topology_key = c.name("kubernetes.io/hostname");
    spread.selector = c.select("app", name);
    s.spread.push_back(spread);
  }
  if (g.value("hostname_anti_affinity", false)) {
    s.anti_required.push_back({c.select("app", name), c.name("kubernetes.io/hostname"), {}});
  }
  return s;
}

Json estimator(const Json& input, const Json&) {
  Cluster c;
  const Json& t = input.at("template");
  ca::NodeGroup group;
  group.node.allocatable = resources_of(whole(t, "alloc_cpu_m"), whole(t, "alloc_mem_b"), whole(t, "max_pods"));
  group.node.capacity = group.node.allocatable;
  if (whole(t, "daemonset_cpu_m") > 0) {
    PodShape daemon = shape_of(whole(t, "daemonset_cpu_m"), whole(t, "daemonset_mem_b"));
    daemon.is_daemon = true;
    group.daemons.push_back(c.shapes.intern(daemon));
  }
  std::vector<ca::PodGroup> groups;
  std::size_t next = 0;
  for (const Json& g : input.at("pod_groups")) {
    ca::PodGroup pods{c.shapes.intern(grouped_shape(g, c)), {}};
    for (std::int64_t i = 0; i < whole(g, "count"); ++i) pods.pods.emplace_back(next++);
    groups.push_back(std::move(pods));
  }
  const std::int64_t thresholds[] = {whole(input, "max_nodes")};
  // The program went round its nodes in random order: where that matters, the most frequent answer counts.
  std::vector<std::pair<Json, int>> answers;
  for (std::uint64_t seed = 0; seed < kEstimatorOrders; ++seed) {
    const ca::Estimate e =
        ca::estimate(c.simulation(), group, groups, ca::Limiter(thresholds), ca::estimator_rules(kVectorsMinor),
                     {.order = ca::NodeOrder::shuffled, .seed = seed});
    Json scheduled = Json::object();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      scheduled[word(input.at("pod_groups")[i], "name")] = e.placed[i];
    }
    const Json answer{{"nodes", e.nodes}, {"scheduled", scheduled}};
    const auto at = std::find_if(answers.begin(), answers.end(), [&](const auto& a) { return a.first == answer; });
    if (at == answers.end()) {
      answers.emplace_back(answer, 1);
    } else {
      ++at->second;
    }
  }
  return std::max_element(answers.begin(), answers.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

Json scale_up(const Json& input, const Json&) {
  Cluster c;
  ca::Options options = ca::options_for_version(kVectorsMinor);
  options.balance_similar_node_groups = input.at("balance_similar_node_groups");
  options.max_nodes_total = whole(input, "max_nodes_total");
  std::vector<ca::NodeGroup> groups;
  std::int64_t nodes = 0;
  for (const Json& g : input.at("groups")) {
    ca::NodeGroup group;
    group.id = NodeGroupId{groups.size()};
    group.name = word(g, "id");
    group.maximum = whole(g, "max_size");
    group.target = whole(g, "target_size");
    nodes += group.target;
    group.node.capacity = resources_of(whole(g, "capacity_cpu_m"), whole(g, "capacity_mem_b"), whole(g, "max_pods"));
    group.node.allocatable = resources_of(whole(g, "alloc_cpu_m"), whole(g, "alloc_mem_b"), whole(g, "max_pods"));
    group.node.labels.set(c.name("node.kubernetes.io/instance-type"), c.name(word(g, "instance")));
    if (!word(g, "label_pool").empty()) group.node.labels.set(c.name("pool"), c.name(word(g, "label_pool")));
    groups.push_back(std::move(group));
  }
  std::vector<ca::PendingPod> pending;
  std::int64_t workload = 0;
  for (const Json& g : input.at("pending_pods")) {
    PodShape s = grouped_shape(g, c);
    if (!word(g, "node_selector_pool").empty())
      s.node_selector.emplace_back(c.name("pool"), c.name(word(g, "node_selector_pool")));
    const ShapeId shape = c.shapes.intern(s);
    for (std::int64_t i = 0; i < whole(g, "count"); ++i) {
      pending.push_back(
          {PodId{pending.size()}, shape, WorkloadId{static_cast<std::size_t>(workload)}, kTimeZero, Duration{}});
    }
    ++workload;
  }
  std::string error;
  const auto expanders = ca::make_expanders("least-waste", {}, error);
  ca::ScaleUpState state;
  const ca::ScaleUpDecision d = ca::plan_scale_up(
      c.simulation(), {groups, pending, kTimeZero + hours(1), nodes, &options, expanders.get(), nullptr}, state);
  const bool up = d.outcome == ca::ScaleUpOutcome::scale_up;
  Json sizes = Json::object();
  for (const ca::NodeGroup& g : groups) sizes[g.name] = g.target;
  for (const ca::Resize& r : d.resized) sizes[groups[r.index].name] = r.wanted;
  Json list = nullptr;
  for (const ca::GroupOption& o : d.groups) {
    if (o.skipped != ca::SkipReason::none) continue;
    if (list.is_null()) list = Json::array();
    list.push_back({{"id", groups[o.group].name}, {"node_count", o.nodes}, {"pods", o.pods}});
  }
  return {{"chosen", up ? groups[d.chosen].name : ""}, {"options", list}, {"scaled_up", up}, {"target_sizes", sizes}};
}

Json scale_down(const Json& input, const Json&) {
  Cluster c;
  Facts facts;
  const Time now = kTimeZero + hours(1000);
  ca::Options options = ca::options_for_version(kVectorsMinor);
  options.scale_down_utilization_threshold = input.at("utilization_threshold");
  const Json& size = input.at("node");
  std::vector<ca::ScaleDownNode> nodes;
  std::map<std::string, Row> rows;
  for (const Json& n : input.at("nodes")) {
    SnapshotNode node;
    node.id = NodeId{nodes.size()};
    node.name = c.name(word(n, "name"));
    node.allocatable = resources_of(whole(size, "alloc_cpu_m"), whole(size, "alloc_mem_b"), whole(size, "max_pods"));
    node.capacity = node.allocatable;
    node.labels.set(c.name("kubernetes.io/hostname"), node.name);
    const Row row = c.snapshot.add_node(node);
    rows[word(n, "name")] = row;
    nodes.push_back({node.id, row, 0, true, n.at("scale_down_disabled").get<bool>(), false});
  }
  for (const Json& p : input.at("pods")) {
    PodShape s = shape_of(whole(p, "cpu_m"), whole(p, "mem_b"));
    s.namespace_name = c.name("default");
    s.labels.set(c.name("app"), c.name("a"));
    s.is_daemon = word(p, "controller_kind") == "DaemonSet";
    const ShapeId shape = c.shapes.intern(s);
    const PodId id = facts.add(facts_of(p, c.names, now));
    c.snapshot.add_pod(rows.at(word(p, "node")),
                       {.id = id, .shape = shape, .priority = 0, .terminating = false, .start = {}}, s);
  }
  std::vector<DisruptionBudget> budgets;
  if (const std::int64_t allowed = whole(input, "pdb_all_pods_disruptions_allowed", -1); allowed >= 0) {
    budgets.push_back({c.name("default"), c.select("app", "a"), allowed});
  }
  std::vector<ca::NodeGroup> groups(1);
  groups[0].target = static_cast<std::int64_t>(nodes.size());
  ca::ScaleDownInput in;
  in.nodes = nodes;
  in.groups = groups;
  in.pods = &facts;
  in.budgets = budgets;
  in.now = now;
  in.kube_system = c.name("kube-system");
  in.options = &options;
  ca::ScaleDownState state;
  const ca::RemovalPass pass = ca::simulate_removals(c.simulation(), in, nodes, nodes.size(), state);
  const auto name = [&](NodeId id) { return input.at("nodes").at(id.index()).at("name").get<std::string>(); };
  std::vector<std::string> unneeded;
  for (const ca::UnneededNode& r : pass.removable) unneeded.push_back(name(r.node));
  std::sort(unneeded.begin(), unneeded.end());
  Json unremovable = Json::object();
  for (const ca::NodeVerdict& v : pass.unremovable) unremovable[name(v.node)] = ca::to_string(v.reason);
  return {{"unneeded", unneeded}, {"unremovable", unremovable}};
}

}  // namespace

void register_node_autoscaling(std::vector<Topic>& topics) {
  const std::string_view folder = "node-autoscaling";
  topics.push_back({folder, "eks_fargate_pod_size", fargate_size, nullptr});
  topics.push_back({folder, "eks_kube_reserved", reserved, nullptr});
  topics.push_back({folder, "eks_vpc_cni_max_pods", vpc_pods, nullptr});
  topics.push_back({folder, "ca_utilization", utilization, nullptr});
  topics.push_back({folder, "ca_backoff", backoff, nullptr});
  topics.push_back({folder, "ca_balance", balance_groups, nullptr});
  topics.push_back({folder, "ca_similar_groups", similar, nullptr});
  topics.push_back({folder, "ca_drainability", drainability, nullptr});
  topics.push_back({folder, "ca_unneeded_timing", unneeded_timing, nullptr});
  topics.push_back({folder, "ca_expander_least_waste", least_waste, nullptr});
  topics.push_back({folder, "ca_expander_most_pods", most_pods, nullptr});
  topics.push_back({folder, "ca_expander_least_nodes", least_nodes, nullptr});
  topics.push_back({folder, "ca_expander_priority", priority, nullptr});
  topics.push_back({folder, "ca_estimator", estimator, nullptr});
  topics.push_back({folder, "ca_scaleup", scale_up, nullptr});
  topics.push_back({folder, "ca_scaledown_planner", scale_down, nullptr});
  register_karpenter(topics);
}

}  // namespace plimsoll::conformance
