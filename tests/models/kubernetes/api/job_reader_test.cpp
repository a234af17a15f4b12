#include "models/kubernetes/api/job_reader.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::kubernetes::api {
namespace {

/// The fields of a Job with this spec, and what was said about it.
std::pair<JobFields, std::string> read_job(const std::string& spec, RestartPolicy restart = RestartPolicy::never) {
  document::Diagnostics diagnostics;
  const document::Node node = document::load_text(spec, "job.yaml", diagnostics).front();
  PodTemplate pod;
  pod.restart = restart;
  pod.containers.emplace_back();
  pod.containers[0].name = "main";
  JobFields out;
  {
    Object object(node, diagnostics, "spec");
    out = read_job_fields(object, pod);
  }
  return {out, diagnostics.text()};
}

TEST_CASE("a Job by index, with a limit for each index and a policy of either kind") {
  const auto [job, text] = read_job(R"(completions: 10
parallelism: 3
completionMode: Indexed
backoffLimitPerIndex: 1
maxFailedIndexes: 5
podReplacementPolicy: Failed
podFailurePolicy:
  rules: [{action: FailIndex, onExitCodes: {containerName: main, operator: In, values: [3, 42]}}]
successPolicy:
  rules:
  - {succeededIndexes: "0,2-4", succeededCount: 3}
  - {succeededCount: 8}
)");
  CHECK(text == "");
  CHECK(job.indexed);
  CHECK(job.backoff_limit == INT32_MAX);  // the default beside a limit for each index
  CHECK(job.backoff_limit_per_index == 1);
  CHECK(job.max_failed_indexes == 5);
  CHECK(job.replace_when_failed);
  REQUIRE(job.failure_rules.size() == 1);
  CHECK(job.failure_rules[0].action == PodFailureAction::fail_index);
  CHECK(job.failure_rules[0].container == "main");
  REQUIRE(job.success_rules.size() == 2);
  CHECK(*job.success_rules[0].indexes == IndexRanges{{0, 0}, {2, 4}});
  CHECK(job.success_rules[0].count == 3);
  CHECK_FALSE(job.success_rules[1].indexes.has_value());
}

TEST_CASE("defaults of a plain Job") {
  const auto [job, text] = read_job("{}");
  CHECK(text == "");
  CHECK(job.completions == 1);
  CHECK(job.backoff_limit == 6);
  CHECK_FALSE(job.backoff_limit_per_index.has_value());
  CHECK_FALSE(job.replace_when_failed);
}

TEST_CASE("managedBy names another controller, or the built-in one") {
  CHECK(read_job("{managedBy: example.com/other}").first.managed_by == "example.com/other");
  CHECK(read_job("{managedBy: kubernetes.io/job-controller}").first.managed_by.empty());
}

TEST_CASE("what the API server refuses") {
  const std::string indexed = "completionMode: Indexed\ncompletions: 4\n";
  struct Case {
    std::string spec;
    const char* message;
  };
  const Case cases[] = {
      {"backoffLimitPerIndex: 1", "requires indexed completion mode (at spec.backoffLimitPerIndex)"},
      {indexed + "maxFailedIndexes: 1", "when maxFailedIndexes is specified (at spec.backoffLimitPerIndex)"},
      {indexed + "backoffLimitPerIndex: 1\nmaxFailedIndexes: 5", "must be less than or equal to completions"},
      {"podFailurePolicy: {rules: [{action: FailIndex, onExitCodes: {operator: In, values: [1]}}]}",
       "requires the backoffLimitPerIndex to be set"},
      {"podFailurePolicy: {rules: [{action: Count, onExitCodes: {operator: In, values: [2, 1]}}]}", "must be ordered"},
      {"podFailurePolicy: {rules: [{action: Count, onExitCodes: {containerName: mian, operator: In, values: [1]}}]}",
       "must be one of the container or initContainer names"},
      {"podReplacementPolicy: TerminatingOrFailed\npodFailurePolicy: {rules: [{action: Count, onExitCodes: {operator: "
       "In, values: [1]}}]}",
       "supported values: \"Failed\""},
      {"podReplacementPolicy: TerminatingOrFailed\npodFailurePolicy: {rules: []}", "supported values: \"Failed\""},
      {"podFailurePolicy: {rules: [{action: Count, onExitCodes: {operator: In, values: [1, 1]}}]}",
       "Duplicate value: 1"},
      {"podFailurePolicy: {rules: [{action: Count, onPodConditions: [{type: 'a b'}]}]}", "Invalid value: \"a b\""},
      {"podFailurePolicy: {rules: [{action: Count, onPodConditions: [{type: DisruptionTarget, status: Maybe}]}]}",
       "Unsupported value: \"Maybe\""},
      {"managedBy: other", "must be a domain-prefixed path (such as \"acme.io/foo\") (at spec.managedBy)"},
      {"managedBy: example.com/" + std::string(60, 'x'), "may not be more than 63 bytes"},
      {"successPolicy: {rules: [{succeededCount: 1}]}", "requires indexed completion mode (at spec.successPolicy)"},
      {indexed + "successPolicy: {rules: []}", "at least one rules must be specified"},
      {indexed + "successPolicy: {rules: [{}]}", "at least one of succeededCount or succeededIndexes"},
      {indexed + "successPolicy: {rules: [{succeededIndexes: \"0-9\"}]}", "error parsing succeededIndexes"},
      {indexed + "successPolicy: {rules: [{succeededIndexes: \"0-1\", succeededCount: 3}]}",
       "must be less than or equal to 2"},
  };
  for (const Case& c : cases) {
    const std::string text = read_job(c.spec).second;
    INFO(text);
    CHECK(text.find(c.message) != std::string::npos);
  }
  const std::string policy = "podFailurePolicy: {rules: [{action: Count, onExitCodes: {operator: In, values: [1]}}]}";
  CHECK(read_job(policy, RestartPolicy::on_failure).second.find("only \"Never\" is supported") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::kubernetes::api
