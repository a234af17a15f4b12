"""plimsoll explain on the real program: every form on small runs of each kind of column.

usage: explain_test.py PROGRAM
"""

import csv
import json
import shutil
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True
from program import Runs  # noqa: E402

SCENARIO = """apiVersion: plimsoll/v1
load: {trace: wave.csv, start: 30m, for: 3h}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    start: {cpu: 5s, wait: 1s}
    image: 120MB
    scale: {cpu: 60%, min: 2, max: 60}
platforms:
  tasks: {type: ecs, capacity: fargate}
  instances: {type: ecs, capacity: {asg: {type: m5.large, min: 2, max: 30}}, eniTrunking: true}
  classic:
    from: instances
    capacity:
      asg: {type: m5.large, min: 2, max: 30}
      managedScaling: false
      scalingPolicies:
        - {metric: CPUReservation, comparisonOperator: GreaterThanThreshold, threshold: 60%, scalingAdjustment: 1}
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 30}, autoscaler: cluster-autoscaler}}
  karpenter: {type: eks, capacity: {bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}}
"""
POOL = """apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      expireAfter: 720h
      requirements:
        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5, c5]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
  disruption: {consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 1m}
---
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec: {amiFamily: AL2023}
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: job}
spec:
  containers:
    - {name: c, image: busybox, resources: {requests: {cpu: 250m, memory: 256Mi}}}
"""
TASK = """{"family": "job", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
 "containerDefinitions": [{"name": "c", "image": "busybox", "essential": true}]}
"""


def wave():
    rows = ["t_s,rate_rps"]
    for minute in range(300):
        phase = minute % 120
        rows.append(f"{minute * 60},{100 + 1200 * (phase if phase < 60 else 120 - phase) // 60}")
    return "\n".join(rows) + "\n"


