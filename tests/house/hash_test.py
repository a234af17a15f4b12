"""The same bytes everywhere: two runs, one thread and two, AVX2 and FMA masked, and other builds of the program.

glibc picks its exp, log and pow by the features of the processor; GLIBC_TUNABLES hides them. What is printed and every
file of the run directory must be the same to the last byte.

usage: hash_test.py PROGRAM [OTHER_BUILD...]
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ["compare", "scenarios/retail-store.yaml", "--set", "load.for=6h", "--replications", "2", "-q"]
MASK = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F"


def outcome(program, jobs=1, mask=False):
    """{name: digest} of standard output and of each file, and the last line printed."""
    env = {k: v for k, v in os.environ.items() if k != "GLIBC_TUNABLES"}
    if mask:
        env["GLIBC_TUNABLES"] = MASK
    with tempfile.TemporaryDirectory(prefix="plimsoll-hash-") as folder:
        run = pathlib.Path(folder, "run")
        done = subprocess.run([program, *SCENARIO, "--jobs", str(jobs), "--out", run], cwd=ROOT, env=env,
                              capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):
            sys.exit(f"{program}: exit code {done.returncode}:\n{done.stderr}")
        said = done.stdout.replace(folder, "")
        lines = said.splitlines()
        if not re.fullmatch(r"seed \d+  hash [0-9a-f]{16}  plimsoll \S+", lines[-2]):
            sys.exit(f"no hash in the line before the last: {lines[-2]}")
        digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(run.iterdir())}
        digests["what is printed"] = hashlib.sha256(said.encode()).hexdigest()
        return digests, lines[-2]


def main():
    programs = [os.path.abspath(p) for p in sys.argv[1:]]
    expected, line = outcome(programs[0])
    if len(expected) < 6:
        sys.exit(f"too few files: {sorted(expected)}")
    cases = [("again", programs[0], 1, False), ("two threads", programs[0], 2, False),
             ("AVX2 and FMA masked", programs[0], 1, True)]
    for other in programs[1:]:
        name = os.path.relpath(other, ROOT)
        cases += [(name, other, 1, False), (name + ", two threads, AVX2 and FMA masked", other, 2, True)]
    failed = 0
    for name, program, jobs, mask in cases:
        got, _ = outcome(program, jobs, mask)
        differing = sorted(k for k in expected.keys() | got.keys() if expected.get(k) != got.get(k))
        failed += bool(differing)
        print(f"DIFFERENT: {name}: {', '.join(differing)}" if differing else f"same: {name}", flush=True)
    print(line)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
