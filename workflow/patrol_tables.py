"""What a patrol plan says: its tables, its map and its messages."""

import math
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import Message
from maps.plan_styles import patrol_styles
from maps.plans import PlanMap
from maps.release import MANIFEST
from models.flow_tables import Flows
from models.patrol import Detections, PatrolPlan
from models.patrol_demand import PatrolArea, PatrolDemand
from workflow.patrol_papers import BRIEF, FIELD
from workflow.posts import Posts


def schedule_table(plan: PatrolPlan, area: PatrolArea, start: pd.Timestamp, names: pd.Series) -> pd.DataFrame:
    """Return a row for each shift: date, post, team, sectors in order; hours since it left its post, and on watch.

    Parameters
    ----------
    plan, area
        The plan, and the hours it was made of.
    start
        Its first day.
    names
        Of the posts.
    """
    shifts = plan.schedule
    arrivals = [_arrivals(row, area) for row in shifts.itertuples()]
    return pd.DataFrame(
        {
            "day": shifts["day"],
            "date": (start + pd.to_timedelta(shifts["day"] - 1, unit="D")).dt.strftime("%Y-%m-%d"),
            "post_id": shifts["post_id"],
            "post_name": shifts["post_id"].map(names),
            "team": shifts["team"],
            "sectors": shifts["sectors"].map(" + ".join),
            "arrive_hours": [" + ".join(f"{hours:.1f}" for hours in own) for own in arrivals],
            "watch_hours": shifts["watch_hours"],
            "travel_hours": shifts["travel_hours"],
            "back_hours": shifts["shift_hours"],
        }
    )


def _arrivals(shift: Any, area: PatrolArea) -> Iterator[float]:
    """Yield the hours since leaving the post at which each sector is reached."""
    at, before = 0.0, None
    for sector in shift.sectors:
        way = area.access.loc[shift.post_id, sector] if before is None else area.between.loc[before, sector]
        at += way if before is None else shift.watch_hours + way
        before = sector
        yield at


def every_sector(
    plan: PatrolPlan, sectors: gpd.GeoDataFrame, flows: Flows, demand: PatrolDemand, names: pd.Series
) -> pd.DataFrame:
    """Return a row for each sector of the border, also those that are not patrolled, and why they are not."""
    planned = plan.sectors.drop(columns="value")
    left_out = ~sectors["sector_id"].isin(planned["sector_id"])
    table = pd.DataFrame(sectors[["sector_id", "neighbour", "commune_code"]]).assign(
        name=sectors["commune_code"].map(names),
        crossings_year=flows.sectors["expected"].reindex(sectors["sector_id"]).to_numpy(),
    )
    table = table.merge(planned, on="sector_id", how="left")
    table["pinned"] = table["pinned"].eq(True)
    counts = [name for name in planned if name not in ("sector_id", "pinned")]
    table[counts] = table[counts].fillna(0)
    table["visits"] = table["visits"].astype(int)
    why = [
        _why(row.sector_id, lost, row.pinned, demand) for row, lost in zip(table.itertuples(), left_out, strict=True)
    ]
    moved = flows.sectors["reasons"].reindex(table["sector_id"])
    table["reasons"] = [(*own, *others) for own, others in zip(why, moved, strict=True)]
    return table.sort_values(["expected", "sector_id"], ascending=[False, True], ignore_index=True)


def _why(sector: str, left_out: bool, pinned: bool, demand: PatrolDemand) -> tuple[Message, ...]:
    if sector in demand.exclude:
        return (Message("excluded by the command"),)
    if sector in demand.closed:
        return (Message("closed in this season"),)
    if left_out:
        return (Message("no team gets there and back in time"),)
    return (Message("pinned: visited in each week"),) if pinned else ()


def summary_table(plan: PatrolPlan) -> pd.DataFrame:
    """Return the numbers of the plan as a whole."""
    seen = plan.predictability
    rows = [
        (plan.drawn.mean, plan.drawn.lower, plan.drawn.upper, Message("crossings detected by this schedule")),
        (plan.drawn.worst_tenth, None, None, Message("… in the tenth of the draws in which fewest are detected")),
        (plan.planned.mean, plan.planned.lower, plan.planned.upper, Message("… by the frequencies it was drawn from")),
        (plan.best, None, None, Message("the most that any frequencies could detect (proven bound)")),
        (plan.gap, None, None, Message("largest proven gap of the optimisations (share)")),
        (seen.entropy_bits, None, None, Message("entropy of a sector's visits, bits a day (0 certain, 1 a coin)")),
        (seen.best_guess, None, None, Message("hit rate of the best guess of a sector and day")),
        (seen.even_guess, None, None, Message("the same if all sectors were visited alike")),
    ]
    columns = ["value", "lower", "upper"]
    table = pd.DataFrame([row[:3] for row in rows], columns=columns, dtype=float)
    return table.assign(reasons=[(row[3],) for row in rows])


