"""Differencing: whether figures of a zone, held against earlier releases, would tell of a few persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """What an earlier release rests on.

    Attributes
    ----------
    k
        Fewest persons of a figure.
    counts
        Persons of each kind by zone, as the records then were; a zone is the set of its commune codes. Zones do not
        overlap.
    """

    k: int
    counts: Mapping[frozenset[str], tuple[int, ...]]

    @property
    def communes(self) -> frozenset[str]:
        """The communes of all zones."""
        return frozenset().union(*self.counts)


def stays_apart(zone: frozenset[str], persons: Mapping[str, int], release: Release, *, whole: bool = False) -> bool:
    """Tell whether a zone may be published beside an earlier release.

    A zone that was published as it is may be so again if nothing changed, or at least ``k`` persons. One that joins
    zones of an earlier release, or is part of one, shares with it the larger of both: there at least ``k`` must have
    changed, for otherwise both would be two views of the same persons, and the finer one could be worked out. A zone
    that lies across the border of an earlier one is never published: what is left over of either could be subtracted.

    Parameters
    ----------
    zone
        Codes of its communes.
    persons
        Persons by commune code, as the records are now.
    release
        The earlier release.
    whole
        Whether it is the whole, whose sum each release shows beside its zones.
    """
    met = [other for other in release.counts if other & zone]
    together = frozenset[str]().union(*met)
    if not (together == zone or (len(met) == 1 and zone < together)):
        return False
    before = sum(sum(release.counts[other]) for other in met)
    changed = abs(sum(persons.get(code, 0) for code in together) - before)
    seen_before = together == zone and (whole or len(met) == 1)
    return changed >= release.k or (changed == 0 and seen_before)


def kinds_that_stay_apart(
    zone: frozenset[str], counts: Sequence[int], release: Release, *, whole: bool = False
) -> tuple[bool, ...]:
    """Tell for each kind of persons whether its count in a zone changed by nothing or enough since a release.

    Parameters
    ----------
    zone, release, whole
        See `stays_apart`; kinds of a zone that was not published as it is stand beside nothing.
    counts
        Persons of each kind in the zone, as the records are now.
    """
    if whole:
        before: Sequence[int] | None = [sum(kind) for kind in zip(*release.counts.values(), strict=True)]
    else:
        before = release.counts.get(zone)
    if before is None:
        return (True,) * len(counts)
    return tuple(abs(now - then) >= release.k or now == then for now, then in zip(counts, before, strict=True))
