"""`make bench`: every peer gets the same words, and what fails or is absent is told by name."""

from __future__ import annotations

import gzip
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from sites import ROOT, tree

from bench import __main__ as bench
from bench import live, measure, readme, report, results, rounds, weigh
from bench.chart import chart
from bench.corpus import generate
from bench.peers import PEERS, REFERENCE, TERMBOOK
from bench.peers.peer import Absent, Peer
from bench.profile import profile
from bench.results import Results, Row
from termbook.checks import check
from termbook.load import read

SIZE = 20


@pytest.fixture(scope="module")
def corpus():
    return generate(SIZE, 1)


EACH = pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)


def test_a_seed_gives_the_same_corpus(corpus):
    """The same words for the same seed and size, others for another seed."""
    assert generate(SIZE, 1) == corpus != generate(SIZE, 2)
    assert len(corpus.terms) == SIZE == len({term.id for term in corpus.terms})
    for term in corpus.terms:
        assert len(term.aliases) == 2 and len(term.mentions) == 6 and len(term.sources) == 3
        assert len(term.note_with(lambda mention: mention.label).split()) == 120


@EACH
def test_every_peer_gets_each_term_with_its_definition(corpus, peer, tmp_path):
    """A file a term, with the definition, the aliases, and every name in its note."""
    peer.write(corpus, tmp_path)
    files = {tmp_path / peer.source.format(term.id): term for term in corpus.terms}
    folder, suffix = next(iter(files)).parent, next(iter(files)).suffix
    others = {folder / f"index{suffix}", folder / f"_index{suffix}"}
    assert set(folder.glob(f"*{suffix}")) - others == files.keys()
    for file, term in files.items():
        text = " ".join(file.read_text("utf-8").split())
        for words in (term.label, term.definition, *term.aliases):
            assert words in text
        assert all(mention.label in text for mention in term.mentions)


def test_the_corpus_draws_no_warning(corpus, tmp_path):
    """Nor does an edit: what is checked is a knowledge base in good repair."""
    TERMBOOK.write(corpus, tmp_path)
    for term in corpus.terms:
        rounds.edit(tmp_path / TERMBOOK.source.format(term.id), term, "Edit99ed")
    reading = read(tmp_path)
    assert [*reading.problems, *check(reading.book)] == []


@EACH
def test_an_edit_takes_the_place_of_the_one_before(corpus, peer, tmp_path):
    peer.write(corpus, tmp_path)
    term = corpus.terms[3]
    file = tmp_path / peer.source.format(term.id)
    before = file.read_text("utf-8")
    for word in ("Edit1ed", "Edit12ed"):
        rounds.edit(file, term, word)
        assert file.read_text("utf-8") == before.replace(term.opening, f"{word} {term.opening}", 1)


