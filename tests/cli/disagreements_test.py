"""The figures in the heads of scenarios/disagreements are those of the program: each scenario is run as its head says,
and every figure that the head tells is counted anew from the event log and the bill.

usage: disagreements_test.py PROGRAM [--renew] [NAME...]
       (names of files, without .yaml; all but the large ones by default; --renew writes the figures into the heads)
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
EVICTIONS = re.compile(r"(Cluster Autoscaler|Karpenter) (\d+(?:,\d+)*)(?: \((none|\d+(?:,\d+)*)[^)]*\))?")


class Figures:
    def __init__(self, program):
        self.program, self.checks, self.wrong, self.new = program, 0, [], {}

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

    def same(self, path, what, told, counted):
        """A piece of the head, as it stands there and as the run would write it."""
        self.checks += 1
        if told == counted:
            return
        self.wrong.append(f"{path.name}: {what}: the head says '{told}', the run '{counted}'")
        self.new.setdefault(path, []).append((told, counted))

    def renew(self):
        for path, pieces in self.new.items():
            text = path.read_text(encoding="utf-8")
            for told, counted in pieces:
                text = text.replace(told, counted, 1)
            path.write_text(text, encoding="utf-8")


def head_of(path):
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return lines


def cost(platform):
    return platform["replications"][0]["total_usd"]


def minutes_until_gone(facts, steps, end):
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
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    steps = [int(n) * MINUTE * (60 if unit == "h" else 1) for n, unit in re.findall(r"\{at: (\d+)([mh]),", text)]
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
        for name, *figure in found:
            own, write = facts[NAMES[name]], "{} {} $, {}, {} + {} + {}".format
            counted = (f"{float(cost(platforms[NAMES[name]])):.2f}", pending_seconds(own, steps[0]),
                       *minutes_until_gone(own, steps, span))
            where = f"{nodes.group(1)} nodes" if nodes else name
            figures.same(path, where, write(name, *figure), write(name, *counted))


def check_evictions(figures, path):
    line = next(line for line in head_of(path) if line.startswith("Evictions of the day:"))
    line = line.split(";")[0]
    facts, platforms = figures.run(path)
    jobs = re.findall(r"^  (\w+):\n    size: .*\n    schedule:", path.read_text(encoding="utf-8"), re.M)
    for found in EVICTIONS.finditer(line):
        name, total, of_jobs = found.groups()
        own = {w: f["evictions"] for w, f in platforms[NAMES[name]]["workloads"].items() if not f["system"]}
        counted = found.group(0).replace(total, f"{sum(own.values()):,}", 1)
        if of_jobs:
            runs = sum(own[j] for j in jobs)
            counted = counted.replace("(" + of_jobs, "(" + (f"{runs:,}" if runs else "none"), 1)
        figures.same(path, "evictions", found.group(0), counted)


CHECKS = {
    "scale-down-steps": check_steps,
    "scale-down-steps-1000": check_steps,
    "scale-down-steps-2000": check_steps,
    "eviction-churn": check_evictions,
    "eviction-churn-large": check_evictions,
}
LARGE = {"scale-down-steps-2000", "eviction-churn-large"}


def main():
    arguments = [a for a in sys.argv[1:] if a != "--renew"]
    figures = Figures(arguments[0])
    names = arguments[1:] or [n for n in CHECKS if n not in LARGE]
    for name in names:
        CHECKS[name](figures, FOLDER / f"{name}.yaml")
    for line in figures.wrong:
        print(line)
    print(f"{figures.checks} figures, {len(figures.wrong)} of them otherwise")
    if "--renew" in sys.argv:
        figures.renew()
        return 0
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
