"""Crosswalks of other provinces, from the data files of the package vietnamadminunits (MIT)."""

import json
import sqlite3
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from geo.crosswalks import Crosswalk
from geo.errors import SchemaError
from geo.names import fold
from geo.schema import VINTAGES


def province_crosswalk(province: str, old: str, folder: Path | None = None) -> Crosswalk:
    """Return the crosswalk of a province of 2025 from the communes before July 2025 to those since.

    Only the package's data are read; it is not imported, as it would ask a geocoding service on the network and needs
    a library under the GPL: ``pip install --no-deps vietnamadminunits`` is enough. It knows no people and no area of
    the parts of a split unit: counts in those cannot be carried by it alone. What has no code (the communes of five
    island districts) is left out.

    Parameters
    ----------
    province
        Its name since July 2025, with or without accents.
    old
        The day on which the units before took effect there.
    folder
        The package's folder ``data``; by default that of the installed package.

    Raises
    ------
    SchemaError
        If the package is not installed, or does not know the province.
    """
    folder = folder or _installed()
    converter = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(f"{(folder / 'dataset.db').as_uri()}?mode=ro", uri=True)) as database:
        units = pd.read_sql("SELECT province, provinceKey, wardKey, wardCode FROM admin_units", database)
        before = pd.read_sql("SELECT provinceKey, districtKey, wardKey, wardCode FROM admin_units_legacy", database)
    units = units[units["province"].map(fold) == fold(province)]
    if units.empty:
        raise SchemaError("{province} is not the name of a province since July 2025", province=province)
    key = units["provinceKey"].iloc[0]
    pairs = [
        (old_key, new) for new, parts in converter["DICT_PROVINCE_WARD_NO_DIVIDED"][key].items() for old_key in parts
    ]
    divided = converter["DICT_PROVINCE_WARD_DIVIDED"].get(key, {})
    pairs += [(old_key, part["newWardKey"]) for old_key, parts in divided.items() for part in parts]
    before = before.dropna(subset=["wardCode"])
    old_codes = before.set_index(before["provinceKey"] + "_" + before["districtKey"] + "_" + before["wardKey"])[
        "wardCode"
    ]
    new_codes = units.set_index("wardKey")["wardCode"]
    walk = pd.DataFrame(pairs, columns=["old_code", "new_code"])
    walk = pd.DataFrame({"old_code": walk["old_code"].map(old_codes), "new_code": walk["new_code"].map(new_codes)})
    return Crosswalk(old, VINTAGES[-1], walk.dropna())


def _installed() -> Path:
    spec = find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise SchemaError(
            "The crosswalks of other provinces need the package vietnamadminunits; "
            "install it with: pip install --no-deps vietnamadminunits"
        )
    return Path(spec.submodule_search_locations[0]) / "data"
