"""What outreach is taken to prevent: the law of the response to sessions, and how it fades."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import PlanError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Response:
    """The share of a commune's expected events that sessions prevent: ceiling · (1 − exp(−e / scale)).

    e are the sessions per 1,000 persons at risk that are still remembered, in the state that a rhythm of sessions
    settles into: n sessions in T months, each fading with the half-life h, keep n / T · 1 / (1 − 2^(−1/h)) in mind. The
    law is concave, so that each further session in a commune prevents less than the one before.

    None of the three numbers was measured: no evaluation of sessions against trafficking that would give them was
    found. They are assumptions to be replaced (see `docs/methods.md`). The ceiling scales all gains alike, and moves no
    session.

    Attributes
    ----------
    scale
        Sessions in mind per 1,000 persons at which 63 % of the ceiling is reached. At 2, the whole programme of 505
        sessions a year for some 400,000 women and children is in the middle of the curve.
    half_life_months
        After so long half of what a session taught is forgotten; that of the simulated province (`models.reporting`).
    ceiling
        Share of the events that outreach could prevent at most.
    """

    scale: float = 2.0
    half_life_months: float = 6.0
    ceiling: float = 0.3

    def __post_init__(self) -> None:
        if not (0 < self.scale < np.inf and 0 < self.half_life_months < np.inf and 0 < self.ceiling <= 1):
            raise PlanError(
                "The response to outreach needs a scale and a half-life above 0, and a ceiling above 0 and at most 1; "
                "got {scale}, {half_life} and {ceiling}",
                scale=self.scale,
                half_life=self.half_life_months,
                ceiling=self.ceiling,
            )

    def per_session(self, people: Floats, months: int) -> Floats:
        """Return what one session in ``months`` adds to e / scale, shape of ``people``.

        >>> round(float(Response().per_session(np.array([5000.0]), 12)[0]), 4)
        0.0764
        """
        remembered = 1 / (1 - 0.5 ** (1 / self.half_life_months))
        added: Floats = 1000 / people * remembered / months / self.scale
        return added

    def left_by(self, in_mind: Floats, months: int) -> Floats:
        """Return the part of what is preventable that earlier sessions leave to be prevented.

        Parameters
        ----------
        in_mind
            Earlier sessions per 1,000 persons that are still remembered when the plan begins, faded to that day.
        months
            Length of the plan; they fade further within it, and their mean is taken.
        """
        kept = np.mean(0.5 ** ((np.arange(months) + 0.5) / self.half_life_months))
        left: Floats = np.exp(-in_mind * kept / self.scale)
        return left
