"""The command as a user types it: what it prints, where, and with which exit code."""

import contextlib
import contextvars
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

import cli
import workflow
from cli.commands import COMMANDS as LISTED
from geo import boundaries
from geo.schema import AGENCIES, VINTAGES

COMMANDS = tuple(command.__name__ for command in LISTED)


@dataclass
class Ended:
    returncode: int
    stdout: str
    stderr: str


def diemnong(*arguments):
    """Run the command as installed, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["diemnong", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        contextvars.copy_context().run(cli.main)
    return Ended(end.value.code or 0, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "w"
    result = diemnong("init", folder)
    assert result.returncode == 0, result.stderr
    return folder


def cases(tmp_path, **columns):
    base = {"case_id": ["c1"], "date": ["2017-03-31"], "commune_code": ["03160"], "victims": [1], "source": ["police"]}
    pd.DataFrame(base | columns).to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path / "cases.csv"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_explains_itself_in_both_languages(command):
    result = CliRunner().invoke(cli.app, [*command.replace("_", " ").split(), "--help"])
    assert result.exit_code == 0
    assert " / " in result.output or "phòng" in result.output


def test_each_command_is_the_file_of_its_name():
    files = {path.stem for path in (Path(cli.__file__).parent / "commands").glob("[!_]*.py")}
    assert files == set(COMMANDS)
    assert all(command.__module__ == f"cli.commands.{command.__name__}" for command in LISTED)


def test_it_runs_as_a_module_too():
    result = subprocess.run([sys.executable, "-m", "cli", "run", "-w", "nowhere"], capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Lỗi:")


def test_help_needs_no_heavy_library():
    heavy = ["geopandas", "pandas", "numba", "sklearn", "folium", "rasterio", "scipy", "matplotlib"]
    code = (
        "import sys, cli\nsys.argv = ['diemnong', '--help']\n"
        f"try: cli.main()\nexcept SystemExit: pass\nprint([m for m in {heavy} if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout.strip().endswith("[]"), result.stdout[-300:]


def test_the_demo_prints_two_top_tens_with_reasons_and_where_the_files_lie(tmp_path):
    result = diemnong("demo", "--out", tmp_path / "out", "--lang", "en")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].startswith("SIMULATED DATA")
    first, second = lines.index("Top communes for prevention outreach"), lines.index("Top border sectors for patrols")
    assert [line.split(".")[0].strip() for line in lines[first + 1 : first + 21 : 2]] == [str(n) for n in range(1, 11)]
    assert all("cases and" in line and "outreach sessions" in line for line in lines[first + 2 : first + 22 : 2])
    assert all("moved here above all from" in line for line in lines[second + 2 : second + 22 : 2])
    assert str(tmp_path / "out" / "map.html") in result.stdout


@pytest.fixture(scope="module")
def one_demo(tmp_path_factory):
    """Let one demo be made for several ways to tell of it."""
    made = workflow.demo(tmp_path_factory.mktemp("demo") / "out")
    with mock.patch.object(workflow, "demo", return_value=made):
        yield


def test_vietnamese_is_the_first_language(one_demo):
    result = diemnong("demo")
    assert result.stdout.startswith("DỮ LIỆU MÔ PHỎNG")
    assert "01/01/2013" in result.stdout
    assert "expected a year" not in result.stdout


def test_json_goes_to_stdout_alone(one_demo):
    result = diemnong("demo", "--json")
    answer = json.loads(result.stdout)
    assert answer["data_kind"] == "simulated"
    assert len(answer["outreach"]) == len(answer["patrol"]) == 10
    assert {"rank", "commune_code", "expected", "lower", "upper", "reason"} <= set(answer["outreach"][0])


def test_from_own_files_to_a_ranking(tmp_path):
    folder = tmp_path / "w"
    assert diemnong("init", folder, "--vintage", "2020-01-01", "--lang", "en").returncode == 0
    added = diemnong("add", "cases", cases(tmp_path, commune_code=["03160"]), "-w", folder, "--lang", "en")
    assert added.stdout.startswith("cases.csv: 1 rows read, 1 accepted\n")
    assert diemnong("check", "-w", folder).returncode == 0
    run = diemnong("run", "-w", folder, "--lang", "en")
    assert run.returncode == 0, run.stderr
    assert "SIMULATED" not in run.stdout
    assert len(list((folder / "runs").iterdir())) == 1


def test_a_model_is_trained_promoted_and_used(tmp_path):
    folder = tmp_path / "w"
    diemnong("init", folder)
    diemnong("add", "cases", cases(tmp_path), "-w", folder)
    trained = diemnong("train", "-w", folder, "--json")
    assert trained.returncode == 0, trained.stderr
    name = json.loads(trained.stdout)["model"]
    assert diemnong("promote", "-w", folder, "--force", "--lang", "en").stderr.count("--force needs --reason") == 1
    promoted = diemnong("promote", name, "-w", folder, "--lang", "en")
    assert promoted.stdout.startswith(f"{name} is the model in use now")
    assert f"Model in use: {name}" in diemnong("run", "-w", folder, "--lang", "en").stdout


def test_evaluate_says_what_is_missing(workspace):
    result = diemnong("evaluate", "-w", workspace, "--lang", "en")
    assert (result.returncode, result.stdout) == (1, "")
    assert "There is no case and no absence yet" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "cases", "nowhere.csv"], 3, "no such file"),
        (["add", "communes", "nowhere.gpkg"], 3, "no such file"),
        (["add", "ghosts", "x.csv"], 2, "ghosts"),
        (["add", "cases"], 2, "file"),
        (["add", "cases", "x.csv", "--column", "nonsense"], 2, "OURS=THEIRS"),
        (["add", "cases", "x.csv", "--vintage", "1999-01-01"], 2, "1999-01-01"),
        (["run"], 1, "no case and no absence"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_errors_are_explained_without_a_traceback(workspace, arguments, code, said):
    where = ["-w", workspace, "--lang", "en"] if arguments[0] in COMMANDS else []
    result = diemnong(*arguments, *where)
    assert result.returncode == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("line", "english", "vietnamese"),
    [
        (
            "add cases",
            "'file' is missing (Tệp / The file); see: diemnong add --help",
            "Thiếu 'file' (Tệp / The file); ",
        ),
        ("undo", "'intake_id' is missing (", "Thiếu 'intake_id' ("),
        ("run --outt x", "There is no option --outt; meant may be: --out", "Không có tuỳ chọn --outt; có thể ý là: "),
        ("run --nope", "There is no option --nope; see: diemnong run --help", "Không có tuỳ chọn --nope; xem: "),
        ("add cases báo cáo.csv", "a name with spaces belongs between quotes", "đặt trong ngoặc kép"),
        ("publsh", "There is no command publsh; see: publish", "Không có lệnh publsh; xem: publish"),
        ("xyz", "There is no command xyz; see: diemnong --help", "Không có lệnh xyz; xem: diemnong --help"),
        ("density p.csv --out o --cell x", "The value of '--cell' cannot be used: ", "Giá trị của '--cell' không dùng"),
        ("density p.csv --out", "--out is not complete", "--out còn thiếu giá trị"),
    ],
)
def test_a_line_that_cannot_be_read_is_explained_in_the_readers_language(monkeypatch, line, english, vietnamese):
    monkeypatch.delenv("DIEMNONG_LANG", raising=False)
    said = diemnong(*line.split())
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("Lỗi: ")
    assert vietnamese in said.stderr
    monkeypatch.setenv("DIEMNONG_LANG", "en")
    assert english in diemnong(*line.split()).stderr


def test_a_line_that_cannot_be_read_is_explained_as_it_asks_to_be():
    told = diemnong("add", "cases", "--nope", "--json", "--lang", "en")
    assert (told.returncode, told.stdout) == (2, "")
    said = "There is no option --nope; see: diemnong add --help"
    assert json.loads(told.stderr) == {"error": said, "exit_code": 2}


def test_nothing_asked_is_answered_with_the_help():
    result = diemnong()
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: diemnong [OPTIONS] COMMAND")


def test_a_question_broken_off_ends_the_command(tmp_path):
    with mock.patch("typer.prompt", side_effect=typer.Abort):
        result = diemnong("protect", cases(tmp_path), "--passphrase", "-o", tmp_path / "o", "--lang", "en")
    assert (result.returncode, result.stderr) == (1, "Error: Broken off\n")


def test_rejected_rows_end_with_code_3_and_a_fix_list(tmp_path, workspace):
    result = diemnong("add", "cases", cases(tmp_path, victims=[-1]), "-w", workspace, "--lang", "en")
    assert result.returncode == 3
    assert "rows 2: victims is less than 0" in result.stdout
    assert "fixlist.xlsx" in result.stdout


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--layer", "Sheet1"), "a table has no layers; leave --layer out"),
        (("--column", "foo=victims"), "not foo"),
        (("--column", "village=nowhere"), "there is no column nowhere"),
    ],
)
def test_an_option_that_would_be_passed_over_is_refused(tmp_path, workspace, options, said, dry_run):
    result = diemnong("add", "cases", cases(tmp_path), "-w", workspace, "--lang", "en", *options, *dry_run)
    assert (result.returncode, result.stdout) == (3, "")
    assert said in result.stderr


def test_links_are_decided_with_add(tmp_path):
    folder = tmp_path / "w"
    diemnong("init", folder)
    reports = {"case_id": ["p1", "b1"], "source": ["police", "border_guard"]}
    reports |= {"date": "2017-03-03", "commune_code": "03160", "victims": 2}
    assert "diemnong add links" in diemnong("add", "cases", cases(tmp_path, **reports), "-w", folder).stdout
    pd.DataFrame({"id_a": ["b1"], "id_b": ["p1"], "decision": ["đúng"]}).to_csv(tmp_path / "links.csv", index=False)
    decided = diemnong("add", "links", tmp_path / "links.csv", "-w", folder, "--lang", "en")
    assert decided.returncode == 0, decided.stderr
    assert decided.stdout.startswith("links.csv: 1 pairs read: 1 confirmed\n")


def test_a_folder_that_is_no_workspace_is_explained(tmp_path):
    result = diemnong("run", "-w", tmp_path, "--lang", "en")
    assert result.returncode == 1
    assert "is not a workspace" in result.stderr


def test_a_crs_in_degrees_is_refused(tmp_path):
    result = diemnong("init", tmp_path / "w", "--crs", "EPSG:4326", "--lang", "en")
    assert result.returncode == 1
    assert "not in metres" in result.stderr
    assert not (tmp_path / "w").exists()


def test_the_errors_language_follows_the_option(workspace):
    english, vietnamese = (diemnong("run", "-w", workspace, "--lang", lang).stderr for lang in ("en", "vi"))
    assert english.startswith("Error:")
    assert vietnamese.startswith("Lỗi:")


def test_repairs_are_carried_out_only_if_named(tmp_path, workspace):
    layer = boundaries.communes(VINTAGES[-1])[["commune_code", "geometry"]]
    moved = layer.set_geometry([layer.geometry[0].buffer(0.001), *layer.geometry[1:]])
    moved.to_file(tmp_path / "xa.gpkg")
    plain = diemnong("add", "communes", tmp_path / "xa.gpkg", "-w", workspace, "--lang", "en", "--dry-run")
    assert "warning:" in plain.stdout
    assert "repair:" not in plain.stdout
    options = ["--repair", "overlaps", "--repair", "gaps"]
    mended = diemnong("add", "communes", tmp_path / "xa.gpkg", "-w", workspace, "--lang", "en", "--dry-run", *options)
    assert "repair: Repaired overlaps and gaps" in mended.stdout


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Make a workspace with one case."""
    folder = tmp_path_factory.mktemp("recorded")
    diemnong("init", folder / "w")
    assert diemnong("add", "cases", cases(folder), "-w", folder / "w").returncode == 0
    return folder / "w"


