"""A model's card as Markdown, in both languages: what it is for, and what must be known before it is believed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from geo.errors import Message
from maps.stamp import LEVELS
from maps.text import LANGUAGES, number, translate

PURPOSE = (
    Message(
        "It orders communes for prevention outreach, pilot sites and, through the flow over the border, border sectors "
        "for patrols. What is ordered are places, never persons."
    ),
    Message(
        "It suggests; a responsible person decides and writes down why. Overlapping intervals mean that the order is "
        "open; a planner who knows better moves a commune with diemnong override."
    ),
)
METHOD = Message(
    "A Bayesian model of counts by commune and month. Cases and suspected absences share one risk a commune, which is "
    "made of covariates, of what neighbouring communes have in common, and of the commune's own records; each stream "
    "is noticed as far as effort (sessions, mailboxes, clubs, patrols) and its memory reach. The ranking is what even "
    "effort would record in a year. Where there are few records, the neighbours and communes alike weigh more. It is "
    "fitted by a Laplace approximation; docs/methods.md has the equations."
)
JUDGED = Message(
    "Each number is of forecasts that saw nothing of the year they were judged by; intervals are of 90 %. The simple "
    "rankings beside it are what an office could make of the same records without a model."
)
WHO = Message(
    "Level: {level}. The file holds what it was trained on and stays with the command that holds the records."
)
EXPIRY = Message("Valid until {valid_until}. Then train it anew: diemnong train, diemnong promote.")
NO_EXPIRY = Message("It bears no expiry: it was trained by an earlier version. Train it anew: diemnong train.")
APPEAL = (
    Message(
        "An office or commune that finds its figures wrong sends the corrected rows: diemnong undo takes back the one "
        "intake, diemnong add takes the corrected file, and the next run ranks anew."
    ),
    Message(
        "The head of planning answers in writing within 15 days; until then a commune can be moved with diemnong "
        "override, with a reason and a last day that everybody sees. docs/responsible-use.md says more."
    ),
)


def render_card(card: Mapping[str, Any], said: Mapping[str, Sequence[Message]]) -> str:
    """Return a card as Markdown, Vietnamese first.

    Parameters
    ----------
    card
        The plain values of a `models.model_card.ModelCard`.
    said
        What is said in words: ``given``, ``scores``, ``kinds``, ``noticing``, ``promotions``, ``limits``, ``not_for``.
    """
    return "\n---\n\n".join(_in_language(card, said, lang) for lang in LANGUAGES)


def _in_language(card: Mapping[str, Any], said: Mapping[str, Sequence[Message]], lang: str) -> str:
    start, end, vintage = map(dt.date.fromisoformat, (*card["period"], card["vintage"]))
    values = {"start": start, "end": end, "units": card["units"], "vintage": vintage}
    trained = Message("Trained on records from {start} to {end}, {units} communes as since {vintage}.", values)
    untold = [Message("Not known: no year could be forecast")]
    sections: tuple[tuple[Message, Sequence[Message]], ...] = (
        (Message("What it is for"), PURPOSE),
        (Message("What it must not be used for"), said["not_for"]),
        (Message("Who may have it, and until when"), _terms(card)),
        (Message("What it was given"), (trained, *said["given"])),
        (Message("How it works"), (METHOD,)),
        (Message("Goals, and how well it foretells"), (JUDGED, *said["scores"])),
        (Message("Errors by kind of commune"), said["kinds"] or untold),
        (Message("What was learned of noticing"), said["noticing"]),
        (Message("Its limits"), said["limits"]),
        (Message("When it came into use"), said["promotions"]),
        (Message("Correction and appeal"), APPEAL),
    )
    lines = _head(card, lang)
    for title, messages in sections:
        lines += ["", f"## {translate(title, lang)}", ""]
        lines += [f"- {translate(message, lang)}" for message in messages] or ["–"]
    return "\n".join([*lines, *_numbers(card, lang)])


def _head(card: Mapping[str, Any], lang: str) -> list[str]:
    banners = [Message("COMMAND LEVEL: not to leave the command")]
    if card["data_kind"] == "simulated":
        banners.insert(0, Message("SIMULATED DATA: nothing in these records happened"))
    title = translate(Message("Risk model {name}", {"name": card["model_id"]}), lang)
    return [f"# {title}", *(part for banner in banners for part in ("", f"**{translate(banner, lang)}**"))]


def _terms(card: Mapping[str, Any]) -> tuple[Message, Message]:
    who = replace(WHO, values={"level": LEVELS[card["release_level"]]})
    if card["valid_until"] is None:
        return who, NO_EXPIRY
    return who, replace(EXPIRY, values={"valid_until": dt.date.fromisoformat(card["valid_until"])})


def _numbers(card: Mapping[str, Any], lang: str) -> list[str]:
    """Return what a specialist needs to make the model again."""
    lines: list[str] = []
    for title, key in (
        (Message("Specification"), "parameters"),
        (Message("Priors"), "priors"),
        (Message("Hyperparameters"), "hyper"),
    ):
        lines += ["", f"## {translate(title, lang)}", "", "| | |", "|---|---|"]
        lines += [f"| {name} | {_cell(value, lang)} |" for name, value in card[key].items()]
    programs = ", ".join(f"{name} {version}" for name, version in card["program"].items())
    return [*lines, "", f"{card['made_at']}; {programs}; SHA-256 `{card['sha256']}`", ""]


def _cell(value: Any, lang: str) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(one, lang) for one in value)
    return number(value, lang) if isinstance(value, float) else str(value)
