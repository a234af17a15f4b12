"""Runs `plimsoll compare`, recounts what it wrote, then alters the results: each alteration must be noticed.

    recount_run.py PLIMSOLL SOURCE_DIR SCENARIO LONGEST [ARGUMENT...]
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import spans  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def recount(run, source):
    return subprocess.run([sys.executable, os.path.join(HERE, "recount.py"), run, "--prices",
                           os.path.join(source, "models/aws/data")], capture_output=True, text=True)


def alter_summary(run, change):
    path = os.path.join(run, "summary.json")
    with open(path, encoding="utf-8") as file:
        summary = json.load(file)
    changed = change(next(iter(summary["platforms"].values())))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(summary, file)
    return changed is not False


def alter_event(run, fact, microseconds):
    """Moves the last event of this kind inside the window; what lies before it is not counted."""
    with open(os.path.join(run, "summary.json"), encoding="utf-8") as file:
        platforms = json.load(file)["platforms"]
    path = os.path.join(run, "events.csv")
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    window = {name: (p["window_start_us"], p["window_start_us"] + p["window_us"]) for name, p in platforms.items()}
    places = [i for i, row in enumerate(rows) if i > 0 and row[2] == fact and
              window[row[0]][0] <= int(row[1]) <= window[row[0]][1] - microseconds]
    if not places:
        return False
    rows[places[-1]][1] = str(int(rows[places[-1]][1]) + microseconds)
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return True


def nano_more(text):
    whole, _, rest = text.partition(".")
    return str(int(whole)) + "." + str(int(rest.ljust(9, "0")) + 1).rjust(9, "0")


def dearer(platform):
    line = platform["cost"]["lines"][0]
    line["usd"] = nano_more(line["usd"])


def other_price(platform):
    platform["cost"]["lines"][0]["usd_per_unit"] = nano_more(platform["cost"]["lines"][0]["usd_per_unit"])


def other_total(platform):
    platform["cost"]["total_usd"] = nano_more(platform["cost"]["total_usd"])


def more_served(platform):
    platform["requests"]["served"] = str(int(float(platform["requests"]["served"])) + 1)


def fewer_waits(platform):
    platform["pending"]["count"] += 1


def emptier(platform):
    if platform["utilization"]["cpu_requested_share"] == 0:
        return False
    platform["utilization"]["cpu_requested_share"] *= 0.999
    return True


def fewer_replicas(platform):
    workload = next(iter(platform["workloads"].values()))
    # Relative too: a mean of thousands has fewer digits left.
    workload["replicas_mean"] = workload["replicas_mean"] * (1 + 1e-6) + 1e-6


ALTERATIONS = {
    "a line is a nano-dollar dearer": lambda run: alter_summary(run, dearer),
    "a price differs": lambda run: alter_summary(run, other_price),
    "the total differs": lambda run: alter_summary(run, other_total),
    "one request more is served": lambda run: alter_summary(run, more_served),
    "one pod more has waited": lambda run: alter_summary(run, fewer_waits),
    "CPU requested over bought differs": lambda run: alter_summary(run, emptier),
    "pod-seconds differ": lambda run: alter_summary(run, fewer_replicas),
    "a node terminates later": lambda run: alter_event(run, "node_terminating", 1_000_000),
    "a pod is placed later": lambda run: alter_event(run, "pod_bound", 1_000_000),
    "a pod ends later": lambda run: alter_event(run, "pod_ended", 1_000_000),
}


def main():
    program, source, scenario, longest, *arguments = sys.argv[1:]
    arguments += ["--set", "load.for=" + spans.at_most(program, os.path.join(source, scenario), longest)]
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        done = subprocess.run([program, "compare", os.path.join(source, scenario), "--replications", "1", "--out", run,
                               *arguments], capture_output=True, text=True)
        if done.returncode not in (0, 3):
            print(done.stdout, done.stderr, sep="\n")
            return 1
        counted = recount(run, source)
        print(counted.stdout, counted.stderr, sep="", end="")
        if counted.returncode != 0:
            return 1
        unseen = 0
        for what, alter in ALTERATIONS.items():
            altered = os.path.join(folder, "altered")
            shutil.copytree(run, altered)
            if alter(altered) and recount(altered, source).returncode == 0:
                print(f"not noticed: {what}")
                unseen += 1
            shutil.rmtree(altered)
        print(f"{len(ALTERATIONS)} alterations, {unseen} not noticed")
        return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
