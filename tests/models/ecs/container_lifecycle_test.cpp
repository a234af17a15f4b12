#include "models/ecs/container_lifecycle.h"

#include <doctest/doctest.h>

#include "tests/models/ecs/api/fixture.h"

namespace plimsoll::ecs {
namespace {

ContainerLifecycle lifecycle(const std::string& containers, Duration run_once = {}) {
  document::Diagnostics diagnostics;
  const auto d = api::read_task_definition(
      api::json("{'family':'shop-web','memory':'1024','containerDefinitions':[" + containers + "]}"), diagnostics);
  REQUIRE(d);
  api::check_task_definition(*d, diagnostics);
  INFO(diagnostics.text());
  CHECK(diagnostics.error_count() == 0);
  return container_lifecycle(*d, seconds(1), run_once);
}

const std::string kCheck = "'healthCheck':{'command':['CMD','true'],'interval':10}";

TEST_CASE("without dependencies nothing is waited for") {
  const ContainerLifecycle l = lifecycle("{'name':'web','image':'web'},{'name':'log','image':'log','essential':false}");
  CHECK(l.start_wait == Duration{});
  CHECK_FALSE(l.restart);
  CHECK(l.never_starts.empty());
}

TEST_CASE("GPUs of all containers are the task's") {
  const std::string gpu = "'resourceRequirements':[{'type':'GPU','value':'2'}]";
  CHECK(lifecycle("{'name':'web','image':'w'," + gpu + "},{'name':'b','image':'b'," + gpu + "}").gpus == 4);
}

TEST_CASE("containers are counted for Container Insights, and a task without an essential check is unchecked") {
  const std::string check = "'healthCheck':{'command':['CMD','true']}";
  const ContainerLifecycle plain = lifecycle("{'name':'web','image':'w'}");
  CHECK(plain.unchecked);
  CHECK(plain.insight.containers == 1);
  CHECK(plain.insight.checked == 0);
  const ContainerLifecycle two = lifecycle(
      "{'name':'web','image':'w','restartPolicy':{'enabled':true}},{'name':'b','image':'b','essential':false," + check +
      "}");
  CHECK(two.unchecked);
  CHECK(two.insight.containers == 2);
  CHECK(two.insight.checked == 1);
  CHECK(two.insight.restarting == 1);
  CHECK_FALSE(lifecycle("{'name':'web','image':'w'," + check + "}").unchecked);
  CHECK_FALSE(ContainerLifecycle{}.unchecked);  // no file says
}

TEST_CASE("architecture and ephemeral storage are the task's") {
  document::Diagnostics diagnostics;
  const std::string plain = "{'family':'w','memory':'1024','containerDefinitions':[{'name':'w','image':'w'}]";
  const auto with = [&](const std::string& more) {
    const auto d = api::read_task_definition(api::json(plain + more + "}"), diagnostics);
    REQUIRE(d);
    return *d;
  };
  CHECK(container_lifecycle(with(""), seconds(1)).ephemeral_gib == 20);
  const auto disk = with(",'ephemeralStorage':{'sizeInGiB':50}");
  CHECK(container_lifecycle(disk, seconds(1)).ephemeral_gib == 50);
  const auto arm = with(",'runtimePlatform':{'cpuArchitecture':'ARM64'}");
  CHECK(container_lifecycle(arm, seconds(1)).arm64);
}

TEST_CASE("conditions add up along the longest chain of the containers") {
  // proxy healthy: start 1 s, first check 10 s later.
  const std::string proxy = "{'name':'proxy','image':'p'," + kCheck + "},";
  CHECK(lifecycle(proxy + "{'name':'web','image':'w','dependsOn':[{'containerName':'proxy','condition':'HEALTHY'}]}")
            .start_wait == seconds(11));
  CHECK(lifecycle(proxy + "{'name':'web','image':'w','dependsOn':[{'containerName':'proxy','condition':'START'}]}")
            .start_wait == seconds(1));
  // init exits after 20 s, then the proxy is started, then the application: 1 + 20, 1 + 10.
  const std::string init = "{'name':'init','image':'i','essential':false},";
  const std::string waits =
      "{'name':'proxy','image':'p'," + kCheck + ",'dependsOn':[{'containerName':'init','condition':'SUCCESS'}]},";
  CHECK(lifecycle(init + waits +
                      "{'name':'web','image':'w','dependsOn':[{'containerName':'proxy','condition':'HEALTHY'},"
                      "{'containerName':'init','condition':'COMPLETE'}]}",
                  seconds(20))
            .start_wait == seconds(32));
  // The agent reports a task RUNNING when all of its containers run, those that are not essential too.
  CHECK(lifecycle(proxy + "{'name':'log','image':'l','essential':false,'dependsOn':"
                          "[{'containerName':'proxy','condition':'HEALTHY'}]}")
            .start_wait == seconds(11));
}

TEST_CASE("the wait for other containers comes before the task is RUNNING, unless that never comes") {
  ContainerLifecycle l;
  CHECK(preparation_of(l, seconds(1)).before.empty());
  l.start_wait = seconds(11);
  const PodPreparation waits = preparation_of(l, seconds(1));
  REQUIRE(waits.before.size() == 1);
  CHECK(waits.before[0].mean() == seconds(10));  // and the start of a container
  l.never_starts = "why";
  CHECK(preparation_of(l, seconds(1)).before.empty());
}

TEST_CASE("a condition that takes longer than the start timeout never comes") {
  const auto with = [](int timeout) {
    return lifecycle("{'name':'proxy','image':'p','startTimeout':" + std::to_string(timeout) + "," + kCheck +
                     "},{'name':'web','image':'w','dependsOn':[{'containerName':'proxy','condition':'HEALTHY'}]}");
  };
  CHECK(with(10).never_starts.empty());
  CHECK(with(9).gives_up == seconds(9));
  CHECK(with(9).never_starts.find("'web' waits for 'proxy'") != std::string::npos);
}

TEST_CASE("the restart policy of the first essential container is the task's") {
  const std::string side = "{'name':'log','image':'l','essential':false},";
  const auto web = [&](const std::string& policy) {
    return lifecycle(side + "{'name':'web','image':'w','restartPolicy':" + policy + "}");
  };
  const auto plain = web("{'enabled':true}");
  REQUIRE(plain.restart);
  CHECK(plain.restart->kind == RestartRule::Kind::once_a_period);
  CHECK(plain.restart->period == seconds(300));
  CHECK(web("{'enabled':true,'restartAttemptPeriod':60}").restart->period == seconds(60));
  CHECK(plain.restart->final_exit_codes.empty());
  const auto ignoring = web("{'enabled':true,'ignoredExitCodes':[0,137]}");
  REQUIRE(ignoring.restart);
  CHECK(ignoring.restart->final_exit_codes == std::vector<std::int64_t>{0, 137});
  CHECK_FALSE(web("{'enabled':false}").restart);
}

TEST_CASE("the definition of an app is found by its service or by its family") {
  Setting setting;
  const auto add = [&](const std::string& text) { setting.scaling.push_back({Side::ecs, "f", api::json(text)}); };
  add("{'family':'other','memory':'512','containerDefinitions':[{'name':'c','image':'c','restartPolicy':"
      "{'enabled':true,'restartAttemptPeriod':90}}]}");
  add("{'family':'shop-web','memory':'512','containerDefinitions':[{'name':'c','image':'c','restartPolicy':"
      "{'enabled':true,'restartAttemptPeriod':120}}]}");
  add("{'serviceName':'api','taskDefinition':'other','desiredCount':1}");
  const auto found = read_lifecycles(setting, {"web", "api", "none"}, seconds(1));
  REQUIRE(found.size() == 3);
  CHECK(found[0].restart->period == seconds(120));
  CHECK(found[1].restart->period == seconds(90));
  CHECK_FALSE(found[2].restart);
}

}  // namespace
}  // namespace plimsoll::ecs
