"""`diemnong plan outreach`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    FolderOption,
    JsonOption,
    Lang,
    LangOption,
    PlanFolderOption,
    QuietOption,
    SeedOrSettingsOption,
    numbers_of,
    opened,
)
from cli.printing import Printer


class Agency(StrEnum):
    """Who holds sessions."""

    police = "police"
    border_guard = "border_guard"
    labour = "labour"
    justice = "justice"
    womens_union = "womens_union"
    information = "information"


def plan_outreach(
    sessions: Annotated[int, typer.Option(min=1, help="Tổng số buổi / How many sessions in all")],
    months: Annotated[int, typer.Option(min=1, max=60, help="Số tháng / How many months")] = 12,
    workspace: FolderOption = Path(),
    start: Annotated[
        str | None, typer.Option(help="Tháng đầu, ví dụ 2026-01 / First month; by default after the records' last")
    ] = None,
    agency: Annotated[list[Agency] | None, typer.Option(help="Cơ quan, mặc định cả sáu / By default all six")] = None,
    capacity: Annotated[
        list[str] | None, typer.Option(help="Số buổi tối đa, ví dụ police=100 / Most sessions of an agency")
    ] = None,
    closed: Annotated[
        list[int] | None, typer.Option(min=1, max=12, help="Tháng nghỉ trong năm, 1–12 / Month without sessions")
    ] = None,
    floor: Annotated[int, typer.Option(min=0, help="Số buổi tối thiểu mỗi xã / Least sessions of a commune")] = 1,
    explore: Annotated[
        float, typer.Option(min=0, max=1, help="Phần dành cho nơi còn ít biết / Share that goes where little is known")
    ] = 0.15,
    out: PlanFolderOption = None,
    seed: SeedOrSettingsOption = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Lập kế hoạch truyền thông theo xã, tháng, cơ quan / Plan outreach sessions."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    most = numbers_of(capacity or [])
    with printer.progress() as tell:
        result = workflow.outreach_for(
            opened(workspace),
            sessions,
            months,
            start=start,
            agencies=tuple(one.value for one in agency or Agency),
            capacity=most,
            closed=closed or [],
            floor=floor,
            explore=explore,
            out=out,
            seed=seed,
            tell=tell,
        )
    printer.result(result)
