"""Which commune a name means: by its spelling, by common variants, and by likeness where nothing else is near."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from geo.errors import Message
from geo.names import DISTRICT_KINDS, bare, fold, is_whole, kind_of, names_no_place, sound

LETTERS_PER_EDIT = 6
"""A name that no unit bears may differ from the one it is read as by one edit in so many letters."""

MARGIN = 2
"""So many more edits must lie between the name and any other commune or district; else it is for a person to mend.

Of names with one wrong letter none can then be read as another commune. With two wrong letters none was.
"""

NEAR_LETTERS_PER_EDIT = 3
"""A name that is refused is told the names that differ by one edit in so many letters, so that it can be mended."""

A_SUM = Message("means a whole unit: delete the row if it is a sum; if the commune is not known, leave the cell empty")

_MOST_NAMED = 3
_KEYS = (bare, fold, sound)
_FOLDED = 1


class Entry(NamedTuple):
    """A name that a unit of a vintage bears or bore; ``official`` is what it is called in that vintage."""

    vintage: str
    code: str
    kind: str
    official: str
    keys: tuple[str, str, str]
    districts: frozenset[str]

    def lies_in(self, district: str) -> bool:
        """Tell whether the unit lies in a district, as far as its districts are known."""
        return not district or not self.districts or district in self.districts


class Asked(NamedTuple):
    """A name and a folded district as a row writes them; the vintage is the row's if it is ``given``."""

    kind: str
    keys: tuple[str | None, ...]
    district: str
    vintage: str
    given: bool


class Hits(NamedTuple):
    """The units of a vintage that a name can mean; the smaller ``far``, the more nearly it is written so."""

    vintage: str
    far: tuple[int, bool]
    entries: list[Entry]


class Meaning(NamedTuple):
    """What a row's words were found to mean.

    Attributes
    ----------
    code, vintage
        The unit, None if there is none; a vintage of None is the workspace's.
    placement, column
        How, and by which column (`geo.places.PLACEMENTS`).
    reason
        Why there is no unit.
    mend
        For a name that no unit bears, the one that comes nearest.
    repair
        What the words were read as, where they were not written so.
    twin_vintage, twin_code
        Another vintage's unit of that name or code, for rows that name no vintage.
    """

    code: str | None = None
    vintage: str | None = None
    placement: str = "refused"
    column: str = "commune"
    reason: Message | None = None
    mend: str | None = None
    repair: Message | None = None
    twin_vintage: str | None = None
    twin_code: str | None = None


