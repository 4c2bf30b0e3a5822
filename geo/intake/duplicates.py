"""Links: rows of several agencies that tell of one case are tied together, never deleted; a planner has the last word.

Of the libraries, recordlinkage 0.16 asks for pandas < 3; dedupe learns from labelled pairs, and fifteen cases a year
give none; splink 5 would bring duckdb, pyarrow and sqlglot, and dates of unequal precision would still be ours to
compare. So: a small rule of our own, Fellegi–Sunter with stated m (`geo.intake.linkage`).

Only links that a planner confirmed change a count. A proposed link is reported, and counts nothing.
"""

from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pandera.pandas as pa
from numpy.typing import NDArray

from geo.errors import Message, SchemaError
from geo.intake.candidates import find_candidates
from geo.intake.evidence import Floats, Ints
from geo.intake.linkage import CASE_RULE, Evidence, Rule
from geo.intake.spans import PRECISIONS as DATE_PRECISIONS
from geo.intake.surroundings import Surroundings
from geo.schema import CASE_SOURCES, LINK_STATUSES, LINKS_TABLE, PRECISIONS

LEAST = 0.2
"""Pairs less probable than this are not proposed."""

MOST_PROPOSED = 500_000
"""Of more pairs than this the most probable are proposed: nobody decides on more."""

LINKS = LINKS_TABLE.add_columns({"reasons": pa.Column(object)})
"""A link ties two rows by their identifiers, in order; ``score`` is the probability that they are one case (missing if
a row is not there any more), ``reasons`` are Messages."""


def find_links(
    rows: pd.DataFrame,
    units: pd.Series,
    *,
    rule: Rule = CASE_RULE,
    surroundings: Surroundings | None = None,
    decisions: pd.DataFrame | None = None,
    least: float = LEAST,
    apart: pd.Series | None = None,
    tell: Callable[[Message], object] = lambda _: None,
) -> pd.DataFrame:
    """Propose links between rows, and keep what planners decided.

    Of a row's links to several rows of one source the most probable is proposed; when a planner undoes it, the next
    one takes its place. What confirmed links tie already is not asked again. The order of the rows changes nothing. A
    row without a date or a place is proposed with none.

    Parameters
    ----------
    rows
        All rows of the table, old and new; ``date_precision`` (`geo.intake.spans.PRECISIONS`) may be absent.
    units
        Their communes: ``unit_code`` of `geo.places.place`, with the index of ``rows``.
    rule
        How to compare: `geo.intake.linkage.CASE_RULE` or ``ABSENCE_RULE``.
    surroundings
        Neighbours and districts of the communes; without them only rows of one commune, district or crossing meet.
    decisions
        Earlier links, or any table with ``id_a``, ``id_b``, ``status``. Of several rows on a pair the last holds; a
        pair whose last status is "proposed" is not decided. Decisions are kept even on rows that are not there (now).
    least
        The least score of a proposal.
    apart
        Who tells each row apart from others, with the index of ``rows``: two rows of one are never linked. By default
        the source, whose identifiers tell them apart; see also `geo.intake.identity.told_apart_by`.
    tell
        Is told what was left out, where rows are too dense to compare them all, or too many pairs probable.

    Returns
    -------
    pandas.DataFrame
        `LINKS`, in the order of the identifiers.
    """
    ids = pd.Index(rows[rule.key].astype("str"))
    order = ids.argsort()
    rows = rows[[name for name in rule.compared if name in rows]]
    ids = ids[order]
    evidence = Evidence(
        rows.iloc[order],
        units.reindex(rows.index).iloc[order],
        rule,
        surroundings or Surroundings(),
        apart if apart is None else apart.iloc[order],
    )
    proposed = _proposed(evidence, least, tell)
    links = pd.DataFrame({"id_a": ids[proposed[0]], "id_b": ids[proposed[1]], "status": "proposed"})
    if decisions is not None:
        links = pd.concat([links, decided(decisions)]).drop_duplicates(["id_a", "id_b"], keep="last")
    links = _scored(links.astype("str").sort_values(["id_a", "id_b"]), ids, evidence)
    asked = _in_one(groups(links, pd.Series(evidence.source, index=ids)), links) & ~_in_one(_counted_as(links), links)
    links = links[asked | (links["status"] != "proposed")].reset_index(drop=True)
    return LINKS.validate(links.assign(reasons=_reasons(links, ids, evidence))[list(LINKS.columns)])


