#include "models/aws/surroundings.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "models/aws/elb/network_targets.h"

namespace plimsoll::aws {

namespace {

using plimsoll::billing::Block;
using plimsoll::billing::LineItem;

constexpr std::int64_t kHoursPerMonth = 730;

LineItem hourly(std::string item, std::string label, Rate rate, std::string unit) {
  LineItem line;
  line.item = std::move(item);
  line.label = std::move(label);
  line.rate = rate;
  line.unit = std::move(unit);
  return line;
}

LineItem per_gb(std::string item, std::string label, Rate rate, Block block) {
  LineItem line = hourly(std::move(item), std::move(label), rate, "GB");
  line.per_hour = false;
  line.scale = kGiB;
  line.block = block;
  return line;
}

}  // namespace

SurroundingPrices SurroundingPrices::read(PriceBook& book, document::Fields& fields, const Setting& setting) {
  SurroundingPrices p;
  const Surroundings& around = setting.around;
  // Ingresses and Services of files may put balancers of either kind in the place of the scenario's.
  p.alb_hour = book.service(fields, "elb", "alb_hour");
  // Bytes of replies are the capacity units that are billed.
  if (around.reply.raw() > 0) p.alb_lcu = book.service(fields, "elb", "alb_lcu");
  // Where the list has no price of a Network Load Balancer, that of the other kind: they differ by little.
  const ServicePrice* nlb = book.catalogue().service_price("elb", "nlb_hour", book.region());
  const ServicePrice* nlcu = book.catalogue().service_price("elb", "nlb_nlcu", book.region());
  p.nlb_hour = nlb != nullptr ? nlb->rate : p.alb_hour;
  p.nlb_nlcu = nlcu != nullptr ? nlcu->rate : p.alb_lcu;
  // Likewise; most lists have no data price of a Classic one, which is that of a capacity unit.
  const ServicePrice* clb = book.catalogue().service_price("elb", "clb_hour", book.region());
  const ServicePrice* clb_gb = book.catalogue().service_price("elb", "clb_data", book.region());
  p.clb_hour = clb != nullptr ? clb->rate : p.alb_hour;
  p.clb_gb = clb_gb != nullptr ? clb_gb->rate : p.alb_lcu;
  if (around.nat_gateways > 0) {
    p.nat_hour = book.service(fields, "nat", "gateway_hour");
    p.nat_gb = book.service(fields, "nat", "data_processed");
  }
  if (around.call.raw() > 0) p.cross_zone_gb = book.service(fields, "data_transfer", "cross_az_each_direction") * 2;
  if (around.reply.raw() > 0) p.internet_gb = book.service(fields, "data_transfer", "internet_out_first_10tb");
  if (around.logs.raw() > 0) p.logs_gb = book.service(fields, "cloudwatch", "logs_ingest");
  if (around.metrics == "detailed") p.metric_month = book.service(fields, "cloudwatch", "custom_metric_first_10k");
  // Few columns have instances that run out of credits: these prices are no news of the others.
  const auto price = [&](const char* item) {
    const ServicePrice* here = book.catalogue().service_price("ec2", item, book.region());
    return here != nullptr ? here->rate : Rate{};
  };
  p.t3_surplus_hour = price("t3_unlimited_surplus");
  p.t4g_surplus_hour = price("t4g_unlimited_surplus");
  if (around.images == "ecr-endpoint") {
    p.endpoint_hour = book.service(fields, "vpc", "interface_endpoint");
    p.ecr_gb_month = book.service(fields, "ecr", "private_storage");
  }
  p.gp3_gb_month = book.service(fields, "ebs", "gp3_storage");
  // From the date on that addresses in use are charged; the price is the catalogue's.
  if (book.as_of().public_ipv4_hour.raw() > 0) p.ipv4_hour = book.service(fields, "vpc", "public_ipv4");
  return p;
}

void SurroundingPrices::read_volume(PriceBook& book, document::Fields& fields, const NodeVolume& volume) {
  if (volume.kind == charges::VolumeKind::gp2) gp2_gb_month = book.service(fields, "ebs", "gp2_storage");
  if (volume.paid_iops() > 0) gp3_iops_month = book.service(fields, "ebs", "gp3_iops_over_3000");
  if (volume.paid_mibps() > 0) gp3_mibps_month = book.service(fields, "ebs", "gp3_throughput_over_125");
}

void SurroundingPrices::read_alarms(PriceBook& book, document::Fields& fields) {
  alarm_month = book.service(fields, "cloudwatch", "alarm_standard");
}

namespace {

/// A registry of one's own behind interface endpoints: their hours, and what the images' bytes cost that it keeps.
void add_private_registry(BuildContext& context, Meters& meters, const SurroundingPrices& prices) {
  constexpr std::int64_t kEndpoints = 2;  // ecr.api and ecr.dkr
  LineItem endpoints = hourly("vpc/endpoint-hours", "Interface endpoint hours", prices.endpoint_hour, "Hours");
  endpoints.service = "Amazon Virtual Private Cloud";
  endpoints.category = "Networking";
  endpoints.resource_type = "VPC Endpoint";
  endpoints.sku = "VpcEndpoint-Hours";
  meters.add_fixed(context.bill.line(endpoints), kEndpoints * static_cast<std::int64_t>(context.setting.zones.size()));
  std::vector<std::string> images;
  std::int64_t bytes = 0;
  for (const WorkloadSpec& w : context.setting.workloads) {
    const std::string& name = w.image_name.empty() ? w.name : w.image_name;
    if (std::find(images.begin(), images.end(), name) != images.end()) continue;
    images.push_back(name);
    bytes += w.image.raw();
  }
  if (bytes == 0) return;
  LineItem kept = hourly("ecr/storage", "Images kept in ECR", prices.ecr_gb_month, "GB-Months");
  kept.scale = kGiB * kHoursPerMonth;
  kept.service = "Amazon Elastic Container Registry";
  kept.category = "Developer Tools";
  kept.resource_type = "Repository";
  kept.sku = "TimedStorage-ByteHrs";
  meters.add_fixed(context.bill.line(kept), bytes);
}

/// The seven metrics of an instance's detailed monitoring, while it runs.
void add_detailed_monitoring(BuildContext& context, Meters& meters, Rate metric_month) {
  constexpr std::int64_t kMetrics = 7;
  LineItem line = hourly("cloudwatch/detailed-monitoring", "EC2 detailed monitoring", metric_month, "Metric-Months");
  line.scale = kHoursPerMonth;
  line.service = "Amazon CloudWatch";
  line.category = "Management and Governance";
  line.resource_type = "Metric";
  line.sku = "CW:MetricMonitorUsage";
  meters.bill_metrics(context.bill.line(line), kMetrics);
}

}  // namespace

void add_surroundings(BuildContext& context, Meters& meters, const SurroundingPrices& prices,
                      const std::vector<WorkloadId>& workloads) {
  const Surroundings& around = context.setting.around;
  const auto zones = static_cast<std::int64_t>(context.setting.zones.size());
  auto& bill = context.bill;
  const struct {
    const char *item, *label;
    Rate hour;
    std::int64_t count;
  } kinds[] = {
      {"alb/hours", "Application Load Balancer hours", prices.alb_hour, around.load_balancers},
      {"nlb/hours", "Network Load Balancer hours", prices.nlb_hour, around.network_load_balancers},
      {"clb/hours", "Classic Load Balancer hours", prices.clb_hour, around.classic_load_balancers},
  };
  std::int64_t balancers = 0;
  for (const auto& kind : kinds) {
    if (kind.count == 0) continue;
    LineItem line = hourly(kind.item, kind.label, kind.hour, "Hours");
    line.service = "Elastic Load Balancing";
    line.category = "Networking";
    line.resource_type = "Load Balancer";
    line.sku = "LoadBalancerUsage";
    meters.add_fixed(bill.line(line), kind.count);
    balancers += kind.count;
  }
  // One of each gateway, and one of each internet-facing balancer in every zone.
  const std::int64_t addresses = around.nat_gateways + balancers * zones;
  if (prices.ipv4_hour.raw() > 0 && addresses > 0) {
    LineItem ip = hourly("ipv4/hours", "Public IPv4 addresses of gateways and balancers", prices.ipv4_hour, "Hours");
    ip.service = "Amazon Virtual Private Cloud";
    ip.category = "Networking";
    ip.resource_type = "IP Address";
    ip.sku = "PublicIPv4:InUseAddress";
    meters.add_fixed(bill.line(ip), addresses);
  }
  if (around.nat_gateways > 0) {
    LineItem line = hourly("nat/hours", "NAT gateway hours", prices.nat_hour, "Hours");
    line.service = "Amazon Virtual Private Cloud";
    line.category = "Networking";
    line.resource_type = "NAT Gateway";
    line.sku = "NatGateway-Hours";
    meters.add_fixed(bill.line(line), around.nat_gateways);
    if (around.images == "ecr-public") {
      LineItem pulls = per_gb("nat/image-pulls", "Image pulls through NAT gateways", prices.nat_gb, Block::choice);
      pulls.service = "Amazon Virtual Private Cloud";
      pulls.category = "Networking";
      pulls.resource_type = "NAT Gateway";
      pulls.sku = "NatGateway-Bytes";
      meters.bill_pulls(bill.line(pulls));
    }
  }
  LineItem cross =
      per_gb("transfer/cross-zone", "Cross-zone bytes of internal calls", prices.cross_zone_gb, Block::choice);
  cross.service = "AWS Data Transfer";
  cross.category = "Networking";
  cross.sku = "DataTransfer-Regional-Bytes";
  // The entry is behind the Application Load Balancer unless there is none.
  const bool network = around.entry_on_network(), classic = around.entry_on_classic();
  const std::int64_t capacity =
      classic ? around.reply.raw()
              : capacity_bytes(around.reply.raw(), around.requests_per_connection, around.connection_lifetime, network);
  LineItem lcu = per_gb(network ? "nlb/nlcu" : "alb/lcu", "Load balancer capacity units",
                        network ? prices.nlb_nlcu : prices.alb_lcu, Block::same);
  lcu.unit = network ? "NLCU-Hours" : "LCU-Hours";
  lcu.service = "Elastic Load Balancing";
  lcu.category = "Networking";
  lcu.resource_type = "Load Balancer";
  lcu.sku = "LCUUsage";
  if (classic) {
    lcu.item = "clb/data";
    lcu.label = "Classic Load Balancer data";
    lcu.rate = prices.clb_gb;
    lcu.unit = "GB";
    lcu.sku = "DataProcessing-Bytes";
  }
  LineItem egress = per_gb("transfer/internet", "Internet egress", prices.internet_gb, Block::same);
  egress.service = "AWS Data Transfer";
  egress.category = "Networking";
  egress.sku = "DataTransfer-Out-Bytes";
  LineItem logs = per_gb("cloudwatch/logs", "Application log ingestion", prices.logs_gb, Block::same);
  logs.service = "Amazon CloudWatch";
  logs.category = "Management and Governance";
  logs.resource_type = "Log Group";
  logs.sku = "DataProcessing-Bytes";
  // The nodes and tasks are in private subnets: what they send to CloudWatch passes the gateways too.
  LineItem sent = per_gb("nat/logs", "Application logs through NAT gateways", prices.nat_gb, Block::same);
  sent.service = "Amazon Virtual Private Cloud";
  sent.category = "Networking";
  sent.resource_type = "NAT Gateway";
  sent.sku = "NatGateway-Bytes";
  if (around.images == "ecr-endpoint") add_private_registry(context, meters, prices);
  if (around.metrics == "detailed") add_detailed_monitoring(context, meters, prices.metric_month);
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const WorkloadSpec& w = context.setting.workloads[i];
    if (w.entry) {
      if (balancers > 0 && around.reply.raw() > 0) meters.add(TrafficLine{workloads[i], bill.line(lcu), capacity});
      meters.add(TrafficLine{workloads[i], bill.line(egress), around.reply.raw()});
      meters.add(TrafficLine{workloads[i], bill.line(logs), around.logs.raw()});
      if (around.nat_gateways > 0 && around.logs.raw() > 0)
        meters.add(TrafficLine{workloads[i], bill.line(sent), around.logs.raw()});
    } else if (zones > 1 && around.call.raw() > 0) {
      meters.add(TrafficLine{workloads[i], bill.line(cross), around.call.raw() * (zones - 1) / zones});
    }
  }
}

