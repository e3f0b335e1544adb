"""Formulas whose direct evaluation overflows or cancels, and the form that does not.

Each row is a pattern on expressions: log(1 + exp x) is softplus, exp x / (1 + exp x) is sigmoid, the log of a
sum of exponentials is logsumexp, and so on. The formulas that people see are not touched: only what is
computed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matcalc.core.algebra import T, bag, hadamard, linear, neg, num, ones, scale, scaled, sub, terms_of, var
from matcalc.core.dims import ONE, SCALAR
from matcalc.core.tree import Expr, make, rebuild, substitute, walk

Rule = Callable[[Expr], Expr | None]


def stable(e: Expr) -> Expr:
    """The expression with every unstable part in its stable form."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        y = rebuild(x, tuple(done[a] for a in x.args))
        for rule in RULES.get(y.op.name, ()):
            better = rule(y)
            if better is not None:
                y = better
        done[x] = y
    return done[e]


def _one_plus(e: Expr) -> Expr | None:
    """t where e is 1 + t, entrywise."""
    if e.op.name != "lin" or len(e.args) != 2:
        return None
    rest = [(c, t) for c, t in terms_of(e) if t.op.name != "ones"]
    number = [c for c, t in terms_of(e) if t.op.name == "ones"]
    return linear(rest, e.shape) if number == [1] and len(rest) == 1 else None


def _one_plus_exp(e: Expr) -> Expr | None:
    """x where e is 1 + exp(x)."""
    t = _one_plus(e)
    return t.args[0] if t is not None and t.op.name == "exp" else None


def _log(e: Expr) -> Expr | None:
    (a,) = e.args
    x = _one_plus_exp(a)
    if x is not None:
        return make("softplus", x)
    if a.op.name == "cosh":  # |x| + log(1 + exp(−2|x|)) − log 2
        size = make("abs", a.args[0])
        return make("softplus", scale(-2, size)) + size - scaled(make("log", num(2)), ones(a.shape))
    if a.op.name == "normcdf":
        return make("lognormcdf", a.args[0])
    if a.op.name == "sigmoid":
        return neg(make("softplus", neg(a.args[0])))
    if a.op.name == "softmax":
        (x,) = a.args
        return sub(x, scaled(make("logsumexp", x), ones(x.shape)))
    if a.op.name == "sum" and a.args[0].op.name == "exp":
        return make("logsumexp", make("vec", a.args[0].args[0]))
    t = _one_plus(a)
    return make("log1p", t) if t is not None else None


def _log1p(e: Expr) -> Expr | None:
    (a,) = e.args
    return make("softplus", a.args[0]) if a.op.name == "exp" else None


def _bag(e: Expr) -> Expr | None:
    """exp(x)ᵃ(1 + exp x)⁻ᵇ is sigmoid(x)ᵃ sigmoid(−x)ᵇ⁻ᵃ."""
    powers = dict(zip(e.args, e.attrs, strict=True))
    for base, q in zip(e.args, e.attrs, strict=True):
        x = _one_plus_exp(base)
        if x is None or q >= 0:
            continue
        up = make("exp", x)
        a, b = powers.get(up, 0), -q
        down = make("exp", neg(x))
        if not 0 <= a <= b or down in powers:
            continue
        del powers[base]
        powers.pop(up, None)
        for argument, p in ((x, a), (neg(x), b - a)):
            if p:
                s = make("sigmoid", argument)
                powers[s] = powers.get(s, 0) + p
        return bag(list(powers.items()))
    return None


def _tail(e: Expr) -> Expr | None:
    """exp(u)/Φ(x) is exp(u − log Φ(x)): in the tail both are 0."""
    if e.op.name != "had":
        return None
    powers = dict(zip(e.args, e.attrs, strict=True))
    top = next((b for b, q in powers.items() if b.op.name == "exp" and q == 1), None)
    below = [(b, q) for b, q in powers.items() if b.op.name == "normcdf" and q < 0]
    if top is None or not below:
        return None
    u = linear([(1, top.args[0]), *((q, make("lognormcdf", b.args[0])) for b, q in below)], e.shape)
    kept = [(b, q) for b, q in powers.items() if b is not top and (b, q) not in below]
    return bag([*kept, (make("exp", u), 1)])


