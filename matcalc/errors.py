"""Every error that a person meets: what is wrong, a caret under the place, what to write instead.

Each class carries the parts of its message as attributes, so that a notebook or an editor can show them in
its own way; `str()` is the complete text. Nothing here knows what a formula is.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 100  # columns of source shown around a caret


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a source text, with a label that is printed beside its caret.

    >>> print(Place("A + x", 4, 5, "a vector").show())
        A + x
            ^ a vector
    """

    text: str
    start: int
    end: int
    label: str = ""

    @property
    def line(self) -> int:
        """The line of the place, from 1."""
        return self.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """The column of the place in its line, from 1."""
        return self.start - (self.text.rfind("\n", 0, self.start) + 1) + 1

    def show(self) -> str:
        """The line of the place with carets under it, cut where it is very long."""
        first = self.text.rfind("\n", 0, self.start) + 1
        last = self.text.find("\n", self.start)
        last = len(self.text) if last < 0 else last
        left = max(first, self.start - WIDTH // 2)
        right = min(last, left + WIDTH)
        shown = ("…" if left > first else "") + self.text[left:right] + ("…" if right < last else "")
        shown = "".join(c if c.isprintable() else "�" for c in shown.expandtabs(1))
        carets = "^" * max(1, min(self.end, right) - self.start)
        indent = " " * (self.start - left + (left > first))
        return f"    {shown}\n    {indent}{carets}{' ' + self.label if self.label else ''}"


def show(places: tuple[Place, ...]) -> list[str]:
    """The source lines of the places; two places of one line share it.

    >>> print(*show((Place("A + B x", 0, 1), Place("A + B x", 4, 7))), sep="\\n")
        A + B x
        ^   ^^^
    """
    out: list[str] = []
    for place in places:
        source, carets = place.show().split("\n")
        if out and out[-2] == source and not place.label:
            carets = "".join(
                max(a, b) for a, b in zip(out[-1].ljust(len(carets)), carets.ljust(len(out[-1])), strict=True)
            )
            out[-1] = carets.rstrip()
        else:
            out += [source, carets]
    return out


class MatcalcError(Exception):
    """The base of all errors of this package.

    `hint` says what to write instead (empty where nothing useful can be said), `places` where.
    """

    def __init__(self, message: str, *places: Place, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.places, self.hint = message, places, hint

    def __reduce__(self) -> tuple[object, ...]:
        return (_restored, (type(self), self.message, self.places, self.hint, self.__dict__))

    def __str__(self) -> str:
        lines = [self.message, *show(self.places)]
        return "\n".join(lines + ([f"  hint: {self.hint}"] if self.hint else []))


def _restored(
    kind: type[MatcalcError], message: str, places: tuple[Place, ...], hint: str, state: dict[str, object]
) -> MatcalcError:
    error = kind(message, *places, hint=hint)
    error.__dict__.update(state)
    return error


class ParseError(MatcalcError):
    """The text is not a formula of the language; `line` and `column` (from 1) say where."""

    @property
    def line(self) -> int:
        """The line of the first place."""
        return self.places[0].line if self.places else 1

    @property
    def column(self) -> int:
        """The column of the first place."""
        return self.places[0].column if self.places else 1

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}: " if self.places else ""
        return where + super().__str__()


class ShapeError(MatcalcError):
    """Two shapes do not go together; `places` has both, `shapes` their texts."""

    def __init__(self, message: str, *places: Place, hint: str = "", shapes: tuple[str, ...] = ()) -> None:
        super().__init__(message, *places, hint=hint)
        self.shapes = shapes


class SingularError(MatcalcError):
    """The arrays are outside the formula's domain: a matrix has no inverse, or is not positive definite."""


class UnsupportedError(MatcalcError):
    """What was asked for is outside what the engine does; the hint says what to do instead."""


class CheckError(MatcalcError):
    """A result did not pass its check, so it is not shown; a bug of the engine, not of the input."""


class InternalError(MatcalcError):
    """The engine failed inside; a bug, said in one line with its cause kept, never a bare traceback."""