void add_alarms(BuildContext& context, Meters& meters, const SurroundingPrices& prices, std::int64_t count) {
  LineItem line = hourly("cloudwatch/alarms", "CloudWatch alarms", prices.alarm_month, "Alarm-Months");
  line.scale = kHoursPerMonth;
  line.service = "Amazon CloudWatch";
  line.category = "Management and Governance";
  line.resource_type = "Alarm";
  line.sku = "CW:AlarmMonitorUsage";
  meters.add_fixed(context.bill.line(line), count);
}

InstanceLines instance_lines(BuildContext& context, const InstanceType& type, Rate on_demand, Rate spot,
                             const SurroundingPrices& prices, std::int64_t volume_gib) {
  std::vector<NodeVolume> volumes;
  if (volume_gib > 0) volumes.push_back({volume_gib});
  return instance_lines(context, type, on_demand, spot, prices, volumes);
}

InstanceLines instance_lines(BuildContext& context, const InstanceType& type, Rate on_demand, Rate spot,
                             const SurroundingPrices& prices, const std::vector<NodeVolume>& volumes) {
  InstanceLines out;
  out.type = context.world.names.intern(type.name);
  const std::string name(type.name);
  LineItem line = hourly("ec2/" + name + "/on-demand", "EC2 " + name + " on-demand", on_demand, "Hours");
  line.minimum = seconds(60);
  line.service = "Amazon Elastic Compute Cloud";
  line.category = "Compute";
  line.resource_type = "Instance";
  line.sku = "BoxUsage:" + name;
  out.on_demand = context.bill.line(line);
  line.item = "ec2/" + name + "/spot";
  line.label = "EC2 " + name + " spot";
  line.rate = spot;
  line.sku = "SpotUsage:" + name;
  out.spot = context.bill.line(line);
  if (context.setting.around.node_fee.raw() > 0) {
    LineItem fee = hourly("fees/node", "Agent and licence fees a node", context.setting.around.node_fee, "Hours");
    fee.service = "Other";
    fee.category = "Other";
    fee.resource_type = "Instance";
    fee.sku = "NodeFee";
    out.fees.push_back(context.bill.line(fee));
  }
  for (const NodeVolume& volume : volumes) {
    const auto add = [&](const char* item, const char* label, Rate rate, const char* unit, const char* sku,
                         std::int64_t quantity) {
      if (quantity <= 0) return;
      LineItem disk = hourly(item, label, rate, unit);
      disk.scale = kHoursPerMonth;
      disk.minimum = seconds(60);
      disk.service = "Amazon Elastic Block Store";
      disk.category = "Storage";
      disk.resource_type = "Volume";
      disk.sku = sku;
      const LineItemId id = context.bill.line(disk);
      if (out.volume.is_none()) {
        out.volume = id;
        out.volume_gib = quantity;
      } else {
        out.more_volumes.emplace_back(id, quantity);
      }
    };
    if (volume.kind == charges::VolumeKind::gp2) {
      add("ebs/gp2", "Node disks (EBS gp2)", prices.gp2_gb_month, "GB-Months", "EBS:VolumeUsage.gp2", volume.gib);
    } else {
      add("ebs/gp3", "Node disks (EBS gp3)", prices.gp3_gb_month, "GB-Months", "EBS:VolumeUsage.gp3", volume.gib);
    }
    add("ebs/gp3/iops", "Node disks, IOPS above 3,000", prices.gp3_iops_month, "IOPS-Months", "EBS:VolumeP-IOPS.gp3",
        volume.paid_iops());
    add("ebs/gp3/throughput", "Node disks, MiB/s above 125", prices.gp3_mibps_month, "MiBps-Months",
        "EBS:VolumeP-Throughput.gp3", volume.paid_mibps());
  }
  const bool t4g = type.family == "t4g";
  if (t4g || type.family == "t3" || type.family == "t3a") {
    LineItem credits =
        hourly(t4g ? "cpu-credits/t4g" : "cpu-credits/t3", t4g ? "Surplus CPU credits T4g" : "Surplus CPU credits T3",
               t4g ? prices.t4g_surplus_hour : prices.t3_surplus_hour, "vCPU-Hours");
    credits.per_hour = false;
    credits.scale = kCpuTicksPerVcpu * 3'600'000'000;
    credits.service = "Amazon Elastic Compute Cloud";
    credits.category = "Compute";
    credits.resource_type = "Instance";
    credits.sku = t4g ? "CPUCredits:t4g" : "CPUCredits:t3";
    out.surplus = context.bill.line(credits);
    out.credits_milli = type.credits_per_hour_milli;
  }
  return out;
}

