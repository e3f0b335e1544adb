"""Expressions to text: Unicode, plain ASCII and LaTeX from one engine over one table of precedence."""
