"""The command-line program as a user meets it: exit codes, first messages, formats, and the bytes that it writes.

usage: cli_test.py PROGRAM
"""

import csv
import filecmp
import io
import json
import os
import re
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
from program import PROGRAM, ROOT, SMALL, Program, deployment  # noqa: E402

sys.path.insert(0, str(ROOT / "tests" / "house"))
import house  # noqa: E402

LOAD = "load: {constant: 120/s, for: 1h}"
VERBS = ["compare", "run", "sweep", "report", "diff", "explain", "import", "validate", "catalog", "policies", "version"]


class Cli(Program):
    # --- the command line ---

    def test_unknown_verb_and_option(self):
        self.bad("error: unknown verb 'comprae', did you mean 'compare'?", "comprae",
                 hint="plimsoll --help lists what there is")
        self.bad("error: unknown option '--platfrom', did you mean '--platform'?", "compare", "s.yaml", "--platfrom",
                 "x", hint="plimsoll compare --help lists what there is")
        self.bad("error: unknown option '--platfrom', did you mean '--platform'?", "compare", "s.yaml", "--platfrom=x")
        self.bad("error: no verb: say what to do", hint="plimsoll --help lists what there is")
        self.bad("error: --out needs a value", "sweep", "s.yaml", "--out",
                 hint="plimsoll sweep --help lists what there is")
        self.bad("error: --out: name a directory", "compare", "s.yaml", "--out", "")

    def test_arguments_that_no_verb_takes(self):
        self.bad("error: unknown option '-o'", "sweep", "s.yaml", "--out", "x", "-o", "json",
                 hint="plimsoll sweep --help lists what there is")
        self.bad("error: unknown option '-o'", "import", "s.yaml", "-ojson")
        self.bad("error: unexpected argument 'more'", "catalog", "more", "and", "more",
                 hint="plimsoll catalog --help lists what there is")

    def test_option_out_of_range(self):
        self.bad("error: --replications: Value 0 not in range 1 to 100000", "compare", "s.yaml", "--replications", "0")
        self.bad("error: --jobs: Value -1 not in range 1 to 1024", "compare", "s.yaml", "--jobs", "-1")
        self.assertEqual(2, self.call("compare", "s.yaml", "-o", "yaml")[0])
        self.bad("error: --seed: must be a whole number from 0, not 'many'", "compare", "s.yaml", "--seed", "many")
        self.bad("error: --seed: must be a whole number from 0, not '-1'", "compare", "s.yaml", "--seed", "-1")
        self.bad("error: --min-vcpu: Value -1 not in range 0 to 100000", "catalog", "--min-vcpu", "-1")

    def test_help_of_every_verb(self):
        everything = self.good("--help")
        for verb in VERBS:
            self.assertIn(verb, everything)
            text = self.good(verb, "--help")
            self.assertGreater(len(text.splitlines()), 3, verb)
            self.assertIn("--help", text)
        self.assertIn("Exit codes:", everything)

    def test_version(self):
        self.assertRegex(self.good("version"), r"^plimsoll \d+\.\d+\.\d+\n$")
        self.assertEqual(self.good("version"), self.good("--version"))

    # --- bad input: one clear message, exit code 2 ---

    def test_no_such_file(self):
        self.bad("none.yaml: error: cannot read the file: No such file or directory", "compare", "none.yaml")

    def test_unknown_region(self):
        # Once, though every column finds it, and where it stands.
        near = "nearest: us-east-1, us-west-1, us-east-2"
        lines = self.bad("--set region=us-eest-1: error: unknown region 'us-eest-1' (at region)", "compare", "s.yaml",
                         "--set", "region=us-eest-1", hint=near)
        self.assertEqual(2, len(lines))
        self.put("r.yaml", SMALL.replace("load:", "region: us-eest-1\nload:", 1))
        lines = self.bad("r.yaml:2:9: error: unknown region 'us-eest-1' (at region)", "compare", "r.yaml", hint=near)
        self.assertEqual(2, len(lines))
        self.bad("error: unknown region 'us-eest-1'", "catalog", "--region", "us-eest-1", hint=near)

        lines = self.bad("error: unknown region 'foo'", "catalog", "--region", "foo")
        self.assertRegex(lines[1], r"^  hint: the regions are .*us-east-1")

    def test_unknown_policies(self):
        for path, value, message, hint in (
                ("instances.place", "[binpak]", "unknown placement strategy 'binpak'", None),
                ("nodes.capacity.autoscaler", "cluster-autoscalr", "must be none, cluster-autoscaler or karpenter",
                 "did you mean 'cluster-autoscaler'?"),
                ("nodes.capacity.autoscaler", "karpenter", "launches nodes by NodePools", "nodePools: [pool.yaml]"),
                ("nodes.capacity.flags", "{expander: least-wast}", "unknown expander 'least-wast'", None),
                ("nodes.capacity.flags", "{expandr: least-waste}", "no flag 'expandr'; did you mean 'expander'?", None),
                ("tasks.capacity", "fargat", "capacity must be fargate", None)):
            with self.subTest(value):
                code, out, err = self.call("validate", "s.yaml", "--set", f"platforms.{path}={value}")
                self.assertEqual((2, ""), (code, out))
                self.assertEqual(1, err.count("error: "), err)
                self.assertIn(message, err)
                if hint:
                    self.assertIn(hint, err)

    def test_a_bad_date_is_told_once(self):
        lines = self.bad("--set asOf=2031-99: error: '2031-99' is not a date (at asOf)", "validate", "s.yaml", "--set",
                         "asOf=2031-99", hint="write today, 2020-12 or 2020-12-31")
        self.assertEqual(2, len(lines))

    def test_unknown_instance_type(self):
        self.put("t.yaml", SMALL.replace("asg: {type: m5.large", "asg: {type: m5.lrge"))
        line = SMALL[:SMALL.index("instances:")].count("\n") + 1
        lines = self.bad(f"t.yaml:{line}:49: error: unknown instance type 'm5.lrge' "
                         "(at platforms.instances.capacity.asg.type)", "compare", "t.yaml")
        self.assertTrue(lines[1].startswith("  hint: nearest: m5.large"), lines)

    def test_a_file_of_another_kind_is_one_fault(self):
        self.put("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n")
        for verb, file, message, hint in (
                ("sweep", "s.yaml", "this is a scenario, not a sweep", "plimsoll compare s.yaml"),
                ("validate-curves", "s.yaml", "this is a scenario, not a file of measured curves",
                 "plimsoll compare s.yaml"),
                ("compare", "pod.yaml", "this is a Kubernetes manifest, not a scenario", "plimsoll import pod.yaml")):
            with self.subTest(verb):
                more = ["--out", "w"] if verb == "sweep" else []
                code, out, err = self.call(verb, file, *more)
                self.assertEqual((2, ""), (code, out))
                self.assertEqual(1, err.count("error: "), err)
                self.assertIn(message, err)
                self.assertIn(hint, err)

    def test_unknown_instance_family(self):
        self.bad("error: unknown instance family 'm7gg'", "catalog", "--family", "m7gg", hint="did you mean 'm7g'?")
        self.bad("error: no instance type of m7g with 1000 vCPUs or more in us-east-1", "catalog", "--family", "m7g",
                 "--min-vcpu", "1000")

    def test_a_fault_has_no_followers(self):
        # What could not be read is told once, and what would follow from it is not.
        nodes = "platforms.nodes.capacity={nodeGroup: {type: m5.lrge, min: 1, max: 2}, autoscaler: none}"
        pools = "platforms.nodes.capacity={bootstrap: {type: m5.large, count: 2}, nodePools: [nowhere.yaml]}"
        for assignment in (nodes, pools, "apps.web.scale.max=1e9", "load.for=-1s",
                           "platforms.instances.place=[bnpack]"):
            with self.subTest(assignment):
                code, out, err = self.call("validate", "s.yaml", "--set", assignment)
                self.assertEqual((2, ""), (code, out))
                self.assertEqual(1, err.count(": error: "), err)

    def test_a_manifest_that_cannot_be_read_is_one_fault(self):
        self.put("task.json", '{"family": "web')
        self.put("m.yaml", """apiVersion: plimsoll/v1
load: {constant: 5/s, for: 1h}
files: {ecs: [task.json]}
sizes: as-written
apps: {web: {work: 5ms}}
platforms: {f: {type: ecs, capacity: fargate}}
""")
        self.assertEqual(1, len(self.bad("task.json:1:12: error: this string does not end", "validate", "m.yaml")))

    def test_a_node_pool_that_no_type_satisfies(self):
        self.put("pool.yaml", """# a pool
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: p}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [m5.lrge]}]
""")
        self.bad("pool.yaml:2:1: error: NodePool 'p': no instance type satisfies its requirements with an offering: "
                 "none has node.kubernetes.io/instance-type in [m5.lrge] (at platforms.nodes.capacity.nodePools)",
                 "validate", "s.yaml", "--set",
                 "platforms.nodes.capacity={bootstrap: {type: m5.large, count: 2}, nodePools: [pool.yaml]}",
                 hint="did you mean 'm5.large'?")

    def test_import_of_a_service_alone(self):
        self.put("service.json", '{"serviceName": "web", "taskDefinition": "web-task", "desiredCount": 2}')
        self.bad("error: nothing to translate to scenario", "import", "service.json", "--to", "scenario",
                 hint="service 'web' runs task definition 'web-task', which is not among the files")

    def test_unknown_platform(self):
        self.bad("--set platforms.tasks.type=esc: error: unknown platform type 'esc' (at platforms.tasks.type)",
                 "compare", "s.yaml", "--set", "platforms.tasks.type=esc", hint="did you mean 'ecs'?")
        self.bad("--platform nope: error: no platform 'nope'", "compare", "s.yaml", "--platform", "nope",
                 hint="the platforms are tasks, instances, nodes")

    def test_run_takes_one_column(self):
        self.bad("error: run takes one column; this scenario has tasks, instances, nodes", "run", "s.yaml",
                 hint="add --platform NAME")

    def test_traces_with_faults_name_the_row(self):
        cases = {
            "gap": ("0,1\n60,2\n180,3\n", "gap.csv:4:1: error: 120 s after row 3, where the step is 60 s (a gap)"),
            "negative": ("0,1\n60,-2\n120,3\n", "negative.csv:3:1: error: negative rate -2"),
            "unsorted": ("0,1\n60,2\n30,3\n", "unsorted.csv:4:1: error: time 30 is not after that of row 3"),
            "text": ("0,1\n60,many\n120,1\n", "text.csv:3:1: error: 'many' is not a number"),
        }
        for name, (rows, message) in cases.items():
            with self.subTest(name):
                self.put(name + ".csv", "t_s,rate_rps\n" + rows)
                self.put(name + ".yaml", SMALL.replace(LOAD, f"load: {{trace: {name}.csv, for: 1m}}"))
                lines = self.bad(message, "compare", name + ".yaml")
                self.assertEqual(1, sum(": error: " in line for line in lines), lines)

    def test_workload_that_no_column_can_hold(self):
        self.put("big.yaml", SMALL.replace("size: 500m/1Gi", "size: 64/700Gi"))
        lines = self.bad("big.yaml:13:32: error: Fargate has no task size 64 / 700Gi (web) "
                         "(at platforms.tasks.capacity)", "compare", "big.yaml",
                         hint="it is larger than the largest size")
        errors = [line for line in lines if ": error: " in line]
        self.assertEqual(3, len(errors), lines)  # each column says why
        self.assertIn("no m5.large can hold a task of web (64 / 700Gi)", errors[1])
        self.assertIn("no node of the column can hold a pod of web (64 / 700Gi)", errors[2])

    def test_out_that_cannot_be_written(self):
        self.put("file", "in the way")
        run = ("run", "s.yaml", "--platform", "tasks", "--out")
        self.bad("error: cannot write file/run: Not a directory", *run, "file/run")
        self.bad("error: cannot write file: it is not a directory", *run, "file")
        self.assertEqual("in the way", (self.dir / "file").read_text())
        self.assertEqual(sorted(["file", "s.yaml"]), sorted(os.listdir(self.dir)))  # nothing half-written
        code, out, err = self.call("run", "s.yaml", "--platform", "tasks", "--out", "/proc/plimsoll-run")
        self.assertEqual((2, ""), (code, out))
        self.assertTrue(err.startswith("error: cannot write /proc/plimsoll-run: "), err)

    @unittest.skipIf(os.geteuid() == 0, "root writes everywhere")
    def test_read_only_out(self):
        closed = self.dir / "closed"
        closed.mkdir(mode=0o555)
        self.bad("error: cannot write closed/run: Permission denied", "run", "s.yaml", "--platform", "tasks", "--out",
                 "closed/run")

    def test_a_folder_of_something_else_is_left_alone(self):
        home = self.dir / "photos"
        home.mkdir()
        (home / "cat.jpg").write_text("meow")
        code, out, _ = self.call("run", "s.yaml", "--platform", "tasks", "--out", "photos")
        self.assertEqual(("meow", ["cat.jpg"]), ((home / "cat.jpg").read_text(), os.listdir(home)))
        self.assertEqual((2, ""), (code, out))

    def test_files_of_the_user_in_a_run_directory_stay(self):
        run = ("run", "s.yaml", "--platform", "tasks", "--out", "o", "-q")
        self.good(*run)
        (self.dir / "o" / "sub").mkdir()
        (self.dir / "o" / "sub" / "notes.md").write_text("x")
        (self.dir / "o" / "thesis.docx").write_text("y")
        self.good(*run)
        self.assertEqual("x", (self.dir / "o" / "sub" / "notes.md").read_text())
        self.assertEqual("y", (self.dir / "o" / "thesis.docx").read_text())
        self.assertEqual(["o", "s.yaml"], sorted(os.listdir(self.dir)))

    def test_a_report_goes_to_what_a_link_names(self):
        self.good("run", "s.yaml", "--platform", "tasks", "--out", "o", "-q")
        (self.dir / "page.html").write_text("old")
        (self.dir / "link").symlink_to("page.html")
        self.good("report", "o", "-o", "html", "--out", "link")
        self.assertTrue((self.dir / "link").is_symlink())
        self.assertTrue((self.dir / "page.html").read_text().endswith("</html>\n"))

    def test_a_column_that_serves_nothing_wins_nothing(self):
        # Pods that no node takes: cheap, and no answer to any request.
        self.put("web.yaml", deployment(rules="nodeSelector: {disk: ssd}"))
        self.put("f.yaml", SMALL.replace("apps:", "files: {kubernetes: [web.yaml]}\napps:", 1))
        out = json.loads(self.good("compare", "f.yaml", "-q", "-o", "json"))
        self.assertEqual(["nodes"], out["verdict"]["not_serving"])
        self.assertNotIn("nodes", out["verdict"]["ranking"])
        self.assertNotEqual("nodes", out["verdict"]["winner"])
        self.assertIn("✗ nodes: serves no request of web", self.good("compare", "f.yaml", "-q"))

    def test_a_maximum_that_binds_is_said(self):
        self.put("m.yaml", SMALL.replace("min: 2, max: 50", "min: 1, max: 2"))
        code, out, err = self.call("compare", "m.yaml", "-q")
        self.assertEqual("", err)
        self.assertRegex(out, r"! tasks: the maximum of web binds for \d+\.\d % of the span")

    def test_catalogue_that_is_not_there(self):
        code, out, err = self.call("compare", "s.yaml", "--catalog", "nowhere")
        self.assertEqual((2, ""), (code, out))
        self.assertEqual(1, err.count("error: "), err)
        self.assertIn("nowhere", err)
        self.assertEqual("nowhere: error: no such directory\n", self.call("catalog", "--catalog", "nowhere")[2])
        self.assertEqual("s.yaml: error: it is not a directory\n", self.call("catalog", "--catalog", "s.yaml")[2])

    def test_a_catalogue_with_faults_tells_each_once(self):
        place = self.dir / "prices"
        place.mkdir()
        (place / "service_prices.csv").write_text("")
        code, out, err = self.call("compare", "s.yaml", "--catalog", "prices")
        self.assertEqual((2, ""), (code, out))
        self.assertEqual(1, err.count("error: "), err)
        self.assertIn("the file is empty", err)
        # One price is taken away.
        built_in = (ROOT / "models/aws/data/service_prices.csv").read_text().splitlines(True)
        gone = [line for line in built_in if not line.startswith("fargate,linux_x86_64_vcpu,")]
        self.assertLess(len(gone), len(built_in))
        (place / "service_prices.csv").write_text("".join(gone))
        code, out, err = self.call("validate", "s.yaml", "--catalog", "prices", "--platform", "tasks")
        self.assertEqual((2, ""), (code, out))
        self.assertIn("the catalogue has no price of fargate/linux_x86_64_vcpu in us-east-1", err)
        self.assertIn("hint: add the row to service_prices.csv of the catalogue", err)
        self.assertEqual(1, err.count("error: "), err)

    def test_several_faults_at_once(self):
        text = SMALL.replace("work: 5ms", "wrok: 5ms").replace("for: 1h", "for: soon").replace("type: eks", "type: ekz")
        self.put("many.yaml", text)
        code, out, err = self.call("validate", "many.yaml")
        self.assertEqual((2, ""), (code, out))
        errors = [line for line in err.splitlines() if ": error: " in line]
        self.assertGreaterEqual(len(errors), 3, err)
        places = [tuple(map(int, re.match(r"many\.yaml:(\d+):(\d+): ", line).groups())) for line in errors]
        self.assertEqual(sorted(places), places)
        for word in ("wrok", "soon", "ekz"):
            self.assertTrue(any(word in line for line in errors), (word, err))

    def test_bad_set(self):
        self.bad("--set foo: error: expected path=value", "compare", "s.yaml", "--set", "foo",
                 hint="such as load.scale=2")
        self.bad("--set apps.web.siez=1: error: unknown key 'siez' (at apps.web.siez)", "compare", "s.yaml", "--set",
                 "apps.web.siez=1", hint="did you mean 'size'?")

    # --- good input ---

    def test_formats(self):
        table = self.good("compare", "s.yaml")
        self.assertRegex(table.splitlines()[-1], r"^seed 1  hash [0-9a-f]{16}  plimsoll \d+\.\d+\.\d+$")
        for line in table.splitlines():
            self.assertLessEqual(len(line), 80, line)
        document = json.loads(self.good("compare", "s.yaml", "-o", "json"))
        self.assertEqual({"tasks", "instances", "nodes"}, set(document["platforms"]))
        for column in document["platforms"].values():
            self.assertRegex(column["cost"]["total_usd"], r"^\d+\.\d+$")
            cents = [round(float(line["usd"]) * 1e9) for line in column["cost"]["lines"]]
            self.assertEqual(round(float(column["cost"]["total_usd"]) * 1e9), sum(cents))
        rows = list(csv.DictReader(io.StringIO(self.good("compare", "s.yaml", "-o", "csv"))))
        self.assertEqual({"tasks", "instances", "nodes"}, {row["platform"] for row in rows})
        for row in rows:
            self.assertGreater(float(row["usd_per_hour"]), 0)
            self.assertNotIn(None, row)  # no row is longer than the head
        markdown = self.good("compare", "s.yaml", "-o", "md")
        heads = [line for line in markdown.splitlines() if line.startswith("| platform")]
        self.assertGreaterEqual(len(heads), 1)
        width = None
        for line in markdown.splitlines():  # each table has rows of one width
            cells = line.count("|") if line.startswith("|") else None
            if cells is not None and width is not None:
                self.assertEqual(width, cells, line)
            width = cells

    def test_no_escapes_in_pipes(self):
        for extra in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
            env = {**os.environ, **extra}
            code, out, err = self.call("compare", "s.yaml", env=env)
            self.assertEqual((0, ""), (code, err))
            self.assertNotIn("\x1b", out)

    def test_no_color_on_a_terminal(self):
        if not hasattr(os, "openpty"):
            self.skipTest("no terminals here")
        for no_color in (True, False):
            env = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
            if no_color:
                env["NO_COLOR"] = "1"
            master, slave = os.openpty()
            child = subprocess.Popen([PROGRAM, "compare", "s.yaml", "-q"], cwd=self.dir, env=env, stdout=slave,
                                     stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            os.close(slave)
            text = b""
            while True:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                text += piece
            self.assertEqual(0, child.wait())
            os.close(master)
            self.assertIn(b"hash ", text)
            self.assertEqual(not no_color, b"\x1b[" in text)

    def test_two_runs_write_the_same_bytes(self):
        for name, jobs in (("a", 1), ("b", 2)):
            self.good("compare", "s.yaml", "--out", name, "--jobs", jobs, "-q")
        names = sorted(os.listdir(self.dir / "a"))
        for expected in ("summary.json", "series.csv", "events.csv", "costs.focus.csv", "report.html", "result.sqlite"):
            self.assertIn(expected, names)
        self.assertEqual(names, sorted(os.listdir(self.dir / "b")))
        for name in names:
            self.assertTrue(filecmp.cmp(self.dir / "a" / name, self.dir / "b" / name, shallow=False), name)
        # Again into the same folder: replaced, the same again, and nothing left beside it.
        self.good("compare", "s.yaml", "--out", "a", "-q")
        for name in names:
            self.assertTrue(filecmp.cmp(self.dir / "a" / name, self.dir / "b" / name, shallow=False), name)
        self.assertEqual(["a", "b", "s.yaml"], sorted(os.listdir(self.dir)))

    def test_a_run_is_the_comparison_s_column(self):
        document = json.loads(self.good("compare", "s.yaml", "-o", "json", "--replications", "1"))
        alone = json.loads(self.good("run", "s.yaml", "--platform", "nodes", "-o", "json"))
        self.assertEqual(document["platforms"]["nodes"]["trace_hash"], alone["platforms"]["nodes"]["trace_hash"])
        other = json.loads(self.good("run", "s.yaml", "--platform", "nodes", "-o", "json", "--seed", "2"))
        self.assertNotEqual(other["platforms"]["nodes"]["trace_hash"], alone["platforms"]["nodes"]["trace_hash"])

    def test_broken_promise(self):
        self.put("p.yaml", SMALL + 'expect: {web.latency.p99: "< 1ms"}\n')
        code, out, _ = self.call("compare", "p.yaml")
        self.assertEqual(3, code)
        self.assertIn("web.latency.p99", out)

    def test_one_column_that_keeps_its_promises_is_enough(self):
        # Nodes serve faster than Fargate's slower cores; between the two columns' p99 lies the promise.
        column = json.loads(self.good("compare", "s.yaml", "-o", "json"))["platforms"]
        p99 = {name: facts["figures"]["latency_p99_ms"]["mean"] for name, facts in column.items()}
        low, high = min(p99.values()), max(p99.values())
        self.assertLess(low, high)
        self.put("p.yaml", SMALL + f'expect: {{web.latency.p99: "< {(low + high) / 2:.3f}ms"}}\n')
        code, out, _ = self.call("compare", "p.yaml")
        self.assertEqual(0, code)
        self.assertIn("✗ ", out)
        worst = max(p99, key=p99.get)
        self.assertEqual(3, self.call("run", "p.yaml", "--platform", worst)[0])
        for text in (self.good("--help"), (ROOT / "README.md").read_text()):
            self.assertRegex(text, r"3 no column\s+keeps its promises")
            self.assertRegex(text, r"at least one column\s+keeps its promises|at least one keeps its promises")

    def test_report_shows_a_finished_run_again(self):
        first = self.good("compare", "s.yaml", "--out", "a", "-q")
        again = self.good("report", "a")
        # The last line of the first is the path of its page.
        self.assertEqual(first.splitlines()[-2], again.splitlines()[-1])
        json.loads(self.good("report", "a", "-o", "json"))
        self.bad("error: cannot read nowhere: no such directory", "report", "nowhere")

    def test_validate(self):
        self.assertEqual("s.yaml: valid, 3 columns, 1 application\n", self.good("validate", "s.yaml"))
        effective = self.good("validate", "s.yaml", "--print-effective")
        self.assertIn("apps.web.work", effective)
        # The flags of Cluster Autoscaler: one by default, one of the user's.
        self.assertRegex(effective, r"nodes\.capacity\.flags\.scale-down-unneeded-time: 10m +# default: Cluster Auto")
        given = self.good("validate", "s.yaml", "--print-effective", "--set",
                          "platforms.nodes.capacity.flags.expander=priority", "--set",
                          "platforms.nodes.capacity.priorities={10: [.*]}")
        self.assertRegex(given, r"nodes\.capacity\.flags\.expander: priority +# --set")

    def test_validate_tells_how_applications_call_each_other(self):
        calls = ROOT / "scenarios/retail-store.yaml"
        told = self.good("validate", calls).splitlines()
        self.assertEqual("call order: ui, carts, catalog, checkout, orders", told[1])
        # Orders are asked by 0.01 of its requests directly and by half of checkout's 0.06.
        self.assertRegex(told[2], r"^critical path of ui: ui > (carts|catalog) \(")
        self.assertIn("# " + told[2], self.good("validate", calls, "--print-effective").splitlines())
        heavy = self.good("validate", calls, "--set", "apps.orders.work=400ms").splitlines()[2]
        # 0.06 x (3 + 0.5 x 400) = 12.18 ms by checkout against 0.01 x 400 = 4 ms directly.
        self.assertTrue(heavy.startswith("critical path of ui: ui > checkout > orders ("), heavy)

    def test_validate_takes_a_sweep(self):
        sweep = ("apiVersion: plimsoll/v1\nbase: s.yaml\nreplications: 2\n"
                 "vary: {load.scale: [1, 2], apps.web.scale.max: [50, 60]}\n")
        self.put("w.yaml", sweep)
        self.assertEqual("w.yaml: valid, a sweep of 4 points\n", self.good("validate", "w.yaml"))
        self.good("validate", "w.yaml", "--set", "load.for=2h", "--platform", "tasks")
        self.assertEqual(2, self.call("validate", "w.yaml", "--set", "load.for=soon")[0])
        self.assertEqual(2, self.call("validate", "w.yaml", "--print-effective")[0])
        self.put("w.yaml", sweep.replace("load.scale", "load.scael"))
        code, out, err = self.call("validate", "w.yaml")
        self.assertEqual((2, ""), (code, out))
        self.assertIn("scael", err)

    def test_set_reaches_the_scenarios_of_curves(self):
        curves = ROOT / "scenarios/validation/curves.yaml"
        code, out, err = self.call("validate-curves", curves, "--set", "apps.nowhere.size=soon")
        self.assertEqual((2, ""), (code, out))
        self.assertIn("apps.nowhere", err)

    def test_a_named_pipe_is_no_scenario(self):
        os.mkfifo(self.dir / "pipe")
        self.bad("pipe: error: cannot read the file: it is a named pipe", "validate", "pipe")

    def test_results_hold_no_path_of_the_caller(self):
        (self.dir / "files").mkdir()
        (self.dir / "files" / "web.yaml").write_text(deployment().replace("500m, memory: 1Gi", "250m, memory: 512Mi"))
        self.put("f.yaml", SMALL.replace("apps:", "files: {kubernetes: [files/web.yaml]}\napps:", 1))
        elsewhere = self.dir / "elsewhere"
        elsewhere.mkdir()
        self.good("compare", "f.yaml", "-q", "--out", "a")
        for out, name, cwd in (("b", "../f.yaml", elsewhere), ("c", self.dir / "f.yaml", elsewhere)):
            self.good("compare", name, "-q", "--out", self.dir / out, cwd=cwd)
            for file in sorted(os.listdir(self.dir / "a")):
                self.assertTrue(filecmp.cmp(self.dir / "a" / file, self.dir / out / file, shallow=False), (out, file))
        self.assertIn("replaces 250m/512Mi of files/web.yaml", self.good("report", "a"))

    def test_catalog(self):
        wanted = ("catalog", "--family", "m7g", "--min-vcpu", "4", "-o")
        rows = json.loads(self.good(*wanted, "json"))
        rows = rows if isinstance(rows, list) else next(v for v in rows.values() if isinstance(v, list))
        self.assertGreater(len(rows), 2)
        table = list(csv.DictReader(io.StringIO(self.good(*wanted, "csv"))))
        self.assertEqual(len(rows), len(table))
        self.good("catalog", "--family", "m7g")

    def test_policies(self):
        json.loads(self.good("policies", "-o", "json"))
        self.assertGreater(len(self.good("policies").splitlines()), 3)

    def test_shipped_scenarios_are_valid(self):
        for path in house.scenarios():
            with self.subTest(path):
                code, out, err = self.call("validate", ROOT / path)
                self.assertEqual(0, code, err)
                self.assertIn("valid", out)


if __name__ == "__main__":
    unittest.main()
