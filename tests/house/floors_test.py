"""A folder includes only lower floors: reads every #include of sim and models."""

import sys
import unittest

sys.dont_write_bytecode = True
import house  # noqa: E402


class Floors(unittest.TestCase):
    def test_every_include_goes_down(self):
        problems = []
        for path in house.files(*house.CODE_FOLDERS):
            if house.CPP.search(path):
                problems += house.include_problems(path, house.read(path))
        self.assertEqual([], problems, "\n" + "\n".join(problems))

    def test_every_folder_has_a_floor(self):
        folders = {house.folder_of(path) for path in house.files("sim", "models") if house.CPP.search(path)}
        self.assertEqual(set(), folders - set(house.ALLOWED))

    def test_the_floors_have_no_cycle(self):
        for folder, lower in house.ALLOWED.items():
            for other in lower:
                if folder != "sim/cli":
                    self.assertNotIn(folder, house.ALLOWED[other], f"{folder} and {other} include each other")

    def test_a_violation_is_noticed(self):
        def count(path, include):
            return len(house.include_problems(path, f"#include {include}\n"))

        self.assertEqual(0, count("sim/cluster/world.cpp", '"sim/core/time.h"'))
        self.assertEqual(1, count("sim/core/time.cpp", '"sim/cluster/world.h"'))
        self.assertEqual(1, count("sim/load/fluid.cpp", '"sim/billing/meter.h"'))
        self.assertEqual(1, count("models/kubernetes/scheduler/fit.cpp", '"models/aws/catalogue.h"'))
        self.assertEqual(0, count("models/eks/karpenter/provision.cpp", '"models/aws/catalogue.h"'))
        self.assertEqual(1, count("models/ecs/placement.cpp", '"models/kubernetes/scheduler/framework.h"'))
        self.assertEqual(1, count("models/ecs/placement.cpp", '"sim/engine/engine.h"'))
        self.assertEqual(1, count("sim/engine/engine.cpp", '"models/ecs/register.h"'))
        self.assertEqual(1, count("sim/report/html.cpp", '"sim/engine/engine.h"'))
        self.assertEqual(0, count("sim/cli/compare.cpp", '"models/ecs/register.h"'))
        self.assertEqual(1, count("sim/core/time.cpp", '"time.h"'))
        self.assertEqual(1, count("sim/document/tree.h", "<nlohmann/json.hpp>"))
        self.assertEqual(0, count("sim/document/tree.cpp", "<nlohmann/json.hpp>"))
        self.assertEqual(1, count("sim/attic/old.cpp", '"sim/core/time.h"'))


if __name__ == "__main__":
    unittest.main()
