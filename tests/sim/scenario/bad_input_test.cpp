#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "tests/sim/scenario/fakes.h"

namespace plimsoll::scenario {
namespace {

using testing::fake_registry;
using testing::Folder;

/// What reading this text says, with the folder's name taken away.
std::string complaints(const Folder& folder, const std::string& text, const std::string& name = "s.yaml") {
  document::Diagnostics diagnostics;
  const auto s = read_scenario(folder.put(name, text), fake_registry(), {}, diagnostics);
  CHECK(s.has_value() == !diagnostics.has_errors());
  std::string out = diagnostics.text();
  const std::string directory = folder.at("");
  for (std::size_t at = out.find(directory); at != std::string::npos; at = out.find(directory, at))
    out.erase(at, directory.size());
  return out;
}

// Line numbers below count from the first of these.
const std::string kHead = "apiVersion: plimsoll/v1\n";
const std::string kLoad = "load: {constant: 10/s, for: 1h}\n";
const std::string kApps = "apps: {web: {size: 1 vCPU/1Gi, work: 1ms}}\n";
const std::string kPlatforms = "platforms: {a: {type: ecs}}\n";

struct Case {
  std::string name, text, expected;
};

TEST_CASE("each fault is told with its place, its key path and a way out") {
  const std::vector<Case> cases = {
      {"a misspelt key", kHead + kLoad + kApps + kPlatforms + "replicatoins: 3\n",
       "s.yaml:5:1: error: unknown key 'replicatoins' (at replicatoins)\n  hint: did you mean 'replications'?\n"},
      {"another version of the format", "apiVersion: plimsoll/v2\n" + kLoad + kApps + kPlatforms,
       "s.yaml:1:13: error: must be plimsoll/v1, not 'plimsoll/v2' (at apiVersion)\n  hint: did you mean "
       "'plimsoll/v1'?\n"},
      {"no platforms", kHead + kLoad + kApps,
       "s.yaml:1:1: error: 'platforms' is missing\n  hint: add 'platforms: ...' (a mapping)\n"},
      {"platforms without a column", kHead + kLoad + kApps + "platforms: {}\n",
       "s.yaml:4:12: error: there must be at least one platform (at platforms)\n"},
      {"an unknown type", kHead + kLoad + kApps + "platforms: {a: {type: esc}}\n",
       "s.yaml:4:23: error: unknown platform type 'esc' (at platforms.a.type)\n  hint: did you mean 'ecs'?\n"},
      {"a type from elsewhere", kHead + kLoad + kApps + "platforms: {a: {type: nomad}}\n",
       "s.yaml:4:23: error: unknown platform type 'nomad' (at platforms.a.type)\n  hint: known: ecs eks\n"},
      {"from an unknown column", kHead + kLoad + kApps + "platforms: {one: {type: ecs}, b: {from: on}}\n",
       "s.yaml:4:41: error: no platform 'on' (at platforms.b.from)\n  hint: did you mean 'one'?\n"},
      {"columns that inherit in a circle",
       kHead + kLoad + kApps + "platforms: {a: {type: ecs, from: b}, b: {type: ecs, from: a}}\n",
       "s.yaml:4:34: error: platform 'b' inherits itself (at platforms.a.from)\n"
       "s.yaml:4:59: error: platform 'a' inherits itself (at platforms.b.from)\n"},
      {"a call to an unknown app",
       kHead + kLoad + "apps: {catalog: {size: 1 vCPU/1Gi, work: 1ms, calls: {catalgo: 1}}}\n" + kPlatforms,
       "s.yaml:3:55: error: 'catalog' calls the unknown app 'catalgo' (at apps.catalog.calls.catalgo)\n  hint: did you "
       "mean 'catalog'?\n"},
      {"a minimum above the maximum",
       kHead + kLoad + "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, scale: {cpu: 60%, min: 9, max: 3}}}\n" + kPlatforms,
       "s.yaml:3:50: error: min 9 is above max 3 (at apps.web.scale)\n"},
      {"scaled without a maximum",
       kHead + kLoad + "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, scale: {cpu: 60%}}}\n" + kPlatforms,
       "s.yaml:3:8: error: 'max' is missing: 'web' is scaled (at apps.web.scale)\n  hint: add scale: {max: ...}\n"},
      {"no work", kHead + kLoad + "apps: {web: {size: 1 vCPU/1Gi}}\n" + kPlatforms,
       "s.yaml:3:8: error: 'work' is missing (at apps.web)\n  hint: add 'work: ...' (CPU time of one request, such as "
       "6ms)\n"},
      {"a misspelt key that must be there",
       kHead + kLoad + "apps: {web: {size: 1 vCPU/1Gi, works: 1ms}}\n" + kPlatforms,
       "s.yaml:3:32: error: unknown key 'works' (at apps.web.works)\n  hint: did you mean 'work'?\n"},
      {"a kind of load with a capital letter", kHead + "load: {Constant: 10/s, for: 1h}\n" + kApps + kPlatforms,
       "s.yaml:2:8: error: unknown key 'Constant' (at load.Constant)\n  hint: did you mean 'constant'?\n"},
      {"a ring of calls that multiplies",
       kHead + "load: {constant: 10/s, for: 1h, to: a}\n" +
           "apps:\n"
           "  a: {size: 1 vCPU/1Gi, work: 1ms, calls: {b: 1}}\n"
           "  b: {size: 1 vCPU/1Gi, work: 1ms, calls: {c: 0.1, a: 1.5}}\n"
           "  c: {size: 1 vCPU/1Gi, work: 1ms}\n" +
           kPlatforms,
       "s.yaml:5:55: error: the calls a -> b -> a multiply without end: each round makes 1.224745 new rounds (must be "
       "below 1) (at apps.b.calls.a)\n  hint: lower the number of calls in the ring\n"},
      {"no size", kHead + kLoad + "apps: {web: {work: 1ms}}\n" + kPlatforms,
       "s.yaml:3:8: error: 'size' is missing, and no file gives it (at apps.web)\n  hint: add 'size: 500m/1Gi'\n"},
      {"half a size", kHead + kLoad + "apps: {web: {size: 500m, work: 1ms}}\n" + kPlatforms,
       "s.yaml:3:20: error: '500m' is not a size (at apps.web.size)\n  hint: write CPU/memory such as 500m/2Gi\n"},
      {"a time without a unit", kHead + kLoad + "apps: {web: {size: 1 vCPU/1Gi, work: 6}}\n" + kPlatforms,
       "s.yaml:3:38: error: '6' has no unit (at apps.web.work)\n  hint: write a duration such as 90s, 1h30m or "
       "250ms\n"},
      {"an unknown entry", kHead + "load: {constant: 10/s, for: 1h, to: wed}\n" + kApps + kPlatforms,
       "s.yaml:2:37: error: no app 'wed' (at load.to)\n  hint: did you mean 'web'?\n"},
      {"no entry among several",
       kHead + kLoad + "apps: {a: {size: 1 vCPU/1Gi, work: 1ms}, b: {size: 1 vCPU/1Gi, work: 1ms}}\n" + kPlatforms,
       "s.yaml:2:7: error: 'to' is missing: which app do requests enter by? (at load)\n  hint: add 'to: ...' with a or "
       "b\n"},
      {"no load", kHead + kApps + kPlatforms,
       "s.yaml:1:1: error: 'load' is missing\n  hint: add 'load: ...' (a mapping)\n"},
      {"a load of no kind", kHead + "load: {for: 1h}\n" + kApps + kPlatforms,
       "s.yaml:2:7: error: no arrivals (at load)\n  hint: add trace, constant, diurnal, flashCrowd or steps\n"},
      {"two kinds of load", kHead + "load: {constant: 10/s, steps: {0s: 1/s}, for: 1h}\n" + kApps + kPlatforms,
       "s.yaml:2:31: error: only one kind of load, not constant and steps (at load.steps)\n  hint: remove one, or set "
       "it to null\n"},
      {"a rate without a unit", kHead + "load: {constant: 10, for: 1h}\n" + kApps + kPlatforms,
       "s.yaml:2:18: error: '10' is not a request rate: it has no unit (at load.constant)\n  hint: write a rate such "
       "as 200/s or 12000/min\n"},
      {"no length", kHead + "load: {constant: 10/s}\n" + kApps + kPlatforms,
       "s.yaml:2:7: error: 'for' is missing (at load)\n  hint: add 'for: ...' (90s, 1h30m or 250ms)\n"},
      {"a trace that is not there", kHead + "load: {trace: t.csv, for: 1h}\n" + kApps + kPlatforms,
       "s.yaml:2:15: error: no file 't.csv' (at load.trace)\n"},
      {"zones by the dozen", kHead + "zones: 12\n" + kLoad + kApps + kPlatforms,
       "s.yaml:2:8: error: must be between 1 and 6, not 12 (at zones)\n"},
      {"a date that is none", kHead + "asOf: 2020-13\n" + kLoad + kApps + kPlatforms,
       "s.yaml:2:7: error: '2020-13' is not a date (at asOf)\n  hint: write today, 2020-12 or 2020-12-31\n"},
      {"a promise about nothing", kHead + kLoad + kApps + kPlatforms + "expect: {requests.lots: \"< 1%\"}\n",
       "s.yaml:5:10: error: unknown promise 'requests.lots' (at expect.\"requests.lots\")\n  hint: did you mean "
       "'requests.lost'?\n"},
      {"a promise of a percentile that is not measured",
       kHead + kLoad + kApps + kPlatforms + "expect: {web.latency.p98: \"< 1s\"}\n",
       "s.yaml:5:10: error: unknown promise 'web.latency.p98' (at expect.\"web.latency.p98\")\n  hint: did you mean "
       "'web.latency.p95'?\n"},
      {"a promise without a direction", kHead + kLoad + kApps + kPlatforms + "expect: {requests.lost: 1%}\n",
       "s.yaml:5:25: error: '1%' does not begin with <, <=, > or >= (at expect.\"requests.lost\")\n  hint: write \"< "
       "0.1%\"\n"},
      {"a zone of another region",
       kHead + "region: eu-west-1\nzones: [eu-west-1a, us-east-1a]\n" + kLoad + kApps + kPlatforms,
       "s.yaml:3:21: error: zone 'us-east-1a' is not in region eu-west-1 (at zones)\n  hint: its zones are eu-west-1a, "
       "eu-west-1b and so on\n"},
      {"a promise of another kind", kHead + kLoad + kApps + kPlatforms + "expect: {web.latency.p99: \"< 5%\"}\n",
       "s.yaml:5:27: error: '5%' is not a duration (at expect.\"web.latency.p99\")\n  hint: write \"< 500ms\"\n"},
      {"latency of an app behind the entry",
       kHead +
           "load: {constant: 10/s, for: 1h, to: a}\napps: {a: {size: 1 vCPU/1Gi, work: 1ms}, b: {size: 1 vCPU/1Gi, "
           "work: 1ms}}\n" +
           kPlatforms + "expect: {b.latency.p99: \"< 5s\"}\n",
       "s.yaml:5:10: error: latency is measured where requests enter, at 'a' (at expect.\"b.latency.p99\")\n  hint: "
       "write a.latency.p99\n"},
      {"windows that are not kept",
       kHead + kLoad + kApps + kPlatforms + "expect: {web.latency.p99: \"< 5s in 99% of 1min\"}\n",
       "s.yaml:5:27: error: latency is judged over windows of 5min (at expect.\"web.latency.p99\")\n  hint: write \"in "
       "99% of 5min\"\n"},
      {"a file pattern that matches nothing", kHead + kLoad + kApps + kPlatforms + "files: {ecs: [x/*.json]}\n",
       "s.yaml:5:15: error: no file matches 'x/*.json' (at files.ecs[0])\n"},
      {"a kind that is not modelled is left out, with a warning",
       kHead + kLoad + kApps + kPlatforms + "files: {kubernetes: scaled.yaml}\n",
       "scaled.yaml:1:1: warning: kind ScaledObject (keda.sh/v1alpha1) is not modelled and is left out\n"},
      {"an app only in the files", kHead + kLoad + kApps + kPlatforms + "files: {kubernetes: hpa.yaml}\n",
       "hpa.yaml: warning: HorizontalPodAutoscaler 'webb' belongs to no app and is left out\n  hint: is it the app "
       "'web'?\n"},
      {"an event of no kind", kHead + kLoad + kApps + kPlatforms + "events: [{at: 1h}]\n",
       "s.yaml:5:10: error: what happens? an event needs one of deploy, rollback, scale, fail, upgrade, "
       "updateClusterVersion, removeSchedulingGates (at events[0])\n"},
      {"an event of two kinds",
       kHead + kLoad + kApps + kPlatforms + "events: [{at: 1h, scale: web, fail: {node: any}}]\n",
       "s.yaml:5:37: error: one kind an event, not scale and fail (at events[0].fail)\n  hint: write two events\n"},
      {"an event at no instant", kHead + kLoad + kApps + kPlatforms + "events: [{at: noon, scale: web, min: 2}]\n",
       "s.yaml:5:15: error: 'noon' is not an instant (at events[0].at)\n  hint: write 6h, 1h30m or 06:00, counted from "
       "the window's start\n"},
      {"an event after the end", kHead + kLoad + kApps + kPlatforms + "events: [{at: 02:00, scale: web, min: 2}]\n",
       "s.yaml:5:15: warning: this is after the end of the window (1h); it never happens (at events[0].at)\n"},
      {"an event of an unknown app", kHead + kLoad + kApps + kPlatforms + "events: [{at: 1h, scale: wed, min: 2}]\n",
       "s.yaml:5:26: error: no app 'wed' (at events[0].scale)\n  hint: did you mean 'web'?\n"},
      {"a scale to nothing", kHead + kLoad + kApps + kPlatforms + "events: [{at: 1h, scale: web}]\n",
       "s.yaml:5:26: error: what to? add replicas, min or max (at events[0].scale)\n  hint: write {at: 6h, scale: web, "
       "min: 10}\n"},
      {"a rollback to a revision that is not there yet",
       kHead + kLoad + kApps + kPlatforms +
           "events: [{at: 20m, deploy: web}, {at: 10m, rollback: web, to: 2}, {at: 30m, rollback: web, to: 1}]\n",
       "s.yaml:5:34: error: unable to find the revision 2 of web: it has only the scenario's own then (at "
       "events[1].to)\n  hint: revisions come from deploy events\n"},
      {"an unknown zone", kHead + kLoad + kApps + kPlatforms + "events: [{at: 1h, fail: {zone: us-east-1d}}]\n",
       "s.yaml:5:32: error: no zone 'us-east-1d' (at events[0].fail.zone)\n  hint: did you mean 'us-east-1a'?\n"},
      {"a node that comes back",
       kHead + kLoad + kApps + kPlatforms + "events: [{at: 1h, fail: {node: any}, for: 5m}]\n",
       "s.yaml:5:43: error: a node that fails does not come back (at events[0].for)\n  hint: for belongs to fail: "
       "{zone: ...}\n"},
      {"a window beyond a year", kHead + "load: {constant: 10/s, for: 9000h}\n" + kApps + kPlatforms,
       "s.yaml:2:29: error: must be between 0s and 8784h, not '9000h' (at load.for)\n"},
      {"a maximum that is no number",
       kHead + kLoad + "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, scale: {cpu: 60%, max: 1e9}}}\n" + kPlatforms,
       "s.yaml:3:66: error: must be a whole number, not '1e9' (at apps.web.scale.max)\n"},
      {"a sweep", "base: a.yaml\nvary: {}\n",
       "s.yaml:1:1: error: this is a sweep, not a scenario\n  hint: plimsoll sweep s.yaml\n"},
      {"a list", "- 1\n", "s.yaml:1:1: error: a scenario must be a mapping, not a list\n"},
      {"a file that inherits itself", "from: s.yaml\n",
       "s.yaml:1:7: error: 's.yaml' inherits itself (at from)\n  hint: remove one of the `from` lines\n"},
  };
  const Folder folder;
  folder.put("scaled.yaml", "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\n");
  folder.put("hpa.yaml",
             "kind: HorizontalPodAutoscaler\nspec: {minReplicas: 1, maxReplicas: 4, scaleTargetRef: {name: webb}}\n");
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(complaints(folder, c.text) == c.expected);
  }
}

TEST_CASE("all faults are told at once, in the order of the file") {
  const Folder folder;
  const std::string text =
      "apiVersion: plimsoll/v1\n"
      "seed: seven\n"
      "load: {steps: {0s: 10/s}, for: 1h, to: wbe}\n"
      "apps:\n"
      "  web: {size: 1 vCPU, work: 6, calls: {databse: 2}}\n"
      "  database: {size: 1 vCPU/2Gi, wrok: 1ms}\n"
      "platforms:\n"
      "  a: {type: esk}\n";
  CHECK(complaints(folder, text) ==
        "s.yaml:2:7: error: must be a whole number, not 'seven' (at seed)\n"
        "s.yaml:3:40: error: no app 'wbe' (at load.to)\n  hint: did you mean 'web'?\n"
        "s.yaml:5:15: error: '1 vCPU' is not a size (at apps.web.size)\n  hint: write CPU/memory such as 500m/2Gi\n"
        "s.yaml:5:29: error: '6' has no unit (at apps.web.work)\n  hint: write a duration such as 90s, 1h30m or 250ms\n"
        "s.yaml:5:40: error: 'web' calls the unknown app 'databse' (at apps.web.calls.databse)\n  hint: did you mean "
        "'database'?\n"
        "s.yaml:6:32: error: unknown key 'wrok' (at apps.database.wrok)\n  hint: did you mean 'work'?\n"
        "s.yaml:8:13: error: unknown platform type 'esk' (at platforms.a.type)\n  hint: did you mean 'eks'?\n");
}

TEST_CASE("the rows of a trace that are wrong are named") {
  const Folder folder;
  folder.put("gap.csv", "t_s,rate_rps\n0,1\n60,2\n240,3\n300,-4\n");
  CHECK(complaints(folder, kHead + "load: {trace: gap.csv, warmup: 0s, for: 1m}\n" + kApps + kPlatforms)
            .starts_with("gap.csv:4:1: error: "));
  folder.put("good.csv", "t_s,rate_rps\n0,1\n60,2\n120,3\n");
  CHECK(complaints(folder, kHead + "load: {trace: good.csv, warmup: 1m, for: 1m}\n" + kApps + kPlatforms) ==
        "s.yaml:2:7: error: the trace begins at 0s: nothing comes before it to warm up for 1m (at load.start)\n"
        "  hint: write start: 1m or later, or warmup: 0s\n");
  CHECK(complaints(folder, kHead + "load: {trace: good.csv, start: 1m, warmup: 1m, for: 3m}\n" + kApps + kPlatforms) ==
        "s.yaml:2:53: error: the window ends at 4m, the trace at 3m (at load.for)\n  hint: make `for` shorter or "
        "`start` earlier\n");
  CHECK(complaints(folder, kHead + "load: {trace: good.csv, start: 1m, warmup: 1m, for: 2m}\n" + kApps + kPlatforms) ==
        "");
}

TEST_CASE("names are not empty and hold no control characters") {
  const Folder folder;
  CHECK(complaints(folder, kHead + kLoad + kApps + "platforms: {\"\": {type: ecs}}\n") ==
        "s.yaml:4:13: error: a name must not be empty (at platforms)\n  hint: name the platform\n");
  CHECK(complaints(folder, kHead + kLoad + "apps: {\"we\\nb\": {size: 1 vCPU/1Gi, work: 1ms}}\n" + kPlatforms) ==
        "s.yaml:3:8: error: a name must not hold control characters, such as a line break (at apps)\n"
        "  hint: name the app\n");
  CHECK(complaints(folder, kHead + kLoad + kApps + "platforms: {a b: {type: ecs}}\n") == "");
}

TEST_CASE("a platform that inherits nothing known is one fault, with the names that are known") {
  const Folder folder;
  CHECK(complaints(folder, kHead + kLoad + kApps + "platforms: {a: {from: a}}\n") ==
        "s.yaml:4:23: error: platform 'a' inherits itself (at platforms.a.from)\n");
  CHECK(complaints(folder, kHead + kLoad + kApps + "platforms: {one: {type: ecs}, b: {from: zebra}}\n") ==
        "s.yaml:4:41: error: no platform 'zebra' (at platforms.b.from)\n  hint: the others are one\n");
}

TEST_CASE("two workloads of one name in the files: the first is the app, the other is told") {
  const Folder folder;
  const std::string deployment =
      "{kind: Deployment, metadata: {name: web}, spec: {replicas: 2, template: {spec: {containers: [{name: web, "
      "resources: {requests: {cpu: 500m, memory: 1Gi}}}]}}}}\n";
  folder.put("one.yaml", deployment);
  folder.put("two.yaml", deployment);
  const std::string files = "files: {kubernetes: [one.yaml, two.yaml]}\n";
  const std::string said = complaints(folder, kHead + kLoad + kApps + kPlatforms + files);
  CHECK(said.find("s.yaml:3:8: warning: the files have two workloads 'web': the Deployment of one.yaml is the app, the "
                  "Deployment of two.yaml is left out (at apps.web)\n") != std::string::npos);
}

TEST_CASE("a key of each that every app has itself changes nothing, and that is said") {
  const Folder folder;
  const std::string apps = "apps: {web: {size: 1 vCPU/1Gi, work: 1ms, scale: {cpu: 60%, max: 9}}}\n";
  const std::string file = folder.put("s.yaml", kHead + kLoad + apps + kPlatforms);
  const auto said = [&](const std::string& set) {
    document::Diagnostics diagnostics;
    ReadOptions options;
    options.sets = {set};
    CHECK(read_scenario(file, fake_registry(), options, diagnostics).has_value());
    return diagnostics.text();
  };
  CHECK(said("each.scale.cpu=40%") ==
        "--set each.scale.cpu=40%: warning: each.scale.cpu has no effect: every app has a scale.cpu of its own\n"
        "  hint: set apps.web.scale.cpu, or take it out of the apps\n");
  CHECK(said("each.scale.min=2") == "");
  document::Diagnostics diagnostics;
  ReadOptions options;
  options.overrides = {{"each.scale.cpu", document::Node::string("40%")}};
  CHECK(read_scenario(file, fake_registry(), options, diagnostics).has_value());
  CHECK(diagnostics.text().starts_with("vary each.scale.cpu: warning: each.scale.cpu has no effect"));
}

}  // namespace
}  // namespace plimsoll::scenario