def test_outreach_is_planned_in_words_or_json(recorded, tmp_path):
    arguments = ("plan", "outreach", "--sessions", "90", "--months", "2", "-w", recorded, "--capacity", "police=7")
    said = diemnong(*arguments, "--lang", "en", "-o", tmp_path / "asked")
    assert said.returncode == 0, said.stderr
    assert "90 sessions, 2017-04 to 2017-05: expected to prevent" in said.stdout
    assert '"lang":"en"' in (tmp_path / "asked" / "plan_map.html").read_text(encoding="utf-8")
    told = json.loads(diemnong(*arguments, "--json", "--seed", "3", "-o", tmp_path / "plan").stdout)
    assert told["folder"] == str(tmp_path / "plan")
    assert sum(row["sessions"] for row in told["timetable"]) == 90
    assert sum(row["sessions"] for row in told["timetable"] if row["agency"] == "police") <= 7
    assert {path.name for path in (tmp_path / "plan").iterdir()} == set(told["files"])
    in_the_workspaces_own = (tmp_path / "plan" / "plan_map.html").read_text(encoding="utf-8")
    assert '"lang":"vi"' in in_the_workspaces_own


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["outreach", "--sessions", "10"], 1, "cannot give each of 45 communes its floor of 1: plan 45 sessions"),
        (["outreach", "--sessions", "0"], 2, "--sessions"),
        (["outreach", "--sessions", "90", "--agency", "army"], 2, "army"),
        (["outreach", "--sessions", "90", "--capacity", "police"], 2, "AGENCY=N"),
        (["verify"], 1, "There is no open absence to verify"),
        (["verify", "--on", "soon"], 2, "--on"),
        (["sites", "--count", "0"], 2, "--count"),
        (["sites", "--count", "46"], 1, "cannot be chosen from 45 candidates"),
        (["outreach", "--sessions", "90", "--capacity", "army=3"], 1, "names army, which is no part of the plan"),
    ],
)
def test_a_plan_that_cannot_be_made_is_explained(recorded, arguments, code, said):
    result = diemnong("plan", *arguments, "-w", recorded, "--lang", "en")
    assert (result.returncode, result.stdout) == (code, "")
    assert said in result.stderr


