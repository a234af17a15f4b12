#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/cloudwatch/alarm.h"
#include "models/aws/cloudwatch/metric_math.h"
#include "sim/cluster/world.h"
#include "sim/policy/metric_expression.h"
#include "sim/policy/workload_reading.h"

namespace plimsoll::aws {

using MetricId = Id<struct CloudWatchMetricTag>;
using AlarmId = Id<struct CloudWatchAlarmTag>;

/// What CloudWatch can be asked for. Percentages and counts are in millionths (60 % is 60,000,000).
/// SOURCE: Amazon ECS developer guide, "Amazon ECS CloudWatch metrics" and "Container Insights metrics"; Elastic Load
/// Balancing user guide, "CloudWatch metrics for your Application Load Balancer".
enum class MetricName : std::uint8_t {
  service_cpu,                 ///< AWS/ECS CPUUtilization of a service: used / (size x running tasks)
  service_memory,              ///< AWS/ECS MemoryUtilization of a service
  cluster_cpu,                 ///< AWS/ECS CPUUtilization of a cluster: used / registered, tasks on EC2
  cluster_memory,              ///< AWS/ECS MemoryUtilization of a cluster
  cluster_cpu_reservation,     ///< AWS/ECS CPUReservation: reserved by running tasks / registered
  cluster_memory_reservation,  ///< AWS/ECS MemoryReservation
  cluster_gpu_reservation,     ///< AWS/ECS GPUReservation; no datapoint where no instance has a GPU
  request_count,               ///< AWS/ApplicationELB RequestCount, a period; no datapoint without a request
  request_count_per_target,    ///< AWS/ApplicationELB RequestCountPerTarget, a period
  running_tasks,               ///< ECS/ContainerInsights RunningTaskCount; like the next only while tasks run
  pending_tasks,               ///< PendingTaskCount
  desired_tasks,               ///< DesiredTaskCount
  cpu_utilized,                ///< CpuUtilized of a service, CPU units
  cpu_reserved,                ///< CpuReserved
  memory_utilized,             ///< MemoryUtilized, MiB
  memory_reserved,             ///< MemoryReserved
  custom,                      ///< PutMetricData of an expression over the scenario's applications
  custom_per_task,             ///< the same divided by the running tasks of `workload`
  pushed,                      ///< put() by another component
  log_metric,                  ///< an expression like custom, of a log filter: no datapoint of a period without lines
  target_5xx_count,            ///< AWS/ApplicationELB HTTPCode_Target_5XX_Count, a period: answered with an error
  elb_5xx_count,               ///< AWS/ApplicationELB HTTPCode_ELB_5XX_Count, a period: lost on the way
  target_2xx_count,            ///< AWS/ApplicationELB HTTPCode_Target_2XX_Count, a period: answered without an error
  healthy_hosts,               ///< HealthyHostCount of both balancers: targets in traffic
  unhealthy_hosts,             ///< UnHealthyHostCount: targets whose checks have failed, or whose host is dead
  target_response_time,        ///< AWS/ApplicationELB TargetResponseTime, seconds: calls that a target makes included
  math,                        ///< metric math over other metrics
  alarm_rule,                  ///< of a composite alarm: no metric, the label is its rule
};

enum class Statistic : std::uint8_t { average, sum, minimum, maximum, sample_count };

/// A metric that metric math reads, by the statistic of its MetricStat.
struct MathInput {
  MetricId metric;
  Statistic statistic = Statistic::average;
  friend bool operator==(const MathInput&, const MathInput&) = default;
};

struct MetricSource {
  MetricName name = MetricName::service_cpu;
  WorkloadId workload;                                   ///< of service and target metrics
  std::shared_ptr<const MetricExpression> expression{};  ///< of custom metrics
  std::vector<WorkloadId> apps{};                        ///< what the expression's indices stand for
  std::string label{};                                   ///< tells pushed metrics apart; name in reports
  std::shared_ptr<const MetricMath> math_of{};           ///< of metric math, whose text is the label
  std::vector<MathInput> inputs{};                       ///< what its ids stand for
  std::int64_t percentile = -1;                          ///< ExtendedStatistic pN, in millionths of 1; -1: none
};

struct CloudWatchParameters {
  /// Length of a datapoint: 60 s, or 20 s where a service publishes more often.
  Duration period = seconds(60);
  /// A datapoint can be read so long after its period ended. Not documented; 1 to 3 min end to end is reported, of
  /// which the period itself is a part.
  Duration publication_delay = seconds(60);
  /// Periods that an alarm looks at beyond EvaluationPeriods. The guide gives one example (5 for N = 3) and no rule.
  std::int64_t extra_periods = 2;
};

class CloudWatch;

/// One evaluation of an alarm.
struct AlarmDetail : Detail {
  AlarmId alarm;
  const CloudWatch* cloudwatch = nullptr;
  std::optional<std::int64_t> value;  ///< of the newest published period
  std::int64_t breaching = 0;         ///< of the newest N periods
  AlarmState before{}, state{};
};

/// Amazon CloudWatch: datapoints of every metric that an alarm or a policy watches, on the minutes of the wall clock,
/// readable after the publication delay; alarms over sliding windows of them; and who is told.
///
/// TargetResponseTime is that of all requests of the period, from the histogram that the load keeps (end to end, as the
/// balancer sees it; merged over the datapoints of a period). Percentiles of another metric go by nearest rank over its
/// datapoints, each as often as it has samples.
///
/// An alarm is evaluated each minute (with periods below a minute: at each publication) on the newest published
/// periods. Metric math is reckoned for the whole range that the alarm looks at, of the periods of its metrics. Who
/// asked for it is woken when the state changes, or, as Auto Scaling actions are, each minute while it stays in ALARM.
/// A period longer than a datapoint takes the datapoints that it covers: the average is weighted by samples. Alarms of
/// managed scaling are evaluated by it, as its metric has a delay of its own; here they have their state.
///
/// Composite alarms are evaluated beside it (composite_alarms.h) and have their state here.
///
/// Left out: trimmed and winsorised means, anomaly detection.
class CloudWatch : public ComponentOf<CloudWatch> {
 public:
  explicit CloudWatch(CloudWatchParameters parameters) : parameters_(parameters) {}

