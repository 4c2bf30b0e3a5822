"""`diemnong effects`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, PlanFolderOption, QuietOption, opened
from cli.printing import Printer


class Treatment(StrEnum):
    """What may have had an effect."""

    outreach = "outreach"
    mailbox = "mailbox"
    legal_club = "legal_club"
    womens_club = "womens_club"
    support_model = "support_model"


class Outcome(StrEnum):
    """What is counted."""

    cases = "cases"
    absences = "absences"
    both = "both"


class Period(StrEnum):
    """How long the periods are."""

    month = "month"
    quarter = "quarter"
    year = "year"


def effects(
    workspace: FolderOption = Path(),
    of: Annotated[Treatment, typer.Option(help="Hoạt động cần đánh giá / What may have had an effect")] = (
        Treatment.outreach
    ),
    outcome: Annotated[Outcome, typer.Option(help="Số liệu được đếm / What is counted")] = Outcome.both,
    period: Annotated[Period, typer.Option(help="Độ dài mỗi kỳ / Length of the periods")] = Period.quarter,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=1, help="Mức giảm đáng kể, đặt ra từ trước / Fall worth having, a share")
    ] = 0.5,
    out: PlanFolderOption = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Hạt giống ngẫu nhiên / Seed of random steps")] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Hoạt động có tác dụng không, số liệu có đủ để thấy không / Whether it changed anything."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.effects_of(
            opened(workspace),
            of.value,
            outcome.value,
            length=workflow.Length[period.value],
            threshold_fall=threshold,
            out=out,
            seed=seed,
            tell=tell,
        )
    printer.result(result)
