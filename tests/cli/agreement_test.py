"""One run with jobs, rollouts and lost nodes, and everything that tells of it: table, JSON, CSV, Markdown, page, FOCUS
rows, events and explanations must say the same.

usage: agreement_test.py PROGRAM
"""

import collections
import csv
import io
import json
import sys
import unittest
from decimal import Decimal

sys.dont_write_bytecode = True
from program import Runs  # noqa: E402

SCENARIO = """apiVersion: plimsoll/v1
replications: 3
load: {steps: {0m: 100/s, 60m: 300/s, 90m: 150/s}, for: 2h}
apps:
  shop:
    size: 500m/1Gi
    work: 5ms
    start: {cpu: 5s, wait: 2s}
    image: 80MB
    scale: {cpu: 55%, min: 3, max: 40}
jobs:
  report: {size: 500m/1Gi, work: 2m, schedule: "*/30 * * * *", completions: 4, parallelism: 2, fails: 5%}
around: {nat: 1, reply: 10KB, logs: 200B}
platforms:
  ecs-fargate: {type: ecs, capacity: fargate}
  ecs-instances: {type: ecs, capacity: {asg: {type: m5.large, min: 3, max: 30}}, eniTrunking: true}
  eks-cluster-autoscaler:
    type: eks
    capacity: {nodeGroup: {type: m5.large, min: 3, max: 30}, autoscaler: cluster-autoscaler}
events:
  - {at: 20m, deploy: shop}
  - {at: 40m, fail: {node: any}}
  - {at: 70m, fail: {zone: us-east-1a}, for: 15m}
expect: {shop.latency.p99: "< 1ms", requests.lost: "< 50%"}
"""
TWO_SIDED_STUDENT_95 = {2: 4.302652730}  # by degrees of freedom

SHOP = """apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: prod}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
        - name: proxy
          image: envoy
          resources: {requests: {cpu: 100m, memory: 64Mi}}
        - name: shop
          image: shop
          ports: [{containerPort: 8080}]
          resources: {requests: {cpu: 400m, memory: 1Gi}}
          readinessProbe: {httpGet: {path: /up, port: 8080}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: prod}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
"""
INGRESS = """---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: prod}
spec:
  ingressClassName: alb
  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}}]
"""


