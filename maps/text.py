"""What users read, in Vietnamese and English: translated messages, numbers and dates in the reader's form.

English is the language of the source: its templates are the keys of the Vietnamese catalogue in ``maps/locale``.
"""

import datetime as dt
import gettext
import math
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from string import Formatter

from geo.errors import Message

LANGUAGES = ("vi", "en")
LOCALE = Path(__file__).parent / "locale"

WORDS = (
    Message("error"),
    Message("warning"),
    Message("repair"),
    Message("info"),
    Message("official"),
    Message("approximate"),
    Message("communes"),
    Message("border"),
    Message("crossings"),
    Message("links"),
    Message("cases"),
    Message("absences"),
    Message("outreach"),
    Message("services"),
    Message("posts"),
    Message("villages"),
    Message("roads"),
    Message("trails"),
    Message("rivers"),
    Message("patrols"),
    Message("covariates"),
    Message("police"),
    Message("border guard"),
    Message("labour"),
    Message("justice"),
    Message("women's union"),
    Message("information"),
    Message("unplaced"),
    Message("refused"),
    Message("outside the period"),
    Message("hotline"),
    Message("mailbox"),
    Message("return"),
    Message("other"),
    Message("female"),
    Message("male"),
    Message("unknown"),
    Message("open"),
    Message("verified trafficked"),
    Message("returned"),
    Message("cleared"),
    Message("legal club"),
    Message("women's club"),
    Message("support model"),
    Message("point"),
    Message("commune"),
    Message("district"),
    Message("simulated"),
    Message("recorded"),
    Message("day"),
    Message("month"),
    Message("quarter"),
    Message("half year"),
    Message("year"),
    Message("more than"),
    Message("at least"),
    Message("nearly"),
    Message("about"),
    Message("at most"),
    Message("less than"),
    Message("case_id"),
    Message("date"),
    Message("date_precision"),
    Message("lon"),
    Message("lat"),
    Message("commune_code"),
    Message("vintage"),
    Message("village"),
    Message("precision"),
    Message("victims"),
    Message("offenders"),
    Message("crossing_id"),
    Message("source"),
    Message("data_kind"),
    Message("absence_id"),
    Message("reported_on"),
    Message("absent_since"),
    Message("sex"),
    Message("age_band"),
    Message("status"),
    Message("session_id"),
    Message("agency"),
    Message("kind"),
    Message("sessions"),
    Message("attendees"),
    Message("attendees_bound"),
    Message("service_id"),
    Message("subkind"),
    Message("since"),
    Message("until"),
    Message("post_id"),
    Message("name"),
    Message("teams"),
    Message("patrol_id"),
    Message("sector_id"),
    Message("hours"),
    Message("id_a"),
    Message("id_b"),
    Message("decision"),
    Message("validity"),
    Message("overlaps"),
    Message("gaps"),
    Message("proposed"),
    Message("confirmed"),
    Message("undone"),
)
"""Words of the tables that messages name by their value, here so that they are collected for translation."""

_NOTHING = "–"
_VIETNAMESE_SIGNS = str.maketrans(",.", ".,")


def translate(message: Message | str, lang: str) -> str:
    """Return a message in ``lang``, its numbers and dates in that language's form.

    Parameters
    ----------
    message
        A Message, whose values may be Messages themselves, or a text without places for values.
    lang
        ``"vi"`` or ``"en"``. A template that the catalogue lacks stays English.

    >>> rows = Message("{file}: {n} features taken as {kind}", {"file": "a.csv", "n": 17400, "kind": Message("cases")})
    >>> translate(rows, "en")
    'a.csv: 17,400 features taken as cases'
    """
    if isinstance(message, str):
        return _template(message, lang)
    return _Reader(lang).vformat(_template(message.template, lang), (), message.values)


def number(value: float, lang: str, digits: int | None = None) -> str:
    """Return a number as it is written in ``lang``; a dash if it is not finite.

    Parameters
    ----------
    value
        The number.
    lang
        ``"vi"`` or ``"en"``.
    digits
        Decimals. By default none for whole numbers and from 100 on, two from 0.1 on, below that two that count.

    >>> number(17_400, "vi"), number(0.351, "vi"), number(0.00351, "en"), number(1234.5, "en", 1)
    ('17.400', '0,35', '0.0035', '1,234.5')
    """
    value = float(value)
    if not math.isfinite(value):
        return _NOTHING
    text = f"{value:z,.{_digits(value) if digits is None else digits}f}"
    return text.translate(_VIETNAMESE_SIGNS) if lang == "vi" else text


def date(value: dt.date | str, lang: str) -> str:
    """Return a day as it is written in ``lang``; ISO 8601 in English, which has several forms.

    >>> date("2026-11-23", "vi"), date(dt.date(2026, 11, 23), "en")
    ('23/11/2026', '2026-11-23')
    """
    day = dt.date.fromisoformat(value) if isinstance(value, str) else value
    return f"{day:%d/%m/%Y}" if lang == "vi" else f"{day:%Y-%m-%d}"


class _Reader(Formatter):
    """Fills a template's places in the form of one language; a format in the template itself goes first."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def format_field(self, value: object, format_spec: str) -> str:
        match value:
            case _ if format_spec:
                return str(super().format_field(value, format_spec))
            case Message():
                return translate(value, self._lang)
            case Integral() | Real():
                return number(float(value), self._lang)
            case dt.date():
                return date(value, self._lang)
            case object(freqstr="M"):  # A month as pandas has it, which the command line need not wait for.
                return _month(str(value), self._lang)
            case _:
                return str(value)


def _month(iso: str, lang: str) -> str:
    year, month = iso.split("-")
    return f"{month}/{year}" if lang == "vi" else iso


def _digits(value: float) -> int:
    if value == round(value) or abs(value) >= 100:
        return 0
    return 2 if abs(value) >= 0.1 else 1 - int(f"{value:.1e}".partition("e")[2])


def _template(template: str, lang: str) -> str:
    # The empty key holds the catalogue's own header.
    return _catalogue(lang).gettext(template) if template and lang != "en" else template


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    return gettext.translation("diemnong", LOCALE, [lang])
