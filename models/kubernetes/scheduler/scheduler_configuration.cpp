#include "models/kubernetes/scheduler/scheduler_configuration.h"

#include <charconv>

namespace plimsoll::kubernetes {

namespace {

std::vector<ScoredResource> resources_of(const ProfileSpec::Resources& list, Names& names) {
  std::vector<ScoredResource> out;
  for (const auto& [name, weight] : list) {
    ScoredResource r;
    r.weight = weight;
    if (name == "cpu") {
      r.fixed = Resource::cpu;
    } else if (name == "memory") {
      r.fixed = Resource::memory;
    } else if (name == "ephemeral-storage") {
      r.fixed = Resource::ephemeral_storage;
    } else {
      r.extended = names.intern(name);
    }
    out.push_back(r);
  }
  return out;
}

std::vector<Requirement> requirements_of(const std::vector<ProfileSpec::Expression>& list, Names& names) {
  std::vector<Requirement> out;
  for (const ProfileSpec::Expression& e : list) {
    Requirement r;
    r.key = names.intern(e.key);
    r.op = e.op;
    for (const std::string& value : e.values) r.values.push_back(names.intern(value));
    if ((e.op == SelectorOp::gt || e.op == SelectorOp::lt) && !e.values.empty()) {
      std::from_chars(e.values[0].data(), e.values[0].data() + e.values[0].size(), r.number);
    }
    out.push_back(std::move(r));
  }
  return out;
}

NodeSelectorTerm term_of(const ProfileSpec::Term& term, Names& names) {
  return {requirements_of(term.expressions, names), requirements_of(term.fields, names)};
}

}  // namespace

Profile make_profile(const ProfileSpec& spec, KubernetesVersion version, Names& names) {
  Profile p = default_profile(version);
  if (spec.percentage_of_nodes_to_score) p.percentage_of_nodes_to_score = *spec.percentage_of_nodes_to_score;
  if (spec.filters) p.filters = *spec.filters;
  if (spec.scores) p.scores = *spec.scores;
  if (spec.strategy && *spec.strategy != PluginId::least_allocated) use_strategy(p, *spec.strategy);
  if (spec.fit_resources) p.fit_resources = resources_of(*spec.fit_resources, names);
  if (spec.balanced_resources) p.balanced_resources = resources_of(*spec.balanced_resources, names);
  if (!spec.capacity_shape.empty()) p.capacity_shape = spec.capacity_shape;
  for (const std::string& name : spec.ignored_resources) p.ignored_resources.push_back(names.intern(name));
  p.ignored_resource_groups = spec.ignored_resource_groups;
  if (spec.default_constraints) {
    p.default_spread = false;
    for (const ProfileSpec::Constraint& c : *spec.default_constraints) {
      TopologySpreadConstraint out;
      out.max_skew = c.max_skew;
      out.topology_key = names.intern(c.topology_key);
      out.when = c.when;
      p.default_constraints.push_back(std::move(out));
    }
  }
  if (spec.hard_pod_affinity_weight) p.hard_pod_affinity_weight = *spec.hard_pod_affinity_weight;
  p.ignore_preferred_terms_of_existing_pods = spec.ignore_preferred_terms_of_existing_pods;
  if (spec.added_required) {
    p.added_node_required.emplace();
    for (const ProfileSpec::Term& t : *spec.added_required) p.added_node_required->push_back(term_of(t, names));
  }
  for (const ProfileSpec::Term& t : spec.added_preferred) {
    p.added_node_preferred.push_back({t.weight, term_of(t, names)});
  }
  return p;
}

}  // namespace plimsoll::kubernetes