class CommuneNames:
    """All names of all vintages, ready to be asked.

    Parameters
    ----------
    facts
        For each vintage a table with ``commune_code``, ``name``, ``district``.
    crosswalk
        ``old_code`` → ``new_code``; it tells in which districts units lie whose vintage has none.
    former
        Names of before: ``name``, ``district``, ``commune_code``, ``vintage``.
    """

    def __init__(
        self, facts: Mapping[str, pd.DataFrame], crosswalk: pd.DataFrame, former: pd.DataFrame | None = None
    ) -> None:
        self._vintages = sorted(facts)
        self._entries = _entries(facts, crosswalk)
        if former is not None:
            self._entries += _former_entries(self._entries, former)
        self._by_key: tuple[dict[str, list[Entry]], ...] = tuple({} for _ in _KEYS)
        for entry in self._entries:
            for units, key in zip(self._by_key, entry.keys, strict=True):
                units.setdefault(key, []).append(entry)
        districts = [name for table in facts.values() for name in table["district"].dropna()]
        self._districts = {sound(name): fold(name) for name in districts}
        self._of_provinces = any(kind_of(name) == "tỉnh" for name in districts)
        self._texts = sorted({entry.keys[_FOLDED] for entry in self._entries} | set(self._districts.values()))
        self._cached_inside: dict[str, NDArray[np.bool_]] = {}

    def district(self, name: str) -> str | None:
        """Return the folded name of a known district, or None; a province is one only where communes are told by it."""
        too_large = kind_of(name) == "tỉnh" and not self._of_provinces
        return None if is_whole(name) or too_large else self._districts.get(sound(name))

    def districts_of(self, vintage: str, code: str) -> frozenset[str]:
        """Return the folded names of the districts in which a unit lies or lay."""
        return frozenset().union(*(e.districts for e in self._entries if (e.vintage, e.code) == (vintage, code)))

    def bears(self, vintage: str, code: str, name: str) -> bool:
        """Tell whether a unit bears a name, or bore it before, however it is spelled."""
        entries = self._by_key[-1].get(sound(name), [])
        return any((entry.vintage, entry.code) == (vintage, code) for entry in entries)

    def official(self, vintage: str, code: str) -> str:
        """Return what a unit of a vintage is called; its code if it has no name."""
        named = (entry.official for entry in self._entries if (entry.vintage, entry.code) == (vintage, code))
        return next(named, code)

    def find(self, name: str, district: str, vintage: str, *, given: bool) -> Meaning:
        """Return what a name means.

        The vintage counts that the row gives; otherwise the default, unless only another vintage has the name, or
        has it spelled more nearly as written.

        Parameters
        ----------
        name
            As written.
        district
            As written; empty if it is not known.
        vintage
            Of the row, or the default.
        given
            Whether the row names the vintage itself.
        """
        if whole := next(filter(is_whole, (name, district)), ""):
            return Meaning(column="commune" if whole == name else "district", reason=A_SUM)
        within = self.district(district) if district else ""
        kind = kind_of(name)
        if within is None or (kind in DISTRICT_KINDS and self.district(name) is None):
            column = "district" if within is None else "commune"
            return Meaning(column=column, reason=Message("is not the name of a district"))
        asked = Asked(kind, tuple(key(name) for key in _KEYS), within, vintage, given)
        found = self._hits(asked)
        # Beside a district a name is that of a commune if there is such a one; alone it may be the district's.
        own = any(hits.entries for hits in found[: None if within else 1])
        if kind in DISTRICT_KINDS or (not kind and not own and self.district(name) is not None):
            return Meaning(placement="unplaced", reason=Message("is the name of a district, not of a commune"))
        if any(hits.entries for hits in found[: 1 if given else None]):
            return _meaning(asked, found, "name")
        elsewhere = [hits.vintage for hits in found if hits.entries]
        if elsewhere:
            values = {"vintage": vintage, "other": elsewhere[0]}
            return Meaning(
                reason=Message(
                    "is not the name of a commune of {vintage}; it is one of {other}: give the vintage", values
                )
            )
        return self._alike(asked)

    def _hits(self, asked: Asked) -> list[Hits]:
        """Return what the name can mean in each vintage: the asked one first, then the others from the newest."""
        others = [other for other in reversed(self._vintages) if other != asked.vintage]
        return [self._hits_of(asked, vintage) for vintage in (asked.vintage, *others)]

    def _hits_of(self, asked: Asked, vintage: str) -> Hits:
        """Return a vintage's units of the name; those of the written kind come before others."""
        for level, key in enumerate(asked.keys):
            named = self._by_key[level].get(key, []) if key else []
            entries = [entry for entry in named if entry.vintage == vintage and entry.lies_in(asked.district)]
            of_kind = [entry for entry in entries if asked.kind in ("", entry.kind)]
            if entries:
                return Hits(vintage, (level, not of_kind), of_kind or entries)
        return Hits(vintage, (len(_KEYS), True), [])

    def _alike(self, asked: Asked) -> Meaning:
        """Read a name as the one that is alike, if it is the only one; or name those that come near.

        The edits are those of optimal string alignment: letters changed, lost, added, or two neighbours swapped.
        """
        folded = str(asked.keys[_FOLDED])
        if names_no_place(str(asked.keys[0])):
            return Meaning(reason=Message("is not the name of a commune of {vintage}", {"vintage": asked.vintage}))
        edits = process.cdist([folded], self._texts, scorer=OSA.distance, dtype=np.int32)[0]
        inside = self._inside(asked.district)
        best = int(edits.argmin())
        rivals = np.delete(edits[inside], np.flatnonzero(np.flatnonzero(inside) == best))
        near = edits[best] * LETTERS_PER_EDIT <= max(len(folded), len(self._texts[best]))
        if near and rivals.min(initial=2**30) >= edits[best] + MARGIN:
            read = asked._replace(keys=(None, self._texts[best], None))
            found = self._hits(read)
            if any(hits.entries for hits in found[: 1 if asked.given else None]):
                return _meaning(read, found, "fuzzy")
        return self._refused(asked, edits)

    def _inside(self, district: str) -> NDArray[np.bool_]:
        """Tell which texts are names of units in a district; without a district all are, the districts' own too."""
        if district not in self._cached_inside:
            units = (self._by_key[_FOLDED].get(text, []) for text in self._texts)
            inside = [not district or any(entry.lies_in(district) for entry in entries) for entries in units]
            self._cached_inside[district] = np.array(inside, dtype=bool)
        return self._cached_inside[district]

    def _refused(self, asked: Asked, edits: NDArray[np.int32]) -> Meaning:
        """Say that there is no such name, and which ones come near."""
        length = len(str(asked.keys[_FOLDED]))
        near: dict[str, int] = {}
        for position in np.argsort(edits, kind="stable"):
            if len(near) >= _MOST_NAMED or NEAR_LETTERS_PER_EDIT * edits[position] > length:
                break
            found = self._hits(asked._replace(kind="", keys=(None, self._texts[position], None)))
            entries = [entry for hits in found[: 1 if asked.given else None] for entry in hits.entries]
            near.update({entry.official: int(edits[position]) for entry in entries[:1]})
        if not near:
            return Meaning(reason=Message("is not the name of a commune of {vintage}", {"vintage": asked.vintage}))
        values = {"vintage": asked.vintage, "names": ", ".join(near)}
        reason = Message("is not the name of a commune of {vintage}; near it are: {names}", values)
        nearest = [name for name, far in near.items() if far == min(near.values())]
        return Meaning(reason=reason, mend=nearest[0] if len(nearest) == 1 else None)


