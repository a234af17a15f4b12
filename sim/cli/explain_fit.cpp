// How many more of a pod fit at an instant, and what stops the next one.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "models/aws/controllers/fargate_launcher.h"
#include "models/ecs/api/documents.h"
#include "models/eks/accepted_setting.h"
#include "models/eks/admission_of.h"
#include "models/eks/application_shape.h"
#include "models/eks/controllers/cluster_control_plane.h"
#include "models/eks/namespaces.h"
#include "models/kubernetes/admission/limit_ranger.h"
#include "models/kubernetes/admission/resource_quota.h"
#include "models/kubernetes/api/manifest_reader.h"
#include "models/kubernetes/controllers/admission.h"
#include "models/kubernetes/scheduler/explanation.h"
#include "models/kubernetes/scheduler/priority_sort.h"
#include "sim/cli/explain.h"
#include "sim/cli/explain_fit_volumes.h"
#include "sim/cli/explain_log.h"
#include "sim/core/text.h"
#include "sim/document/loader.h"
#include "sim/report/text_table.h"
#include "sim/results/summary.h"

namespace plimsoll::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMost = 100'000;
constexpr std::size_t kMostNodes = 20;

struct Fit {
  std::string name;
  PodShape shape;
  std::vector<std::pair<NodeId, std::int64_t>> by_node;  ///< in node order
  std::int64_t count = 0;
  std::optional<std::int64_t> without_gates;  ///< of a pod that its scheduling gates hold back: what would fit
  std::string stopped_by;
  std::string preempts;              ///< where one more would go, and whom it would evict; empty: nowhere
  std::vector<std::string> dropped;  ///< fields that the API server of the column's release drops, as sentences
  std::vector<std::pair<std::string, std::int64_t>> reasons;  ///< instances by reason
  kubernetes::QuotaPod of_quota;                              ///< what the quotas of the run see of it
  std::string out_of_range;                                   ///< why a LimitRange of the run refuses it
  std::shared_ptr<const kubernetes::api::ManifestPod> file;   ///< of a Kubernetes pod
  std::int64_t starting = 0;                                  ///< of those that fit: how many could mount their volumes
  std::string waiting;                                        ///< why the others could not; empty when all could
};

std::vector<document::Node> read(const std::string& path) {
  document::Diagnostics diagnostics;
  std::vector<document::Node> documents = document::load_file(path, diagnostics);
  if (diagnostics.has_errors()) {
    std::fputs(diagnostics.text().c_str(), stderr);
    throw ExplainError("");
  }
  if (documents.empty()) throw ExplainError(path + " is empty");
  return documents;
}

void refuse(const document::Diagnostics& diagnostics) {
  if (!diagnostics.has_errors()) return;
  std::fputs(diagnostics.text().c_str(), stderr);
  throw ExplainError("");
}

bool names_class(const document::Node& node, const std::string& name) {
  if (node.is_mapping()) {
    return std::any_of(node.entries().begin(), node.entries().end(), [&](const document::Entry& e) {
      return e.key == "priorityClassName" ? e.value.is_string() && e.value.text() == name : names_class(e.value, name);
    });
  }
  if (!node.is_sequence()) return false;
  return std::any_of(node.items().begin(), node.items().end(),
                     [&](const document::Node& item) { return names_class(item, name); });
}

/// What the files of the run say of any pod that comes: their LimitRanges, and the PriorityClasses that the file names
/// or that are the default.
std::vector<document::Node> objects_of_run(const Setting& setting, const std::vector<document::Node>& file) {
  std::vector<document::Node> out;
  for (const ScalingDocument& d : setting.admission) {
    const document::Node* kind = d.node.find("kind");
    if (d.side == Side::kubernetes && kind != nullptr && kind->text() == "LimitRange") out.push_back(d.node);
  }
  const kubernetes::api::ManifestPod* any = nullptr;  // each pod of the files has all their classes
  for (const WorkloadSpec& w : setting.workloads) {
    if (any == nullptr) any = dynamic_cast<const kubernetes::api::ManifestPod*>(w.kubernetes_pod.get());
  }
  if (any == nullptr) return out;
  for (const kubernetes::api::PriorityClass& c : any->classes) {
    const auto named = [&](const document::Node& node) { return names_class(node, c.name); };
    const auto has = [&](const document::Node& node) {
      const document::Node* kind = node.find("kind");
      const document::Node* metadata = node.find("metadata");
      const document::Node* name = metadata == nullptr ? nullptr : metadata->find("name");
      return kind != nullptr && kind->is_string() && kind->text() == "PriorityClass" && name != nullptr &&
             name->is_string() && name->text() == c.name;
    };
    if (std::any_of(file.begin(), file.end(), has)) continue;
    if (!c.global_default && std::none_of(file.begin(), file.end(), named)) continue;
    document::Diagnostics ignored;
    const std::string text = fmt::format(
        "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {{name: \"{}\"}}\n"
        "value: {}\nglobalDefault: {}\npreemptionPolicy: {}\n",
        c.name, c.value, c.global_default, c.preempts ? "PreemptLowerPriority" : "Never");
    for (document::Node& node : document::load_text(text, "the run", ignored)) out.push_back(std::move(node));
  }
  return out;
}