class AgreementTest(Runs):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.dir / "s.yaml").write_text(SCENARIO)
        code, out, err = cls.call("compare", "s.yaml", "--out", "run", "-q")
        assert code == 3 and not err, (code, err)
        cls.table, page = out.rsplit("\n", 2)[:2]
        cls.table += "\n"
        assert page == "run/report.html", page
        cls.summary = json.loads((cls.dir / "run/summary.json").read_text())
        cls.report = json.loads(cls.good("report", "run", "-o", "json"))
        cls.rows = {r["platform"]: r for r in csv.DictReader(io.StringIO(cls.good("report", "run", "-o", "csv")))}
        cls.events = collections.defaultdict(list)
        with open(cls.dir / "run/events.csv", newline="", encoding="utf-8") as f:
            for row in csv.DictReader(f):
                cls.events[row["platform"]].append(row)

    @classmethod
    def good(cls, *arguments):
        code, out, err = cls.call(*arguments)
        assert (code, err) == (0, ""), (arguments, code, err)
        return out

    # --- a finished run, shown again ---

    def test_a_finished_run_shows_what_the_comparison_showed(self):
        self.assertEqual(self.table, self.good("report", "run"))
        self.assertTrue((self.dir / "run/report.html").read_text() == self.good("report", "run", "-o", "html"))
        for platform, facts in self.summary["platforms"].items():
            again = self.report["platforms"][platform]
            self.assertEqual(facts["workloads"], again["workloads"])
            self.assertEqual(facts["estimates"], again["estimates"])

    def test_jobs_and_rollouts_stand_everywhere(self):
        self.assertTrue("Jobs completed / failed / starts missed" in (self.dir / "run/report.html").read_text())
        self.assertIn("jobs", self.table)
        self.assertIn("jobs done/failed", self.good("report", "run", "-o", "md"))
        for platform, facts in self.summary["platforms"].items():
            jobs = facts["workloads"]["report"]["jobs"]
            self.assertGreater(jobs["completed"] + jobs["failed"], 0)
            self.assertGreater(float(self.rows[platform]["jobs_completed"]), 0)
            self.assertEqual(1, float(self.rows[platform]["rollouts"]) + float(self.rows[platform]["rollouts_failed"]))

    def test_no_line_is_longer_than_the_terminal(self):
        self.assertLessEqual(max(len(line) for line in self.table.splitlines()), 80, self.table)
        self.assertIn("\neks-cluster-autoscaler ", self.table)  # no name gave way

    def test_a_figure_of_one_replication_says_so(self):
        self.assertRegex(" ".join(self.table.split()),
                         r'broke "shop.latency.p99 < 1ms" in 3 of 3 \(replication 0: [^)]*p99 \d+ ms[^)]*\)')
        alone = self.call("compare", "s.yaml", "-q", "--replications", "1")[1]
        self.assertRegex(" ".join(alone.split()), r'broke "shop.latency.p99 < 1ms" in 1 of 1 \([^r][^)]*p99')

    def test_a_difference_names_jobs_that_fail(self):
        self.call("compare", "s.yaml", "--out", "worse", "-q", "--set", "jobs.report.fails=60%")
        before, after = (json.loads((self.dir / name / "summary.json").read_text()) for name in ("run", "worse"))
        text = self.good("diff", "run", "worse", "--platform", "ecs-fargate")
        self.assertIn("jobs failed", text)
        self.assertIn("jobs completed", text)
        failed = [run["platforms"]["ecs-fargate"]["workloads"]["report"]["jobs"]["failed"] for run in (before, after)]
        self.assertLess(*failed)

    # --- money ---

    def test_every_figure_of_the_bill_is_the_same_figure(self):
        days = self.summary["window_s"] / 86400
        with open(self.dir / "run/costs.focus.csv", newline="", encoding="utf-8") as f:
            focus = list(csv.DictReader(f))
        for platform, facts in self.summary["platforms"].items():
            cost = facts["cost"]
            total = Decimal(cost["total_usd"])
            self.assertEqual(total, sum(Decimal(line["usd"]) for line in cost["lines"]))
            self.assertEqual(total, Decimal(cost["choice_usd"]) + Decimal(cost["same_usd"]))
            self.assertEqual(total, sum(Decimal(r["BilledCost"]) for r in focus if r["x_Platform"] == platform))
            for line in cost["lines"]:
                self.assertEqual(Decimal(line["usd"]), sum(map(Decimal, line["hourly_usd"])))
                product = Decimal(line["quantity"]) * Decimal(line["usd_per_unit"])
                self.assertAlmostEqual(product, Decimal(line["usd"]), delta=Decimal("1e-6"))
            days_each = [float(Decimal(r["total_usd"])) / days for r in facts["replications"]]
            n = len(days_each)
            mean = sum(days_each) / n
            half = TWO_SIDED_STUDENT_95[n - 1] * (sum((v - mean) ** 2 for v in days_each) / (n - 1) / n) ** 0.5
            row = self.rows[platform]
            for value, wanted in ((row["usd_per_day"], mean), (row["usd_per_day_half_width"], half),
                                  (float(row["usd_per_hour"]) * 24, mean),
                                  (facts["estimates"]["usd_per_day"]["mean"], mean),
                                  (facts["estimates"]["usd_per_day"]["half_width"], half)):
                self.assertAlmostEqual(float(value), wanted, places=5)
            self.assertIn(f"{mean:.2f} ±{half:.2f}", self.table)
            self.assertEqual("", row["usd_per_month_730h"])  # not from two hours

    def test_the_log_gives_node_hours_and_pending(self):
        for platform, facts in self.summary["platforms"].items():
            begin = facts["window_start_us"]
            end = begin + facts["window_us"]
            system = {name for name, w in facts["workloads"].items() if w["system"]}
            running, hours, created, pending = {}, collections.Counter(), {}, []
            for e in self.events[platform]:
                at = int(e["at_us"])
                if e["fact"] == "node_running" and e["host"] == "ec2":
                    running[e["node"]] = (at, e["instance_type"])
                elif e["fact"] == "node_terminating" and e["node"] in running:
                    since, kind = running.pop(e["node"])
                    hours[kind] += max(min(at, end) - max(since, begin), 0) / 3.6e9
                elif e["fact"] == "pod_created" and e["workload"] not in system and at >= begin:
                    created[e["pod"]] = at
                elif e["fact"] == "pod_started" and e["pod"] in created:
                    pending.append(at - created.pop(e["pod"]))
            for since, kind in running.values():
                hours[kind] += (end - max(since, begin)) / 3.6e9
            for line in facts["cost"]["lines"]:
                if line["item"].startswith("ec2/"):
                    # EC2 bills whole seconds.
                    self.assertAlmostEqual(hours.pop(line["item"].split("/")[1]), float(line["quantity"]), delta=0.01)
            self.assertFalse([kind for kind, h in hours.items() if h > 0])
            # Of pods that were lost before they ran the log has no start.
            self.assertLessEqual(len(pending), facts["pending"]["count"])
            self.assertGreaterEqual(len(pending), 0.9 * facts["pending"]["count"])
            self.assertLessEqual(facts["pending"]["p50_us"], max(pending))

    # --- why ---

    def test_a_lost_node_went_because_it_was_lost(self):
        for platform in ("ecs-instances", "eks-cluster-autoscaler"):
            lost = [e for e in self.events[platform] if e["fact"] == "node_lost"]
            self.assertTrue(lost)
            for e in lost:
                text = self.good("explain", "run", "--platform", platform, "--node", e["node"])
                why = text.split("\nWhy it went\n")[1].split("\n\n")[0]
                self.assertIn("It was lost at 0", why)
                self.assertEqual(e["reason"] == "zone_lost", "with its zone, us-east-1a" in why, why)
                self.assertNotIn("scaled in", why)
                self.assertNotIn("Underutilized", why)

    def test_sizes_are_named_as_people_write_them(self):
        self.assertIn("apps.shop.image = 80MB", self.summary["assumed"])

    # --- files of the other side ---

    def twin(self, text):
        (self.dir / "shop.yaml").write_text(text)
        code, out, err = self.call("import", "shop.yaml", "--to", "ecs")
        self.assertEqual(0, code, err)
        documents = json.loads(out)
        task = next(d for d in documents if "containerDefinitions" in d)
        return task, next(d for d in documents if "serviceName" in d), err

    def test_an_ingress_becomes_a_target_group(self):
        _, service, said = self.twin(SHOP + INGRESS)
        balancer = service["loadBalancers"][0]
        self.assertEqual(("shop", 8080), (balancer["containerName"], balancer["containerPort"]))
        self.assertIn("its Ingress becomes a target group, whose ARN is made up", said)
        _, service, said = self.twin(SHOP)
        self.assertNotIn("loadBalancers", service)
        self.assertIn("its Service is left out", said)

    def test_a_readiness_probe_stops_no_task_that_starts(self):
        task, _, said = self.twin(SHOP)
        check = next(c for c in task["containerDefinitions"] if c["name"] == "shop")["healthCheck"]
        self.assertEqual(300, check["startPeriod"])
        self.assertIn("ECS replaces a task whose health check fails", said)
        live = SHOP.replace("readinessProbe", "livenessProbe").replace("periodSeconds: 5", "initialDelaySeconds: 20")
        task, _, _ = self.twin(live)
        check = next(c for c in task["containerDefinitions"] if c["name"] == "shop")["healthCheck"]
        self.assertEqual(20, check["startPeriod"])

    # --- sweeps ---

    def test_a_sweep_that_lacks_a_half_is_a_sweep(self):
        (self.dir / "w.yaml").write_text("apiVersion: plimsoll/v1\nbase: s.yaml\ngrid: {load.scale: [1, 2]}\n")
        code, _, err = self.call("validate", "w.yaml")
        self.assertEqual(2, code)
        self.assertIn("'vary' is missing", err)
        self.assertNotIn("'platforms' is missing", err)
        self.assertIn("this is a sweep, not a scenario", self.call("compare", "w.yaml")[2])

    def test_the_results_of_a_sweep_are_no_run(self):
        (self.dir / "w.yaml").write_text("apiVersion: plimsoll/v1\nbase: s.yaml\nreplications: 1\n"
                                         "vary: {load.scale: [0.5]}\n")
        self.good("sweep", "w.yaml", "--out", "swept", "-q", "--platform", "ecs-fargate")
        code, _, err = self.call("report", "swept")
        self.assertEqual(2, code)
        self.assertRegex(err, r"it holds a sweep, not a run; `plimsoll sweep` with the same file and directory shows")


if __name__ == "__main__":
    unittest.main()
