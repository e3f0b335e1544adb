"""Norms and extreme eigenvalues that are not built from other operators.

‖X‖ is (X:X)^½ and ‖X‖₁ the sum of absolute values; those need no row here.
"""

from __future__ import annotations

from matcalc.core.tree import define
from matcalc.ir.lowering import plain

define("norm_inf", "(m,n)->(1,1)", kind="nonlinear", spellings=(), says="the largest absolute value of an entry", exact=False,
       lower=plain("norm_inf"), value=lambda K, X: K.build(1, 1, lambda i, j: K.largest(X)))

define("norm_spectral", "(m,n)->(1,1)", kind="nonlinear", spellings=(), says="the largest singular value", exact=False,
       lower=plain("norm_spectral"), value=lambda K, X: K.build(1, 1, lambda i, j: K.singular_values(X)[0]))

define("norm_nuclear", "(m,n)->(1,1)", kind="nonlinear", spellings=(), says="the sum of the singular values", exact=False,
       lower=plain("norm_nuclear"), value=lambda K, X: K.build(1, 1, lambda i, j: K.sum(K.singular_values(X))))

define("eigmax", "(n,n)->(1,1)", kind="nonlinear", says="the largest eigenvalue of a symmetric matrix", exact=False,
       lower=plain("eigmax"), value=lambda K, X: K.build(1, 1, lambda i, j: K.eigenvalues(X)[-1]))

define("eigmin", "(n,n)->(1,1)", kind="nonlinear", says="the smallest eigenvalue of a symmetric matrix", exact=False,
       lower=plain("eigmin"), value=lambda K, X: K.build(1, 1, lambda i, j: K.eigenvalues(X)[0]))
