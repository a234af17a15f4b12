#include "models/ecs/event_files.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "sim/core/text.h"

namespace plimsoll::ecs {

namespace {

std::optional<std::size_t> job_of(const document::Fields& column, const std::vector<JobSpec>& jobs,
                                  const std::string& who, const api::EventTarget& target) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].name == target.family) return i;
    names.push_back(jobs[i].name);
  }
  const std::string near = nearest(target.family, names);
  column.reader().diagnostics->warning(
      target.node,
      who + " runs the task definition '" + target.family + "', which is no entry of 'jobs': it is left out",
      near.empty() ? "add jobs: {" + target.family + ": {work: 5min}}" : "is it the job '" + near + "'?");
  return std::nullopt;
}

std::optional<std::size_t> app_of(const document::Fields& column, const std::vector<WorkloadSpec>& apps,
                                  const std::string& who, const api::EventTarget& target) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    if (apps[i].name == target.service) return i;
    names.push_back(apps[i].name);
  }
  const std::string near = nearest(target.service, names);
  column.reader().diagnostics->warning(
      target.node, who + " updates the service '" + target.service + "', which is no app: it is left out",
      near.empty() ? "" : "is it the app '" + near + "'?");
  return std::nullopt;
}

/// A function of which nothing is known but that it is called.
RuleTarget function_call() {
  RuleTarget target;
  target.kind = RuleTarget::Kind::invoke;
  target.lambda = true;
  target.lambda_duration = milliseconds(300);  // as a target of the column has it
  return target;
}

/// A target that runs no task; said once. `function`: what becomes of a function.
void left_out(const document::Fields& column, const std::string& rule, const api::EventTarget& target,
              const char* function) {
  if (target.function()) {
    column.reader().diagnostics->warning(
        target.node, "rule '" + rule + "' calls a function, and no file tells what it does: " + function,
        "say it in the column: eventRules: {" + rule + ": {eventPattern: ..., targets: [{scaleService: ...}]}}");
  } else {
    column.reader().diagnostics->warning(
        target.node, "rule '" + rule + "' sends to " + target.arn + ", which is no part of a column: it is left out");
  }
}

}  // namespace

EventFiles EventFiles::read(const Setting& setting) {
  EventFiles out;
  document::Diagnostics ignored;
  for (const ScalingDocument& d : setting.scaling) {
    if (d.side == Side::ecs && api::detect_event(d.node) != api::EventDocumentKind::none)
      api::read_event_document(d.node, ignored, out.documents_);
  }
  return out;
}

std::vector<const api::EventTarget*> EventFiles::targets_of(const std::string& rule) const {
  std::vector<const api::EventTarget*> out;
  for (const api::PutTargets& p : documents_.targets) {
    if (p.rule != rule) continue;
    for (const api::EventTarget& t : p.targets) out.push_back(&t);
  }
  return out;
}

std::pair<std::string, std::string> EventFiles::account_and_cluster() const {
  // arn:aws:ecs:REGION:ACCOUNT:cluster/NAME
  const auto parts = [](const std::string& arn) -> std::optional<std::pair<std::string, std::string>> {
    const auto name = arn.find(":cluster/");
    if (!arn.starts_with("arn:") || name == std::string::npos) return std::nullopt;
    const auto account = arn.rfind(':', name - 1);
    if (account == std::string::npos || name + 9 >= arn.size()) return std::nullopt;
    return std::pair(arn.substr(account + 1, name - account - 1), arn.substr(name + 9));
  };
  for (const api::PutRule& r : documents_.rules) {
    const document::Node* detail = r.pattern_node.find("detail");
    const document::Node* arns = detail != nullptr ? detail->find("clusterArn") : nullptr;
    for (std::size_t i = 0; arns != nullptr && i < arns->size(); ++i) {
      if (const auto found = parts(arns->at(i).text())) return *found;
    }
  }
  for (const api::PutTargets& p : documents_.targets) {
    for (const api::EventTarget& t : p.targets) {
      if (const auto found = parts(t.arn)) return *found;
    }
  }
  for (const api::CreateSchedule& s : documents_.schedules) {
    if (const auto found = parts(s.target.arn)) return *found;
  }
  return {};
}

