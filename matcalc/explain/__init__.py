"""Derivations to read, and the documentation's lists of operators and identities, written from the tables."""
