"""The house is tidy: no banned token, no machine path, no overlong file, no model without its test."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
import house  # noqa: E402


def collect(check, folders=house.CODE_FOLDERS, wanted=house.CPP):
    problems = []
    for path in house.files(*folders):
        if wanted.search(path):
            problems += check(path, house.read(path))
    return problems


class Tidy(unittest.TestCase):
    def assert_none(self, problems):
        self.assertEqual(0, len(problems), "\n" + "\n".join(problems))

    def test_results_do_not_see_clock_chance_or_processor(self):
        self.assert_none(collect(house.banned_problems, ("sim", "models")))

    def test_nothing_iterates_in_hash_order(self):
        problems = []
        for path in house.files("sim", "models"):
            if house.CPP.search(path) and not house.FREE.match(path):
                header = os.path.splitext(path)[0] + ".h"
                beside = path.endswith(".cpp") and os.path.exists(os.path.join(house.ROOT, header))
                problems += house.unordered_problems(path, house.read(path), house.read(header) if beside else "")
        self.assert_none(problems)

    def test_lines_and_files_are_short(self):
        self.assert_none(collect(house.line_problems, wanted=house.CODE))

    def test_nothing_is_unfinished_or_speaks_of_elsewhere(self):
        self.assert_none(collect(house.word_problems, wanted=house.CODE))
        self.assert_none([problem for path in ("README.md", "dev", "CMakeLists.txt", ".ci/run")
                          if os.path.exists(os.path.join(house.ROOT, path))
                          for problem in house.word_problems(path, house.read(path))])

    def test_every_model_has_its_test(self):
        models = {path: "" for path in house.files("models") if path.endswith(".cpp")}
        tests = {path: house.read(path) for path in house.files("tests") if path.endswith(".cpp")}
        self.assert_none(house.untested_problems(models, tests))

    def test_every_policy_is_measured(self):
        models = {path: house.read(path) for path in house.files("models") if path.endswith(".cpp")}
        self.assertTrue(any(house.ENTERED.search(text) for text in models.values()))
        self.assert_none(house.unbenched_problems(models, house.read("bench/policies/policies.cpp")))

    def test_the_top_level_holds_only_what_belongs_there(self):
        self.assert_none(house.top_level_problems(os.listdir(house.ROOT)))


class Rules(unittest.TestCase):
    """Each rule notices a violation and lets its neighbour pass."""

    def count(self, check, text, path="sim/cluster/x.cpp"):
        return len(check(path, text))

    def test_banned_tokens(self):
        banned = house.banned_problems
        self.assertEqual(1, self.count(banned, "auto t = std::chrono::system_clock::now();"))
        self.assertEqual(1, self.count(banned, "int r = std::rand();"))
        self.assertEqual(1, self.count(banned, "#include <random>\n"))
        self.assertEqual(1, self.count(banned, "double y = std::exp(x);"))
        self.assertEqual(1, self.count(banned, "double y = ::pow(x, 2);"))
        self.assertEqual(0, self.count(banned, "double y = math::exp(x) + std::sqrt(x); // std::exp(x)"))
        self.assertEqual(0, self.count(banned, "double y = std::exp(x);", "sim/core/math.cpp"))
        self.assertEqual(0, self.count(banned, "auto t = steady_clock::now();", "sim/cli/progress.cpp"))

    def test_unordered_iteration(self):
        unordered = house.unordered_problems
        declared = "std::unordered_map<Key, std::vector<int>> rows_;\n"
        self.assertEqual(1, self.count(unordered, declared + "for (const auto& [k, v] : rows_) {}"))
        self.assertEqual(1, self.count(unordered, declared + "for (const auto& row : table.rows_) {}"))
        self.assertEqual(1, self.count(unordered, declared + "auto first = rows_.begin();"))
        self.assertEqual(0, self.count(unordered, declared + "auto it = rows_.find(k);"))
        self.assertEqual(0, self.count(unordered, declared +
                                       "// order does not matter: only counted\nfor (auto& row : rows_) {}"))
        self.assertEqual(0, self.count(unordered, "std::map<int, int> rows_;\nfor (auto& row : rows_) {}"))
        self.assertEqual(1, len(unordered("a.cpp", "for (auto& row : rows_) {}", declared)))

    def test_lines(self):
        self.assertEqual(1, self.count(house.line_problems, "x" * 121))
        self.assertEqual(0, self.count(house.line_problems, "x" * 120))
        self.assertEqual(1, self.count(house.line_problems, "x\n" * 601))
        self.assertEqual(0, self.count(house.line_problems, "// Long because: one table\n" + "x\n" * 601))

    def test_words(self):
        self.assertEqual(1, self.count(house.word_problems, "// TO" + "DO: later"))
        self.assertEqual(1, self.count(house.word_problems, 'open("/ho' + 'me/me/file")'))
        self.assertEqual(0, self.count(house.word_problems, "// a node's share, in order"))

    def test_untested_models(self):
        models = {"models/ecs/binpack.cpp": "", "models/ecs/spread.cpp": "", "models/ecs/random.cpp": ""}
        tests = {"tests/models/ecs/binpack_test.cpp": "// Also tests: spread\n"}
        self.assertEqual(1, len(house.untested_problems(models, tests)))
        tests["tests/models/eks/random_test.cpp"] = ""  # another model's
        self.assertEqual(1, len(house.untested_problems(models, tests)))
        tests["tests/sim/engine/tasks_test.cpp"] = "// Also tests: random\n"
        self.assertEqual(0, len(house.untested_problems(models, tests)))

    def test_unbenched_policies(self):
        models = {"models/ecs/register.cpp": 'registry.add_policy({"node scaler", "a"});\nPolicyInfo x{"alarm", "b"};'}
        self.assertEqual(0, len(house.unbenched_problems(models, '{"node scaler", "alarm"}')))
        self.assertEqual(1, len(house.unbenched_problems(models, '{"node scaler"}')))

    def test_scenarios(self):
        self.assertIn("scenarios/retail-store.yaml", house.scenarios())
        shipped = "apiVersion: plimsoll/v1\n"
        self.assertTrue(house.is_scenario("scenarios/a/b.yaml", shipped + "from: ../b.yaml\n"))
        self.assertFalse(house.is_scenario("scenarios/a.yaml", shipped + "base: b.yaml\nvary: {}\n"))
        self.assertFalse(house.is_scenario("scenarios/manifests/a.yaml", "apiVersion: apps/v1\nplatforms: {}\n"))

    def test_top_level(self):
        self.assertEqual(["notes.txt: does not belong at the top level"],
                         house.top_level_problems(["sim", ".git", "build", "notes.txt"]))


if __name__ == "__main__":
    unittest.main()
