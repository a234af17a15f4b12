#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/kubernetes/scheduler/profile.h"
#include "sim/core/time.h"

namespace plimsoll::kubernetes {

inline constexpr std::string_view kDefaultScheduler = "default-scheduler";

/// One profile of a KubeSchedulerConfiguration before names are interned: what differs from the release's defaults.
struct ProfileSpec {
  using Resources = std::vector<std::pair<std::string, std::int64_t>>;  ///< name, weight
  struct Constraint {
    std::int32_t max_skew = 1;
    std::string topology_key;
    WhenUnsatisfiable when = WhenUnsatisfiable::schedule_anyway;
  };
  struct Expression {
    std::string key;
    SelectorOp op = SelectorOp::in;
    std::vector<std::string> values;
  };
  struct Term {
    std::int32_t weight = 1;  ///< of a preferred term
    std::vector<Expression> expressions, fields;
  };

  std::string scheduler_name{kDefaultScheduler};
  std::optional<std::int32_t> percentage_of_nodes_to_score;
  std::optional<std::vector<PluginId>> filters;
  std::optional<std::vector<Profile::Score>> scores;
  bool preemption = true;  ///< PostFilter: DefaultPreemption

  std::optional<PluginId> strategy;  ///< of NodeResourcesFit: one of the three resource scores
  std::optional<Resources> fit_resources, balanced_resources;
  std::vector<ShapePoint> capacity_shape;
  std::vector<std::string> ignored_resources, ignored_resource_groups;
  std::optional<std::vector<Constraint>> default_constraints;  ///< defaultingType List
  std::optional<std::int64_t> hard_pod_affinity_weight;
  bool ignore_preferred_terms_of_existing_pods = false;
  std::optional<std::vector<Term>> added_required;
  std::vector<Term> added_preferred;
  std::int64_t minimum_candidates_percent = 10, minimum_candidates = 100;  ///< DefaultPreemptionArgs
};

/// What a KubeSchedulerConfiguration file sets; the rest stays at its default.
struct SchedulerConfiguration {
  std::vector<ProfileSpec> profiles;  ///< empty: the default profile
  std::optional<std::int32_t> percentage_of_nodes_to_score;
  std::optional<std::int64_t> qps_milli;  ///< thousandths of a call a second; negative: no limit
  std::optional<std::int64_t> burst;
  std::optional<Duration> initial_backoff, maximum_backoff;
};

/// The release's default profile with the file's changes.
Profile make_profile(const ProfileSpec& spec, KubernetesVersion version, Names& names);

}  // namespace plimsoll::kubernetes