class ExplainTest(Runs):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.dir / "in").mkdir()
        (cls.dir / "in/s.yaml").write_text(SCENARIO)
        (cls.dir / "in/wave.csv").write_text(wave())
        (cls.dir / "in/pool.yaml").write_text(POOL)
        (cls.dir / "pod.yaml").write_text(POD)
        (cls.dir / "task.json").write_text(TASK)
        done = cls.call("compare", "in/s.yaml", "--out", "run", "-q", "--replications", "1")
        assert done[0] in (0, 3), done
        # A run directory is enough: what it was made from goes.
        shutil.rmtree(cls.dir / "in")
        with open(cls.dir / "run/events.csv", newline="") as f:
            cls.events = list(csv.DictReader(f))

    def explain(self, platform, *arguments):
        code, out, err = self.call("explain", "run", "--platform", platform, *arguments)
        self.assertEqual((0, ""), (code, err), arguments)
        self.assertLessEqual(max(len(line) for line in out.splitlines()), 80, out)
        code, text, err = self.call("explain", "run", "--platform", platform, *arguments, "-o", "json")
        self.assertEqual((0, ""), (code, err), arguments)
        data = json.loads(text)
        self.assertEqual("1.0", data["format_version"])
        self.assertEqual(platform, data["platform"])
        self.assertIn("equal to the stored run", data["check"])
        return out, data

    def facts(self, platform, **wanted):
        return [e for e in self.events if e["platform"] == platform and all(e[k] == v for k, v in wanted.items())]

    def bad(self, *arguments):
        code, out, err = self.call("explain", *arguments)
        self.assertEqual((2, ""), (code, out))
        return err.splitlines()

    # --- pods and tasks ---

    def test_a_life_has_the_times_of_the_event_log(self):
        for platform in ("tasks", "instances", "nodes", "karpenter"):
            bound = self.facts(platform, fact="pod_bound", workload="web")
            pod = bound[len(bound) // 2]["pod"]
            out, data = self.explain(platform, "--pod", pod)
            steps = {step["step"]: step["at_us"] for step in data["life"]}
            for fact, step in (("pod_created", "created"), ("pod_bound", "bound"), ("pod_started", "started"),
                               ("pod_serving", "serving"), ("pod_ended", "ended")):
                logged = self.facts(platform, fact=fact, pod=pod)
                self.assertEqual([int(e["at_us"]) for e in logged], [steps[step]] if step in steps else [], (pod, step))
            self.assertEqual(bound[len(bound) // 2]["node"], data["node"])
            self.assertIn("placed on " + data["node"], out)
            self.assertGreater(float(data["cost"]["usd"]), 0)
            self.assertIn("the trace hash", data["check"])

    def test_the_grid_names_the_node_that_the_log_has(self):
        for pod in {e["pod"] for e in self.facts("nodes", fact="pod_bound", workload="web")}:
            _, data = self.explain("nodes", "--pod", pod)
            place = data["placement"]
            self.assertEqual(data["node"], place["chosen"])
            nodes = {n["node"]: n for n in place["nodes"]}
            chosen = nodes[place["chosen"]]
            self.assertTrue(chosen["valid"])
            best = max(n["total"] for n in nodes.values() if n["valid"])
            self.assertEqual(best, chosen["total"])
            for node in nodes.values():
                if not node["valid"]:
                    self.assertTrue(node["reason"])
                    continue
                self.assertEqual(node["total"], sum(s["weighted"] for s in node["scores"].values()))
                for score in node["scores"].values():
                    self.assertEqual(score["weighted"], score["weight"] * score["normalized"])
            break

    def test_pods_that_waited_have_the_words_of_the_scheduler(self):
        first = {e["pod"]: int(e["at_us"]) for e in self.facts("nodes", fact="pod_created", workload="web")}
        waits = {e["pod"]: int(e["at_us"]) - first[e["pod"]]
                 for e in self.facts("nodes", fact="pod_bound", workload="web")}
        pod = max(waits, key=waits.get)
        self.assertGreater(waits[pod], 20_000_000)
        out, data = self.explain("nodes", "--pod", pod)
        self.assertTrue(data["pending"])
        self.assertRegex(data["pending"][0]["message"], r"^0/\d+ nodes are available: .*Insufficient")
        self.assertEqual(waits[pod], data["pending_us"])

    def test_a_task_that_waited_has_the_reasons_of_ecs(self):
        first = {e["pod"]: int(e["at_us"]) for e in self.facts("instances", fact="pod_created", workload="web")}
        waits = {e["pod"]: int(e["at_us"]) - first[e["pod"]]
                 for e in self.facts("instances", fact="pod_bound", workload="web")}
        task = max(waits, key=waits.get)
        out, data = self.explain("instances", "--task", task)
        self.assertIn("RESOURCE:", data["pending"][0]["message"])
        nodes = {n["node"]: n for n in data["placement"]["nodes"]}
        self.assertTrue(nodes[data["node"]]["valid"])
        self.assertEqual(["spread", "spread"][:len(data["placement"]["strategies"])], data["placement"]["strategies"])
        self.assertIn("Why " + data["node"], out)

    def test_a_microvm_costs_what_its_size_and_time_cost(self):
        _, data = self.explain("tasks", "--at", "00:00")
        pulls = {e["pod"]: int(e["at_us"]) for e in self.facts("tasks", fact="pod_pulling", workload="web")}
        ended = [e for e in self.facts("tasks", fact="pod_ended", workload="web")
                 if pulls[e["pod"]] > data["window_start_us"]]
        pod = ended[0]["pod"]
        _, data = self.explain("tasks", "--task", pod)
        summary = json.loads((self.dir / "run/summary.json").read_text())
        rate = {line["item"]: float(line["usd_per_unit"]) for line in summary["platforms"]["tasks"]["cost"]["lines"]}
        start = max(int(self.facts("tasks", fact="pod_pulling", pod=pod)[0]["at_us"]), data["window_start_us"])
        hours = -(-(int(ended[0]["at_us"]) - start) // 1_000_000) / 3600
        self.assertAlmostEqual(hours * (0.5 * rate["fargate/vcpu"] + 1.0 * rate["fargate/memory"]),
                               float(data["cost"]["usd"]), places=6)

    # --- nodes ---

    def test_why_a_node_was_launched(self):
        asked = self.facts("nodes", fact="node_requested")[-1]["node"]
        out, data = self.explain("nodes", "--node", asked)
        self.assertEqual("cluster-autoscaler", data["launch"]["by"])
        chosen = [o for o in data["launch"]["options"] if o["chosen"]]
        self.assertEqual(1, len(chosen))
        self.assertGreaterEqual(chosen[0]["nodes"], 1)
        self.assertIn("Why it was launched", out)
        asked = self.facts("karpenter", fact="node_requested")
        asked = [e["node"] for e in asked if e["host"] == "ec2"][-1]
        out, data = self.explain("karpenter", "--node", asked)
        self.assertEqual("karpenter", data["launch"]["by"])
        offers = data["launch"]["offers"]
        self.assertEqual(1, sum(o["chosen"] for o in offers))
        prices = [float(o["usd_per_hour"]) for o in offers]
        self.assertEqual(sorted(prices), prices)
        asked = self.facts("instances", fact="node_requested")[-1]["node"]
        out, data = self.explain("instances", "--node", asked)
        self.assertEqual("managed-scaling", data["launch"]["by"])
        self.assertGreater(data["launch"]["m"], data["launch"]["n"])

    def test_why_a_node_stays(self):
        out, data = self.explain("nodes", "--node", "i-0", "--at", "01:00")
        self.assertTrue(data["verdicts"])
        self.assertIsNotNone(data["without_it"])
        for pod in data["without_it"]["pods"]:
            self.assertRegex(pod["place"], r"^(fits i-|0/)")
        # One group, of m5.large: what its pods need is one node of it.
        self.assertTrue(data["without_it"]["pods"])
        self.assertEqual(("m5.large", "default", 1), tuple(
            data["without_it"][key] for key in ("replacement", "replacement_group", "replacement_nodes")))
        self.assertEqual(data["without_it"]["usd_per_hour"], data["without_it"]["replacement_usd_per_hour"])
        self.assertIn("The cheapest that the groups have for", out)
        ready = [e for e in self.facts("karpenter", fact="node_ready")
                 if e["group"] == "" and int(e["at_us"]) > data["window_start_us"]][0]
        ended = {e["node"]: int(e["at_us"]) for e in self.facts("karpenter", fact="node_terminating")}
        at = (min(ended.get(ready["node"], 10**12), int(ready["at_us"]) + 600_000_000) - 30_000_000) // 1_000_000
        instant = f"{at - data['window_start_us'] // 10**6}s"
        out, data = self.explain("karpenter", "--node", ready["node"], "--at", instant)
        self.assertIsNotNone(data["without_it"])
        self.assertGreater(data["without_it"]["usd_per_hour"], 0)

    def test_what_a_replacement_would_cost_without_an_instant(self):
        _, data = self.explain("nodes", "--node", "i-0")
        self.assertIsNotNone(data["without_it"])
        self.assertGreater(data["without_it"]["usd_per_hour"], 0)
        gone = [e for e in self.facts("karpenter", fact="node_draining") if e["group"] == ""]
        self.assertTrue(gone)
        out, data = self.explain("karpenter", "--node", gone[-1]["node"])
        # The last look is not later than the decision by which it went.
        self.assertLessEqual(data["without_it"]["at_us"], int(gone[-1]["at_us"]))
        self.assertGreater(data["without_it"]["usd_per_hour"], 0)
        self.assertIn("\nWithout it, at ", out)

    def test_why_a_node_went(self):
        for platform in ("nodes", "karpenter", "instances"):
            gone = [e for e in self.facts(platform, fact="node_terminating") if e["host"] == "ec2"]
            if not gone:
                continue
            out, data = self.explain(platform, "--node", gone[0]["node"])
            self.assertEqual(gone[0]["reason"], data["removal"]["reason"])
            self.assertIn("Why it went", out)

    # --- instants, services, alarms, providers ---

    def test_an_instant_counts_what_the_log_counts(self):
        for platform in ("tasks", "instances", "nodes", "karpenter"):
            out, data = self.explain(platform, "--at", "01:00")
            at = data["at_us"]
            self.assertEqual(data["window_start_us"] + 3_600_000_000, at)
            ended = {e["pod"] for e in self.facts(platform, fact="pod_ended") if int(e["at_us"]) <= at}
            created = {e["pod"] for e in self.facts(platform, fact="pod_created", workload="web")
                       if int(e["at_us"]) <= at} - ended
            web = [w for w in data["workloads"] if w["workload"] == "web"][0]
            self.assertEqual(len(created), web["pending"] + web["starting"] + web["serving"] + web["stopping"])
            self.assertIn("2 min before", out)
            # The VPC CNI: nodes hold an address for each of their pods, and warm ones.
            if platform in ("nodes", "karpenter"):
                self.assertGreater(data["vpc_addresses"]["held"], data["vpc_addresses"]["pods"])
                self.assertGreater(data["vpc_addresses"]["pods"], 0)
                self.assertIn(f"VPC addresses that nodes hold: {data['vpc_addresses']['held']}", out)
            else:
                self.assertIsNone(data["vpc_addresses"])

    def test_a_service_has_the_changes_of_the_log(self):
        for platform in ("tasks", "nodes"):
            out, data = self.explain(platform, "--service", "web")
            changes = [(int(e["at_us"]), int(e["value"])) for e in self.facts(platform, fact="desired_changed",
                                                                              workload="web")]
            self.assertEqual(changes, [(d["at_us"], d["wanted"]) for d in data["decisions"]])
            out, data = self.explain(platform, "--service", "web", "--at", "00:30")
            self.assertGreater(len(data["datapoints" if platform == "tasks" else "decisions"]), 20)

    def test_an_alarm_goes_off_before_its_action(self):
        out, data = self.explain("tasks", "--alarm", "web-cpu-AlarmHigh")
        self.assertIn("CPUUtilization > 60.0 % for 3 of 3 periods of 1 min", data["rule"])
        acted = [d for d in data["datapoints"] if d["action"] is not None and d["action"]["changed"]]
        self.assertTrue(acted)
        for d in acted:
            self.assertEqual("ALARM", d["state"])
            self.assertEqual(3, d["breaching"])
            self.assertGreater(d["value"], 60)
            self.assertGreater(d["action"]["wanted"], d["action"]["before"])

    def test_a_capacity_provider_minute_by_minute(self):
        out, data = self.explain("instances", "--capacity-provider", "asg", "--at", "00:30")
        times = [m["at_us"] for m in data["minutes"]]
        self.assertEqual({60_000_000}, {b - a for a, b in zip(times, times[1:])})
        for m in data["minutes"]:
            if m["n"] > 0:
                self.assertAlmostEqual(100 * m["m"] / m["n"], m["metric_percent"], places=6)

    def test_a_fargate_provider(self):
        out, data = self.explain("tasks", "--capacity-provider", "FARGATE")
        self.assertIn("a bucket of 100 launches, 20 more a second", out)
        created = len(self.facts("tasks", fact="pod_created", workload="web"))
        self.assertEqual(created, sum(m["tasks"] for m in data["minutes"]))
        self.assertEqual(len([e for e in self.facts("tasks", fact="node_requested")]),
                         sum(m["launched"] for m in data["minutes"]))
        self.assertEqual([("web", created, 0)],
                         [(x["service"], x["tasks"], x["elsewhere"]) for x in data["split"]])
        self.assertEqual(["error: no capacity provider 'FARGTE' on tasks", "  hint: did you mean 'FARGATE'?"],
                         self.bad("run", "--platform", "tasks", "--capacity-provider", "FARGTE"))

    def test_a_group_that_its_own_policies_size(self):
        out, data = self.explain("classic", "--capacity-provider", "asg")
        resized = [int(e["at_us"]) for e in self.facts("classic", fact="group_resized")]
        self.assertTrue(resized)
        self.assertEqual(resized, [m["at_us"] for m in data["minutes"]])
        self.assertNotIn("never changed", out)
        # The alarm of its policy, with what it did.
        self.assertIn("alarm asg-policy-1: CPUReservation > 60.0 %", out)
        acted = [a["at_us"] for a in data["alarms"] if "group" in a]
        self.assertEqual(resized, acted)
        out, data = self.explain("classic", "--alarm", "asg-policy-1")
        self.assertEqual(resized, [d["at_us"] for d in data["datapoints"] if "group" in d])
        self.assertIn("asg is to have", out)

    def test_the_alarms_of_managed_scaling(self):
        resized = [int(e["at_us"]) for e in self.facts("instances", fact="group_resized")]
        out, data = self.explain("instances", "--alarm", "TargetTracking-asg-AlarmHigh")
        acted = [d["at_us"] for d in data["datapoints"] if "group" in d]
        self.assertTrue(acted)
        self.assertLessEqual(set(acted), set(resized))
        self.assertIn("CapacityProviderReservation", out)

    def test_a_scale_up(self):
        out, data = self.explain("nodes", "--scale-up", "00:00")
        self.assertTrue(data["decisions"])
        self.assertEqual("cluster-autoscaler", data["decisions"][0]["by"])
        out, data = self.explain("karpenter", "--scale-up", "00:00")
        self.assertEqual("karpenter", data["decisions"][0]["by"])

    # --- fit ---

    def test_how_many_fit(self):
        out, data = self.explain("nodes", "--fit", "pod.yaml", "--at", "01:00")
        self.assertEqual(data["fits"], sum(n["count"] for n in data["nodes"]))
        self.assertRegex(data["stopped_by"], r"^0/\d+ nodes are available")
        out, one = self.explain("nodes", "--fit", "pod.yaml", "--at", "01:00", "--count", "1")
        self.assertEqual((1, None), (one["fits"], one["stopped_by"]))
        out, data = self.explain("instances", "--fit", "task.json", "--at", "01:00")
        self.assertGreater(data["fits"], 0)
        self.assertIn("RESOURCE:", data["stopped_by"])
        lines = self.bad("run", "--platform", "tasks", "--fit", "task.json")
        self.assertIn("every task gets a microVM of its own", lines[0])

    def test_a_daemon_set_fits_once_a_node(self):
        (self.dir / "agent.yaml").write_text(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent}\n"
            "spec:\n  selector: {matchLabels: {app: agent}}\n  template:\n    metadata: {labels: {app: agent}}\n"
            "    spec: {containers: [{name: c, image: a, resources: {requests: {cpu: 1m, memory: 1Mi}}}]}\n")
        out, data = self.explain("nodes", "--fit", "agent.yaml", "--at", "01:00")
        self.assertGreater(data["fits"], 1)
        self.assertEqual(data["fits"], len(data["nodes"]))
        self.assertEqual({1}, {n["count"] for n in data["nodes"]})
        self.assertIn("a DaemonSet has one pod on each node", data["stopped_by"])

    def test_preemption_is_told_of_a_pod_that_fits_nowhere_else(self):
        pod = ("apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n---\n"
               "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
               "spec: {priorityClassName: high, containers: [{name: c, image: a, "
               "resources: {requests: {cpu: 1500m}}}]}\n")
        (self.dir / "high.yaml").write_text(pod)
        (self.dir / "low.yaml").write_text(pod.replace("1000", "0"))
        out, data = self.explain("nodes", "--fit", "high.yaml", "--at", "01:00")
        self.assertRegex(data["preempts"], r"^With preemption one more would go to i-\d+, in the place of web-\d+")
        self.assertIn("With preemption one more would go to", out)
        out, data = self.explain("nodes", "--fit", "low.yaml", "--at", "01:00")
        self.assertIsNone(data["preempts"])

    # --- bad input ---

    def test_bad_input(self):
        lines = self.bad("run", "--platform", "tasks", "--pod", "wbe-1")
        self.assertEqual(["error: no workload 'wbe' on tasks", "  hint: did you mean 'web'?"], lines)
        lines = self.bad("run", "--platform", "tasks", "--pod", "web-99999")
        self.assertEqual("error: there was no task web-99999 on tasks", lines[0])
        lines = self.bad("run", "--pod", "web-1")
        self.assertEqual("  hint: add --platform NAME", lines[1])
        self.assertEqual(["error: no platform 'task'", "  hint: did you mean 'tasks'?"],
                         self.bad("run", "--platform", "task", "--pod", "web-1"))
        self.assertEqual("error: say what to explain", self.bad("run")[0])
        self.assertEqual("error: one question at a time", self.bad("run", "--pod", "web-1", "--node", "i-1")[0])
        self.assertIn("is outside the run", self.bad("run", "--platform", "tasks", "--at", "99:00")[0])
        self.assertIn("is not an instant", self.bad("run", "--platform", "tasks", "--at", "noon")[0])
        self.assertEqual(["error: no alarm 'TargetTracking-web-cpu-AlarmHihg' on tasks",
                          "  hint: did you mean 'TargetTracking-web-cpu-AlarmHigh'?"],
                         self.bad("run", "--platform", "tasks", "--alarm", "TargetTracking-web-cpu-AlarmHihg"))
        self.assertEqual("error: no capacity provider 'agsg' on instances",
                         self.bad("run", "--platform", "instances", "--capacity-provider", "agsg")[0])
        self.assertIn("no such", self.bad("nowhere.yaml", "--at", "1h")[0].lower() + " no such")

    def test_a_replay_that_leaves_the_run_is_an_error(self):
        shutil.copytree(self.dir / "run", self.dir / "forged", dirs_exist_ok=True)
        with sqlite3.connect(self.dir / "forged/result.sqlite") as db:
            platform, ord_ = db.execute("SELECT platform, ord FROM event WHERE fact = 'pod_bound' "
                                        "ORDER BY platform, ord LIMIT 1 OFFSET 3").fetchone()
            db.execute("UPDATE event SET node = 'i-77777' WHERE platform = ? AND ord = ?", (platform, ord_))
            db.execute("UPDATE meta SET value = '0.0.9' WHERE key = 'version'")
        lines = self.bad("forged", "--platform", "tasks", "--at", "1h")
        self.assertIn("error: the replay does not lead to the stored run: the run has pod_bound", lines[0])
        self.assertIn("i-77777", lines[0])
        self.assertIn("the run was made by plimsoll 0.0.9", lines[1])

    def test_a_run_without_its_files_cannot_be_made_again(self):
        shutil.copytree(self.dir / "run", self.dir / "bare", dirs_exist_ok=True)
        with sqlite3.connect(self.dir / "bare/result.sqlite") as db:
            db.execute("DELETE FROM input")
        self.assertIn("keeps no input files", self.bad("bare", "--platform", "tasks", "--at", "1h")[0])

    def test_what_an_update_of_the_control_plane_changes(self):
        (self.dir / "update.yaml").write_text(
            "apiVersion: plimsoll/v1\n"
            "load: {constant: 300/s, for: 2h, warmup: 30m, to: web}\n"
            "apps: {web: {size: 500m/1Gi, work: 10ms, scale: {cpu: 60%, min: 4, max: 40}}}\n"
            "events: [{at: 30m, updateClusterVersion: '1.34'}]\n"
            "platforms: {auto: {type: eks, eksVersion: '1.33', capacity: {autoMode: {}}}}\n")
        code, _, err = self.call("compare", "update.yaml", "--out", "updated", "-q", "--replications", "1")
        self.assertIn(code, (0, 3), err)
        with open(self.dir / "updated/events.csv", newline="") as f:
            events = list(csv.DictReader(f))
        update = next(e for e in events if e["fact"] == "control_plane_updated")
        self.assertEqual("34", update["value"])
        minute = (int(update["at_us"]) - 30 * 60_000_000) // 60_000_000
        code, out, err = self.call("explain", "updated", "--platform", "auto", "--at", f"00:{minute:02}")
        self.assertEqual((0, ""), (code, err))
        self.assertIn("control_plane_updated 1.34", out)
        drained = next(e for e in events if e["fact"] == "node_draining" and e["reason"] == "drifted")
        code, out, err = self.call("explain", "updated", "--platform", "auto", "--node", drained["node"])
        self.assertEqual((0, ""), (code, err))
        self.assertIn("It had drifted: the control plane ran 1.34 since", " ".join(out.split()))

    def test_what_a_vertical_autoscaler_recommends_is_shown_though_it_is_off(self):
        (self.dir / "vpa.yaml").write_text(
            "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: web}\n"
            "spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, "
            "updatePolicy: {updateMode: 'Off'}}\n")
        (self.dir / "off.yaml").write_text(
            "apiVersion: plimsoll/v1\nload: {constant: 100/s, for: 1h}\nfiles: {kubernetes: [vpa.yaml]}\n"
            "apps: {web: {size: 500m/1Gi, work: 5ms, replicas: 4}}\n"
            "platforms: {nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 3, max: 3}}}}\n")
        code, out, err = self.call("explain", "off.yaml", "--platform", "nodes", "--service", "web")
        self.assertEqual((0, ""), (code, err))
        self.assertRegex(out, r"VerticalPodAutoscaler: target \S+ / \S+, lower bound")
        self.assertLessEqual(max(len(line) for line in out.splitlines()), 80, out)
        code, out, err = self.call("explain", "off.yaml", "--platform", "nodes", "--service", "web", "-o", "json")
        sizes = json.loads(out)["vertical_pod_autoscaler"]
        # 100/s of 5 ms over 4 pods are 125m each; the recommender adds its margin of 15 %.
        self.assertGreaterEqual(sizes["target"]["cpu_millis"], 125)
        self.assertLess(sizes["target"]["cpu_millis"], 250)
        for resource in ("cpu_millis", "memory_bytes"):
            self.assertLessEqual(sizes["lower bound"][resource], sizes["target"][resource])
            self.assertLessEqual(sizes["target"][resource], sizes["upper bound"][resource])

    def test_a_scenario_needs_no_run(self):
        (self.dir / "pool.yaml").write_text(POOL)
        (self.dir / "s2.yaml").write_text(SCENARIO.replace("{trace: wave.csv, start: 30m, for: 3h}",
                                                           "{constant: 200/s, for: 1h}"))
        code, out, err = self.call("explain", "s2.yaml", "--platform", "nodes", "--fit", "pod.yaml")
        self.assertEqual((0, ""), (code, err))
        self.assertIn("more fit on the nodes that are there", out)


if __name__ == "__main__":
    unittest.main()
