#include "models/ecs/cluster_query_language.h"

#include <doctest/doctest.h>

using namespace plimsoll::ecs;

namespace {

struct Instance {
  std::vector<std::pair<std::string_view, std::string_view>> attributes{
      {"ecs.instance-type", "c5.xlarge"}, {"ecs.availability-zone", "eu-west-1a"}, {"rank", "9"}};
  std::vector<std::string_view> groups{"service:web", "family:batch"};
  QueryInstance view() const {
    QueryInstance q;
    q.attributes = attributes;
    q.agent_version = "1.68.2";
    q.agent_connected = true;
    q.ec2_instance_id = "i-0abc";
    q.registered_at = *parse_registered_at("2023-05-01T12:00:00Z");
    q.running_tasks = 3;
    q.task_groups = groups;
    return q;
  }
};

bool holds(std::string_view expression) {
  const auto parsed = ClusterQuery::parse(expression);
  CAPTURE(expression);
  CAPTURE(parsed.error.message);
  REQUIRE(parsed.query.has_value());
  return parsed.query->matches(Instance{}.view());
}

std::size_t error_at(std::string_view expression) {
  const auto parsed = ClusterQuery::parse(expression);
  CAPTURE(expression);
  REQUIRE_FALSE(parsed.query.has_value());
  CHECK_FALSE(parsed.error.message.empty());
  return parsed.error.position;
}

}  // namespace

TEST_CASE("conditions on attributes") {
  CHECK(holds("attribute:ecs.instance-type == c5.xlarge"));
  CHECK(holds("attribute:ecs.instance-type equals 'c5.xlarge'"));
  CHECK(holds("attribute:ecs.instance-type!=m5.large"));
  CHECK(holds("attribute:ecs.instance-type =~ c5.*"));
  CHECK_FALSE(holds("attribute:ecs.instance-type =~ c5"));  // the whole value
  CHECK(holds("attribute:ecs.instance-type in [m5.large, 'c5.xlarge']"));
  CHECK_FALSE(holds("attribute:ecs.instance-type not_in [m5.large,c5.xlarge]"));
  CHECK(holds("attribute:rank exists"));
  CHECK(holds("attribute:rack not_exists"));
  CHECK(holds("attribute:rank < 10"));  // numbers, not text
  CHECK(holds("attribute:ecs.instance-type > b"));
}

TEST_CASE("a missing attribute is different from every value") {
  CHECK_FALSE(holds("attribute:rack == a"));
  CHECK(holds("attribute:rack != a"));
  CHECK_FALSE(holds("attribute:rack in [a]"));
  CHECK(holds("attribute:rack !in [a]"));
  CHECK_FALSE(holds("attribute:rack =~ .*"));
  CHECK(holds("attribute:rack !~ .*"));
  CHECK_FALSE(holds("attribute:rack < 1"));
}

TEST_CASE("conditions on the other subjects") {
  CHECK(holds("agentConnected == true"));
  CHECK(holds("agentVersion >= 1.9"));
  CHECK(holds("agentVersion < 1.105.1"));
  CHECK(holds("agentVersion == 1.68.2.0"));
  CHECK(holds("ec2InstanceId =~ i-0.*"));
  CHECK(holds("registeredAt < 2023-05-02"));
  CHECK(holds("registeredAt >= 2023-05-01T14:00:00+02:00"));
  CHECK(holds("runningTasksCount greater_than 2"));
  CHECK(holds("task:group == service:web"));
  CHECK(holds("task:group in [database, family:batch]"));
  CHECK_FALSE(holds("task:group != service:web"));
  CHECK(holds("task:group !~ data.*"));
}

TEST_CASE("not binds before and, and before or") {
  // true or (false and false); the other reading is false
  CHECK(holds("runningTasksCount == 3 or runningTasksCount == 4 and runningTasksCount == 5"));
  CHECK_FALSE(holds("(runningTasksCount == 3 || runningTasksCount == 4) && runningTasksCount == 5"));
  CHECK(holds("not runningTasksCount == 4 and runningTasksCount == 3"));
  CHECK(holds("!!(runningTasksCount == 3)"));
  CHECK(holds("not(task:group == database)"));
}

