import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.palette import COMMUNES, SECTORS, SURFACE, class_breaks, class_of, shades

PALETTES = {"communes": COMMUNES, "surface": SURFACE, "sectors": SECTORS}

# Machado, Oliveira & Fernandes 2009, IEEE TVCG 15:1291–1298, table of severity 1.0; they act on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(colour, deficiency="none"):
    """CIELAB (D65) of an sRGB colour, as seen with a deficiency: IEC 61966-2-1 and CIE 15."""
    rgb = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(DEFICIENCIES[deficiency]) @ linear, 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    f = np.cbrt(xyz / [0.95047, 1.0, 1.08883])
    f = np.where(f > 6 / 29, f, (xyz / [0.95047, 1.0, 1.08883]) / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_lab_of_known_colours():
    assert lab("#ffffff") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#ff0000") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)


@pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_classes_can_be_told_apart_by_everyone(palette, deficiency):
    seen = np.array([lab(colour, deficiency) for colour in palette])
    assert (np.diff(seen[:, 0]) < -4).all(), "darker from class to class, for grey prints too"
    apart = np.linalg.norm(seen[:, None] - seen[None, :], axis=2)[~np.eye(len(palette), dtype=bool)]
    assert apart.min() > 10


@pytest.mark.parametrize(
    ("values", "k", "breaks"),
    [
        (range(1, 11), 5, [2, 4, 6, 8, 10]),
        ([3, 1, 2], 5, [1, 2, 3]),
        ([0, 0, 0, 0, 5], 5, [0, 5]),
        ([7, 7, 7], 5, [7]),
        ([1, 2], 5, [1, 2]),
        ([np.nan, 4, np.inf], 5, [4]),
        ([], 5, []),
        ([np.nan], 5, []),
        ([1, 1, 1, 2, 3, 4], 3, [1, 2, 4]),
    ],
)
def test_breaks_worked_out_by_hand(values, k, breaks):
    assert class_breaks(list(values), k).tolist() == breaks


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=60), st.integers(1, 7))
def test_classes_are_full_ordered_and_never_part_equal_values(values, k):
    values = np.array(values, dtype=float)
    breaks = class_breaks(values, k)
    classes = class_of(values, breaks)
    known = np.isfinite(values)
    assert len(breaks) <= k
    assert (classes[~known] == -1).all()
    assert sorted(set(classes[known].tolist())) == list(range(len(breaks)))
    order = np.argsort(values[known])
    assert (np.diff(classes[known][order]) >= 0).all()
    assert all(len(set(classes[values == value])) == 1 for value in values[known])


@pytest.mark.parametrize(
    ("n", "chosen"), [(0, []), (1, [2]), (2, [0, 4]), (3, [0, 2, 4]), (4, [0, 1, 3, 4]), (5, [0, 1, 2, 3, 4])]
)
def test_fewer_classes_use_the_whole_palette(n, chosen):
    assert shades(COMMUNES, n) == [COMMUNES[i] for i in chosen]
