"""The table of methods: when one applies, what it promises, and the plan that writes its script.

A method that uses more of the structure stands above one that uses less; the first that applies is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matcalc.codegen import Task
from matcalc.solve import quasi_newton
from matcalc.solve.structures import refusal


@dataclass(frozen=True, slots=True)
class Method:
    """One row: `refuses` says why the method does not fit a task (or nothing), `plan` writes the script."""

    name: str
    says: str
    promises: str  # the strongest status that its result may have
    refuses: Callable[[Task], str]
    plan: Callable[[Task], str]
    source: str


def _not_smooth_or_scalar(task: Task) -> str:
    if not task.objective.is_scalar:
        return "the objective is not a scalar"
    return next((why for x, _ in task.gradients if (why := refusal(x))), "")


METHODS: tuple[Method, ...] = (
    Method(
        name="L-BFGS-B",
        says="quasi-Newton steps from the last 20 changes of the gradient, over all unknowns at once",
        promises="stationary",
        refuses=_not_smooth_or_scalar,
        plan=quasi_newton.script,
        source="Byrd, Lu, Nocedal & Zhu (1995), SIAM J. Sci. Comput. 16(5)",
    ),
)
