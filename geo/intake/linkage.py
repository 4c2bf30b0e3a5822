"""The rules by which rows are compared, field by field, and what all fields together say of a pair.

A row is expected to have `PARTNERS` other reports of its case among the rows of other sources; spread over all pairs,
that is the prior odds of a pair. Prior odds times two to the sum of the bits are its posterior odds.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Message
from geo.intake.evidence import Comparison, Field, Floats, Ints, Level
from geo.intake.spans import Spans, spans
from geo.intake.surroundings import Places, Surroundings
from geo.schema import AGE_BANDS, SEXES

PARTNERS = 0.5
"""Other reports that a row's case is expected to have, all sources together: most cases reach one agency or two."""


@dataclass(frozen=True)
class Rule:
    """How the rows of a table are compared.

    Attributes
    ----------
    key, date, source
        Columns: the identifier, the day, and who reports (None if the table does not say; any two rows are then
        compared).
    fields
        What is compared besides date and place.
    counts
        Columns of which a group of rows keeps the greatest.
    """

    key: str
    date: str
    source: str | None
    fields: tuple[Field, ...]
    counts: tuple[str, ...] = ()

    @property
    def compared(self) -> tuple[str, ...]:
        """All columns that may be looked at."""
        columns = (*(field.column for field in self.fields), self.date, "date_precision", "lon", "lat", "district")
        return columns if self.source is None else (*columns, self.source)


CASE_RULE = Rule(
    key="case_id",
    date="date",
    source="source",
    fields=(
        Field(
            "crossing_id", "where",
            alike=Level(Message("same crossing"), same=0.85, chance=0.05),
            different=Level(Message("different crossings"), same=0.15),
        ),
        Field(
            "victims", "victims",
            alike=Level(Message("same number of victims"), same=0.8, chance=0.5),
            near=Level(Message("numbers of victims differ by one"), same=0.13, chance=0.3),
            different=Level(Message("different numbers of victims"), same=0.07),
        ),
        Field(
            "offenders", "offenders",
            alike=Level(Message("same number of offenders"), same=0.65, chance=0.35),
            near=Level(Message("numbers of offenders differ by one"), same=0.22, chance=0.35),
            different=Level(Message("different numbers of offenders"), same=0.13),
        ),
    ),
    counts=("victims", "offenders"),
)  # fmt: skip
"""The m are judgements: a count grows while a case is worked on, that of offenders more than that of victims."""

ABSENCE_RULE = Rule(
    key="absence_id",
    date="reported_on",
    source=None,
    fields=(
        Field(
            "sex", "sex",
            alike=Level(Message("same sex"), same=0.98, chance=0.6),
            different=Level(Message("different sex"), same=0.02),
            order=SEXES[:-1],
        ),
        Field(
            "age_band", "age",
            alike=Level(Message("same age band"), same=0.8, chance=0.25),
            near=Level(Message("neighbouring age bands"), same=0.17, chance=0.35),
            different=Level(Message("different age bands"), same=0.03),
            order=AGE_BANDS[:-1],
        ),
    ),
)  # fmt: skip


class Evidence:
    """All that n rows tell, ready to weigh pairs of them.

    Parameters
    ----------
    rows
        Records; ``date_precision`` and the columns of the rule's fields may be absent.
    units
        Their communes, as codes of one vintage, missing where a row has none.
    rule, surroundings
        How to compare.
    apart
        Who tells the rows apart; by default their source.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        units: pd.Series,
        rule: Rule,
        surroundings: Surroundings,
        apart: pd.Series | None = None,
    ) -> None:
        self.spans = Spans(*spans(rows[rule.date], rows.get("date_precision")))
        self.comparisons: list[tuple[str, Comparison]] = [("where", Places(rows, units, surroundings))]
        self.comparisons += [
            (field.topic, field.compare(rows[field.column])) for field in rule.fields if field.column in rows
        ]
        if apart is None and rule.source:
            apart = rows[rule.source]
        self.source: Ints = np.arange(len(rows)) if apart is None else pd.factorize(apart)[0].astype(np.int64)
        of_source = np.bincount(self.source).astype(float)
        pairs = (len(rows) ** 2 - of_source @ of_source) / 2
        self.prior_bits = float(np.log2(PARTNERS * max(len(rows), 1) / 2 / max(pairs, 1.0)))

    @property
    def meeting(self) -> list[Comparison]:
        """The comparisons of places: rows meet in a related commune, in a district, or at a crossing."""
        return [comparison for topic, comparison in self.comparisons if topic == "where"]

    def score(self, a: Ints, b: Ints) -> Floats:
        """Return the probability that each pair of rows (a < b) is one case."""
        agree: dict[str, Floats] = {}
        differ: dict[str, Floats] = {}
        for topic, comparison in self.comparisons:
            bits = comparison.weigh(a, b)
            agree[topic] = np.maximum(agree.get(topic, 0.0), bits)
            differ[topic] = np.minimum(differ.get(topic, 0.0), bits)
        total = self.prior_bits + self.spans.weigh(a, b) + sum(agree.values()) + sum(differ.values())
        return 1 / (1 + np.exp2(-total))

    def explain(self, a: Ints, b: Ints) -> list[tuple[Message, ...]]:
        """Return what each pair's fields say, date first."""
        said = [self.spans.explain(a, b), *(comparison.explain(a, b) for _, comparison in self.comparisons)]
        return [tuple(one for one in messages if one is not None) for messages in zip(*said, strict=True)]
