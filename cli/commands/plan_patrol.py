"""`diemnong plan patrol`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import FolderOption, JsonOption, Lang, LangOption, PlanFolderOption, QuietOption, opened
from cli.printing import Printer


def plan_patrol(
    teams: Annotated[
        int | None, typer.Option(help="Tổng số tổ, mặc định như các đồn ghi / Teams in all, by default the posts'")
    ] = None,
    hours: Annotated[float, typer.Option(help="Số giờ mỗi ca, từ lúc rời đồn đến lúc về / Hours of a shift")] = 8.0,
    days: Annotated[int, typer.Option(help="Số ngày / How many days")] = 30,
    posts: Annotated[
        Path | None, typer.Option(help="Tệp các đồn, chỉ đọc cho lần này / File of posts, read for this plan only")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Đoạn để ngoài kế hoạch / Sector to leave out")] = None,
    must_cover: Annotated[
        list[str] | None, typer.Option(help="Đoạn phải có mặt mỗi tuần / Sector to visit in each week")
    ] = None,
    closed: Annotated[
        list[str] | None, typer.Option(help="Đoạn không đi được trong mùa / Sector closed by season")
    ] = None,
    closed_areas: Annotated[
        Path | None, typer.Option(help="Lớp các vùng không đi được trong mùa / Layer of areas closed by season")
    ] = None,
    rest_days: Annotated[int, typer.Option(help="Số ngày nghỉ mỗi tuần của một tổ / Days off of a team a week")] = 0,
    effect: Annotated[
        float, typer.Option(help="Hiệu quả một giờ canh gác, giả định / Effect of an hour on watch, assumed")
    ] = 0.1,
    month: Annotated[
        str | None, typer.Option(help="Tháng đầu, ví dụ 2026-01 / First month; by default after the records' last")
    ] = None,
    workspace: FolderOption = Path(),
    out: PlanFolderOption = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Số bí mật của chỉ huy, mặc định rút mới / Secret seed, by default new")
    ] = None,
    lang: LangOption = Lang.vi,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Lập lịch tuần tra biên giới, cấp chỉ huy / Plan border patrols, command level."""
    import workflow

    printer = Printer(lang.value, as_json, quiet)
    with printer.progress() as tell:
        result = workflow.patrols_for(
            opened(workspace),
            teams,
            hours=hours,
            days=days,
            posts=posts,
            exclude=exclude or [],
            must_cover=must_cover or [],
            closed=closed or [],
            closed_areas=closed_areas,
            rest_days=rest_days,
            effect=effect,
            month=month,
            seed=seed,
            out=out,
            tell=tell,
        )
    printer.result(result)
