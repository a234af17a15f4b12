#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "models/kubernetes/workloads/cronjob.h"
#include "models/kubernetes/workloads/deployment.h"
#include "models/kubernetes/workloads/job.h"
#include "models/kubernetes/workloads/replicaset_victims.h"
#include "tests/conformance/kubernetes_topics.h"

namespace plimsoll::conformance {

using namespace plimsoll::kubernetes;

namespace {

IntOrPercent int_or_percent(const Json& v) {
  if (v.is_number()) return {v.get<std::int64_t>(), false};
  return {std::stoll(v.get<std::string>()), true};
}

Json deployment_fenceposts(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion, const Json&) {
    const Fenceposts f = resolve_fenceposts(int_or_percent(in.at("max_surge")),
                                            int_or_percent(in.at("max_unavailable")), in.at("desired"));
    return Json{{"surge", f.surge}, {"unavailable", f.unavailable}};
  });
}

Json deployment_rolling_step(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion, const Json&) {
    std::vector<Json> sets =
        in.contains("old") && in.at("old").is_array() ? in.at("old").get<std::vector<Json>>() : std::vector<Json>{};
    std::stable_sort(sets.begin(), sets.end(), [](const Json& a, const Json& b) {
      return a.at("age_rank").get<int>() > b.at("age_rank").get<int>();
    });
    std::vector<ReplicaSetSize> old;
    for (const Json& rs : sets) old.push_back({rs.at("replicas"), rs.at("available")});
    const ReplicaSetSize fresh{in.at("new").at("replicas"), in.at("new").at("available")};
    const IntOrPercent surge = int_or_percent(in.at("max_surge")),
                       unavailable = int_or_percent(in.at("max_unavailable"));
    const RollingStep step = rolling_step(in.at("replicas"), surge, unavailable, fresh, old);
    const Fenceposts posts = resolve_fenceposts(surge, unavailable, in.at("replicas"));
    Json sizes = Json::object();
    for (std::size_t i = 0; i < sets.size(); ++i) sizes[sets[i].at("name").get<std::string>()] = step.old[i];
    return Json{{"new", step.fresh},           {"old", sizes},
                {"scaled_up", step.scaled_up}, {"scaled_down", step.scaled_down},
                {"surge", posts.surge},        {"unavailable", posts.unavailable}};
  });
}

Json replicaset_victims(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::v1_26, [&](KubernetesVersion version, const Json&) {
    const auto at = [](const Json& v) { return Time{seconds(v.get<std::int64_t>())}; };
    std::map<std::string, int> nodes;
    std::map<std::string, std::int64_t> active;
    for (const Json& p : in.at("pods")) {
      nodes.try_emplace(p.at("node"), static_cast<int>(nodes.size()));
      ++active[p.at("node")];
    }
    std::vector<DeletionCandidate> pods;
    std::vector<std::string> names, uids;
    uids.reserve(in.at("pods").size());
    for (const Json& p : in.at("pods")) {
      if (p.value("related_only", false)) continue;
      DeletionCandidate c;
      const std::string node = p.at("node"), phase = p.at("phase");
      if (!node.empty()) c.node = NodeId{nodes.at(node)};
      c.phase = phase == "Pending" ? PodPhase::pending : phase == "Unknown" ? PodPhase::unknown : PodPhase::running;
      c.ready = p.at("ready");
      if (p.contains("ready_since")) c.ready_since = at(p.at("ready_since"));
      c.related = active.at(node);
      c.restarts = p.at("restarts");
      c.created = at(p.at("created"));
      uids.push_back(p.at("uid"));
      c.uid = uids.back();
      names.push_back(p.at("name"));
      pods.push_back(c);
    }
    const auto order = deletion_order(pods, at(in.at("now")), version);
    const auto wanted = in.at("delete").get<std::size_t>();
    Json all = Json::array(), gone = Json::array();
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i + 1 < order.size()) all.push_back(names[order[i]]);
      if (i < wanted) gone.push_back(names[order[i]]);
    }
    return Json{{"order", all}, {"delete", gone}};
  });
}

Json job_backoff_topic(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    return Json{{"backoff_s", job_backoff(in.at("requeues"), version) / seconds(1)}};
  });
}

Json job_sync(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion, const Json&) {
    JobSpec spec;
    spec.parallelism = in.at("parallelism");
    spec.completions.reset();
    if (in.at("completions").get<std::int64_t>() >= 0) spec.completions = in.at("completions").get<std::int64_t>();
    spec.backoff_limit = in.at("backoff_limit");
    JobObserved seen;
    seen.deleting = in.at("deleting");
    seen.active = in.at("pending").get<std::int64_t>() + in.at("active").get<std::int64_t>();
    seen.succeeded = in.at("succeeded");
    seen.failed = in.at("failed");
    JobActions a = sync_job(spec, seen);
    if (const std::int64_t limit = in.at("create_limit"); limit > 0) {
      const std::int64_t made = slow_start_creations(a.creations, limit);
      a.active -= a.creations - made;
      a.creations = made;
    }
    return Json{{"creations", a.creations},
                {"deletions", a.deletions},
                {"active", a.active},
                {"succeeded", a.succeeded},
                {"failed", a.failed}};
  });
}

