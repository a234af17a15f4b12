#include <algorithm>
#include <utility>

#include "models/ecs/api/documents.h"
#include "models/ecs/api/scaling_rules.h"
#include "models/ecs/foreign_alarms.h"
#include "models/ecs/group_actions.h"
#include "models/ecs/published_metrics.h"
#include "models/ecs/scaling_files.h"
#include "models/ecs/scaling_plan.h"
#include "sim/core/text.h"
#include "sim/document/files.h"
#include "sim/document/loader.h"

namespace plimsoll::ecs {

namespace {

constexpr std::string_view kManagedScaling = "AWS/ECS/ManagedScaling", kReservation = "CapacityProviderReservation";

std::int64_t millionths(double v) { return static_cast<std::int64_t>(v * 1e6 + (v < 0 ? -0.5 : 0.5)); }

/// Percent in millionths, from a share in millionths.
std::int64_t percent_millionths(Ppm share) { return share.raw() * 100; }

class ScalingReader {
 public:
  ScalingReader(document::Fields& column, const Setting& setting, aws::PriceBook& prices, CapacityPlan& capacity)
      : column_(column),
        setting_(setting),
        prices_(prices),
        capacity_(capacity),
        diagnostics_(*column.reader().diagnostics) {
    for (const WorkloadSpec& w : setting.workloads) names_.push_back(w.name);
  }

  ScalingPlan run() {
    const bool fine = !column_.describing() && asks_for_20_s(read_shared_files());
    plan_.cloudwatch.period = column_.choice<Duration>(
        "metricPeriod", {{"60s", seconds(60)}, {"20s", seconds(20)}}, seconds(fine ? 20 : 60),
        fine ? "resolutionSeconds of a service's monitoring" : "Amazon ECS sends metrics to CloudWatch every minute",
        "length of a CloudWatch datapoint of ECS");
    cooldowns_.scale_out_cooldown = cooldown("scaleOutCooldown", "after a scale-out");
    cooldowns_.scale_in_cooldown = cooldown("scaleInCooldown", "after a scale-in");
    plan_.logs = LogPlan::read(column_, setting_, prices_);
    api::Documents own = read_column_files();
    own_ = &own;
    const std::vector<document::Item> alarms =
        column_.list("alarms",
                     "CloudWatch alarms of this column, each with the fields of PutMetricAlarm (Metrics with an "
                     "Expression is metric math) or, with an AlarmRule, of PutCompositeAlarm");
    if (column_.describing()) return plan_;
    for (const document::Item& item : alarms) {
      if (api::detect(item.node) == api::DocumentKind::composite_alarm) {
        api::read_document(item.node, diagnostics_, own);
      } else if (auto alarm = api::read_metric_alarm(item.node, diagnostics_)) {
        own.alarms.push_back(std::move(*alarm));
      }
    }
    api::Documents shared = read_shared_files();
    const std::vector<bool> by_shared = spoken_of(shared);
    // A column's own filter stands above one of the same name among the scenario's files.
    std::vector<api::MetricFilter> filters = own.filters;
    filters.insert(filters.end(), shared.filters.begin(), shared.filters.end());
    plan_.logs.add_files(column_, setting_, prices_, filters);
    leave_out_foreign_alarms(column_, alarm_scope(), {&own, &shared});
    warn_of_missing_policies(column_, {&own, &shared});
    leave_out_other_clusters(column_, names_, shared.services, false, own);
    elsewhere_ = leave_out_other_clusters(column_, names_, shared.services, true, shared);
    for (api::Documents* d : {&own, &shared}) api::keep_last_policies(*d);
    alarms_ = alarms_that_count(own, shared);
    for (const std::string& name : names_) sizes_.push_back(size_in_files(shared, name));
    for (std::size_t app = 0; app < setting_.workloads.size(); ++app) {
      const WorkloadSpec& spec = setting_.workloads[app];
      if (speaks_of(own, spec.name)) {
        add_documents(app, own);
      } else if (!spec.scale_said && by_shared[app]) {
        if (speaks_of(shared, spec.name)) {
          add_documents(app, shared);
        } else {
          keep_size(app);
        }
      } else if (spec.scaled()) {
        add_neutral(app, spec);
      }
    }
    // Alarms that set nothing off cost all the same.
    for (const api::MetricAlarm* a : alarms_) static_cast<void>(alarm_index(*a));
    add_group_alarms();
    add_group_actions(column_, own, shared, capacity_);
    std::vector<std::string> made;
    for (const auto& provider : plan_.managed) {
      for (const char* which : {"AlarmHigh", "AlarmLow"}) made.push_back(provider_alarm(provider.first, which));
    }
    std::vector<std::string_view> names(made.begin(), made.end());
    for (const api::MetricAlarm* a : alarms_) names.push_back(a->name);
    for (const PlannedAlarm& a : plan_.alarms) names.push_back(a.name);
    plan_.composites = plan_composites(column_, own, shared, names);
    for (const PlannedComposite& c : plan_.composites) names.push_back(c.name);
    warn_of_insights();
    prices();
    check_refresh_alarms(column_, capacity_, names);
    return std::move(plan_);
  }

