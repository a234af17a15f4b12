"""The hold model on SimPy processes: prints CPU nanoseconds per hold.

usage: hold_simpy.py PENDING HOLDS MEAN_STEP
Steps are exponential; each of PENDING processes waits one step after another. Works with SimPy 2 and with 3 or later.
"""

import random
import sys
import time


def main() -> None:
    pending, holds = int(sys.argv[1]), int(sys.argv[2])
    mean = float(sys.argv[3])
    generator = random.Random(1)
    steps = [generator.expovariate(1.0 / mean) for _ in range(8192)]
    state = {"done": 0, "at": 0, "start": 0.0, "stop": 0.0}

    def count() -> float:
        state["done"] += 1
        if state["done"] == pending:
            state["start"] = time.process_time()
        elif state["done"] == pending + holds:
            state["stop"] = time.process_time()
        state["at"] = (state["at"] + 1) & 8191
        return steps[state["at"]]

    try:
        from SimPy import Simulation as simpy2
    except ImportError:
        simpy2 = None
    if simpy2 is not None:

        class Waiter(simpy2.Process):
            def wait(self):
                while True:
                    step = count()
                    if state["stop"]:
                        simpy2.stopSimulation()
                    yield simpy2.hold, self, step

        simpy2.initialize()
        for _ in range(pending):
            waiter = Waiter()
            simpy2.activate(waiter, waiter.wait())
        simpy2.simulate(until=1e300)
    else:
        import simpy

        environment = simpy.Environment()
        finished = environment.event()

        def wait():
            while True:
                step = count()
                if state["stop"] and not finished.triggered:
                    finished.succeed()
                yield environment.timeout(step)

        for _ in range(pending):
            environment.process(wait())
        environment.run(until=finished)
    print((state["stop"] - state["start"]) * 1e9 / holds)


if __name__ == "__main__":
    main()
