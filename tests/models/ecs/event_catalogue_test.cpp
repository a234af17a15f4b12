#include "models/ecs/event_catalogue.h"

#include <doctest/doctest.h>

#include <string>

#include "models/aws/eventbridge/event_pattern.h"
#include "sim/document/loader.h"

namespace plimsoll::ecs {
namespace {

EventOrigin catalogue_origin() { return {"us-east-1", "111122223333", "prod", {"shop-web", "report"}}; }

/// What is said of a pattern that parses.
std::string complaints_of(const std::string& pattern) {
  document::Diagnostics diagnostics;
  const auto docs = document::load_text(pattern, "p.yaml", diagnostics);
  const auto parsed = aws::EventPattern::parse(docs[0], diagnostics, "p");
  CAPTURE(diagnostics.text());
  REQUIRE(parsed);
  check_event_pattern(docs[0], catalogue_origin(), diagnostics, "p");
  CHECK_FALSE(diagnostics.has_errors());
  return diagnostics.text();
}

TEST_CASE("ARNs are as ECS writes them") {
  const EventOrigin o = catalogue_origin();
  CHECK(o.cluster_arn() == "arn:aws:ecs:us-east-1:111122223333:cluster/prod");
  CHECK(o.arn("task", "web-3") == "arn:aws:ecs:us-east-1:111122223333:task/prod/web-3");
  CHECK(o.definition_arn("shop-web", 2) == "arn:aws:ecs:us-east-1:111122223333:task-definition/shop-web:2");
}

TEST_CASE("patterns that can match pass without a word") {
  for (const char* pattern : {
           "{source: [aws.ecs]}",
           "{detail: {lastStatus: [ACTIVATING, DEPROVISIONING], startedBy: [{prefix: ecs-svc/}]}}",
           "{detail: {capacityProviderName: [FARGATE_SPOT], launchType: [MANAGED_INSTANCES]}}",
           "{detail: {eventName: [SERVICE_STEADY_STATE], eventType: [INFO]}}",
           "{detail: {eventName: [SERVICE_TASK_START_IMPAIRED], eventType: [WARN]}}",
           "{detail: {deploymentId: [{prefix: ecs-svc/}]}}",
           "{detail-type: [{prefix: ECS}], detail: {lastStatus: [STOPPED]}}",
           "{source: [aws.ecs], detail: {clusterArn: ['arn:aws:ecs:us-east-1:111122223333:cluster/prod']}}",
           "{detail: {taskDefinitionArn: [{prefix: 'arn:aws:ecs:us-east-1:111122223333:task-definition/shop-web:'}]}}",
           "{detail: {taskDefinitionArn: [{wildcard: '*/report:*'}]}}",
           "{detail: {stopCode: [{anything-but: [UserInitiated]}], containers: {exitCode: [{numeric: ['>', 0]}]}}}",
           "{detail: {nothing: [{exists: false}]}}",
           "{source: [aws.cloudwatch], detail: {state: {value: [ALARM]}}}",
           "{$or: [{detail: {lastStatus: [RUNNING]}}, {resources: [{prefix: 'arn:'}]}]}",
       })
    CHECK_MESSAGE(complaints_of(pattern) == "", pattern);
}

TEST_CASE("what can never match is told with the nearest that could") {
  struct Row {
    const char* pattern;
    const char* says;
    const char* hint;
  };
  const Row rows[] = {
      {"{source: [aws.esc]}", "no event of a column has the source 'aws.esc'", "did you mean 'aws.ecs'?"},
      {"{source: [aws.ecs], detail-type: [ECS Task State Chnage]}",
       "no event of a column has the detail-type 'ECS Task State Chnage'", "did you mean 'ECS Task State Change'?"},
      {"{source: [aws.ec2], detail-type: [ECS Task State Change]}", "beside that source", "EC2 Spot Instance"},
      {"{detail: {lastState: [STOPPED]}}", "has the field 'detail.lastState'", "did you mean 'detail.lastStatus'?"},
      {"{source: [aws.cloudwatch], detail: {lastStatus: [STOPPED]}}", "has the field 'detail.lastStatus'", "known: "},
      {"{detail: {lastStatus: [STOPED]}}", "detail.lastStatus is never 'STOPED' here", "did you mean 'STOPPED'?"},
      {"{detail: {clusterArn: ['arn:aws:ecs:us-east-1:111122223333:cluster/test']}}", "detail.clusterArn is never",
       "the events of this column have arn:aws:ecs:us-east-1:111122223333:cluster/prod"},
      {"{account: ['999999999999']}", "account is never '999999999999' here", "111122223333"},
      {"{detail: {taskDefinitionArn: [{prefix: 'arn:aws:ecs:us-east-1:111122223333:task-definition/shop-wen:'}]}}",
       "detail.taskDefinitionArn is never so here", "task-definition/shop-web:1"},
      {"{$or: [{detail: {lastStatus: [RUNNING]}}, {detail: {desiredStatus: [GONE]}}]}",
       "detail.desiredStatus is never 'GONE' here", "RUNNING, STOPPED"},
  };
  for (const Row& row : rows) {
    const std::string said = complaints_of(row.pattern);
    CAPTURE(said);
    CHECK_MESSAGE(said.find(row.says) != std::string::npos, row.pattern);
    CHECK_MESSAGE(said.find(row.hint) != std::string::npos, row.pattern);
  }
}

TEST_CASE("every event of the catalogue passes its own pattern") {
  for (const KnownEvent& e : known_events()) {
    std::string pattern =
        "{source: [" + std::string(e.source) + "], detail-type: ['" + std::string(e.detail_type) + "']}";
    CHECK_MESSAGE(complaints_of(pattern) == "", pattern);
    CHECK(!e.fields.empty());
  }
}

}  // namespace
}  // namespace plimsoll::ecs
