"""`diemnong plan start`."""

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
    opened,
)
from cli.printing import Printer


def plan_start(
    steps: Annotated[int, typer.Option(min=2, help="Số đợt bắt đầu / How many groups begin one after another")],
    outcome: Annotated[str, typer.Option(help="Sẽ đếm gì, một câu / What will be counted, in a sentence")],
    draw: Annotated[int, typer.Option(min=0, help="Số bốc thăm do người ngoài nêu / Seed of the lot")],
    months: Annotated[int, typer.Option(min=3, max=120, help="Số tháng / How many months")] = 24,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=1, help="Mức giảm đáng kể, đặt ra từ trước / Fall worth having, a share")
    ] = 0.5,
    workspace: FolderOption = Path(),
    start: Annotated[
        str | None, typer.Option(help="Tháng đầu, ví dụ 2026-01 / First month; by default after the records' last")
    ] = None,
    out: PlanFolderOption = None,
    seed: SeedOrSettingsOption = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Bốc thăm thứ tự các xã bắt đầu, để đánh giá được / Draw who begins when, so that it can be judged."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.start_for(
            opened(workspace),
            steps,
            months,
            outcome=outcome,
            draw=draw,
            threshold_fall=threshold,
            start=start,
            out=out,
            seed=seed,
            tell=tell,
        )
    printer.result(result)