@EACH
def test_cold_removes_what_was_made(corpus, peer, tmp_path):
    """The site and the caches go, be they files, folders or links; the sources stay."""
    peer.write(corpus, tmp_path)
    before = tree(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    for number, name in enumerate(peer.made):
        if number == 0 and ".site" in peer.made:
            (tmp_path / name).symlink_to("elsewhere", target_is_directory=True)
        else:
            (tmp_path / name).mkdir()
            (tmp_path / name / "old").touch()
    rounds.cold(peer, tmp_path)
    assert tree(tmp_path) == before
    assert not [name for name in peer.made if (tmp_path / name).is_symlink()]


def test_nothing_of_a_build_of_ours_survives_cold(corpus, tmp_path):
    """A round of Termbook's own gives every measure, and leaves nothing that cold does not take."""
    entrant = rounds.Entrant(replace(TERMBOOK, serve=None), corpus, tmp_path / "termbook", {})
    before = tree(entrant.folder)
    found = entrant.measure()
    assert entrant.failed == {} and found.pop("live") is None
    assert len(found) == 7 and all(found.values())
    assert (entrant.folder / ".cache").is_dir()
    rounds.cold(TERMBOOK, entrant.folder)
    edited = TERMBOOK.source.format(entrant.term.id)
    changed = {path for path, found in tree(entrant.folder).items() if found != before.get(path)}
    assert {path for path in changed if not path.startswith("__pycache__/")} == {edited}


def broken(**changes: object) -> Peer:
    """A peer that writes nothing, whose commands fail and say why, unless they are changed."""
    fails = (sys.executable, "-c", "import sys; sys.exit('/some/where/else.py: no way')")
    peer = Peer("broken", lambda: "1", lambda corpus, folder: None, "{}", build=fails, made=())
    return replace(peer, **changes)


def measured(monkeypatch, peers: tuple[Peer, ...], folder) -> Results:
    monkeypatch.setattr(bench, "PEERS", peers)
    versions, absent = bench.present([peer.name for peer in peers])
    here = [peer for peer in peers if peer.name in versions]
    rows = bench.measure(here, [SIZE + 1, SIZE], 2, 1, folder)
    return Results("2020-01-01", results.machine(), versions, absent, 1, rows)


def test_who_is_absent_or_fails_is_told_by_name(monkeypatch, tmp_path, capsys):
    def version() -> str:
        raise Absent("nobody has it")

    gone = broken(name="gone", version=version)
    found = measured(monkeypatch, (gone, broken()), tmp_path)
    assert found.absent == {"gone": "nobody has it"} and found.versions == {"broken": "1"}
    told = report.tables(found)
    assert "- gone is absent: nobody has it" in told
    assert "- broken failed at 20 terms (cold): exit code 1: else.py: no way" in told
    assert told.count("| broken | failed |") == len(found.sizes) == 2
    assert capsys.readouterr().err.count("broken failed (cold)") == 3  # not tried again


def test_who_is_not_asked_for_is_told():
    versions, absent = bench.present([TERMBOOK.name])
    assert list(versions) == [TERMBOOK.name]
    assert absent == dict.fromkeys(
        [peer.name for peer in PEERS if peer is not TERMBOOK], "not asked for")


def test_a_site_that_lacks_pages_counts_for_nothing(corpus, tmp_path):
    entrant = rounds.Entrant(broken(build=("true",)), corpus, tmp_path / "broken", {})
    assert entrant.measure() == {}
    assert entrant.failed == {"cold": f"built 0 pages of {corpus.pages}"} and entrant.late == {}


def test_what_takes_too_long_is_ended_and_not_tried_with_more_terms(monkeypatch, tmp_path):
    monkeypatch.setattr(measure, "LIMIT", 0)
    sleeper = broken(build=(sys.executable, "-c", "import time; time.sleep(600)"))
    found = measured(monkeypatch, (sleeper,), tmp_path)
    assert [row.failed["cold"] for row in found.rows] == [
        "took more than 0 s", "took more than 0 s at 20 terms"]


def test_a_live_server_is_asked_until_it_shows_the_edit(monkeypatch, tmp_path):
    monkeypatch.setattr(live, "_SETTLE", 0)
    server = (sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1")
    page = tmp_path / "page.html"
    page.write_text("old")

    def edit() -> str:
        page.write_text("new")
        return "new"

    live.edit_to_page(server, tmp_path, "page.html", "old", edit)
    assert page.read_text() == "new"
    with pytest.raises(measure.Failed, match="the server ended: no way"):
        live.edit_to_page((sys.executable, "-c", "exit('no way')"), tmp_path, "", "x", edit)


def test_weights(tmp_path):
    """A page weighs what its HTML names, each file once; search, what its patterns match."""
    for path, text in {
        "a/index.html": "<link rel=stylesheet href=../s.css?v=1><script src=/j.js></script>"
                        "<link rel=icon href=i.png><script src=../j.js></script>",
        "s.css": "a{}", "j.js": "1", "search/index.js": "2", "search/rank.js": "3",
    }.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    def packed(*paths: str) -> int:
        return sum(len(gzip.compress((tmp_path / path).read_bytes())) for path in paths)

    page = tmp_path / "a/index.html"
    assert weigh.page_weight(tmp_path, page) == packed("a/index.html", "s.css", "j.js")
    assert weigh.search_weight(tmp_path, ["search/*", "search/rank.*"]) == packed(
        "search/index.js", "search/rank.js")
    with pytest.raises(FileNotFoundError, match="no lost"):
        weigh.search_weight(tmp_path, ["lost*.js"])


def sample(*sizes: int) -> Results:
    """Termbook takes twice as long as the reference in one round, and half as long in two."""
    def row(terms: int, peer: str, seconds: list[float], **more: object) -> Row:
        return Row(terms, peer, [{"cold": [one * terms, one, 100.0], "unchanged": [one, one, 50.0],
                                  "site": terms * 1000, **more} for one in seconds], {})

    rows = [one for terms in sizes for one in (
        row(terms, TERMBOOK.name, [2.0, 1.0, 4.0], page=60_000),
        row(terms, REFERENCE.name, [1.0, 2.0, 8.0], page=64_000, search=None))]
    return Results("2020-01-02", {"cores": 2, "system": "Linux", "processor": "x", "python": "3"},
                   {}, {}, 1, rows)


def test_ratios_are_taken_within_a_round():
    """And then their median; the reference has its own numbers, with units."""
    lines = report.tables(sample(1000)).splitlines()
    assert lines[0] == "**1,000 terms**, medians of 3 rounds:"
    assert lines[4].startswith(f"| {TERMBOOK.name} | 0.50 | 0.50 | 1.00 | 0.50 | 0.50 |")
    assert lines[5].startswith(f"| {REFERENCE.name} | 2,000 s | 2.00 s | 100 MB | 2.00 s |")
    assert lines[5].endswith("| 1.00 MB | 64.0 KB | none |")


def test_growth_and_targets():
    found = sample(1000, 10_000)
    assert report.growth(found, TERMBOOK.name, "site", 1000, 10_000) == pytest.approx(1)
    assert f"| {TERMBOOK.name} | 1.00 | 1.00 |" in report.tables(found)
    told = report.verdicts(found)
    assert "1,000 terms, cold CPU: at most 0.8 × mkdocs-material, 0.50: met" in told
    assert "1,000 terms, edit to page: at most 0.4 s, unknown" in told
    assert "10,000 terms, growth of site: at most 1.05, 1.00: met" in told
    assert not [line for line in told if line.startswith("100 terms")]
    heavy = replace(found, rows=[
        replace(row, rounds=[{**one, "page": 80_000} for one in row.rounds]) for row in found.rows])
    assert "1,000 terms, page: at most 75 KB, 80.00 KB: missed" in report.verdicts(heavy)


def test_results_outlive_their_file(monkeypatch, tmp_path):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="run `python -m bench` first"):
        results.newest()
    (tmp_path / "audit-2099-01-01.json").touch()
    file = sample(100).save()
    assert results.newest() == file and results.load(file) == sample(100)


def test_a_second_run_of_a_day_keeps_the_sizes_of_the_first():
    """What it measures itself counts, and no run of another day, machine or corpus does."""
    few = replace(sample(100, 1000), absent={REFERENCE.name: "not asked for", "x": "not there"})
    many = replace(sample(1000, 10_000), versions={"x": "1"})
    both = few.joined(many)
    assert both.rows == sample(100, 1000, 10_000).rows and both.versions == {"x": "1"}
    assert both.absent == {"x": "not there"}
    for other in (replace(many, date="2020-01-03"), replace(many, seed=2),
                  replace(many, machine={**many.machine, "cores": 4})):
        assert few.joined(other) == few


def test_the_chart_tells_its_numbers_to_those_who_cannot_see_it():
    root = ET.fromstring(chart(sample(100, 1000)))
    title, desc, *_ = root
    assert root.attrib["role"] == "img" and title.text == "CPU time of a cold build"
    assert f"{TERMBOOK.name}: 200.00 s for 100 terms, 2000.00 s for 1,000 terms." in desc.text


def test_readme_has_the_newest_results():
    """The tables of README.md and the chart are those that the newest file gives."""
    found = results.load(results.newest())
    text = (ROOT / "README.md").read_text("utf-8")
    assert readme.with_section(text, found) == text, "run `python -m bench --readme`"
    drawn = results.newest().with_suffix(".svg").read_text("utf-8")
    assert drawn == chart(found)
    with pytest.raises(ValueError, match="README.md lacks"):
        readme.with_section("nothing", found)


def test_no_file_of_the_bench_tells_of_a_machine():
    for file in (ROOT / "bench").glob("results/*"):
        text = file.read_text("utf-8")
        assert str(ROOT) not in text and "/home/" not in text and "/root/" not in text, file


def test_a_profile_tells_what_took_the_time(tmp_path):
    """As text, and as a page that needs nothing else."""
    report = tmp_path / "profile.html"
    assert "build" in profile(SIZE, report)
    assert "pyinstrument" in report.read_text("utf-8")
