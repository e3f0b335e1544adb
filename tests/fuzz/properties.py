"""What must hold for every expression: it reads back, its derivatives are right, its code computes them.

Each property is a generator of failures; a refusal by name (`UnsupportedError`) is none.
"""

from __future__ import annotations

import signal
import time
import weakref
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, TypeVar

from matcalc.app.variables import Variable
from matcalc.check.arithmetic import NotExact
from matcalc.check.equal import check_equal
from matcalc.check.evaluate import Evaluation
from matcalc.check.evidence import Evidence
from matcalc.check.gradient import check_gradient, gradient_claims
from matcalc.check.jacobian import check_jacobian
from matcalc.check.judge import Points, Task, Undecided, difference
from matcalc.check.program import check_program
from matcalc.check.real import Floats
from matcalc.check.replay import replay
from matcalc.codegen.emit import Task as Code
from matcalc.codegen.emit import emit, function_name
from matcalc.core.algebra import UNIT, dimnum
from matcalc.core.dims import Dim
from matcalc.core.tree import Expr, dims_of, walk
from matcalc.derive.derivation import derivation
from matcalc.derive.forms import expanded, factored
from matcalc.derive.gradient import gradients
from matcalc.derive.hessian import hessian, moving_gradient
from matcalc.derive.jacobian import jacobian
from matcalc.derive.second_derivation import hessian_derivation, jacobian_derivation
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.notation.printing.printer import text
from matcalc.notation.printing.spelling import NOTATIONS
from matcalc.notation.read import read, read_expression
from matcalc.rewrite.shorten import Shortener
from matcalc.rewrite.typed import read as rewritten

LIMIT = 2.0  # seconds of one derivation, where a clock is asked
Result = TypeVar("Result")
READABLE = 20_000  # characters of a text that anyone would type
CLOSE = 1e-7  # the relative difference of floats that agree
PATIENCE = 5  # seconds after which a property is given up
RETRY = 0.01  # seconds until the timer rings again
no_clock = ContextVar("no_clock", default=False)
BY_VALUE = frozenset({"kron_left", "kron_right", "khatri_left", "khatri_right", "unvech", "embed"})
"""Operators that the language has no name for: they are written with others, and read back by value."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A property that does not hold, and what was found."""

    property: str
    detail: str


class Slow(Exception):
    """The engine took longer than `LIMIT`; the text says at what."""


def timed(what: str, work: Callable[[], Result]) -> Result:
    """What the engine answers, where it answers in time."""
    start = time.process_time()
    try:
        found = work()
    except TimeoutError:
        raise Slow(what) from None
    if time.process_time() - start > LIMIT and not no_clock.get():
        raise Slow(what)
    return found


Property = Callable[[Expr], Iterator[Failure]]


def variables(e: Expr) -> tuple[Expr, ...]:
    """The variables of an expression, by name."""
    return tuple(sorted((x for x in walk(e) if x.op.name == "var"), key=lambda x: str(x.attrs[0])))


def declarations(*roots: Expr) -> list[str]:
    """Everything that the language can be told about the names in these expressions."""
    nodes = list(walk(*roots))
    leaves = [x for x in nodes if x.op.name in ("var", "dimnum")]
    found = {Variable.of(x).declaration for x in leaves} | {f"{name} ∈ N" for name in dims_of(*leaves)}
    return sorted(found) + sorted({f"{x.attrs[0]} elementwise" for x in nodes if x.op.name == "apply"})


def refuted(evidence: Evidence) -> bool:
    """Whether values were compared and differ."""
    return evidence.decided and not evidence.ok


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────
def reads_back(e: Expr) -> Iterator[Failure]:
    """What is printed in any notation reads back as the identical expression."""
    declared = declarations(e)
    exact = not any(x.op.name in BY_VALUE for x in walk(e))
    yield from _reads_back(e, lambda line: read(line, *declared).objective, exact)


def answers_read_back(e: Expr) -> Iterator[Failure]:
    """Every gradient reads back in its problem, by value: the shortest form need not be the normal one."""
    if e.is_scalar:
        problem = read(text(e), *declarations(e))
        for G in gradients(e, variables(e)).values():
            if not any(x.op is UNIT for x in walk(G)):  # the text of e₁ does not say how long it is
                yield from _reads_back(G, lambda line: read_expression(line, problem), False)


def _reads_back(e: Expr, again: Callable[[str], Expr], exact: bool) -> Iterator[Failure]:
    for notation in NOTATIONS:
        line = text(e, None, notation)
        if len(line) > READABLE:
            return
        try:
            found = again(line)
        except MatcalcError as refused:
            yield Failure(f"reads back ({notation})", f"{line}: {refused.message}")
            return
        if found is not e and (exact or found.shape != e.shape or refuted(check_equal(found, e))):
            yield Failure(f"reads back ({notation})", f"{line} is read as {text(found, None, notation)}")
            return


# ── derivatives ───────────────────────────────────────────────────────────────────────────────────────────
def gradient_is_right(e: Expr) -> Iterator[Failure]:
    """The gradients agree with dual numbers."""
    if not e.is_scalar:
        return
    found = timed("gradients", lambda: gradients(e, variables(e)))
    evidence = check_gradient(e, found, trials=1)  # one point each: there are many expressions
    if refuted(evidence):
        yield Failure("gradient", evidence.why)