void read_kubernetes(Subject& s, const std::string& path, Fit& fit) {
  document::Diagnostics diagnostics;
  const document::Reader reader(diagnostics);
  std::vector<document::Node> documents = read(path);
  for (const document::Node& node : documents) {
    if (!kubernetes::api::is_kubernetes_object(node))
      throw ExplainError(path + " holds something else than Kubernetes objects",
                         "an EKS column takes the manifest of a Pod, a Deployment or the like");
  }
  for (document::Node& node : objects_of_run(s.scenario().setting, documents)) documents.push_back(std::move(node));
  std::vector<ManifestFacts> facts;
  kubernetes::api::kubernetes_manifest_reader()->read_all(documents, reader, facts);
  refuse(diagnostics);
  std::erase_if(facts, [](const ManifestFacts& f) { return f.pod == nullptr; });
  if (facts.size() != 1) {
    throw ExplainError(
        fmt::format("{} holds {} with pods", path, counted(static_cast<std::int64_t>(facts.size()), "object")),
        "name a file with one Pod, Deployment, StatefulSet or Job");
  }
  WorkloadSpec spec;
  spec.name = fit.name = facts[0].name;
  spec.kubernetes = *facts[0].size;
  spec.kubernetes_pod = facts[0].pod;
  spec.spread_zones = false;
  World& world = s.world();
  const auto kept =
      std::make_shared<kubernetes::api::ManifestPod>(dynamic_cast<const kubernetes::api::ManifestPod&>(*facts[0].pod));
  const kubernetes::api::ManifestPod& file = *kept;
  if (const auto* plane = world.find_component<eks::ClusterControlPlane>(); plane != nullptr) {
    for (const auto& field : kubernetes::api::drop_disabled_fields(*kept, plane->gates()))
      fit.dropped.push_back(eks::dropped_text(field, fit.name, plane->gates()));
    if (!fit.dropped.empty()) spec.kubernetes = kubernetes::api::pod_size(kept->workload.pod);
  }
  add_volumes_of_run(s.scenario().setting, *kept);
  spec.kubernetes_pod = kept;
  fit.file = kept;
  fit.of_quota = kubernetes::quota_pod(file.workload);
  fit.out_of_range = kubernetes::range_fault(eks::admission_of(s.scenario().setting).ranges,
                                             file.workload.namespace_name, file.workload.pod);
  fit.shape = eks::application_shape(spec, world.names);
  if (!file.workload.pod.node_name.empty()) fit.shape.node_name = world.names.intern(file.workload.pod.node_name);
  const auto* scheduler = world.find_component<kubernetes::KubeScheduler>();
  if (scheduler == nullptr) throw ExplainError(s.platform() + " has no scheduler");
  Setting setting = s.scenario().setting;
  setting.workloads.push_back(spec);
  kubernetes::settle_affinity_terms(fit.shape, eks::cluster_namespaces(setting, world.names), world.names);
}

void read_ecs(const std::string& path, Fit& fit) {
  document::Diagnostics diagnostics;
  ecs::api::Documents documents;
  for (const document::Node& node : read(path)) ecs::api::read_document(node, diagnostics, documents);
  refuse(diagnostics);
  if (documents.task_definitions.size() != 1) {
    throw ExplainError(
        fmt::format("{} holds {}", path,
                    counted(static_cast<std::int64_t>(documents.task_definitions.size()), "task definition")),
        "an ECS column takes one task definition");
  }
  const ecs::api::TaskDefinition& t = documents.task_definitions[0];
  const ecs::TaskReservation r = t.reservation();
  fit.name = t.family;
  fit.shape.requests.set_cpu(cpu_ecs_units(r.cpu));
  fit.shape.requests.set_memory(mebibytes(r.memory));
  fit.shape.requests[Resource::enis] = t.enis();
  fit.shape.requests[Resource::gpus] = t.gpus();
  fit.shape.requests[Resource::pods] = 1;
}

