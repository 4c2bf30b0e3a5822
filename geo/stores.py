"""Which store a workspace has."""

from pathlib import Path

from geo.errors import WorkspaceError
from geo.geopackage import STORE, GeoPackage
from geo.store import Store
from geo.store_address import address_in, checked_address, is_address


def open_store(place: str) -> Store:
    """Return the store at the address of a database, or in a file.

    Raises
    ------
    WorkspaceError
        If the address is none or holds a password, or the libraries for databases are not installed.
    """
    if not is_address(place):
        return GeoPackage(Path(place))
    address = checked_address(place)
    try:
        from geo.postgis import PostGIS
    except ImportError:
        raise WorkspaceError("A store in a database needs more libraries: pip install 'diemnong[postgis]'") from None
    return PostGIS(address)


def store_in(folder: Path, address: str | None = None) -> Store:
    """Return the store of a workspace: in the database that is given or that its settings name, or in a file there."""
    return open_store(address or address_in(folder) or str(folder / STORE))
