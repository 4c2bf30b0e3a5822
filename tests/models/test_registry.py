import hashlib
import io
import json
import zipfile
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy.stats import norm
from sklearn.linear_model import LinearRegression

from geo.covariates import SOURCES as COVARIATE_SOURCES
from geo.effort import SOURCES as EFFORT_SOURCES
from geo.errors import ModelError
from models.model_card import ModelCard, describe
from models.registry import CARD, IN_USE, MODEL, Registry, write_model
from models.risk import RiskModel
from models.risk_priors import Priors
from tests.models.test_risk import checkerboard, simulate

NAME = "20180101T000000000-abcdef01"


class Bomb:
    """A type that a model's file has no business with."""

    def __init__(self):
        self.harmless = True


@pytest.fixture(scope="module")
def fitted():
    panel, _ = simulate(side=3)
    return RiskModel(effort=["effort"], covariates=["east"], draws=30).fit(panel, checkerboard(3))


def about(**changes):
    return {
        "model_id": NAME, "made_at": "2018-01-01T00:00:00+00:00", "program": {"diemnong": "0"}, "sha256": "0" * 64,
        "data_kind": "simulated", "inputs": [], "period": ("2013-01-01", "2017-12-31"), "vintage": "2025-07-01",
        "events": {"cases": 3, "absences": 4},
    } | changes  # fmt: skip


def card_of(model, **changes):
    effort = pd.DataFrame([("effort", "h", "outreach", 3, "2017-01", None), ("other", "", "", 0, None, None)],
                          columns=list(EFFORT_SOURCES))  # fmt: skip
    east = ("east", "fact", pd.NA, "made up", pd.NA, "simulated", 0)
    return describe(model, about(**changes), effort, pd.DataFrame([east], columns=list(COVARIATE_SOURCES)))


@pytest.fixture
def registry(tmp_path, fitted):
    (tmp_path / NAME).mkdir()
    digest = write_model(tmp_path / NAME / MODEL, fitted)
    (tmp_path / NAME / CARD).write_text(card_of(fitted, sha256=digest).to_json(), encoding="utf-8")
    return Registry(tmp_path)


def forge(registry, data):
    """Put other bytes in the model's place, with a card that vouches for them."""
    folder = registry.folder / NAME
    (folder / MODEL).write_bytes(data)
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    card["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")


def test_a_stored_model_predicts_the_same_bytes(registry, fitted):
    pd.testing.assert_frame_equal(registry.load(NAME).predict(), fitted.predict(), check_exact=True)
    assert registry.names() == [NAME]


def test_a_model_file_names_no_type_but_plain_ones(registry):
    assert skops.io.get_untrusted_types(file=registry.folder / NAME / MODEL) == []


def test_the_card_comes_back_and_holds_every_prior(registry, fitted):
    card = registry.card(NAME)
    assert card == card_of(fitted, sha256=card.sha256)
    assert card.priors == asdict(Priors())
    assert [row["name"] for row in card.effort] == ["effort"]
    assert card.covariates[0]["unit"] is None
    assert card.limits[0].startswith("It was trained on simulated data")
    assert len(card.noticing) == 2


def test_a_torn_file_is_refused(registry):
    file = registry.folder / NAME / MODEL
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ModelError, match="is torn or was changed"):
        registry.load(NAME)


def test_a_changed_file_is_refused(registry):
    file = registry.folder / NAME / MODEL
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(ModelError, match="is torn or was changed"):
        registry.load(NAME)


def test_a_file_of_other_types_is_refused_though_its_card_vouches_for_it(registry):
    forge(registry, skops.io.dumps({"version": 1, "parameters": Bomb()}))
    with pytest.raises(ModelError, match=r"also names .*Bomb and is not opened"):
        registry.load(NAME)
    forge(registry, skops.io.dumps(pd.Series([1, 2])))
    with pytest.raises(ModelError, match="pandas"):
        registry.load(NAME)


@pytest.mark.parametrize("strange", [LinearRegression(), np.add, np.int64(3), norm, (1, 2), {1},
                                     np.random.default_rng(1), int, len, slice(3)],
                         ids=lambda one: type(one).__name__)  # fmt: skip
def test_types_that_skops_trusts_are_not_built_either(registry, monkeypatch, strange):
    """The whitelist is ours: an estimator is no part of a model, however harmless it is known to be."""
    forge(registry, skops.io.dumps({"version": 1, "parameters": strange}))
    monkeypatch.setattr(skops.io, "loads", lambda *_, **__: pytest.fail("it was built"))
    with pytest.raises(ModelError, match="is not opened"):
        registry.load(NAME)


def test_skops_alone_would_build_an_estimator(registry):
    assert skops.io.get_untrusted_types(data=skops.io.dumps(LinearRegression())) == []


@pytest.mark.parametrize("members", [{"a.npy": bytes(2**25)}, {str(n): b"" for n in range(1001)}, {"a/" * 33: b""}])
def test_a_file_that_unpacks_to_too_much_is_refused(registry, members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    forge(registry, stream.getvalue())
    with pytest.raises(ModelError, match=r"A model's file is not opened: it (holds|would)"):
        registry.load(NAME)


@pytest.mark.parametrize("content", [b"not a zip file", skops.io.dumps([1, 2]), skops.io.dumps({"version": 1}),
                                     skops.io.dumps(np.zeros(3))], ids=["junk", "list", "empty", "array"])  # fmt: skip
def test_a_file_of_something_else_is_refused(registry, content):
    forge(registry, content)
    with pytest.raises(ModelError, match="does not hold a model of this program"):
        registry.load(NAME)


def test_a_damaged_card_is_refused(registry):
    card = registry.folder / NAME / CARD
    card.write_text(card.read_text(encoding="utf-8")[:-50], encoding="utf-8")
    with pytest.raises(ModelError, match=f"The card of the model {NAME} is damaged"):
        registry.load(NAME)
    card.write_text(json.dumps({"model_id": NAME}), encoding="utf-8")
    with pytest.raises(ModelError, match="is damaged"):
        registry.card(NAME)


def test_a_model_that_is_not_there_is_told_from_those_that_are(registry, tmp_path):
    with pytest.raises(ModelError, match=f"There is no model nothing; there are: {NAME}"):
        registry.load("nothing")
    with pytest.raises(ModelError, match="there are: –"):
        Registry(tmp_path / "nowhere").card(NAME)


def test_which_model_is_in_use(registry):
    assert registry.in_use() is None
    (registry.folder / IN_USE).write_text(json.dumps({"model": NAME}), encoding="utf-8")
    assert registry.in_use() == NAME
    (registry.folder / IN_USE).write_text('{"model": "other"}', encoding="utf-8")
    with pytest.raises(ModelError, match="There is no model other"):
        registry.in_use()
    (registry.folder / IN_USE).write_text('{"mod', encoding="utf-8")
    with pytest.raises(ModelError, match=r"in_use\.json is damaged"):
        registry.in_use()


def test_unknown_fields_of_a_card_are_refused(fitted):
    with pytest.raises(ValueError, match="extra"):
        ModelCard.model_validate(card_of(fitted).model_dump() | {"extra": 1})
