"""How long deriving takes, and a cold start: `python -m tests.benchmarks.times`. Prints, judges nothing.

Reading, deriving and shortening one problem's gradients, without the check, warm, the best of a few runs; and
the command as a whole process against `import sympy` as a whole process, in turn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import matcalc as mc
from matcalc.derive.gradient import gradients
from matcalc.derive.jacobian import jacobian
from tests.problems.corpus import rows
from tests.reference import REFERENCES

RUNS = 5


def milliseconds(work: Callable[[], object]) -> float:
    """The shortest of a few runs."""

    def once() -> float:
        start = time.perf_counter()
        work()
        return 1000 * (time.perf_counter() - start)

    return min(once() for _ in range(RUNS))


def derive(text: str, declare: tuple[str, ...], wrt: tuple[str, ...]) -> tuple[float, float]:
    """Milliseconds for reading the text, and for deriving in all variables."""
    reading = milliseconds(lambda: mc.problem(text, *declare))
    p = mc.problem(text, *declare)
    leaves = tuple(map(p.leaf, wrt))
    if p.objective.is_scalar:
        return reading, milliseconds(lambda: gradients(p.objective, leaves))
    return reading, milliseconds(lambda: [jacobian(p.objective, x) for x in leaves])


def cold(runs: int = 7) -> float:
    """The median ratio of the command's wall time to that of `import sympy`, both with bytecode on disk."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def wall(*command: str) -> float:
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
        return time.perf_counter() - start

    ours = (sys.executable, "-m", "matcalc", "‖Ax − b‖²")
    theirs = (sys.executable, "-c", "import sympy")
    wall(*ours), wall(*theirs)
    return statistics.median(wall(*ours) / wall(*theirs) for _ in range(runs))


def main() -> None:
    """Print the tables."""
    for r in REFERENCES:
        reading, deriving = derive(r.text, r.declare, r.wrt)
        print(f"{r.name:28} reading {reading:7.2f} ms   deriving {deriving:7.2f} ms")
    found = []
    for r in rows():
        try:
            found.append((*derive(r.text, tuple(r.declare), tuple(r.wrt)), r.id))
        except Exception as error:
            print(f"failed  {r.id}: {error}")
    for label, place in (("reading", 0), ("deriving", 1)):
        times = sorted(f[place] for f in found)
        worst = max(found, key=lambda f: f[place])[2]
        print(
            f"{len(times)} public problems, {label}: median {statistics.median(times):.2f} ms, "
            f"p90 {times[int(0.9 * len(times))]:.2f} ms, max {times[-1]:.2f} ms ({worst})"
        )
    print(f"cold start: {cold():.2f} of `import sympy`")


if __name__ == "__main__":
    main()
