"""The engine: matching, the one place that makes a step, lifting at the input, shortening at the end."""
