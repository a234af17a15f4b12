"""Each scenario that is shipped behaves as fingerprints.csv says: one row for each of its columns, with the hash over
everything that happened in the first replication, and its bill. A change of behaviour renews the rows and says why.

usage: fingerprints.py [--renew] PROGRAM
"""

import csv
import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import house  # noqa: E402

TABLE = pathlib.Path(__file__).resolve().parent / "fingerprints.csv"
HEAD = ["scenario", "platform", "trace_hash", "total_usd"]


def rows_of(program, path):
    done = subprocess.run([program, "compare", path, "--replications", "1", "-q", "-o", "json"], cwd=house.ROOT,
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"{path}:\n{done.stderr}")
    platforms = json.loads(done.stdout)["platforms"]
    return [[path, name, facts["trace_hash"], facts["cost"]["total_usd"]] for name, facts in platforms.items()]


def main():
    arguments = [a for a in sys.argv[1:] if a != "--renew"]
    renew = len(arguments) + 1 < len(sys.argv)
    if len(arguments) != 1:
        sys.exit(__doc__)
    program = os.path.abspath(arguments[0])
    now = [row for path in house.scenarios() for row in rows_of(program, path)]
    with open(TABLE, newline="", encoding="utf-8") as file:
        then = list(csv.reader(file))[1:]
    if renew:
        with open(TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([HEAD] + now)
    gone = [row for row in then if row not in now]
    new = [row for row in now if row not in then]
    for sign, rows in (("-", gone), ("+", new)):
        for row in rows:
            print(sign, ",".join(row))
    print(f"{len(now)} rows, {len(new)} of them new")
    if (gone or new) and not renew:
        print("If that is meant, run ./dev renew and say why in the commit.")
        sys.exit(1)


if __name__ == "__main__":
    main()