  /// The id of the metric with this source, made when new.
  MetricId metric(MetricSource source);
  /// @pre alarm_error(definition) is empty, and its period is a multiple of the datapoints' (`period_error`).
  AlarmId add_alarm(std::string name, MetricId metric, const AlarmDefinition& definition, Statistic statistic);
  /// An alarm that its owner evaluates, by `set_state`, on datapoints which are published at another time.
  AlarmId add_owned_alarm(std::string name, MetricId metric, const AlarmDefinition& definition);
  /// Why an alarm of this period cannot be evaluated here; empty when it can.
  std::string period_error(Duration period) const;

  /// Wakes `who` in phase `controllers` with `payload` when the alarm enters `state`; `repeat`: and then each minute.
  void notify(AlarmId alarm, AlarmState state, HandlerId who, std::uint64_t payload, bool repeat);
  /// What came of an evaluation by the owner: the newest datapoint, how many of the newest N breach, and the state.
  /// @pre the alarm is an owned one.
  void set_state(World& world, AlarmId alarm, std::optional<std::int64_t> value, std::int64_t breaching,
                 AlarmState state);
  /// PutMetricData: value of the datapoint that `now` lies in; the last of several counts.
  void put(MetricId metric, std::int64_t value);

  /// Has `value_over` of the metric for periods up to this long, whether or not an alarm watches it.
  void keep_for(MetricId metric, Duration period);
  /// Of the newest published datapoints of this length together; none without data. @pre keep_for(metric, >= period).
  std::optional<std::int64_t> value_over(MetricId metric, Statistic statistic, Duration period) const;
  /// Measures whether or not there is an alarm, from time zero on. To be called at the start of the run.
  void measure_always(World& world);

