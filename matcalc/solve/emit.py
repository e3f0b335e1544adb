"""The face of the room: a solver script for a task, by the first method that fits it."""

from __future__ import annotations

from matcalc.codegen import Task
from matcalc.errors import UnsupportedError
from matcalc.solve.methods import METHODS, Method


def method_for(task: Task) -> Method:
    """The first method of the table that fits.

    Raises:
        UnsupportedError: none fits; the message says why.
    """
    reasons = []
    for method in METHODS:
        why = method.refuses(task)
        if not why:
            return method
        reasons.append(f"{method.name}: {why}")
    raise UnsupportedError("no method for this problem: " + "; ".join(reasons),
                           hint="ask for the gradient and use a solver for that structure")


def emit_solver(task: Task) -> str:
    """The source of a stand-alone script that minimises a task's objective over its gradients' variables.

    The script runs with `--data FILE.npz` and is importable: `solve(U=…, V=…, **data)` gives a result with
    `.values`, `.value`, `.gradient_norm`, `.status`, `.why` and `.history`.

    Raises:
        UnsupportedError: no method of the table fits.
    """
    return method_for(task).plan(task)
