"""What the report of a run is made of, beside the rankings themselves."""

from dataclasses import dataclass

import pandas as pd

from geo.errors import Message


@dataclass(frozen=True)
class Changes:
    """What is different from an earlier run.

    Attributes
    ----------
    run
        Name of the earlier run.
    made_on, period
        Its day, and the first and last day of records, ISO 8601.
    notes
        What was asked or given differently, and whether the ranks can be compared.
    moves
        A row for each commune of now: ``commune_code``, ``name``, ``rank``, ``rank_before``, ``expected``,
        ``expected_before`` (missing where it was not ranked) and ``reasons`` (tuples of Message): what became
        different in its own records. None if the ranks cannot be compared.
    """

    run: str
    made_on: str
    period: tuple[str, str]
    notes: tuple[Message, ...]
    moves: pd.DataFrame | None


@dataclass(frozen=True)
class Account:
    """What a run says of itself.

    Attributes
    ----------
    asked
        What the run depends on, in words, and its value.
    rows
        A row for each table of records: ``table``, ``rows``, ``counted`` (in the rankings), ``unplaced``, ``outside``
        (of the period), ``other`` (not counted by rule), ``simulated``, ``first`` and ``last`` month (ISO 8601 or
        None), ``months`` (of the period, with a record). Missing where it says nothing of a table.
    months
        Length of the period, months.
    efforts
        Each effort that was recorded: ``name``, ``rows``, ``first`` and ``last`` month (ISO 8601 or None).
    notes
        What must be known before the rankings are read.
    model
        Which model ranked, and what it learned of noticing.
    limits, not_for
        What it cannot tell, and what it must not be used for.
    changes
        Against the run before; None if there was none.
    """

    asked: tuple[tuple[Message, object], ...]
    rows: pd.DataFrame
    months: int
    efforts: pd.DataFrame
    notes: tuple[Message, ...]
    model: tuple[Message, ...]
    limits: tuple[Message, ...]
    not_for: tuple[Message, ...]
    changes: Changes | None = None


@dataclass(frozen=True)
class ReportContent:
    """What the report of a run shows.

    Attributes
    ----------
    outreach, patrol
        See `maps.outputs.RunContent`; their ``reasons`` are tuples of Message.
    account
        What the run says of itself.
    title, period, made_on, simulated, effort_known, lang
        See `maps.outputs.RunContent`.
    stamp
        Until when it holds, the model and the level, in words (`maps.stamp.stamp_line`).
    """

    outreach: pd.DataFrame
    patrol: pd.DataFrame
    account: Account
    title: str
    period: tuple[str, str]
    made_on: str
    simulated: bool
    effort_known: bool
    lang: str
    stamp: str
