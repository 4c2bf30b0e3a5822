"""How much may come out of an archive that anybody can have made: members, bytes, depth and ratio."""

from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import ZipInfo

from geo.errors import Message


@dataclass(frozen=True)
class Limits:
    """Limits of an archive, by what its directory says; who unpacks it must see to it that the directory does not lie.

    `zipfile` does: it gives no more than the size of the directory, and what is shorter or longer fails its checksum.

    Attributes
    ----------
    members
        Files and folders.
    unpacked
        Bytes of all together.
    depth
        Folders within each other. Archives within an archive are not opened at all.
    ratio
        Unpacked bytes for each packed one; deflate alone reaches a thousand on zeros.
    small
        Unpacked bytes below which the ratio does not matter.
    """

    members: int
    unpacked: int
    depth: int = 32
    ratio: int = 250
    small: int = 2**24

    def passed_by(self, members: Sequence[ZipInfo], packed: int) -> Message | None:
        """Return which limit an archive passes, if any.

        Parameters
        ----------
        members
            Its directory.
        packed
            Bytes of the archive.
        """
        unpacked = sum(member.file_size for member in members)
        if len(members) > self.members:
            return Message("it holds more than {most} files", {"most": self.members})
        if any(member.filename.count("/") > self.depth for member in members):
            return Message("it holds more than {most} folders within each other", {"most": self.depth})
        if unpacked > self.unpacked:
            return Message("it would unpack to more than {most} bytes", {"most": self.unpacked})
        if unpacked > max(self.small, self.ratio * packed):
            return Message("it would unpack to more than {n} times its size", {"n": self.ratio})
        return None