def test_effects_without_a_treatment_are_explained(recorded):
    result = diemnong("effects", "-w", recorded, "--lang", "en")
    assert (result.returncode, result.stdout) == (1, "")
    assert "No outreach is recorded in a commune, so nothing can be compared" in result.stderr


def test_what_can_be_named_is_what_the_records_and_the_steps_know():
    from cli.commands.effects import Outcome, Period, Treatment
    from cli.commands.plan_outreach import Agency
    from workflow.estimating import OUTCOMES, TREATMENTS, Length

    assert tuple(Agency) == AGENCIES
    assert tuple(Treatment) == TREATMENTS
    assert tuple(Outcome) == tuple(OUTCOMES)
    assert [period.value for period in Period] == [length.name for length in Length]


def test_a_reader_who_stops_early_sees_no_traceback(tmp_path):
    code = "import sys, cli; sys.argv[0] = 'diemnong'; cli.main()"
    arguments = [sys.executable, "-c", code, "init", str(tmp_path / "w")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert "Traceback" not in errors


def test_density_draws_a_surface_from_a_file_of_points(tmp_path):
    pd.DataFrame({"KinhDo": [103.0, 103.1], "ViDo": [21.5, 21.6]}).to_csv(tmp_path / "p.csv", index=False)
    command = ("density", tmp_path / "p.csv", "-o", tmp_path / "out.tif", "--cell", "1000", "--bandwidth", "3000")
    result = diemnong(*command)
    assert result.returncode == 0, result.stderr
    assert "2 điểm, 2 vụ việc" in result.stdout
    assert (tmp_path / "command_level_out.tif").stat().st_size > 0
    assert "CẤP CHỈ HUY" in result.stdout
    again = diemnong(*command, "--lang", "en")
    assert again.returncode == 1
    assert "exists already" in again.stderr
    replaced = diemnong(*command, "--overwrite", "--json")
    assert json.loads(replaced.stdout)["bandwidth_m"] == 3000


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--bandwidth", "wide"], 1, "likelihood, least-squares; got wide"),
        (["--edges", "diggle"], 1, "name its layer with --area, or leave --edges out"),
        (["--layer", "Sheet1"], 3, "a table has no layers; leave --layer out"),
        (["--column", "foo=KinhDo"], 3, "can name lon, lat, but not foo"),
        (["--column", "lon=nowhere"], 3, "there is no column nowhere"),
        (["--metric-crs", "EPSG:3857"], 3, "for example EPSG:9205"),
        (["--cell", "0.01"], 1, "GB; use larger cells"),
    ],
)
def test_density_explains_what_it_cannot_use(tmp_path, options, code, said):
    pd.DataFrame({"KinhDo": [103.0, 103.1], "ViDo": [21.5, 21.6]}).to_csv(tmp_path / "p.csv", index=False)
    result = diemnong("density", tmp_path / "p.csv", "-o", tmp_path / "out.tif", "--lang", "en", *options)
    assert (result.returncode, result.stdout) == (code, "")
    assert said in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


