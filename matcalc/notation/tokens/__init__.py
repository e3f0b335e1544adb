"""A text cut into tokens: everything that depends on what stands beside it is settled here."""
