#include "models/ecs/published_metrics.h"

namespace plimsoll::ecs {

namespace {

using aws::MetricName;

constexpr PublishedMetric kPublished[] = {
    {"AWS/ECS", "CPUUtilization", MetricName::service_cpu, MetricName::cluster_cpu},
    {"AWS/ECS", "MemoryUtilization", MetricName::service_memory, MetricName::cluster_memory},
    {"AWS/ECS", "CPUReservation", MetricName::cluster_cpu_reservation, MetricName::cluster_cpu_reservation},
    {"AWS/ECS", "MemoryReservation", MetricName::cluster_memory_reservation, MetricName::cluster_memory_reservation},
    {"AWS/ECS", "GPUReservation", MetricName::cluster_gpu_reservation, MetricName::cluster_gpu_reservation},
    {"ECS/ContainerInsights", "RunningTaskCount", MetricName::running_tasks, {}},
    {"ECS/ContainerInsights", "PendingTaskCount", MetricName::pending_tasks, {}},
    {"ECS/ContainerInsights", "DesiredTaskCount", MetricName::desired_tasks, {}},
    {"ECS/ContainerInsights", "CpuUtilized", MetricName::cpu_utilized, {}},
    {"ECS/ContainerInsights", "CpuReserved", MetricName::cpu_reserved, {}},
    {"ECS/ContainerInsights", "MemoryUtilized", MetricName::memory_utilized, {}},
    {"ECS/ContainerInsights", "MemoryReserved", MetricName::memory_reserved, {}},
    {"AWS/ApplicationELB", "RequestCount", MetricName::request_count, {}},
    {"AWS/ApplicationELB", "HTTPCode_Target_2XX_Count", MetricName::target_2xx_count, {}},
    {"AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", MetricName::target_5xx_count, {}},
    {"AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", MetricName::elb_5xx_count, {}},
    {"AWS/ApplicationELB", "TargetResponseTime", MetricName::target_response_time, {}},
    {"AWS/ApplicationELB", "RequestCountPerTarget", MetricName::request_count_per_target, {}},
    {"AWS/ApplicationELB", "HealthyHostCount", MetricName::healthy_hosts, {}},
    {"AWS/ApplicationELB", "UnHealthyHostCount", MetricName::unhealthy_hosts, {}},
    {"AWS/NetworkELB", "HealthyHostCount", MetricName::healthy_hosts, {}},
    {"AWS/NetworkELB", "UnHealthyHostCount", MetricName::unhealthy_hosts, {}}};

}  // namespace

const PublishedMetric* published_metric(std::string_view name_space, std::string_view name) {
  for (const PublishedMetric& m : kPublished) {
    if (m.name_space == name_space && m.name == name) return &m;
  }
  return nullptr;
}

std::vector<std::string_view> published_names(std::string_view name_space) {
  std::vector<std::string_view> out;
  for (const PublishedMetric& m : kPublished) {
    if (m.name_space == name_space) out.push_back(m.name);
  }
  return out;
}

}  // namespace plimsoll::ecs
