import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.scale import ROUND, Frame, round_ratio, round_step

PROVINCE = (411_000.0, 2_305_000.0, 563_000.0, 2_495_000.0)


def test_the_largest_round_scale_that_fits():
    # 190 km on 320 mm is 1:593,750, and 152 km on 280 mm 1:542,857.
    assert Frame.around(PROVINCE, (8, 70, 280, 320)).ratio == 600_000
    assert Frame.around(PROVINCE, (8, 70, 280, 316)).ratio == 750_000
    assert Frame.around(PROVINCE, (8, 70, 400, 495), 2.0).ratio == 200_000


def test_a_kilometre_has_its_length_on_paper():
    frame = Frame.around(PROVINCE, (8, 70, 280, 320))
    (x, y), (east, north) = frame.place([(450_000, 2_400_000), (451_000, 2_401_000)])
    assert (east - x, north - y) == pytest.approx((1e6 / 600_000, 1e6 / 600_000))
    assert frame.place([(frame.west, frame.south), (frame.east, frame.north)]).ravel() == pytest.approx(
        [8, 70, 288, 390]
    )


@given(st.floats(100, 1e7), st.floats(0.1, 5), st.sampled_from([1.0, 2.0]))
def test_what_is_asked_for_is_in_the_middle_and_whole(size, shape, magnification):
    extent = (1000.0, 2000.0, 1000.0 + size, 2000.0 + size * shape)
    frame = Frame.around(extent, (5, 6, 100, 150), magnification)
    assert frame.west <= extent[0] * (1 + 1e-9)
    assert frame.north >= extent[3] * (1 - 1e-9)
    assert (frame.west + frame.east) / 2 == pytest.approx((extent[0] + extent[2]) / 2)
    assert (frame.south + frame.north) / 2 == pytest.approx((extent[1] + extent[3]) / 2)


@given(st.floats(1, 1e9))
def test_round_numbers(value):
    ratio = round_ratio(value)
    assert value * (1 - 1e-9) <= ratio <= value * 4 / 3 + 1e-6
    assert float(f"{ratio:e}".split("e")[0]) in ROUND
    assert value / 2.5 * (1 - 1e-9) <= round_step(value) <= value * (1 + 1e-9)
    assert f"{round_step(value):e}"[0] in "125"