class TestCovariates:
    @pytest.fixture
    def schools(self, tmp_path):
        pd.DataFrame({"lon": [103.02, 103.03], "lat": [21.39, 21.40]}).to_csv(tmp_path / "schools.csv", index=False)
        return tmp_path / "schools.csv"

    def test_a_command_of_two_words_measures_and_says_how_to_take_it_back(self, workspace, schools):
        arguments = ("add", "covariate", "schools", schools, "--stat", "count", "-w", workspace)
        result = diemnong(*arguments, "--lang", "en")
        assert (result.returncode, result.stderr) == (0, "")
        assert "schools.csv: schools measured in 45 of 45 communes, from 0 to" in result.stdout
        assert json.loads(diemnong(*arguments, "--json").stdout)["kind"] == "covariates"
        undone = result.stdout.split("diemnong undo ")[1].split()[0]
        assert diemnong("undo", undone, "-w", workspace).returncode == 1  # replaced by the second

    def test_a_statistic_that_does_not_fit_is_explained(self, workspace, schools):
        result = diemnong("add", "covariate", "a", schools, "--stat", "mean", "-w", workspace, "--lang", "en")
        assert (result.returncode, result.stdout) == (3, "")
        assert "holds points, for which --stat is one of density, distance, count" in result.stderr

    def test_a_statistic_must_be_named(self, workspace, schools):
        assert diemnong("add", "covariate", "a", schools, "-w", workspace).returncode == 2