 private:
  api::Documents read_column_files() {
    api::Documents out;
    const auto node = column_.any("scaling", "a file, a pattern with * or a list of them",
                                  "scaling of this column alone: register-scalable-target, put-scaling-policy, "
                                  "put-scheduled-action, put-scheduled-update-group-action, put-metric-alarm, "
                                  "put-metric-filter (JSON of the AWS command line)");
    if (!node || column_.describing()) return out;
    const std::string path = column_.path_of("scaling");
    const auto add = [&](const document::Node& pattern, const std::string& at) {
      for (const std::string& file : document::find_files(pattern, diagnostics_, at)) {
        for (const document::Node& doc : document::load_file(file, diagnostics_))
          api::read_document(doc, diagnostics_, out);
      }
    };
    if (!node->is_sequence()) add(*node, path);
    for (std::size_t i = 0; i < node->size() && node->is_sequence(); ++i) {
      add(node->at(i), document::join_path(path, i));
    }
    return out;
  }

  AlarmScope alarm_scope() const {
    AlarmScope out{names_, {}, [this](const std::string& space, const std::string& name) {
                     const auto named = [&](const CustomMetric& c) { return c.name == name; };
                     return plan_.logs.find(space, name) != nullptr ||
                            std::any_of(setting_.metrics.begin(), setting_.metrics.end(), named);
                   }};
    for (const CapacityProvider& p : capacity_.providers) out.providers.push_back(p.name);
    return out;
  }

  /// Faults of the files under `files` were reported when they were read.
  api::Documents read_shared_files() const {
    api::Documents out;
    document::Diagnostics ignored;
    for (const ScalingDocument& d : setting_.scaling) {
      if (d.side == Side::ecs) api::read_document(d.node, ignored, out);
    }
    return out;
  }

  /// By app. What the scenario took from files of a service is not its scaling without them.
  std::vector<bool> spoken_of(const api::Documents& d) const {
    std::vector<bool> out;
    for (const std::string& name : names_) out.push_back(speaks_of(d, name));
    return out;
  }

  /// A file's own policy says its own.
  Duration cooldown(std::string_view key, const std::string& when) {
    return column_.duration(key, seconds(300), "Application Auto Scaling's default for ECS services",
                            "cooldown of target tracking " + when + ", of applications scaled by `scale`",
                            {Duration{}, hours(24)});
  }

