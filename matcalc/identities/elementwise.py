"""Elementwise functions, softmax and logsumexp: definitions recognised, and products that collapse."""

from __future__ import annotations

from fractions import Fraction

from matcalc.core.algebra import UNITY, neg, ones, power, scaled, sub
from matcalc.core.dims import ONE
from matcalc.core.tree import make
from matcalc.identities.registry import identity, metavariable

A = metavariable("A", "m,n")
s = metavariable("s", "1,1")
x = metavariable("x", "n,1")
J = ones(A.shape)
U = ones(s.shape)
STABLE = "written so that nothing overflows"

identity(
    "log/of-det",
    make("log", make("det", metavariable("S", "n,n"))),
    make("logdet", metavariable("S", "n,n")),
    use="read",
    says="log det X is log|det X|",
    given="det S > 0",
)
identity(
    "logsumexp/definition", make("log", make("sum", make("exp", x))), make("logsumexp", x), use="read", says=STABLE
)
identity(
    "softmax/definition",
    scaled(power(make("sum", make("exp", x)), -1), make("exp", x)),
    make("softmax", x),
    use="read",
    says=STABLE,
)
identity(
    "log/of-softmax",
    make("log", make("softmax", x)),
    sub(x, scaled(make("logsumexp", x), ones(x.shape))),
    use="read",
    says="log softmax(x) = x − logsumexp(x)1",
)
S = metavariable("S", "n,n")
identity(
    "log/of-diagonal-of-softmax",
    make("log", make("diag", make("softmax_rows", S))),
    sub(make("diag", S), make("logsumexp_rows", S)),
    use="read",
    says="log softmax(x) = x − logsumexp(x)1 in every row",
)
identity(
    "softmax/adds-up",
    make("sum", make("softmax", x)),
    UNITY,
    use="read shorten",
    says="the entries of softmax add up to 1",
)
identity(
    "softmax/times-ones",
    ones((ONE, x.shape[0])) @ make("softmax", x),
    UNITY,
    use="read shorten",
    says="the entries of softmax add up to 1",
)
identity(
    "softmax/times-ones-from-the-right",
    make("softmax", x).T @ ones(x.shape),
    UNITY,
    use="read shorten",
    says="the entries of softmax add up to 1",
)
identity(
    "softmax/row-sums",
    make("softmax_rows", A) @ ones((A.shape[1], ONE)),
    ones((A.shape[0], ONE)),
    use="read shorten",
    says="the rows of softmax_rows add up to 1",
)
identity(
    "softmax/column-sums",
    ones((ONE, A.shape[0])) @ make("softmax_cols", A),
    ones((ONE, A.shape[1])),
    use="read shorten",
    says="the columns of softmax_cols add up to 1",
)
identity("softplus/definition", make("log", J + make("exp", A)), make("softplus", A), use="read", says=STABLE)
identity("softplus/by-log1p", make("log1p", make("exp", A)), make("softplus", A), use="read", says=STABLE)
identity("softplus/definition-scalar", make("log", U + make("exp", s)), make("softplus", s), use="read", says=STABLE)
identity("sigmoid/definition", power(J + make("exp", neg(A)), -1), make("sigmoid", A), use="read", says=STABLE)
identity("sigmoid/definition-scalar", power(U + make("exp", neg(s)), -1), make("sigmoid", s), use="read", says=STABLE)
identity("log/of-sigmoid", make("log", make("sigmoid", A)), neg(make("softplus", neg(A))), use="read", says=STABLE)
identity(
    "log/of-sigmoid-complement",
    make("log", sub(J, make("sigmoid", A))),
    neg(make("softplus", A)),
    use="read",
    says="1 − σ(x) = σ(−x), written so that its logarithm is exact where σ(x) is 1",
)
identity(
    "softplus/of-both-signs",
    make("relu", A) + make("softplus", neg(make("abs", A))),
    make("softplus", A),
    use="read",
    says="max(x, 0) + log(1 + exp(−|x|)) = log(1 + eˣ)",
)
identity(
    "relu/odd-part", sub(make("relu", A), make("relu", neg(A))), A, use="shorten", says="max(x, 0) − max(−x, 0) = x"
)
identity(
    "softplus/odd-part",
    sub(make("softplus", A), make("softplus", neg(A))),
    A,
    use="shorten",
    says="log(1 + eˣ) − log(1 + e⁻ˣ) = x",
)
identity(
    "sigmoid/times-exp",
    make("sigmoid", A) * make("exp", neg(A)),
    make("sigmoid", neg(A)),
    use="shorten",
    says="σ(x)exp(−x) = σ(−x)",
)
identity(
    "sigmoid/complement", sub(J, make("sigmoid", A)), make("sigmoid", neg(A)), use="shorten", says="1 − σ(x) = σ(−x)"
)
identity(
    "log/of-exp-plus-one",
    make("exp", A) * power(J + make("exp", A), -1),
    make("sigmoid", A),
    use="shorten",
    says="exp(x)/(1 + exp(x)) = σ(x)",
)
identity(
    "tanh/as-quotient",
    make("sinh", A) * power(make("cosh", A), -1),
    make("tanh", A),
    use="read shorten",
    says="sinh/cosh = tanh",
)
identity(
    "tan/as-quotient", make("sin", A) * power(make("cos", A), -1), make("tan", A), use="shorten", says="sin/cos = tan"
)
identity(
    "relu/times-step",
    make("relu", A) * make("step", A),
    make("relu", A),
    use="shorten",
    says="relu(x) is 0 where step(x) is",
)
identity(
    "sign/squared-over-root",  # sign² alone is not 1: it is 0 at the zeros that a structure puts into A
    power(make("sign", A), 2) * power(make("abs", A), Fraction(-1, 2)),
    power(make("abs", A), Fraction(-1, 2)),
    use="shorten",
    says="sign(x) is ±1 where 1/√|x| is a number",
)
identity("step/squared", power(make("step", A), 2), make("step", A), use="shorten", says="step is 0 or 1")
identity("step/times-argument", A * make("step", A), make("relu", A), use="shorten", says="x step(x) = relu(x)")
identity("sign/times-abs", make("sign", A) * make("abs", A), A, use="shorten", says="sign(x)|x| = x")
identity("sign/times-argument", A * make("sign", A), make("abs", A), use="shorten", says="x sign(x) = |x|")
identity(
    "sign/over-abs", make("sign", A) * power(make("abs", A), -1), power(A, -1), use="shorten", says="sign(x)/|x| = 1/x"
)
identity(
    "power/over-base",
    make("exp", scaled(s, make("log", A))) * power(A, -1),
    make("exp", scaled(sub(s, U), make("log", A))),
    use="shorten",
    says="aᵇ/a = aᵇ⁻¹",
    given="A > 0",
)
identity(
    "abs/as-root", power(power(A, 2), Fraction(1, 2)), make("abs", A), use="read shorten", says="√(x²) = |x|"
)
identity(
    "abs/as-root-below",
    power(power(A, 2), Fraction(-1, 2)),
    power(make("abs", A), -1),
    use="read shorten",
    says="1/√(x²) = 1/|x|",
)
