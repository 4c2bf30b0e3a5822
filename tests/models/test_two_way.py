import numpy as np
import pytest

from models.two_way import fit_ratio

COUNTS = np.array([[4, 2, 1, 0, 3], [6, 5, 2, 2, 1], [3, 4, 5, 1, 2], [8, 6, 7, 9, 3], [2, 0, 1, 1, 0]], dtype=float)
TREATED = np.arange(5) >= np.array([1, 2, 3, 4, 5])[:, None]


def test_ratio_interval_and_dispersion_are_those_of_r():
    # R 4.2.2: m <- glm(y ~ commune + period + d, family = poisson); exp(confint(m, "d", level = 0.9)) profiles.
    fitted = fit_ratio(COUNTS, TREATED)
    assert fitted.ratio == pytest.approx(0.32380937, rel=1e-5)
    assert (fitted.lower, fitted.upper) == pytest.approx((0.150664, 0.673586), rel=1e-3)
    assert fitted.dispersion == pytest.approx(0.5677278, rel=1e-5)


def test_a_commune_or_period_without_events_changes_nothing():
    padded = np.pad(COUNTS, ((0, 1), (0, 1)))
    treated = np.pad(TREATED, ((0, 1), (0, 1)))
    assert fit_ratio(padded, treated)[:4] == pytest.approx(fit_ratio(COUNTS, TREATED)[:4])


def test_no_event_where_treated_gives_a_ratio_of_zero_with_an_upper_bound():
    fitted = fit_ratio(np.where(TREATED, 0.0, COUNTS + 1), TREATED)
    assert (fitted.ratio, fitted.lower) == (0.0, 0.0)
    assert 0 < fitted.upper < 0.5


def test_counts_that_say_nothing_give_no_number():
    fitted = fit_ratio(np.array([[5.0, 3.0], [0.0, 0.0]]), np.array([[False, True], [False, False]]))
    assert np.isnan(fitted.ratio)
    assert (fitted.lower, fitted.upper) == (0.0, np.inf)


def test_counts_that_vary_more_than_poisson_ones_have_a_wider_interval():
    # Two tables in one have the same ratio and twice the information; unevenness takes some of it back.
    uneven = COUNTS * np.where(np.add.outer(np.arange(5), np.arange(5)) % 2, 6, 1)
    fitted = fit_ratio(uneven, TREATED)
    assert fitted.dispersion > 2
    narrow = fit_ratio(np.rint(fitted.without * np.where(TREATED, fitted.ratio, 1.0)), TREATED)
    assert np.log(fitted.upper / fitted.lower) > 1.3 * np.log(narrow.upper / narrow.lower)