  void add_neutral(std::size_t app, const WorkloadSpec& spec) {
    ServiceScaling s;
    s.app = app;
    const auto track = [&](const std::string& what, PlannedMetric metric, std::int64_t target,
                           aws::Statistic statistic) {
      PlannedTracking t;
      t.config = cooldowns_;
      t.name = spec.name + "-" + what;
      t.metric = std::move(metric);
      t.config.target = target;
      t.config.statistic = statistic;
      s.tracking.push_back(std::move(t));
    };
    using aws::MetricName;
    if (spec.scale_cpu.raw() > 0)
      track("cpu", {MetricName::service_cpu, app, nullptr, {}}, percent_millionths(spec.scale_cpu),
            aws::Statistic::average);
    if (spec.scale_memory.raw() > 0)
      track("memory", {MetricName::service_memory, app, nullptr, {}}, percent_millionths(spec.scale_memory),
            aws::Statistic::average);
    if (spec.scale_requests > 0 && spec.entry) {
      track("requests", {MetricName::request_count_per_target, app, nullptr, {}}, millionths(spec.scale_requests * 60),
            aws::Statistic::sum);
    } else if (spec.scale_requests > 0) {
      auto rate = MetricExpression::parse(spec.name + ".arrived", names_);
      track("requests",
            {MetricName::custom_per_task, app, std::make_shared<const MetricExpression>(std::move(*rate.value)),
             spec.name + " requests per task"},
            millionths(spec.scale_requests), aws::Statistic::average);
    }
    for (const auto& [metric, target] : spec.scale_metrics) {
      track(setting_.metrics[metric].name,
            {MetricName::custom_per_task, app, expression(metric), setting_.metrics[metric].name}, millionths(target),
            aws::Statistic::average);
    }
    for (const ScheduledBounds& b : spec.scale_schedule) {
      aws::ScheduledAction a;
      a.name = b.at;
      auto schedule = aws::schedule_of_crontab(b.at);
      const auto zone = TimeZone::find(b.zone);
      if (!schedule.schedule || !zone) {
        column_.error("", "the schedule '" + b.at + "' of " + spec.name + " cannot be told to Application Auto Scaling",
                      schedule.error);
        continue;
      }
      a.schedule = std::move(*schedule.schedule);
      a.zone = *zone;
      a.minimum = b.minimum;
      a.maximum = b.maximum;
      s.actions.push_back(std::move(a));
    }
    plan_.services.push_back(std::move(s));
  }

  std::shared_ptr<const MetricExpression> expression(std::size_t metric) {
    if (shared_.size() < setting_.metrics.size()) shared_.resize(setting_.metrics.size());
    if (shared_[metric] == nullptr)
      shared_[metric] = std::make_shared<const MetricExpression>(setting_.metrics[metric].expression);
    return shared_[metric];
  }

  std::optional<std::size_t> app_named(const std::string& name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(at - names_.begin());
  }
  std::size_t entry() const {
    for (std::size_t i = 0; i < setting_.workloads.size(); ++i) {
      if (setting_.workloads[i].entry) return i;
    }
    return 0;
  }

  /// What a reference to a CloudWatch metric means here; nothing after an error.
  std::optional<PlannedMetric> resolve(const api::MetricReference& m, const std::string& where) {
    auto out = resolve_metric(m, where);
    const document::Node* cluster = column_.node().find("cluster");
    const std::string of = m.dimension("ClusterName");
    if (out && cluster != nullptr && cluster->is_string() && !of.empty() && of != cluster->text())
      column_.warning("", where + " is about the cluster '" + of + "', and the column's is '" + cluster->text() +
                              "': on AWS its metric has no data");
    if (out) out->percentile = m.percentile;
    return out;
  }

