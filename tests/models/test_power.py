import numpy as np
import pytest

from geo.errors import PlanError
from models.power import (
    Comparison,
    detectable_fall,
    pilots_against_others,
    power,
    stepped_wedge,
    survey_size,
)


def test_two_pilots_against_ten_find_a_halving_in_one_case_of_nine():
    # 15 cases a year over 24 communes, two years before and three after: the figure that issue 6 states is 0.11.
    pilots = pilots_against_others(2, 10, 15 / 24, years_before=2, years_after=3)
    assert power(pilots, 0.5, simulations=2000) == pytest.approx(0.11, abs=0.03)


@pytest.mark.parametrize(("cases", "stated"), [(15, 0.36), (60, 0.84)])
def test_a_stepped_wedge_of_24_communes_has_the_power_that_was_stated(cases, stated):
    wedge = stepped_wedge(24, 4, cases / 24, years=5)
    assert power(wedge, 0.5, simulations=2000) == pytest.approx(stated, abs=0.04)


def test_without_an_effect_power_is_the_level():
    assert power(stepped_wedge(24, 4, 5.0, years=5), 0.0, simulations=2000) == pytest.approx(0.05, abs=0.016)


def test_the_detectable_fall_has_the_power_and_one_per_cent_less_has_not():
    wedge = stepped_wedge(24, 4, 60 / 24, years=5)
    fall = detectable_fall(wedge)
    assert power(wedge, fall) >= 0.8 > power(wedge, fall - 0.01)
    assert 0.4 < fall < 0.55
    assert detectable_fall(pilots_against_others(2, 10, 15 / 45, years_before=2, years_after=3)) is None


def test_steps_are_of_like_size_and_begin_after_one_period_without():
    treated = stepped_wedge(10, 4, 1.0, years=5).treated
    assert treated.sum(axis=0).tolist() == [0, 3, 5, 8, 10]


def test_a_survey_of_half_against_six_tenths_needs_388_people_each():
    # R 4.2.2: power.prop.test(p1 = 0.5, p2 = 0.6, power = 0.8) gives n = 387.3385 for each group.
    assert survey_size(0.5, 0.6, design_effect=1.0) == 388
    assert survey_size(0.5, 0.6) == 775


def test_a_comparison_that_compares_nothing_is_refused():
    with pytest.raises(PlanError, match="Nothing can be compared"):
        Comparison(np.tile([False, True], (5, 1)), np.ones((5, 2)))
    with pytest.raises(PlanError, match="expected events from 0 on"):
        Comparison(np.eye(2, dtype=bool), np.ones((3, 2)))
    with pytest.raises(PlanError, match=r"between 0 and 1; got 1\.5"):
        power(stepped_wedge(4, 2, 1.0, years=2), 1.5)
    with pytest.raises(PlanError, match="two different shares"):
        survey_size(0.4, 0.4)
