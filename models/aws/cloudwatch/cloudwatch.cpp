#include "models/aws/cloudwatch/cloudwatch.h"

#include <algorithm>
#include <utility>

#include "sim/core/assert.h"
#include "sim/core/units.h"

namespace plimsoll::aws {

namespace {

constexpr std::int64_t kUnit = 1'000'000;  ///< millionths
constexpr std::int64_t kPercent = 100 * kUnit;

std::int64_t ratio_of(__int128 amount, __int128 base, std::int64_t unit) {
  return static_cast<std::int64_t>(amount * unit / base);
}

std::int64_t to_millionths(double value) {
  constexpr double kMost = 9e12;  // beyond it millionths leave 64 bits
  const double v = std::clamp(value, -kMost, kMost) * 1e6;
  return static_cast<std::int64_t>(v < 0 ? v - 0.5 : v + 0.5);
}

/// Tasks that the balancer still has as targets and that fail its checks: unhealthy ones, and those on a dead host.
std::int64_t unhealthy_targets(const World& world, const Workload& w) {
  return std::count_if(w.pods.begin(), w.pods.end(), [&](PodId id) {
    const Pod& p = world.pod(id);
    if (p.node.is_none() || p.state == PodState::stopping || p.started == kTimeNever) return false;
    return p.unhealthy || world.node(p.node).is_lost();
  });
}

/// Whether the statistic of one datapoint is its value.
bool is_as_put(Statistic s) { return s == Statistic::average || s == Statistic::minimum || s == Statistic::maximum; }

/// Nearest rank, in the unit of the times. p0 and p100 are the least and the most.
std::int64_t percentile_in(const LogLinearHistogram& times, std::int64_t ppm) {
  return times.quantile(static_cast<double>(ppm) / 1e6);
}

}  // namespace

MetricId CloudWatch::metric(MetricSource source) {
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    const MetricSource& have = metrics_[i].source;
    if (have.name == source.name && have.workload == source.workload && have.expression == source.expression &&
        have.label == source.label && have.inputs == source.inputs && have.percentile == source.percentile)
      return MetricId{i};
  }
  Metric m;
  m.source = std::move(source);
  metrics_.push_back(std::move(m));
  return MetricId{metrics_.size() - 1};
}

std::string CloudWatch::period_error(Duration period) const {
  if (period < parameters_.period || period % parameters_.period != Duration{}) {
    return "the metric has a datapoint every " + plimsoll::to_string(parameters_.period) +
           "; the period must be a multiple";
  }
  return {};
}

AlarmId CloudWatch::add_alarm(std::string name, MetricId metric, const AlarmDefinition& definition,
                              Statistic statistic) {
  PLIMSOLL_ASSERT(alarm_error(definition).empty() && period_error(definition.period).empty());
  // As one that its owner evaluates, but it is evaluated here, by its statistic.
  const AlarmId id = add_owned_alarm(std::move(name), metric, definition);
  WatchedAlarm& a = alarms_[id.index()];
  a.owned = false;
  a.statistic = statistic;
  const std::int64_t periods = range_of(definition.evaluation_periods) * (definition.period / parameters_.period);
  // Datapoints that wait for their publication are kept besides those that can be read.
  keep(metric, periods + parameters_.publication_delay / parameters_.period + 2);
  return id;
}

AlarmId CloudWatch::add_owned_alarm(std::string name, MetricId metric, const AlarmDefinition& definition) {
  WatchedAlarm a;
  a.name = std::move(name);
  a.metric = metric;
  a.definition = definition;
  a.owned = true;
  alarms_.push_back(std::move(a));
  return AlarmId{alarms_.size() - 1};
}

AlarmId CloudWatch::find_alarm(std::string_view name) const {
  const auto at = std::find_if(alarms_.begin(), alarms_.end(), [&](const WatchedAlarm& a) { return a.name == name; });
  return at == alarms_.end() ? AlarmId{} : AlarmId{static_cast<std::size_t>(at - alarms_.begin())};
}

