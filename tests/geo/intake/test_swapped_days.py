import pandas as pd
import pytest

from geo.intake.swapped_days import swapped


@pytest.mark.parametrize(
    ("cells", "of_dates", "found"),
    [
        (["2017-01-03", "13/02/2017", "28-2-17"], [True, False, False], {0: "2017-03-01"}),
        (["2017-01-13", "2017-01-03", "13/02/2017"], [True, True, False], {}),  # a date cell after the 12th
        (["2017-01-03", "13/02/2017", "05/02/2017"], [True, False, False], {}),  # a text before the 13th
        (["2017-01-03", "13/02/2017"], [False, False], {}),
        (["2017-01-03", "Quý III", None], [True, False, False], {}),
        (["2017-05-05T10:30:00", "2017-01-03T10:30:00", "13/02/2017"], [True, True, False], {1: "2017-03-01"}),
    ],
)
def test_days_are_suspected_where_date_cells_are_early_and_texts_late(cells, of_dates, found):
    assert swapped(pd.Series(cells, dtype=object), pd.Series(of_dates)).to_dict() == found
