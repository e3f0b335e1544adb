"""The gradient: G with df = G:dX, shortened, projected onto the structure of X."""

from __future__ import annotations

from contextlib import suppress

from matcalc.core.algebra import LIN, UNITY, eye, facts_of, hadamard, zeros
from matcalc.core.tree import Expr, make, substitute, walk
from matcalc.derive.forms import FORMS
from matcalc.derive.naming import Names, name_residuals, writers_names
from matcalc.derive.pullback import accumulate
from matcalc.errors import UnsupportedError
from matcalc.rewrite.cost import cost, rank
from matcalc.rewrite.masks import freed, with_masks
from matcalc.rewrite.shorten import MAX_SIZE, Shortener, Work
from matcalc.rewrite.transposes import merged
from matcalc.rewrite.typed import read

PLAIN = 12  # symbols from which another way to a short answer is tried
BRIEF = 11  # symbols below which no other form is shorter
FORMS_WORK = 12  # nodes compared for each node of a form
MAX_FORMS = 3  # forms of forms
PROJECTIONS = {
    "sym": lambda G: make("sym", G),
    "spd": lambda G: make("sym", G),
    "skew": lambda G: make("skew", G),
    "diag": lambda G: hadamard(eye(G.shape[0]), G),
    "tril": lambda G: make("tril", G),
}


def project(G: Expr, x: Expr) -> Expr:
    """The part of a gradient that lies in the space of x: sym(G) for Sym and SPD, skew(G), I∘G, tril(G)."""
    for fact in facts_of(x):
        if fact in PROJECTIONS:
            return PROJECTIONS[fact](G)
    return G


def gradient(f: Expr, x: Expr) -> Expr:
    """The gradient of a scalar f with respect to the variable x, of x's shape.

    Shapes: f is 1×1, the result has the shape of x.
    Raises:
        UnsupportedError: an operator on the way has no derivative.
    """
    return gradients(f, (x,))[x]


def gradients(
    f: Expr, variables: tuple[Expr, ...], definitions: tuple[tuple[str, Expr], ...] = ()
) -> dict[Expr, Expr]:
    """The gradients with respect to several variables, shortened with what they share.

    The `definitions` of the text are names in which an answer will be read: the form that is shortest in them is
    chosen, and given written out.
    """
    free = freed(variables)
    if free:
        moving = tuple((name, substitute(meaning, free)) for name, meaning in definitions)
        found = gradients(substitute(f, free), tuple(free.get(x, x) for x in variables), moving)
        shorten = Shortener()
        masked = {x: merged(shorten(read(with_masks(found[free.get(x, x)], variables)))) for x in variables}
        forms = Work()
        return {x: _against_forms(G, writers_names(definitions), forms) for x, G in masked.items()}
    typed = read(f)
    work, names = Work(), writers_names(definitions)
    best = _shortened(typed, variables, work, names)
    if typed is not f and f.size < MAX_SIZE and _lifts(f):  # the product as typed may have the shorter answer
        try:
            other = _shortened(f, variables, work, names, lifted=False)
        except UnsupportedError:
            other = best
        best = {x: _shortest([best[x], other[x]], names) for x in variables}
    forms = Work()
    return {x: _against_forms(merged(G), names, forms) for x, G in best.items()}


def _against_forms(G: Expr, names: Names, work: Work) -> Expr:
    """G, or another of its forms that is shorter still, within the work: no form of an answer is shorter than it."""
    for _ in range(MAX_FORMS):
        if G.size > MAX_SIZE or cost(G) < BRIEF or all(len(e.args) < 2 for e in walk(G) if e.op is LIN):
            break
        if work.left < 0:
            break
        forms = [G]
        for write in FORMS.values():
            with suppress(UnsupportedError):  # no blocks in it, or too many terms
                forms.append(write(G))
        work.left -= FORMS_WORK * sum(e.size for e in forms)
        found = _shortest(forms, names)
        if found is G:
            break
        G = found
    return G


def _lifts(f: Expr) -> bool:
    return any(e.op.name in ("kron", "khatri_rao", "face_split") for e in walk(f))


def _shortened(
    f: Expr, variables: tuple[Expr, ...], work: Work, names: Names, lifted: bool = True
) -> dict[Expr, Expr]:
    found = accumulate(UNITY, f, list(variables))
    residuals = name_residuals(f, variables)
    shorten = Shortener(work=work)
    whole = [(kept, Shortener(work=work)) for kept in (residuals, names) if kept.leaves]
    out = {}
    for x in variables:
        G = project(found.get(x, zeros(x.shape)), x)
        G = read(G) if lifted else G
        forms = [shorten(G)]
        for kept, shorten_named in whole:  # a residual or a definition that stays whole may factor better
            if forms[0].size <= MAX_SIZE and cost(forms[0]) > (PLAIN if kept is residuals else 0):
                forms.append(kept.unfold(shorten_named(kept.fold(G))))
        out[x] = _shortest(forms, names)
    return out


def _shortest(forms: list[Expr], names: Names) -> Expr:
    """The preferred one of equal forms, read in the names; very large ones are told apart by their size alone."""
    if max(e.size for e in forms) > MAX_SIZE:
        return min(forms, key=lambda e: e.size)
    return min(forms, key=lambda e: rank(names.fold(e))) if len(forms) > 1 else forms[0]
