import numba
import numpy as np
import pytest
from scipy import stats

from models import likelihood
from models.likelihood import Rows, information, log_likelihood

STREAMS, UNITS, PERIODS, EFFORTS, COVARIATES, FUNCTIONS = 2, 5, 4, 2, 2, 3
LOADINGS = np.array([1.0, 0.7])


@pytest.fixture
def rows():
    rng = np.random.default_rng(3)
    counts = rng.poisson(3.0, (STREAMS, UNITS, PERIODS)).astype(float)
    counts[0, 1, 2] = counts[1, 4, :] = -1  # not known
    log_exposure = np.log(rng.uniform(1, 5, (UNITS, PERIODS)))
    log_exposure[3, 1] = -np.inf  # nobody at risk
    effort = rng.gamma(2.0, 0.5, (EFFORTS, UNITS, PERIODS))
    return Rows(
        counts, log_exposure, effort, rng.normal(size=(UNITS, COVARIATES)), rng.normal(size=(PERIODS, FUNCTIONS))
    )


def point(rows):
    rng = np.random.default_rng(4)
    return rng.normal(0, 0.5, rows.layout.noticing.stop), rng.normal(0, 0.7, UNITS)


def means(rows, b, u):
    """Write the means down one by one."""
    layout, result = rows.layout, np.full(rows.counts.shape, np.nan)
    for k in range(STREAMS):
        part = b[layout.noticing].reshape(STREAMS, -1)[k] if layout.efforts else None
        for i in range(UNITS):
            for t in range(PERIODS):
                eta = b[k] + rows.covariates[i] @ b[layout.slopes] + rows.time[t] @ b[layout.time] + LOADINGS[k] * u[i]
                p = 1.0
                if layout.efforts:
                    weights = np.exp([0.0, *part[1:]])
                    p = 1 - np.exp(-np.exp(part[0]) * (weights / weights.sum()) @ [1.0, *rows.effort[:, i, t]])
                result[k, i, t] = np.exp(rows.log_exposure[i, t] + eta) * p
    return result


def log_probability(rows, b, u, size):
    mean = means(rows, b, u)
    known = (rows.counts >= 0) & np.isfinite(rows.log_exposure)
    y, mu = rows.counts[known], mean[known]
    log_p = stats.nbinom.logpmf(y, size, size / (size + mu)) if size else stats.poisson.logpmf(y, mu)
    constant = -stats.poisson.logpmf(y, 1.0).sum() - y.size  # Σ log y!
    return log_p.sum() + constant


@pytest.mark.parametrize("size", [0.0, 1.7])
@pytest.mark.parametrize("efforts", [0, EFFORTS])
def test_the_value_is_the_log_probability_of_the_counts(rows, size, efforts):
    rows = rows._replace(effort=rows.effort[:efforts])
    b, u = point(rows)
    expected = log_probability(rows, b, u, size)
    assert log_likelihood(rows, b, u, LOADINGS, size) == pytest.approx(expected, rel=1e-12)
    assert information(rows, b, u, LOADINGS, size).value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [0.0, 1.7])
@pytest.mark.parametrize("efforts", [0, EFFORTS])
def test_the_gradient_is_that_of_differences(rows, size, efforts):
    rows = rows._replace(effort=rows.effort[:efforts])
    b, u = point(rows)
    found = information(rows, b, u, LOADINGS, size)
    h = 1e-5
    for vector, gradient in ((b, found.gradient), (u, found.unit_gradient)):
        for i in range(vector.size):
            kept = vector[i]
            vector[i] = kept + h
            ahead = log_likelihood(rows, b, u, LOADINGS, size)
            vector[i] = kept - h
            back = log_likelihood(rows, b, u, LOADINGS, size)
            vector[i] = kept
            assert gradient[i] == pytest.approx((ahead - back) / (2 * h), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("size", [0.0, 1.7])
def test_the_information_is_the_sum_of_weighted_products_of_derivatives(rows, size):
    b, u = point(rows)
    found = information(rows, b, u, LOADINGS, size)
    mean = means(rows, b, u)
    known = (rows.counts >= 0) & np.isfinite(rows.log_exposure)
    weight = np.where(known, mean / (1 + mean / size) if size else mean, 0.0)
    h, both = 1e-6, np.concatenate([b, u])
    slopes = []
    for i in range(both.size):
        step = np.zeros(both.size)
        step[i] = h
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead, back = (np.log(means(rows, *np.split(both + s * step, [b.size]))) for s in (1, -1))
            slope = (ahead - back) / (2 * h)  # where nobody is at risk: ∞ − ∞
        slopes.append(np.where(known, slope, 0.0).ravel())
    full = np.array(slopes) * weight.ravel() @ np.array(slopes).T
    q = b.size
    np.testing.assert_allclose(found.fisher, full[:q, :q], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(np.diag(found.unit_fisher), full[q:, q:], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found.cross, full[q:, :q], rtol=1e-6, atol=1e-7)


def test_bits_do_not_depend_on_the_number_of_threads(rows, monkeypatch):
    monkeypatch.setattr(likelihood, "MANY", 0)
    b, u = point(rows)
    before = numba.get_num_threads()
    try:
        found = []
        for threads in {1, before}:
            numba.set_num_threads(threads)
            found.append(information(rows, b, u, LOADINGS, 0.0))
        monkeypatch.undo()
        found.append(information(rows, b, u, LOADINGS, 0.0))
    finally:
        numba.set_num_threads(before)
    for more in found[1:]:
        for one, other in zip(found[0], more, strict=True):
            np.testing.assert_array_equal(one, other)
