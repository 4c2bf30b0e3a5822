"""Every text of the web map, as a template; the page carries them in all languages."""

from collections.abc import Mapping
from types import MappingProxyType

from geo.errors import Message
from maps.stamp import DEFAULT_MODEL, LEVELS, STAMP
from maps.text import LANGUAGES, translate

_WORDS = {
    "title_risk": Message("{title}: risk of human trafficking"),
    "title_recorded": Message("{title}: recorded cases, not risk"),
    "simulated": Message("SIMULATED DATA: nothing in these records happened"),
    "approximate": Message("Approximate boundaries: do not measure distances or areas on this map"),
    "effort_unknown": Message("Not corrected for outreach: this ranks recorded cases, not risk"),
    "about": Message("Records from {start} to {end}, as of {made_on}. Communes as they are since {vintage}."),
    "stamp": STAMP,
    "default_model": DEFAULT_MODEL,
    **{f"level_{level}": said for level, said in LEVELS.items()},
    "limits": Message(
        "This map orders places for prevention. It says nothing about any person, family or community, and is no "
        "ground for a search, an arrest or the refusal of a service."
    ),
    "communes_tab": Message("Communes for outreach"),
    "sectors_tab": Message("Sectors for patrols"),
    "crossings_tab": Message("Crossings"),
    "views": Message("Views"),
    "print": Message("Print"),
    "search": Message("Search communes, sectors, crossings"),
    "found": Message("{n} found"),
    "more_found": Message("and {n} more; write more of the name"),
    "no_communes": Message("There are no communes"),
    "no_sectors": Message("There are no border sectors in this workspace"),
    "no_crossings": Message("No crossings are known in this workspace"),
    "no_surface": Message("This map has no surface."),
    "how_many_communes": Message("How many communes can be reached?"),
    "how_many_sectors": Message("How many sectors can be patrolled?"),
    "first_communes": Message("The first {k} hold {share} of the events expected in all communes."),
    "first_sectors": Message("The first {k} hold {share} of the border's flow."),
    "first_legend": Message("the first {k}"),
    "weak_legend": Message("hatched: weak data ({n})"),
    "unsure_legend": Message("? behind a rank: place unsure ({n})"),
    "changes": Message(
        "Since the run of {day} (records to {until}): {n} new among the first {k}, {up} moved up, {down} down."
    ),
    "moved_up": Message("{n} ranks higher than before"),
    "moved_down": Message("{n} ranks lower than before"),
    "moved_new": Message("not ranked before"),
    "rank_before": Message("Rank in the earlier run"),
    "expected_before": Message("Expected in the earlier run"),
    "not_ranked": Message("not ranked"),
    "perhaps_chance": Message("The figure lies within the earlier run's interval: the move may be chance."),
    "communes_unit": Message("events expected a year"),
    "sectors_unit": Message("share of the border's flow"),
    "drawn": Message("On the map"),
    "not_drawn": Message("Position unknown"),
    "communes_layer": Message("Communes: events expected a year"),
    "season_layer": Message("Recorded events by season"),
    "season_slider": Message("Month of the year, with its neighbours"),
    "season_total": Message("{n} of {all} recorded events in {months} ({years} years together)"),
    "season_months": Message("{months} ({years} years together)"),
    "season_note": Message(
        "Cases and suspected absences as recorded in three months of the year, all years together; not evened out for "
        "where and when people looked."
    ),
    "season_even": Message("In the whole area the months do not clearly differ: it may be chance."),
    "season_undated": Message("{n} events whose month is unknown are left out."),
    "none": Message("none"),
    "surface_layer": Message("Surface: recorded events per 10,000 people a year"),
    "sectors_layer": Message("Border sectors: share of the border's flow"),
    "crossings_layer": Message("Border crossings"),
    "labels_layer": Message("Ranks and names"),
    "legend": Message("Legend"),
    "events": Message("Events are cases and suspected absences, as even effort everywhere would record them."),
    "events_recorded": Message(
        "Events are cases and suspected absences, as they would go on being recorded: it is not corrected where people "
        "looked."
    ),
    "n_communes": Message("{n} communes"),
    "n_sectors": Message("{n} sectors"),
    "no_data": Message("no data"),
    "layers": Message("Layers"),
    "zoom_in": Message("Zoom in"),
    "zoom_out": Message("Zoom out"),
    "close": Message("Close"),
    "rank": Message("Rank"),
    "rank_of": Message("{rank} of {n}"),
    "expected": Message("Events expected a year"),
    "interval": Message("Interval, 90 %"),
    "range": Message("{low} to {high}"),
    "rate": Message("Events per 10,000 people a year"),
    "p_top10": Message("Among the first 10 % with probability"),
    "detection": Message("Share of cases that is noticed"),
    "band": Message("Depending on what effort notices"),
    "cases": Message("Cases"),
    "cases_reported": Message("… of these reported"),
    "cases_by_patrol": Message("… of these found by patrols"),
    "cases_by_outreach": Message("… of these by mailboxes of outreach"),
    "absences": Message("Suspected absences"),
    "sessions": Message("Outreach sessions"),
    "population": Message("Population"),
    "gain": Message("Events prevented"),
    "timetable": Message("Sessions by month and agency"),
    "reasons": Message("Why"),
    "rank_model": Message("Rank by the model"),
    "override": Message("Moved by a planner"),
    "override_until": Message("Moved until"),
    "override_by": Message("Moved by"),
    "moved": Message("moved by a planner"),
    "unstable": Message("place unsure"),
    "unstable_note": Message(
        "Place unsure: if some communes report half as much again or half as little, it enters or leaves the first "
        "10 % in {n} of the cases."
    ),
    "weak_data": Message("weak data"),
    "weak_note": Message("Weak data: the rank comes mostly from what is known of the neighbours and of such communes."),
    "approximate_note": Message("The boundary is approximate."),
    "neighbour": Message("Border with"),
    "LAO": Message("Laos"),
    "CHN": Message("China"),
    "KHM": Message("Cambodia"),
    "length": Message("Length"),
    "km": Message("{n} km"),
    "share": Message("Share of the border's flow"),
    "percent": Message("{n} %"),
    "flow": Message("Events a year that leave over it"),
    "patrol_hours": Message("Patrol hours in 12 months"),
    "not_recorded": Message("not recorded"),
    "kind": Message("Kind"),
    "international": Message("international border gate"),
    "main": Message("main border gate"),
    "secondary": Message("secondary border gate"),
    "opening": Message("border opening"),
    "trail": Message("trail"),
    "position": Message("Position"),
    "published": Message("published position"),
    "demo": Message("demo position, made up for the simulation"),
    "unknown": Message("no published position"),
}


def words(others: Mapping[str, Message] = MappingProxyType({})) -> dict[str, dict[str, str]]:
    """Return the texts by language and key, their places for values still open; ``others`` take the place of some."""
    said = {**_WORDS, **others}
    return {lang: {key: translate(word.template, lang) for key, word in said.items()} for lang in LANGUAGES}


def title_of(title: str, lang: str, *, effort_known: bool) -> str:
    """Return a map's title; without known effort it does not speak of risk.

    >>> title_of("Điện Biên", "en", effort_known=False)
    'Điện Biên: recorded cases, not risk'
    """
    return translate(_WORDS["title_risk" if effort_known else "title_recorded"].template, lang).format(title=title)
