#!/usr/bin/env python3
"""Recomputes what a run directory claims from its lifecycle events and the price files.

    recount.py RUN_DIR --prices models/aws/data [--verbose]

Reads events.csv, series.csv, costs.focus.csv and summary.json (replication 0 of each column) and the price tables, with
nothing but Python's standard library and none of the program's code, and recomputes for each column: EC2, EBS, Fargate
and hourly fees to the nano-dollar, lines that follow traffic, pod-seconds, requested over bought, pending percentiles,
and that served + lost + in flight = arrived. Prints the differences; exit status 1 when there is one.
"""

import argparse
import collections
import csv
import itertools
import json
import os
import sys
from fractions import Fraction

HOUR_US = 3_600_000_000
SECOND_US = 1_000_000
VCPU = 1_024_000          # ticks of CPU in events.csv
GIB = 1 << 30
MONTH_HOURS = 730
PENDING_TOLERANCE = 0.005  # the run keeps waits in buckets of 0.4 %
VOLUME_SIZES = (8, 20, 30, 40, 50, 80, 100, 200)

# line item -> (service, items of service_prices.csv one of which is the price, factor)
PRICES = {
    "fargate/vcpu": ("fargate", ("linux_x86_64_vcpu", "linux_arm64_vcpu"), 1),
    "fargate/memory": ("fargate", ("linux_x86_64_mem", "linux_arm64_mem"), 1),
    "fargate/vcpu/spot": ("fargate", ("linux_x86_64_vcpu_spot",), 1),
    "fargate/memory/spot": ("fargate", ("linux_x86_64_mem_spot",), 1),
    "eks/control-plane": ("eks", ("control_plane_standard", "control_plane_extended_support"), 1),
    "eks/control-plane/standard-support": ("eks", ("control_plane_standard",), 1),
    "eks/control-plane/extended-support": ("eks", ("control_plane_extended_support",), 1),
    "eks/control-plane/tier-xl": ("eks", ("provisioned_control_plane_xl",), 1),
    "eks/control-plane/tier-2xl": ("eks", ("provisioned_control_plane_2xl",), 1),
    "eks/control-plane/tier-4xl": ("eks", ("provisioned_control_plane_4xl",), 1),
    "eks/control-plane/tier-8xl": ("eks", ("provisioned_control_plane_8xl",), 1),
    "ebs/gp3": ("ebs", ("gp3_storage",), 1),
    "ebs/gp2": ("ebs", ("gp2_storage",), 1),
    "ebs/gp3/iops": ("ebs", ("gp3_iops_over_3000",), 1),
    "ebs/gp3/throughput": ("ebs", ("gp3_throughput_over_125",), 1),
    "alb/hours": ("elb", ("alb_hour",), 1),
    "alb/lcu": ("elb", ("alb_lcu",), 1),
    "nlb/hours": ("elb", ("nlb_hour",), 1),
    "nlb/nlcu": ("elb", ("nlb_nlcu",), 1),
    "clb/hours": ("elb", ("clb_hour",), 1),
    "clb/data": ("elb", ("clb_data",), 1),
    "nat/hours": ("nat", ("gateway_hour",), 1),
    "nat/image-pulls": ("nat", ("data_processed",), 1),
    "nat/logs": ("nat", ("data_processed",), 1),
    "transfer/cross-zone": ("data_transfer", ("cross_az_each_direction",), 2),
    "transfer/internet": ("data_transfer", ("internet_out_first_10tb",), 1),
    "cloudwatch/logs": ("cloudwatch", ("logs_ingest",), 1),
    "cloudwatch/alarms": ("cloudwatch", ("alarm_standard",), 1),
    "ecs-anywhere/instances": ("ecs", ("ecs_anywhere",), 1),
    "eks/hybrid-nodes": ("eks", ("hybrid_nodes_first_576000",), 1),
    "eks/hybrid-nodes/tier-2": ("eks", ("hybrid_nodes_next_576000",), 1),
    "eks/hybrid-nodes/tier-3": ("eks", ("hybrid_nodes_next_4608000",), 1),
    "eks/hybrid-nodes/tier-4": ("eks", ("hybrid_nodes_next_5760000",), 1),
    "eks/hybrid-nodes/tier-5": ("eks", ("hybrid_nodes_over_11520000",), 1),
}
# Hourly fees: quantity units in one unit of the price. Their count is a whole number that runs through the window.
FIXED = {"eks/control-plane": 1, "alb/hours": 1, "nlb/hours": 1, "clb/hours": 1, "nat/hours": 1, "ipv4/hours": 1,
         "cloudwatch/alarms": MONTH_HOURS, "eks/hybrid-nodes": 1, "eks/hybrid-nodes/tier-2": 1,
         "eks/hybrid-nodes/tier-3": 1, "eks/hybrid-nodes/tier-4": 1, "eks/hybrid-nodes/tier-5": 1}


