"""From formulas to stand-alone source: lowering to one array program, and one thin file a target."""

from matcalc.codegen.emit import Task, emit

__all__ = ["Task", "emit"]
