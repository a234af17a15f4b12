#include "models/kubernetes/api/job_reader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "models/kubernetes/api/name_rules.h"
#include "models/kubernetes/api/pod_template.h"
#include "models/kubernetes/workloads/success_policy.h"

namespace plimsoll::kubernetes::api {

namespace {

/// SOURCE: pkg/apis/batch/validation/validation.go maxParallelismForIndexedJob, maxFailedIndexesForIndexedJob,
/// completionsSoftLimit; parallelismLimitForHighCompletions, maxFailedIndexesLimitForHighCompletions.
constexpr std::int64_t kMostOfIndexed = 100'000, kMostOfManyIndexes = 10'000;

bool has_container(const PodTemplate& pod, const std::string& name) {
  const auto is = [&](const Container& c) { return c.name == name; };
  return std::any_of(pod.containers.begin(), pod.containers.end(), is) ||
         std::any_of(pod.init_containers.begin(), pod.init_containers.end(), is);
}

void read_exit_codes(const document::Node& codes, Object& rule, const PodTemplate& pod, PodFailureRule& out) {
  Object e(codes, rule.diagnostics(), rule.path_of("onExitCodes"));
  out.container = e.text_or("containerName", "");
  if (!out.container.empty() && !has_container(pod, out.container)) {
    e.error("containerName", "Invalid value: \"" + out.container +
                                 "\": must be one of the container or initContainer names in the pod template");
  }
  if (!e.has("operator")) e.error("operator", "Required value: valid values: [\"In\" \"NotIn\"]");
  out.in = e.choice<bool>("operator", {{"In", true}, {"NotIn", false}}).value_or(true);
  for (const document::Node& value : e.list("values")) {
    if (value.kind() == document::Kind::integer && !(out.in && value.as_integer() == 0)) {
      out.exit_codes.push_back(value.as_integer());
    } else {
      rule.diagnostics().error(value,
                               value.kind() == document::Kind::integer
                                   ? "Invalid value: 0: must not be 0 for the In operator"
                                   : "must be an integer",
                               {}, e.path_of("values"));
    }
  }
  if (!std::is_sorted(out.exit_codes.begin(), out.exit_codes.end()))
    e.error("values", "Invalid value: must be ordered");
  if (const auto twice = std::adjacent_find(out.exit_codes.begin(), out.exit_codes.end());
      twice != out.exit_codes.end())
    e.error("values", "Duplicate value: " + std::to_string(*twice));
  if (e.list("values").empty()) e.error("values", "Invalid value: at least one value is required");
}

void read_failure_policy(Object& spec, const PodTemplate& pod, JobFields& job) {
  const document::Node* node = spec.get("podFailurePolicy");
  if (node == nullptr) return;
  if (pod.restart == RestartPolicy::on_failure) {
    spec.error(
        "podFailurePolicy",
        "Invalid value: template.spec.restartPolicy: only \"Never\" is supported when podFailurePolicy is specified");
  }
  Object policy(*node, spec.diagnostics(), spec.path_of("podFailurePolicy"));
  if (const std::size_t rules = policy.list("rules").size(); rules > 20)
    policy.error("rules", "Too many: " + std::to_string(rules) + ": must have at most 20 items");
  std::size_t index = 0;
  for (const document::Node& item : policy.list("rules")) {
    Object rule(item, spec.diagnostics(), document::join_path(policy.path_of("rules"), index++));
    PodFailureRule out;
    if (!rule.has("action"))
      rule.error("action",
                 "Required value: valid values: [\"Count\" \"FailIndex\" "
                 "\"FailJob\" \"Ignore\"]");
    out.action = rule.choice<PodFailureAction>("action", {{"Count", PodFailureAction::count},
                                                          {"Ignore", PodFailureAction::ignore},
                                                          {"FailJob", PodFailureAction::fail_job},
                                                          {"FailIndex", PodFailureAction::fail_index}})
                     .value_or(PodFailureAction::count);
    if (out.action == PodFailureAction::fail_index && !job.backoff_limit_per_index)
      rule.error("action", "Invalid value: \"FailIndex\": requires the backoffLimitPerIndex to be set");
    const document::Node* codes = rule.get("onExitCodes");
    const auto conditions = rule.list("onPodConditions");
    if ((codes == nullptr) == conditions.empty())
      rule.error("onExitCodes", "Invalid value: specifying one of OnExitCodes and OnPodConditions is required");
    if (codes != nullptr) {
      read_exit_codes(*codes, rule, pod, out);
      job.failure_rules.push_back(out);
    }
    for (const document::Node& condition : conditions) {
      if (const document::Node* status = condition.find("status");
          status != nullptr && status->is_string() && status->text() != "True" && status->text() != "False" &&
          status->text() != "Unknown")
        spec.diagnostics().error(
            *status,
            "Unsupported value: \"" + status->text() + "\": supported values: \"False\", \"True\", \"Unknown\"", {},
            rule.path_of("onPodConditions") + ".status");
      const document::Node* type = condition.find("type");
      if (type == nullptr || !type->is_string()) {
        spec.diagnostics().error(condition, "Required value", {}, rule.path_of("onPodConditions") + ".type");
      } else if (const std::string fault = label_key_fault(type->text()); !fault.empty()) {
        spec.diagnostics().error(*type, fault, {}, rule.path_of("onPodConditions") + ".type");
      } else if (type->text() != "DisruptionTarget") {
        spec.diagnostics().warning(*type, "the pod condition " + type->text() + " never comes true here", {},
                                   rule.path_of("onPodConditions"));
      } else {
        out.on_disruption = true;
        job.failure_rules.push_back(out);
      }
    }
  }
}

void read_success_policy(Object& spec, JobFields& job) {
  const document::Node* node = spec.get("successPolicy");
  if (node == nullptr) return;
  if (!job.indexed) {
    spec.error("successPolicy", "Invalid value: requires indexed completion mode");
    return;
  }
  const std::int64_t completions = job.completions.value_or(0);
  Object policy(*node, spec.diagnostics(), spec.path_of("successPolicy"));
  std::size_t index = 0;
  for (const document::Node& item : policy.list("rules")) {
    Object rule(item, spec.diagnostics(), document::join_path(policy.path_of("rules"), index++));
    SuccessRule out;
    std::int64_t most = completions;
    const auto indexes = rule.text("succeededIndexes");
    if (indexes) {
      out.indexes = parse_indexes(*indexes, completions);
      if (!out.indexes)
        rule.error("succeededIndexes", "Invalid value: \"" + *indexes +
                                           "\": error parsing succeededIndexes: growing numbers and ranges below "
                                           "completions, such as 0,2-4");
      most = 0;
      for (const auto& [first, last] : out.indexes.value_or(IndexRanges{})) most += last - first + 1;
    }
    out.count = rule.integer("succeededCount", 1);
    if (out.count && *out.count > most && (!indexes || out.indexes)) {
      rule.error("succeededCount", "Invalid value: " + std::to_string(*out.count) + ": must be less than or equal to " +
                                       std::to_string(most) +
                                       (indexes ? " (the number of indexes in the specified succeededIndexes field)"
                                                : " (the number of specified completions)"));
    }
    if (!indexes && !out.count)
      rule.error("succeededCount",
                 "Required value: at least one of succeededCount or succeededIndexes must be specified");
    job.success_rules.push_back(std::move(out));
  }
  if (job.success_rules.empty())
    policy.error("rules", "Required value: at least one rules must be specified when the successPolicy is specified");
  if (job.success_rules.size() > 20) policy.error("rules", "Too many: must have at most 20 items");
}

void read_index_limits(Object& spec, JobFields& job) {
  job.backoff_limit_per_index = spec.integer("backoffLimitPerIndex", 0);
  job.max_failed_indexes = spec.integer("maxFailedIndexes", 0);
  for (const char* key : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    if (spec.has(key) && !job.indexed) spec.error(key, "Invalid value: requires indexed completion mode");
  }
  const bool many = job.indexed && job.completions.value_or(0) > kMostOfIndexed && job.backoff_limit_per_index;
  if (many && !job.max_failed_indexes)
    spec.error("maxFailedIndexes", "Required value: must be specified when completions is above 100000");
  for (const auto& [key, value] : {std::pair{"parallelism", many ? job.parallelism : 0},
                                   std::pair{"maxFailedIndexes", many ? job.max_failed_indexes.value_or(0) : 0}}) {
    if (value > kMostOfManyIndexes)
      spec.error(key, "Invalid value: " + std::to_string(value) +
                          ": must be less than or equal to 10000 when completions are above 100000 and used with "
                          "backoff limit per index");
  }
  if (!job.max_failed_indexes || !job.indexed) return;
  if (*job.max_failed_indexes > kMostOfIndexed)
    spec.error("maxFailedIndexes",
               "Invalid value: " + std::to_string(*job.max_failed_indexes) + ": must be less than or equal to 100000");
  if (!job.backoff_limit_per_index)
    spec.error("backoffLimitPerIndex", "Required value: when maxFailedIndexes is specified");
  if (*job.max_failed_indexes > job.completions.value_or(0))
    spec.error("maxFailedIndexes", "Invalid value: " + std::to_string(*job.max_failed_indexes) +
                                       ": must be less than or equal to completions");
}

/// SOURCE: pkg/apis/batch/validation/validation.go (managedBy: at most 63 characters, a domain-prefixed path);
/// pkg/apis/batch/types.go JobControllerName, which is the built-in controller.
void read_managed_by(Object& spec, JobFields& job) {
  job.managed_by = spec.text_or("managedBy", "");
  if (job.managed_by.empty()) return;
  const std::size_t slash = job.managed_by.find('/');
  const std::string said = "Invalid value: \"" + job.managed_by + "\": ";
  if (slash == std::string::npos || slash == 0 || slash + 1 == job.managed_by.size())
    spec.error("managedBy", said + "must be a domain-prefixed path (such as \"acme.io/foo\")");
  if (job.managed_by.size() > 63) spec.error("managedBy", "Too long: may not be more than 63 bytes");
  if (job.managed_by == "kubernetes.io/job-controller") job.managed_by.clear();
}

}  // namespace

JobFields read_job_fields(Object& spec, const PodTemplate& pod) {
  JobFields job;
  const auto parallelism = spec.integer("parallelism", 0), completions = spec.integer("completions", 0);
  job.parallelism = parallelism.value_or(1);
  // Neither given: one pod, once. Parallelism alone: a work queue.
  if (completions) {
    job.completions = *completions;
  } else if (!parallelism) {
    job.completions = 1;
  }
  job.indexed = spec.choice<bool>("completionMode", {{"NonIndexed", false}, {"Indexed", true}}).value_or(false);
  if (job.indexed && !job.completions) spec.error("completions", "Required value: when completion mode is Indexed");
  if (job.indexed && job.parallelism > kMostOfIndexed)
    spec.error("parallelism", "Invalid value: " + std::to_string(job.parallelism) +
                                  ": must be less than or equal to 100000 when completion mode is Indexed");
  read_index_limits(spec, job);
  job.backoff_limit = spec.integer("backoffLimit", 0).value_or(job.backoff_limit_per_index ? INT32_MAX : 6);
  job.active_deadline = read_seconds(spec, "activeDeadlineSeconds", 1);
  job.ttl_after_finished = read_seconds(spec, "ttlSecondsAfterFinished");
  job.suspend = spec.boolean("suspend").value_or(false);
  read_failure_policy(spec, pod, job);
  read_success_policy(spec, job);
  job.replace_when_failed =
      spec.choice<bool>("podReplacementPolicy", {{"TerminatingOrFailed", false}, {"Failed", true}}).value_or(false);
  if (spec.has("podReplacementPolicy") && spec.has("podFailurePolicy") && !job.replace_when_failed)
    spec.error("podReplacementPolicy", "Unsupported value: \"TerminatingOrFailed\": supported values: \"Failed\"");
  read_managed_by(spec, job);
  spec.ignore({"manualSelector", "selector"});
  return job;
}

}  // namespace plimsoll::kubernetes::api
