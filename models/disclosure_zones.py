"""Zones of neighbouring communes, cut from a tree that is made of public figures only.

A tree drawn from the counts would tell of them: whoever knows how it is drawn learns that each part of a zone was too
small to stand alone. Of this tree a zone says only that one of its two halves was, not which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse


@dataclass(frozen=True)
class Zone:
    """A node of the tree: its units, by position and in order, and the two zones that it was made of."""

    units: tuple[int, ...]
    halves: "tuple[Zone, Zone] | None" = None


def zone_tree(population: ArrayLike, neighbours: "sparse.csr_array[Any]", xy: NDArray[np.float64]) -> Zone:
    """Return the tree of zones: again and again the one with the fewest people joins its smallest neighbour.

    Parameters
    ----------
    population
        Inhabitants of each unit, shape (n,).
    neighbours
        Which units touch, symmetric, shape (n, n).
    xy
        A place in each unit in metres, shape (n, 2): zones that touch no other join the nearest.
    """
    people = {Zone((i,)): float(persons) for i, persons in enumerate(np.asarray(population))}
    touching = neighbours.toarray() > 0
    while len(people) > 1:
        order = sorted(people, key=lambda zone: (people[zone], zone.units))
        first, others = order[0], order[1:]
        near = [zone for zone in others if touching[np.ix_(first.units, zone.units)].any()]
        second = near[0] if near else min(others, key=lambda zone: _distance(xy, first, zone))
        halves = (first, second) if first.units < second.units else (second, first)
        people[Zone(tuple(sorted(first.units + second.units)), halves)] = people.pop(first) + people.pop(second)
    (root,) = people
    return root


def finest(zone: Zone, allowed: Callable[[Zone], bool]) -> list[Zone] | None:
    """Return the finest zones of a tree that are all allowed and together are the whole; None if there are none."""
    if zone.halves:
        one, other = (finest(half, allowed) for half in zone.halves)
        if one and other:
            return one + other
    return [zone] if allowed(zone) else None


def _distance(xy: NDArray[np.float64], one: Zone, other: Zone) -> float:
    apart = xy[list(one.units), None] - xy[None, list(other.units)]
    return float(np.hypot(apart[..., 0], apart[..., 1]).min())
