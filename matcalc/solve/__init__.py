"""Solvers as stand-alone scripts: which method fits a problem, and the script that runs it."""

from matcalc.solve.emit import emit_solver, method_for

__all__ = ["emit_solver", "method_for"]
