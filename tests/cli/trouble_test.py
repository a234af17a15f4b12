"""When the disk is full, the place is read-only, the reader has gone or the user has had enough: one clear message
each, nothing half-written, and what was finished stays readable.

usage: trouble_test.py PROGRAM
"""

import fcntl
import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
import unittest

sys.dont_write_bytecode = True
from program import PROGRAM, Program  # noqa: E402

SWEEP = """apiVersion: plimsoll/v1
base: s.yaml
replications: 2
vary:
  load.scale: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
  apps.web.scale.cpu: [50%, 60%, 70%]
report: {y: [cost.choice, latency.p99]}
"""
LONG = ("--set", "load.for=4d", "--replications", "500")  # far longer than any of these tests waits


def small_files(kilobytes):
    """For a child: a write beyond this size fails with EFBIG, as on a disk that is full."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))
    return limit


class Trouble(Program):
    def limited(self, kilobytes, *arguments):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.dir, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, check=False,
                              preexec_fn=small_files(kilobytes), restore_signals=False)
        return done.returncode, done.stdout, done.stderr

    def listing(self):
        return sorted(str(path.relative_to(self.dir)) for path in self.dir.rglob("*"))

    def mounted(self, *options):
        """A small file system of its own, for who may mount one."""
        place = self.dir / "disk"
        place.mkdir(exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", place], capture_output=True,
                              check=False)
        if done.returncode != 0:
            self.skipTest("may not mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=False)
        return place

    # --- full disks, read-only places ---

    def test_standard_output_that_takes_nothing(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        self.good("compare", "s.yaml", "--out", "run", "-q")
        for arguments in (["compare", "s.yaml", "-q"], ["compare", "s.yaml", "-q", "-o", "json"], ["catalog"],
                          ["policies"], ["policies", "-o", "json"], ["validate", "s.yaml"], ["validate", "--schema"],
                          ["validate", "s.yaml", "--print-effective"], ["version"], ["--help"], ["report", "run"],
                          ["report", "run", "-o", "html"]):
            with self.subTest(arguments), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([PROGRAM, *arguments], cwd=self.dir, stdout=full, stderr=subprocess.PIPE,
                                      text=True, check=False)
                self.assertEqual(2, done.returncode)
                self.assertEqual("error: cannot write to standard output: No space left on device\n", done.stderr)

    def test_the_run_is_kept_when_only_the_table_cannot_be_printed(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            subprocess.run([PROGRAM, "compare", "s.yaml", "-q", "--out", "run"], cwd=self.dir, stdout=full,
                           stderr=subprocess.DEVNULL, check=False)
        self.assertIn("hash", self.good("report", "run"))

    def test_a_reader_that_leaves_early(self):
        reader = subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        done = subprocess.run([PROGRAM, "compare", "s.yaml", "-q", "-o", "json"], cwd=self.dir, stdout=reader.stdin,
                              stderr=subprocess.PIPE, text=True, check=False)
        reader.stdin.close()
        self.assertEqual("", done.stderr)
        self.assertEqual("{\n", reader.stdout.read())
        reader.stdout.close()
        self.assertEqual(0, reader.wait())

    def test_a_disk_that_fills_up(self):
        before = self.listing()
        for kilobytes in (1, 20, 60):
            with self.subTest(kilobytes):
                code, _, err = self.limited(kilobytes, "compare", "s.yaml", "-q", "--out", "run")
                self.assertEqual(2, code)
                self.assertRegex(err, r"^error: cannot write run/[a-z.]+: [A-Za-z ]+\n$")
                self.assertEqual(before, self.listing())
        # An earlier run in the same place stays whole.
        self.good("compare", "s.yaml", "-q", "--out", "run")
        earlier = {path: (self.dir / path).read_bytes() for path in self.listing() if (self.dir / path).is_file()}
        self.assertEqual(2, self.limited(40, "compare", "s.yaml", "-q", "--seed", "2", "--out", "run")[0])
        self.assertEqual(earlier, {path: (self.dir / path).read_bytes() for path in self.listing()
                                   if (self.dir / path).is_file()})

    def test_a_disk_that_is_full(self):
        place = self.mounted("size=64k")
        code, _, err = self.call("compare", "s.yaml", "-q", "--out", "disk/run")
        self.assertEqual(2, code)
        self.assertRegex(err, r"^error: cannot write disk/run/[a-z.]+: No space left on device\n$")
        self.assertEqual([], os.listdir(place))
        self.good("compare", "s.yaml", "-q", "--out", "run")
        code, out, err = self.call("report", "run", "-o", "html", "--out", "disk/page.html")
        self.assertEqual((2, "", "error: cannot write disk/page.html: No space left on device\n"), (code, out, err))
        self.assertEqual([], os.listdir(place))

    def test_a_place_that_is_read_only(self):
        self.mounted("ro")
        self.put("w.yaml", SWEEP)
        for arguments in (["compare", "s.yaml", "-q", "--out", "disk/run"],
                          ["sweep", "w.yaml", "-q", "--out", "disk/w"]):
            with self.subTest(arguments):
                code, out, err = self.call(*arguments)
                self.assertEqual((2, ""), (code, out))  # told before anything runs
                self.assertRegex(err, r"^error: cannot write disk/(run|w): Read-only file system\n$")

    def test_a_sweep_on_a_disk_that_fills_up_goes_on_later(self):
        self.put("w.yaml", SWEEP)
        whole = self.good("sweep", "w.yaml", "-q", "--out", "whole").splitlines()[-1]
        self.assertRegex(whole, r"^content hash [0-9a-f]{16}$")
        code, _, err = self.limited(48, "sweep", "w.yaml", "-q", "--out", "part")
        self.assertEqual(2, code)
        self.assertRegex(err, r"^error: [^\n]*part/sweep\.[a-z]+: [^\n]+\n$")
        self.assertEqual(whole, self.good("sweep", "w.yaml", "-q", "--out", "part").splitlines()[-1])
        for name in ("sweep.csv", "means.csv"):
            self.assertEqual((self.dir / "whole" / name).read_bytes(), (self.dir / "part" / name).read_bytes(), name)

    # --- stopped half-way ---

    def start(self, *arguments, **more):
        child = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.dir, stdin=subprocess.DEVNULL, text=True,
                                 **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})
        self.addCleanup(child.kill)
        return child

    def test_ctrl_c_keeps_what_was_finished(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                child = self.start("compare", "s.yaml", *LONG, "-q", "--out", "run")
                time.sleep(2)
                child.send_signal(number)
                out, err = child.communicate(timeout=60)
                self.assertEqual((130, ""), (child.returncode, err))
                summary = json.loads((self.dir / "run" / "summary.json").read_text())
                self.assertTrue(summary["interrupted"])
                finished = [len(facts["replications"]) for facts in summary["platforms"].values()]
                self.assertTrue(0 < max(finished) < 500, finished)
                if min(finished) > 0:  # the same worlds for every column
                    self.assertEqual(1, len(set(finished)), finished)
                    self.assertIn(f"Interrupted after {finished[0]} of 500 replications",
                                  " ".join(out.split()))
                self.assertIn("nterrupted", out)
                self.assertIn(summary["hash"], self.good("report", "run"))
                shutil.rmtree(self.dir / "run")

    def test_a_sweep_that_is_killed_goes_on(self):
        self.put("w.yaml", SWEEP)
        whole = self.good("sweep", "w.yaml", "-q", "--out", "whole").splitlines()[-1]
        for number, jobs in ((signal.SIGKILL, 1), (signal.SIGINT, 2)):
            with self.subTest(number):
                name = f"part-{number}"
                child = self.start("sweep", "w.yaml", "-q", "--jobs", jobs, "--out", name)
                store = self.dir / name / "sweep.sqlite"
                end = time.monotonic() + 60
                found = 0
                while found < 3 and child.poll() is None and time.monotonic() < end:
                    time.sleep(0.005)
                    try:
                        with sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=1) as database:
                            found = database.execute("SELECT count(*) FROM points").fetchone()[0]
                    except sqlite3.Error:
                        continue
                child.send_signal(number)
                out, _ = child.communicate(timeout=60)
                if number == signal.SIGINT and child.returncode == 130:
                    self.assertIn("the same command goes on", out)
                self.assertEqual(whole, self.good("sweep", "w.yaml", "-q", "--out", name).splitlines()[-1])
                for file in ("sweep.csv", "means.csv"):
                    self.assertEqual((self.dir / "whole" / file).read_bytes(), (self.dir / name / file).read_bytes())

    # --- progress ---

    def on_terminal(self, columns, seconds, *arguments):
        """What the standard error of the program shows on a terminal of this width until it is interrupted."""
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        child = self.start(*arguments, stdout=subprocess.DEVNULL, stderr=slave)
        os.close(slave)
        os.set_blocking(master, False)
        shown, end, told = b"", time.monotonic() + seconds, False
        while True:
            try:
                piece = os.read(master, 65536)
                if not piece:
                    break
                shown += piece
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:
                break
            if time.monotonic() > end and not told:
                child.send_signal(signal.SIGINT)
                told = True
        os.close(master)
        self.assertEqual(130, child.wait(60))
        return shown.decode()

    def test_progress_on_a_terminal(self):
        for columns in (40, 80, 160):
            with self.subTest(columns):
                # A busy machine needs longer to get to its second line.
                for patience in (3, 12, 40):
                    shown = self.on_terminal(columns, patience, "compare", "s.yaml", *LONG)
                    states = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", state).strip() for state in shown.split("\r")]
                    lines = [state for state in states if state]
                    if len(lines) > 1:
                        break
                self.assertGreater(len(lines), 1, shown)
                for line in lines:
                    self.assertRegex(line, r"^\d+ of 1500 runs, .+ left$")
                    self.assertLess(len(line), columns)
                self.assertNotIn("\n", shown.rstrip("\n"))
                self.assertTrue(shown.endswith("\x1b[K"), repr(shown[-40:]))  # nothing is left standing

    def test_progress_in_a_pipe(self):
        child = self.start("compare", "s.yaml", *LONG)
        time.sleep(2.5)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
        self.assertEqual(130, child.returncode)
        self.assertNotIn("\x1b", err)
        self.assertNotIn("\r", err)
        for line in err.splitlines():
            self.assertRegex(line, r"^\d+ of 1500 runs$")


if __name__ == "__main__":
    unittest.main()
