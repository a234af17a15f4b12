#include "sim/engine/recorder.h"

#include <algorithm>

namespace plimsoll::engine {

namespace {

bool is_application(const World& world, WorkloadId id) { return !world.workload(id).system; }

/// The owner of the pod wanted it to go, or replaces one that failed: no eviction.
bool is_wanted(Reason reason) {
  switch (reason) {
    case Reason::scale_in:
    case Reason::rollout:
    case Reason::rollback:
    case Reason::completed:
    case Reason::unhealthy:
    case Reason::start_timeout:
    case Reason::zone_rebalance:
    case Reason::deadline:
    case Reason::job_failed:
    case Reason::pod_failure_policy:
    case Reason::max_failed_indexes:
    case Reason::failed_indexes:
    case Reason::success_policy:
    case Reason::replaced:
    case Reason::user_initiated:
      return true;
    default:
      return false;
  }
}

std::int64_t milli(std::int64_t ticks) { return ticks / kCpuTicksPerMilli; }

}  // namespace

void Recorder::start(World& world) {
  workloads.resize(world.workloads().size());
  world.wake(handler, world.window_start, Phase::end, 0);
}

void Recorder::mark_window(World& world) {
  in_window_ = true;
  const Time at = world.now();
  for (TimeIntegral* integral : {&bought_cpu, &bought_memory, &requested_cpu, &requested_memory, &system_cpu,
                                 &system_memory, &nodes, &used_memory}) {
    *integral = TimeIntegral(at, integral->value());
  }
  if (world.service() != nullptr) world.service()->settle(world);
  usage_at_start_ = world.usage;
  usage_before_ = world.usage;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const Workload& w = world.workloads()[i];
    // Tasks that are on their way out count until they have ended.
    workloads[i].replicas = TimeIntegral(at, workloads[i].replicas.value());
    workloads[i].at_maximum = TimeIntegral(at, w.maximum > w.minimum && w.desired >= w.maximum ? 1 : 0);
  }
  nodes_peak = nodes_low = nodes.value();
}

void Recorder::handle(World& world, const Event& event) {
  if (event.payload == 0) mark_window(world);
  sample(world);
  if (world.now() + kPeriod <= world.end) world.wake(handler, world.now() + kPeriod, Phase::end, 1);
}

Recorder::Series& Recorder::column(std::string name, std::string unit) {
  // Every sample goes through the columns in the order of the one before.
  if (next_column_ < series.size() && series[next_column_].name == name) return series[next_column_++];
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i].name != name) continue;
    next_column_ = i + 1;
    return series[i];
  }
  series.push_back({std::move(name), std::move(unit), std::vector<std::int64_t>(samples_, 0)});
  return series.back();
}

void Recorder::sample(World& world) {
  nodes_peak = std::max(nodes_peak, nodes.value());
  nodes_low = std::min(nodes_low, nodes.value());
  if (!keep_series_) return;
  next_column_ = 0;
  if (world.service() != nullptr) world.service()->settle(world);
  const auto* bill = dynamic_cast<const billing::Bill*>(&world.component(bill_));
  const Money cost = bill->total_at(world.now());
  const bool first = samples_ == 0;
  column("cost_rate", "nano-USD/h").values.push_back(first ? 0 : (cost - cost_before_).raw() * 60);
  cost_before_ = cost;
  column("pending", "pods")
      .values.push_back(static_cast<std::int64_t>(
          std::count_if(world.pending_pods().begin(), world.pending_pods().end(),
                        [&](PodId id) { return is_application(world, world.pod(id).workload); })));
  column("bought_cpu", "mCPU").values.push_back(milli(bought_cpu.value()));
  column("requested_cpu", "mCPU").values.push_back(milli(requested_cpu.value()));
  column("system_cpu", "mCPU").values.push_back(milli(system_cpu.value()));
  __int128 used = 0;
  for (std::size_t i = 0; i < world.usage.size(); ++i) {
    if (world.workloads()[i].system) continue;
    used += world.usage[i].cpu_serving + world.usage[i].cpu_starting - usage_before_[i].cpu_serving -
            usage_before_[i].cpu_starting;
  }
  column("used_cpu", "mCPU").values.push_back(first ? 0 : milli(static_cast<std::int64_t>(used / kPeriod.count())));
  column("bought_memory", "MiB").values.push_back(bought_memory.value() / kMiB);
  column("requested_memory", "MiB").values.push_back(requested_memory.value() / kMiB);
  column("used_memory", "MiB").values.push_back(used_memory.value() / kMiB);
  for (const auto& [type, count] : types_) {
    column("nodes/" + std::string(world.names.text(type)), "nodes").values.push_back(count);
  }
  for (std::size_t i = 0; i < world.workloads().size(); ++i) {
    const Workload& w = world.workloads()[i];
    if (w.system) continue;
    const std::string name(world.names.text(w.name));
    const Usage& u = world.usage[i];
    const Usage& u0 = usage_at_start_[i];
    // What runs to completion takes no traffic.
    const bool runs = !workloads[i].job_starts.empty();
    column("replicas/" + name, "pods").values.push_back(runs ? w.started : w.serving);
    column("desired/" + name, "pods").values.push_back(w.desired);
    column("arrived/" + name, "micro-requests").values.push_back(u.arrived - u0.arrived);
    column("served/" + name, "micro-requests").values.push_back(u.served - u0.served);
    column("lost/" + name, "micro-requests").values.push_back(u.lost - u0.lost);
    column("failed/" + name, "micro-requests").values.push_back(u.failed - u0.failed);
    column("backlog/" + name, "micro-requests").values.push_back(u.backlog);
  }
  usage_before_ = world.usage;
  ++samples_;
}

