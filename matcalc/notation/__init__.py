"""Text ⇄ tree: names, the grammar, dimension inference, and the printers."""
