"""A model's card as Markdown, in both languages."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from geo.errors import Message
from maps.text import LANGUAGES, number, translate


def render_card(card: Mapping[str, Any], said: Mapping[str, Sequence[Message]]) -> str:
    """Return a card as Markdown, Vietnamese first.

    Parameters
    ----------
    card
        The plain values of a `models.model_card.ModelCard`.
    said
        What is said in words: ``noticing``, ``scores``, ``promotions``, ``limits``, ``not_for``.
    """
    return "\n---\n\n".join(_in_language(card, said, lang) for lang in LANGUAGES)


def _in_language(card: Mapping[str, Any], said: Mapping[str, Sequence[Message]], lang: str) -> str:
    def words(message: Message) -> str:
        return translate(message, lang)

    def heading(message: Message) -> list[str]:
        return ["", f"## {words(message)}", ""]

    def listed(key: str) -> list[str]:
        return [f"- {words(message)}" for message in said[key]] or ["–"]

    title = Message("Risk model {name}", {"name": card["model_id"]})
    simulated = Message("SIMULATED DATA: nothing in these records happened")
    lines = [f"# {words(title)}", ""]
    if card["data_kind"] == "simulated":
        lines += [f"**{words(simulated)}**", ""]
    lines += [f"**{words(Message('COMMAND LEVEL: not to leave the command'))}**", ""]
    start, end = map(dt.date.fromisoformat, card["period"])
    values = {"start": start, "end": end, "units": card["units"], "vintage": card["vintage"]}
    lines.append(
        words(Message("Trained on records from {start} to {end}, {units} communes as since {vintage}.", values))
    )
    lines += heading(Message("What it was given"))
    lines += [f"- {words(Message(name))}: {number(count, lang)}" for name, count in card["events"].items()]
    lines += [
        f"- {row['name']}: {row['unit']}, {row['source']} ({number(row['rows'], lang)})" for row in card["effort"]
    ]
    lines += [
        f"- {row['name']}: {row['unit'] or ''}, {row['source']} ({row['data_kind']})" for row in card["covariates"]
    ]
    lines += [f"- {row['file']} ({row['table']}): SHA-256 `{row['sha256']}`" for row in card["inputs"]]
    lines += [*heading(Message("What was learned of noticing")), *listed("noticing")]
    lines += [*heading(Message("How well it foretells")), *listed("scores")]
    lines += [*heading(Message("When it came into use")), *listed("promotions")]
    lines += [*heading(Message("Its limits")), *listed("limits")]
    lines += [*heading(Message("What it must not be used for")), *listed("not_for")]
    for title, key in (
        (Message("Specification"), "parameters"),
        (Message("Priors"), "priors"),
        (Message("Hyperparameters"), "hyper"),
    ):
        lines += [*heading(title), "| | |", "|---|---|"]
        lines += [f"| {name} | {_cell(value, lang)} |" for name, value in card[key].items()]
    programs = ", ".join(f"{name} {version}" for name, version in card["program"].items())
    lines += ["", f"{card['made_at']}; {programs}; SHA-256 `{card['sha256']}`", ""]
    return "\n".join(lines)


def _cell(value: Any, lang: str) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(one, lang) for one in value)
    return number(value, lang) if isinstance(value, float) else str(value)
