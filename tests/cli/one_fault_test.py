"""One message a fault: what is wrong is told once, where it stands, however many parts of the program stumble over it.
And prices by region: what the catalogue has, what it lacks, and the user's own.

usage: one_fault_test.py PROGRAM
"""

import copy
import json
import sys
import unittest

sys.dont_write_bytecode = True
from program import ROOT, SMALL, Program, deployment  # noqa: E402

TASK = """{"family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
 "cpu": CPU, "memory": "MEMORY",
 "containerDefinitions": [{"name": "web", "image": "x", "essential": true}]}
"""
HPA = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 5
  maxReplicas: 3
"""
FILES = """apiVersion: plimsoll/v1
load: {constant: 5/s, for: 1h}
files: {KIND: [FILE]}
sizes: as-written
apps: {web: {work: 5ms}}
platforms:
  a: PLATFORM
  b: PLATFORM
"""
FARGATE = "{type: ecs, capacity: fargate}"
NODES = "{type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 20}, autoscaler: cluster-autoscaler}}"


# As rich as a first scenario of a user's own: every kind of column, applications that call each other, promises.
RICH = {
    "apiVersion": "plimsoll/v1", "region": "us-east-1", "zones": 3, "asOf": "today", "seed": 3, "replications": 2,
    "calendar": "2026-03-01",
    "load": {"diurnal": {"peak": "90/s", "trough": "20/s", "peakAt": "15h"}, "for": "1h", "warmup": "10m", "scale": 2,
             "to": "web", "timeout": "2s"},
    "quotas": {"onDemandStandard": 500},
    "each": {"scale": {"cpu": "60%", "min": 2, "max": 40}, "spread": "zone", "maxDisruption": "25%"},
    "apps": {"web": {"size": "2/8Gi", "work": "5ms", "start": {"cpu": "5s", "wait": "1s"}, "image": "120MB",
                     "calls": {"api": 0.5}},
             "api": {"size": "250m/512Mi", "work": "4ms", "image": "80MB"}},
    "around": {"alb": 1, "nat": 1, "reply": "10KB", "logs": "200B"},
    "platforms": {
        "tasks": {"type": "ecs", "capacity": "fargate"},
        "instances": {"type": "ecs", "eniTrunking": True, "place": ["spread(zone)", "binpack(memory)"],
                      "capacity": {"asg": {"type": "m5.xlarge", "min": 2, "max": 20}, "target": "100%"}},
        "nodes": {"type": "eks", "addons": "default",
                  "capacity": {"nodeGroup": {"type": "m5.xlarge", "min": 2, "max": 20},
                               "autoscaler": "cluster-autoscaler", "flags": {"expander": "least-waste"}}},
        "karpenter": {"from": "nodes", "capacity": {"bootstrap": {"type": "t3.medium", "count": 2},
                                                    "nodePools": ["pool.yaml"]}}},
    "expect": {"web.latency.p99": "< 500ms in 99% of 5min", "requests.lost": "< 0.1%", "pending.p99": "< 5min"},
}
OWN_NAMES = ("apps", "platforms")  # their keys are the user's


def places(node, path=()):
    for key, value in node.items() if isinstance(node, dict) else ():
        yield path + (key,)
        yield from places(value, path + (key,))


class OneFault(Program):
    def one(self, message, *arguments):
        code, out, err = self.call(*arguments)
        self.assertEqual((2, ""), (code, out), err)
        self.assertEqual(1, err.count("error: "), err)
        self.assertIn(message, err)

    def files(self, kind, name, text, platform):
        self.put(name, text)
        return self.put("f.yaml", FILES.replace("KIND", kind).replace("FILE", name).replace("PLATFORM", platform))

    def test_a_fault_elsewhere_says_nothing_about_node_pools(self):
        pool = (ROOT / "scenarios/manifests/kubernetes/karpenter.nodepool.yaml").read_text(encoding="utf-8")
        self.put("pool.yaml", pool)
        self.put("k.yaml", FILES.replace("files: {KIND: [FILE]}\n", "").replace("sizes: as-written\n", "")
                 .replace("work: 5ms", "work: 5ms, size: 2/8Gi")
                 .replace("PLATFORM", "{type: eks, capacity: {bootstrap: {type: t3.medium, count: 2}, "
                                      "nodePools: [pool.yaml]}}"))
        self.good("validate", "k.yaml")
        self.one("unknown key 'scal'", "validate", "k.yaml", "--set", "load.scal=2")

    def test_one_slip_anywhere_is_one_fault(self):
        pool = (ROOT / "scenarios/manifests/kubernetes/karpenter.nodepool.yaml").read_text(encoding="utf-8")
        self.put("pool.yaml", pool)
        self.put("rich.json", json.dumps(RICH, indent=1))
        self.good("validate", "rich.json")

        def told(path, change):
            tree = copy.deepcopy(RICH)
            parent = tree
            for key in path[:-1]:
                parent = parent[key]
            change(parent, path[-1])
            self.put("slip.json", json.dumps(tree, indent=1))
            code, out, err = self.call("validate", "slip.json")
            self.assertEqual((2, ""), (code, out), err)
            self.assertEqual(1, err.count("error: "), err)

        def misspell(parent, key):
            entries = [(key[:-1] + "q" if name == key else name, value) for name, value in parent.items()]
            parent.clear()
            parent.update(entries)

        def nonsense(parent, key):
            parent[key] = "zzz"

        for path in places(RICH):
            if len(path) != 2 or path[0] not in OWN_NAMES:
                with self.subTest("a misspelt key", path=path):
                    told(path, misspell)
            # What several columns take over, they lack together.
            if path not in (("platforms", "nodes"), ("platforms", "karpenter", "from")):
                with self.subTest("a value that is none", path=path):
                    told(path, nonsense)

    def test_misspelt_types_and_capacities(self):
        self.one("unknown key 'typ'", "validate", self.put("t.yaml", SMALL.replace("asg: {type:", "asg: {typ:")))
        self.one("unknown key 'typ'", "validate",
                 self.put("n.yaml", SMALL.replace("nodeGroup: {type:", "nodeGroup: {typ:")))

    def test_a_misspelt_key_that_must_be_there(self):
        self.put("w.yaml", SMALL.replace("work: 5ms", "works: 5ms"))
        self.one("w.yaml:6:5: error: unknown key 'works'", "validate", "w.yaml")

    def test_a_kind_of_load_with_a_capital_letter(self):
        self.put("d.yaml", SMALL.replace("constant: 120/s", "Diurnal: {mean: 50/s}"))
        self.one("d.yaml:2:8: error: unknown key 'Diurnal'", "validate", "d.yaml")

    def test_a_task_whose_cpu_is_no_size(self):
        text = TASK.replace("CPU", '"lots"').replace("MEMORY", "2048")
        self.one("'lots' is not a size", "validate", self.files("ecs", "task.json", text, FARGATE))

    def test_a_task_of_a_size_that_fargate_has_not(self):
        text = TASK.replace("CPU", '"256"').replace("MEMORY", "4096")
        self.one("No Fargate configuration exists", "validate", self.files("ecs", "task.json", text, FARGATE))

    def test_an_autoscaler_with_its_minimum_above_its_maximum(self):
        self.one("must be greater than or equal to `minReplicas`", "validate",
                 self.files("kubernetes", "web.yaml", deployment() + "---\n" + HPA, NODES))

    def test_a_ring_of_calls(self):
        self.put("r.yaml", SMALL.replace("  web:\n", "  api: {size: 500m/1Gi, work: 1ms, calls: {web: 1.1}}\n  web:\n"
                                                      "    calls: {api: 1}\n").replace("for: 1h}", "for: 1h, to: web}"))
        for verb in (["validate"], ["compare"], ["explain", "--service", "web", "--platform", "tasks"]):
            self.one("r.yaml:6:18: error: the calls ", verb[0], "r.yaml", *verb[1:])

    def test_a_target_that_fargate_cannot_reach(self):
        _, _, err = self.call("validate", "s.yaml", "--set", "apps.web.scale.cpu=1000%")
        self.assertEqual(1, err.count("warning: web: a CPU target of 1000% is never reached on Fargate"), err)

    def test_a_value_that_stands_twice_in_a_sweep(self):
        self.put("t.yaml", "apiVersion: plimsoll/v1\nbase: s.yaml\nvary: {load.scale: [1, 1]}\n")
        self.one("t.yaml:3:24: error: the value 1 stands twice", "sweep", "t.yaml", "--out", "o")


class Prices(Program):
    def test_every_region_of_the_catalogue_runs(self):
        regions = sorted({line.split(",")[0] for line in
                          (ROOT / "models/aws/data/ec2_on_demand_linux.csv").read_text().splitlines()[1:]})
        self.assertEqual(16, len(regions))
        for region in regions:
            with self.subTest(region):
                code, _, err = self.call("validate", "s.yaml", "--set", "region=" + region)
                self.assertEqual(0, code, err)
                code, out, _ = self.call("catalog", "--services", "--region", region)
                self.assertEqual(0, code)
                self.assertRegex(out, r"(?m)^fargate/linux_x86_64_vcpu +0\.0\d+ vCPU-hour +\w+$")

    def test_a_price_that_a_region_lacks_names_item_region_and_the_way_out(self):
        self.put("task.json", TASK.replace("CPU", '"1024"').replace("MEMORY", "2048").replace(
            '"cpu"', '"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE"}, "cpu"'))
        self.put("f.yaml", FILES.replace("KIND", "ecs").replace("FILE", "task.json").replace("PLATFORM", FARGATE))
        code, _, err = self.call("validate", "f.yaml", "--set", "region=eu-west-1")
        self.assertEqual(2, code)
        for item in ("vcpu", "mem"):
            self.assertEqual(1, err.count(f"no price of fargate/windows_x86_64_{item} in eu-west-1"), err)
        self.assertIn("prices: {fargate/windows_os_licence: $0.00/vCPU-hour}", err)
        own = [f"--set=prices.fargate/windows_{key}" for key in (
            "x86_64_vcpu=$0.1/vCPU-hour", "x86_64_mem=$0.01/GB-hour", "os_licence=$0.05/vCPU-hour")]
        code, _, err = self.call("validate", "f.yaml", "--set", "region=eu-west-1", *own)
        self.assertEqual(0, code, err)

    def test_a_price_of_the_users_own(self):
        def bill(*more):
            code, out, err = self.call("run", "s.yaml", "--platform", "tasks", "-o", "json", *more)
            self.assertEqual(0, code, err)
            lines = json.loads(out)["platforms"]["tasks"]["cost"]["lines"]
            return {line["item"]: float(line["usd"]) for line in lines}
        own = ["--set", "prices.fargate/linux_x86_64_vcpu=$0.08096/vCPU-hour"]  # twice the list price
        before, after = bill(), bill(*own)
        self.assertGreater(before["fargate/vcpu"], 0)
        self.assertAlmostEqual(2 * before["fargate/vcpu"], after["fargate/vcpu"], places=6)
        self.assertEqual(before["fargate/memory"], after["fargate/memory"])
        self.assertIn("prices of your own replace the catalogue's: fargate/linux_x86_64_vcpu =",
                      " ".join(self.call("run", "s.yaml", "--platform", "tasks", *own)[1].split()))
        code, _, err = self.call("validate", "s.yaml", "--set", "prices.fargate/vcpu=$1/h")
        self.assertEqual((2, 1), (code, err.count("error: no such price 'fargate/vcpu'")), err)

    def test_the_list_of_services(self):
        code, out, _ = self.call("catalog", "--services", "--region", "eu-west-1", "-o", "json")
        self.assertEqual(0, code)
        services = {row["item"]: row for row in json.loads(out)["services"]}
        self.assertEqual("0.008", services["elb/alb_lcu"]["usd"])
        self.assertEqual("no price", services["fargate/windows_os_licence"]["confidence"])
        code, out, _ = self.call("catalog", "--services", "-o", "csv")
        self.assertEqual(len(services) + 1, len(out.splitlines()))


if __name__ == "__main__":
    unittest.main()
