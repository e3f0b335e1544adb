"""A solver: the emitted script, made callable with data and starting values by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcalc.app.function import singular
from matcalc.errors import ShapeError, SingularError
from matcalc.notation.names import canonical


class Solver:
    """A stand-alone solver script; calling it gives the script's result.

    `method` names the method and `explanation` says what it does and promises. The result has `.values`,
    `.value`, `.gradient_norm`, `.status`, `.why` and `.history`.
    """

    __slots__ = ("_solve", "_spellings", "arguments", "explanation", "method", "source")

    def __init__(
        self,
        source: str,
        method: str,
        explanation: str,
        arguments: Mapping[str, str],
        spellings: Mapping[str, str],
    ) -> None:
        """Load the script; `arguments` maps names to its keywords, `spellings` further keywords to names."""
        self.source, self.method, self.explanation = source, method, explanation
        self.arguments, self._spellings = dict(arguments), dict(spellings)
        namespace: dict[str, Any] = {"__name__": "matcalc_solver"}
        exec(compile(source, f"<matcalc {method}>", "exec", dont_inherit=True), namespace)
        self._solve = namespace["solve"]

    def __reduce__(self) -> tuple[object, ...]:
        return Solver, (self.source, self.method, self.explanation, self.arguments, self._spellings)

    def __repr__(self) -> str:
        return f"{self.method}: {self.explanation}"

    def __call__(self, **given: Any) -> Any:
        """Solve; unknowns that are given are starting values, other keywords go to the script.

        Raises:
            ShapeError: an array is missing or of the wrong shape.
            SingularError: a matrix of the method is singular.
        """
        named = {}
        for spelled, value in given.items():
            name = self._spellings.get(spelled) or canonical(spelled) or spelled
            named[self.arguments.get(name, spelled)] = value
        try:
            return self._solve(**named)
        except TypeError as error:
            raise ShapeError(
                str(error).replace("solve()", "the solver"),
                hint=f"the arguments are {', '.join(self.arguments)}",
            ) from None
        except ValueError as error:
            if (reason := singular(error)) is not None:
                raise SingularError(reason) from None
            raise ShapeError(str(error)) from None
