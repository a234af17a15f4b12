"""The JSON Schema that the program prints accepts and refuses what the program does.

usage: schema_test.py PROGRAM
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))


def schema_faults(schema, value, where="$"):
    """What JSON Schema (draft 7, the part that the program uses) has against a value."""
    kinds = {"null": type(None), "object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
             "number": (int, float)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(isinstance(value, kinds[kind]) and (kind == "boolean" or not isinstance(value, bool))
                          for kind in wanted):
        yield f"{where}: not {wanted}"
        return
    if "if" in schema:
        branch = "else" if list(schema_faults(schema["if"], value, where)) else "then"
        yield from schema_faults(schema.get(branch, {}), value, where)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: not in {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{where}: not {schema['const']}"
    if "anyOf" in schema and all(list(schema_faults(one, value, where)) for one in schema["anyOf"]):
        yield f"{where}: none of the forms"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            yield f"{where}: out of range"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: does not match {schema['pattern']}"
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for i, item in enumerate(value):
            yield from schema_faults(schema["items"], item, f"{where}[{i}]")
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"{where}: no {key}"
        for key, item in value.items():
            forms = [schema["properties"][key]] if key in schema.get("properties", {}) else []
            forms += [form for pattern, form in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
            rest = schema.get("additionalProperties", True)
            if not forms and rest is False:
                yield f"{where}: unknown {key}"
            elif not forms and isinstance(rest, dict):
                forms = [rest]
            for form in forms:
                if isinstance(form, dict):
                    yield from schema_faults(form, item, f"{where}.{key}")


class Schema(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="plimsoll-schema-")
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def put(self, name, text):
        (self.dir / name).write_text(text)

    def call(self, *arguments):
        return subprocess.run([PROGRAM, "validate", *arguments], cwd=self.dir, capture_output=True, text=True,
                              check=False)

    def validate(self, *arguments):
        done = self.call(*arguments)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout

    def test_the_schema_accepts_and_refuses_what_the_program_does(self):
        schema = json.loads(self.validate("--schema"))
        self.assertIn("draft-07", schema["$schema"])
        good = {
            "apiVersion": "plimsoll/v1", "seed": 3, "replications": 2, "load": {"constant": "120/s", "for": "1h"},
            "apps": {"web": {"size": "500m/1Gi", "work": "5ms", "start": {"cpu": "5s"}, "image": "120MB",
                             "scale": {"cpu": "60%", "min": 2, "max": 50}}},
            "platforms": {"tasks": {"type": "ecs", "capacity": "fargate"},
                          "nodes": {"type": "eks", "capacity": {"nodeGroup": {"type": "m5.large", "min": 2, "max": 20},
                                                                "autoscaler": "cluster-autoscaler"}}},
        }
        self.put("good.json", json.dumps(good))
        self.validate("good.json")
        self.assertEqual([], list(schema_faults(schema, good)))
        for path, value in ((("relpications",), 2), (("apiVersion",), "plimsoll/v9"), (("replications",), 0),
                            (("seed",), "many"), (("load", "fro"), "1h"), (("apps", "web", "siez"), "1/1Gi"),
                            (("apps", "web", "scale", "mni"), 2), (("apps",), None)):
            with self.subTest(path):
                bad = json.loads(json.dumps(good))
                at = bad
                for key in path[:-1]:
                    at = at[key]
                at[path[-1]] = value
                if value is None:
                    del at[path[-1]]
                self.put("bad.json", json.dumps(bad))
                self.assertEqual(2, self.call("bad.json").returncode)
                self.assertNotEqual([], list(schema_faults(schema, bad)))


if __name__ == "__main__":
    unittest.main()