void CloudWatch::keep(MetricId metric, std::int64_t datapoints) {
  Metric& m = metrics_[metric.index()];
  for (const MathInput& input : m.source.inputs) keep(input.metric, datapoints);
  if (m.source.name == MetricName::math) return;
  m.ring.resize(std::max(m.ring.size(), static_cast<std::size_t>(datapoints)));
  if (m.source.name == MetricName::target_response_time) m.times.resize(m.ring.size());
}

void CloudWatch::keep_for(MetricId metric, Duration period) {
  keep(metric, period / parameters_.period + parameters_.publication_delay / parameters_.period + 2);
}

std::optional<std::int64_t> CloudWatch::value_over(MetricId metric, Statistic statistic, Duration period) const {
  const MetricSource& s = metrics_[metric.index()].source;
  if (s.name != MetricName::math) return period_value(metric, statistic, period / parameters_.period, 0);
  const auto values = math_values(s, period, 1);
  return values.back() ? std::optional(to_millionths(*values.back())) : std::nullopt;
}

void CloudWatch::notify(AlarmId alarm, AlarmState state, HandlerId who, std::uint64_t payload, bool repeat) {
  alarms_[alarm.index()].subscribers.push_back({state, who, payload, repeat});
}

void CloudWatch::put(MetricId metric, std::int64_t value) { metrics_[metric.index()].put = {value, 1}; }

void CloudWatch::start(World& world) {
  const bool any = !std::all_of(alarms_.begin(), alarms_.end(), [](const WatchedAlarm& a) { return a.owned; });
  if (any) measure_always(world);
}

void CloudWatch::measure_always(World& world) {
  if (!before_.empty()) return;
  before_.resize(world.workloads().size());
  now_.resize(world.workloads().size());
  const bool times = std::any_of(metrics_.begin(), metrics_.end(), [](const Metric& m) { return !m.times.empty(); });
  if (times && world.service() != nullptr) world.service()->keep_response_times();
  // Periods are those of the wall clock: they begin at time zero for every metric.
  world.wake(handler, kTimeZero + parameters_.period, Phase::metrics, kMeasure);
}

void CloudWatch::handle(World& world, const Event& event) {
  if ((event.payload & 0xffu) == kMeasure) {
    measure_all(world);
    world.wake(handler, world.now() + parameters_.publication_delay, Phase::metrics,
               kPublish | (static_cast<std::uint64_t>(measured_) << 8));
    if (world.now() + parameters_.period <= world.end)
      world.wake(handler, world.now() + parameters_.period, Phase::metrics, kMeasure);
    return;
  }
  published_ = static_cast<std::int64_t>(event.payload >> 8);
  const Duration ended = parameters_.period * published_;
  for (WatchedAlarm& alarm : alarms_) {
    const bool due = !alarm.owned && (alarm.definition.period < seconds(60) || ended % seconds(60) == Duration{});
    if (due) evaluate(world, alarm);
  }
}

void CloudWatch::measure_all(World& world) {
  if (ServiceModel* service = world.service()) {
    service->settle(world);
    const bool times = std::any_of(metrics_.begin(), metrics_.end(), [](const Metric& m) { return !m.times.empty(); });
    if (times) times_ = service->take_response_times();
  }
  for (std::size_t i = 0; i < now_.size(); ++i) now_[i] = read_workload(world, WorkloadId{i});
  for (Metric& m : metrics_) {
    if (m.ring.empty()) continue;  // nobody reads it, or it is reckoned from others
    Datapoint& slot = m.ring[static_cast<std::size_t>(measured_) % m.ring.size()];
    if (m.source.name == MetricName::pushed) {
      slot = m.put;
      m.put = {};
    } else if (!m.times.empty() && !times_.empty()) {
      const std::int64_t p = m.source.percentile;
      // Weights are micro-requests, times microseconds.
      slot = {p < 0 ? static_cast<std::int64_t>(times_.mean() + 0.5) : percentile_in(times_, p),
              div_ceil(times_.count(), kUnit)};
    } else {
      slot = measure_one(world, m);
    }
    if (!m.times.empty()) m.times[static_cast<std::size_t>(measured_) % m.times.size()] = times_;
    if (slot.samples == 0) m.last_missing = measured_;
  }
  std::swap(before_, now_);
  ++measured_;
}

