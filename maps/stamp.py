"""What every map bears beside its title: until when it holds, which model ranked, and who may have it."""

import datetime as dt
from dataclasses import replace

from geo.errors import Message
from maps.text import translate

VALID_DAYS = 180
"""How long a map holds where nobody said otherwise: half a year of new records, roads and rains."""

STAMP = Message("Valid until {valid_until}. Model: {model}. Level: {level}.")
DEFAULT_MODEL = Message("the default one, fitted to these records")
LEVELS = {
    "command": Message("command, restricted"),
    "planner": Message("planner, for office use"),
    "public": Message("public"),
}


def valid_until(made_on: str, valid_days: int) -> str:
    """Return the last day on which a map holds, ISO 8601.

    >>> valid_until("2017-12-31", 180)
    '2018-06-29'
    """
    return str(dt.date.fromisoformat(made_on) + dt.timedelta(days=valid_days))


NO_MODEL = Message("none: what was recorded")
AS_OF = Message("As of {day}.")


def dated_stamp(made_on: str, until: str, model: str | Message | None, level: str, lang: str) -> str:
    """Return the day that a map bears, and its stamp; see `stamp_line`."""
    day = replace(AS_OF, values={"day": dt.date.fromisoformat(made_on)})
    return f"{translate(day, lang)} {stamp_line(until, model, level, lang)}"


def stamp_line(until: str, model: str | Message | None, level: str, lang: str) -> str:
    """Return the stamp in words; without a model in use it is the default one.

    >>> stamp_line("2018-06-29", "20180102T080000-1a2b3c4d", "planner", "en")
    'Valid until 2018-06-29. Model: 20180102T080000-1a2b3c4d. Level: planner, for office use.'
    """
    values = {"valid_until": dt.date.fromisoformat(until), "model": model or DEFAULT_MODEL, "level": LEVELS[level]}
    return translate(replace(STAMP, values=values), lang)
