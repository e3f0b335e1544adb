"""Formulas whose direct evaluation overflows or cancels, and the form that does not.

Each row is a pattern on expressions: log(1 + exp x) is softplus, exp x / (1 + exp x) is sigmoid, the log of a sum
of exponentials is logsumexp, and so on. The formulas that people see are not touched: only what is computed.
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc.core.algebra import bag, linear, neg, num, ones, scale, scaled, sub, terms_of
from matcalc.core.dims import ONE
from matcalc.core.tree import Expr, make, rebuild, walk

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
        if x is None or q >= 0:  # type: ignore[operator]
            continue
        up = make("exp", x)
        a, b = powers.get(up, 0), -q  # type: ignore[operator]
        down = make("exp", neg(x))
        if not 0 <= a <= b or down in powers:  # type: ignore[operator]
            continue
        del powers[base]
        powers.pop(up, None)
        for argument, p in ((x, a), (neg(x), b - a)):  # type: ignore[operator]
            if p:
                s = make("sigmoid", argument)
                powers[s] = powers.get(s, 0) + p  # type: ignore[operator]
        return bag(list(powers.items()))  # type: ignore[arg-type]
    return None


def _scaled(e: Expr) -> Expr | None:
    """exp(x)/sum(exp(x)) is softmax(x)."""
    s, a = e.args
    pairs = dict(zip(s.args, s.attrs, strict=True)) if s.op.name == "had" else {}
    factors = dict(zip(a.args, a.attrs, strict=True)) if a.op.name == "had" else {a: 1}
    for f, p in factors.items():
        total = make("sum", f)
        if f.op.name == "exp" and f.shape[1] is ONE and p == 1 and pairs.get(total) is not None:
            if pairs[total] > -1:  # type: ignore[operator]
                continue
            pairs[total] = pairs[total] + 1  # type: ignore[operator]
            del factors[f]
            factors[make("softmax", f.args[0])] = 1
            rest = bag([(b, q) for b, q in pairs.items() if q])  # type: ignore[misc]
            return scaled(rest, bag(list(factors.items())))  # type: ignore[arg-type]
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


RULES: dict[str, tuple[Rule, ...]] = {
    "log": (_log,),
    "log1p": (_log1p,),
    "had": (_bag,),
    "scal": (_scaled,),
    "lin": (_difference,),
}
