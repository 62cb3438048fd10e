"""Votes: kept and read again, counted, and their statistics against SciPy's."""

import csv
import io
import re

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from lic_teach.cli import app
from lic_teach.kit import mine, progress, votes

GAME = [("AVIF", "JPEG"), ("JPEG", "AVIF"), ("AVIF", "JPEG"), ("learned", "AVIF")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory in which answers are kept."""
    monkeypatch.setenv("LIC_TEACH_MINE", "1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- statistics --------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3, 12, 47, 1000])
def test_the_interval_is_scipys_wilson(n):
    for k in sorted({0, 1, n // 3, n // 2, n - 1, n}):
        theirs = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
        assert votes.interval(k, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@pytest.mark.parametrize("k, n", [(0, 0), (-1, 3), (4, 3)])
def test_no_votes_and_impossible_counts_have_no_interval(k, n):
    with pytest.raises(ValueError, match=f"got {k} of {n}"):
        votes.interval(k, n)


@pytest.mark.parametrize("n", [1, 3, 12, 60, 2000, 90_000])  # as many as a mine.py can hold
def test_a_coin_does_what_scipys_binomial_does(n):
    for k in sorted({0, 1, n // 2, n - 1, n}):
        assert votes.by_chance(k, n) == pytest.approx(stats.binom.sf(k - 1, n, 0.5), rel=1e-9)


@pytest.mark.parametrize("n", [1, 3, 4, 12, 61, 2000])
def test_of_a_winner_that_nobody_named_both_sides_count_as_in_scipys_test(n):
    for k in sorted({0, 1, n // 3, n // 2, (n + 1) // 2, n - 1, n}):
        assert votes.two_sided(k, n) == pytest.approx(stats.binomtest(k, n).pvalue, rel=1e-9)


def test_the_interval_holds_the_true_share_95_times_of_100_on_average():
    ends = [votes.interval(k, 40) for k in range(41)]
    held = []
    for p in np.linspace(0.05, 0.95, 181):
        inside = [k for k, (low, high) in enumerate(ends) if low <= p <= high]
        held.append(stats.binom.pmf(inside, 40, p).sum())
    assert np.mean(held) == pytest.approx(0.95, abs=0.01)


def test_a_pair_is_counted_from_both_sides_and_the_winner_stands_first():
    assert votes.counts(GAME) == {("AVIF", "JPEG"): (2, 3), ("learned", "AVIF"): (1, 1)}
    assert votes.counts([("b", "a"), ("a", "b")]) == {("a", "b"): (1, 2)}
    assert votes.counts([]) == {}


# --- mine.py -----------------------------------------------------------------------------


def test_votes_of_two_games_are_read_again_in_their_order(folder):
    assert votes.read(folder) == []
    assert votes.keep(GAME) == "Kept in mine.py."
    assert votes.keep(GAME[:1]) == "Kept in mine.py."
    assert votes.read(folder) == [*GAME, GAME[0]]
    space = {}
    exec((folder / "mine.py").read_text(), space)  # it stays a Python file
    assert space["votes"] == [*GAME, GAME[0]]


def test_votes_are_neither_an_answer_nor_an_exercise(folder):
    mine.keep("square", lambda x: x)
    votes.keep(GAME)
    assert progress.right(folder) == {"square"}


def test_nothing_is_kept_where_nothing_is_to_be_kept(folder, monkeypatch):
    monkeypatch.setenv("LIC_TEACH_MINE", "0")
    assert votes.keep(GAME) == "" and not (folder / "mine.py").exists()


def test_a_file_that_cannot_be_read_is_said_and_not_touched(folder):
    (folder / "mine.py").write_bytes(b"\xff\xfe")
    assert votes.keep(GAME).startswith("Not kept in mine.py: ")
    assert (folder / "mine.py").read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize(
    "source",
    [
        "votes = [('a', 'b'), ('a', 'a'), ('a', 1), 'ab', ('a', 'b', 'c'), ('a', 'b\\n')]",
        "votes = [('a', 'b'), ]  # by hand",
        f"votes = [('{'a' * 41}', 'b'), ('a', '{'b' * 900_000}'), ('a', 'b')]",
        "votes =\\\n   [('a', 'b')]",
    ],
)
def test_of_an_edited_block_the_pairs_are_left(folder, source):
    (folder / "mine.py").write_text(f"# >>> votes: votes\n{source}\n# <<< votes\n")
    assert votes.read(folder) == [("a", "b")]


@pytest.mark.parametrize("source", ["votes = __import__('os')._exit(3)", "votes = [(", "", "v"])
def test_what_is_no_list_of_pairs_is_none_and_is_not_executed(folder, source):
    (folder / "mine.py").write_text(f"# >>> votes: votes\n{source}\n# <<< votes\n")
    assert votes.read(folder) == []


# --- a class -----------------------------------------------------------------------------


@pytest.fixture
def returned(folder, monkeypatch):
    """Two who have voted and one who has not."""
    for name, cast in (("ada", GAME), ("bob", GAME[:1] * 7), ("zoe", [])):
        home = folder / "class" / name / "lessons"
        home.mkdir(parents=True)
        monkeypatch.chdir(home)
        if cast:
            votes.keep(cast)
    monkeypatch.chdir(folder)
    return folder / "class"


def run(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_the_votes_of_a_class_are_counted_together(returned):
    table = run("class", returned).split("\n\n")[1].splitlines()
    cells = [re.split(r"\s{2,}", line.strip()) for line in table]
    assert cells == [
        ["blind test", "taken", "true share", "a coin"],
        ["AVIF before JPEG", "9 of 10", "60 to 98 %", "2.1 %"],
        ["learned before AVIF", "1 of 1", "21 to 100 %", "100 %"],
    ]


def test_a_copy_of_a_learners_file_does_not_vote_again(returned, monkeypatch):
    """Of today, or of a day when fewer games were played; another computer's games count."""
    before = run("class", returned)
    for copy, cast in (("backup", GAME), ("early", GAME[:2])):
        (returned / "ada" / copy).mkdir()
        monkeypatch.chdir(returned / "ada" / copy)
        votes.keep(cast)
    assert run("class", returned) == before
    (returned / "ada" / "laptop").mkdir()
    monkeypatch.chdir(returned / "ada" / "laptop")
    votes.keep(GAME[1:3])
    assert "10 of 12" in run("class", returned)


def test_as_csv_each_learner_has_a_column_for_each_order_of_a_pair(returned):
    rows = list(csv.reader(io.StringIO(run("class", returned, "--csv"))))
    heads = ["AVIF before JPEG", "JPEG before AVIF", "learned before AVIF"]
    assert rows[0][-3:] == heads
    assert {row[0]: row[-3:] for row in rows[1:]} == {
        "ada": ["2", "1", "1"],
        "bob": ["7", "0", "0"],
        "zoe": ["0", "0", "0"],
    }


def test_a_class_without_votes_has_no_table_of_them(folder):
    (folder / "class" / "zoe").mkdir(parents=True)
    assert "blind test" not in run("class", folder / "class")
