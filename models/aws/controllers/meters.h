#pragma once

#include <vector>

#include "models/aws/controllers/surplus_credits.h"
#include "sim/billing/bill.h"
#include "sim/cluster/world.h"

namespace plimsoll::aws {

/// Lines that an instance of one type opens: its price, and its disks.
struct InstanceLines {
  NameId type;
  NodeGroupId group;  ///< only instances of this group; none: of any, or of none
  NameId label;       ///< only nodes with a label of this key whose value is one of `label_values`; none: any
  std::vector<NameId> label_values;
  LineItemId on_demand, spot;
  LineItemId volume;  ///< none: no paid volume
  std::int64_t volume_gib = 0;
  std::vector<std::pair<LineItemId, std::int64_t>> more_volumes;  ///< further lines of its disks, with their quantity
  std::vector<LineItemId> fees;                                   ///< charged for each instance while it runs
  bool ec2 = true;                                                ///< an instance of EC2, not a machine of one's own
  LineItemId surplus;              ///< surplus CPU credits; none: the type is not burstable
  std::int64_t credits_milli = 0;  ///< CPU credits earned an hour, in thousandths
};

/// Lines that a microVM opens, by workload.
struct FargateLines {
  bool used = false;
  LineItemId vcpu, memory;
  LineItemId spot_vcpu, spot_memory;  ///< none: the column has no Fargate Spot
  LineItemId storage;                 ///< ephemeral storage beyond what is free; none: no more than that
  std::int64_t storage_gib = 0;       ///< GiB beyond it, of each microVM
};

/// Usage that follows traffic, a line each: quantity = per request x requests served.
struct TrafficLine {
  WorkloadId workload;
  LineItemId line;
  std::int64_t per_request = 0;  ///< quantity units a served request
};

/// Starts and stops the meters of a column as its instances and microVMs come and go.
/// SOURCE: EC2 "On-Demand pricing" (per second from running to shutting down, 60 s minimum), Fargate pricing (from
/// image pull to termination, 60 s minimum); "Billing for interrupted Spot Instances" (the first hour is free when AWS
/// interrupts); models/aws/data/billing_rules.json.
class Meters : public ComponentOf<Meters> {
 public:
  explicit Meters(HandlerId bill) : bill_(bill) {}

  /// Of several of one type those of an instance's own group, or for its label, count before those for any; a machine
  /// that waits beside its group (warm pool) has those of the first group of its type.
  void add(const InstanceLines& lines);
  void add(WorkloadId workload, const FargateLines& lines);
  /// Lines that the microVM of a task opens; null when none runs there.
  const FargateLines* fargate_lines(WorkloadId workload) const {
    return workload.index() < fargate_.size() && fargate_[workload.index()].used ? &fargate_[workload.index()]
                                                                                 : nullptr;
  }
  void add(const TrafficLine& line) { traffic_.push_back({line, 0}); }
  /// Bytes pulled from the registry, billed a GB (through NAT gateways); none: not billed.
  void bill_pulls(LineItemId line) { pulls_ = line; }
  /// Paid metrics, so many of each EC2 instance while it runs.
  void bill_metrics(LineItemId line, std::int64_t metrics) { metrics_.emplace_back(line, metrics); }
  /// A meter that runs from the start to the end: gateways, balancers, control planes.
  void add_fixed(LineItemId line, std::int64_t quantity) { fixed_.emplace_back(line, quantity); }

  bool watches() const override { return true; }
  void start(World& world) override;
  void handle(World& world, const Event& event) override;
  void on_fact(World& world, const FactRecord& fact) override;
  void finish(World& world) override;

 private:
  billing::Bill& bill(World& world) const { return dynamic_cast<billing::Bill&>(world.component(bill_)); }
  void count_traffic(World& world);
  const InstanceLines* lines_of(const Node& node) const;

  struct Open {
    std::vector<billing::MeterId> meters;   ///< the instance's price first
    std::vector<billing::MeterId> volumes;  ///< live on while the instance is stopped
  };
  HandlerId bill_;
  SurplusCredits credits_;
  std::vector<InstanceLines> instances_;
  std::vector<FargateLines> fargate_;                          // by workload
  std::vector<std::pair<TrafficLine, std::int64_t>> traffic_;  // and micro-requests counted so far
  LineItemId pulls_;
  std::vector<std::pair<LineItemId, std::int64_t>> metrics_;  // and how many of an instance
  std::vector<std::pair<LineItemId, std::int64_t>> fixed_;
  std::vector<Open> node_meters_;  // by node
  std::vector<Open> pod_meters_;   // by pod
};

}  // namespace plimsoll::aws
