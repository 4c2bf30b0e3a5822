import importlib.machinery

import pytest

from geo.errors import ReleaseError
from maps import fonts
from maps.document import seen

VIETNAMESE = "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐ"


def test_the_font_has_every_vietnamese_letter_with_every_tone():
    letters = [
        seen(letter + tone) for letter in VIETNAMESE for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    ]
    composed = [letter for letter in letters if len(letter) == 1]
    assert len(composed) == 24 * 6 + 2, "all vowels with all tones; đ bears none"
    assert fonts.drawable("".join(composed)) == "".join(composed)


def test_what_the_font_lacks_is_marked_letter_by_letter():
    assert fonts.drawable("a🏔b\U000f0000") == f"a{fonts.MISSING}b{fonts.MISSING}"


def test_a_missing_font_is_an_error_that_names_it(tmp_path, monkeypatch):
    nowhere = importlib.machinery.ModuleSpec("matplotlib", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(fonts, "find_spec", lambda _: nowhere)
    fonts.register.cache_clear()
    with pytest.raises(ReleaseError, match=r"DejaVuSans\.ttf, which PDFs need, is missing; reinstall matplotlib"):
        fonts.register()
