"""plimsoll diff on the real program: two runs that differ in one key.

usage: diff_test.py PROGRAM
"""

import json
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True
from program import Runs  # noqa: E402

SCENARIO = """apiVersion: plimsoll/v1
load: {constant: 120/s, for: 1h}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    start: {cpu: 5s, wait: 1s}
    image: 120MB
    scale: {cpu: 60%, min: 2, max: 50}
replications: 2
platforms:
  tasks: {type: ecs, capacity: fargate}
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 2, max: 20}, autoscaler: cluster-autoscaler}}
"""


class DiffTest(Runs):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.dir / "s.yaml").write_text(SCENARIO)
        for out, sets in (("a", []), ("b", ["--set", "apps.web.size=1/2Gi"]), ("c", [])):
            cls.call("compare", "s.yaml", "--out", out, "-q", *sets)

    def test_the_same_run_twice_has_no_difference(self):
        code, out, err = self.call("diff", "a", "c")
        self.assertEqual((0, ""), (code, err))
        self.assertIn("Nothing changed in 2 columns.", out)

    def test_a_changed_key_is_named_and_its_cost_told(self):
        code, out, err = self.call("diff", "a/", "b/")
        self.assertEqual((0, ""), (code, err))
        lines = out.splitlines()
        self.assertIn("  ~ apps.web.size: 500m/1Gi -> 1/2Gi", lines)
        self.assertTrue(any(line.strip().startswith("~ Fargate vCPU") for line in lines), out)
        self.assertTrue(any(line.strip().startswith("first difference at ") for line in lines), out)
        self.assertLessEqual(max(len(line) for line in lines), 80)
        self.assertTrue(lines[-1].startswith("Key: + added"))

    def test_the_bill_of_the_json_is_the_bill_of_the_runs(self):
        diff = json.loads(self.call("diff", "a", "b", "-o", "json")[1])
        self.assertEqual("1.0", diff["format_version"])
        for side, name in (("before", "a"), ("after", "b")):
            summary = json.loads((self.dir / name / "summary.json").read_text())
            for platform in ("tasks", "nodes"):
                self.assertAlmostEqual(float(summary["platforms"][platform]["estimates"]["usd_per_day"]["mean"]),
                                       float(diff["platforms"][platform]["usd_per_day"][side]), places=6)
        lines = diff["platforms"]["tasks"]["lines_usd_per_day"]
        self.assertAlmostEqual(float(diff["platforms"]["tasks"]["usd_per_day"]["difference"]),
                               sum(float(line["difference"]) for line in lines), places=6)
        first = diff["platforms"]["tasks"]["first_difference"]
        self.assertEqual(first["before"]["fact"] is not None, True)

    def test_a_limit_on_growth(self):
        code, out, err = self.call("diff", "a", "b", "--fail-above", "5%")
        self.assertEqual(3, code)
        self.assertIn("which is above --fail-above 5%", err)
        self.assertIn("Key:", out)
        self.assertEqual(0, self.call("diff", "b", "a", "--fail-above", "5%")[0])
        self.assertEqual(0, self.call("diff", "a", "b", "--fail-above", "500%", "-o", "md")[0])

    def test_a_limit_needs_its_unit(self):
        for text in ("5", "0.05"):
            code, out, err = self.call("diff", "a", "b", "--fail-above", text)
            self.assertEqual((2, "", f"error: --fail-above: '{text}' has no unit\n"
                              "  hint: write a percentage, such as 5%\n"), (code, out, err))

    def test_bad_input(self):
        code, out, err = self.call("diff", "a", "nowhere")
        self.assertEqual((2, "error: cannot read nowhere: no such directory\n"), (code, err))
        code, out, err = self.call("diff", "a", "b", "--platform", "task")
        self.assertEqual((2, "error: no platform 'task', did you mean 'tasks'?\n"), (code, err))
        code, out, err = self.call("diff", "a", "b", "--fail-above", "x")
        self.assertEqual(2, code)

    def test_one_column(self):
        code, out, err = self.call("diff", "a", "b", "--platform", "nodes", "-o", "json")
        self.assertEqual(["nodes"], list(json.loads(out)["platforms"]))

    def test_a_run_keeps_its_inputs(self):
        with sqlite3.connect(self.dir / "b" / "result.sqlite") as db:
            self.assertEqual([("s.yaml", SCENARIO)],
                             [(p, bytes(c).decode()) for p, c in db.execute("SELECT path, content FROM input")])
            sets = db.execute("SELECT text FROM note WHERE kind = 'set'").fetchall()
            self.assertEqual([("apps.web.size=1/2Gi",)], sets)


if __name__ == "__main__":
    unittest.main()
