"""Differential, gradient, Jacobian, Hessian and the derivation that a person would write."""
