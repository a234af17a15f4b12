#pragma once

#include <functional>
#include <optional>
#include <string>

#include "models/kubernetes/scheduler/framework.h"
#include "tests/conformance/conformance.h"

namespace plimsoll::conformance {

/// A cluster read from the vectors' node and pod objects.
struct VectorCluster {
  Names names;
  ShapeTable shapes;
  Snapshot snapshot;
  std::vector<std::string> pod_names;  // by PodId
  std::vector<kubernetes::ServiceSelector> services;

  kubernetes::ClusterView view() const { return {snapshot, shapes, names}; }
  NameId name(const std::string& text) { return names.intern(text); }
  NameId value(const std::string& text) { return text.empty() ? NameId{} : names.intern(text); }

  void read(const Json& input);
  ShapeId shape(const Json& pod);
  std::string node_name(Row row) const { return std::string(names.text(snapshot.node(row).name)); }
  LabelSelector selector(const Json& selector);
  NodeSelectorTerm node_term(const Json& term);
  std::vector<NodeSelectorTerm> node_terms(const Json& terms);
  std::vector<PreferredNodeTerm> preferred_terms(const Json& terms);

 private:
  PodAffinityTerm pod_term(const Json& term);
  std::vector<Requirement> requirements(const Json& list);
};

/// Answers for each version that is asked for; `all` holds when the two that it stands for agree.
Json by_version(const Json& expected, kubernetes::KubernetesVersion second,
                const std::function<Json(kubernetes::KubernetesVersion, const Json&)>& answer);

void register_kubernetes_scheduler(std::vector<Topic>& topics);
void register_kubernetes_autoscaling(std::vector<Topic>& topics);
void register_kubernetes_workloads(std::vector<Topic>& topics);

}  // namespace plimsoll::conformance
