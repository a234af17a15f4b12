// libFuzzer entry: no text may crash the readers of the small languages inside of files. The first byte picks one; a
// first line is the expression, what follows is what it is asked about.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "models/aws/cloudwatch/filter_pattern.h"
#include "models/aws/cloudwatch/metric_math.h"
#include "models/aws/eventbridge/event_pattern.h"
#include "models/aws/eventbridge/schedule.h"
#include "models/compose/values.h"
#include "models/ecs/cluster_query_language.h"
#include "models/kubernetes/api/quantity.h"
#include "models/kubernetes/workloads/cron_schedule.h"
#include "sim/document/loader.h"
#include "sim/policy/metric_expression.h"

namespace plimsoll {
namespace {

constexpr std::int64_t kNow = 1'772'447'400;  // 2026-03-02T10:30:00Z

void told(bool good, const std::string& error) {
  if (good == !error.empty()) std::abort();
}

void query(std::string_view expression, std::string_view rest) {
  const ecs::QueryParse read = ecs::ClusterQuery::parse(expression);
  told(read.query.has_value(), read.error.message);
  if (!read.query) return;
  const std::pair<std::string_view, std::string_view> attributes[] = {{"ecs.instance-type", "m5.large"}, {"x", rest}};
  ecs::QueryInstance instance;
  instance.attributes = attributes;
  instance.agent_version = "1.105.1";
  read.query->matches(instance);
}

void math(std::string_view expression) {
  const std::vector<std::string> ids = {"m1", "m2", "e1"};
  const auto read = aws::MetricMath::parse(expression, ids, 2);
  told(read.value.has_value(), read.error);
  if (!read) return;
  const std::vector<aws::MetricMath::Series> inputs(3, aws::MetricMath::Series{1.0, std::nullopt, 3.0, 0.0});
  if (read.value->evaluate(inputs, minutes(1)).size() != 4) std::abort();
}

void schedule(const aws::ParsedSchedule& read) {
  told(read.schedule.has_value(), read.error);
  if (!read.schedule) return;
  const auto next = aws::next_occurrence(*read.schedule, kNow, kNow, TimeZone());
  if (next && *next <= kNow) std::abort();
}

void cron(std::string_view expression) {
  for (const auto version : {kubernetes::KubernetesVersion::v1_20, kubernetes::KubernetesVersion::current}) {
    const auto read = kubernetes::CronSchedule::parse(expression, version);
    told(read.value.has_value(), read.error);
    if (!read) continue;
    const auto next = read.value->next(kNow);
    if (next && *next <= kNow) std::abort();
  }
}

void event(std::string_view json, std::string_view rest) {
  document::Diagnostics diagnostics;
  for (const document::Node& node : document::load_text(json, "pattern.json", diagnostics)) {
    const auto pattern = aws::EventPattern::parse(node, diagnostics, "pattern");
    if (!pattern && !diagnostics.has_errors()) std::abort();
    aws::CloudEvent seen;
    seen.add("source", std::string_view("aws.ecs"));
    seen.add("detail.count", std::int64_t{3});
    seen.add("detail.x", rest);
    if (pattern) pattern->matches(seen);
  }
}

}  // namespace
}  // namespace plimsoll

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll;
  if (size == 0) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = all.find('\n');
  const std::string_view text = all.substr(0, line);
  const std::string_view rest = line == all.npos ? std::string_view() : all.substr(line + 1);
  switch (data[0] % 10) {
    case 0:
      query(text, rest);
      break;
    case 1:
      math(text);
      break;
    case 2: {
      const auto read = aws::FilterPattern::parse(text);
      told(read.pattern.has_value(), read.error);
      if (read.pattern) read.pattern->matches(rest);
      aws::FilterPattern::number_at(text, rest);
      break;
    }
    case 3:
      event(all, "text");
      break;
    case 4:
      schedule(aws::parse_schedule(text));
      break;
    case 5:
      schedule(aws::schedule_of_crontab(text));
      break;
    case 6:
      cron(text);
      break;
    case 7: {
      const std::vector<std::string> apps = {"web", "a.b"};
      const auto read = MetricExpression::parse(text, apps);
      told(read.value.has_value(), read.error);
      if (read) read.value->evaluate([](std::size_t, Measure) { return 2.0; });
      break;
    }
    case 8: {
      const auto cpu = kubernetes::api::parse_cpu_quantity(text);
      told(cpu.value.has_value(), cpu.error);
      const auto bytes = kubernetes::api::parse_bytes_quantity(text);
      told(bytes.value.has_value(), bytes.error);
      break;
    }
    default: {
      compose::shell_words(text);
      compose::parse_size(text);
      compose::parse_cpus(text);
      std::string fault;
      const auto ports = compose::parse_port(text, fault);
      if (ports.empty() == fault.empty()) std::abort();
    }
  }
  return 0;
}
