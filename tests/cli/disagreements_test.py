"""The figures in the heads of scenarios/disagreements are those of the program: each scenario is run as its head says,
and every figure that the head tells is counted anew from the event log and the bill.

usage: disagreements_test.py PROGRAM [NAME...]      (names of files, without .yaml; all but the large ones by default)
"""

import csv
import json
import pathlib
import re
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "disagreements"
MINUTE = 60_000_000
NAMES = {"Cluster Autoscaler": "cluster-autoscaler", "Karpenter": "karpenter"}
# "Cluster Autoscaler 51.94 $, 3, 16.6 + 14.2 + 16.5"
STEPS = re.compile(r"(Cluster Autoscaler|Karpenter) ([\d.]+) \$, (\d+), ([\d.]+) \+ ([\d.]+) \+ ([\d.]+)")
EVICTIONS = re.compile(r"(Cluster Autoscaler|Karpenter) ([\d,]+)(?: \((none|[\d,]+)[^)]*\))?")


class Figures:
    def __init__(self, program):
        self.program, self.checks, self.wrong = program, 0, []

    def run(self, scenario, *sets):
        """Facts of each column, and what each costs."""
        with tempfile.TemporaryDirectory() as out:
            command = [self.program, "compare", str(scenario), "--out", out, "--replications", "1"]
            for one in sets:
                command += ["--set", one]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
            facts = {name: [] for name in NAMES.values()}
            with open(pathlib.Path(out) / "events.csv", newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    if row["platform"] in facts:
                        facts[row["platform"]].append(row)
            summary = json.loads((pathlib.Path(out) / "summary.json").read_text(encoding="utf-8"))
        return facts, summary["platforms"]

    def same(self, what, told, counted):
        self.checks += 1
        if told != counted:
            self.wrong.append(f"{what}: the head says {told}, the run {counted}")


def head_of(path):
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return lines


def cost(platform):
    return platform["replications"][0]["total_usd"]


def minutes_until_gone(facts, start, steps, end):
    """From each step until the last node goes before the next one."""
    out = []
    for step, after in zip(steps, steps[1:] + [end]):
        gone = [int(f["at_us"]) for f in facts if f["fact"] == "node_terminating" and step <= int(f["at_us"]) < after]
        out.append(f"{(max(gone) - step) / MINUTE:.1f}" if gone else "-")
    return out


def pending_seconds(facts, since):
    created, total = {}, 0
    for f in facts:
        if f["fact"] == "pod_created" and int(f["at_us"]) > since:
            created[f["pod"]] = int(f["at_us"])
        elif f["fact"] == "pod_bound" and f["pod"] in created:
            total += int(f["at_us"]) - created.pop(f["pod"])
    return round(total / 1e6)


def check_steps(figures, path):
    text = path.read_text(encoding="utf-8")
    steps = [int(m) * MINUTE for m in re.findall(r"^  - \{at: (\d+)m,", text, re.M)]
    span = int(re.search(r"for: (\d+)h", text).group(1)) * 60 * MINUTE
    told = [(line, STEPS.findall(line)) for line in head_of(path)]
    told = [(line, found) for line, found in told if found]
    if not told:
        raise SystemExit(f"{path.name}: the head tells no figures")
    results = {}
    for line, found in told:
        nodes = re.match(r"(\d+) nodes:", line)
        sets = ()
        if nodes and int(nodes.group(1)) != 100:
            # Four pods a node, as in the file.
            pods = 4 * int(nodes.group(1))
            events = ", ".join(f"{{at: {60 * i}m, scale: fill, replicas: {pods * (4 - i) // 4}}}" for i in (1, 2, 3))
            sets = (f"apps.fill.replicas={pods}", f"events=[{events}]")
        if sets not in results:
            results[sets] = figures.run(path, *sets)
        facts, platforms = results[sets]
        for name, dollars, pending, *minutes in found:
            what = f"{path.name}{' at ' + nodes.group(1) + ' nodes' if nodes else ''}, {name}"
            own = facts[NAMES[name]]
            figures.same(what + ", cost", dollars, f"{float(cost(platforms[NAMES[name]])):.2f}")
            figures.same(what + ", pending pod-seconds", int(pending), pending_seconds(own, steps[0]))
            figures.same(what + ", minutes", minutes, minutes_until_gone(own, 0, steps, span))


def check_evictions(figures, path):
    line = next(line for line in head_of(path) if line.startswith("Evictions of the day:"))
    line = line.split(";")[0]
    facts, platforms = figures.run(path)
    for name, total, of_jobs in EVICTIONS.findall(line):
        platform = platforms[NAMES[name]]
        workloads = platform["workloads"]
        what = f"{path.name}, {name}"
        own = {w: facts_of["evictions"] for w, facts_of in workloads.items() if not facts_of["system"]}
        figures.same(what + ", evictions", int(total.replace(",", "")), sum(own.values()))
        if of_jobs:
            jobs = re.findall(r"^  (\w+):\n    size: .*\n    schedule:", path.read_text(encoding="utf-8"), re.M)
            told = 0 if of_jobs == "none" else int(of_jobs.replace(",", ""))
            figures.same(what + ", of the CronJob", told, sum(own[j] for j in jobs))


CHECKS = {
    "scale-down-steps": check_steps,
    "scale-down-steps-1000": check_steps,
    "scale-down-steps-2000": check_steps,
    "eviction-churn": check_evictions,
    "eviction-churn-large": check_evictions,
}
LARGE = {"scale-down-steps-2000", "eviction-churn-large"}


def main():
    figures = Figures(sys.argv[1])
    names = sys.argv[2:] or [n for n in CHECKS if n not in LARGE]
    for name in names:
        CHECKS[name](figures, FOLDER / f"{name}.yaml")
    for line in figures.wrong:
        print(line)
    print(f"{figures.checks} figures, {len(figures.wrong)} of them otherwise")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
