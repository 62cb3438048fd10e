"""The teachers' page and the repository's papers say what is so."""

import re
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
LESSONS = sorted(path.stem for path in ROOT.glob("lessons/*.ipynb"))
HOUR = "README.md", "lessons/README.md", "lic_teach/site/index.md"
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def test_the_schedules_fill_their_time():
    one, three, ten = re.split(r"\*\*(?:Three hours|Ten hours)", SECTIONS["Schedules"])
    for text, minutes in ((one, 60), (three, 180)):
        assert sum(int(row) for row in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)) == minutes
    rows = re.findall(r"^\| \d \| (.+?) \| ([\d +]+) \|", ten, re.MULTILINE)
    assert [sum(map(int, minutes.split("+"))) for _, minutes in rows] == [120] * 5
    assert [len(lessons_in(lessons)) for lessons, _ in rows] == [m.count("+") + 1 for _, m in rows]
    assert lessons_in(three) == sorted(lessons_in(three))


def lessons_in(text):
    """The names of the lessons that it links to, in its order."""
    return re.findall(r"\((?:lessons/)?(\w+)\.ipynb\)", text)


def test_every_lesson_is_in_a_meeting_or_named_as_left_out():
    ten = re.split(r"\*\*Ten hours", SECTIONS["Schedules"])[1]
    meetings, home = (lessons_in(part) for part in ten.split("In none of the meetings: "))
    assert meetings == sorted(meetings) and sorted(meetings + home) == LESSONS


def test_whoever_has_an_hour_is_told_the_same_everywhere():
    one = re.split(r"\*\*Three hours", SECTIONS["Schedules"])[0]
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in HOUR}
    said = [text[text.index("hour") :].split(".\n")[0] for text in texts.values()]
    assert all(lessons_in(words) == lessons_in(one) for words in said), said
    assert set(lessons_in(one)) <= set(LESSONS) and len(lessons_in(one)) == 4


def test_its_links_lead_somewhere():
    for name in ("TEACHING.md", "CHANGELOG.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        links = re.findall(r"\]\(([^)#]+)\)", text)
        assert links
        assert all(link.startswith("https://") or (ROOT / link).exists() for link in links), links


def test_the_lines_that_count_verdicts_count_them(tmp_path, monkeypatch, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", SECTIONS["What the checks say"], re.DOTALL)
    outputs = [
        nbformat.v4.new_output("stream", text=f"{verdict} And a sentence.\n")
        for verdict in ("Right.", "Not yet.", "Not done yet.", "Right.")
    ]
    cell = nbformat.v4.new_code_cell("check()", outputs=outputs)
    (tmp_path / "returned" / "ada").mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbformat.write(notebook, tmp_path / "returned" / "ada" / "00.ipynb")
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    path = Path("returned") / "ada" / "00.ipynb"
    assert capsys.readouterr().out == f"{path}: 2 right, 2 open\n"


def test_the_citation_is_what_version_1_2_of_the_format_asks_for():
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(found)
    assert found["cff-version"] == "1.2.0" and found["type"] == "software"
    assert found["authors"] == [{"name": "The lic_teach developers"}]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{found["version"]}"' in project
    assert f'license = "{" AND ".join(found["license"])}"' in project
    known = {"abstract", "keywords", "license", "version", "type"}
    assert set(found) - {"cff-version", "message", "title", "authors"} <= known


def test_the_checks_run_on_three_systems_and_weekly(monkeypatch):
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    found = yaml.load(text, yaml.BaseLoader)
    assert found["on"]["schedule"][0]["cron"].split()[4] == "1"  # a day of the week
    systems = found["jobs"]["tests"]["strategy"]["matrix"]["include"]
    assert {s["os"].split("-")[0] for s in systems} == {"ubuntu", "macos", "windows"}
    steps = [s.get("run", "") for job in found["jobs"].values() for s in job["steps"]]
    assert "python course.py test" in steps and "ruff check ." in steps
    monkeypatch.syspath_prepend(ROOT)
    import course  # what the steps call is there

    assert callable(course.ensure_environment) and course.PYTHON


def test_the_issue_forms_are_forms():
    forms = [p for p in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if p.stem != "config"]
    found = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in forms]
    assert {form["name"] for form in found} == {"A lesson confused me", "An error"}
    for form in found:
        assert form["description"] and form["body"]
        ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
        assert len(set(ids)) == len(ids) and "textarea" in {p["type"] for p in form["body"]}
        assert all(part["attributes"] for part in form["body"])


def test_the_changelog_names_every_command():
    from typer.testing import CliRunner

    from lic_teach.cli import app

    said = CliRunner().invoke(app, ["--help"]).stdout.split("Commands:")[1]
    commands = set(re.findall(r"^  (\w+)  ", said, re.MULTILINE))
    assert "compare" in commands
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text or f"lic-teach {name}" in text for name in commands), commands
