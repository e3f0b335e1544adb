"""Values: dimensions, facts, the expression tree and its four algebra nodes. Knows no operator."""
