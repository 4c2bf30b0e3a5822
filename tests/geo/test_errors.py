import pickle

import pytest

from geo import errors


def test_a_message_keeps_template_and_values_apart():
    error = errors.IntakeError("{file}: {n} rows", file="a.csv", n=3)
    assert str(error) == "a.csv: 3 rows"
    assert error.message.template == "{file}: {n} rows"
    assert error.message.values == {"file": "a.csv", "n": 3}


def test_an_error_that_comes_from_another_process_is_the_same():
    cause = errors.Message("{{{n}}}", {"n": 3})
    sent = pickle.dumps(errors.IntakeError("{file}: {why}", file="{a}.csv", why=cause))
    error = pickle.loads(sent)  # noqa: S301
    assert type(error) is errors.IntakeError
    assert error.message == errors.Message("{file}: {why}", {"file": "{a}.csv", "why": cause})
    assert str(error) == "{a}.csv: {3}"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.IntakeError, 3),
        (errors.SchemaError, 3),
        (errors.CrsError, 3),
        (errors.WorkspaceError, 1),
        (errors.ModelError, 1),
        (errors.PlanError, 1),
        (errors.ClusterError, 1),
        (errors.ReleaseError, 1),
        (errors.DisclosureError, 4),
    ],
)
def test_exit_codes(kind, code):
    assert issubclass(kind, errors.DiemnongError)
    assert kind.exit_code == code