CloudWatch::Datapoint CloudWatch::measure_one(const World& world, const Metric& metric) const {
  const MetricSource& s = metric.source;
  switch (s.name) {
    case MetricName::cluster_cpu:
    case MetricName::cluster_memory:
    case MetricName::cluster_cpu_reservation:
    case MetricName::cluster_memory_reservation:
    case MetricName::cluster_gpu_reservation:
      return measure_cluster(world, s.name);
    case MetricName::pushed:
      return {};
    default:
      break;
  }
  static const WorkloadReading kNone;
  static const Workload kNoWorkload;
  const bool service = !s.workload.is_none();
  const WorkloadReading& a = service ? before_[s.workload.index()] : kNone;
  const WorkloadReading& b = service ? now_[s.workload.index()] : kNone;
  const Workload& w = service ? world.workload(s.workload) : kNoWorkload;
  const __int128 started = b.usage.started_time - a.usage.started_time;
  const auto tasks = std::max<std::int64_t>(b.started, 1);
  const auto custom = [&] {
    return s.expression->evaluate([&](std::size_t app, Measure what) {
      const std::size_t i = s.apps[app].index();
      return measure(what, world.workload(s.apps[app]), before_[i], now_[i]);
    });
  };
  switch (s.name) {
    case MetricName::service_cpu: {
      const __int128 used = b.usage.cpu_serving + b.usage.cpu_starting - a.usage.cpu_serving - a.usage.cpu_starting;
      const __int128 reserved = b.usage.cpu_reserved - a.usage.cpu_reserved;
      if (reserved <= 0) return {};
      return {ratio_of(used, reserved, kPercent), tasks};
    }
    case MetricName::service_memory: {
      const Bytes size = w.requests.memory();
      if (started <= 0 || size.raw() <= 0) return {};
      const double pods = static_cast<double>(started) / static_cast<double>((b.at - a.at).count());
      return {to_millionths(100.0 * mean_memory(w, a, b) / (static_cast<double>(size.raw()) * pods)), tasks};
    }
    case MetricName::request_count: {
      const std::int64_t requests = b.usage.arrived - a.usage.arrived;
      if (requests <= 0) return {};
      return {requests, 1};
    }
    // Counts of errors have no datapoint without one.
    case MetricName::target_2xx_count:
    case MetricName::target_5xx_count:
    case MetricName::elb_5xx_count: {
      const std::int64_t failed = b.usage.failed - a.usage.failed;
      const std::int64_t count = s.name == MetricName::elb_5xx_count      ? b.usage.lost - a.usage.lost
                                 : s.name == MetricName::target_5xx_count ? failed
                                                                          : b.usage.served - a.usage.served - failed;
      if (count <= 0) return {};
      return {count, 1};
    }
    case MetricName::healthy_hosts:
      return {b.serving * kUnit, 1};
    case MetricName::unhealthy_hosts:
      return {unhealthy_targets(world, w) * kUnit, 1};
    case MetricName::target_response_time: {
      const std::int64_t served = b.usage.served - a.usage.served;
      if (served <= 0) return {};
      // Without a histogram: in the targets alone.
      return {static_cast<std::int64_t>((b.usage.in_flight - a.usage.in_flight) / served), div_ceil(served, kUnit)};
    }
    case MetricName::request_count_per_target: {
      const std::int64_t requests = b.usage.arrived - a.usage.arrived;
      const __int128 serving = b.usage.serving_time - a.usage.serving_time;
      if (requests <= 0 || serving <= 0) return {};
      return {static_cast<std::int64_t>(static_cast<__int128>(requests) * (b.at - a.at).count() / serving), 1};
    }
    case MetricName::running_tasks:
    case MetricName::pending_tasks:
    case MetricName::desired_tasks: {
      if (started <= 0) return {};
      const std::int64_t count = s.name == MetricName::running_tasks   ? b.started
                                 : s.name == MetricName::pending_tasks ? b.pending
                                                                       : b.desired;
      return {count * kUnit, 1};
    }
    case MetricName::cpu_utilized:
    case MetricName::memory_utilized: {
      if (started <= 0) return {};
      if (s.name == MetricName::memory_utilized)
        return {to_millionths(mean_memory(w, a, b) / static_cast<double>(kMiB)), 1};
      return {to_millionths(1024 * measure(Measure::cpu, w, a, b)), 1};
    }
    case MetricName::cpu_reserved:
    case MetricName::memory_reserved: {
      if (started <= 0) return {};
      const std::int64_t each = s.name == MetricName::cpu_reserved ? w.requests.cpu().raw() / kCpuTicksPerEcsUnit
                                                                   : w.requests.memory().raw() / kMiB;
      return {each * b.started * kUnit, 1};
    }
    case MetricName::custom:
      return {to_millionths(custom()), 1};
    case MetricName::log_metric: {
      const std::int64_t sum = to_millionths(custom());
      if (sum <= 0) return {};
      return {sum, 1};
    }
    case MetricName::custom_per_task:
      return {to_millionths(custom() / static_cast<double>(tasks)), 1};
    default:
      return {};
  }
}

