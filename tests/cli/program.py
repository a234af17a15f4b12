"""The command-line program as the tests of this folder call it. Each of them has its path as the first argument."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else str(ROOT / "build/release/bin/plimsoll")

# One app, an hour, one column of each kind: a run takes some milliseconds.
SMALL = """apiVersion: plimsoll/v1
load: {constant: 120/s, for: 1h}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    start: {cpu: 5s, wait: 1s}
    image: 120MB
    scale: {cpu: 60%, min: 2, max: 50}
around: {nat: 1, reply: 10KB, logs: 200B}
replications: 2
platforms:
  tasks: {type: ecs, capacity: fargate}
  instances: {type: ecs, capacity: {asg: {type: m5.large, min: 2, max: 20}}, eniTrunking: true}
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 20}, autoscaler: cluster-autoscaler}}
"""


def deployment(rules=""):
    """A Deployment `web` of two pods of one container; `rules` are fields of its pods."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      {rules}
      containers: [{{name: web, image: x, resources: {{requests: {{cpu: 500m, memory: 1Gi}}}}}}]
"""


def call(directory, *arguments, env=None):
    """Exit code, standard output and standard error."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=directory, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


def folder(add_cleanup):
    """A new folder that goes with the test, or with the class of tests."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="plimsoll-cli-"))
    add_cleanup(shutil.rmtree, path, ignore_errors=True)
    return path


class Program(unittest.TestCase):
    """A folder with SMALL in it as s.yaml, and ways to call the program there."""

    def setUp(self):
        self.dir = folder(self.addCleanup)
        self.scenario = self.put("s.yaml", SMALL)

    def put(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return path.name

    def call(self, *arguments, env=None, cwd=None):
        return call(cwd or self.dir, *arguments, env=env)

    def good(self, *arguments, **more):
        code, out, err = self.call(*arguments, **more)
        self.assertEqual((0, ""), (code, err), arguments)
        return out

    def bad(self, message, *arguments, hint=None, code=2):
        """Refused with this first line, nothing on standard output."""
        got, out, err = self.call(*arguments)
        lines = err.splitlines() or [""]
        self.assertEqual(message, lines[0])
        self.assertEqual(code, got)
        self.assertEqual("", out)
        if hint is not None:
            self.assertEqual("  hint: " + hint, lines[1] if len(lines) > 1 else "")
        return lines


class Runs(unittest.TestCase):
    """One folder for a whole class of tests, whose setUpClass makes the runs that they look at."""

    @classmethod
    def setUpClass(cls):
        cls.dir = folder(cls.addClassCleanup)

    @classmethod
    def call(cls, *arguments):
        return call(cls.dir, *arguments)
