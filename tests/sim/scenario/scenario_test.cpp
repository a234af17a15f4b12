#include "sim/scenario/scenario.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/sim/scenario/fakes.h"
#include "tests/source_dir.h"

namespace plimsoll::scenario {
namespace {

using testing::fake_registry;
using testing::Folder;

const std::string kScenarios = std::string(PLIMSOLL_SOURCE_DIR) + "/scenarios/";

std::optional<Scenario> read(const std::string& path, document::Diagnostics& diagnostics, ReadOptions options = {}) {
  return read_scenario(path, fake_registry(), options, diagnostics);
}

const WorkloadSpec& app(const Scenario& s, const std::string& name) {
  for (const WorkloadSpec& w : s.setting.workloads) {
    if (w.name == name) return w;
  }
  FAIL("no app " << name);
  return s.setting.workloads.front();
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

TEST_CASE("every shipped scenario reads without an error or a warning") {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kScenarios)) {
    if (entry.path().extension() != ".yaml") continue;
    // Their quantities and kinds are for the real readers; the program's own test has them.
    const std::string stem = entry.path().stem().string();
    if (stem == "inflate" || stem == "batch-jobs" || stem == "mixed-cluster") continue;
    CAPTURE(entry.path().string());
    document::Diagnostics diagnostics;
    const auto s = read(entry.path().string(), diagnostics);
    CHECK(diagnostics.text() == "");
    REQUIRE(s);
    CHECK(!s->columns.empty());
    CHECK(s->load.arrivals != nullptr);
    ++count;
  }
  CHECK(count >= 5);
}

TEST_CASE("the retail store reads as it is written") {
  document::Diagnostics diagnostics;
  const auto s = read(kScenarios + "retail-store.yaml", diagnostics);
  REQUIRE(s);
  CHECK(s->name == "retail-store");
  CHECK(s->seed == 7);
  CHECK(s->replications == 10);
  CHECK(s->setting.region == "us-east-1");
  CHECK(s->setting.zones == std::vector<std::string>{"us-east-1a", "us-east-1b", "us-east-1c"});
  CHECK(s->sizes_matched);

  REQUIRE(s->setting.workloads.size() == 5);
  const WorkloadSpec& ui = app(*s, "ui");
  CHECK(ui.entry);
  CHECK(ui.ecs.cpu == cpu_millis(500));
  CHECK(ui.kubernetes.memory == gibibytes(2));
  CHECK(!ui.ecs.cpu_limit);
  CHECK(ui.work == milliseconds(6));
  CHECK(ui.start_cpu_seconds == 20.0);
  CHECK(ui.start_wait == seconds(3));
  CHECK(ui.image == Bytes{300'000'000});
  CHECK(ui.image_name == "public.ecr.aws/aws-containers/retail-store-sample-ui:1.2.1");
  CHECK(ui.scale_cpu == percent(60));
  CHECK(ui.minimum == 3);
  CHECK(ui.maximum == 120);
  CHECK(ui.replicas == 3);
  CHECK(ui.grace == seconds(60));
  CHECK(ui.max_disruption == percent(25));
  CHECK(ui.spread_zones);
  CHECK(ui.service_connect);
  CHECK(ui.ecs_launch_type == "FARGATE");
  REQUIRE(ui.calls.size() == 4);
  CHECK(ui.calls[2].to == "checkout");
  CHECK(ui.calls[2].per_request == 0.06);
  CHECK(app(*s, "catalog").minimum == 2);
  CHECK(app(*s, "catalog").start_wait == Duration{});
  CHECK(!app(*s, "checkout").entry);

  CHECK(s->load.span == hours(24));
  CHECK(s->load.warmup == hours(2));
  CHECK(s->load.description == "trace web_wc98_1min.csv.gz from 47d for 24h, x2");
  // Day 47 of the trace has a mean of 438.19 requests/s; twice that.
  CHECK(s->load.arrivals->mean_rate(kTimeZero + hours(2), kTimeZero + hours(26)) ==
        doctest::Approx(876.37).epsilon(1e-4));

  CHECK(s->setting.around.nat_gateways == 3);
  CHECK(s->setting.around.reply == Bytes{8'000});

  REQUIRE(s->columns.size() == 5);
  CHECK(s->columns[3].name == "eks-karpenter");
  CHECK(s->columns[3].type == "eks");
  CHECK(s->columns[3].plan != nullptr);

  REQUIRE(s->expectations.size() == 3);
  CHECK(s->expectations[0].text == "ui.latency.p99 < 500ms in 99% of 5min");
  CHECK(s->expectations[0].metric == Expectation::Metric::latency_p99);
  CHECK(s->expectations[0].limit == 500'000);
  CHECK(s->expectations[0].share == percent(99));
  CHECK(s->expectations[1].limit == 1'000);  // 0.1 % in millionths
  CHECK(s->expectations[2].limit == 300'000'000);
  CHECK(!s->expectations[2].inclusive);

  CHECK(contains(s->assumed, "apps.ui.work = 6ms"));
  CHECK(contains(s->assumed, "apps.ui.start.cpu = 20s"));
  CHECK(contains(s->assumed, "apps.ui.image = 300MB"));
  CHECK(contains(s->assumed, "apps.ui.calls.catalog = 0.8"));
  CHECK(contains(s->assumed, "around.reply = 8KB"));
  CHECK(contains(s->remarks,
                 "apps.checkout.size = 250m/512Mi replaces 1000m/2Gi of "
                 "manifests/ecs/retail-checkout.taskdef.json"));
  // `from` is gone, its keys are there, and the capacity was replaced whole.
  CHECK(s->resolved.find("from") == std::string::npos);
  CHECK(s->resolved.find("eks-karpenter:\n    type: eks\n    addons: default\n    capacity:\n      bootstrap:") !=
        std::string::npos);
}

TEST_CASE("as written, each side keeps its own sizes and the report opens with their table") {
  document::Diagnostics diagnostics;
  const auto s = read(kScenarios + "retail-store-as-written.yaml", diagnostics);
  REQUIRE(s);
  CHECK(!s->sizes_matched);
  CHECK(app(*s, "ui").ecs.cpu == cpu_cores(1));
  CHECK(app(*s, "ui").kubernetes.cpu == cpu_millis(250));
  CHECK(app(*s, "ui").kubernetes.memory == mebibytes(1536));
  CHECK(app(*s, "ui").ecs_file == kScenarios + "manifests/ecs/retail-ui.taskdef.json");
  REQUIRE(s->remarks.size() == 6);
  CHECK(s->remarks[0] == "The two sides run with different sizes, as their files say: app, ECS, Kubernetes.");
  CHECK(s->remarks[1] == "ui: 1000m/2Gi, 250m/1536Mi");
}

TEST_CASE("sizes differ only between columns of both sides") {
  document::Diagnostics diagnostics;
  ReadOptions one;
  one.platforms = {"eks-cluster-autoscaler"};
  const auto s = read(kScenarios + "retail-store-as-written.yaml", diagnostics, one);
  REQUIRE(s);
  CHECK(s->sizes_matched);
  CHECK(s->remarks.empty());
}

TEST_CASE("an inherited file gives what the new one does not say") {
  document::Diagnostics diagnostics;
  const auto s = read(kScenarios + "retail-store-week.yaml", diagnostics);
  REQUIRE(s);
  CHECK(s->name == "retail-store-week");
  CHECK(s->load.span == hours(24 * 7));
  CHECK(s->load.warmup == hours(2));
  CHECK(s->columns.size() == 5);
}

TEST_CASE("--set changes values, wildcards and multipliers included, and names itself when it is wrong") {
  document::Diagnostics diagnostics;
  ReadOptions options;
  options.sets = {"load.scale=0.5", "apps.*.work=x2", "each.scale.cpu=50%", "platforms.ecs-ec2=null"};
  const auto s = read(kScenarios + "retail-store.yaml", diagnostics, options);
  CHECK(diagnostics.text() == "");
  REQUIRE(s);
  CHECK(app(*s, "catalog").work == milliseconds(3));
  CHECK(app(*s, "ui").scale_cpu == percent(50));
  CHECK(s->load.description == "trace web_wc98_1min.csv.gz from 47d for 24h, x0.5");
  CHECK(s->columns.size() == 4);
  CHECK(s->resolved.find("scale: 0.5") != std::string::npos);

  document::Diagnostics wrong;
  options.sets = {"apps.ui.worc=3ms", "load.timeout=2"};
  CHECK(!read(kScenarios + "retail-store.yaml", wrong, options));
  CHECK(wrong.text() ==
        "--set apps.ui.worc=3ms: error: unknown key 'worc' (at apps.ui.worc)\n  hint: did you mean 'work'?\n"
        "--set load.timeout=2: error: '2' has no unit (at load.timeout)\n"
        "  hint: write a duration such as 90s, 1h30m or 250ms\n");
}

TEST_CASE("--platform keeps the columns that it names and offers the nearest name") {
  document::Diagnostics diagnostics;
  ReadOptions options;
  options.platforms = {"eks-fargate", "ecs-fargate"};
  const auto s = read(kScenarios + "retail-store.yaml", diagnostics, options);
  REQUIRE(s);
  REQUIRE(s->columns.size() == 2);
  CHECK(s->columns[0].name == "ecs-fargate");
  CHECK(s->resolved.find("karpenter") == std::string::npos);

  options.platforms = {"ecs-fargat"};
  document::Diagnostics wrong;
  CHECK(!read(kScenarios + "retail-store.yaml", wrong, options));
  CHECK(wrong.text() ==
        "--platform ecs-fargat: error: no platform 'ecs-fargat'\n  hint: did you mean 'ecs-fargate'?\n");

  options.platforms = {"ecs-fargate,eks-fargate"};
  document::Diagnostics joined;
  CHECK(!read(kScenarios + "retail-store.yaml", joined, options));
  CHECK(joined.text() ==
        "--platform ecs-fargate,eks-fargate: error: no platform 'ecs-fargate,eks-fargate'\n"
        "  hint: give --platform once for each column\n");
}

TEST_CASE("a file's autoscaler is the default, and what replaces it is said") {
  Folder folder;
  folder.put("hpa.yaml",
             "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
             "spec: {minReplicas: 1, maxReplicas: 4, scaleTargetRef: {name: web}}\n");
  const std::string text =
      "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 1h}\nfiles: {kubernetes: hpa.yaml}\n"
      "platforms: {a: {type: ecs}}\n";
  document::Diagnostics diagnostics;
  const auto plain =
      read(folder.put("a.yaml", text + "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, scale: {cpu: 50%}}}\n"), diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(plain);
  CHECK(plain->setting.workloads[0].maximum == 4);
  CHECK(plain->remarks.empty());
  CHECK(plain->setting.workloads[0].entry);  // the only app
  const auto changed =
      read(folder.put("b.yaml", text + "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, scale: {cpu: 50%, max: 9}}}\n"),
           diagnostics);
  REQUIRE(changed);
  CHECK(changed->remarks == std::vector<std::string>{"apps.web.scale.max = 9 replaces 4 of hpa.yaml"});
}

TEST_CASE("an app that is not scaled keeps its replicas") {
  Folder folder;
  document::Diagnostics diagnostics;
  const auto s =
      read(folder.put("a.yaml",
                      "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 1h, to: web}\n"
                      "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, replicas: 5}, db: {size: 1 vCPU/1Gi, work: 1ms}}\n"
                      "platforms: {a: {type: ecs}}\n"),
           diagnostics);
  REQUIRE(s);
  CHECK(s->setting.workloads[0].replicas == 5);
  CHECK(s->setting.workloads[0].maximum == 5);
  CHECK(s->setting.workloads[1].replicas == 1);
}

TEST_CASE("a file that inherits may bring another kind of load") {
  Folder folder;
  folder.put("base.yaml",
             "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 1h, warmup: 5m}\n"
             "apps: {web: {size: 1 vCPU/1Gi, work: 1ms}}\nplatforms: {a: {type: ecs, place: [x, y]}}\n");
  document::Diagnostics diagnostics;
  const auto s =
      read(folder.put("new.yaml", "from: base.yaml\nload: {steps: {0s: 5/s, 10m: 20/s}}\nplatforms: {b: {from: a}}\n"),
           diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(s);
  CHECK(s->load.description == "steps for 1h");
  CHECK(s->load.warmup == minutes(5));
  CHECK(s->columns.size() == 2);
}

TEST_CASE("values that a run uses are listed with their sources") {
  document::Diagnostics diagnostics;
  document::Effective effective;
  ReadOptions options;
  options.effective = &effective;
  REQUIRE(read(kScenarios + "retail-store.yaml", diagnostics, options));
  REQUIRE(effective.find("apps.catalog.scale.max") != nullptr);
  CHECK(effective.find("apps.catalog.scale.max")->value == "120");
  CHECK(effective.find("apps.catalog.scale.max")->source.find("retail-store.yaml:") != std::string::npos);
  REQUIRE(effective.find("load.step") != nullptr);
  CHECK(effective.find("load.step")->value == "15s");
  CHECK(effective.find("load.step")->is_default);
}

TEST_CASE("the resolved text reads as the same scenario") {
  document::Diagnostics diagnostics;
  ReadOptions options;
  options.sets = {"apps.*.work=x2", "load.for=6h"};
  const auto first = read(kScenarios + "quickstart.yaml", diagnostics, options);
  REQUIRE(first);
  const Folder folder;
  const auto again = read(folder.put("again.yaml", first->resolved), diagnostics);
  CHECK(diagnostics.text() == "");
  REQUIRE(again);
  CHECK(again->resolved == first->resolved);
  CHECK(again->setting.workloads[0].work == milliseconds(10));
  CHECK(again->load.span == hours(6));
}

TEST_CASE("the schema knows the keys, and closes every mapping") {
  const std::string schema = scenario_schema(fake_registry());
  for (const char* key :
       {"\"apiVersion\"", "\"maxDisruption\"", "\"flashCrowd\"", "\"platforms\"", "\"eniTrunking\"", "\"expect\""}) {
    CAPTURE(key);
    CHECK((schema.find(key) != std::string::npos) == (std::string(key) != "\"eniTrunking\""));  // a platform's own key
  }
  CHECK(schema.find("\"additionalProperties\": false") != std::string::npos);
}

TEST_CASE("events count from the window's start, in hours and minutes or as a duration") {
  const Folder folder;
  document::Diagnostics diagnostics;
  const auto s = read_scenario(folder.put("s.yaml",
                                          "apiVersion: plimsoll/v1\nload: {constant: 10/s, for: 30h}\n"
                                          "apps: {web: {size: 1 vCPU/1Gi, work: 1ms}}\nplatforms: {a: {type: ecs}}\n"
                                          "events:\n"
                                          "  - {at: 06:30, scale: web, replicas: 7}\n"
                                          "  - {at: 1h30m, fail: {node: any, count: 2}}\n"
                                          "  - {at: 25:00, fail: {zone: us-east-1b}, for: 30m}\n"),
                               fake_registry(), {}, diagnostics);
  INFO(diagnostics.text());
  REQUIRE(s.has_value());
  const auto& events = s->setting.events;
  REQUIRE(events.size() == 3);
  CHECK(events[0].at == minutes(390));
  CHECK(std::get<ScaleEvent>(events[0].what).workload == "web");
  CHECK(std::get<ScaleEvent>(events[0].what).minimum == 7);
  CHECK(std::get<ScaleEvent>(events[0].what).maximum == 7);
  CHECK(events[1].at == minutes(90));
  CHECK(std::get<NodeFailure>(events[1].what).count == 2);
  CHECK(events[2].at == hours(25));
  CHECK(std::get<ZoneFailure>(events[2].what).zone == "us-east-1b");
  CHECK(std::get<ZoneFailure>(events[2].what).lasts == minutes(30));
}

}  // namespace
}  // namespace plimsoll::scenario