def gradient_in_floats(e: Expr) -> Iterator[Failure]:
    """The gradients agree with dual numbers in floats, or else at 50 digits: for very many expressions."""
    if not e.is_scalar:
        return
    found = timed("gradients", lambda: gradients(e, variables(e)))
    task = Task(gradient_claims(e, found), (e, *found.values()), frozenset(found))

    def look(E: Evaluation) -> bool:
        sides = [claim.sides(E) for claim in task.claims]
        return all(difference(E.K.plain(a).entries, E.K.plain(b).entries, 1e-3) < CLOSE for a, b in sides)

    try:
        if Points(task, 0).first(0, lambda _: Floats(), look)[0]:
            return
    except (Undecided, NotExact, ArithmeticError, ValueError, KeyError):
        pass
    evidence = check_gradient(e, found, trials=1)
    if refuted(evidence):
        yield Failure("gradient", evidence.why)


def jacobian_is_right(e: Expr) -> Iterator[Failure]:
    """The Jacobian of what is not a scalar, the Hessian of what is, in the first variable."""
    x = variables(e)[0]
    if e.is_scalar:
        F, J = moving_gradient(e, x, x), timed("Hessian", lambda: hessian(e, x, x))
    else:
        F, J = e, timed("Jacobian", lambda: jacobian(e, x))
    evidence = check_jacobian(F, x, J)
    if refuted(evidence):
        yield Failure("Hessian" if e.is_scalar else "Jacobian", evidence.why)


def derivation_replays(e: Expr) -> Iterator[Failure]:
    """Every line and step of the derivation holds by value."""
    if not e.is_scalar:
        return
    found = timed("derivation", lambda: derivation(e, variables(e)))
    evidence = replay(found)
    if refuted(evidence):
        yield Failure("derivation", evidence.why)


def second_derivation_replays(e: Expr) -> Iterator[Failure]:
    """Every line of the derivation of the Jacobian, or of the Hessian in the first variable and across two, holds."""
    xs = variables(e)
    if e.is_scalar:
        found = timed("derivation of a Hessian", lambda: hessian_derivation(e, xs[0], xs[-1]))
    else:
        found = timed("derivation of a Jacobian", lambda: jacobian_derivation(e, xs))
    evidence = replay(found, trials=1)
    if refuted(evidence):
        yield Failure("second derivation", evidence.why)


# ── forms ─────────────────────────────────────────────────────────────────────────────────────────────────
def forms_are_equal(e: Expr) -> Iterator[Failure]:
    """Rewriting while reading, shortening, factoring and multiplying out keep the value."""
    forms = {"read": rewritten, "shortened": Shortener(), "factored": factored, "expanded": expanded}
    for name, rewrite in forms.items():
        try:
            form = timed(f"{name} form", partial(rewrite, e))
        except UnsupportedError:
            continue
        if form is not e and refuted(evidence := check_equal(e, form)):
            yield Failure(f"{name} form", f"{text(form)}: {evidence.why}")


# ── code ──────────────────────────────────────────────────────────────────────────────────────────────────
def program_is_right(e: Expr) -> Iterator[Failure]:
    """The emitted module computes the value and the gradients."""
    xs = variables(e)
    found = tuple((x, G) for x, G in gradients(e, xs).items()) if e.is_scalar else ()
    shaped = {d for x in xs for d in x.shape}
    fixed = {str(d) for d in shaped if len(d.terms) == 1 and d.terms[0] == ((str(d),), 1)}
    free = sorted({name for x in walk(e, *(G for _, G in found)) for name in dims_in(x)} - fixed)
    parameters = (*xs, *(dimnum(Dim.name(name)) for name in free))
    task = Code("random", rewritten(e), found, parameters)
    space: dict[str, Any] = {"__name__": "emitted"}
    source = emit(task)
    exec(compile(source, "emitted", "exec"), space)
    aliases = {str(p.attrs[0]): str(p.attrs[0]) for p in parameters}
    evidence = check_program(space[function_name(task)], e, found, parameters=parameters, aliases=aliases)
    if refuted(evidence):
        yield Failure("program", evidence.why)


def dims_in(e: Expr) -> set[str]:
    """The names of the dimensions of one node."""
    return {name for d in (*e.shape, *e.attrs) if isinstance(d, Dim) for name in d.names}


PROPERTIES: dict[str, tuple[Property, float]] = {  # with the share of the expressions that are asked for it
    "text": (reads_back, 1.0),
    "gradient": (gradient_is_right, 1.0),
    "answers": (answers_read_back, 0.5),
    "forms": (forms_are_equal, 0.4),
    "second": (second_derivation_replays, 0.03),
    "derivation": (derivation_replays, 0.3),
    "program": (program_is_right, 0.3),
    "jacobian": (jacobian_is_right, 0.15),
    "floats": (gradient_in_floats, 0.0),
}


def failures(e: Expr, name: str, patience: int | None = PATIENCE) -> Iterator[Failure]:
    """What is wrong with an expression, in one property; an error that is no MatcalcError is wrong too.

    Without `patience` no clock is asked, as in the tests: what a property finds does not depend on the machine.
    """
    clock = no_clock.set(patience is None)
    if patience:
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, patience)
    try:
        yield from list(PROPERTIES[name][0](e))
    except UnsupportedError:
        yield Failure("", name)
    except Slow as slow:
        yield Failure(f"time of {slow}", f"more than {LIMIT} s")
    except TimeoutError:
        yield Failure("", f"{name} (given up by the judge)")
    except Exception as error:
        yield Failure(f"{name}: {type(error).__name__}", str(error).split("\n")[0][:300])
    finally:
        no_clock.reset(clock)
        if patience:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(_: int, frame: FrameType | None) -> None:
    """End the work, unless Python is in a finaliser, which would swallow the exception: the timer rings again."""
    if frame and (frame.f_code.co_filename == weakref.__file__ or frame.f_code.co_name == "__del__"):
        signal.setitimer(signal.ITIMER_REAL, RETRY)
    else:
        raise TimeoutError("no answer")
