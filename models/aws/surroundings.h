#pragma once

#include <string>
#include <vector>

#include "models/aws/billing/node_volume.h"
#include "models/aws/controllers/meters.h"
#include "models/aws/price_book.h"
#include "sim/billing/bill.h"
#include "sim/policy/platform.h"

namespace plimsoll::aws {

/// Prices of what stands around every column. Read once, when the column is parsed. Only what the scenario uses is
/// asked of the price list, so that a region whose list is not whole serves where its prices suffice; the rest stays
/// zero.
struct SurroundingPrices {
  Rate alb_hour, alb_lcu, nlb_hour, nlb_nlcu, clb_hour, clb_gb, nat_hour, nat_gb, cross_zone_gb, internet_gb, logs_gb,
      alarm_month, gp3_gb_month, ipv4_hour, metric_month, endpoint_hour, ecr_gb_month, t3_surplus_hour,
      t4g_surplus_hour;
  Rate gp2_gb_month, gp3_iops_month, gp3_mibps_month;  ///< read by read_volume
  static SurroundingPrices read(PriceBook& book, document::Fields& fields, const Setting& setting);
  /// The prices of a node's disk beyond those of a plain gp3 one.
  void read_volume(PriceBook& book, document::Fields& fields, const NodeVolume& volume);
  /// The price of a CloudWatch alarm, for columns that have some.
  void read_alarms(PriceBook& book, document::Fields& fields);
};

/// Adds the lines and meters that do not depend on the platform: balancer and gateway hours, image pulls, cross-zone
/// bytes of calls, detailed monitoring of instances (block: choice); LCU, egress, application logs and their way
/// through the NAT gateways (block: same). `workloads[i]` is the id of setting.workloads[i]. With `images:
/// ecr-endpoint` the images lie in a private registry, which is paid by what it keeps, and come through interface
/// endpoints (ecr.api and ecr.dkr, one address a zone each), their layers through the gateway endpoint of S3, which is
/// free. A call crosses a zone with probability (zones - 1) / zones on every platform: clients and targets are spread
/// and no balancer prefers its zone. LCU: see models/aws/elb/network_targets.h; a Classic Load Balancer is paid by
/// the GB that it processes, and its targets are taken to register as those of an Application one. GB is 2^30 bytes.
/// Egress is the first tier, counted from zero. SOURCE: Elastic Load Balancing, NAT gateway, EC2 data transfer,
/// CloudWatch (detailed monitoring: seven metrics an instance, by the hour), AWS PrivateLink and Amazon ECR pricing
/// pages. Left out: bytes of metrics and of calls to AWS APIs, the endpoints' bytes (manifests of images).
void add_surroundings(BuildContext& context, Meters& meters, const SurroundingPrices& prices,
                      const std::vector<WorkloadId>& workloads);

/// A line for CloudWatch alarms, `count` of them throughout.
void add_alarms(BuildContext& context, Meters& meters, const SurroundingPrices& prices, std::int64_t count);

/// Lines of an instance type: price per purchase option, its root volume (0 GiB: none), and surplus CPU credits where
/// it is burstable and unlimited by default (T3, T3a, T4g).
InstanceLines instance_lines(BuildContext& context, const InstanceType& type, Rate on_demand, Rate spot,
                             const SurroundingPrices& prices, std::int64_t volume_gib);

/// The same with disks of one's own; IOPS and throughput beyond what gp3 includes have lines of their own.
/// SOURCE: Amazon EBS pricing page. @pre prices.read_volume was called for each.
InstanceLines instance_lines(BuildContext& context, const InstanceType& type, Rate on_demand, Rate spot,
                             const SurroundingPrices& prices, const std::vector<NodeVolume>& volumes);

/// Adds to an instance's lines the management fee of ECS Managed Instances: `share` of its on-demand price, whatever
/// the purchase option, billed as the instance is.
void add_management_fee(BuildContext& context, InstanceLines& lines, const InstanceType& type, Rate on_demand,
                        Ppm share);

/// Lines of Fargate; `service` is the FOCUS service name.
FargateLines fargate_lines(BuildContext& context, Rate vcpu_hour, Rate gb_hour, const std::string& service,
                           const std::string& resource_type);
/// Adds ephemeral storage of `gib` a microVM to them: what is beyond the 20 GiB that are free is paid by the GB-hour.
/// SOURCE: AWS Fargate pricing page.
void add_fargate_storage(BuildContext& context, FargateLines& lines, Rate gb_hour, std::int64_t gib,
                         const std::string& service, const std::string& resource_type);
/// Adds the lines of Fargate Spot to them.
void add_fargate_spot(BuildContext& context, FargateLines& lines, Rate vcpu_hour, Rate gb_hour,
                      const std::string& service, const std::string& resource_type);

}  // namespace plimsoll::aws
