"""Verdicts: what is said of each line of a written derivation, and of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcalc.check.evidence import Evidence

GOOD = frozenset({"holds", "right again", "definition", "prose"})
VERDICTS = (
    "holds",
    "holds if",
    "wrong",
    "shapes",
    "other objective",
    "right again",
    "follows",
    "not read",
    "definition",
    "prose",
)


@dataclass(frozen=True, slots=True)
class Line:
    """The verdict on one line.

    `evidence` is how it was compared (None where nothing was), `assumption` what a line that holds if needs.
    """

    number: int
    text: str
    verdict: str
    explanation: str = ""
    identities: tuple[str, ...] = ()
    counterexample: str = ""
    suggestion: str = ""
    assumption: str = ""
    evidence: Evidence | None = None

    @property
    def ok(self) -> bool:
        """Whether the line stands as it is."""
        return self.verdict in GOOD


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a derivation; `str()` is the text with a mark at each line."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether every claim holds as it stands."""
        return all(line.ok for line in self.lines)

    @property
    def claims(self) -> tuple[Line, ...]:
        """The lines that claim something, whether or not they could be read."""
        return tuple(line for line in self.lines if line.verdict not in ("prose", "definition"))

    @property
    def first(self) -> Line | None:
        """The first line that does not hold as it stands."""
        return next((line for line in self.lines if not line.ok), None)

    @property
    def first_wrong(self) -> int | None:
        """Its number, None where every claim holds."""
        return self.first.number if self.first else None

    @property
    def explanation(self) -> str:
        """Its explanation."""
        return self.first.explanation if self.first else ""

    @property
    def suggestion(self) -> str:
        """What it should say."""
        return self.first.suggestion if self.first else ""