  std::optional<PlannedMetric> resolve_metric(const api::MetricReference& m, const std::string& where) {
    using aws::MetricName;
    const std::string service = m.dimension("ServiceName");
    const auto fail = [&](const std::string& what, const std::string& hint) {
      column_.error("", where + ": " + what, hint);
      return std::nullopt;
    };
    std::optional<std::size_t> app;
    if (!service.empty()) {
      app = app_named(service);
      if (!app) {
        const std::vector<std::string_view> views(names_.begin(), names_.end());
        const std::string near = nearest(service, views);
        return fail("its ServiceName '" + service + "' is no app", near.empty() ? "" : "did you mean '" + near + "'?");
      }
    }
    if (const PublishedMetric* k = published_metric(m.name_space, m.name)) {
      // The balancer in a scenario has one target group: that of the app which requests enter by.
      if (k->name_space.ends_with("ELB")) app = entry();
      if (!app && !k->of_cluster) return fail(m.name + " needs the dimension ServiceName", "");
      if (m.name_space == kContainerInsights && !plan_.logs.container_insights && !plan_.logs.enhanced_insights) {
        if (std::find(without_insights_.begin(), without_insights_.end(), where) == without_insights_.end())
          without_insights_.push_back(where);
        return PlannedMetric{MetricName::pushed, {}, nullptr, m.name};
      }
      return PlannedMetric{app ? k->of_service : *k->of_cluster, app, nullptr, {}};
    }
    if (m.name_space == kManagedScaling && m.name == kReservation) {
      const std::string provider = m.dimension("CapacityProviderName");
      const auto& known = capacity_.providers;
      const bool managed = std::any_of(known.begin(), known.end(), [&](const CapacityProvider& p) {
        return p.asg && p.asg->managed_scaling && (p.name == provider || provider.empty());
      });
      if (!managed)
        return fail("no capacity provider '" + provider + "' of the column has managed scaling",
                    "CapacityProviderReservation is published by these alone");
      return PlannedMetric{
          MetricName::pushed, {}, nullptr, provider_metric(provider.empty() ? known[0].name : provider)};
    }
    // Codes that no request of a run is answered with: as on AWS, a metric without a value has no datapoint.
    for (const char* code : {"HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_ELB_3XX_Count",
                             "HTTPCode_ELB_4XX_Count"}) {
      if (m.name_space != "AWS/ApplicationELB" || m.name != code) continue;
      column_.warning("", where + ": no request of a run is answered so: " + m.name + " has no data");
      return PlannedMetric{MetricName::pushed, {}, nullptr, m.name};
    }
    if (const LogMetric* log = plan_.logs.find(m.name_space, m.name)) return log_metric(*log, m, fail);
    for (std::size_t i = 0; i < setting_.metrics.size(); ++i) {
      if (setting_.metrics[i].name == m.name) return PlannedMetric{MetricName::custom, {}, expression(i), m.name};
    }
    std::vector<std::string_view> views;
    for (const CustomMetric& c : setting_.metrics) views.push_back(c.name);
    const std::string near = nearest(m.name, views), published = nearest(m.name, published_names(m.name_space));
    return fail("nothing publishes the metric " + m.name_space + " " + m.name,
                !near.empty()        ? "did you mean '" + near + "' of metrics:?"
                : !published.empty() ? "did you mean '" + published + "'?"
                                     : "say what it is under metrics: {" + m.name + ": APP.backlog}");
  }

  /// What metric math means here: its result, from which the metrics that it reads hang.
  std::optional<PlannedMetric> resolve(const api::MetricQueries& all, std::size_t query, const std::string& where) {
    const api::MetricQueries::Query& q = all.queries[query];
    if (q.metric) return resolve(*q.metric, where);
    PlannedMetric out{aws::MetricName::math, {}, nullptr, q.text};
    out.math = std::make_shared<const aws::MetricMath>(*q.math);
    for (const std::size_t i : q.operands) {
      auto operand = resolve(all, i, where);
      if (!operand) return std::nullopt;
      const auto& metric = all.queries[i].metric;
      out.operands.emplace_back(std::move(*operand), metric ? metric->statistic : aws::Statistic::average);
    }
    return out;
  }

  /// The sum of a datapoint's matching lines.
  template <class Fail>
  std::optional<PlannedMetric> log_metric(const LogMetric& log, const api::MetricReference& m, const Fail& fail) {
    if (m.statistic != aws::Statistic::sum)
      return fail("the metric " + m.name + " of the log filter " + log.filter + " is known by its sum only",
                  "Statistic: Sum");
    const std::int64_t length = plan_.cloudwatch.period / seconds(1);
    auto sum = MetricExpression::parse("(" + log.per_second + ") * " + std::to_string(length), names_);
    if (!sum) return fail("the log filter " + log.filter + ": " + sum.error, "");
    return PlannedMetric{log.has_default ? aws::MetricName::custom : aws::MetricName::log_metric,
                         {},
                         std::make_shared<const MetricExpression>(std::move(*sum.value)),
                         log.name_space + " " + m.name};
  }

