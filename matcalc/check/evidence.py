"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The verdict of a check.

    `method` is "exact" (values modulo a prime), "50 digits", or "undecided"; `ok` is true only where values
    were compared and agree. `worst_error` is the largest relative difference met, `bound` says how far the
    verdict can be trusted, `why` what was found wrong, or why nothing could be decided.
    """

    ok: bool
    method: str
    trials: int = 0
    worst_error: float = 0.0
    bound: str = ""
    why: str = ""

    @property
    def decided(self) -> bool:
        """Whether values were compared at all."""
        return self.method != "undecided"

    def __str__(self) -> str:
        if self.ok:
            return f"checked ({self.method}, {self.trials} random points): {self.bound}"
        return self.why if self.decided else f"undecided: {self.why}"
