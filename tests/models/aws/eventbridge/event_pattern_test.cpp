#include "models/aws/eventbridge/event_pattern.h"

#include <doctest/doctest.h>

#include "sim/document/loader.h"

namespace plimsoll::aws {
namespace {

std::optional<EventPattern> parse(const std::string& text, document::Diagnostics& diagnostics) {
  const auto docs = document::load_text(text, "pattern.yaml", diagnostics);
  REQUIRE(docs.size() == 1);
  return EventPattern::parse(docs[0], diagnostics, "eventPattern");
}

CloudEvent stopped_task() {
  CloudEvent e;
  e.add("source", std::string_view("aws.ecs"));
  e.add("detail-type", std::string_view("ECS Task State Change"));
  e.add("detail.group", std::string_view("service:web"));
  e.add("detail.lastStatus", std::string_view("STOPPED"));
  e.add("detail.containers.exitCode", std::int64_t{137});
  e.add("detail.containers.exitCode", std::int64_t{0});
  return e;
}

TEST_CASE("a pattern matches by value, prefix, suffix, case, wildcard, number and presence") {
  struct Case {
    const char* detail;
    bool matches;
  };
  const Case cases[] = {
      {"{lastStatus: [STOPPED]}", true},
      {"{lastStatus: [RUNNING, STOPPED]}", true},
      {"{lastStatus: [RUNNING]}", false},
      {"{lastStatus: [stopped]}", false},
      {"{lastStatus: [{equals-ignore-case: stopped}]}", true},
      {"{group: [{prefix: 'service:'}]}", true},
      {"{group: [{prefix: 'family:'}]}", false},
      {"{group: [{suffix: ':web'}], lastStatus: [STOPPED]}", true},
      {"{group: [{suffix: ':web'}], lastStatus: [PENDING]}", false},
      {"{group: [{wildcard: 's*:*b'}]}", true},
      {"{group: [{wildcard: 's*:b'}]}", false},
      {"{group: [{anything-but: 'service:web'}]}", false},
      {"{group: [{anything-but: ['service:api', 'service:ui']}]}", true},
      {"{group: [{anything-but: {prefix: 'service:'}}]}", false},
      // Of the two exit codes one is enough.
      {"{containers: {exitCode: [0]}}", true},
      {"{containers: {exitCode: [{anything-but: 0}]}}", true},
      {"{containers: {exitCode: [1, 2]}}", false},
      {"{containers: {exitCode: [{numeric: ['>', 100, '<=', 137]}]}}", true},
      {"{containers: {exitCode: [{numeric: ['>', 0, '<', 137]}]}}", false},
      {"{containers: {exitCode: [{numeric: ['=', 137]}]}}", true},
      // A number is not its text.
      {"{containers: {exitCode: ['137']}}", false},
      {"{stopCode: [{exists: false}]}", true},
      {"{stopCode: [{exists: true}]}", false},
      {"{stopCode: [{anything-but: UserInitiated}]}", false},
      {"{lastStatus: [{exists: true}]}", true},
      {"{$or: [{lastStatus: [RUNNING]}, {group: ['service:web']}]}", true},
      {"{$or: [{lastStatus: [RUNNING]}, {group: ['service:api']}]}", false},
  };
  const CloudEvent event = stopped_task();
  for (const Case& c : cases) {
    CAPTURE(c.detail);
    document::Diagnostics diagnostics;
    const auto pattern = parse(std::string("{source: [aws.ecs], detail: ") + c.detail + "}", diagnostics);
    INFO(diagnostics.text());
    REQUIRE(pattern);
    CHECK(pattern->matches(event) == c.matches);
  }
}

TEST_CASE("a pattern tells early what it cannot match") {
  document::Diagnostics diagnostics;
  const auto pattern = parse("{source: [aws.ecs], detail-type: [{prefix: ECS}]}", diagnostics);
  REQUIRE(pattern);
  CHECK(pattern->may_match("aws.ecs", "ECS Task State Change"));
  CHECK_FALSE(pattern->may_match("aws.cloudwatch", "CloudWatch Alarm State Change"));
  CHECK_FALSE(pattern->may_match("aws.ecs", "Task"));
  const auto loose = parse("{detail: {lastStatus: [STOPPED]}}", diagnostics);
  REQUIRE(loose);
  CHECK(loose->may_match("aws.ec2", "anything"));
}

TEST_CASE("faults of a pattern have a place and a reason") {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "pattern.yaml:1:1"},
      {"{source: aws.ecs}", "pattern.yaml:1:10"},
      {"{source: []}", "are a list"},
      {"{source: [{begins: x}]}", "unknown comparison operator 'begins'"},
      {"{detail: {x: [{numeric: ['>']}]}}", "once or twice"},
      {"{detail: {x: [{numeric: ['~', 1]}]}}", "'~' is not a comparison"},
      {"{detail: {x: [{exists: 1}]}}", "true or false"},
      {"{$or: [{source: [a]}]}", "at least two"},
      {"{source: [[a]]}", "one comparison operator"}};
  for (const auto& [text, said] : cases) {
    CAPTURE(text);
    document::Diagnostics diagnostics;
    CHECK_FALSE(parse(text, diagnostics));
    CHECK(diagnostics.error_count() == 1);
    INFO(diagnostics.text());
    CHECK(diagnostics.text().find(said) != std::string::npos);
  }
}

TEST_CASE("a wildcard takes any characters, also none") {
  CHECK(wildcard_match("*", ""));
  CHECK(wildcard_match("a*c", "abbbc"));
  CHECK(wildcard_match("a*b*c", "axbybzc"));
  CHECK_FALSE(wildcard_match("a*b", "abc"));
  CHECK_FALSE(wildcard_match("", "a"));
}

}  // namespace
}  // namespace plimsoll::aws