void EventFiles::add_schedules(const document::Fields& column, const std::vector<JobSpec>& jobs,
                               std::vector<RunSchedule>& out, const std::vector<WorkloadSpec>& apps) const {
  const std::size_t said = out.size();
  const auto add = [&](const std::string& name, const aws::Schedule& when, const TimeZone& zone, Duration window,
                       const std::string& who, const api::EventTarget& target, bool rule) {
    const auto last = out.begin() + static_cast<std::ptrdiff_t>(said);
    if (std::any_of(out.begin(), last, [&](const RunSchedule& s) { return s.name == name; })) return;
    RunSchedule s;
    s.name = name;
    if (!target.service.empty()) {
      if (!target.desired) return;  // which has been said
      const auto app = app_of(column, apps, who, target);
      if (!app) return;
      s.update = ServiceUpdate{WorkloadId{*app}, *target.desired};
    } else if (target.family.empty()) {
      left_out(column, name, target, "it is left out");
      return;
    } else {
      const auto job = job_of(column, jobs, who, target);
      if (!job) return;
      s.job = *job;
    }
    s.when = when;
    s.zone = zone;
    s.window = window;
    s.count = target.count;
    s.rule = rule;
    out.push_back(std::move(s));
  };
  for (const api::CreateSchedule& s : documents_.schedules) {
    if (s.enabled && s.schedule)
      add(s.name, *s.schedule, s.zone, s.window, "schedule '" + s.name + "'", s.target, false);
  }
  for (const api::PutRule& r : documents_.rules) {
    if (!r.enabled || !r.schedule) continue;
    for (const api::EventTarget* t : targets_of(r.name))
      add(r.name, *r.schedule, *TimeZone::find("UTC"), Duration{}, "rule '" + r.name + "'", *t, true);
  }
}

void EventFiles::add_rules(const document::Fields& column, const std::vector<JobSpec>& jobs, const EventOrigin& origin,
                           const std::function<bool(const std::string&)>& said,
                           const std::function<void(EventRule, std::vector<RuleTarget>)>& add) const {
  for (const api::PutRule& r : documents_.rules) {
    if (said(r.name)) continue;
    const auto wanted = targets_of(r.name);
    if (wanted.empty())
      column.reader().diagnostics->warning(
          r.node, "rule '" + r.name + "' has no targets among the files: it does nothing", "add its put-targets");
    if (!r.enabled || !r.pattern) continue;
    check_event_pattern(r.pattern_node, origin, *column.reader().diagnostics, "EventPattern");
    std::vector<RuleTarget> targets;
    for (const api::EventTarget* t : wanted) {
      if (t->family.empty()) {
        left_out(column, r.name, *t, "it is called and paid, and does nothing");
        if (t->function()) targets.push_back(function_call());
        continue;
      }
      const auto job = job_of(column, jobs, "rule '" + r.name + "'", *t);
      if (!job) continue;
      RuleTarget target;
      target.kind = RuleTarget::Kind::run_task;
      target.job = *job;
      target.count = t->count;
      targets.push_back(target);
    }
    if (targets.empty()) continue;
    EventRule rule;
    rule.name = r.name;
    rule.pattern = *r.pattern;
    add(std::move(rule), std::move(targets));
  }
  for (const api::PutTargets& p : documents_.targets) {
    const bool known = said(p.rule) || std::any_of(documents_.rules.begin(), documents_.rules.end(),
                                                   [&](const api::PutRule& r) { return r.name == p.rule; });
    if (!known)
      column.reader().diagnostics->warning(
          p.node, "no rule '" + p.rule + "' is among the files: its targets do nothing", "add its put-rule");
  }
}

}  // namespace plimsoll::ecs