CloudWatch::Datapoint CloudWatch::measure_cluster(const World& world, MetricName name) const {
  const bool cpu = name == MetricName::cluster_cpu || name == MetricName::cluster_cpu_reservation;
  const bool gpus = name == MetricName::cluster_gpu_reservation;
  const auto amount = [&](const ResourceVector& r) {
    return gpus ? r[Resource::gpus] : cpu ? r.cpu().raw() : r.memory().raw();
  };
  __int128 registered = 0;
  // Tasks on Fargate beside the instances are no part of what is reserved and used there.
  std::vector<std::int64_t> on_fargate(world.workloads().size(), 0);
  for (const NodeId id : world.live_nodes()) {
    const Node& n = world.node(id);
    if (n.host == HostKind::fargate) {
      const Pod& task = world.pod(PodId{static_cast<std::uint32_t>(n.tag)});
      on_fargate[task.workload.index()] += task.state >= PodState::starting && task.state < PodState::stopping ? 1 : 0;
    }
    if (n.host != HostKind::ec2 || (n.state != NodeState::ready && n.state != NodeState::draining)) continue;
    registered += amount(n.allocatable);
  }
  if (registered <= 0) return {};
  if (gpus || name == MetricName::cluster_cpu_reservation || name == MetricName::cluster_memory_reservation) {
    __int128 reserved = 0;
    for (const Workload& w : world.workloads()) {
      reserved += static_cast<__int128>(amount(w.requests)) * (w.started - on_fargate[w.id.index()]);
    }
    return {ratio_of(reserved, registered, kPercent), 1};
  }
  double used = 0;
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const Workload& w = world.workloads()[i];
    if (on_fargate[i] > 0) continue;
    used += cpu ? measure(Measure::cpu, w, before_[i], now_[i]) * static_cast<double>(kCpuTicksPerVcpu)
                : mean_memory(w, before_[i], now_[i]);
  }
  return {to_millionths(100.0 * used / static_cast<double>(registered)), 1};
}

std::optional<std::int64_t> CloudWatch::newest_value(const WatchedAlarm& alarm) const {
  const Duration period = alarm.definition.period;
  const MetricSource& s = metrics_[alarm.metric.index()].source;
  if (s.name != MetricName::math) return period_value(alarm.metric, alarm.statistic, period / parameters_.period, 0);
  // Rates and filled gaps look back as the alarm does.
  const auto values = math_values(s, period, range_of(alarm.definition.evaluation_periods));
  return values.back() ? std::optional(to_millionths(*values.back())) : std::nullopt;
}

MetricMath::Series CloudWatch::math_values(const MetricSource& s, Duration period, std::int64_t periods) const {
  const std::int64_t length = period / parameters_.period;
  std::vector<MetricMath::Series> inputs(s.inputs.size());
  for (std::size_t i = 0; i < s.inputs.size(); ++i) {
    const MetricSource& input = metrics_[s.inputs[i].metric.index()].source;
    if (input.name == MetricName::math) inputs[i] = math_values(input, period, periods);
    for (std::int64_t j = periods; j-- > 0 && input.name != MetricName::math;) {
      const auto value = period_value(s.inputs[i].metric, s.inputs[i].statistic, length, j * length);
      inputs[i].push_back(value ? std::optional(static_cast<double>(*value) / 1e6) : std::nullopt);
    }
  }
  return s.math_of->evaluate(inputs, period);
}

