#include "sim/engine/engine.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "sim/core/assert.h"
#include "sim/engine/pending.h"
#include "sim/engine/recorder.h"
#include "sim/policy/binding_limits.h"
#include "sim/policy/custom_replica_scaler.h"

namespace plimsoll::engine {

namespace {

std::uint64_t replication_seed(std::uint64_t seed, std::int64_t replication) {
  return mix64(seed * 0x9e3779b97f4a7c15ull + static_cast<std::uint64_t>(replication));
}

std::shared_ptr<const load::TrafficPlan> traffic_plan(const scenario::Scenario& scenario, const World& world) {
  auto plan = std::make_shared<load::TrafficPlan>();
  plan->arrivals = scenario.load.arrivals;
  plan->step = scenario.load.step;
  plan->extra_scv = scenario.load.extra_scv;
  auto graph = call_graph(scenario);
  PLIMSOLL_ASSERT(graph);
  plan->graph = std::move(*graph.value);
  const auto& specs = scenario.setting.workloads;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const WorkloadSpec& spec = specs[i];
    load::TrafficWorkload w;
    const NameId name = world.names.find(spec.name);
    const auto found = std::find_if(world.workloads().begin(), world.workloads().end(),
                                    [&](const Workload& x) { return x.name == name && !x.system; });
    PLIMSOLL_ASSERT(found != world.workloads().end());
    w.workload = found->id;
    w.visits = plan->graph.visits()[i];
    w.shape.cpu_per_request = to_microseconds(spec.work + found->extra_work) * kCpuTicksPerVcpu;
    w.shape.cores_per_request =
        Cpu{static_cast<std::int64_t>(spec.cores_per_request * static_cast<double>(kCpuTicksPerVcpu))};
    w.timeout = scenario.load.timeout;
    w.pod_most = Cpu{static_cast<std::int64_t>(spec.pod_threads * static_cast<double>(kCpuTicksPerVcpu))};
    if (found->cpu_limit.raw() > 0 && (w.pod_most.raw() == 0 || found->cpu_limit < w.pod_most))
      w.pod_most = found->cpu_limit;
    w.entry = spec.entry;
    plan->workloads.push_back(w);
  }
  return plan;
}

/// Replica scalers of users, on every column in the place of its own.
void add_custom_scalers(const scenario::Scenario& scenario, World& world) {
  auto scalers = std::make_unique<CustomReplicaScalers>();
  for (const WorkloadSpec& spec : scenario.setting.workloads) {
    if (spec.scaler.empty()) continue;
    const NameId name = world.names.find(spec.name);
    const auto found = std::find_if(world.workloads().begin(), world.workloads().end(),
                                    [&](const Workload& w) { return w.name == name && !w.system; });
    PLIMSOLL_ASSERT(found != world.workloads().end());
    scalers->scale(found->id, find_custom(scenario.setting.custom, CustomPolicy::Kind::replica_scaler, spec.scaler),
                   spec.scaler_target, spec.scaler_period);
  }
  if (!scalers->empty()) world.attach(std::move(scalers));
}

std::string decimal(__int128 numerator, __int128 denominator) {
  // Nine digits after the point, rounded half away; exact text, no doubles.
  constexpr std::int64_t kScale = 1'000'000'000;
  const __int128 nano = div_round(numerator * kScale, denominator);
  const auto whole = static_cast<std::int64_t>(nano / kScale);
  auto rest = std::to_string(static_cast<std::int64_t>(nano % kScale));
  rest.insert(0, 9 - rest.size(), '0');
  while (rest.size() > 1 && rest.back() == '0') rest.pop_back();
  return std::to_string(whole) + "." + rest;
}

void fill_bill(results::RunResult& out, const billing::Bill& bill) {
  for (const auto& line : bill.lines()) {
    if (line.accrued == 0) continue;
    results::BillLine b;
    b.item = line.what.item;
    b.label = line.what.label;
    b.block = line.what.block;
    b.unit = line.what.unit;
    b.rate = line.what.rate;
    // The hour's microseconds first, so that the scaled quantity stays within 128 bits.
    b.quantity =
        decimal(line.accrued, static_cast<__int128>(line.what.scale) * (line.what.per_hour ? hours(1).count() : 1));
    b.amount = bill.amount(line);
    b.hourly = line.hourly;
    b.service = line.what.service;
    b.category = line.what.category;
    b.resource_type = line.what.resource_type;
    b.sku = line.what.sku;
    out.lines.push_back(std::move(b));
  }
  out.total = bill.total();
  out.choice = bill.total(billing::Block::choice);
  out.same = bill.total(billing::Block::same);
}

constexpr std::string_view kFactNames[] = {"node_requested",
                                           "node_running",
                                           "node_ready",
                                           "node_draining",
                                           "node_terminating",
                                           "node_terminated",
                                           "pod_created",
                                           "pod_bound",
                                           "pod_pulling",
                                           "pod_started",
                                           "pod_ready",
                                           "pod_serving",
                                           "pod_stopping",
                                           "pod_ended",
                                           "desired_changed",
                                           "launch_refused",
                                           "group_resized",
                                           "decision",
                                           "node_lost",
                                           "zone_lost",
                                           "zone_restored",
                                           "revision_changed",
                                           "pod_unready",
                                           "pod_failed",
                                           "pod_restarted",
                                           "rollout_started",
                                           "rollout_completed",
                                           "rollout_stalled",
                                           "rollout_failed",
                                           "pod_unhealthy",
                                           "traffic_shifted",
                                           "node_unreachable",
                                           "spot_notice",
                                           "rebalance_recommended",
                                           "target_removed",
                                           "image_changed",
                                           "node_stopped",
                                           "rule_triggered",
                                           "tasks_refused",
                                           "job_started",
                                           "job_completed",
                                           "job_failed",
                                           "starts_missed",
                                           "creation_refused",
                                           "traffic_weighted",
                                           "hook_called",
                                           "volume_in_use",
                                           "index_failed",
                                           "images_removed",
                                           "retirement_notice",
                                           "control_plane_update",
                                           "control_plane_updated",
                                           "control_plane_refused",
                                           "control_plane_resized",
                                           "refresh_failed"};
constexpr std::string_view kReasonNames[] = {"",
                                             "scale_in",
                                             "rollout",
                                             "node_drain",
                                             "consolidation",
                                             "scale_down",
                                             "expired",
                                             "spot_interruption",
                                             "node_lost",
                                             "launch_failed",
                                             "unschedulable",
                                             "completed",
                                             "host_ended",
                                             "container_exit",
                                             "out_of_memory",
                                             "unhealthy",
                                             "image_pull",
                                             "zone_lost",
                                             "rollback",
                                             "zone_rebalance",
                                             "start_timeout",
                                             "preempted",
                                             "rebalance",
                                             "resized",
                                             "drifted",
                                             "node_repair",
                                             "warm_pool",
                                             "user_initiated",
                                             "deadline",
                                             "job_failed",
                                             "replaced",
                                             "quota",
                                             "evicted",
                                             "alarm",
                                             "lifecycle_hook",
                                             "pod_failure_policy",
                                             "max_failed_indexes",
                                             "failed_indexes",
                                             "success_policy",
                                             "retired",
                                             "version_skew",
                                             "in_progress",
                                             "vcpu_limit",
                                             "image_never_pull"};

std::string pod_name(const World& world, const Pod& pod) {
  return std::string(world.names.text(world.workload(pod.workload).name)) + "-" + std::to_string(pod.ordinal);
}

double mean_over(const TimeIntegral& integral, const World& world, double unit) {
  return integral.mean_until(world.end) / unit;
}

/// Tells whether the value keeps a promise.
bool keeps(const scenario::Expectation& e, std::int64_t value) {
  if (e.less) return e.inclusive ? value <= e.limit : value < e.limit;
  return e.inclusive ? value >= e.limit : value > e.limit;
}

results::ExpectationResult judge(const scenario::Expectation& e, const results::RunResult& r) {
  using Metric = scenario::Expectation::Metric;
  results::ExpectationResult out;
  out.text = e.text;
  const auto ms = [](std::int64_t us) { return std::to_string(us / 1000) + " ms"; };
  const auto s = [](std::int64_t us) { return std::to_string(us / 1'000'000) + " s"; };
  switch (e.metric) {
    case Metric::latency_p50:
    case Metric::latency_p95:
    case Metric::latency_p99: {
      std::int64_t good = 0;
      for (const auto& w : r.latency) {
        if (keeps(e, e.metric == Metric::latency_p50   ? w.p50_us
                     : e.metric == Metric::latency_p95 ? w.p95_us
                                                       : w.p99_us))
          ++good;
      }
      const auto all = static_cast<std::int64_t>(r.latency.size());
      out.share = all > 0 ? static_cast<double>(good) / static_cast<double>(all) : 1.0;
      out.kept = good * 1'000'000 >= e.share.raw() * all;
      out.measured =
          std::to_string(good) + " of " + std::to_string(all) + " windows; p99 " + ms(r.latency_p99_us) + " over all";
      return out;
    }
    case Metric::requests_lost: {
      const auto ppm = r.arrived > 0
                           ? static_cast<std::int64_t>(static_cast<__int128>(r.lost + r.failed) * 1'000'000 / r.arrived)
                           : 0;
      out.kept = keeps(e, ppm);
      out.measured = "lost " + to_string(Ppm{ppm});
      if (r.failed > 0)
        out.measured +=
            ", of these answered with an error " +
            to_string(Ppm{static_cast<std::int64_t>(static_cast<__int128>(r.failed) * 1'000'000 / r.arrived)});
      break;
    }
    case Metric::pending_p50:
      out.kept = keeps(e, r.pending_p50_us);
      out.measured = "p50 " + s(r.pending_p50_us);
      break;
    case Metric::pending_p99:
      out.kept = keeps(e, r.pending_p99_us);
      out.measured = "p99 " + s(r.pending_p99_us);
      break;
  }
  out.share = out.kept ? 1.0 : 0.0;
  return out;
}

}  // namespace