  /// Index in the plan, added when new; nothing when its metric is unknown or its period does not fit.
  std::optional<std::size_t> alarm_index(const api::MetricAlarm& a) {
    for (std::size_t i = 0; i < plan_.alarms.size(); ++i) {
      if (plan_.alarms[i].name == a.name) return i;
    }
    const std::string where = "alarm " + a.name;
    auto metric = a.queries ? resolve(*a.queries, a.queries->result, where) : resolve(a.metric, where);
    if (!metric) return std::nullopt;
    const aws::Statistic statistic = !a.queries ? a.metric.statistic
                                     : a.queries->queries[a.queries->result].metric
                                         ? a.queries->queries[a.queries->result].metric->statistic
                                         : aws::Statistic::average;
    const std::string fault = aws::CloudWatch(plan_.cloudwatch).period_error(a.definition.period);
    if (!fault.empty()) {
      column_.error("", "alarm " + a.name + ": " + fault, "metricPeriod: 20s gives shorter datapoints");
      return std::nullopt;
    }
    plan_.alarms.push_back({a.name, std::move(*metric), a.definition, statistic});
    return plan_.alarms.size() - 1;
  }

  /// What scales the groups of capacity providers: the alarms that a user makes for policies of the group, and the two
  /// that managed scaling makes.
  void add_group_alarms() {
    for (const CapacityProvider& p : capacity_.providers) {
      if (!p.asg) continue;
      if (p.asg->managed_scaling) plan_.managed.emplace_back(p.name, p.asg->scaling.target_capacity);
      for (const ReservationPolicy& policy : p.asg->policies) {
        const bool known = std::any_of(plan_.alarms.begin(), plan_.alarms.end(),
                                       [&](const PlannedAlarm& a) { return a.name == policy.alarm_name; });
        const std::string fault = aws::CloudWatch(plan_.cloudwatch).period_error(policy.alarm.period);
        if (known) {
          column_.error("capacity", "two alarms have the name '" + policy.alarm_name + "'",
                        "give one another alarmName");
        } else if (!fault.empty()) {
          column_.error("capacity", "alarm " + policy.alarm_name + ": " + fault,
                        "metricPeriod: 20s gives shorter ones");
        } else {
          plan_.alarms.push_back(
              {policy.alarm_name, PlannedMetric{policy.metric, {}, nullptr, {}}, policy.alarm, policy.statistic});
        }
      }
    }
  }

  void add_documents(std::size_t app, const api::Documents& d) {
    const std::string& service = names_[app];
    ServiceScaling s;
    s.app = app;
    bool registered = false;
    for (const api::ScalableTarget& t : d.scalable_targets) {
      if (t.service != service) continue;
      registered = true;
      // Bounds that the scenario says stand above those of its files, not above those of the column's.
      const bool said = setting_.workloads[app].bounds_said && &d != own_;
      if (t.minimum && !said) s.minimum = t.minimum;
      if (t.maximum && !said) s.maximum = t.maximum;
      s.suspended = {t.scale_in_suspended, t.scale_out_suspended, t.schedules_suspended};
    }
    for (const api::ScalingPolicy& p : d.scaling_policies) {
      if (p.service != service) continue;
      if (p.target_tracking) add_tracking(p, s);
      if (p.step) add_step(p, s);
      if (p.predictive) add_prediction(p, s);
    }
    for (const api::ScheduledScaling& a : d.scheduled) {
      if (a.service == service) add_action(a, s);
    }
    const WorkloadSpec& spec = setting_.workloads[app];
    if (elsewhere_[app] && !spec.bounds_said) s.desired = sizes_[app];
    if (!registered && spec.minimum == spec.maximum) {
      column_.warning("",
                      "no scalable target is registered for " + service + ": its policies cannot change " +
                          std::to_string(spec.minimum) + " tasks",
                      "add its register-scalable-target");
    }
    plan_.services.push_back(std::move(s));
  }

  /// Of a service whose files scale it in another cluster alone: the size of its own file.
  void keep_size(std::size_t app) {
    if (!elsewhere_[app] || setting_.workloads[app].bounds_said) return;
    ServiceScaling s;
    s.app = app;
    s.desired = s.minimum = s.maximum = sizes_[app].value_or(setting_.workloads[app].replicas);
    plan_.services.push_back(std::move(s));
  }