void count_one(Fit& fit, NodeId node) {
  const auto at = std::find_if(fit.by_node.begin(), fit.by_node.end(), [&](const auto& n) { return n.first == node; });
  if (at == fit.by_node.end()) {
    fit.by_node.emplace_back(node, 1);
  } else {
    ++at->second;
  }
  ++fit.count;
}

/// Nodes by the reasons why they take no more.
void note_reasons(Fit& fit, const kubernetes::Explanation& e) {
  std::map<std::string, std::int64_t> reasons;
  for (const auto& node : e.nodes) {
    for (const std::string& r : node.reasons) ++reasons[r];
  }
  fit.reasons.assign(reasons.begin(), reasons.end());
}

/// One on each node that takes it.
void fit_daemon(Fit& fit, const kubernetes::Explanation& e, std::int64_t most) {
  for (const auto& node : e.nodes) {
    if (node.reasons.empty() && fit.count < most) count_one(fit, node.id);
  }
  note_reasons(fit, e);
  fit.stopped_by = e.feasible == 0 ? e.message : "a DaemonSet has one pod on each node";
  for (const auto& [reason, count] : fit.reasons)
    fit.stopped_by += e.feasible == 0 ? "" : fmt::format(", {} {}", count, reason);
}

/// One after the other, where the scheduler would put each; no pod leaves, no node comes.
void fit_kubernetes(Subject& s, Fit& fit, std::int64_t most) {
  World& w = s.world();
  const kubernetes::Framework* framework = w.find_component<kubernetes::KubeScheduler>()->framework_of(w, fit.shape);
  if (framework == nullptr) {
    throw ExplainError(
        fmt::format("no scheduler named '{}' runs on {}", w.names.text(fit.shape.scheduler_name), s.platform()),
        "schedulerConfig of the column names its profiles");
  }
  FitVolumes volumes(w, *fit.file, fit.shape);
  Snapshot snapshot = w.placement;
  ShapeTable shapes = w.shapes;
  ShapeId shape = shapes.intern(fit.shape);
  kubernetes::Scratch scratch;
  kubernetes::SearchState search;
  const kubernetes::ClusterView view{snapshot, shapes, w.names};
  if (fit.shape.is_daemon) {
    fit_daemon(fit, kubernetes::explain(*framework, snapshot, shapes, w.names, shape, {}, scratch, false), most);
    return;
  }
  const std::vector<kubernetes::api::ResourceQuota> quotas = eks::admission_of(s.scenario().setting).quotas;
  const auto* admission = w.find_component<kubernetes::Admission>();
  std::vector<std::pair<const kubernetes::api::ResourceQuota*, kubernetes::QuotaAmounts>> counted_by;
  for (std::size_t i = 0; admission != nullptr && i < quotas.size(); ++i) {
    if (kubernetes::quota_matches(quotas[i], fit.of_quota)) counted_by.emplace_back(&quotas[i], admission->used(i));
  }
  std::string refused = fit.out_of_range;
  while (fit.count < most) {
    for (const auto& [quota, used] : counted_by) {
      if (refused.empty()) refused = kubernetes::quota_fault(*quota, used, fit.of_quota);
    }
    if (!refused.empty()) break;
    const auto d = framework->schedule_one(view, shape, search, {}, scratch);
    if (!d.placed()) break;
    snapshot.add_pod(d.row,
                     {.id = PodId{w.pods().size() + static_cast<std::size_t>(fit.count)},
                      .shape = shape,
                      .priority = fit.shape.priority,
                      .terminating = false,
                      .start = w.now()},
                     shapes[shape]);
    count_one(fit, snapshot.node(d.row).id);
    if (volumes.placed(w, snapshot.node(d.row).id, fit.shape)) shape = shapes.intern(fit.shape);
    for (auto& [quota, used] : counted_by) {
      for (std::size_t r = 0; r < used.size(); ++r) used[r] += fit.of_quota.amounts[r];
    }
  }
  fit.waiting = volumes.waiting(w, fit.by_node, fit.starting);
  if (!kubernetes::SchedulingGates::admits(fit.shape)) {
    fit.waiting.clear();
    fit.without_gates = std::exchange(fit.count, 0);
    fit.by_node.clear();
    fit.stopped_by = "Scheduling is blocked due to non-empty scheduling gates";
    return;
  }
  if (!refused.empty()) {
    fit.stopped_by = "pods \"" + fit.name + "\" is forbidden: " + refused;
    return;
  }
  const auto e = kubernetes::explain(*framework, snapshot, shapes, w.names, shape, {}, scratch, false);
  if (e.feasible > 0) return;
  fit.stopped_by = e.message;
  note_reasons(fit, e);
  const auto p = kubernetes::explain(*framework, snapshot, shapes, w.names, shape,
                                     w.find_component<kubernetes::KubeScheduler>()->preemption_budgets(w), scratch);
  if (p.nominated == kNoRow) return;
  fit.preempts = "With preemption one more would go to " + s.name(snapshot.node(p.nominated).id) + ", in the place of ";
  for (std::size_t i = 0; i < p.victims.size(); ++i) {
    // Victims among the pods that were added here have no name yet.
    const bool real = p.victims[i].index() < w.pods().size();
    fit.preempts += (i == 0 ? "" : ", ") + (real ? s.name(p.victims[i]) : fit.name);
  }
}