std::optional<std::int64_t> CloudWatch::percentile_value(const Metric& m, std::int64_t length,
                                                         std::int64_t back) const {
  if (length > 1 && !m.times.empty()) {
    const auto value = times_value(m, Statistic::average, published_ - back - length, published_ - back);
    if (value) return value;
  }
  std::vector<std::pair<std::int64_t, std::int64_t>> points;  // value, samples
  std::int64_t samples = 0;
  for (std::int64_t i = std::max<std::int64_t>(published_ - back - length, 0); i < published_ - back; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) % m.ring.size();
    const Datapoint& d = m.ring[at];
    if (d.samples == 0) continue;
    samples += d.samples;
    if (length == 1) return d.value;
    points.emplace_back(d.value, d.samples);
  }
  if (samples == 0) return std::nullopt;
  std::sort(points.begin(), points.end());
  const __int128 parts = static_cast<__int128>(samples) * m.source.percentile;
  const auto rank = std::max<std::int64_t>(static_cast<std::int64_t>((parts + kUnit - 1) / kUnit), 1);
  std::int64_t seen = 0;
  for (const auto& [value, count] : points) {
    seen += count;
    if (seen >= rank) return value;
  }
  return points.back().first;
}

std::optional<std::int64_t> CloudWatch::times_value(const Metric& m, Statistic statistic, std::int64_t first,
                                                    std::int64_t end) const {
  LogLinearHistogram times;
  for (std::int64_t i = std::max<std::int64_t>(first, 0); i < end; ++i)
    times.merge(m.times[static_cast<std::size_t>(i) % m.times.size()]);
  if (times.empty()) return std::nullopt;
  if (m.source.percentile >= 0) return percentile_in(times, m.source.percentile);
  return statistic == Statistic::minimum ? times.min() : times.max();
}

bool CloudWatch::is_plain(const WatchedAlarm& alarm) const {
  if (alarm.definition.least_samples > 0) return false;  // the samples count too
  const Metric& m = metrics_[alarm.metric.index()];
  const bool extreme = alarm.statistic == Statistic::minimum || alarm.statistic == Statistic::maximum;
  return m.times.empty() || m.source.percentile >= 0 || !extreme;
}

std::int64_t CloudWatch::newest_samples(const WatchedAlarm& alarm) const {
  const auto samples =
      period_value(alarm.metric, Statistic::sample_count, alarm.definition.period / parameters_.period, 0);
  return samples.value_or(0) / kUnit;
}

std::optional<std::int64_t> CloudWatch::period_value(MetricId metric, Statistic statistic, std::int64_t length,
                                                     std::int64_t back) const {
  const std::vector<Datapoint>& ring = metrics_[metric.index()].ring;
  const Metric& m = metrics_[metric.index()];
  if (m.source.percentile >= 0 && statistic != Statistic::sample_count) return percentile_value(m, length, back);
  if (!m.times.empty() && (statistic == Statistic::minimum || statistic == Statistic::maximum)) {
    const auto value = times_value(m, statistic, published_ - back - length, published_ - back);
    if (value) return value;
  }
  __int128 sum = 0;
  std::int64_t samples = 0, least = INT64_MAX, most = INT64_MIN;
  for (std::int64_t i = published_ - back - length; i < published_ - back; ++i) {
    if (i < 0) continue;
    const Datapoint& d = ring[static_cast<std::size_t>(i) % ring.size()];
    if (d.samples == 0) continue;
    sum += static_cast<__int128>(d.value) * d.samples;
    samples += d.samples;
    least = std::min(least, d.value);
    most = std::max(most, d.value);
  }
  if (samples == 0) return std::nullopt;
  switch (statistic) {
    case Statistic::average:
      return static_cast<std::int64_t>(sum / samples);
    case Statistic::sum:
      return static_cast<std::int64_t>(sum);
    case Statistic::minimum:
      return least;
    case Statistic::maximum:
      return most;
    case Statistic::sample_count:
      return samples * kUnit;
  }
  return std::nullopt;
}