  void add_tracking(const api::ScalingPolicy& p, ServiceScaling& s) {
    const api::TargetTracking& t = *p.target_tracking;
    PlannedTracking out;
    out.name = p.name;
    out.config.target = millionths(t.target);
    out.config.scale_out_cooldown = t.scale_out_cooldown;
    out.config.scale_in_cooldown = t.scale_in_cooldown;
    out.config.disable_scale_in = t.disable_scale_in;
    switch (t.metric) {
      case api::ScalingMetric::cpu:
        out.metric = {aws::MetricName::service_cpu, s.app, nullptr, {}};
        break;
      case api::ScalingMetric::memory:
        out.metric = {aws::MetricName::service_memory, s.app, nullptr, {}};
        break;
      case api::ScalingMetric::alb_requests_per_target:
        out.metric = {aws::MetricName::request_count_per_target, entry(), nullptr, {}};
        out.config.statistic = aws::Statistic::sum;
        break;
      case api::ScalingMetric::custom: {
        if (t.queries == nullptr && t.custom.name.empty()) return;  // said when it was read
        auto metric = t.queries != nullptr ? resolve(*t.queries, t.queries->result, "policy " + p.name)
                                           : resolve(t.custom, "policy " + p.name);
        if (!metric) return;
        out.metric = std::move(*metric);
        out.config.statistic = t.custom.statistic;
        if (t.queries != nullptr && t.queries->queries[t.queries->result].metric)
          out.config.statistic = t.queries->queries[t.queries->result].metric->statistic;
        break;
      }
    }
    s.tracking.push_back(std::move(out));
  }

  void add_step(const api::ScalingPolicy& p, ServiceScaling& s) {
    PlannedStep out;
    out.config.name = p.name;
    out.config.cooldown = p.step->cooldown;
    out.config.rule.type = static_cast<aws::AdjustmentType>(p.step->type);
    out.config.aggregation = p.step->aggregation == api::MetricAggregation::minimum   ? aws::Statistic::minimum
                             : p.step->aggregation == api::MetricAggregation::maximum ? aws::Statistic::maximum
                                                                                      : aws::Statistic::average;
    if (p.step->minimum_magnitude > 0) out.config.rule.minimum_magnitude = p.step->minimum_magnitude;
    for (const api::StepAdjustment& a : p.step->steps) {
      aws::StepAdjustment step;
      if (a.lower) step.lower = millionths(*a.lower);
      if (a.upper) step.upper = millionths(*a.upper);
      step.adjustment = a.adjustment;
      out.config.rule.steps.push_back(step);
    }
    if (!step_policy_error(out.config.rule).empty()) return;  // said when it was read
    bool set_off = false;
    for (const api::MetricAlarm* a : alarms_) {
      const std::pair<aws::AlarmState, const std::vector<std::string>*> lists[] = {
          {aws::AlarmState::alarm, &a->actions},
          {aws::AlarmState::ok, &a->ok_actions},
          {aws::AlarmState::insufficient_data, &a->insufficient_data_actions}};
      for (const auto& [state, actions] : lists) {
        const bool acts = std::any_of(actions->begin(), actions->end(), [&](const std::string& action) {
          return api::MetricAlarm::policy_name(action) == p.name;
        });
        if (!acts) continue;
        set_off = true;
        if (const auto index = alarm_index(*a)) {
          out.alarm = *index;
          out.config.on = state;
          s.steps.push_back(out);
        }
      }
    }
    if (!set_off) {
      column_.warning("", "no alarm sets off the step scaling policy " + p.name,
                      "add a put-metric-alarm with AlarmActions or OKActions ...:policyName/" + p.name);
    }
  }