void add_management_fee(BuildContext& context, InstanceLines& lines, const InstanceType& type, Rate on_demand,
                        Ppm share) {
  const std::string name(type.name);
  const Rate fee{static_cast<std::int64_t>(
      div_round(static_cast<__int128>(on_demand.raw()) * share.raw(), static_cast<__int128>(1'000'000)))};
  LineItem line = hourly("ecs-managed-instances/" + name, "ECS Managed Instances fee " + name, fee, "Hours");
  line.minimum = seconds(60);
  line.service = "Amazon Elastic Container Service";
  line.category = "Compute";
  line.resource_type = "Instance";
  line.sku = "ECS-ManagedInstances:" + name;
  lines.fees.push_back(context.bill.line(line));
}

namespace {

/// Lines of microVM time; the item's keys and SKUs end in the purchase option for Spot.
std::pair<LineItemId, LineItemId> microvm_lines(BuildContext& context, Rate vcpu_hour, Rate gb_hour, bool spot,
                                                const std::string& service, const std::string& resource_type) {
  LineItem line = hourly(spot ? "fargate/vcpu/spot" : "fargate/vcpu", spot ? "Fargate Spot vCPU" : "Fargate vCPU",
                         vcpu_hour, "vCPU-Hours");
  line.scale = kCpuTicksPerVcpu;
  line.minimum = seconds(60);
  line.service = service;
  line.category = "Compute";
  line.resource_type = resource_type;
  line.sku = spot ? "SpotUsage-Fargate-vCPU-Hours:perCPU" : "Fargate-vCPU-Hours:perCPU";
  const LineItemId vcpu = context.bill.line(line);
  line.item = spot ? "fargate/memory/spot" : "fargate/memory";
  line.label = spot ? "Fargate Spot memory" : "Fargate memory";
  line.rate = gb_hour;
  line.unit = "GB-Hours";
  line.scale = kGiB;
  line.sku = spot ? "SpotUsage-Fargate-GB-Hours" : "Fargate-GB-Hours";
  return {vcpu, context.bill.line(line)};
}

}  // namespace

