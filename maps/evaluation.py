"""The files of an evaluation: tables for Excel, and the hit-rate curves as a picture."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geo.errors import Message
from maps.outputs import SIMULATED_NOTE
from maps.tables import write_csv, write_xlsx
from maps.text import number, translate

FILES = ("evaluation.csv", "evaluation.xlsx", "comparisons.csv", "comparisons.xlsx", "hit_rates.png")

HEADINGS = {
    "model": "Mô hình\nModel",
    "other": "So với\nCompared with",
    "metric": "Chỉ tiêu\nMetric",
    "of": "Ngân sách theo\nBudget of",
    "budget": "Ngân sách (tỷ lệ)\nBudget (share)",
    "value": "Giá trị\nValue",
    "difference": "Chênh lệch\nDifference",
    "lower": "Cận dưới 90%\nLower 90%",
    "upper": "Cận trên 90%\nUpper 90%",
    "verdict": "Kết luận\nVerdict",
    "data_kind": "Loại số liệu\nData",
}

_COLOURS = (
    "#bd0026",
    "#1f78b4",
    "#33a02c",
    "#6a3d9a",
    "#ff7f00",
    "#b15928",
    "#666666",
    "#17becf",
    "#e377c2",
    "#000000",
)
_DASHES = ("-", "--", ":", "-.")


def write_evaluation(
    folder: Path,
    scores: pd.DataFrame,
    comparisons: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    names: Mapping[str, Message],
    simulated: bool,
    lang: str,
) -> None:
    """Write `FILES` into a draft of `maps.release.released`.

    Parameters
    ----------
    folder
        The draft.
    scores, comparisons, curves
        The tables of `models.evaluate.Evaluation`.
    names
        What models are called; the curve of the first is drawn with its band.
    simulated
        Whether the records are; all files then say so.
    lang
        Language of the models' names and of the picture.
    """
    called = {name: translate(message, lang) for name, message in names.items()}
    kind, note = ("simulated", SIMULATED_NOTE) if simulated else ("recorded", "")
    for name, table in (("evaluation", scores), ("comparisons", comparisons)):
        told = table.replace({"model": called, "other": called}).assign(data_kind=kind)
        write_csv(folder / f"{name}.csv", told)
        write_xlsx(folder / f"{name}.xlsx", told, title=name, headings=HEADINGS, note=note)
    draw_curves(folder / "hit_rates.png", curves, called, simulated=simulated, lang=lang)


def draw_curves(path: Path, curves: pd.DataFrame, names: Mapping[str, str], *, simulated: bool, lang: str) -> None:
    """Draw the share of events found against the share of units taken, by model, and the band of the first.

    Parameters
    ----------
    path
        The PNG.
    curves
        See `models.evaluate.Evaluation`.
    names
        What models are called in the legend.
    simulated, lang
        See `write_evaluation`.
    """
    from matplotlib.figure import Figure  # Half a second that only this picture needs.

    units = curves[curves["of"] == "units"]
    figure = Figure(figsize=(9, 6), dpi=120, layout="constrained")
    axes = figure.subplots()
    for place, (name, called) in enumerate(names.items()):
        line = units[units["model"] == name]
        colour, dash = _COLOURS[place % len(_COLOURS)], _DASHES[place % len(_DASHES)]
        if not place:
            axes.fill_between(line["share"], line["lower"], line["upper"], color=colour, alpha=0.2, linewidth=0)
        axes.plot(line["share"], line["hit_rate"], dash, color=colour, linewidth=1.2 if place else 2.5, label=called)
    axes.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1, label=translate(Message("at random"), lang))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xlabel(translate(Message("share of the communes, highest first"), lang))
    axes.set_ylabel(translate(Message("share of the events of the next year found there"), lang))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda share, _: f"{number(100 * share, lang, 0)} %")
    title = translate(Message("Forecasts judged by what came after them (band: 90 % interval)"), lang)
    if simulated:
        title += "\n" + translate(Message("SIMULATED DATA: nothing in these records happened"), lang)
    axes.set_title(title)
    axes.legend(loc="lower right", fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Software": None})