  void add_prediction(const api::ScalingPolicy& p, ServiceScaling& s) {
    const api::PredictiveScaling& q = *p.predictive;
    PlannedPrediction out;
    if (q.load != nullptr && q.scaling != nullptr) {
      out.load = aws::PredictiveLoad::customized;
      for (const auto* queries : {&q.load, &q.scaling, &q.capacity}) {
        if (*queries == nullptr) continue;
        const api::MetricQueries& all = **queries;
        auto metric = resolve(all, all.result, "policy " + p.name);
        if (!metric) return;
        const auto& said = all.queries[all.result].metric;
        out.metrics.emplace_back(std::move(*metric), said ? said->statistic : aws::Statistic::average);
      }
    } else {
      out.load = q.metric == api::ScalingMetric::cpu      ? aws::PredictiveLoad::cpu
                 : q.metric == api::ScalingMetric::memory ? aws::PredictiveLoad::memory
                                                          : aws::PredictiveLoad::requests;
    }
    out.policy.target = millionths(q.target);
    if (out.policy.target <= 0) return;
    using Mode = aws::PredictivePolicy::Mode;
    out.policy.mode = q.scale ? Mode::forecast_and_scale : Mode::forecast_only;
    out.policy.buffer = std::min(q.buffer, hours(1));
    out.policy.increase_maximum = q.increase_maximum;
    out.policy.maximum_buffer = q.maximum_buffer;
    s.predictions.push_back(out);
  }

  void add_action(const api::ScheduledScaling& a, ServiceScaling& s) {
    aws::ScheduledAction out;
    out.name = a.name;
    auto schedule = aws::parse_schedule(a.schedule);
    const auto zone = TimeZone::find(a.time_zone);
    if (!schedule.schedule) column_.error("", "scheduled action " + a.name + ": " + schedule.error);
    if (!zone) {
      const std::string near = nearest_time_zone(a.time_zone);
      column_.error("", "scheduled action " + a.name + ": unknown time zone '" + a.time_zone + "'",
                    near.empty() ? "" : "did you mean '" + near + "'?");
    }
    if (!schedule.schedule || !zone) return;
    out.schedule = std::move(*schedule.schedule);
    out.zone = *zone;
    out.minimum = a.minimum;
    out.maximum = a.maximum;
    out.begins = a.begins;
    out.ends = a.ends;
    s.actions.push_back(std::move(out));
  }

  /// Metrics of a cluster whose Container Insights are disabled have no data: their alarms go by TreatMissingData.
  /// SOURCE: ECS developer guide, "Monitor Amazon ECS containers using Container Insights" (collected from when it is
  /// enabled for the cluster; disabled by default).
  void warn_of_insights() {
    std::string all;
    for (const std::string& what : without_insights_) all += (all.empty() ? "" : ", ") + what;
    if (!all.empty())
      column_.warning("",
                      "containerInsights is disabled, so the metrics of " + std::string(kContainerInsights) +
                          " have no data for " + all,
                      "containerInsights: enabled publishes them, for their price");
  }

  void prices() {
    if (plan_.high_resolution_alarms() > 0)
      plan_.high_resolution_month = prices_.service(column_, "cloudwatch", "alarm_high_resolution");
    if (plan_.custom_metrics() > 0)
      plan_.custom_metric_month = prices_.service(column_, "cloudwatch", "custom_metric_first_10k");
    if (!plan_.composites.empty()) plan_.composite_month = prices_.service(column_, "cloudwatch", "alarm_composite");
  }

  document::Fields& column_;
  const Setting& setting_;
  aws::PriceBook& prices_;
  CapacityPlan& capacity_;
  document::Diagnostics& diagnostics_;
  const api::Documents* own_ = nullptr;
  std::vector<const api::MetricAlarm*> alarms_;  // those that count
  // By app: whether its bounds come from files of another cluster, and the desiredCount of its own file.
  std::vector<bool> elsewhere_;
  std::vector<std::optional<std::int64_t>> sizes_;
  std::vector<std::string> names_;
  std::vector<std::string> without_insights_;  ///< what watches a metric that Container Insights would publish
  aws::TrackingConfig cooldowns_;              ///< of the policies that stand for `scale` blocks
  std::vector<std::shared_ptr<const MetricExpression>> shared_;
  ScalingPlan plan_;
};

}  // namespace

ScalingPlan read_scaling(document::Fields& column, const Setting& setting, aws::PriceBook& prices,
                         CapacityPlan& capacity) {
  return ScalingReader(column, setting, prices, capacity).run();
}

}  // namespace plimsoll::ecs
