"""The last line of defence: whatever fails inside comes out as one clear error, with its cause kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from matcalc.check.evidence import Evidence
from matcalc.errors import CheckError, InternalError, MatcalcError, UnsupportedError

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def guarded(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same function, whose every error is a MatcalcError."""

    @wraps(work)
    def safe(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        try:
            return work(*arguments, **named)
        except MatcalcError:
            raise
        except RecursionError as error:
            raise UnsupportedError("the expression is nested too deeply", hint="name its parts: X := …") from error
        except Exception as error:
            if isinstance(error, TypeError):
                signature(work).bind(*arguments, **named)  # a wrong call is the caller's TypeError
            raise InternalError(
                f"this is a bug ({work.__name__}, {type(error).__name__}: {error})",
                hint="please report it with the text of the problem",
            ) from error

    return safe


def passed(what: str, evidence: Evidence) -> None:
    """Refuse to show what did not pass its check, as a CheckError."""
    if evidence.decided and not evidence.ok:
        raise CheckError(f"{what} did not pass the check and is not shown: {evidence.why}")
