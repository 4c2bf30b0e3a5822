"""Every text of the web map, as a template; the page carries them in all languages."""

from geo.errors import Message
from maps.text import LANGUAGES, translate

_WORDS = {
    "title_risk": Message("{title}: risk of human trafficking"),
    "title_recorded": Message("{title}: recorded cases, not risk"),
    "simulated": Message("SIMULATED DATA: nothing in these records happened"),
    "approximate": Message("Approximate boundaries: do not measure distances or areas on this map"),
    "effort_unknown": Message("No outreach is recorded: this ranks recorded cases, not risk"),
    "about": Message("Records from {start} to {end}, as of {made_on}. Communes as they are since {vintage}."),
    "limits": Message(
        "This map orders places for prevention. It says nothing about any person, family or community, and is no "
        "ground for a search, an arrest or the refusal of a service."
    ),
    "communes_tab": Message("Communes for outreach"),
    "sectors_tab": Message("Sectors for patrols"),
    "crossings_tab": Message("Crossings"),
    "communes_unit": Message("events expected a year"),
    "sectors_unit": Message("share of the border's risk"),
    "drawn": Message("On the map"),
    "not_drawn": Message("Position unknown"),
    "communes_layer": Message("Communes: events expected a year"),
    "surface_layer": Message("Surface: events per 10,000 people a year"),
    "sectors_layer": Message("Border sectors: share of the border's risk"),
    "crossings_layer": Message("Border crossings"),
    "labels_layer": Message("Ranks and names"),
    "legend": Message("Legend"),
    "events": Message("Events are cases and suspected absences."),
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
    "cases": Message("Cases"),
    "absences": Message("Suspected absences"),
    "sessions": Message("Outreach sessions"),
    "population": Message("Population"),
    "reasons": Message("Why"),
    "weak_data": Message("weak data"),
    "weak_note": Message("Weak data: the rank comes mostly from the neighbouring communes."),
    "approximate_note": Message("The boundary is approximate."),
    "neighbour": Message("Border with"),
    "LAO": Message("Laos"),
    "CHN": Message("China"),
    "length": Message("Length"),
    "km": Message("{n} km"),
    "share": Message("Share of the border's risk"),
    "percent": Message("{n} %"),
    "nearby_risk": Message("Risk nearby, events a year and km²"),
    "crossing_density": Message("Crossings per km²"),
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


def words() -> dict[str, dict[str, str]]:
    """Return the texts by language and key, their places for values still open."""
    return {lang: {key: translate(word.template, lang) for key, word in _WORDS.items()} for lang in LANGUAGES}