def half_away(value):
    """A fraction as a whole number, halves away from zero."""
    magnitude = (2 * abs(value) + 1) // 2
    return int(magnitude if value >= 0 else -magnitude)


def nano(text):
    """Decimal dollars as whole nano-dollars."""
    value = Fraction(text) * 1_000_000_000
    if value.denominator != 1:
        raise ValueError(f"{text} is finer than a nano-dollar")
    return int(value)


def amount(accrued, rate, scale):
    """Nano-dollars for quantity x microseconds; the rate is in dollars, as a fraction."""
    return half_away(rate * 1_000_000_000 * accrued / (scale * HOUR_US))


def nearest_rank(ordered, percent):
    return ordered[max(1, -(-percent * len(ordered) // 100)) - 1]


class Prices:
    def __init__(self, folder, region):
        self.region = region
        self.services = collections.defaultdict(dict)
        with open(os.path.join(folder, "service_prices.csv"), newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                self.services[(row["service"], row["item"])][row["region"]] = Fraction(row["usd"])
        self.on_demand = {}
        with open(os.path.join(folder, "ec2_on_demand_linux.csv"), newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["region"] == region:
                    self.on_demand[row["instance_type"]] = Fraction(row["usd_per_hour"])

    def of(self, item):
        """Prices that this line may have; empty when the files do not tell."""
        parts = item.split("/")
        if parts[0] == "ecs-managed-instances":
            fee = self.services[("ecs", "managed_instances_fee_pct")]["*"]
            return [self.on_demand[parts[1]] * fee] if parts[1] in self.on_demand else []
        if parts[0] == "ec2":
            return [self.on_demand[parts[1]]] if parts[2] == "on-demand" and parts[1] in self.on_demand else []
        if item not in PRICES:
            return []
        service, names, factor = PRICES[item]
        found = []
        for name in names:
            by_region = self.services.get((service, name), {})
            price = by_region.get(self.region, by_region.get("us-east-1", by_region.get("*")))
            if price is not None:
                found.append(price * factor)
        return found


class Recount:
    def __init__(self, name, summary, events, series, prices, verbose):
        self.name, self.summary, self.events, self.series, self.prices = name, summary, events, series, prices
        self.verbose = verbose
        self.start = summary["window_start_us"]
        self.end = self.start + summary["window_us"]
        self.checks = 0
        self.differences = []
        self.lines = {line["item"]: line for line in summary["cost"]["lines"]}
        self.seen = set()
        self.system = {w for w, facts in summary["workloads"].items() if facts["system"]}

    # ---- how a difference is told ----
    def same(self, what, claimed, counted):
        self.checks += 1
        if claimed != counted:
            self.differences.append(f"{self.name}: {what}: the run says {claimed}, recounted {counted}")
        elif self.verbose:
            print(f"  {self.name}: {what}: {claimed}")

    def close(self, what, claimed, counted, relative, absolute=0.0):
        self.checks += 1
        if abs(claimed - counted) > relative * max(abs(claimed), abs(counted)) + absolute:
            self.differences.append(f"{self.name}: {what}: the run says {claimed}, recounted {counted}")
        elif self.verbose:
            print(f"  {self.name}: {what}: {claimed}")

    # ---- time ----
    def clip(self, at):
        return min(max(at, self.start), self.end)

    def inside(self, begin, end):
        """Microseconds of [begin, end) in the window; end None: still going."""
        return self.clip(self.end if end is None else end) - self.clip(begin)

    def billed(self, begin, end):
        """Per second, rounded up; at least a minute for what starts inside the window."""
        if begin >= self.end or (end is not None and end <= self.start):
            return 0
        used = self.inside(begin, end)
        whole = -(-used // SECOND_US) * SECOND_US
        return whole if begin < self.start else max(whole, 60 * SECOND_US)

    # ---- lifecycles ----
    def read(self):
        self.nodes, self.pods = {}, {}
        keep = {"node_running": "running", "node_terminating": "terminating", "node_terminated": "terminated"}
        last = None
        for e in self.events:
            at = int(e["at_us"])
            if last is not None and at < last:
                self.differences.append(f"{self.name}: events.csv is not in order of time at {at}")
            last = at
            fact = e["fact"]
            if fact.startswith("node_"):
                node = self.nodes.setdefault(e["node"], {
                    "host": e["host"], "type": e["instance_type"], "purchase": e["purchase"], "group": e["group"],
                    "cpu": int(e["cpu_ticks"]), "memory": int(e["memory_bytes"])})
                if fact in keep:
                    node.setdefault(keep[fact], at)
                # A stopped instance of a warm pool runs again later: only its disk goes on.
                runs = node.setdefault("runs", [])
                if fact == "node_running":
                    runs.append([at, None])
                elif fact in ("node_stopped", "node_terminating") and runs and runs[-1][1] is None:
                    runs[-1][1] = at
                if fact == "node_terminating":
                    node["reason"] = e["reason"]
                if e["group"]:
                    node["group"] = e["group"]
            elif fact == "spot_notice":
                self.nodes[e["node"]]["deadline"] = int(e["value"])
            elif fact.startswith("pod_"):
                pod = self.pods.setdefault(e["pod"], {"workload": e["workload"], "cpu": int(e["cpu_ticks"]),
                                                      "memory": int(e["memory_bytes"])})
                pod.setdefault(fact[4:], at)
                if fact == "pod_ended":
                    pod["reason"] = e["reason"]
                if fact == "pod_bound":
                    pod["node"] = e["node"]

    def ec2(self):
        return [n for n in self.nodes.values() if n["host"] == "ec2" and "running" in n]

    def fargate(self):
        for pod in self.pods.values():
            node = self.nodes.get(pod.get("node"))
            if node is not None and node["host"] == "fargate" and "pulling" in pod:
                yield pod, node

    # ---- money ----
    def rate(self, item):
        """The price of a line: what the run used, after checking that the price files say so."""
        used = Fraction(self.lines[item]["usd_per_unit"])
        known = self.prices.of(item)
        self.checks += 1
        if known and used not in known:
            self.differences.append(f"{self.name}: price of {item}: the run used {used}, the files say {known}")
        return used

    def line(self, item, accrued, scale):
        self.seen.add(item)
        if item not in self.lines:
            if accrued:
                self.same(f"line {item}", "no such line", f"{accrued} quantity-microseconds")
            return
        self.same(f"line {item}", nano(self.lines[item]["usd"]), amount(accrued, self.rate(item), scale))

    def instances(self):
        by_line, volume_time = collections.Counter(), collections.Counter()
        managed_time = collections.Counter()  # by line and group
        for node in self.ec2():
            time = sum(self.billed(begin, end) for begin, end in node["runs"])
            option = "spot" if node["purchase"] == "spot" else "on-demand"
            volume_time[node["group"]] += self.billed(node["running"], node.get("terminating"))
            # A Spot instance that AWS takes back in its first hour is free.
            free = (option == "spot" and node.get("reason") == "spot_interruption"
                    and node["terminating"] >= node["deadline"]
                    and node["terminating"] - node["running"] < HOUR_US)
            if node["type"] == "external":
                by_line["ecs-anywhere/instances"] += time
                continue
            if node["type"] == "hybrid":
                continue  # a fixed fee
            by_line[f"ec2/{node['type']}/{option}"] += 0 if free else time
            fee = f"ecs-managed-instances/{node['type']}"
            if fee in self.lines:
                managed_time[fee, node["group"]] += time
        by_line.update(self.managed_fees(managed_time))
        for item, time in sorted(by_line.items()):
            self.line(item, time, 1)
        for item in self.lines:
            if item.startswith(("ec2/", "ecs-managed-instances/")) and item not in by_line:
                self.line(item, 0, 1)
        self.volumes(volume_time)

    def managed_fees(self, time):
        """Instance time under the fee of Managed Instances: of the groups that ECS manages, found by trying, since
        other groups of the column may have the same types."""
        items = sorted({item for item, _ in time})
        groups = sorted({group for _, group in time})
        whole = {}
        for count in range(len(groups), 0, -1):
            for chosen in itertools.combinations(groups, count):
                counted = {item: sum(time[item, group] for group in chosen) for item in items}
                if all(amount(counted[i], self.rate(i), 1) == nano(self.lines[i]["usd"]) for i in items):
                    return counted
                whole = whole or counted
        return whole

    def volumes(self, time):
        """Disks live as long as their nodes; their sizes, one for each group, are found by trying."""
        item = "ebs/gp3"
        if item not in self.lines:
            return
        claimed, rate = nano(self.lines[item]["usd"]), self.rate(item)
        total = sum(time.values())
        self.seen.add(item)
        tries = []
        if total:
            quantity = Fraction(self.lines[item]["quantity"])
            tries.append([half_away(quantity * MONTH_HOURS * HOUR_US / total)] * len(time))
        if len(time) <= 3:
            tries += [list(sizes) for sizes in itertools.product((0,) + VOLUME_SIZES, repeat=len(time))]
        counted = []
        for sizes in tries:
            accrued = sum(size * time[group] for size, group in zip(sizes, time))
            counted.append(amount(accrued, rate, MONTH_HOURS))
            if counted[-1] == claimed:
                break
        self.same(f"line {item}", claimed, claimed if claimed in counted else (counted or [0])[0])

    def microvms(self):
        cpu, memory = collections.Counter(), collections.Counter()
        for pod, node in self.fargate():
            time = self.billed(pod["pulling"], pod.get("ended"))
            option = "/spot" if node["purchase"] == "spot" else ""
            cpu[option] += node["cpu"] * time
            memory[option] += node["memory"] * time
        for option in ("", "/spot"):
            self.line("fargate/vcpu" + option, cpu[option], VCPU)
            self.line("fargate/memory" + option, memory[option], GIB)

    def control_plane(self):
        """Both tiers of support have lines, which follow one another at updates: who has which stretch is tried."""
        items = sorted(i for i in self.lines if i.startswith("eks/control-plane") and "/tier-" not in i)
        marks = [0] + [int(e["at_us"]) for e in self.events if e["fact"] == "control_plane_updated"] + [self.end]
        stretches = [self.billed(begin, end) for begin, end in zip(marks, marks[1:])]
        counted = []
        for owners in itertools.product(items, repeat=len(stretches)):
            accrued = collections.Counter()
            for owner, time in zip(owners, stretches):
                accrued[owner] += time
            counted.append({item: amount(accrued[item], self.rate(item), 1) for item in items})
            if all(counted[-1][item] == nano(self.lines[item]["usd"]) for item in items):
                break
        for item in items:
            self.seen.add(item)
            self.same(f"line {item}", nano(self.lines[item]["usd"]), counted[-1][item])

    def fees(self):
        window = self.end - self.start
        updated = any(i in self.lines for i in ("eks/control-plane/standard-support",
                                                "eks/control-plane/extended-support"))
        if updated:
            self.control_plane()
        for item, scale in FIXED.items():
            if item not in self.lines or window == 0 or (updated and item == "eks/control-plane"):
                continue
            count = half_away(Fraction(self.lines[item]["quantity"]) * scale * HOUR_US / window)
            self.line(item, count * -(-window // SECOND_US) * SECOND_US, scale)

    def traffic(self):
        """Lines of bytes a request: a whole number of bytes times whole requests."""
        apps = {w: f for w, f in self.summary["workloads"].items() if not f["system"]}
        served = {w: int(Fraction(f["requests_served"])) for w, f in apps.items()}
        total = int(Fraction(self.summary["requests"]["served"]))
        all_served = Fraction(self.summary["requests"]["served"])
        entries = [w for w in apps if Fraction(apps[w]["requests_served"]) == all_served]
        inner = sum(n for w, n in served.items() if w not in entries[:1])
        for item, requests in (("alb/lcu", total), ("nlb/nlcu", total), ("clb/data", total),
                               ("transfer/internet", total), ("cloudwatch/logs", total), ("nat/logs", total),
                               ("transfer/cross-zone", inner)):
            if item not in self.lines:
                continue
            self.seen.add(item)
            line, rate = self.lines[item], self.rate(item)
            if requests == 0 or len(entries) != 1:
                self.loose(item)
                continue
            size = half_away(Fraction(line["quantity"]) * GIB / requests)
            self.same(f"line {item}", nano(line["usd"]), half_away(rate * 1_000_000_000 * size * requests / GIB))

    def loose(self, item):
        """Amount = quantity x price, as far as the printed quantity goes."""
        line = self.lines[item]
        self.seen.add(item)
        rate = self.rate(item)
        counted = float(Fraction(line["quantity"]) * rate * 10**9)
        self.close(f"line {item}", nano(line["usd"]), counted, 0, 1 + float(rate))

    def bill(self):
        self.instances()
        self.microvms()
        self.fees()
        self.traffic()
        for item in self.lines:
            if item not in self.seen:
                self.loose(item)
        cost = self.summary["cost"]
        for line in cost["lines"]:
            self.same(f"hours of {line['item']}", nano(line["usd"]), sum(nano(h) for h in line["hourly_usd"]))
        self.same("total", nano(cost["total_usd"]), sum(nano(l["usd"]) for l in cost["lines"]))
        for block in ("choice", "same"):
            self.same(f"block {block}", nano(cost[f"{block}_usd"]),
                      sum(nano(l["usd"]) for l in cost["lines"] if l["block"] == block))

    # ---- use ----
    def utilization(self):
        window = self.end - self.start
        if window == 0:
            return
        bought = collections.Counter()
        for node in self.ec2():
            time = sum(self.inside(begin, end) for begin, end in node["runs"])
            bought["cpu"] += node["cpu"] * time
            bought["memory"] += node["memory"] * time
            bought["nodes"] += time
        for pod, node in self.fargate():
            time = self.inside(pod["pulling"], pod.get("ended"))
            bought["cpu"] += node["cpu"] * time
            bought["memory"] += node["memory"] * time
        asked, alive = collections.Counter(), collections.Counter()
        for pod in self.pods.values():
            whose = "system" if pod["workload"] in self.system else "requested"
            if "bound" in pod:
                time = self.inside(pod["bound"], pod.get("ended"))
                asked["cpu_" + whose] += pod["cpu"] * time
                asked["memory_" + whose] += pod["memory"] * time
            if "started" in pod:
                alive[pod["workload"]] += self.inside(pod["started"], pod.get("ended"))
        use = self.summary["utilization"]
        for what, unit, suffix in (("cpu", VCPU, "vcpu"), ("memory", GIB, "gib")):
            self.close(f"{what} bought", use[f"{what}_bought_{suffix}"], bought[what] / unit / window, 1e-9)
            for whose in ("requested", "system"):
                counted = asked[f"{what}_{whose}"] / unit / window
                self.close(f"{what} {whose}", use[f"{what}_{whose}_{suffix}"], counted, 1e-9)
            if bought[what]:
                self.close(f"{what} requested over bought", use[f"{what}_requested_share"],
                           asked[f"{what}_requested"] / bought[what], 1e-9)
        self.close("nodes, mean", self.summary["nodes"]["mean"], bought["nodes"] / window, 1e-9)
        for workload, facts in self.summary["workloads"].items():
            claimed = facts["replicas_mean"] * window / 1e6
            self.close(f"pod-seconds of {workload}", claimed, alive[workload] / 1e6, 1e-9, 1e-6)

    def pending(self):
        waits = collections.defaultdict(list)
        for pod in self.pods.values():
            if pod["created"] < self.start:
                continue
            if "started" in pod:
                waits[pod["workload"]].append(pod["started"] - pod["created"])
            elif "bound" not in pod and "ended" not in pod:
                waits[pod["workload"]].append(self.end - pod["created"])
            elif "bound" not in pod and pod.get("reason") == "start_timeout":  # given up
                waits[pod["workload"]].append(pod["ended"] - pod["created"])
        for workload, facts in self.summary["workloads"].items():
            self.waits(f"pending of {workload}", sorted(waits[workload]), facts["pending_count"],
                       facts["pending_p50_us"], facts["pending_p99_us"])
        every = sorted(w for workload, list_ in waits.items() if workload not in self.system for w in list_)
        claimed = self.summary["pending"]
        self.waits("pending", every, claimed["count"], claimed["p50_us"], claimed["p99_us"])

    def waits(self, what, ordered, count, p50, p99):
        self.same(f"{what}, count", count, len(ordered))
        if ordered:
            self.close(f"{what}, p50", p50, nearest_rank(ordered, 50), PENDING_TOLERANCE)
            self.close(f"{what}, p99", p99, nearest_rank(ordered, 99), PENDING_TOLERANCE)

    # ---- requests ----
    def requests(self):
        """What came is served, lost or still there, at every minute; micro-requests, so a few may be rounded away."""
        backlog_at_start = Fraction(0)
        facts = self.summary["requests"]
        for workload in self.summary["workloads"]:
            columns = [self.series.get(f"{kind}/{workload}") for kind in ("arrived", "served", "lost", "backlog")]
            if any(column is None for column in columns):
                continue
            worst = max(abs(a + columns[3][0] - s - l - b) for a, s, l, b in zip(*columns))
            self.same(f"requests of {workload} that vanish", 0, 0 if worst <= len(columns[0]) else worst)
            if Fraction(self.summary["workloads"][workload]["requests_served"]) == Fraction(facts["served"]):
                backlog_at_start = Fraction(columns[3][0], 1_000_000)
        arrived = Fraction(facts["arrived"]) + backlog_at_start
        gone = Fraction(facts["served"]) + Fraction(facts["lost"]) + Fraction(facts["in_flight"])
        self.close("arrived = served + lost + in flight", float(arrived), float(gone), 0, 0.01)

    def run(self):
        self.read()
        self.bill()
        self.utilization()
        self.pending()
        self.requests()


def read_events(path):
    by_platform = collections.defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_platform[row["platform"]].append(row)
    return by_platform


def read_series(path):
    """{platform: {series: [values]}}"""
    out = collections.defaultdict(dict)
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        heads = next(rows)
        columns = [[] for _ in heads]
        for row in rows:
            for column, value in zip(columns, row):
                if value:
                    column.append(int(value))
    for head, column in zip(heads[2:], columns[2:]):
        platform, name = head.rsplit(" (", 1)[0].split(":", 1)
        out[platform][name] = column
    return out


def focus_totals(path):
    totals = collections.Counter()
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            totals[row["x_Platform"]] += nano(row["BilledCost"])
    return totals


def main():
    parser = argparse.ArgumentParser(description="Recount a run directory.")
    parser.add_argument("run")
    parser.add_argument("--prices", required=True, help="folder with ec2_on_demand_linux.csv and service_prices.csv")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()

    with open(os.path.join(arguments.run, "summary.json"), encoding="utf-8") as file:
        summary = json.load(file)
    events = read_events(os.path.join(arguments.run, "events.csv"))
    series = read_series(os.path.join(arguments.run, "series.csv"))
    focus = focus_totals(os.path.join(arguments.run, "costs.focus.csv"))
    prices = Prices(arguments.prices, summary["region"])
    checks, differences = 0, []
    for name, platform in summary["platforms"].items():
        if "cost" not in platform:
            continue
        recount = Recount(name, platform, events[name], series[name], prices, arguments.verbose)
        recount.run()
        recount.same("costs.focus.csv", nano(platform["cost"]["total_usd"]), focus[name])
        checks += recount.checks
        differences += recount.differences
    for difference in differences:
        print(difference)
    print(f"{checks} figures recounted on {len(summary['platforms'])} platforms, {len(differences)} differ")
    return 1 if differences or checks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