void Recorder::on_fact(World& world, const FactRecord& f) {
  const Time at = f.at;
  switch (f.fact) {
    case Fact::node_requested:
      if (in_window_ && world.node(f.node).host == HostKind::ec2) ++nodes_launched;
      break;
    case Fact::node_running: {
      const Node& n = world.node(f.node);
      if (n.host != HostKind::ec2) break;
      std::erase(stopped_, f.node);
      bought_cpu.add(at, n.capacity.cpu().raw());
      bought_memory.add(at, n.capacity.memory().raw());
      nodes.add(at, 1);
      const auto type =
          std::find_if(types_.begin(), types_.end(), [&](const auto& t) { return t.first == n.instance_type; });
      if (type == types_.end()) {
        types_.emplace_back(n.instance_type, 1);
      } else {
        ++type->second;
      }
      break;
    }
    case Fact::node_stopped:
    case Fact::node_terminating: {
      const Node& n = world.node(f.node);
      if (n.host != HostKind::ec2 || n.running == kTimeNever) break;
      if (f.fact == Fact::node_terminating && std::erase(stopped_, f.node) > 0) break;
      if (f.fact == Fact::node_stopped) stopped_.push_back(f.node);
      bought_cpu.add(at, -n.capacity.cpu().raw());
      bought_memory.add(at, -n.capacity.memory().raw());
      nodes.add(at, -1);
      if (in_window_ && f.fact == Fact::node_terminating) ++nodes_ended;
      for (auto& [type, count] : types_) {
        if (type == n.instance_type) --count;
      }
      break;
    }
    case Fact::pod_created:
      if (in_window_) ++workloads[f.workload.index()].created;
      break;
    case Fact::pod_bound: {
      const ResourceVector& r = world.shapes[world.pod(f.pod).shape].requests;
      const bool app = is_application(world, f.workload);
      (app ? requested_cpu : system_cpu).add(at, r.cpu().raw());
      (app ? requested_memory : system_memory).add(at, r.memory().raw());
      break;
    }
    case Fact::pod_pulling: {
      const Node& n = world.node(f.node);
      if (n.host == HostKind::fargate) {
        bought_cpu.add(at, n.capacity.cpu().raw());
        bought_memory.add(at, n.capacity.memory().raw());
      }
      break;
    }
    case Fact::pod_started: {
      const Pod& p = world.pod(f.pod);
      WorkloadTotals& t = workloads[f.workload.index()];
      if (p.created >= world.window_start) t.pending.add((at - p.created).count());
      t.replicas.add(at, 1);
      if (is_application(world, f.workload)) used_memory.add(at, world.workload(f.workload).memory_used.raw());
      break;
    }
    case Fact::pod_stopping: {
      WorkloadTotals& t = workloads[f.workload.index()];
      if (!in_window_ || !is_application(world, f.workload)) break;
      if (!is_wanted(f.reason)) ++t.evictions;
      if (f.reason == Reason::spot_interruption || f.reason == Reason::node_lost) ++t.interruptions;
      break;
    }
    case Fact::pod_ended: {
      const Pod& p = world.pod(f.pod);
      WorkloadTotals& t = workloads[f.workload.index()];
      const bool app = is_application(world, f.workload);
      if (in_window_ && f.reason == Reason::completed) ++t.pods_succeeded;
      if (p.started != kTimeNever) {
        t.replicas.add(at, -1);
        if (app) used_memory.add(at, -world.workload(f.workload).memory_used.raw());
      }
      if (p.bound == kTimeNever) {
        // Given up after a wait: at least so long.
        if (f.reason == Reason::start_timeout && p.created >= world.window_start)
          t.pending.add((at - p.created).count());
        break;
      }
      const ResourceVector& r = world.shapes[p.shape].requests;
      (app ? requested_cpu : system_cpu).add(at, -r.cpu().raw());
      (app ? requested_memory : system_memory).add(at, -r.memory().raw());
      const Node& n = world.node(p.node);
      if (n.host == HostKind::fargate && p.pulling != kTimeNever) {
        bought_cpu.add(at, -n.capacity.cpu().raw());
        bought_memory.add(at, -n.capacity.memory().raw());
      }
      if (in_window_ && app && p.stopping == kTimeNever && is_host_loss(f.reason)) {
        ++t.evictions;
        ++t.interruptions;
      }
      break;
    }
    case Fact::desired_changed: {
      const Workload& w = world.workload(f.workload);
      workloads[f.workload.index()].at_maximum.set(at, w.maximum > w.minimum && w.desired >= w.maximum ? 1 : 0);
      break;
    }
    case Fact::rollout_completed:
      if (in_window_) ++rollouts;
      break;
    case Fact::rollout_stalled:
    case Fact::rollout_failed:
      if (in_window_) ++rollouts_failed;
      break;
    case Fact::pod_failed:
      if (in_window_ && is_application(world, f.workload)) {
        ++container_failures;
        ++workloads[f.workload.index()].pods_failed;
      }
      break;
    case Fact::pod_restarted:
      if (in_window_ && is_application(world, f.workload)) ++container_restarts;
      break;
    case Fact::node_lost:
      if (in_window_ && world.node(f.node).host == HostKind::ec2) ++nodes_lost;
      break;
    case Fact::job_started: {
      WorkloadTotals& t = workloads[f.workload.index()];
      if (t.job_starts.size() <= static_cast<std::size_t>(f.value))
        t.job_starts.resize(static_cast<std::size_t>(f.value) + 1, kTimeNever);
      t.job_starts[static_cast<std::size_t>(f.value)] = at;
      if (in_window_) ++t.jobs_started;
      break;
    }
    case Fact::job_completed: {
      WorkloadTotals& t = workloads[f.workload.index()];
      if (!in_window_) break;
      ++t.jobs_completed;
      t.job_time.add((at - t.job_starts[static_cast<std::size_t>(f.value)]).count());
      break;
    }
    case Fact::job_failed:
      if (in_window_ && f.reason != Reason::replaced) ++workloads[f.workload.index()].jobs_failed;
      break;
    case Fact::starts_missed:
      if (in_window_) workloads[f.workload.index()].starts_missed += f.value;
      break;
    case Fact::creation_refused:
      if (in_window_) workloads[f.workload.index()].creations_refused += f.value;
      break;
    case Fact::launch_refused:
      if (in_window_) launches_refused += f.value;
      break;
    default:
      break;
  }
}

void Recorder::finish(World& world) {
  if (world.service() != nullptr) world.service()->settle(world);
  if (usage_at_start_.empty()) usage_at_start_ = world.usage;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    WorkloadTotals& t = workloads[i];
    const Usage& u = world.usage[i];
    const Usage& u0 = usage_at_start_[i];
    t.cpu_used = u.cpu_serving + u.cpu_starting - u0.cpu_serving - u0.cpu_starting;
    t.arrived = u.arrived - u0.arrived;
    t.served = u.served - u0.served;
    t.lost = u.lost - u0.lost;
    t.failed = u.failed - u0.failed;
    t.backlog = u.backlog;
    if (!world.workloads()[i].system) used_cpu += t.cpu_used;
  }
  // Pods that wait at the end have waited at least so long.
  for (const PodId id : world.pending_pods()) {
    const Pod& p = world.pod(id);
    if (p.created >= world.window_start) workloads[p.workload.index()].pending.add((world.now() - p.created).count());
  }
}

}  // namespace plimsoll::engine
