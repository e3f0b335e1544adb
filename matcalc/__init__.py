"""Symbolic matrix calculus: from a typed formula to its gradient, the derivation, the check and the code.

Importing this package loads nothing else; each name is fetched where it lives when it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcalc.app.doors import from_sympy, trace
    from matcalc.app.problem import Problem, problem
    from matcalc.app.verify import verify
    from matcalc.errors import CheckError, MatcalcError, ParseError, ShapeError, UnsupportedError

__version__ = "0.1.0"

__all__ = [
    "CheckError",
    "MatcalcError",
    "ParseError",
    "Problem",
    "ShapeError",
    "SingularError",
    "UnsupportedError",
    "from_sympy",
    "problem",
    "trace",
    "verify",
]

_ERRORS = ("CheckError", "MatcalcError", "ParseError", "ShapeError", "SingularError", "UnsupportedError")
_HOMES = {
    **dict.fromkeys(("Problem", "problem"), "matcalc.app.problem"),
    **dict.fromkeys(("from_sympy", "trace"), "matcalc.app.doors"),
    **dict.fromkeys(_ERRORS, "matcalc.errors"),
    "verify": "matcalc.app.verify",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