def _scaled(e: Expr) -> Expr | None:
    """exp(x)/sum(exp(x)) is softmax(x)."""
    s, a = e.args
    pairs = dict(zip(s.args, s.attrs, strict=True)) if s.op.name == "had" else {}
    factors = dict(zip(a.args, a.attrs, strict=True)) if a.op.name == "had" else {a: 1}
    for f, p in factors.items():
        total = make("sum", f)
        if f.op.name == "exp" and f.shape[1] is ONE and p == 1 and pairs.get(total) is not None:
            if pairs[total] > -1:
                continue
            pairs[total] = pairs[total] + 1
            del factors[f]
            factors[make("softmax", f.args[0])] = 1
            rest = bag([(b, q) for b, q in pairs.items() if q])
            return scaled(rest, bag(list(factors.items())))
    return None


def _difference(e: Expr) -> Expr | None:
    """exp(x) − 1 loses digits near 0."""
    if len(e.args) != 2:
        return None
    pairs = {t: c for c, t in terms_of(e)}
    for t, c in pairs.items():
        others = [(k, u) for u, k in pairs.items() if u is not t]
        if t.op.name == "exp" and others[0][1].op.name == "ones" and others[0][0] == -c:
            return scale(c, make("expm1", t.args[0]))
    return None


# ── quotients of exponentials ─────────────────────────────────────────────────────────────────────────────
def without_overflow(roots: Sequence[Expr]) -> tuple[Expr, ...]:
    """The roots with exp(z) as s·softmax(z), s = sum(exp(z)), where s cancels or stands under a log only.

    So yᵀexp(z)/sum(exp(z)) is yᵀsoftmax(z), and log(cᵀexp(z)) is logsumexp(z) + log(cᵀsoftmax(z)).
    """
    current = tuple(roots)
    for e in dict.fromkeys(
        e for e in walk(*roots) if e.op.name == "exp" and e.shape[1] is ONE and not e.is_scalar
    ):
        changed = _shifted(current, e)
        current = changed if changed is not None else current
    return current


def _shifted(roots: Sequence[Expr], e: Expr) -> tuple[Expr, ...] | None:
    (z,) = e.args
    s = var("∑exp", SCALAR)
    p = make("softmax", z)
    swap = {make("sum", e): s, e: scaled(s, p), T(e): scaled(s, T(p))}
    done: dict[Expr, Expr] = dict(swap)
    for x in walk(*roots):
        if x not in done:
            done[x] = _cancelled(rebuild(x, tuple(done[a] for a in x.args)), s)
    changed = tuple(done[r] for r in roots)
    log_s = make("log", s)
    if any(s in x.args and x is not log_s for x in walk(*changed)) or s in changed:
        return None
    return tuple(substitute(r, {log_s: make("logsumexp", z)}) for r in changed)


def _cancelled(x: Expr, s: Expr) -> Expr:
    """log(s q) as log s + log q; s⁻¹(s a + s b) as a + b."""
    if x.op.name == "log" and x.is_scalar and x.args[0].op.name == "had" and s in x.args[0].args:
        factors = dict(zip(x.args[0].args, x.args[0].attrs, strict=True))
        q = factors.pop(s)
        rest = bag(list(factors.items()))
        return scale(q, make("log", s)) + make("log", rest)
    if (
        x.op.name == "scal"
        and x.args[0].op.name == "had"
        and s in x.args[0].args
        and x.args[1].op.name == "lin"
    ):
        return linear([(c, scaled(x.args[0], t)) for c, t in terms_of(x.args[1])], x.shape)
    if x.op.name == "had" and x.is_scalar and s in x.args:
        for base, q in zip(x.args, x.attrs, strict=True):
            if base.op.name == "lin" and len(base.args) > 1 and q == 1:
                others = zip(x.args, x.attrs, strict=True)
                rest = bag([(b, p) for b, p in others if b is not base])
                return linear([(c, hadamard(rest, t)) for c, t in terms_of(base)], x.shape)
    return x


RULES: dict[str, tuple[Rule, ...]] = {
    "log": (_log,),
    "log1p": (_log1p,),
    "had": (_bag, _tail),
    "scal": (_scaled,),
    "lin": (_difference,),
}