/// Equal tasks: how many fit does not depend on the order in which a strategy fills the instances.
void fit_ecs(Subject& s, Fit& fit, std::int64_t most) {
  const World& w = s.world();
  ecs::InstanceView view;
  view.refresh(w, WorkloadId{0});
  const ecs::InstanceColumns& columns = view.columns();
  std::vector<std::int64_t> cpu(columns.free_cpu.begin(), columns.free_cpu.end());
  std::vector<std::int64_t> memory(columns.free_memory.begin(), columns.free_memory.end());
  std::vector<std::int64_t> enis(columns.free_enis.begin(), columns.free_enis.end());
  std::vector<std::int64_t> gpus(columns.free_gpus.begin(), columns.free_gpus.end());
  std::vector<std::uint32_t> tasks(columns.size(), 0);
  ecs::InstanceColumns now = columns;
  now.free_cpu = cpu;
  now.free_memory = memory;
  now.free_enis = enis;
  now.free_gpus = gpus;
  now.group_tasks = tasks;
  const ResourceVector& r = fit.shape.requests;
  ecs::TaskNeed need;
  need.cpu = r.cpu();
  need.memory = r.memory();
  need.enis = r[Resource::enis];
  need.gpus = r[Resource::gpus];
  const ecs::StrategyChain chain = ecs::default_service_strategies();
  ecs::PlacementScratch scratch;
  while (fit.count < most) {
    const ecs::PlacementAnswer answer = ecs::place(now, need, chain, scratch);
    if (answer.best.empty()) break;
    const std::uint32_t i = answer.best.front();
    cpu[i] -= need.cpu.raw();
    memory[i] -= need.memory.raw();
    if (!enis.empty()) enis[i] -= need.enis;
    if (!gpus.empty()) gpus[i] -= need.gpus;
    ++tasks[i];
    count_one(fit, view.node(i));
  }
  const ecs::PlacementFailures failures = ecs::explain_failures(now, need);
  std::int64_t refused = 0;
  for (std::size_t k = 0; k < ecs::kPlacementReasonCount; ++k) {
    if (failures.count[k] == 0) continue;
    refused += failures.count[k];
    fit.reasons.emplace_back(std::string(ecs::to_string(static_cast<ecs::PlacementReason>(k))), failures.count[k]);
  }
  if (refused < static_cast<std::int64_t>(columns.size())) return;  // stopped by the count asked for
  for (const auto& [reason, count] : fit.reasons)
    fit.stopped_by += (fit.stopped_by.empty() ? "" : ", ") + fmt::format("{} {}", count, reason);
  fit.stopped_by = columns.size() == 0 ? "there is no container instance"
                                       : fmt::format("{} instances: {}", columns.size(), fit.stopped_by);
}

std::int64_t wanted_count(const std::string& text) {
  if (text.empty() || text == "max") return kMost;
  const auto n = parse_count(text);
  if (!n || *n.value < 1 || *n.value > kMost) {
    throw ExplainError("--count " + text + " is no number of pods", fmt::format("write max, or 1 to {}", kMost));
  }
  return *n.value;
}

}  // namespace