TEST_CASE("errors point at what is wrong") {
  CHECK(error_at("") == 0);
  CHECK(error_at("attribute:a = b") == 12);
  CHECK(error_at("attribute:a == b and") == 20);
  CHECK(error_at("cpu > 4") == 0);
  CHECK(error_at("runningTasksCount =~ 1.*") == 18);
  CHECK(error_at("agentConnected > true") == 15);
  CHECK(error_at("runningTasksCount exists") == 18);
  CHECK(error_at("attribute:a in b") == 15);
  CHECK(error_at("attribute:a in [b") == 15);
  CHECK(error_at("attribute:a in []") == 16);
  CHECK(error_at("attribute:a == [b]") == 15);
  CHECK(error_at("attribute:a == 'b") == 15);
  CHECK(error_at("attribute:a ==") == 14);
  CHECK(error_at("attribute: == b") == 0);
  CHECK(error_at("(attribute:a == b") == 0);
  CHECK(error_at("attribute:a == b)") == 16);
  CHECK(error_at("attribute:a == b attribute:c == d") == 17);
  CHECK(error_at("attribute:a =~ (b|c)") == 15);
  CHECK(error_at("attribute:a =~ [b") == 15);
  CHECK(error_at("attribute:a =~ *") == 15);
  CHECK(error_at("runningTasksCount == many") == 21);
  CHECK(error_at("agentVersion == latest") == 16);
  CHECK(error_at("registeredAt < 2018-02-30") == 15);
  CHECK(error_at(std::string(1000, '(')) > 100);
}

TEST_CASE("dates are read in four forms") {
  const auto noon = parse_registered_at("2018-06-18T22:28:28Z");
  CHECK(noon == 1'529'360'908'000'000);
  CHECK(parse_registered_at("2018-06-18T22:28:28+00:00") == noon);
  CHECK(parse_registered_at("2018-06-18T22:28:28") == noon);
  CHECK(parse_registered_at("2018-06-18") == 1'529'280'000'000'000);
  CHECK(parse_registered_at("1970-01-01") == 0);
  CHECK(parse_registered_at("2024-02-29").has_value());
  for (const char* text :
       {"", "2018", "2018-13-01", "2018-06-32", "2023-02-29", "18-06-18", "2018-06-18T", "2018-06-18T25:00:00",
        "2018-06-18T22:28:28z", "2018-06-18T22:28:28Z+", "2018-06-18 22:28:28"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_registered_at(text).has_value());
  }
}

TEST_CASE("registeredAt by a calendar counts from its time zero") {
  // 2026-01-05 00:00 UTC, a minute before it, and a year before.
  constexpr std::int64_t kZero = 1'767'571'200;
  const auto after = ClusterQuery::parse("registeredAt > 2026-01-05 and attribute:rank exists");
  const auto year = ClusterQuery::parse("registeredAt >= 2025-01-05T00:00:00Z");
  REQUIRE(after.query);
  REQUIRE(year.query);
  const Instance instance;
  QueryInstance view = instance.view();
  for (const auto& [at, is_after] : {std::pair(-60'000'000, false), std::pair(0, false), std::pair(60'000'000, true)}) {
    view.registered_at = at;
    CAPTURE(at);
    CHECK(after.query->by_calendar(kZero).matches(view) == is_after);
    CHECK(year.query->by_calendar(kZero).matches(view));
    CHECK_FALSE(year.query->matches(view));  // read as an instant of 1970
  }
  CHECK(after.query->by_calendar(kZero).text() == after.query->text());
}

TEST_CASE("masks are conjunctions") {
  const Instance a;
  Instance b;
  b.attributes = {{"ecs.instance-type", "m5.large"}};
  const std::vector<QueryInstance> instances{a.view(), b.view()};
  std::vector<std::uint8_t> mask{1, 1};
  member_of_mask(*ClusterQuery::parse("attribute:rank exists").query, instances, mask);
  CHECK(mask == std::vector<std::uint8_t>{1, 0});
  member_of_mask(*ClusterQuery::parse("attribute:ecs.instance-type == m5.large").query, instances, mask);
  CHECK(mask == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("a query knows what it reads") {
  const auto fixed = ClusterQuery::parse("attribute:ecs.availability-zone == a and ec2InstanceId != i-1");
  CHECK_FALSE(fixed.query->depends_on_state());
  CHECK(fixed.query->mentions_attribute("ecs.availability-zone"));
  CHECK_FALSE(fixed.query->mentions_attribute("rank"));
  CHECK(ClusterQuery::parse("not(task:group == db)").query->depends_on_state());
  CHECK(ClusterQuery::parse("runningTasksCount < 3").query->depends_on_state());
}

TEST_CASE("what an instance can come to match leaves its tasks, agent and registration open") {
  const std::pair<const char*, bool> rows[] = {
      {"task:group == service:api", true},
      {"not task:group == service:web", true},
      {"runningTasksCount > 100", true},
      {"registeredAt > 2030-01-01", true},
      {"attribute:ecs.instance-type == m5.large", false},
      {"attribute:ecs.instance-type == m5.large and task:group == service:api", false},
      {"attribute:ecs.instance-type == m5.large or task:group == service:api", true},
      {"not (attribute:ecs.instance-type == c5.xlarge or task:group == service:api)", false},
      {"attribute:ecs.instance-type == c5.xlarge and agentConnected == false", true},
  };
  for (const auto& [text, can] : rows) {
    const auto parsed = ClusterQuery::parse(text);
    REQUIRE_MESSAGE(parsed.query.has_value(), text << ": " << parsed.error.message);
    CHECK_MESSAGE(parsed.query->could_match(Instance{}.view()) == can, text);
  }
}
