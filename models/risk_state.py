"""A fitted risk model as plain values and arrays, and back: what a stored model holds.

Kept is what predicts: the draws, the scales, exposure, efforts and covariates. Not kept is what only the fit needed:
the factors of the posterior, and the counts by commune and month.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import ModelError
from models.draws_by_province import ByProvince, Part
from models.likelihood import Layout, Rows
from models.national_risk import NationalRiskModel
from models.risk import RiskModel
from models.risk_priors import Priors
from models.risk_rows import PanelRows, Scales
from models.risk_sample import Draws, Sample

VERSION = 1
"""Of the state's form."""

SAMPLE = ("coefficients", "u", "spatial", "loadings", "size")


def to_state(model: RiskModel) -> dict[str, Any]:
    """Return the state of a fitted model: dicts, lists, texts, numbers and arrays of numbers only."""
    data, scales = model._data, model._scales
    return {
        "version": VERSION,
        "parameters": plain_parameters(model),
        "units": data.units.tolist(),
        "periods": _labels(data.periods),
        "frequency": _frequency(data.periods),
        "years": float(data.years),
        "missing": data.missing.tolist(),
        "rows": {name: getattr(data.rows, name) for name in Rows._fields if name != "counts"},
        "scales": {
            "effort": dict(scales.effort),
            "covariates": {name: list(pair) for name, pair in scales.covariates.items()},
            "origin": _labels(pd.Index([scales.origin]))[0],
            "dropped": list(scales.dropped),
        },
        "sample": _draws_state(model._sample),
        "own_weight": model._own_weight,
        "band": model._band,
        "noticing": {name: column.tolist() for name, column in model.noticing_.items()},
        "hyper": dict(model.hyper_),
        "flags": list(model.flags_),
    }


def from_state(state: Mapping[str, Any]) -> RiskModel:
    """Return the model of a state; it predicts what the stored one did, to the bit.

    Raises
    ------
    ModelError
        If the state is of another form than this program writes.
    """
    if state.get("version") != VERSION:
        raise ModelError(
            "The stored model is of form {found}; this program reads form {known}: train it again",
            found=state.get("version"),
            known=VERSION,
        )
    model, scales = specification(state["parameters"]), state["scales"]
    frequency = state["frequency"]
    units = pd.Index(state["units"], name=model.unit)
    arrays = state["rows"]
    # Below zero: counts that are not known.
    unknown = np.full((len(model.counts), *arrays["log_exposure"].shape), -1.0)
    model._names = model._checked_names()
    model._scales = Scales(
        dict(scales["effort"]),
        {name: (pair[0], pair[1]) for name, pair in scales["covariates"].items()},
        _index([scales["origin"]], frequency)[0],
        tuple(scales["dropped"]),
    )
    model.units_ = units
    missing = units[units.isin(state["missing"])]
    model._data = PanelRows(
        Rows(unknown, **arrays), units, _index(state["periods"], frequency), state["years"], missing
    )
    model._sample = sample = _draws(state["sample"], model._data.rows.layout)
    model.draws_ = sample.expected(model._data)
    model._own_weight, model._band = state["own_weight"], state["band"]
    model.noticing_ = pd.DataFrame(state["noticing"])
    model.hyper_, model.flags_ = dict(state["hyper"]), tuple(state["flags"])
    return model


def plain_parameters(model: RiskModel) -> dict[str, Any]:
    """Return a model's parameters as plain values: lists, and the priors by name."""
    plain = {name: list(v) if isinstance(v, tuple) else v for name, v in model.get_params().items()}
    return plain | {"priors": asdict(model.priors)}


def specification(parameters: Mapping[str, Any]) -> RiskModel:
    """Return a model, not fitted, of plain parameters."""
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in parameters.items()}
    kind = NationalRiskModel if "province" in given else RiskModel
    return kind(**given | {"priors": Priors(**parameters["priors"])})


def _draws_state(draws: Draws) -> Any:
    """Return arrays by name; of many provinces, those of each with the places of its units."""
    if isinstance(draws, ByProvince):
        return [{"units": part.units.tolist(), "draws": _draws_state(part.draws)} for part in draws.parts]
    return {name: getattr(draws, name) for name in SAMPLE}


def _draws(state: Any, layout: Layout) -> Draws:
    if isinstance(state, list):
        return ByProvince([Part(np.array(part["units"]), _draws(part["draws"], layout)) for part in state])
    return Sample(layout, **state)


def _frequency(periods: pd.Index) -> str | None:
    return periods.freqstr if isinstance(periods, pd.PeriodIndex) else None


def _labels(periods: pd.Index) -> list[Any]:
    """Return periods as texts, numbers as numbers."""
    return [str(label) if isinstance(label, pd.Period) else float(label) for label in periods]


def _index(labels: list[Any], frequency: str | None) -> pd.Index:
    return pd.PeriodIndex(labels, freq=frequency) if frequency else pd.Index(labels)