  AlarmState state(AlarmId alarm) const { return alarms_[alarm.index()].state; }
  const AlarmDefinition& definition(AlarmId alarm) const { return alarms_[alarm.index()].definition; }
  const std::string& name(AlarmId alarm) const { return alarms_[alarm.index()].name; }
  const MetricSource& source(AlarmId alarm) const { return metrics_[alarms_[alarm.index()].metric.index()].source; }
  Duration publication_delay() const { return parameters_.publication_delay; }
  /// The newest published period of the alarm, none when it has no data; of an owned one what its owner told last.
  std::optional<std::int64_t> latest(AlarmId alarm) const;
  /// Average, minimum or maximum of the newest N published periods of the alarm, N being its EvaluationPeriods, by the
  /// statistic that the alarm goes by; missing ones are left out, none when all are.
  std::optional<std::int64_t> aggregate(AlarmId alarm, Statistic statistic) const;
  std::size_t alarm_count() const { return alarms_.size(); }
  /// By its name; none when there is no such alarm.
  AlarmId find_alarm(std::string_view name) const;

  /// One change of an alarm's state.
  struct Change {
    Time at{};
    AlarmId alarm;
    AlarmState state{};
  };
  const std::vector<Change>& changes() const { return changes_; }

  void start(World& world) override;
  void handle(World& world, const Event& event) override;

 private:
  enum : std::uint64_t { kMeasure = 0, kPublish = 1 };
  struct Datapoint {
    std::int64_t value = 0;
    std::int64_t samples = 0;  ///< 0: missing
  };
  struct Metric {
    MetricSource source;
    std::vector<Datapoint> ring;            ///< by number of the datapoint
    std::vector<LogLinearHistogram> times;  ///< likewise, of response times
    Datapoint put;                          ///< of the running period
    std::int64_t last_missing = -1;         ///< number of the newest datapoint that is missing; -1: none
  };
  struct Subscriber {
    AlarmState state{};
    HandlerId who;
    std::uint64_t payload = 0;
    bool repeat = false;
  };
  struct WatchedAlarm {
    std::string name;
    MetricId metric;
    AlarmDefinition definition;
    Statistic statistic = Statistic::average;
    AlarmState state = AlarmState::insufficient_data;
    std::vector<Subscriber> subscribers;
    bool owned = false;
    std::optional<std::int64_t> own_value;  ///< the newest datapoint, of an owned one
  };

  std::int64_t range_of(std::int64_t n) const { return n + parameters_.extra_periods; }
  void measure_all(World& world);
  Datapoint measure_one(const World& world, const Metric& metric) const;
  std::int64_t newest_samples(const WatchedAlarm& alarm) const;
  /// Whether the datapoints' values alone decide, as those of most alarms do.
  bool is_plain(const WatchedAlarm& alarm) const;
  std::optional<std::int64_t> percentile_value(const Metric& metric, std::int64_t length, std::int64_t back) const;
  /// A statistic of response times, of several datapoints together.
  std::optional<std::int64_t> times_value(const Metric& metric, Statistic statistic, std::int64_t first,
                                          std::int64_t end) const;
  Datapoint measure_cluster(const World& world, MetricName name) const;
  void keep(MetricId metric, std::int64_t datapoints);
  void evaluate(World& world, WatchedAlarm& alarm);
  std::optional<AlarmState> state_of_newest(const WatchedAlarm& alarm) const;
  std::optional<AlarmState> state_of_range(const WatchedAlarm& alarm);
  /// Enters a state, the same or another, and wakes who has asked for it; the state before.
  AlarmState enter(World& world, WatchedAlarm& alarm, AlarmState next);
  void tell(World& world, const WatchedAlarm& alarm, AlarmState before) const;
  /// Of the newest published period.
  std::optional<std::int64_t> newest_value(const WatchedAlarm& alarm) const;
  /// Of the period of `length` datapoints that ends `back` datapoints before the newest published one.
  std::optional<std::int64_t> period_value(MetricId metric, Statistic statistic, std::int64_t length,
                                           std::int64_t back) const;
  /// Of the newest `periods` periods of metric math, oldest first.
  MetricMath::Series math_values(const MetricSource& source, Duration period, std::int64_t periods) const;

  CloudWatchParameters parameters_;
  std::vector<Metric> metrics_;
  std::vector<WatchedAlarm> alarms_;
  std::vector<Change> changes_;
  std::vector<WorkloadReading> before_, now_;  ///< by workload
  std::vector<AlarmPoint> points_;
  LogLinearHistogram times_;                   ///< of the running period
  std::int64_t measured_ = 0, published_ = 0;  ///< datapoints so far
};

}  // namespace plimsoll::aws