Explanation explain_fit(Subject& s, const ExplainArguments& a, const report::TerminalStyle& terminal) {
  const report::TerminalStyle style{std::max(terminal.width, 60), terminal.colour};
  const auto width = static_cast<std::size_t>(style.width);
  const std::int64_t most = wanted_count(a.count);
  const Time at = a.at.empty() ? s.world().end : s.instant(a.at);
  Fit fit;
  if (s.is_ecs()) {
    read_ecs(a.fit, fit);
  } else {
    read_kubernetes(s, a.fit, fit);
  }
  DecisionLog::attach(s.world(), {});
  s.run_until(at);
  if (s.world().placement.live_rows() == 0 && s.world().find_component<aws::FargateLauncher>() != nullptr)
    throw ExplainError(s.platform() + " runs on Fargate: every " + s.pod_word() + " gets a microVM of its own",
                       "what limits it are the account's vCPU quota and the launch rate");
  if (s.is_ecs()) {
    fit_ecs(s, fit, most);
  } else {
    fit_kubernetes(s, fit, most);
  }
  std::sort(fit.by_node.begin(), fit.by_node.end());
  const ResourceVector& r = fit.shape.requests;
  const bool stopped = fit.count < most;
  std::string text = fmt::format("{} of {} / {} on {} at {}\n\n", fit.name, to_string(r.cpu()), to_string(r.memory()),
                                 s.platform(), s.clock(at));
  text += stopped ? fmt::format("{} more fit on the nodes that are there.\n", fit.count)
                  : fmt::format("All {} fit on the nodes that are there.\n", fit.count);
  if (stopped) text += folded("The next one: " + fit.stopped_by, width, 2) + "\n";
  if (!fit.waiting.empty()) text += folded(fit.waiting + ".", width, 2) + "\n";
  if (fit.without_gates)
    text += *fit.without_gates < most ? fmt::format("Without its gates {} more would fit.\n", *fit.without_gates)
                                      : fmt::format("Without its gates all {} would fit.\n", most);
  if (!fit.preempts.empty()) text += folded(fit.preempts + ".", width, 2) + "\n";
  for (const std::string& dropped : fit.dropped) text += folded(dropped + ".", width, 0) + "\n";
  if (!fit.by_node.empty()) text += "\n";
  report::TextTable table;
  table.heads = {{"node"}, {"type"}, {"zone"}, {"more"}};
  for (std::size_t i = 0; i < fit.by_node.size() && i < kMostNodes; ++i) {
    const NodeId id = fit.by_node[i].first;
    table.rows.push_back(
        {{s.name(id), s.instance_type(id), s.zone(id), std::to_string(fit.by_node[i].second)}, report::Paint::plain});
  }
  if (!table.rows.empty()) text += table.render(width, style.colour);
  if (fit.by_node.size() > kMostNodes)
    text += fmt::format("  ... and {} more nodes\n", fit.by_node.size() - kMostNodes);
  text += "\n" + folded(s.check_text(), width, 0) + "\n";
  Json nodes = Json::array(), reasons = Json::object();
  for (const auto& [id, n] : fit.by_node) nodes.push_back({{"node", s.name(id)}, {"count", n}});
  for (const auto& [reason, n] : fit.reasons) reasons[reason] = n;
  const Json j = {{"format_version", results::kFormatVersion},
                  {"platform", s.platform()},
                  {"window_start_us", to_microseconds(s.world().window_start)},
                  {"at_us", to_microseconds(at)},
                  {"name", fit.name},
                  {"cpu_milli", to_millis_ceil(r.cpu())},
                  {"memory_bytes", r.memory().raw()},
                  {"fits", fit.count},
                  {"asked", most == kMost ? Json("max") : Json(most)},
                  {"fits_without_gates", fit.without_gates ? Json(*fit.without_gates) : Json(nullptr)},
                  {"starting", fit.waiting.empty() ? fit.count : fit.starting},
                  {"waiting", fit.waiting.empty() ? Json(nullptr) : Json(fit.waiting)},
                  {"stopped_by", stopped ? Json(fit.stopped_by) : Json(nullptr)},
                  {"preempts", fit.preempts.empty() ? Json(nullptr) : Json(fit.preempts)},
                  {"nodes_by_reason", stopped ? std::move(reasons) : Json::object()},
                  {"nodes", std::move(nodes)},
                  {"check", s.check_text()}};
  return {text, j.dump(1) + "\n"};
}

}  // namespace plimsoll::cli