def patrol_map(
    sectors: gpd.GeoDataFrame,
    table: pd.DataFrame,
    used: pd.Series,
    lines: gpd.GeoSeries,
    posts: Posts,
    stamp: str,
    bears: str,
    lang: str,
) -> PlanMap:
    """Return the sectors with their visits, the routes with how often they are walked, and the posts.

    Parameters
    ----------
    sectors, table
        The border, and what `every_sector` says of it.
    used
        How often each route is walked, index ``post_id``, ``sectors``.
    lines
        The routes, in that order.
    posts
        Where they begin.
    stamp, bears
        The time that the layers bear, and what they bear in words (`maps.stamp.dated_stamp`).
    lang
        Language of their styles.
    """
    walked = gpd.GeoDataFrame(
        {
            "post_id": used.index.get_level_values("post_id"),
            "sectors": used.index.get_level_values("sectors").map(" + ".join),
            "uses": used.to_numpy(),
        },
        geometry=lines.to_crs(sectors.crs).to_numpy(),
        crs=sectors.crs,
    )
    places = gpd.GeoDataFrame(
        {"post_id": posts.places.index, "name": posts.names.to_numpy()},
        geometry=posts.places.to_crs(sectors.crs).to_numpy(),
        crs=sectors.crs,
    )
    mapped = sectors[["sector_id", "geometry_quality", "geometry"]].merge(table, on="sector_id")
    styles = patrol_styles(mapped, lang)
    styles["patrol_map"] = styles.pop("sectors")
    return PlanMap("patrol_map", mapped, stamp, {"routes": walked, "posts": places}, styles, bears)


def plain_numbers(plan: PatrolPlan) -> dict[str, Any]:
    """Return what may be printed: no sector, no day."""
    return {
        "shifts": len(plan.schedule),
        "detected": vars(plan.drawn),
        "planned": vars(plan.planned),
        "best": plan.best,
        "gap": plan.gap,
        "predictability": vars(plan.predictability),
    }


def patrol_messages(plan: PatrolPlan, demand: PatrolDemand, start: pd.Timestamp) -> list[Message]:
    """Say what the plan is worth and how far it can be foreseen; no sector, no day."""
    first, last = start.date(), (start + pd.Timedelta(days=demand.days - 1)).date()
    visited = int((plan.sectors["visits"] > 0).sum())
    shifts = {"n": len(plan.schedule), "start": first, "end": last, "visited": visited, "all": len(plan.sectors)}
    seen = plan.predictability
    return [
        Message("{n} shifts, {start} to {end}, visit {visited} of {all} sectors in reach", shifts),
        Message(
            "Expected to detect {mean} crossings (90 %: {lower} to {upper}; mean of the worst tenth {worst})",
            _detected(plan.drawn),
        ),
        Message(
            "The frequencies behind it detect {mean}; no others could detect more than {best} (largest proven gap "
            "{gap} %)",
            {"mean": plan.planned.mean, "best": plan.best, "gap": round(100 * plan.gap, 3)},
        ),
        Message(
            "What an hour on watch detects is assumed, not measured (--effect {effect}: a visit of 8 hours a week "
            "detects {share} % of what crosses): trust the order of the sectors rather than the sums",
            {"effect": f"{demand.effect:g}", "share": -100 * math.expm1(math.expm1(-8 * demand.effect))},
        ),
        Message(
            "Who has seen every past patrol guesses a sector and day right in {best} % at best ({even} % if all "
            "sectors were visited alike); a visit has {bits} bits of entropy a day",
            {"best": 100 * seen.best_guess, "even": 100 * seen.even_guess, "bits": seen.entropy_bits},
        ),
        Message(
            "To hand out: {field}/ holds a file for each team's GPS unit and maps for phones and QGIS, {brief}/ a page "
            "for each week",
            {"field": FIELD, "brief": BRIEF},
        ),
        Message(
            "The secret that drew the schedule stands in {file} of the plan's folder only: who has it and the records "
            "can draw the schedule again",
            {"file": MANIFEST},
        ),
    ]


def _detected(found: Detections) -> dict[str, float]:
    return {"mean": found.mean, "lower": found.lower, "upper": found.upper, "worst": found.worst_tenth}
