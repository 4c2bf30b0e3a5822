"""Links between cases that several offices reported: found anew whenever the cases change, decided by planners."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.errors import Message
from geo.intake.duplicates import find_links, summary
from geo.intake.identity import told_apart_by, with_offices
from geo.intake.surroundings import Surroundings
from geo.places import place
from geo.schema import LINKS_TABLE
from geo.store import Store
from geo.workspace import Workspace
from maps.outputs import say, simulated_note
from maps.tables import write_xlsx
from workflow.layers import gazetteer

FILE = "links.xlsx"
HEADINGS = {
    "id_a": "Mã vụ việc thứ nhất\nid_a",
    "where_a": "Tệp, dòng của vụ thứ nhất\nwhere_a",
    "id_b": "Mã vụ việc thứ hai\nid_b",
    "where_b": "Tệp, dòng của vụ thứ hai\nwhere_b",
    "score": "Xác suất là một vụ\nscore",
    "reason_vi": "Căn cứ\nreason_vi",
    "reason_en": "Căn cứ (tiếng Anh)\nreason_en",
    "decision": "Quyết định: đúng / không\ndecision",
}
"""What the columns of the list are called; `workflow.decisions` reads them by either line or both."""


@dataclass(frozen=True)
class Linked:
    """The cases of a workspace and the links between them.

    Attributes
    ----------
    cases
        As in the store.
    links
        See `geo.intake.duplicates.find_links`.
    left_out
        What was not compared or not proposed, if anything.
    """

    cases: pd.DataFrame
    links: pd.DataFrame
    left_out: tuple[Message, ...] = ()

    @property
    def stored(self) -> pd.DataFrame:
        """The links as the store keeps them."""
        return self.links[list(LINKS_TABLE.columns)]

    @property
    def proposed(self) -> pd.DataFrame:
        """The links that wait for a decision, the most probable first."""
        links = self.links[self.links["status"] == "proposed"]
        return links.sort_values(["score", "id_a", "id_b"], ascending=[False, True, True])

    def write(self, folder: Path, files: Mapping[str, str]) -> None:
        """Write the links that wait for a decision, if any do, into a folder.

        Parameters
        ----------
        folder
            Of an intake, as a change stages it.
        files
            The file of each intake, by which a planner finds the rows.
        """
        if self.proposed.empty:
            return
        reasons = {f"reason_{lang}": [say(said, lang) for said in self.proposed["reasons"]] for lang in ("vi", "en")}
        where = {f"where_{end}": origins(self.cases, self.proposed[f"id_{end}"], files) for end in "ab"}
        listed = self.proposed.assign(**reasons, **where, decision=None)[list(HEADINGS)]
        write_xlsx(folder / FILE, listed, title="links", headings=HEADINGS, note=self._note())

    def _note(self) -> str:
        """Return what stands above the list: whether one of its cases is simulated."""
        mine = self.cases["case_id"].isin([*self.proposed["id_a"], *self.proposed["id_b"]])
        return simulated_note(self.cases[mine])

    def file(self, folder: Path) -> Path | None:
        """Return where `write` puts the list, if there is one."""
        return None if self.proposed.empty else folder / FILE

    def messages(self, folder: Path | None = None) -> list[Message]:
        """Say what a planner has to know, and where the list lies if it was written."""
        said = [*summary(self.links, self.cases["case_id"]), *self.left_out]
        if folder and (file := self.file(folder)):
            where = {"file": str(file)}
            said.append(
                Message("Decide in {file}: đúng or không in the column decision; then diemnong add links {file}", where)
            )
        return said


def link_cases(
    workspace: Workspace, store: Store, cases: pd.DataFrame, decisions: pd.DataFrame | None = None
) -> Linked:
    """Find the links between all cases; what planners decided is kept.

    Parameters
    ----------
    workspace, store
        Where the cases are.
    cases
        All cases as they shall be stored.
    decisions
        Earlier links and decisions; by default those of the store.
    """
    if decisions is None:
        decisions = store.read("links")
    places = gazetteer(store.read("communes"), workspace.settings.crs)
    left_out: list[Message] = []
    links = find_links(
        cases,
        place(cases, places)["unit_code"],
        surroundings=Surroundings.of(places),
        decisions=_of_rows_that_are_back(decisions, cases),
        apart=told_apart_by(cases, "cases"),
        tell=left_out.append,
    )
    return Linked(cases, links, tuple(left_out))


def _of_rows_that_are_back(decisions: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Return decisions by the identifiers that cases have now.

    What was decided of a row that went (see `workflow.repeats.TakenBack`) holds again once it is back.
    """
    if decisions.empty or cases.empty:
        return decisions
    return renamed_links(decisions, dict(zip(with_offices(cases, "cases"), cases["case_id"], strict=True)))


def origins(cases: pd.DataFrame, ids: pd.Series, files: Mapping[str, str]) -> list[str]:
    """Return the file, sheet and row of cases, by which a planner finds them."""
    origin = cases.set_index("case_id").loc[ids, ["intake_id", "file_sheet", "file_row"]].fillna("")
    return [
        f"{files.get(intake, '–')}: {sheet}{'!' if sheet else ''}{row}"
        for intake, sheet, row in origin.itertuples(index=False)
    ]


def renamed_links(links: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return links with new identifiers, those of each pair in order."""
    if links.empty or not names:
        return links
    ends = links[["id_a", "id_b"]].map(lambda name: names.get(name, name))
    return links.assign(id_a=ends.min(axis=1).astype("str"), id_b=ends.max(axis=1).astype("str"))


def would_propose(linked: Linked, before: pd.DataFrame) -> list[Message]:
    """Say how many links would be proposed that the store does not have yet (``before``)."""
    known = pd.MultiIndex.from_frame(before[["id_a", "id_b"]])
    new = ~pd.MultiIndex.from_frame(linked.proposed[["id_a", "id_b"]]).isin(known)
    said = Message("{n} pairs of rows would be proposed as one case each", {"n": int(new.sum())})
    return [said, *linked.left_out]
