#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/hash.h"
#include "sim/results/run_result.h"

/// A comparison of five columns with numbers as a day of a web shop would give them; made by formula, not by a run.
namespace plimsoll::sample {

inline double noise(std::uint64_t a, std::uint64_t b) {
  return static_cast<double>(mix64(a * 0x9e3779b97f4a7c15ull + b + 1) >> 11) * 0x1.0p-53 - 0.5;
}

inline double day_shape(int minute) {
  const double x = minute / 1440.0 * 6.283185307179586;
  return 0.55 - 0.32 * std::cos(x) - 0.13 * std::cos(2 * x + 0.8);
}

inline void add_line(results::RunResult& run, const std::string& item, const std::string& label, billing::Block block,
                     double usd, std::int64_t rate_pico, const std::string& unit, const std::string& service,
                     const std::string& category, const std::string& resource_type, const std::string& sku) {
  results::BillLine line;
  line.item = item;
  line.label = label;
  line.block = block;
  line.unit = unit;
  line.rate = Rate{rate_pico};
  line.service = service;
  line.category = category;
  line.resource_type = resource_type;
  line.sku = sku;
  double shapes = 0;
  for (int h = 0; h < 24; ++h) shapes += day_shape(h * 60);
  for (int h = 0; h < 24; ++h) {
    line.hourly.push_back(Money{static_cast<std::int64_t>(usd * 1e9 * day_shape(h * 60) / shapes)});
    line.amount += line.hourly.back();
  }
  line.quantity = std::to_string(line.amount.raw() * 1'000 / rate_pico);
  run.lines.push_back(std::move(line));
}

inline results::RunResult run_of(const std::string& name, int index, int replication) {
  using billing::Block;
  results::RunResult r;
  const bool fargate = name.find("fargate") != std::string::npos;
  const bool eks = name.starts_with("eks");
  const double base[] = {73.4, 47.6, 52.1, 36.9, 79.8};
  const double wobble = 1 + 0.02 * noise(7, static_cast<std::uint64_t>(replication)) +
                        0.004 * noise(static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(replication));
  const double compute = base[index] * wobble;
  r.platform = name;
  r.type = eks ? "eks" : "ecs";
  r.pod_word = eks ? "pod" : "task";
  r.seed = 42;
  r.replication = replication;
  r.trace_hash = mix64(static_cast<std::uint64_t>(index * 100 + replication + 1));
  r.window_start_us = 7'200'000'000;
  r.window_us = 86'400'000'000;
  const char* ec2 = "Amazon Elastic Compute Cloud";
  const std::string containers = eks ? "Amazon Elastic Kubernetes Service" : "Amazon Elastic Container Service";
  if (fargate) {
    add_line(r, "fargate/vcpu", "Fargate vCPU", Block::choice, compute * 0.78, 40'480'000'000, "vCPU-Hours", containers,
             "Compute", eks ? "Pod" : "Task", "Fargate-vCPU-Hours:perCPU");
    add_line(r, "fargate/memory", "Fargate memory", Block::choice, compute * 0.22, 4'445'000'000, "GB-Hours",
             containers, "Compute", eks ? "Pod" : "Task", "Fargate-GB-Hours");
  } else {
    const std::string type = name == "eks-karpenter" ? "c6a.2xlarge" : "m5.xlarge";
    add_line(r, "ec2/" + type + "/on-demand", "EC2 " + type + " on-demand", Block::choice, compute * 0.9,
             192'000'000'000, "Hours", ec2, "Compute", "Instance", "BoxUsage:" + type);
    if (name == "eks-karpenter") {
      add_line(r, "ec2/m5.large/on-demand", "EC2 m5.large on-demand", Block::choice, 4.608, 96'000'000'000, "Hours",
               ec2, "Compute", "Instance", "BoxUsage:m5.large");
    }
    add_line(r, "ebs/gp3", "Node disks (EBS gp3)", Block::choice, compute * 0.02, 80'000'000'000, "GB-Months",
             "Amazon Elastic Block Store", "Storage", "Volume", "EBS:VolumeUsage.gp3");
  }
  if (eks) {
    add_line(r, "eks/control-plane", "EKS control plane", Block::choice, 2.4, 100'000'000'000, "Hours",
             "Amazon Elastic Kubernetes Service", "Compute", "Cluster", "AmazonEKS-Hours:perCluster");
  } else {
    add_line(r, "cloudwatch/alarms", "CloudWatch alarms", Block::choice, 0.033, 100'000'000'000, "Alarm-Months",
             "Amazon CloudWatch", "Management and Governance", "Alarm", "CW:AlarmMonitorUsage");
  }
  add_line(r, "alb/hours", "Application Load Balancer hours", Block::choice, 0.54, 22'500'000'000, "Hours",
           "Elastic Load Balancing", "Networking", "Load Balancer", "LoadBalancerUsage");
  add_line(r, "nat/hours", "NAT gateway hours", Block::choice, 3.24, 45'000'000'000, "Hours",
           "Amazon Virtual Private Cloud", "Networking", "NAT Gateway", "NatGateway-Hours");
  add_line(r, "nat/image-pulls", "Image pulls through NAT gateways", Block::choice, fargate ? 3.1 : 0.4, 45'000'000'000,
           "GB", "Amazon Virtual Private Cloud", "Networking", "NAT Gateway", "NatGateway-Bytes");
  add_line(r, "transfer/cross-zone", "Cross-zone bytes of internal calls", Block::choice, 6.2 * wobble, 20'000'000'000,
           "GB", "AWS Data Transfer", "Networking", "", "DataTransfer-Regional-Bytes");
  add_line(r, "alb/lcu", "Load balancer capacity units", Block::same, 4.7 * wobble, 8'000'000'000, "LCU-Hours",
           "Elastic Load Balancing", "Networking", "Load Balancer", "LCUUsage");
  add_line(r, "transfer/internet", "Internet egress", Block::same, 26.4 * wobble, 90'000'000'000, "GB",
           "AWS Data Transfer", "Networking", "", "DataTransfer-Out-Bytes");
  add_line(r, "cloudwatch/logs", "Application log ingestion", Block::same, 8.3 * wobble, 500'000'000'000, "GB",
           "Amazon CloudWatch", "Management and Governance", "Log Group", "DataProcessing-Bytes");
  for (const results::BillLine& line : r.lines) {
    r.total += line.amount;
    (line.block == Block::choice ? r.choice : r.same) += line.amount;
  }
  r.arrived = static_cast<std::int64_t>(75.7e6 * wobble) * 1'000'000;
  r.lost = name == "eks-fargate" ? r.arrived / 2'000 : r.arrived / 90'000;
  r.in_flight = 4'000'000;
  r.served = r.arrived - r.lost - r.in_flight;
  r.latency_p50_us = 41'000 + index * 700 + replication * 10;
  r.latency_p95_us = 96'000 + index * 4'000;
  r.latency_p99_us = name == "eks-fargate" ? 712'000 : 183'000 + index * 21'000 + replication * 900;
  r.pending_p50_us = fargate ? 41'000'000 : 6'200'000 + index * 300'000;
  r.pending_p99_us = fargate ? 74'000'000 : 96'000'000 + index * 9'000'000;
  r.pending_count = 610 + index * 13;
  r.evictions = name == "eks-karpenter" ? 64 + replication : name == "eks-cluster-autoscaler" ? 18 : 0;
  r.nodes_peak = fargate ? 0 : 19 + index;
  r.nodes_low = fargate ? 0 : 5;
  r.nodes_mean = fargate ? 0 : 11.4 + index * 0.3;
  r.nodes_launched = r.nodes_ended = fargate ? 0 : 27;
  r.cpu_bought = fargate ? 51.5 : 44 + index * 1.7;
  r.cpu_requested = fargate ? 51.5 : 33.2;
  r.cpu_system = eks && !fargate ? 3.1 : 0;
  r.cpu_used = 18.9 * wobble;
  r.memory_bought = fargate ? 104 : 176;
  r.memory_requested = 92;
  r.memory_used = 71;
  for (const char* app : {"ui", "catalog", "carts", "orders", "checkout"}) {
    results::WorkloadResult w;
    w.name = app;
    w.replicas_mean = 14.25;
    w.replicas_peak = 31;
    w.created = 122;
    w.arrived = r.arrived;
    w.served = r.served;
    w.lost = r.lost;
    w.pending_p50_us = r.pending_p50_us;
    w.pending_p99_us = r.pending_p99_us;
    w.pending_count = 122;
    w.cpu_used_cores_mean = 3.78;
    r.workloads.push_back(std::move(w));
  }
  const bool slow = name == "eks-fargate";
  r.expectations = {{"ui latency p99 < 500ms", !slow, slow ? 0.91 : 1.0, slow ? "p99 712 ms" : "p99 190 ms"},
                    {"requests lost < 0.1%", true, 1, "lost 0.01 %"}};
  for (int k = 1; k <= 288; ++k) {
    const double load = day_shape(k * 5 % 1440);
    const double wave = noise(static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(k));
    results::LatencyPoint point;
    point.at_s = k * 300;
    point.p50_us = static_cast<std::int64_t>(30e3 + 22e3 * load);
    point.p95_us = static_cast<std::int64_t>(60e3 + 50e3 * load);
    point.p99_us = static_cast<std::int64_t>((slow ? 400e3 : 110e3) + 150e3 * load * (1 + wave));
    r.latency.push_back(point);
  }
  if (replication != 0) return r;
  const int minutes = 1441;
  std::vector<std::pair<std::string, std::string>> names = {{"cost_rate", "nano-USD/h"}, {"pending", "pods"},
                                                            {"bought_cpu", "mCPU"},      {"requested_cpu", "mCPU"},
                                                            {"system_cpu", "mCPU"},      {"used_cpu", "mCPU"}};
  if (!fargate) names.emplace_back(name == "eks-karpenter" ? "nodes/c6a.2xlarge" : "nodes/m5.xlarge", "nodes");
  for (const char* app : {"ui", "catalog", "carts"}) names.emplace_back(std::string("replicas/") + app, "pods");
  for (const auto& [series, unit] : names) {
    results::SeriesColumn column{series, unit, {}};
    for (int m = 0; m < minutes; ++m) {
      const double load = day_shape(m % 1440);
      const double steps = std::ceil(load * (16 + index)) + 3;
      double v = 0;
      if (series == "cost_rate") v = (fargate ? 1.3 + 5 * std::ceil(load * 60) / 60 : 1.1 + 0.192 * steps) * 1e9;
      if (series == "pending")
        v = noise(static_cast<std::uint64_t>(index), static_cast<std::uint64_t>(m)) > 0.46 ? std::ceil(load * 4) : 0;
      if (series == "bought_cpu") v = fargate ? std::ceil(load * 80) * 1000 : steps * 4000;
      if (series == "requested_cpu") v = std::ceil(load * 62) * 1000;
      if (series == "used_cpu") v = load * 36'000;
      if (series.starts_with("nodes/")) v = steps;
      if (series.starts_with("replicas/")) v = std::ceil(load * 30) + 2;
      column.values.push_back(static_cast<std::int64_t>(v));
    }
    r.series.push_back(std::move(column));
  }
  r.events = {
      {7'200'000'000, "node_running", "none", fargate ? "" : "i-1", "", "", "workers", "m5.xlarge", "us-east-1a",
       "on_demand", "ec2", 4'096'000, 16LL << 30, 0},
      {7'260'500'001, "pod_created", "none", "", "cart, \"x\"-7", "carts", "", "", "", "", "", 512'000, 1LL << 30, 0}};
  return r;
}

inline results::Comparison comparison(int replications = 10) {
  results::Comparison c;
  c.scenario = "retail-store";
  c.resolved_yaml = "apiVersion: plimsoll/v1\n";
  c.load = "WorldCup98 day 47, scale 2: mean 876, peak 2,766 requests/s";
  c.seed = 42;
  c.replications_wanted = replications;
  c.region = "us-east-1";
  c.as_of = "today";
  c.calendar = 1'772'323'200;  // 2026-03-01
  c.window_s = 86'400;
  c.warmup_s = 7'200;
  c.assumed = {"applications.ui.cpuPerRequest = 5.2 ms", "applications.ui.startup.work = 9 s of CPU",
               "traffic.reply = 14 KiB", "applications.catalog.cpuPerRequest = 1.8 ms", "images.ui.size = 310 MiB"};
  c.remarks = {"carts: maximum of 120 replicas binds for 1.4 % of the span on ecs-fargate"};
  c.version = "0.1.0";
  int index = 0;
  for (const char* name : {"ecs-fargate", "ecs-ec2", "eks-cluster-autoscaler", "eks-karpenter", "eks-fargate"}) {
    results::ColumnResult column;
    column.name = name;
    column.type = std::string(name).substr(0, 3);
    column.pod_word = column.type == "eks" ? "pod" : "task";
    if (index == 0) column.remarks = {"requiresCompatibilities of ui is overridden: FARGATE"};
    if (index == 3) column.low_confidence = {"ebs gp3_storage us-east-1 (unverified)"};
    column.objects = {{column.type == "eks" ? "Deployment" : "ECS service", 5},
                      {column.type == "eks" ? "HorizontalPodAutoscaler" : "Scaling policy", 5}};
    for (int k = 0; k < replications; ++k) column.replications.push_back(run_of(name, index, k));
    c.columns.push_back(std::move(column));
    ++index;
  }
  for (int m = 0; m < 1440; ++m) c.request_rate.push_back(2'766 * day_shape(m));
  c.hash = 0x7c3f10a9d2e4b586ull;
  return c;
}

}  // namespace plimsoll::sample