@pytest.mark.file_store
def test_files_are_verified_backed_up_and_restored(tmp_path):
    folder = tmp_path / "w"
    diemnong("init", folder)
    assert diemnong("verify", "-w", folder, "--lang", "en").stdout == "2 files checked: all are as they were written\n"
    assert diemnong("backup", tmp_path / "b.zip", "-w", folder).returncode == 0
    (folder / "layers.gpkg").write_bytes(b"torn")
    found = diemnong("verify", "-w", folder, "--lang", "en")
    assert (found.returncode, found.stdout.splitlines()[0]) == (4, "damaged: layers.gpkg")
    assert diemnong("restore", tmp_path / "b.zip", tmp_path / "new").returncode == 0
    assert diemnong("verify", "-w", tmp_path / "new").returncode == 0


def test_old_rows_are_forgotten(tmp_path):
    folder = tmp_path / "w"
    diemnong("init", folder)
    diemnong("add", "cases", cases(tmp_path), "-w", folder)
    asked = ("forget", "--before", "2017-04-01", "--table", "cases", "-w", folder, "--lang", "en")
    assert diemnong(*asked, "--dry-run").stdout.splitlines()[-1] == "Nothing was written"
    done = diemnong(*asked)
    assert done.stdout.startswith("cases: 1 rows are dated before 2017-04-01\n")
    assert "They are removed" in done.stdout
    assert diemnong(*asked, "--dry-run", "--json").stdout.count('"cases": 0') == 1


def test_what_is_protected_is_opened_by_the_passphrase_in_a_file(tmp_path):
    (tmp_path / "plain.csv").write_text("made up")
    (tmp_path / "words").write_text("a made-up passphrase\n")
    words = ("--passphrase-file", tmp_path / "words", "--lang", "en")
    made = diemnong("protect", tmp_path / "plain.csv", *words)
    assert made.stdout.startswith("Encrypted: ")
    assert diemnong("open", tmp_path / "plain.csv.age", *words, "-o", tmp_path / "back.csv").returncode == 0
    assert (tmp_path / "back.csv").read_text() == "made up"


def test_a_key_is_made_for_others_to_encrypt_with(tmp_path):
    made = diemnong("key", tmp_path / "my.key", "--lang", "en")
    public = made.stdout.split()[-1]
    (tmp_path / "plain.csv").write_text("made up")
    assert diemnong("protect", tmp_path / "plain.csv", "--to", public).returncode == 0
    wrong = diemnong("open", tmp_path / "plain.csv.age", "--key", tmp_path / "plain.csv", "--lang", "en")
    assert wrong.stderr == "Error: plain.csv holds no secret key (AGE-SECRET-KEY-1…, or of SSH)\n"
    assert (
        diemnong("open", tmp_path / "plain.csv.age", "--key", tmp_path / "my.key", "-o", tmp_path / "b").returncode == 0
    )


