"""The same bits on every machine: a comparison with AVX2 and FMA masked gives the hash line that it gives with them.

glibc picks its exp, log and pow by the features of the processor; GLIBC_TUNABLES hides them.

usage: hash_test.py PROGRAM [OTHER_BUILD...]
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ["compare", "scenarios/retail-store.yaml", "--set", "load.for=6h", "--replications", "2", "-q"]
MASK = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"


def hash_line(program, jobs=1, mask=False):
    env = {k: v for k, v in os.environ.items() if k != "GLIBC_TUNABLES"}
    if mask:
        env["GLIBC_TUNABLES"] = MASK
    done = subprocess.run([program, *SCENARIO, "--jobs", str(jobs)], cwd=ROOT, env=env, capture_output=True, text=True,
                          check=False)
    if done.returncode not in (0, 3):
        sys.exit(f"exit code {done.returncode}:\n{done.stderr}")
    line = done.stdout.splitlines()[-1]
    if not re.fullmatch(r"seed \d+  hash [0-9a-f]{16}  plimsoll \S+", line):
        sys.exit(f"no hash in the last line: {line}")
    return done.stdout


def main():
    programs = [os.path.abspath(p) for p in sys.argv[1:]]
    expected = hash_line(programs[0])
    cases = [("again", programs[0], 1, False), ("two threads", programs[0], 2, False),
             ("AVX2 and FMA masked", programs[0], 1, True)]
    cases += [(other, other, 1, mask) for other in programs[1:] for mask in (False, True)]
    failed = 0
    for name, program, jobs, mask in cases:
        same = hash_line(program, jobs, mask) == expected
        failed += not same
        print(f"{'same' if same else 'DIFFERENT'}: {name}")
    print(expected.splitlines()[-1])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
