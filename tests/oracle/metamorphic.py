"""Changes of a scenario whose effect is known without knowing any number.

    metamorphic.py PLIMSOLL SOURCE_DIR SCENARIO SPAN

Prices doubled double every line and change no event. No traffic leaves the least replicas, and nothing is
served or lost.
A span of no length costs nothing. Nodes that take twice as long to join make pods wait longer.
"""

import collections
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from fractions import Fraction

sys.dont_write_bytecode = True
import spans  # noqa: E402

MOVED = ("node_drain", "zone_rebalance")  # why a pod stops that nobody wants fewer of
DATED = ("ipv4/", "eks/control-plane")  # prices that are facts of a date, not rows of the tables
PROGRAM = SOURCE = SCENARIO = SPAN = ""


def nano(text):
    return int(Fraction(text) * 1_000_000_000)


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def double_prices(source, target):
    """A copy of the price tables with every price doubled; savings of spot, and fees that are shares, stay."""
    shutil.copytree(source, target)
    for name, column in (("ec2_on_demand_linux.csv", "usd_per_hour"), ("service_prices.csv", "usd")):
        path = os.path.join(target, name)
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        place = rows[0].index(column)
        unit = rows[0].index("unit") if "unit" in rows[0] else None
        for row in rows[1:]:
            if unit is not None and row[unit].startswith("fraction"):
                continue
            doubled = Fraction(row[place]) * 2
            row[place] = f"{int(doubled * 10**12) // 10**12}.{int(doubled * 10**12) % 10**12:012d}"
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


