#include "sim/cli/explain_managed_instances.h"

#include "tests/sim/engine/columns.h"

using namespace plimsoll;
using namespace plimsoll::cli;
using namespace plimsoll::engine::testing;

namespace {

/// Ten tasks, thirty, and then five: instances come, and some go.
constexpr const char* kComeAndGo = R"(apiVersion: plimsoll/v1
seed: 3
replications: 1
load: {constant: 50/s, for: 2h, warmup: 20m}
apps: {web: {size: 500m/1Gi, work: 2ms, replicas: 10}}
events: [{at: 20m, scale: web, replicas: 30}, {at: 1h, scale: web, replicas: 5}]
platforms:
  a: {type: ecs, capacity: {managedInstances: {}}}
)";

/// Blanks and ends of lines count as one blank.
std::string unfolded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const char plain = c == '\n' ? ' ' : c;
    if (plain != ' ' || out.empty() || out.back() != ' ') out += plain;
  }
  return out;
}

}  // namespace

TEST_CASE("a Managed Instances provider is told by the instances that came and went, not as a group with policies") {
  const Folder folder;
  ExplainArguments arguments;
  arguments.subject = folder.put("s.yaml", kComeAndGo);
  arguments.capacity_provider = "managed-instances";
  Subject subject(registry(), arguments);
  const std::string text = unfolded(explain_capacity_provider(subject, arguments, {80, false}).text);
  CAPTURE(text);
  CHECK(text.find("AWS launches instances for tasks that wait") != std::string::npos);
  CHECK(text.find("asked for") != std::string::npos);
  CHECK(text.find("shut down: ") != std::string::npos);
  CHECK(text.find("its own policies") == std::string::npos);
  CHECK(text.find("never changed its size") == std::string::npos);
}

TEST_CASE("a Managed Instance came for waiting tasks, and went idle or underused") {
  const Folder folder;
  ExplainArguments arguments;
  arguments.subject = folder.put("s.yaml", kComeAndGo);
  for (const char* node : {"i-0", "i-1"}) {
    CAPTURE(node);
    arguments.node = node;
    Subject subject(registry(), arguments);
    const std::string text = unfolded(explain_node(subject, arguments, {80, false}).text);
    CAPTURE(text);
    CHECK(text.find("Managed Instances: tasks waited that had no room") != std::string::npos);
    CHECK(text.find("least size") == std::string::npos);
    if (text.find("shut down: consolidation") != std::string::npos)
      CHECK(text.find("it was underused, and its tasks had room on the other instances") != std::string::npos);
    if (text.find("shut down: scale_down") != std::string::npos)
      CHECK(text.find("Managed Instances ended it: it had no task since") != std::string::npos);
  }
}
