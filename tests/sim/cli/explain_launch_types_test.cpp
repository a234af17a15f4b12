#include "sim/cli/explain_launch_types.h"

#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

TEST_CASE("a provider says whose tasks its managed scaling does not count") {
  const Folder folder;
  folder.put("t.json",
             R"({"family":"web","networkMode":"bridge","cpu":"512","memory":"1024","containerDefinitions":[{"name":"a",
             "image":"i"}]})");
  for (const bool launch_type : {true, false}) {
    folder.put("web.json", std::string(R"({"serviceName":"web","taskDefinition":"web","desiredCount":2)") +
                               (launch_type ? R"(,"launchType":"EC2"})" : "}"));
    ExplainArguments arguments;
    arguments.subject = folder.put("s.yaml", R"(apiVersion: plimsoll/v1
replications: 1
load: {constant: 8/s, for: 1h, warmup: 10m}
files: {ecs: [t.json, web.json]}
sizes: as-written
apps: {web: {work: 1ms}}
platforms:
  a: {type: ecs, capacity: {asg: {type: m5.large, min: 1, max: 4}}}
)");
    arguments.capacity_provider = "asg";
    Subject subject(registry(), arguments);
    const std::string text = explain_capacity_provider(subject, arguments, {100, false}).text;
    CAPTURE(text);
    CHECK((text.find("Not counted: tasks of web, whose launch type EC2") != std::string::npos) == launch_type);
  }
}
