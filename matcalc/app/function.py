"""A compiled problem: the emitted source, made callable with the arrays by name.

The source is stand-alone and checks its own arguments; here every spelling of a name is understood, what is
missing or unknown is named, and errors become those of this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcalc.errors import ShapeError, SingularError
from matcalc.notation.names import canonical

Array = Any  # a NumPy array, or what the target has in its place


DOMAIN = "the conditions of the formula say which matrices it inverts"


def singular(error: ValueError) -> str | None:
    """What a factorisation found wrong, in a sentence; None where the error is a matter of shapes."""
    if type(error) is ValueError:
        return None
    if "positive definite" in str(error):
        return "a matrix that must be positive definite is not"
    if "ingular matrix" in str(error):
        return "a matrix that is inverted is singular"
    return f"a matrix could not be decomposed ({error})"


class Function:
    """Value and derivatives as a function of arrays given by name; `source` is its stand-alone text.

    `arguments` maps each canonical name to the keyword in the source, `shapes` to what must be given there;
    `directions` are the arguments that the keyword `direction` is handed to, one by one; `raw` is the
    function that the source defines.
    """

    __slots__ = ("_spellings", "arguments", "directions", "name", "raw", "shapes", "source")

    def __init__(
        self,
        source: str,
        name: str,
        arguments: Mapping[str, str],
        shapes: Mapping[str, str],
        spellings: Mapping[str, str],
        directions: tuple[str, ...] = (),
    ) -> None:
        """Load the source; `spellings` maps further keywords to canonical names."""
        self.directions = directions
        self.source, self.name, self.arguments, self.shapes = source, name, dict(arguments), dict(shapes)
        self._spellings = dict(spellings)
        namespace: dict[str, Any] = {"__name__": "matcalc_compiled"}
        exec(compile(source, f"<matcalc {name}>", "exec", dont_inherit=True), namespace)
        self.raw = namespace[name]

    def __reduce__(self) -> tuple[object, ...]:
        return Function, (
            self.source,
            self.name,
            self.arguments,
            self.shapes,
            self._spellings,
            self.directions,
        )

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})"

    def __call__(self, *unnamed: Array, **given: Array) -> Any:
        """Evaluate at the arrays given by name.

        Shapes: matrices 2-D, column vectors 1-D, scalars numbers; sizes that share a name must agree.

        Raises:
            ShapeError: an argument is missing, unknown, or of the wrong shape.
            SingularError: a matrix that is inverted is singular, or is not positive definite where it must be.
        """
        if unnamed:
            raise ShapeError("arrays are given by name", hint=self._hint())
        if len(self.directions) > 1:
            given = self._directed(given)
        if given.keys() != self.arguments.keys():
            given = self._named(given)
        try:
            return self.raw(**{self.arguments[name]: value for name, value in given.items()})
        except ValueError as error:
            if (reason := singular(error)) is not None:
                raise SingularError(reason, hint=DOMAIN) from None
            raise ShapeError(str(error), hint=self._hint()) from None
        except IndexError:
            raise ShapeError("an array has fewer entries than the formula asks for", hint=self._hint()) from None

    def _directed(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """The keyword `direction`, a tuple in the order of the variables, as one keyword each."""
        parts = given.get("direction", ())
        if not isinstance(parts, tuple | list) or len(parts) != len(self.directions):
            raise ShapeError(
                f"direction must be a tuple of {len(self.directions)} arrays, in the order of the variables"
            )
        rest = {name: value for name, value in given.items() if name != "direction"}
        return rest | dict(zip(self.directions, parts, strict=True))

    def _hint(self) -> str:
        return "the arguments are " + ", ".join(f"{name} {shape}".strip() for name, shape in self.shapes.items())

    def _named(self, given: Mapping[str, Array]) -> dict[str, Array]:
        named: dict[str, Array] = {}
        for spelled, value in given.items():
            name = spelled if spelled in self.arguments else self._spellings.get(spelled) or canonical(spelled)
            if name not in self.arguments:
                raise ShapeError(f"there is no argument {spelled}", hint=self._hint())
            if name in named:
                raise ShapeError(f"the argument {name} is given twice")
            named[name] = value
        missing = [name for name in self.arguments if name not in named]
        if missing:
            raise ShapeError(f"missing: {', '.join(missing)}", hint=self._hint())
        return named