FargateLines fargate_lines(BuildContext& context, Rate vcpu_hour, Rate gb_hour, const std::string& service,
                           const std::string& resource_type) {
  FargateLines out;
  out.used = true;
  std::tie(out.vcpu, out.memory) = microvm_lines(context, vcpu_hour, gb_hour, false, service, resource_type);
  return out;
}

void add_fargate_storage(BuildContext& context, FargateLines& lines, Rate gb_hour, std::int64_t gib,
                         const std::string& service, const std::string& resource_type) {
  constexpr std::int64_t kFreeGib = 20;
  if (gib <= kFreeGib) return;
  LineItem line = hourly("fargate/storage", "Fargate ephemeral storage", gb_hour, "GB-Hours");
  line.minimum = seconds(60);
  line.service = service;
  line.category = "Compute";
  line.resource_type = resource_type;
  line.sku = "Fargate-EphemeralStorage-GB-Hours";
  lines.storage = context.bill.line(line);
  lines.storage_gib = gib - kFreeGib;
}

void add_fargate_spot(BuildContext& context, FargateLines& lines, Rate vcpu_hour, Rate gb_hour,
                      const std::string& service, const std::string& resource_type) {
  std::tie(lines.spot_vcpu, lines.spot_memory) =
      microvm_lines(context, vcpu_hour, gb_hour, true, service, resource_type);
}

}  // namespace plimsoll::aws