Parsed<load::CallGraph> call_graph(const scenario::Scenario& scenario) {
  std::vector<std::string> names;
  std::vector<load::Call> calls;
  std::vector<double> entry;
  const auto& specs = scenario.setting.workloads;
  double entries = 0;
  for (const WorkloadSpec& w : specs) entries += w.entry ? 1 : 0;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    names.push_back(specs[i].name);
    entry.push_back(specs[i].entry ? 1.0 / entries : 0.0);
    for (const CallSpec& c : specs[i].calls) {
      const auto to = std::find_if(specs.begin(), specs.end(), [&](const WorkloadSpec& w) { return w.name == c.to; });
      if (to == specs.end()) return {std::nullopt, specs[i].name + " calls " + c.to + ", which is not an application"};
      load::Call call;
      call.from = static_cast<std::uint32_t>(i);
      call.to = static_cast<std::uint32_t>(to - specs.begin());
      call.per_request = c.per_request;
      calls.push_back(call);
    }
  }
  return load::CallGraph::build(std::move(names), std::move(calls), std::move(entry));
}

Run build(const scenario::Scenario& scenario, std::size_t column, std::int64_t replication, const RunOptions& options) {
  const Time window_start = kTimeZero + scenario.load.warmup;
  const Time end = window_start + scenario.load.span;
  Run run{World(replication_seed(scenario.seed, replication), window_start, end), {}, {}, {}, {}};
  World& world = run.world;
  world.keep_log = options.keep_events;
  for (const std::string& zone : scenario.setting.zones) world.add_zone(zone);
  run.bill = world.attach(std::make_unique<billing::Bill>(window_start, end));
  auto& bill = dynamic_cast<billing::Bill&>(world.component(run.bill));
  BuildContext context{world, bill, scenario.setting};
  scenario.columns[column].plan->build(context);
  if (!scenario.setting.events.empty()) world.attach(std::make_unique<Timeline>(scenario.setting.events));
  add_custom_scalers(scenario, world);
  run.traffic = world.attach(std::make_unique<load::Traffic>(traffic_plan(scenario, world)));
  world.set_service(run.traffic);
  run.recorder = world.attach(std::make_unique<Recorder>(run.bill, options.keep_series));
  for (const WorkloadSpec& spec : scenario.setting.workloads) {
    if (!spec.entry) continue;
    const NameId name = world.names.find(spec.name);
    for (std::size_t i = 0; i < world.workloads().size(); ++i) {
      if (world.workloads()[i].name == name && !world.workloads()[i].system) run.entries.push_back(i);
    }
  }
  return run;
}

