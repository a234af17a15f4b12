"""The parts into which a program of test cases is split run each of its cases exactly once, and none is empty.

usage: shards_test.py PROGRAM SHARDS [DOCTEST OPTION...]
"""

import collections
import subprocess
import sys


def cases(program, *options):
    told = subprocess.run([program, "--list-test-cases", *options], capture_output=True, text=True, check=True).stdout
    return collections.Counter(line for line in told.split("\n") if line and not line.startswith(("[doctest]", "===")))


def main():
    program, shards, options = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    parts = [cases(program, f"--shard={k}/{shards}", *options) for k in range(1, shards + 1)]
    assert all(parts), f"an empty part: {[part.total() for part in parts]}"
    whole, together = cases(program, *options), sum(parts, collections.Counter())
    assert together == whole, f"left out: {whole - together}; more than once: {together - whole}"
    # A part that runs, and does not only list: one case of so many parts. Cases that ran are told with their time.
    run = subprocess.run([program, f"--shard=1/{whole.total()}", "--duration", *options], capture_output=True,
                         text=True, check=True).stdout
    assert sum(" s: " in line for line in run.split("\n")) == 1, run
    for bad in ("0/2", "3/2", "1", "1/2x", "a/b"):
        refused = subprocess.run([program, f"--shard={bad}", "--count"], capture_output=True, check=False)
        assert refused.returncode == 2, f"--shard={bad} is accepted"
    print(f"{whole.total()} cases in {shards} parts: {[part.total() for part in parts]}")


if __name__ == "__main__":
    main()
