"""Formulas whose direct evaluation overflows or cancels, and the form that does not.

Each row is a pattern on expressions: log(1 + exp x) is softplus, exp x / (1 + exp x) is sigmoid, the log of a
sum of exponentials is logsumexp, and so on. The formulas that people see are not touched: only what is
computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from matcalc.codegen.sigmoids import Exponentials, exponentials, is_one, log_of_sum, sigmoids
from matcalc.codegen.vanishing import vanishing
from matcalc.core.algebra import (
    T,
    add,
    bag,
    hadamard,
    linear,
    mul,
    neg,
    num,
    ones,
    power,
    reciprocal,
    scale,
    scaled,
    split_coefficient,
    sub,
    terms_of,
    var,
)
from matcalc.core.dims import ONE, SCALAR, Shape
from matcalc.core.tree import Expr, make, rebuild, substitute, walk

Power = tuple[Expr, int | Fraction]
Rule = Callable[[Expr], Expr | None]


def stable(e: Expr) -> Expr:
    """The expression with every unstable part in its stable form."""
    done: dict[Expr, Expr] = {}
    for x in walk(e):
        done[x] = _better(rebuild(x, tuple(done[a] for a in x.args)))
    return done[e]


def _better(e: Expr) -> Expr:
    """The first row that fits, behind the coefficients that rebuilding brought out."""
    c, inside = split_coefficient(e)
    if inside.op.name == "scal":
        inside = scaled(*map(_better, inside.args))
    for rule in RULES.get(inside.op.name, ()):
        found = rule(inside)
        if found is not None:
            return scale(c, found)
    return scale(c, inside) if inside is not e else e


def _one_plus(e: Expr) -> Expr | None:
    """t where e is 1 + t, entrywise."""
    if e.op.name != "lin" or len(e.args) != 2:
        return None
    rest = [(c, t) for c, t in terms_of(e) if t.op.name != "ones"]
    number = [c for c, t in terms_of(e) if t.op.name == "ones"]
    return linear(rest, e.shape) if number == [1] and len(rest) == 1 else None


def _log(e: Expr) -> Expr | None:
    (a,) = e.args
    inside = a.args[0] if a.op.name == "abs" else a
    for found in (exponentials(inside), sigmoids(inside)):
        if found is not None:
            return found.log()
    if (total := log_of_sum(inside)) is not None:
        return total
    if inside.op.name == "lin" and len(inside.args) == 1 and inside.attrs[0] > 0:  # log(k t) is log k + log t
        log = make("log", inside.args[0])  # log(2 exp x) has no logarithm left
        rest = _log(log) if log.op.name == "log" else log
        return scaled(make("log", num(inside.attrs[0])), ones(e.shape)) + rest if rest is not None else None
    if a.op.name == "normcdf":
        return make("lognormcdf", a.args[0])
    if a.op.name == "frob" and a.args[0] is a.args[1]:
        return scale(2, make("log", power(a, Fraction(1, 2))))
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


# ── quotients ─────────────────────────────────────────────────────────────────────────────────────────────
def _quotient(e: Expr) -> Expr | None:
    """exp(x)/(1 + exp x) is sigmoid(x), (1 − tanh²)/(1 + tanh) is 2 sigmoid(−2x), sinh/cosh is tanh."""
    powers = dict(zip(e.args, e.attrs, strict=True))
    for base, q in powers.items():
        if q.denominator != 1:
            continue
        if base.op.name == "sigmoid" and q > 0 and (better := _times_exponential(base, int(q), powers)) is not None:
            return better
        if q > 0:
            continue
        if (sums := exponentials(base)) is not None:
            others = [(b, p) for b, p in powers.items() if b is not base]
            better = _over_sum(sums, int(-q), others, e.shape)
            if better is not None:
                return better
        if (total := log_of_sum(base)) is not None:
            return _over_exponential(total, q, [(b, p) for b, p in powers.items() if b is not base], e.shape)
        if sigmoids(base) is not None and base.op.name != "sigmoid":
            parts = [(b, p, sigmoids(b) if p.denominator == 1 else None) for b, p in powers.items()]
            return hadamard(*(bag([(b, p)]) if s is None else s.raised(int(p)) for b, p, s in parts))
    return None


def _exponentials_apart(powers: list[Power], shape: Shape) -> tuple[list[Power], Expr]:
    """The other factors, and the exponent of the product of exponentials."""
    rest = [(b, p) for b, p in powers if b.op.name != "exp"]
    return rest, linear([(p, b.args[0]) for b, p in powers if b.op.name == "exp"], shape)


def _times_exponential(s: Expr, q: int, powers: Mapping[Expr, int | Fraction]) -> Expr | None:
    """exp(−kt) σ(t)^q as σ(−t)ᵏ σ(t)^(q − k)."""
    rest, exponent = _exponentials_apart([(b, p) for b, p in powers.items() if b is not s], s.shape)
    (t,) = s.args
    for k in range(1, q + 1):
        if exponent is scale(-k, t):
            return bag([*rest, (make("sigmoid", neg(t)), k), (s, q - k)])
    return None


def _over_exponential(total: Expr, q: int | Fraction, powers: list[Power], shape: Shape) -> Expr:
    """A bag times exp(total)^q, the exponentials together; also in the terms of a sum of exponentials."""
    for top, p in powers:
        if top.op.name == "lin" and p == 1 and all("exp" in {b.op.name for b, _ in _powers(t)} for t in top.args):
            others = [(b, r) for b, r in powers if b is not top]
            terms = [(c, _over_exponential(total, q, [*others, (t, 1)], shape)) for c, t in terms_of(top)]
            return linear(terms, shape)
    rest, exponent = _exponentials_apart(powers, shape)
    return bag([*rest, (make("exp", linear([(1, exponent), (q, total)], shape)), 1)])


def _over_sum(below: Exponentials, q: int, powers: list[Power], shape: Shape) -> Expr | None:
    """A bag over (a exp(u) + b exp(v))^q, where its exponentials match; also term by term."""
    rest, exponent = _exponentials_apart(powers, shape)
    found = below.under(exponent, q)
    if found is not None:
        return bag([*rest, (found, 1)])
    for top, p in powers:
        if top.op.name == "lin" and len(top.args) > 1 and p == 1:
            others = [(b, r) for b, r in powers if b is not top]
            terms = [(c, _over_sum(below, q, [*others, (t, 1)], shape)) for c, t in terms_of(top)]
            if all(t is not None for _, t in terms):
                return linear([(c, t) for c, t in terms if t is not None], shape)
    return None


def _weighted(e: Expr) -> Expr | None:
    """(exp(a) x + exp(b) y)/(exp a + exp b), with scalars a and b, weight by weight."""
    s, a = e.args
    if s.op.name != "had" or a.op.name != "lin" or not any(map(exponentials, s.args)):
        return None
    terms = [(c, scaled(s, t)) for c, t in terms_of(a)]
    weights = [_quotient(t.args[0]) if t.op.name == "scal" and t.args[0].op.name == "had" else None for _, t in terms]
    if any(w is None for w in weights):
        return None
    return linear([(c, scaled(w, t.args[1])) for (c, t), w in zip(terms, weights, strict=True) if w], e.shape)


def _merged(e: Expr) -> Expr | None:
    """exp(s) A exp(x), with a scalar s, as A exp(x + s 1), also term by term: one of the two may overflow."""
    s, a = e.args
    rest, exponent = _exponentials_apart(_powers(s), SCALAR)
    if exponent.op.name == "zeros":
        return None
    together = _with_exponent(a, exponent)
    return scaled(bag(rest), together) if together is not None else None


def _with_exponent(a: Expr, s: Expr) -> Expr | None:
    """exp(s) a, where that goes into an exponential in (every term of) a."""
    if a.op.name == "exp":
        return make("exp", linear([(1, a.args[0]), (1, scaled(s, ones(a.shape)))], a.shape))
    if a.op.name == "chain":
        for i, f in enumerate(a.args):
            if (found := _with_exponent(f, s)) is not None:
                return mul(*a.args[:i], found, *a.args[i + 1:])
    if a.op.name == "scal":
        rest, exponent = _exponentials_apart(_powers(a.args[0]), SCALAR)
        if exponent.op.name != "zeros":
            return scaled(bag([*rest, (make("exp", exponent + s), 1)]), a.args[1])
        inside = _with_exponent(a.args[1], s)
        return scaled(a.args[0], inside) if inside is not None else None
    if a.op.name == "lin":
        terms = [(c, _with_exponent(t, s)) for c, t in terms_of(a)]
        return None if any(t is None for _, t in terms) else linear([(c, t) for c, t in terms if t], a.shape)
    return None


def _scaled_rows(e: Expr) -> Expr | None:
    """Diag(exp(u)) exp(X) is exp(X + u1ᵀ): one of the two may overflow."""
    for i, (a, b) in enumerate(pairwise(e.args)):
        d, f = (a, b) if a.op.name == "Diag" else (b, a)
        if d.op.name == "Diag" and d.args[0].op.name == f.op.name == "exp":
            u = d.args[0].args[0]
            in_place = mul(u, T(ones((f.shape[1], ONE)))) if d is a else mul(ones((f.shape[0], ONE)), T(u))
            return mul(*e.args[:i], make("exp", add(f.args[0], in_place)), *e.args[i + 2 :])
    return None


def _powers(e: Expr) -> list[Power]:
    return list(zip(e.args, e.attrs, strict=True)) if e.op.name == "had" else [(e, 1)]


def _hyperbolic(e: Expr) -> Expr | None:
    """sinh(x)ᵖ cosh(x)⁻ᑫ is tanh(x)ᵖ cosh(x)ᵖ⁻ᑫ."""
    powers = dict(zip(e.args, e.attrs, strict=True))
    for base, p in powers.items():
        if base.op.name == "sinh" and p.denominator == 1:
            below = make("cosh", base.args[0])
            if 0 < p <= -powers.get(below, 0):
                rest = [(b, q) for b, q in powers.items() if b not in (base, below)]
                return bag([*rest, (make("tanh", base.args[0]), p), (below, powers[below] + p)])
    return None


def _product(e: Expr) -> Expr | None:
    """A:B or xᵀy as the sum of A∘B, where that is better."""
    if not e.is_scalar or len(e.args) > 2:
        return None
    a, b = e.args
    together = hadamard(a if a.shape == b.shape else T(a), b)
    if together.op.name != "had":
        return None
    better = _hyperbolic(together) or _quotient(together)
    return make("sum", better) if better is not None else None


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
    """exp(x) − 1, √(1 + t) − 1, 1 − cos(x) lose digits near 0, 1 − Φ(x) in the tail."""
    if len(e.args) != 2:
        return None
    for (k, one), (c, t) in (terms_of(e), terms_of(e)[::-1]):
        if is_one(one) and k == -c:
            if t.op.name == "exp":
                return scale(c, make("expm1", t.args[0]))
            if t.op.name == "cos":
                return scale(2 * k, power(make("sin", scale(Fraction(1, 2), t.args[0])), 2))
            if t.op.name == "normcdf":
                return scale(k, make("normcdf", neg(t.args[0])))
            if t.op.name == "had" and t.attrs == (Fraction(1, 2),) and (x := _one_plus(t.args[0])) is not None:
                return scale(c, hadamard(x, reciprocal(t + one)))
    return None


# ── quotients by sums of exponentials ─────────────────────────────────────────────────────────────────────────────
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


def _order(t: Expr, s: Expr) -> int | Fraction:
    """The exponent of the scalar s in a product."""
    scalars = t.args[0] if t.op.name == "scal" else t
    return dict(_powers(scalars)).get(s, 0) if scalars.is_scalar else 0


def _cancelled(x: Expr, s: Expr) -> Expr:
    """log(s q) as log s + log q; s⁻¹(s a + s b) as a + b; a/s + b/s as (a + b)/s."""
    if x.op.name == "lin" and len(x.args) > 1 and len(shared := {_order(t, s) for t in x.args}) == 1:
        (q,) = shared
        over = power(s, -q)
        return scaled(power(s, q), linear([(c, scaled(over, t)) for c, t in terms_of(x)], x.shape)) if q else x
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
    "had": (_hyperbolic, _quotient, _tail, vanishing),
    "frob": (_product,),
    "chain": (_product, _scaled_rows),
    "scal": (_scaled, _weighted, _merged),
    "lin": (_difference,),
}