std::string_view reason_name(Reason reason) { return kReasonNames[static_cast<std::size_t>(reason)]; }

results::EventRow event_row(const World& world, const FactRecord& f) {
  results::EventRow row;
  row.at_us = to_microseconds(f.at);
  row.fact = kFactNames[static_cast<std::size_t>(f.fact)];
  row.reason = kReasonNames[static_cast<std::size_t>(f.reason)];
  if (!f.node.is_none()) {
    const Node& n = world.node(f.node);
    row.node = world.names.text(n.name);
    if (!n.instance_type.is_none()) row.instance_type = world.names.text(n.instance_type);
    if (!n.zone.is_none()) row.zone = world.names.text(world.zones()[n.zone.index()]);
    row.purchase = n.purchase == PurchaseOption::spot ? "spot" : "on-demand";
    row.host = n.host == HostKind::fargate ? "fargate" : "ec2";
    row.cpu_ticks = n.capacity.cpu().raw();
    row.memory_bytes = n.capacity.memory().raw();
  }
  if (!f.pod.is_none()) {
    const Pod& p = world.pod(f.pod);
    row.pod = pod_name(world, p);
    row.cpu_ticks = world.shapes[p.shape].requests.cpu().raw();
    row.memory_bytes = world.shapes[p.shape].requests.memory().raw();
  }
  if (!f.workload.is_none()) row.workload = world.names.text(world.workload(f.workload).name);
  if (!f.group.is_none()) row.group = world.names.text(world.group(f.group).name);
  if (f.fact == Fact::zone_lost || f.fact == Fact::zone_restored)
    row.zone = world.names.text(world.zones()[static_cast<std::size_t>(f.value)]);
  row.value = f.value;
  return row;
}