def _meaning(asked: Asked, found: list[Hits], placement: str) -> Meaning:
    """Choose the vintage in which the name is written most nearly so, the asked one before others."""
    best = found[0] if asked.given else min(found, key=lambda hits: hits.far)
    entry = best.entries[0]
    if len({entry.code for entry in best.entries}) > 1:
        return Meaning(reason=Message("is the name of more than one commune: give the district or the code"))
    others = [hits for hits in found if hits is not best and hits.far == best.far and not asked.given]
    twin = (others[0].vintage, others[0].entries[0].code) if others else (None, None)
    repair = None
    if entry.vintage != asked.vintage:
        repair = Message("read as {name} of {vintage}", {"name": entry.official, "vintage": entry.vintage})
    elif placement == "fuzzy" or best.far[0] > _FOLDED or fold(entry.official) != entry.keys[_FOLDED]:
        repair = Message("read as {name}", {"name": entry.official})
    return Meaning(entry.code, entry.vintage, placement, "commune", None, None, repair, *twin)


def _entries(facts: Mapping[str, pd.DataFrame], crosswalk: pd.DataFrame) -> list[Entry]:
    own = {
        (vintage, unit.commune_code): frozenset([fold(unit.district)] if pd.notna(unit.district) else [])
        for vintage, table in facts.items()
        for unit in table.itertuples()
    }
    parts: dict[str, set[str]] = {}
    for old, new in zip(crosswalk["old_code"], crosswalk["new_code"], strict=True):
        parts.setdefault(new, set()).update(*(own.get((vintage, old), ()) for vintage in facts))
    return [
        _entry(
            vintage,
            unit.commune_code,
            unit.name,
            unit.name,
            own[vintage, unit.commune_code] or parts.get(unit.commune_code, ()),
        )
        for vintage, table in facts.items()
        for unit in table[["commune_code", "name", "district"]].itertuples(index=False)
    ]


def _entry(vintage: str, code: str, name: str, official: str, districts: Iterable[str]) -> Entry:
    return Entry(vintage, code, kind_of(name), official, (bare(name), fold(name), sound(name)), frozenset(districts))


def _former_entries(entries: list[Entry], former: pd.DataFrame) -> list[Entry]:
    official = {(entry.vintage, entry.code): entry.official for entry in entries}
    return [
        _entry(row.vintage, row.commune_code, row.name, official[row.vintage, row.commune_code], [fold(row.district)])
        for row in former.itertuples(index=False)
    ]