class Metamorphic(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.base = cls.run_scenario("base", "--set", f"load.for={SPAN}")

    @classmethod
    def run_scenario(cls, name, *arguments):
        """The summary and the folder of one run with one replication."""
        out = os.path.join(cls.folder.name, name)
        done = subprocess.run([PROGRAM, "compare", os.path.join(SOURCE, SCENARIO), "--replications", "1", "--quiet",
                               "--out", out, *arguments], capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise AssertionError(done.stdout + done.stderr)
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            return json.load(file), out

    def test_prices_doubled_double_every_line_and_change_no_event(self):
        prices = os.path.join(self.folder.name, "prices")
        double_prices(os.path.join(SOURCE, "models/aws/data"), prices)
        # A fee that the scenario itself states is a price too, and stands in no table.
        own = {Fraction(line["usd_per_unit"]) for platform in self.base[0]["platforms"].values()
               for line in platform["cost"]["lines"] if line["item"] == "fees/node"}
        self.assertLessEqual(len(own), 1, "one fee a node, the same on every platform")
        fee = [option for usd in own for option in ("--set", f"around.nodeFee=${float(2 * usd):.6f}/h")]
        dear, dear_out = self.run_scenario("dear", "--set", f"load.for={SPAN}", "--catalog", prices, *fee)
        compared = 0
        for name, platform in self.base[0]["platforms"].items():
            twice = {line["item"]: line for line in dear["platforms"][name]["cost"]["lines"]}
            self.assertEqual(len(platform["cost"]["lines"]), len(twice))
            for line in platform["cost"]["lines"]:
                other = twice[line["item"]]
                self.assertEqual(line["quantity"], other["quantity"], f"{name} {line['item']}")
                if line["item"].startswith(DATED):
                    continue
                # A price that is derived from a row, such as Fargate Spot's, is rounded to the pico-dollar.
                off = abs(2 * Fraction(line["usd_per_unit"]) - Fraction(other["usd_per_unit"]))
                self.assertLessEqual(off, Fraction(1, 10**12), line["item"])
                self.assertLessEqual(abs(2 * nano(line["usd"]) - nano(other["usd"])),
                                     1 + off * 10**9 * Fraction(line["quantity"]), f"{name} {line['item']}")
                compared += 1
        self.assertGreater(compared, 0)
        with open(os.path.join(self.base[1], "events.csv"), encoding="utf-8") as a:
            with open(os.path.join(dear_out, "events.csv"), encoding="utf-8") as b:
                self.assertTrue(a.read() == b.read(), "doubled prices have changed what happened")

    def test_no_traffic_leaves_the_least_replicas(self):
        idle, out = self.run_scenario("idle", "--set", f"load.for={SPAN}", "--set", "load.scale=0",
                                      "--set", "events=null", "--set", "faults=null")
        with open(os.path.join(out, "series.csv"), newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        if any(line["item"].endswith("/spot") for p in idle["platforms"].values() for line in p["cost"]["lines"]):
            self.skipTest("spot capacity comes and goes without traffic too")
        last = {head: int(value) for head, value in zip(rows[0], rows[-1]) if value}
        events = read_rows(os.path.join(out, "events.csv"))
        moves = collections.Counter((row["platform"], row["workload"]) for row in events
                                    if row["fact"] == "pod_stopping" and row["reason"] in MOVED)
        ready = {(row["platform"], row["workload"]) for row in events if row["fact"] == "pod_ready"}
        killed = {(row["platform"], row["workload"]) for row in events
                  if row["fact"] == "pod_failed" and row["reason"] == "unhealthy"}
        least = {}
        for name, platform in idle["platforms"].items():
            self.assertEqual(0, Fraction(platform["requests"]["served"]), name)
            self.assertEqual(0, Fraction(platform["requests"]["lost"]), name)
            for workload, facts in platform["workloads"].items():
                if facts["system"] or facts.get("jobs"):
                    continue  # work that runs to completion does not follow traffic
                replicas = last[f"{name}:replicas/{workload} (pods)"]
                if (name, workload) in killed - ready:
                    # Its files' liveness probe ends every start before it is done: wanted, but never in traffic.
                    self.assertEqual(0, replicas, f"{name} {workload}")
                    replicas = last[f"{name}:desired/{workload} (pods)"]
                desired = {row[rows[0].index(f"{name}:desired/{workload} (pods)")] for row in rows[1:]}
                self.assertEqual({str(replicas)}, desired - {""}, f"{name} {workload}")
                # What is moved to another host, a drained one's or another zone's, is started there before it stops.
                moved = moves[name, workload]
                self.assertLessEqual(facts["replicas_peak"], replicas + moved, f"{name} {workload}")
                # The least is the same on every platform, and no more than with traffic.
                self.assertEqual(least.setdefault(workload, replicas), replicas, f"{name} {workload}")
                busy = self.base[0]["platforms"][name]["workloads"][workload]
                self.assertLessEqual(replicas, busy["replicas_peak"], f"{name} {workload}")

    def test_a_span_of_no_length_costs_nothing(self):
        nothing, _ = self.run_scenario("nothing", "--set", "load.for=0s")
        for name, platform in nothing["platforms"].items():
            self.assertEqual(0, nano(platform["cost"]["total_usd"]), name)

    def test_nodes_that_join_later_make_pods_wait_longer(self):
        waits = {}
        for seconds in (100, 200):
            arguments = []
            for name, platform in self.base[0]["platforms"].items():
                if platform["nodes"]["peak"] == 0:
                    continue
                path = "capacity.asg.join" if platform["type"] == "ecs" else "delays.join"
                option = ["--set", f"platforms.{name}.{path}={seconds}s"]
                taken = subprocess.run([PROGRAM, "validate", os.path.join(SOURCE, SCENARIO), *option],
                                       capture_output=True)
                arguments += option if taken.returncode == 0 else []  # several groups have a join each
            if not arguments:
                self.skipTest("no platform has nodes")
            summary, out = self.run_scenario(f"join{seconds}", "--set", f"load.for={SPAN}", "--set", "faults=null",
                                             *arguments)
            waits[seconds] = self.waiting_for_nodes(summary, out)
        if not waits[100] and not self.nodes_asked_for(summary, out):
            self.skipTest("no node is bought in the window: every pod has its place from the start")
        if not waits[100]:
            # Nodes came, but no pod was held up by one; slower ones may hold some up.
            if not waits[200]:
                self.skipTest("every pod found its place on the nodes there were")
            return
        self.assertLess(sum(waits[100]) / len(waits[100]), sum(waits[200]) / len(waits[200]))

    @staticmethod
    def nodes_asked_for(summary, out):
        starts = {name: platform["window_start_us"] for name, platform in summary["platforms"].items()}
        return [row["node"] for row in read_rows(os.path.join(out, "events.csv"))
                if row["fact"] == "node_requested" and int(row["at_us"]) >= starts[row["platform"]]]

    @staticmethod
    def waiting_for_nodes(summary, out):
        """Waits for a place longer than a minute: those that a node had to be bought for."""
        ready = {name: p["window_start_us"] for name, p in summary["platforms"].items() if p["nodes"]["peak"]}
        created, waits = {}, []
        for row in read_rows(os.path.join(out, "events.csv")):
            key = (row["platform"], row["pod"])
            if row["fact"] == "pod_created" and int(row["at_us"]) >= ready.get(row["platform"], 1 << 62):
                created[key] = int(row["at_us"])
            elif row["fact"] == "pod_bound" and key in created:
                wait = int(row["at_us"]) - created[key]
                if wait > 60_000_000:
                    waits.append(wait)
        return waits


if __name__ == "__main__":
    PROGRAM, SOURCE, SCENARIO, SPAN = sys.argv[1:5]
    SPAN = spans.at_most(PROGRAM, os.path.join(SOURCE, SCENARIO), SPAN)
    unittest.main(argv=sys.argv[:1])
