"""Sums that remember what rounding took from them. Arrays only."""

from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def add(total: float, lost: float, term: float) -> tuple[float, float]:
    """Return a sum and its rounding error after one more term (Kahan, Communications of the ACM 8 (1965) 40)."""
    corrected = term - lost
    after = total + corrected
    return after, (after - total) - corrected