results::RunResult summarise(Run& run, const scenario::Scenario& scenario, std::size_t column,
                             std::int64_t replication) {
  World& world = run.world;
  const auto& bill = dynamic_cast<const billing::Bill&>(world.component(run.bill));
  const auto& traffic = dynamic_cast<const load::Traffic&>(world.component(run.traffic));
  auto& recorder = dynamic_cast<Recorder&>(world.component(run.recorder));
  results::RunResult r;
  r.platform = scenario.columns[column].name;
  r.type = scenario.columns[column].type;
  r.pod_word = scenario.columns[column].plan->pod_word();
  r.seed = scenario.seed;
  r.replication = replication;
  r.window_start_us = to_microseconds(world.window_start);
  r.window_us = (world.end - world.window_start).count();
  fill_bill(r, bill);

  LogLinearHistogram pending;
  for (std::size_t i = 0; i < world.workloads().size(); ++i) {
    const Workload& w = world.workloads()[i];
    const WorkloadTotals& t = recorder.workloads[i];
    results::WorkloadResult out;
    out.name = world.names.text(w.name);
    out.system = w.system;
    out.replicas_mean = t.replicas.mean_until(world.end);
    out.replicas_peak = t.replicas.max();
    out.at_maximum_share = t.at_maximum.mean_until(world.end);
    out.evictions = t.evictions;
    out.interruptions = t.interruptions;
    out.created = t.created;
    out.pending_p50_us = t.pending.quantile(0.5);
    out.pending_p99_us = t.pending.quantile(0.99);
    out.pending_count = t.pending.count();
    out.arrived = t.arrived;
    out.served = t.served;
    out.lost = t.lost;
    out.failed = t.failed;
    out.runs_to_completion = !w.system && std::any_of(scenario.setting.jobs.begin(), scenario.setting.jobs.end(),
                                                      [&](const JobSpec& job) { return job.name == out.name; });
    out.jobs_started = t.jobs_started;
    out.jobs_completed = t.jobs_completed;
    out.jobs_failed = t.jobs_failed;
    out.starts_missed = t.starts_missed;
    if (out.runs_to_completion) {
      out.pods_succeeded = t.pods_succeeded;
      out.pods_failed = t.pods_failed;
    }
    out.job_p50_us = t.job_time.quantile(0.5);
    out.job_p99_us = t.job_time.quantile(0.99);
    out.creations_refused = t.creations_refused;
    out.cpu_used_cores_mean =
        static_cast<double>(t.cpu_used) / static_cast<double>(kCpuTicksPerVcpu) / static_cast<double>(r.window_us);
    if (!w.system) {
      pending.merge(t.pending);
      r.evictions += t.evictions;
      r.interruptions += t.interruptions;
    }
    r.workloads.push_back(std::move(out));
  }
  for (const std::size_t i : run.entries) {
    const WorkloadTotals& t = recorder.workloads[i];
    r.arrived += t.arrived;
    r.served += t.served;
    r.lost += t.lost;
    r.failed += t.failed;
    r.in_flight += t.backlog;
  }
  r.latency_p50_us = traffic.latency().quantile(0.5);
  r.latency_p95_us = traffic.latency().quantile(0.95);
  r.latency_p99_us = traffic.latency().quantile(0.99);
  for (const load::LatencyWindow& w : traffic.windows()) {
    r.latency.push_back({(w.end - world.window_start).count() / 1'000'000, w.p50_us, w.p95_us, w.p99_us});
  }
  for (std::size_t i = 0; i < traffic.revisions().size(); ++i) {
    const RevisionUsage& u = traffic.revisions()[i];
    results::RevisionResult v;
    v.workload = world.names.text(world.workload(u.workload).name);
    v.revision = u.revision;
    v.arrived = u.arrived;
    v.served = u.served;
    v.lost = u.lost;
    v.failed = u.failed;
    v.p50_us = traffic.revision_latency(i).quantile(0.5);
    v.p99_us = traffic.revision_latency(i).quantile(0.99);
    r.revisions.push_back(std::move(v));
  }
  world.each_component<BindingLimits>([&](const BindingLimits& limits) {
    for (BindingLimits::Limit& l : limits.binding_limits(world)) r.limits.push_back({std::move(l.name), l.share});
  });
  r.pending_p50_us = pending.quantile(0.5);
  r.pending_p99_us = pending.quantile(0.99);
  r.pending_count = pending.count();
  for (const PodId id : world.pending_pods()) r.unfinished += world.workload(world.pod(id).workload).system ? 0 : 1;
  r.nodes_peak = recorder.nodes_peak;
  r.nodes_low = recorder.nodes_low == INT64_MAX ? 0 : recorder.nodes_low;
  r.nodes_mean = mean_over(recorder.nodes, world, 1);
  r.nodes_launched = recorder.nodes_launched;
  r.nodes_ended = recorder.nodes_ended;
  r.launches_refused = recorder.launches_refused;
  r.rollouts = recorder.rollouts;
  r.rollouts_failed = recorder.rollouts_failed;
  r.container_failures = recorder.container_failures;
  r.container_restarts = recorder.container_restarts;
  r.nodes_lost = recorder.nodes_lost;
  const auto vcpu = static_cast<double>(kCpuTicksPerVcpu);
  const auto gib = static_cast<double>(kGiB);
  r.cpu_bought = mean_over(recorder.bought_cpu, world, vcpu);
  r.cpu_requested = mean_over(recorder.requested_cpu, world, vcpu);
  r.cpu_system = mean_over(recorder.system_cpu, world, vcpu);
  r.cpu_used = r.window_us > 0 ? static_cast<double>(recorder.used_cpu) / vcpu / static_cast<double>(r.window_us) : 0;
  r.memory_bought = mean_over(recorder.bought_memory, world, gib);
  r.memory_requested = mean_over(recorder.requested_memory, world, gib);
  r.memory_system = mean_over(recorder.system_memory, world, gib);
  r.memory_used = mean_over(recorder.used_memory, world, gib);
  for (const scenario::Expectation& e : scenario.expectations) r.expectations.push_back(judge(e, r));
  for (const auto& s : recorder.series) r.series.push_back({s.name, s.unit, s.values});
  r.events.reserve(world.log.size());
  for (const FactRecord& f : world.log) r.events.push_back(event_row(world, f));

  TraceHash hash = world.hash;
  for (const auto& line : r.lines) {
    hash.add(line.item);
    hash.add(line.amount.raw());
  }
  for (const Usage& u : world.usage) {
    hash.add(u.served);
    hash.add(u.lost);
    if (u.failed != 0) hash.add(u.failed);
    hash.add(static_cast<std::uint64_t>(u.cpu_serving));
  }
  for (const auto& w : r.latency) {
    hash.add(w.p50_us);
    hash.add(w.p99_us);
  }
  r.trace_hash = hash.value();
  return r;
}

