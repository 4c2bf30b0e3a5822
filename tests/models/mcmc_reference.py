"""Makes mcmc_reference.json: the posterior of a small simulated panel by NUTS, to hold Laplace's approximation against.

Run by hand with numpyro installed: ``python tests/models/mcmc_reference.py`` (some minutes). The model is written
down here once more, from the formulas of `models.likelihood`, `models.spatial` and `models.risk_priors`.
"""

import json
import platform
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pandas as pd
from numpyro.infer import MCMC, NUTS

from models.risk_rows import Names, learn_scales, read_rows
from models.spatial import graph_of

SIDE, QUARTERS = 6, 8
WARMUP, SAMPLES, CHAINS = 2000, 10_000, 2


def simulate() -> tuple[pd.DataFrame, np.ndarray]:
    """Return a simulated panel and its adjacency."""
    rng = np.random.default_rng(20)
    n = SIDE * SIDE
    line = np.eye(SIDE, k=1) + np.eye(SIDE, k=-1)
    neighbours = np.kron(line, np.eye(SIDE)) + np.kron(np.eye(SIDE), line)
    east = np.tile(np.linspace(-1, 1, SIDE), SIDE)
    north = np.repeat(np.linspace(-1, 1, SIDE), SIDE)
    rate = np.exp(0.5 * east + 0.7 * north + rng.normal(0, 0.4, n))
    effort = rng.gamma(2.0, 0.5, (n, 1)) * rng.gamma(8.0, 1 / 8, (n, QUARTERS))
    people = rng.integers(500, 4000, n)
    events = (rate * people / 1000 * 0.8)[:, None] * np.ones(QUARTERS)
    panel = pd.DataFrame(
        {
            "unit": np.repeat([f"{i:02d}" for i in range(n)], QUARTERS),
            "quarter": np.tile(pd.period_range("2020Q1", periods=QUARTERS, freq="Q").astype(str), n),
            "cases": rng.poisson(events * -np.expm1(-0.15 * (0.3 + 0.7 * effort))).ravel(),
            "absences": rng.poisson(events * -np.expm1(-0.5 * (0.5 + 0.5 * effort))).ravel(),
            "population": np.repeat(people, QUARTERS),
            "effort": effort.ravel().round(4),
            "east": np.repeat(east, QUARTERS).round(4),
        }
    )
    return panel, neighbours


def model(data, precision, root):
    """The model, as densities."""
    rows = data.rows
    streams, n, _ = rows.counts.shape
    sigma = numpyro.sample("sigma", dist.HalfNormal(1.0))
    phi = numpyro.sample("phi", dist.Uniform(0.02, 0.98))
    loading = numpyro.sample("log_loading", dist.Normal(0, 0.3))
    s = root @ numpyro.sample("z", dist.Normal(0, 1).expand([n]))
    u = sigma * (jnp.sqrt(phi) * s + jnp.sqrt(1 - phi) * numpyro.sample("v", dist.Normal(0, 1).expand([n])))
    level = np.log((rows.counts.sum(axis=(1, 2)) + 0.5) / data.exposure.sum() / -np.expm1(-0.3))
    alpha = numpyro.sample("alpha", dist.Normal(level, 2.0))
    beta = numpyro.sample("beta", dist.Normal(0, 0.5))
    zeta = numpyro.sample("zeta", dist.Normal(0, np.array([0.2, 0.5, 0.5])))
    strength = jnp.exp(numpyro.sample("log_c", dist.Normal(np.log(0.3), 0.8).expand([streams])))
    share = jax.nn.sigmoid(numpyro.sample("a", dist.Normal(0, 1.0).expand([streams])))
    fixed = rows.log_exposure + (rows.time @ zeta)[None] + (rows.covariates[:, 0] * beta)[:, None]
    total = 0.0
    for k, d in enumerate((1.0, jnp.exp(loading))):
        attention = strength[k] * (1 - share[k] + share[k] * rows.effort[0])
        log_mean = fixed + alpha[k] + d * u[:, None] + jnp.log(-jnp.expm1(-attention))
        numpyro.sample(f"y{k}", dist.Poisson(jnp.exp(log_mean)), obs=rows.counts[k])
        total = total + jnp.exp(alpha[k] + d * u) * -jnp.expm1(-strength[k])
    time = jnp.exp(rows.time @ zeta)
    at_risk = (data.exposure * time).sum(axis=1) / (data.years * len(data.periods))
    numpyro.deterministic("log_expected", jnp.log(at_risk * jnp.exp(rows.covariates[:, 0] * beta) * total))


def main() -> None:
    """Sample, and write the summary."""
    numpyro.set_host_device_count(CHAINS)
    jax.config.update("jax_enable_x64", True)
    panel, neighbours = simulate()
    table = panel.assign(quarter=pd.PeriodIndex(panel["quarter"], freq="Q"))
    names = Names(("cases", "absences"), "population", ("effort",), ("east",), "unit", "quarter")
    data = read_rows(table, names, learn_scales(table, names))
    precision = graph_of(neighbours, data.units).precision().toarray()
    root = np.linalg.inv(np.linalg.cholesky(precision)).T
    chain = MCMC(NUTS(model, target_accept_prob=0.95), num_warmup=WARMUP, num_samples=SAMPLES, num_chains=CHAINS)
    chain.run(jax.random.PRNGKey(0), data, precision, root)
    samples = chain.get_samples()
    log_expected = np.asarray(samples["log_expected"])
    by_chain = np.asarray(chain.get_samples(group_by_chain=True)["log_expected"])
    r_hat = float(numpyro.diagnostics.split_gelman_rubin(by_chain).max())
    q05, q95 = np.quantile(log_expected, [0.05, 0.95], axis=0)
    summary = {
        "made_by": f"numpyro {numpyro.__version__}, jax {jax.__version__}, Python {platform.python_version()}",
        "settings": f"NUTS, {CHAINS} chains, {WARMUP} + {SAMPLES} steps, acceptance 0.95, split R-hat ≤ {r_hat:.4f}",
        "data_kind": "simulated",
        "log_expected": {
            "mean": log_expected.mean(axis=0).round(4).tolist(),
            "sd": log_expected.std(axis=0).round(4).tolist(),
            "q05": q05.round(4).tolist(),
            "q95": q95.round(4).tolist(),
            "sigma": round(float(samples["sigma"].mean()), 4),
            "phi": round(float(samples["phi"].mean()), 4),
        },
        "neighbours": neighbours.astype(int).tolist(),
        "panel": panel.to_dict(orient="list"),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(summary, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
