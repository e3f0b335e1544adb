"""Practice: the learner types the next line of a derivation and it is judged at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matcalc.app.guard import guarded
from matcalc.app.problem import Problem, problem
from matcalc.app.verify import MARKS, details, verify
from matcalc.check.written.naming import in_names
from matcalc.check.written.verdict import Line
from matcalc.errors import MatcalcError
from matcalc.notation.printing.printer import text as printed
from matcalc.notation.written.book import differentials_in
from matcalc.notation.written.reader import written

HELP = "type the next line (df = …, = …, ∂f/∂X = …, X := …); hint: the identity to use next; show: the next line; quit"
GREETING = "f = {objective}; find {wanted}"


@dataclass(frozen=True, slots=True)
class Next:
    """One line of our derivation, with the rules that lead to it."""

    left: str
    right: str
    rules: tuple[str, ...]
    explanation: str

    @property
    def names(self) -> bool:
        """Whether the line gives a part a name."""
        return "names/define" in self.rules

    @property
    def text(self) -> str:
        """The line as one types it."""
        return f"{self.left} {':=' if self.names else '='} {self.right}"

    @property
    def hint(self) -> str:
        """What leads to the line, without the line."""
        if self.names:
            return f"hint: {self.rules[0]}: give {self.right} a name"
        return f"hint: {', '.join(self.rules)}: {self.explanation}"


class Practice:
    """A derivation that grows by the lines that hold; `done` when every gradient that is wanted was given.

    >>> p = Practice("‖Ax − b‖²", ("x",))
    >>> p.answer("∂f/∂x = 2A'(Ax + b)")[0]
    '✗ wrong: sign: − b, not + b'
    >>> p.answer("hint"), p.answer("show")
    (['hint: names/define: give Ax − b a name'], ['r := Ax − b   [names/define]'])
    >>> p.answer("∂f/∂x = 2A'(Ax − b)")
    ['✓ holds', 'by value (exact)', 'done: every gradient that was asked for is found']
    """

    def __init__(self, objective: str, wrt: tuple[str, ...] = (), declare: tuple[str, ...] = ()) -> None:
        """Start with an objective, the variables of the gradients, and declarations."""
        self._objective, self._declare = objective, declare
        self.problem = problem(objective, *declare)
        self._wrt = self.problem.names(*wrt)
        self.wanted = list(self._wrt)
        self.lines: list[str] = []
        self._definitions: list[str] = []  # of the accepted lines
        self._steps = self._derived(self.problem)
        self._at = 0  # how many of our lines are behind the learner

    @property
    def done(self) -> bool:
        """Whether every gradient was given."""
        return not self.wanted

    def greeting(self) -> list[str]:
        """What is asked for, and how."""
        wanted = ", ".join(f"∂f/∂{name}" for name in self.wanted)
        return [GREETING.format(objective=self._objective.strip().split("\n")[-1], wanted=wanted), HELP]

    @guarded
    def answer(self, typed: str) -> list[str]:
        """What is said to one typed line."""
        typed = typed.strip()
        if typed in ("", "help"):
            return [HELP] if typed else []
        said = self._help(typed) if typed in ("hint", "show") else self._judge(typed)
        return [*said, "done: every gradient that was asked for is found"] if self.done else said

    def _judge(self, typed: str) -> list[str]:
        """The verdict on a typed line, which is kept where it holds."""
        try:
            verdict = verify("\n".join([*self.lines, typed]), self._objective, self._declare)
        except MatcalcError as error:
            return [f"? {error}"]
        line = verdict.lines[-1]
        if line.verdict in ("holds", "right again", "definition"):
            for name in list(self.wanted):
                if line.verdict != "definition" and self._gives(typed, name):
                    self.wanted.remove(name)
            self._keep(typed, defines=line.verdict == "definition")
        return [f"{MARKS[line.verdict]} {part}" if i == 0 else part for i, part in enumerate(_said(line))]

    def _gives(self, typed: str, name: str) -> bool:
        """Whether a line gives the gradient in a variable."""
        left, _, right = typed.partition("=")
        signs = ("∂", "∇", "partial", "nabla", "/d")
        if name not in left and "∇" not in left or not any(sign in left for sign in signs):
            return False
        text = "\n".join([*self.lines, f"∂f/∂{name} = {right.rpartition('=')[2]}"])
        return verify(text, self._objective, self._declare).lines[-1].ok

    # ── our own derivation, from where the learner is ─────────────────────────────────────────────────────
    def _derived(self, given: Problem) -> list[Next]:
        """The lines of our derivation, the rules that lead to one line together."""
        out: list[Next] = []
        for step in given.derivation(*self._wrt).steps:
            last = out[-1] if out else None
            if last is not None and (last.left, last.right) == (step.left, step.expression):
                out[-1] = Next(last.left, last.right, (*last.rules, step.rule), last.explanation)
            else:
                out.append(Next(step.left, step.expression, (step.rule,), step.explanation))
        return out

    def _keep(self, typed: str, defines: bool) -> None:
        """A line that holds goes on the derivation; ours is made anew with the names that it defines."""
        self.lines.append(typed)
        if defines:
            self._definitions.append(re.sub(r"(?<!:)=", ":=", typed, count=1))
            try:
                self._steps = self._derived(problem("\n".join(self._named()), *self._declare))
            except MatcalcError:
                self._definitions.pop()
        self._at = max(self._reached(), 0 if defines else self._at)

    def _named(self) -> list[str]:
        """The names that were defined, and the objective written with them."""
        book = written("", self._objective, (*self._declare, *self._definitions)).book
        found = in_names(book)
        return [*self._definitions, self._objective if found is None else printed(found)]

    def _reached(self) -> int:
        """How many of our lines are behind the last one that was typed: as far as the same differentials go."""
        names = {d.partition(":=")[0].strip() for d in self._definitions}
        moved = differentials_in(self.lines[-1].rpartition("=")[2])
        count = 0
        for i, step in enumerate(self._steps):
            known = step.names and step.left in names
            value = step.left == "f" and any(line.startswith("f =") for line in self.lines)
            if known or value or moved and differentials_in(step.right) == moved:
                count = i + 1
                if not known and not value:
                    break
        return count

    def _help(self, what: str) -> list[str]:
        """What leads to the next line, or the line itself, which then goes on the derivation."""
        if self._at >= len(self._steps):
            return ["there is no further line"]
        step = self._steps[self._at]
        if what == "hint":
            return [step.hint]
        needed = [*self._unsaid(step), step]
        self.lines += [one.text for one in needed]
        self._definitions += [one.text for one in needed if one.names]
        self.wanted = [name for name in self.wanted if step.left != f"∂f/∂{name}"]
        self._at += 1
        return [f"{one.text}   [{', '.join(one.rules)}]" for one in needed]

    def _unsaid(self, step: Next) -> list[Next]:
        """The names that a line needs and that were passed over, in their order."""
        said = {d.partition(":=")[0].strip() for d in self._definitions}
        out: list[Next] = []
        text = step.right
        for one in reversed(self._steps[: self._at]):
            used = re.search(rf"(?<![A-Zα-ωa-ce-z]){re.escape(one.left)}(?![a-z_])", text)  # R, dR
            if one.names and one.left not in said and used:
                out.insert(0, one)
                text += one.right
        return out


def _said(line: Line) -> list[str]:
    said = details(line)
    head = line.verdict if line.verdict in ("holds", "definition") else ""
    if line.verdict == "definition":
        head = f"definition: {line.explanation}" if line.explanation else head
    return [head, *said] if head else said


def session(practice: Practice, lines: Iterable[str]) -> Iterator[str]:
    """Everything that is said in a session over the lines that are typed."""
    yield from practice.greeting()
    for typed in lines:
        if typed.strip() in ("quit", "exit"):
            return
        yield from practice.answer(typed)
        if practice.done:
            return
