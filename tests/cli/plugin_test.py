"""Policies out of shared libraries: the shipped examples run, and a bad library ends the run with its name.

usage: plugin_test.py PROGRAM DIRECTORY_OF_LIBRARIES
"""

import json
import os
import re
import sys
import unittest

sys.dont_write_bytecode = True
from program import ROOT, call, folder  # noqa: E402

LIBRARIES = os.path.abspath(sys.argv.pop(1))

SCENARIO = """apiVersion: plimsoll/v1
load: {diurnal: {peak: 900/s, trough: 100/s, peakAt: 2h}, for: 3h}
apps:
  web:
    size: 500m/1Gi
    work: 5ms
    start: {cpu: 5s, wait: 1s}
    scale: {cpu: 60%, min: 2, max: 50%POLICY%}
replications: 1
platforms:
  instances: {type: ecs, capacity: {asg: {type: m5.large, min: 2, max: 20}}, eniTrunking: true, place: [%PLACE%]}
  nodes: {type: eks, capacity: {nodeGroup: {type: m5.large, min: 12, max: 20}, autoscaler: cluster-autoscaler}%SCORE%}
"""


class Plugins(unittest.TestCase):
    def setUp(self):
        self.dir = folder(self.addCleanup)

    def scenario(self, policy="", place="spread(zone)", score=""):
        text = SCENARIO.replace("%POLICY%", policy).replace("%PLACE%", place).replace("%SCORE%", score)
        path = self.dir / "s.yaml"
        path.write_text(text)
        return path

    def call(self, *arguments):
        return call(self.dir, *arguments)

    def library(self, stem):
        return os.path.join(LIBRARIES, stem + ".so")

    def hashes(self, *arguments):
        code, out, err = self.call("compare", *arguments, "-o", "json")
        self.assertIn(code, (0, 3), err)
        return {name: p["trace_hash"] for name, p in json.loads(out)["platforms"].items()}

    def test_each_example_changes_the_column_it_is_named_in_and_no_other(self):
        plain = self.hashes(self.scenario())
        packed = self.hashes(self.scenario(place="zone-then-pack"), "--plugin", self.library("zone_then_pack"))
        self.assertNotEqual(plain["instances"], packed["instances"])
        self.assertEqual(plain["nodes"], packed["nodes"])
        scored = self.hashes(self.scenario(score=", scorePlugins: {headroom: 1000}"), "--plugin",
                             self.library("headroom_score"))
        self.assertEqual(plain["instances"], scored["instances"])
        self.assertNotEqual(plain["nodes"], scored["nodes"])
        scaled = self.hashes(self.scenario(policy=", policy: trend, period: 30s"), "--plugin",
                             self.library("trend_scaler"))
        self.assertNotEqual(plain["instances"], scaled["instances"])
        self.assertNotEqual(plain["nodes"], scaled["nodes"])

    def test_the_shipped_scenario_runs_and_names_its_libraries(self):
        plugins = []
        for stem in ("headroom_score", "zone_then_pack", "trend_scaler"):
            plugins += ["--plugin", self.library(stem)]
        code, out, err = self.call("compare", ROOT / "scenarios/custom-policy/custom-policy.yaml", *plugins,
                                   "--replications", 1, "--set", "load.for=2h", "-o", "json")
        self.assertIn(code, (0, 3), err)
        summary = json.loads(out)
        self.assertTrue(re.search(r"headroom_score\.so \(hash [0-9a-f]{16}\)", json.dumps(summary)), "hash of the file")

    def test_policies_lists_them(self):
        code, out, _ = self.call("policies", "--plugin", self.library("trend_scaler"))
        self.assertEqual(0, code)
        self.assertRegex(out, r"trend +CPU target with the trend")

    def refused(self, pattern, *arguments, code=2):
        got, out, err = self.call(*arguments)
        self.assertEqual(code, got, err)
        self.assertRegex(err.replace("\n", " "), pattern)
        self.assertEqual("", out)

    def test_bad_libraries_are_refused_by_name(self):
        s = self.scenario()
        self.refused(r"bad_abi\.so.*ABI number is 42, expected 1", "compare", s, "--plugin", self.library("bad_abi"))
        self.refused(r"bad_symbol\.so.*does not export plimsoll_plugin_get", "compare", s, "--plugin",
                     self.library("bad_symbol"))
        self.refused(r"absent\.so.*cannot read the plugin", "compare", s, "--plugin", "absent.so")
        self.refused(r"s\.yaml.*not a shared library", "compare", s, "--plugin", s)
        self.refused(r"no replica scaler 'trond' for web.*did you mean 'trend'", "compare",
                     self.scenario(policy=", policy: trond"), "--plugin", self.library("trend_scaler"))

    def test_a_bad_call_ends_the_run_with_its_name(self):
        s = self.scenario(policy=", policy: bad")
        self.refused(r"policy 'bad' of plugin bad_crash\.so crashed in its call \(SIGABRT\).*expected: a number of rep",
                     "compare", s, "--plugin", self.library("bad_crash"), code=1)
        self.refused(r"policy 'bad' of plugin bad_stack\.so crashed in its call \(SIGSEGV\).*expected: a number of rep",
                     "compare", s, "--plugin", self.library("bad_stack"), code=1)
        self.refused(r"function 'plimsoll_plugin_get' of plugin bad_table\.so crashed in its call \(SIGABRT\)",
                     "compare", s, "--plugin", self.library("bad_table"), code=1)
        self.refused(r"policy 'bad' of plugin bad_answer\.so answered -2; expected: a number of replicas, 0 or more",
                     "compare", s, "--plugin", self.library("bad_answer"), code=1)


if __name__ == "__main__":
    unittest.main()