def decided(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return what planners decided, each pair once and in order: ``id_a``, ``id_b``, ``status``.

    Raises
    ------
    SchemaError
        If a status is not one of `geo.schema.LINK_STATUSES`, or a pair is one row with itself.
    """
    one, other, status = (decisions[name].astype("str") for name in ("id_a", "id_b", "status"))
    if not status.isin(LINK_STATUSES).all():
        raise SchemaError("{column} is not one of: {allowed}", column="status", allowed=", ".join(LINK_STATUSES))
    if (one == other).any():
        raise SchemaError("A link ties two different rows; some tie a row to itself")
    pairs = {"id_a": one.where(one < other, other), "id_b": other.where(one < other, one), "status": status}
    table = pd.DataFrame(pairs).drop_duplicates(["id_a", "id_b"], keep="last")
    return table[table["status"] != "proposed"]


def _proposed(evidence: Evidence, least: float, tell: Callable[[Message], object]) -> tuple[Ints, Ints]:
    """Return the positions of the pairs that are probable enough, each once."""
    n = len(evidence.source)
    kept = [np.empty(0, dtype=np.int64), np.empty(0)]
    given_up = np.empty(0, dtype=np.int64)
    too_many = False
    for where in evidence.meeting:
        candidates = find_candidates(evidence.spans, where)
        given_up = np.union1d(given_up, candidates.given_up)
        for a, b in candidates.pairs():
            apart = evidence.source[a] != evidence.source[b]
            one, other = a[apart], b[apart]
            score = evidence.score(one, other)
            likely = score >= least
            pairs = np.concatenate([kept[0], one[likely] * n + other[likely]])
            *kept, cut = _most_probable(pairs, np.concatenate([kept[1], score[likely]]))
            too_many |= cut
    if len(given_up):
        n_rows = {"n": len(given_up)}
        tell(Message("{n} rows have too many others near in time and place, and were not compared with all", n_rows))
    if too_many:
        tell(Message("only the {n} most probable pairs are proposed", {"n": MOST_PROPOSED}))
    return np.divmod(np.sort(kept[0]), max(n, 1))


def _most_probable(pairs: Ints, score: Floats) -> tuple[Ints, Floats, bool]:
    """Return each pair once, of more than `MOST_PROPOSED` the most probable, and whether any was left out."""
    pairs, first = np.unique(pairs, return_index=True)
    best = np.argsort(-score[first], kind="stable")[:MOST_PROPOSED]
    return pairs[best], score[first][best], len(best) < len(pairs)


def _scored(links: pd.DataFrame, ids: pd.Index, evidence: Evidence) -> pd.DataFrame:
    there, a, b = _positions(links, ids)
    score = np.full(len(links), np.nan)
    score[there] = evidence.score(a, b)
    return links.assign(score=score)


def _reasons(links: pd.DataFrame, ids: pd.Index, evidence: Evidence) -> pd.Series:
    there, a, b = _positions(links, ids)
    said = iter(evidence.explain(a, b))
    return pd.Series([next(said) if pair else () for pair in there], index=links.index, dtype=object)


def _positions(links: pd.DataFrame, ids: pd.Index) -> tuple[NDArray[np.bool_], Ints, Ints]:
    """Return which links have both their rows, and the positions of these."""
    # Few rows are linked, and an index of all would hold the identifier of each as an object.
    linked = np.flatnonzero(ids.isin([*links["id_a"], *links["id_b"]]))
    a, b = (ids[linked].get_indexer(links[name]) for name in ("id_a", "id_b"))
    there = (a >= 0) & (b >= 0)
    return there, linked[a[there]], linked[b[there]]


def groups(links: pd.DataFrame, sources: pd.Series | None = None) -> pd.Series:
    """Tie linked rows together: what one case may be.

    Confirmed links always tie, also through a row that is not there any more. Then proposed ones do, the most probable
    first, unless the group would hold two rows of one source, or two rows whose link a planner undid.

    Parameters
    ----------
    links
        `LINKS`.
    sources
        The source of each row, by identifier; without it a group may hold several rows of one source.

    Returns
    -------
    pandas.Series
        ``group``, the smallest identifier in it, by identifier; only rows of groups of two and more.
    """
    source = {} if sources is None else sources[sources.index.isin([*links["id_a"], *links["id_b"]])].to_dict()
    undone = set(_pairs(links[links["status"] == "undone"]))
    ties = links[links["status"] != "undone"].sort_values(
        ["status", "score", "id_a", "id_b"], ascending=[True, False, True, True]
    )  # "confirmed" comes before "proposed".
    members: dict[str, list[str]] = {}
    for (a, b), sure in zip(_pairs(ties), ties["status"] == "confirmed", strict=True):
        one, other = members.get(a, [a]), members.get(b, [b])
        if one is other or not (sure or _may_join(one, other, source, undone)):
            continue
        joined = sorted(one + other)
        members |= dict.fromkeys(joined, joined)
    group = {name: joined[0] for name, joined in sorted(members.items())}
    return pd.Series(group, name="group", dtype="str")


def _counted_as(links: pd.DataFrame) -> pd.Series:
    """Return the groups that planners confirmed."""
    return groups(links[links["status"] == "confirmed"])


def _in_one(group: pd.Series, links: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which links have both their rows in one group."""
    one: NDArray[np.bool_] = (links["id_a"].map(group) == links["id_b"].map(group)).to_numpy(dtype=bool)
    return one


def _pairs(links: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(links["id_a"], links["id_b"], strict=True))


def _may_join(one: list[str], other: list[str], source: dict[str, str], undone: set[tuple[str, str]]) -> bool:
    if {source.get(name, name) for name in one} & {source.get(name, name) for name in other}:
        return False
    return not any((min(pair), max(pair)) in undone for pair in product(one, other))


def counted_once(rows: pd.DataFrame, links: pd.DataFrame, *, rule: Rule = CASE_RULE) -> pd.DataFrame:
    """Keep one row of each group of confirmed links, for counting; nothing is deleted from what is stored.

    Kept is the row with the most precise date; of those with the most precise place; then in the order of
    `geo.schema.CASE_SOURCES`, then of the identifiers. It takes the greatest number of victims and of offenders of
    its group, never the sum, and is simulated if any row of the group is.

    Returns
    -------
    pandas.DataFrame
        Rows of ``rows`` in their order and index.
    """
    ids = rows[rule.key].astype("str")
    group = ids.map(_counted_as(links)).astype("str").fillna(ids)
    alone = ~group.duplicated(keep=False)
    tied = rows[~alone]
    ranks = pd.DataFrame({"date": _date_rank(tied), "place": _place_rank(tied)}, index=tied.index)
    ranks["source"] = 0 if rule.source is None else tied[rule.source].map(CASE_SOURCES.index)
    best = ranks.assign(group=group[~alone], id=ids[~alone]).sort_values([*ranks, "id"]).drop_duplicates("group")
    kept = alone | ids.isin(best["id"])
    counted, together = rows[kept], tied.groupby(group[~alone])
    for name in (*rule.counts, "data_kind"):
        if name in rows and len(tied):
            counted.loc[~alone[kept], name] = together[name].transform("max")[kept[~alone]].array
    return counted


def _date_rank(rows: pd.DataFrame) -> pd.Series:
    if "date_precision" not in rows:
        return pd.Series(0, index=rows.index)
    return rows["date_precision"].map(list(DATE_PRECISIONS).index, na_action="ignore").fillna(0)


def _place_rank(rows: pd.DataFrame) -> pd.Series:
    """Return 0 for a point, 1 for a commune, 2 for a district, 3 for no place; never better than stated."""
    given = rows.reindex(columns=["lon", "commune_code", "commune", "district", "precision"])
    known = [given["lon"].notna(), given["commune_code"].notna() | given["commune"].notna(), given["district"].notna()]
    stated = given["precision"].map(PRECISIONS.index, na_action="ignore").fillna(0)
    return np.maximum(np.select(known, [0, 1, 2], 3), stated)


def summary(links: pd.DataFrame, ids: pd.Series) -> list[Message]:
    """Say what a planner has to know of the links: how many wait, how many count, and where decisions disagree.

    Parameters
    ----------
    links
        `LINKS`.
    ids
        Identifiers of the rows that are there: decisions are kept longer than rows, and then count nothing.
    """
    group, status = _counted_as(links), links["status"]
    group = group[group.index.isin(ids[ids.isin(group.index)])]
    group = group[group.duplicated(keep=False)]
    said = []
    if n := int((status == "proposed").sum()):
        said.append(
            Message("{n} pairs of rows may be one case each; each row counts until a planner decides", {"n": n})
        )
    if len(group):
        values = {"n": len(group), "cases": group.nunique()}
        said.append(Message("{n} rows are confirmed to be {cases} cases and are counted so", values))
    if n := int((_in_one(group, links) & (status == "undone")).sum()):
        said.append(
            Message("{n} undone pairs are one case by other confirmed pairs; undo one of those as well", {"n": n})
        )
    return said
