"""What a patrol plan is made of, and whether its demands can be met together."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import Message, PlanError, some_of

WEEK = 7


@dataclass(frozen=True)
class PatrolArea:
    """Where patrols can go, and what there is to find.

    Attributes
    ----------
    value
        Expected crossings a year, sectors (index ``sector_id``) × posterior draws.
    access
        Hours from a post to a sector, posts (index ``post_id``) × sectors; infinite or NaN where there is no way. The
        way back takes as long.
    between
        Hours from sector to sector, sectors × sectors.
    teams
        Number of teams by post.
    """

    value: pd.DataFrame
    access: pd.DataFrame
    between: pd.DataFrame
    teams: pd.Series


@dataclass(frozen=True)
class PatrolDemand:
    """What the command asks for.

    Attributes
    ----------
    hours
        Of a shift, from leaving the post to being back.
    days
        Of the plan. It is made in weeks of 7 days, or in one week of ``days`` if there are fewer.
    rest_days
        Of each team in each week.
    must_cover
        Sectors that are visited at least once in every whole week.
    exclude, closed
        Sectors that the command leaves out, and those that season or terrain closes.
    effect
        Of an hour on watch: a visit of w hours is a look of 1 − exp(−effect × w), and x looks a week detect the share
        1 − exp(−x) of the crossings.
    most_likely
        Highest chance that a sector which nobody pinned is visited in a week.
    least_watch
        Shortest time on watch at a sector, hours.
    deck_weeks
        The plan's weeks are dealt from a deck of so many weeks, or of its own if they are more. In the deck every route
        is used exactly as often as planned, up to one use. The smaller it is, the nearer the plan itself comes to that,
        and the better an observer can count what must still come.
    exploration_cost
        Share of the expected detections that looking where little is known may cost at most.
    """

    hours: float = 8.0
    days: int = 30
    rest_days: int = 0
    must_cover: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    effect: float = 0.1
    most_likely: float = 0.8
    least_watch: float = 1.0
    deck_weeks: int = 6
    exploration_cost: float = 0.035

    @property
    def week(self) -> int:
        """Days of a week of the plan."""
        return min(WEEK, self.days)

    @property
    def weeks(self) -> int:
        """Weeks that the plan begins."""
        return -(-self.days // self.week)

    @property
    def deck(self) -> int:
        """Weeks from which those of the plan are dealt."""
        return max(self.weeks, self.deck_weeks)

    @property
    def shifts(self) -> int:
        """Shifts of a team in a week."""
        return self.week - self.rest_days


def check_demand(area: PatrolArea, demand: PatrolDemand) -> tuple[PatrolArea, list[Message]]:
    """Return the part of the area that can be patrolled, and what was left out and why.

    Raises
    ------
    PlanError
        If no plan meets the demands; it names those that clash.
    ValueError
        If the tables do not belong together, or a number is out of its range.
    """
    _check_tables(area, demand)
    _check_names(area, demand)
    _check_time(area, demand)
    notes = []
    if idle := area.teams.index[area.teams == 0].tolist():
        notes.append(Message("posts without a team: {posts}", {"posts": some_of(idle)}))
    posts = area.teams.index[area.teams > 0]
    barred = set(demand.exclude) | set(demand.closed)
    open_ids = [sector for sector in area.value.index if sector not in barred]
    if not open_ids:
        raise PlanError(
            "All {n} sectors are excluded or closed: open one of them, or plan for another season", n=len(area.value)
        )
    needed = 2 * area.access.loc[posts, open_ids].min(axis=0).fillna(np.inf) + demand.least_watch
    reached = needed.index[needed <= demand.hours]
    _check_reach(needed, demand)
    if lost := needed.index.difference(reached, sort=False).tolist():
        notes.append(
            Message(
                "{n} sectors are left out, because no team gets there and back in {hours} h: {sectors}",
                {"n": len(lost), "hours": demand.hours, "sectors": some_of(lost)},
            )
        )
    total = int(area.teams.sum())
    if total > len(reached):
        notes.append(Message("more teams ({teams}) than sectors in reach ({n})", {"teams": total, "n": len(reached)}))
    if not (area.value.loc[reached].mean(axis=1) > 0).any():
        raise PlanError(
            "No crossing is expected in any of the {n} sectors in reach: estimate the flows first", n=len(reached)
        )
    part = PatrolArea(
        area.value.loc[reached],
        area.access.loc[posts, reached].fillna(np.inf),
        area.between.loc[reached, reached].fillna(np.inf),
        area.teams[posts],
    )
    return part, notes


def _check_tables(area: PatrolArea, demand: PatrolDemand) -> None:
    sectors, posts = area.value.index, area.teams.index
    aligned = (
        area.access.index.equals(posts)
        and area.access.columns.equals(sectors)
        and area.between.index.equals(sectors)
        and area.between.columns.equals(sectors)
    )
    if not aligned or not sectors.is_unique or not posts.is_unique or area.value.shape[1] == 0:
        raise ValueError("value, access, between and teams must have the same sectors and posts, each once")
    if not np.isfinite(area.value.to_numpy()).all() or (area.value.to_numpy() < 0).any():
        raise ValueError("value must be finite and not negative")
    if (area.access.to_numpy() < 0).any() or (area.between.to_numpy() < 0).any() or (area.teams < 0).any():
        raise ValueError("hours and teams must not be negative")
    if not (demand.effect > 0 and 0 < demand.most_likely < 1 and demand.least_watch > 0 and demand.deck_weeks > 0):
        raise ValueError("effect, least_watch and deck_weeks must be above 0, most_likely between 0 and 1")
    if not 0 <= demand.exploration_cost <= 1:
        raise ValueError("exploration_cost must be a share from 0 to 1")


def _check_names(area: PatrolArea, demand: PatrolDemand) -> None:
    for option, names in (("must-cover", demand.must_cover), ("exclude", demand.exclude), ("closed", demand.closed)):
        if unknown := [name for name in names if name not in area.value.index]:
            raise PlanError(
                "{option} names sectors that the border does not have: {sectors}",
                option=option,
                sectors=some_of(unknown),
            )
    if both := [name for name in demand.must_cover if name in demand.exclude]:
        raise PlanError(
            "Sectors must be covered and are excluded at once: {sectors}; take them out of one of the two",
            sectors=some_of(both),
        )
    if both := [name for name in demand.must_cover if name in demand.closed]:
        raise PlanError(
            "Sectors must be covered and are closed at once: {sectors}; take them out of one of the two",
            sectors=some_of(both),
        )


def _check_time(area: PatrolArea, demand: PatrolDemand) -> None:
    if not area.teams.sum() > 0:
        raise PlanError("No post has a team: give at least one post a team")
    if demand.days < 1 or demand.rest_days < 0:
        raise PlanError(
            "A plan needs at least one day and no negative rest days; found {days} and {rest}",
            days=demand.days,
            rest=demand.rest_days,
        )
    if demand.shifts < 1:
        raise PlanError(
            "{rest} rest days in a week of {week} days leave no day for patrols: give at most {most}",
            rest=demand.rest_days,
            week=demand.week,
            most=demand.week - 1,
        )


def _check_reach(needed: pd.Series, demand: PatrolDemand) -> None:
    """Hold the shortest shift to each sector against the hours given."""
    if needed.min() > demand.hours:
        if not np.isfinite(needed.min()):
            raise PlanError("No post with a team has a way to any open sector: check the posts and the terrain")
        raise PlanError(
            "A shift of {hours} h is too short for any sector: the nearest needs {needed} h there, on watch and back",
            hours=demand.hours,
            needed=_up(needed.min()),
        )
    far = needed[list(demand.must_cover)]
    if (far > demand.hours).any():
        far = far[far > demand.hours]
        raise PlanError(
            "Sectors that must be covered are out of reach in {hours} h: {sectors} (hours needed); give longer shifts, "
            "a nearer post, or do not demand them",
            hours=demand.hours,
            sectors=some_of(f"{name} ({math.ceil(hours)})" for name, hours in far.items()),
        )


def _up(hours: float) -> float:
    """Round hours up to a tenth, so that the number named is enough."""
    return float(np.ceil(hours * 10 - 1e-9) / 10)