results::RunResult run_one(const scenario::Scenario& scenario, std::size_t column, std::int64_t replication,
                           const RunOptions& options) {
  Run run = build(scenario, column, replication, options);
  run.world.run();
  return summarise(run, scenario, column, replication);
}

results::Comparison compare(const scenario::Scenario& scenario, const CompareOptions& options) {
  const std::int64_t replications = options.replications > 0 ? options.replications : scenario.replications;
  const std::size_t columns = scenario.columns.size();
  const std::size_t total = columns * static_cast<std::size_t>(replications);
  std::vector<std::optional<results::RunResult>> slots(total);
  std::vector<std::vector<std::string>> waiting(columns);  ///< of replication 0
  std::atomic<std::size_t> next{0};
  std::mutex progress_mutex;
  std::size_t done = 0;
  std::exception_ptr failure;
  const auto work = [&] {
    while (true) {
      if (options.stop != nullptr && options.stop->load()) return;
      const std::size_t i = next.fetch_add(1);
      if (i >= total) return;
      // Replication-major, so that an interrupted comparison has the same replications of every column.
      const std::size_t column = i % columns;
      const auto replication = static_cast<std::int64_t>(i / columns);
      const bool full = options.keep_full && replication == 0;
      try {
        Run run = build(scenario, column, replication, {full, full});
        run.world.run();
        slots[i] = summarise(run, scenario, column, replication);
        if (replication == 0) waiting[column] = pending_remarks(run.world, slots[i]->pod_word);
      } catch (...) {
        const std::lock_guard lock(progress_mutex);
        if (failure == nullptr) failure = std::current_exception();
        next.store(total);
        return;
      }
      const std::lock_guard lock(progress_mutex);
      ++done;
      if (options.progress) options.progress(done, total);
    }
  };
  if (options.jobs <= 1) {
    work();
  } else {
    std::vector<std::jthread> threads;
    for (int j = 0; j < options.jobs; ++j) threads.emplace_back(work);
  }
  if (failure != nullptr) std::rethrow_exception(failure);

  results::Comparison out;
  out.scenario = scenario.name;
  out.resolved_yaml = scenario.resolved;
  out.load = scenario.load.description;
  out.seed = scenario.seed;
  out.replications_wanted = replications;
  out.region = scenario.setting.region;
  out.as_of = scenario.setting.as_of;
  out.calendar = scenario.setting.calendar + scenario.load.warmup.count() / 1'000'000;
  out.window_s = scenario.load.span.count() / 1'000'000;
  out.warmup_s = scenario.load.warmup.count() / 1'000'000;
  out.sizes_matched = scenario.sizes_matched;
  out.assumed = scenario.assumed;
  out.remarks = scenario.remarks;
  TraceHash hash;
  // After an interruption a replication counts that every column has finished, so that all columns are judged by the
  // same worlds. What finished before any column's first is kept as it is: there is nothing to compare it with.
  const auto whole = [&](std::int64_t r) {
    const auto first = slots.begin() + r * static_cast<std::ptrdiff_t>(columns);
    return std::all_of(first, first + static_cast<std::ptrdiff_t>(columns),
                       [](const auto& s) { return s.has_value(); });
  };
  std::int64_t counted = 0;
  while (counted < replications && whole(counted)) ++counted;
  if (counted == 0) counted = replications;
  for (std::size_t c = 0; c < columns; ++c) {
    results::ColumnResult column;
    column.name = scenario.columns[c].name;
    column.type = scenario.columns[c].type;
    column.pod_word = scenario.columns[c].plan->pod_word();
    const PlatformNotes notes = scenario.columns[c].plan->notes();
    column.remarks = notes.overrides;
    column.remarks.insert(column.remarks.end(), waiting[c].begin(), waiting[c].end());
    column.low_confidence = notes.low_confidence;
    column.objects = notes.objects;
    column.dns_names = notes.dns_names;
    for (std::int64_t r = 0; r < counted; ++r) {
      auto& slot = slots[static_cast<std::size_t>(r) * columns + c];
      // A hole ends the column: replications are paired by number.
      if (!slot) break;
      hash.add(slot->trace_hash);
      column.replications.push_back(std::move(*slot));
    }
    if (static_cast<std::int64_t>(column.replications.size()) < replications) out.interrupted = true;
    out.columns.push_back(std::move(column));
  }
  out.hash = hash.value();
  const Time start = kTimeZero + scenario.load.warmup;
  for (Time t = start; t + minutes(1) <= start + scenario.load.span; t += minutes(1)) {
    out.request_rate.push_back(scenario.load.arrivals->mean_rate(t, t + minutes(1)));
  }
  return out;
}

}  // namespace plimsoll::engine
