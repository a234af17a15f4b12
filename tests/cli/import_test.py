"""import, where files ask for machines that are not plain (Windows, GPUs, odd sizes) or need no import at all.

usage: import_test.py PROGRAM
"""

import json
import sys
import unittest

sys.dont_write_bytecode = True
from program import Program, deployment  # noqa: E402


def definition(cpu, memory, container=None, **more):
    """A task definition of one container as the AWS command line takes it."""
    return json.dumps({"family": "web", "networkMode": "awsvpc", "cpu": str(cpu), "memory": str(memory), **more,
                       "containerDefinitions": [{"name": "web", "image": "x", "essential": True, **(container or {})}]})


SERVICE = json.dumps({"serviceName": "web", "taskDefinition": "web", "desiredCount": 2,
                      "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-a"]}}})
WINDOWS = {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}}


class Import(Program):
    def good(self, *arguments):
        code, out, err = self.call(*arguments)
        self.assertEqual(0, code, err)
        return out, " ".join(err.split())

    def tasks(self, *arguments, **more):
        self.put("task.json", definition(*arguments, **more))
        self.put("service.json", SERVICE)
        return "task.json", "service.json"

    def test_windows_is_the_os_of_a_pod(self):
        out, told = self.good("import", *self.tasks(1024, 2048, **WINDOWS), "--to", "kubernetes")
        self.assertRegex(out, r"os:\s*(\{name: windows\}|\n\s+name: windows)")
        self.assertIn("kubernetes.io/os", out)
        self.assertIn("operatingSystemFamily WINDOWS_SERVER_2022_CORE becomes os.name windows", told)

    def test_windows_of_a_manifest_wants_a_release(self):
        self.put("web.yaml", deployment(rules="nodeSelector: {kubernetes.io/os: windows}"))
        _, told = self.good("import", "web.yaml", "--to", "ecs")
        self.assertIn("it runs Windows: add runtimePlatform with operatingSystemFamily WINDOWS_SERVER_...", told)
        self.put("web.yaml", deployment(rules="nodeSelector: {kubernetes.io/os: linux}"))
        self.assertNotIn("it runs Windows", self.good("import", "web.yaml", "--to", "ecs")[1])

    def test_a_scenario_of_windows_tasks_is_fargate_alone(self):
        out, told = self.good("import", *self.tasks(1024, 2048, **WINDOWS), "--to", "scenario")
        self.assertIn("ecs-fargate", out)
        self.assertNotIn("ecs-ec2", out)
        self.assertIn("no columns ecs-ec2 and eks-cluster-autoscaler", told)

    def test_gpus_choose_a_type_that_has_them(self):
        gpu = {"resourceRequirements": [{"type": "GPU", "value": "1"}]}
        out, told = self.good("import", *self.tasks(2048, 4096, gpu), "--to", "scenario")
        self.assertIn("g4dn.xlarge", out)
        self.assertIn("no column ecs-fargate: Fargate does not support GPUs", told)

    def test_the_next_fargate_size_is_named(self):
        _, told = self.good("import", *self.tasks(256, 4096), "--to", "scenario")
        self.assertIn("no column ecs-fargate: Fargate has no task size for web (", told)
        self.assertIn("the next larger is 500m/4Gi", told)

    def test_documents_that_are_of_the_side_already_are_told_once(self):
        out, told = self.good("import", *self.tasks(256, 512), self.put("web.yaml", deployment()), "--to", "kubernetes")
        self.assertEqual(1, told.count("this is a manifest of Kubernetes already"), told)
        self.assertEqual(1, out.count("kind: Deployment"), out)


if __name__ == "__main__":
    unittest.main()