def test_json_speaks_the_readers_language_and_errors_are_json_on_stderr(tmp_path, workspace):
    added = diemnong("add", "cases", cases(tmp_path, victims=[-1]), "-w", workspace, "--json", "--dry-run")
    assert added.returncode == 3
    assert "Chưa ghi gì" in json.loads(added.stdout)["messages"][-1]
    english = diemnong("add", "cases", cases(tmp_path), "-w", workspace, "--json", "--dry-run", "--lang", "en")
    assert json.loads(english.stdout)["messages"][0] == "cases.csv: 1 rows read, 1 accepted"
    refused = diemnong("add", "cases", "nowhere.csv", "-w", workspace, "--json", "--lang", "en")
    assert refused.stdout == ""
    assert json.loads(refused.stderr) == {"error": "nowhere.csv: no such file", "exit_code": 3}


def test_a_folder_is_no_file(tmp_path, workspace):
    result = diemnong("add", "cases", tmp_path, "-w", workspace, "--lang", "en")
    assert result.returncode == 3
    assert "is a folder; name one of its files" in result.stderr


def test_an_intake_shows_no_progress_where_nobody_watches_or_none_is_wanted(tmp_path, workspace):
    for options in ((), ("--quiet",)):
        assert diemnong("add", "cases", cases(tmp_path), "-w", workspace, "--dry-run", *options).stderr == ""


def test_the_demo_is_patrolled_compared_and_tells_a_screen_no_sector_by_day(tmp_path, demo_in):
    """The whole way on the demo's made-up posts: plan, walk it, add what was walked, compare."""
    folder = demo_in(tmp_path / "demo").folder
    asked = ("plan", "patrol", "--teams", "6", "--hours", "8", "--days", "30", "-w", folder, "--seed", "5")
    planned = diemnong(*asked, "-o", tmp_path / "plan", "--lang", "en")
    assert planned.returncode == 0, planned.stderr
    lines = planned.stdout.splitlines()
    assert lines[0].startswith("SIMULATED DATA")
    assert any(line.startswith("180 shifts, 2018-01-01 to 2018-01-30") for line in lines)
    assert sum("secret that drew the schedule stands in run.json" in line for line in lines) == 1
    schedule = pd.read_csv(tmp_path / "plan" / "command_level_patrol_schedule.csv", skiprows=1)
    assert schedule.groupby("day").size().eq(6).all()
    assert set(schedule["data_kind"]) == {"simulated"}
    walked = schedule.assign(sector_id=schedule["sectors"].str.split(" + ", regex=False)).explode("sector_id")
    rows = {
        "patrol_id": [f"w{n}" for n in range(len(walked))],
        "date": walked["date"],
        "sector_id": walked["sector_id"],
    }
    rows |= {"hours": walked["watch_hours"], "teams": 1, "data_kind": "simulated"}
    pd.DataFrame(rows).to_csv(tmp_path / "walked.csv", index=False)
    assert diemnong("add", "patrols", tmp_path / "walked.csv", "-w", folder).returncode == 0
    told = diemnong("plan", "compare", tmp_path / "plan", "-w", folder, "-o", tmp_path / "c", "--json")
    assert told.returncode == 0, told.stderr
    table = pd.read_csv(tmp_path / "c" / "command_level_comparison_patrol.csv", skiprows=1)
    assert table["visits"].equals(table["visits_done"])
    assert "LAO-" not in told.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--teams", "0"], "needs at least one team; got 0"),
        (["--teams", "3"], "No posts are known: name a file of them with --posts FILE"),
        (["--teams", "3", "--posts", "none.csv"], "none.csv"),
    ],
)
def test_patrols_that_cannot_be_planned_are_explained(recorded, arguments, said):
    result = diemnong("plan", "patrol", *arguments, "-w", recorded, "--lang", "en")
    assert result.returncode in (1, 3)
    assert said in result.stderr
