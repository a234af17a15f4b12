#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cluster/timeline.h"
#include "sim/cluster/world.h"
#include "sim/document/diagnostics.h"
#include "sim/document/effective.h"
#include "sim/document/fields.h"
#include "sim/document/node.h"
#include "sim/policy/custom_policy.h"
#include "sim/policy/faults.h"
#include "sim/policy/job_spec.h"
#include "sim/policy/metric_expression.h"
#include "sim/policy/readers.h"
#include "sim/policy/workload_spec.h"

namespace plimsoll::billing {
class Bill;
}

namespace plimsoll {

/// A metric of the scenario's own: published to CloudWatch and scraped by Prometheus alike.
struct CustomMetric {
  std::string name;
  MetricExpression expression;  ///< over Setting::workloads, by index
};

/// A real document about scaling, which the column reads by its vendor's rules.
struct ScalingDocument {
  Side side = Side::kubernetes;
  std::string file;
  document::Node node;
};

/// A price of the user's own: `prices: {elb/alb_lcu: $0.008/LCU-hour}`. The columns' vendor reads the value.
struct PriceOverride {
  std::string item;      ///< "fargate/linux_x86_64_vcpu", "ec2/m5.large/on-demand"
  document::Node value;  ///< as written
};

/// What every column of a scenario shares.
struct Setting {
  std::string region;
  std::vector<std::string> zones;
  std::string as_of;                  ///< "today" or a date YYYY-MM[-DD]
  std::string catalogue_dir;          ///< empty: the built-in catalogue
  std::vector<PriceOverride> prices;  ///< in place of the catalogue's, in the order written
  Surroundings around;
  Faults faults;
  std::vector<WorkloadSpec> workloads;
  std::vector<TimelineEvent> events;    ///< what happens at given instants, the same on every column
  std::vector<CustomPolicyPtr> custom;  ///< policies out of --plugin libraries
  std::vector<CustomMetric> metrics;
  std::vector<ScalingDocument> scaling;
  std::vector<JobSpec> jobs;               ///< work that runs to completion, beside the workloads
  std::vector<WorkloadSpec> daemon_sets;   ///< Kubernetes: DaemonSets of the files that are no app
  std::vector<ScalingDocument> admission;  ///< Kubernetes: Namespace, ResourceQuota, LimitRange
  std::int64_t calendar = 0;               ///< Unix seconds at simulated time zero, for schedules
};

/// What a platform's builder works on: an empty world with its zones, and the bill.
struct BuildContext {
  World& world;
  billing::Bill& bill;
  const Setting& setting;
};

/// Things a column makes its user own, and remarks that belong beside its figures.
struct PlatformNotes {
  std::vector<std::string> overrides;       ///< fields of real files that the column replaced, each once
  std::vector<std::string> low_confidence;  ///< catalogue rows of low or unverified confidence that were used
  std::vector<std::pair<std::string, std::int64_t>> objects;   ///< kind and count
  std::vector<std::pair<std::string, std::string>> dns_names;  ///< of balancers: what it stands before, its DNS name
};

/// A workload whose pods no machine of a column can hold: there they wait, and are reported as never schedulable. A
/// fault of the scenario where no column can hold them.
struct Unholdable {
  std::string workload;
  document::Diagnostic fault;  ///< what the column says of it
  bool refused = false;        ///< its API takes no such pod at all: a fault whatever the other columns hold
};

/// One column's validated configuration. Immutable, shared by its replications.
class PlatformPlan {
 public:
  virtual ~PlatformPlan() = default;
  /// Adds workloads, node groups and components to the world and line items to the bill.
  virtual void build(BuildContext& context) const = 0;
  /// "task" or "pod".
  virtual std::string_view pod_word() const = 0;
  virtual PlatformNotes notes() const { return {}; }
  /// Found when it was read.
  virtual std::vector<Unholdable> unholdable() const { return {}; }
};

/// An orchestrator with its kinds of capacity: `type: ecs`, `type: eks`.
class PlatformType {
 public:
  virtual ~PlatformType() = default;
  virtual std::string_view name() const = 0;
  /// Reads a column's keys other than `type`, `from` and names. Reports every fault to the fields' diagnostics and may
  /// then answer null. Finds the workloads that the column cannot hold.
  virtual std::unique_ptr<PlatformPlan> parse(document::Fields& fields, const Setting& setting) const = 0;
};

}  // namespace plimsoll