std::optional<std::int64_t> CloudWatch::latest(AlarmId id) const {
  const WatchedAlarm& alarm = alarms_[id.index()];
  return alarm.owned ? alarm.own_value : newest_value(alarm);
}

std::optional<std::int64_t> CloudWatch::aggregate(AlarmId id, Statistic statistic) const {
  const WatchedAlarm& alarm = alarms_[id.index()];
  if (alarm.owned) return alarm.own_value;
  const std::int64_t n = alarm.definition.evaluation_periods, length = alarm.definition.period / parameters_.period;
  const MetricSource& source = metrics_[alarm.metric.index()].source;
  MetricMath::Series math;
  if (source.name == MetricName::math) math = math_values(source, alarm.definition.period, range_of(n));
  __int128 sum = 0;
  std::int64_t count = 0, least = INT64_MAX, most = INT64_MIN;
  for (std::int64_t j = 0; j < n; ++j) {
    std::optional<std::int64_t> value;
    if (source.name != MetricName::math) {
      value = period_value(alarm.metric, alarm.statistic, length, j * length);
    } else if (const auto& v = math[math.size() - 1 - static_cast<std::size_t>(j)]) {
      value = to_millionths(*v);
    }
    if (!value) continue;
    ++count;
    sum += *value;
    least = std::min(least, *value);
    most = std::max(most, *value);
  }
  if (count == 0) return std::nullopt;
  if (statistic == Statistic::minimum) return least;
  return statistic == Statistic::maximum ? most : static_cast<std::int64_t>(sum / count);
}

/// The usual case in short: none of the last `evaluation_periods` datapoints is missing, so that these decide. None: it
/// is not so, and the whole evaluation range is to be looked at.
std::optional<AlarmState> CloudWatch::state_of_newest(const WatchedAlarm& alarm) const {
  const std::int64_t n = alarm.definition.evaluation_periods;
  const Metric& metric = metrics_[alarm.metric.index()];
  const auto size = static_cast<std::int64_t>(metric.ring.size());
  if (!is_plain(alarm) || metric.source.name == MetricName::math || n > published_ || n > size) return std::nullopt;
  std::int64_t least = INT64_MIN, most = INT64_MAX;  // what breaches lies between these
  const std::int64_t threshold = alarm.definition.threshold;
  switch (alarm.definition.comparison) {
    case AlarmComparison::greater:
      if (threshold == INT64_MAX) return std::nullopt;
      least = threshold + 1;
      break;
    case AlarmComparison::greater_or_equal:
      least = threshold;
      break;
    case AlarmComparison::less:
      if (threshold == INT64_MIN) return std::nullopt;
      most = threshold - 1;
      break;
    case AlarmComparison::less_or_equal:
      most = threshold;
      break;
  }
  const std::int64_t needed = alarm.definition.datapoints_to_alarm.value_or(n);
  // From the newest on, until the others change nothing; where one may be missing, to the end.
  const bool whole = metric.last_missing < published_ - n;
  std::int64_t breaching = 0;
  std::int64_t at = published_ % size;
  for (std::int64_t i = 0; i < n; ++i) {
    at = (at == 0 ? size : at) - 1;
    const Datapoint& d = metric.ring[static_cast<std::size_t>(at)];
    if (d.samples == 0) return std::nullopt;
    breaching += d.value >= least && d.value <= most ? 1 : 0;
    if (whole && (breaching >= needed || breaching + n - 1 - i < needed)) break;
  }
  return breaching >= needed ? AlarmState::alarm : AlarmState::ok;
}

void CloudWatch::evaluate(World& world, WatchedAlarm& alarm) {
  const std::int64_t length = alarm.definition.period / parameters_.period;
  std::optional<AlarmState> next;
  if (length == 1 && is_as_put(alarm.statistic) && !world.is_explained()) next = state_of_newest(alarm);
  if (!next) next = state_of_range(alarm);
  const AlarmState before = enter(world, alarm, next.value_or(alarm.state));
  if (world.is_explained()) tell(world, alarm, before);
}

