"""Practice: the learner types the next line of a derivation and it is judged at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matcalc.app.derivation import WrittenStep
from matcalc.app.guard import guarded
from matcalc.app.problem import problem
from matcalc.app.verify import MARKS, verify
from matcalc.check.written.verdict import Line
from matcalc.errors import MatcalcError

HELP = "type the next line (df = …, = …, ∂f/∂X = …, X := …); hint: the identity to use next; show: the next line; quit"
GREETING = "f = {objective}; find {wanted}"


class Practice:
    """A derivation that grows by the lines that hold; `done` when every gradient that is wanted was given.

    >>> p = Practice("‖Ax − b‖²", ("x",))
    >>> p.answer("∂f/∂x = 2A'(Ax + b)")[0]
    '✗ wrong: sign: − b, not + b'
    >>> p.answer("∂f/∂x = 2A'(Ax − b)")
    ['✓ holds', 'done: every gradient that was asked for is found']
    """

    def __init__(self, objective: str, wrt: tuple[str, ...] = (), declare: tuple[str, ...] = ()) -> None:
        """Start with an objective, the variables of the gradients, and declarations."""
        self._objective, self._declare = objective, declare
        self.problem = problem(objective, *declare)
        self.wanted = list(self.problem.names(*wrt))
        self._steps = list(self.problem.derivation(*wrt).steps)
        self._shown = 0
        self.lines: list[str] = []

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
        if typed in ("hint", "show"):
            return self._help(typed)
        try:
            verdict = verify("\n".join([*self.lines, typed]), self._objective, self._declare)
        except MatcalcError as error:
            return [f"? {error}"]
        line = verdict.lines[-1]
        said = _said(line)
        if line.verdict in ("holds", "right again", "definition"):
            self.lines.append(typed)
            self._note(typed, line)
        return [*said, "done: every gradient that was asked for is found"] if self.done else said

    def _note(self, typed: str, line: Line) -> None:
        """A gradient that holds is found; the hints go on behind what was reached."""
        from_here = self._steps[self._shown :]
        for name in list(self.wanted):
            if line.verdict != "definition" and self._gives(typed, name):
                self.wanted.remove(name)
        if from_here and line.verdict != "definition":
            self._shown += 1

    def _gives(self, typed: str, name: str) -> bool:
        """Whether a line gives the gradient in a variable."""
        left, _, right = typed.partition("=")
        if (
            name not in left
            and "∇" not in left
            or not any(sign in left for sign in ("∂", "∇", "partial", "nabla", "/d"))
        ):
            return False
        text = "\n".join([*self.lines, f"∂f/∂{name} = {right.rpartition('=')[2]}"])
        return verify(text, self._objective, self._declare).lines[-1].ok

    def _help(self, what: str) -> list[str]:
        """The identity of the next step, or the step itself."""
        if self._shown >= len(self._steps):
            return ["there is no further step"]
        step: WrittenStep = self._steps[self._shown]
        if what == "hint":
            return [f"hint: {step.rule}: {step.explanation}" if step.explanation else f"hint: {step.rule}"]
        self._shown += 1
        return [f"{step.left} = {step.expression}   [{step.rule}]"]


def _said(line: Line) -> list[str]:
    head = f"{MARKS[line.verdict]} {line.verdict}"
    out = [f"{head}: {line.explanation}" if line.explanation else head]
    if line.identities:
        out.append("by " + ", ".join(line.identities))
    return out + [line.counterexample] * bool(line.counterexample)


def session(practice: Practice, lines: Iterable[str]) -> Iterator[str]:
    """Everything that is said in a session over the lines that are typed."""
    yield from practice.greeting()
    for typed in lines:
        if typed.strip() in ("quit", "exit"):
            return
        yield from practice.answer(typed)
        if practice.done:
            return
