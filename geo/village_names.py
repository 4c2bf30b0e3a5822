"""Which commune a village's name means, by the user's list of villages."""

import re
from collections.abc import Iterable

import pandas as pd

from geo.commune_names import Meaning
from geo.errors import Message
from geo.names import bare, fold, tidy

_KIND = re.compile(r"^(bản|thôn|xóm|tổ dân phố|tdp|tổ|khu|khối|đội)\.?\s+(?=\S)")
_PLAIN_KIND = re.compile(r"^(ban|thon|xom|to dan pho|tdp|to|khu|khoi|doi)\s+(?=\S)")


def _whole(name: str) -> str:
    return tidy(name).lower()


def bare_village(name: str) -> str:
    """Return the name in lower case without the kind of settlement (bản, thôn, tổ dân phố, …).

    >>> bare_village("Bản Nà Sản 2"), bare_village("TDP 7")
    ('nà sản 2', '7')
    """
    return _KIND.sub("", bare(name))


def fold_village(name: str) -> str:
    """Return the name without accents and without the kind of settlement.

    >>> fold_village("Bản Nà Sản 2"), fold_village("ban na san 2")
    ('na san 2', 'na san 2')
    """
    return _PLAIN_KIND.sub("", fold(name))


_KEYS = (_whole, bare_village, fold_village)


class VillageNames:
    """The names of a list of villages, ready to be asked.

    Villages are not matched by likeness: their names are short, and neighbouring communes share many.

    Parameters
    ----------
    names, units, districts
        Of each village: its name, its commune in the workspace (missing if that cannot be told), and the folded
        names of the districts in which it lies.
    """

    def __init__(self, names: Iterable[str], units: Iterable[str], districts: Iterable[frozenset[str]]) -> None:
        self._by_key: tuple[dict[str, list[tuple[str | None, frozenset[str]]]], ...] = tuple({} for _ in _KEYS)
        for name, unit, within in zip(names, units, districts, strict=True):
            for villages, key in zip(self._by_key, _KEYS, strict=True):
                villages.setdefault(key(name), []).append((None if pd.isna(unit) else unit, within))

    def find(self, name: str, district: str) -> Meaning:
        """Return the commune of the workspace in which a village lies.

        A name that the list does not have, or has without a commune, stays unplaced: the list may have gaps.

        Parameters
        ----------
        name
            As written.
        district
            Folded; empty if it is not known.
        """
        units = self._units(name, district)
        if len(units) > 1:
            return Meaning(
                column="village", reason=Message("is the name of villages in more than one commune: give the commune")
            )
        if None in units:
            reason = Message("lies in a commune that was split: give its lon and lat in the list of villages")
            return Meaning(placement="unplaced", column="village", reason=reason)
        if not units:
            return Meaning(placement="unplaced", column="village", reason=Message("is not in the list of villages"))
        return Meaning(code=units.pop(), placement="village", column="village")

    def _units(self, name: str, district: str) -> set[str | None]:
        for villages, key in zip(self._by_key, _KEYS, strict=True):
            named = villages.get(key(name), [])
            units = {unit for unit, within in named if not district or not within or district in within}
            if units:
                return units
        return set()
