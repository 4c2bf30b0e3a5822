"""A model's card in words: what `maps.model_card` is given to write."""

from collections.abc import Iterator, Sequence

import pandas as pd

from geo.errors import Message
from geo.intake.rules import in_words
from maps.model_card import render_card
from models.model_card import NOT_FOR, ModelCard, limits
from models.risk_words import COVARIATES, STREAMS, called, noticing_words
from workflow.judging import judgement_words, kind_words


def card_in_words(card: ModelCard, compared: Sequence[Message] = (), promotions: Sequence[Message] = ()) -> str:
    """Return a card as Markdown in both languages.

    Parameters
    ----------
    card
        The card.
    compared
        How the model compared with the one that was in use before it.
    promotions
        When it came into use.
    """
    judged = card.judgement
    said = {
        "given": list(_given(card)),
        "scores": judgement_words(judged),
        "kinds": list(kind_words(pd.DataFrame(judged.kinds))) if judged else [],
        "noticing": noticing_words(pd.DataFrame(card.noticing)),
        "promotions": [
            *(promotions or [Message("A candidate: no run uses it before it is promoted")]),
            *(compared or [Message("Not compared with another model yet")]),
        ],
        "limits": limits(card.flags, card.data_kind),
        "not_for": NOT_FOR,
    }
    return render_card(card.model_dump(mode="json"), said)


def _given(card: ModelCard) -> Iterator[Message]:
    for name, n in card.events.items():
        yield Message("{stream}: {n} counted", {"stream": STREAMS.get(name, name), "n": n})
    for row in card.effort:
        values = {"effort": called(row["name"]), "n": row["rows"], "table": in_words(row["source"])}
        if row["first"] is None:
            yield Message("{effort}: {n} rows of {table}", values)
        else:
            months = {name: pd.Period(row[name], "M") for name in ("first", "last")}
            yield Message("{effort}: {n} rows of {table}, {first} to {last}", {**values, **months})
    for row in card.covariates:
        source = Message("the layers of communes, border and crossings") if row["name"] in COVARIATES else row["source"]
        yield Message(
            "{covariate}: from {source} ({data_kind})",
            {"covariate": called(row["name"]), "source": source, "data_kind": in_words(row["data_kind"])},
        )
    for file in card.inputs:
        yield Message("{file}: SHA-256 `{sha256}`", {"file": file["file"], "sha256": file["sha256"]})