AlarmState CloudWatch::enter(World& world, WatchedAlarm& alarm, AlarmState next) {
  const AlarmState before = std::exchange(alarm.state, next);
  if (before != next) {
    const std::size_t index = static_cast<std::size_t>(&alarm - alarms_.data());
    changes_.push_back({world.now(), AlarmId{index}, next});
  }
  for (const Subscriber& s : alarm.subscribers) {
    if (s.state == next && (before != next || s.repeat)) world.wake(s.who, world.now(), Phase::controllers, s.payload);
  }
  return before;
}

void CloudWatch::set_state(World& world, AlarmId id, std::optional<std::int64_t> value, std::int64_t breaching,
                           AlarmState state) {
  WatchedAlarm& alarm = alarms_[id.index()];
  PLIMSOLL_ASSERT(alarm.owned);
  alarm.own_value = value;
  const AlarmState before = enter(world, alarm, state);
  if (!world.is_explained()) return;
  AlarmDetail detail;
  detail.alarm = id;
  detail.cloudwatch = this;
  detail.value = value;
  detail.breaching = breaching;
  detail.before = before;
  detail.state = state;
  world.explain(detail);
}

/// What the evaluation range says; none: the state stays.
std::optional<AlarmState> CloudWatch::state_of_range(const WatchedAlarm& alarm) {
  const std::int64_t n = alarm.definition.evaluation_periods, least = alarm.definition.least_samples;
  // A period without any sample is missing data, which has its own rule.
  const std::int64_t samples = least > 0 ? newest_samples(alarm) : 0;
  const bool few = samples > 0 && samples < least;
  const std::int64_t length = alarm.definition.period / parameters_.period;
  points_.clear();
  const auto point = [&alarm](std::int64_t value) {
    return breaches(alarm.definition, value) ? AlarmPoint::breaching : AlarmPoint::ok;
  };
  const std::int64_t range = range_of(n);
  const MetricSource& source = metrics_[alarm.metric.index()].source;
  if (source.name == MetricName::math) {
    for (const auto& value : math_values(source, alarm.definition.period, range))
      points_.push_back(value ? point(to_millionths(*value)) : AlarmPoint::absent);
  } else if (length == 1 && is_as_put(alarm.statistic) && is_plain(alarm)) {
    // Each period is one datapoint, and its statistic the datapoint's value.
    const std::vector<Datapoint>& ring = metrics_[alarm.metric.index()].ring;
    const std::int64_t first = std::max<std::int64_t>(published_ - range, 0);
    points_.resize(static_cast<std::size_t>(range - (published_ - first)), AlarmPoint::absent);
    std::size_t at = static_cast<std::size_t>(first) % ring.size();
    for (std::int64_t i = first; i < published_; ++i) {
      points_.push_back(ring[at].samples == 0 ? AlarmPoint::absent : point(ring[at].value));
      if (++at == ring.size()) at = 0;
    }
  } else {
    for (std::int64_t j = range; j-- > 0;) {
      const auto value = period_value(alarm.metric, alarm.statistic, length, j * length);
      points_.push_back(value ? point(*value) : AlarmPoint::absent);
    }
  }
  if (few) return std::nullopt;
  return evaluate_alarm(points_, n, alarm.definition.datapoints_to_alarm.value_or(n), alarm.definition.treat_missing);
}

void CloudWatch::tell(World& world, const WatchedAlarm& alarm, AlarmState before) const {
  AlarmDetail detail;
  detail.alarm = AlarmId{static_cast<std::size_t>(&alarm - alarms_.data())};
  detail.cloudwatch = this;
  detail.value = newest_value(alarm);
  const auto n = static_cast<std::size_t>(alarm.definition.evaluation_periods);
  detail.breaching = std::count(points_.end() - static_cast<std::ptrdiff_t>(std::min(n, points_.size())), points_.end(),
                                AlarmPoint::breaching);
  detail.before = before;
  detail.state = alarm.state;
  world.explain(detail);
}

}  // namespace plimsoll::aws
