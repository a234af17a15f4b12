"""How long a scenario is run in a test: as long as it says, but no longer than the test has time for."""

import re
import subprocess

SECONDS = {"d": 86400, "h": 3600, "m": 60, "min": 60, "s": 1}


def seconds(text):
    """'1h30m' is 5400."""
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(min|[dhms])(?![a-z])", text))


def at_most(program, path, most):
    """The value of load.for: the scenario's own, or `most` when that is shorter."""
    done = subprocess.run([program, "validate", path, "--print-effective"], capture_output=True, text=True, check=False)
    own = re.search(r"^load\.for: (\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or own is None:
        raise AssertionError(done.stdout + done.stderr)
    return f"{min(seconds(own.group(1)), seconds(most))}s"
