"""Symbolic matrix calculus: from a typed formula to its gradient, the derivation, the check and the code.

Importing this package loads nothing else; each name is fetched where it lives when it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcalc.app.problem import Problem, from_sympy, problem, trace
    from matcalc.app.verify import verify
    from matcalc.errors import CheckError, MatcalcError, ParseError, ShapeError, UnsupportedError

__version__ = "0.1.0"

__all__ = [
    "CheckError",
    "MatcalcError",
    "ParseError",
    "Problem",
    "ShapeError",
    "UnsupportedError",
    "from_sympy",
    "problem",
    "trace",
    "verify",
]

_HOMES = {"verify": "matcalc.app.verify"} | dict.fromkeys(
    ("Problem", "from_sympy", "problem", "trace"), "matcalc.app.problem"
) | dict.fromkeys(
    ("CheckError", "MatcalcError", "ParseError", "ShapeError", "UnsupportedError"), "matcalc.errors"
)


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