std::int64_t unix_seconds(const std::string& text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%dZ", &y, &mo, &d, &h, &mi, &s) != 6)
    throw Unsupported("instant " + text);
  using namespace std::chrono;
  const sys_days date = year{y} / month{static_cast<unsigned>(mo)} / day{static_cast<unsigned>(d)};
  return static_cast<std::int64_t>(date.time_since_epoch().count()) * 86'400 + h * 3'600 + mi * 60 + s;
}

std::string instant_text(std::int64_t at) {
  using namespace std::chrono;
  const std::int64_t days_since = div_floor(at, 86'400), rest = at - days_since * 86'400;
  const year_month_day date{sys_days{days{days_since}}};
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(rest / 3'600),
                static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return text;
}

Json cronjob_schedule(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    const auto schedule = CronSchedule::parse(in.at("schedule").get<std::string>(), version);
    if (!schedule) return Json{{"error", schedule.error}};
    Json next = Json::array();
    std::optional<std::int64_t> at = unix_seconds(in.at("after"));
    bool never = false;
    for (int i = 0; i < 8; ++i) {
      at = schedule.value->next(*at);
      if (!at) {
        never = true;
        break;
      }
      next.push_back(instant_text(*at));
    }
    Json out{{"next", next}};
    if (never) out["never"] = true;
    return out;
  });
}

/// A schedule that never comes has no times, whether they are told as none, null or an empty list; and what counts of a
/// refused schedule is that it is refused, not the wording.
bool same_schedule(const Json& expected, const Json& actual) {
  const auto unify = [](Json answers) {
    for (auto& [version, answer] : answers.items()) {
      if (!answer.is_object()) continue;
      if (answer.contains("error") && answer.at("error").is_string()) answer["error"] = "refused";
      if (answer.contains("never") && answer.value("next", Json()).is_null()) answer["next"] = Json::array();
    }
    return answers;
  };
  return expected.is_object() && equal_within(unify(expected), unify(actual));
}

Json cronjob_sync(const Json& in, const Json& expected) {
  return by_version(expected, KubernetesVersion::current, [&](KubernetesVersion version, const Json&) {
    const auto schedule = CronSchedule::parse(in.at("schedule").get<std::string>(), version);
    if (!schedule) return Json{{"error", schedule.error}};
    const std::string policy = in.at("concurrency_policy");
    CronJobSpec spec{*schedule.value,
                     policy == "Forbid"    ? ConcurrencyPolicy::forbid
                     : policy == "Replace" ? ConcurrencyPolicy::replace
                                           : ConcurrencyPolicy::allow,
                     in.value("suspend", false),
                     {}};
    if (in.contains("starting_deadline_s")) spec.starting_deadline_s = in.at("starting_deadline_s").get<std::int64_t>();
    CronJobObserved seen;
    seen.created = unix_seconds(in.at("created"));
    if (in.contains("last_schedule")) seen.last_schedule = unix_seconds(in.at("last_schedule"));
    seen.active = in.value("active", std::int64_t{0});
    const CronJobActions a = sync_cronjob(spec, seen, unix_seconds(in.at("now")), version);
    const UnmetStarts unmet = unmet_starts(spec, seen, unix_seconds(in.at("now")), version);
    Json out{{"unmet_count", unmet.count},
             {"created", a.start ? 1 : 0},
             {"deleted", a.deletions},
             {"active_after", seen.active - a.deletions + (a.start ? 1 : 0)}};
    if (unmet.too_many) out["error"] = "too many missed start times";
    if (unmet.latest) out["latest_unmet"] = instant_text(*unmet.latest);
    if (a.start) {
      out["scheduled_time"] = instant_text(*a.start);
      out["job_name"] = "cj-" + std::to_string(job_name_number(*a.start, version));
    }
    return out;
  });
}

}  // namespace

void register_kubernetes_workloads(std::vector<Topic>& topics) {
  const auto add = [&](const char* name, Json (*evaluate)(const Json&, const Json&)) {
    topics.push_back({"kubernetes", name, evaluate, nullptr});
  };
  add("deployment_fenceposts", deployment_fenceposts);
  add("deployment_rolling_step", deployment_rolling_step);
  add("replicaset_victims", replicaset_victims);
  topics.push_back({"kubernetes", "cronjob_schedule", cronjob_schedule, same_schedule});
  add("cronjob_sync", cronjob_sync);
  add("job_backoff", job_backoff_topic);
  add("job_sync", job_sync);
}

}  // namespace plimsoll::conformance
