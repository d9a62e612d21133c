"""Histories of repositories on this machine, made by `git fast-import` and counted independently by `git rev-list`."""

from __future__ import annotations

import gzip
import os
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.errors import ExtractError
from ingest.model import Fetch
from ingest.sources.git_history import SOURCE
from tests.ingest.one_source import OneSource, named
from tests.ingest.publisher import Say, publishing

COMMITS = 10_400
START = int(datetime(2016, 1, 10, tzinfo=UTC).timestamp())
ZONES = ("+0000", "-0800", "+0545", "+1400", "-1200", "+0530")
ODD = {
    777: 0,
    1500: 86_400,
    2600: START - 400 * 86_400,
    5200: int(datetime(2019, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()),
}
"""Commits by somebody whose clock was wrong: the beginning of time, before the root, odd."""
Month = date


def git(repository: Path, *command: str, feed: bytes = b"") -> str:
    environment = {**os.environ, "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull}
    run = subprocess.run(
        ["git", "-C", str(repository), *command], input=feed, capture_output=True, check=False, env=environment
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.decode()


def stream_of(first: int, last: int, branch: str = "main", parent: str = "") -> bytes:
    """Commits with marks from `first` to `last`: a mainline with side branches that are merged again."""
    lines = ["blob", "mark :1000000", "data 3", "abc"] if first == 1 else []
    for mark in range(first, last + 1):
        is_side, is_merge = mark % 7 in (3, 4), mark % 7 == 5 and mark - 3 >= first
        moment, zone = ODD.get(mark, START + mark * 15_000 + (mark % 11) * 3_000), ZONES[mark % len(ZONES)]
        lines += [
            f"commit refs/heads/{'side' if is_side else branch}",
            f"mark :{mark}",
            f"author A Smith <a@smithy.example> {moment - 5_000 if moment > 5_000 else moment} {zone}",
            f"committer A Smith <a@smithy.example> {moment} {zone}",
            "data 1",
            "x",
        ]
        if is_side:
            lines.append(f"from :{mark - 1}")
        elif is_merge:
            lines += [f"from :{mark - 3}", f"merge :{mark - 1}"]
        elif mark == first and parent:
            lines.append(f"from {parent}")
        if mark == 1:
            lines.append("M 100644 :1000000 anvil.txt")
        elif mark % 500 == 0:
            lines += [f"M 100644 inline files/{mark}.txt", "data 3", "abc"]
    return ("\n".join(lines) + "\n").encode()


def repository_at(path: Path, stream: bytes) -> Path:
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--bare", "--initial-branch=main")
    git(path, "config", "uploadpack.allowFilter", "true")
    git(path, "fast-import", "--quiet", feed=stream)
    return path


@pytest.fixture(scope="module")
def long_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with more than 10,000 commits, merges, zones and wrong clocks. Read it only."""
    return repository_at(tmp_path_factory.mktemp("far") / "smith" / "anvil", stream_of(1, COMMITS))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A repository of 40 commits that a test may change."""
    return repository_at(tmp_path / "far" / "smith" / "anvil", stream_of(1, 40))


MakeWorld = Callable[..., OneSource]


@pytest.fixture
def world_of(tmp_path: Path) -> MakeWorld:
    """The source, asking for `smith/anvil` beside the given repository."""

    def made(repository: Path, scheme: str = "file://") -> OneSource:
        template = f"{scheme}{repository.parents[1]}/{{name}}"
        return OneSource(tmp_path, "git_history", template, *named("smith/anvil"))

    return made


def counted(repository: Path, *options: str) -> Counter[Month]:
    """Commits by month of committer date in UTC, by git alone."""
    moments = (
        int(line.split()[0]) for line in git(repository, "rev-list", "--timestamp", *options, "HEAD").splitlines()
    )
    return Counter(datetime.fromtimestamp(moment, UTC).date().replace(day=1) for moment in moments)


def loaded(world: OneSource, basis: str) -> Counter[Month]:
    newest = world.events()[-1].extract_id
    query = f"select month_date, {basis} from raw.git_history__months where extract_id = '{newest}' and {basis} > 0"
    return Counter(dict(world.rows(query)))


def objects_in(world: OneSource) -> int:
    """How many objects the copy holds: what was transferred so far."""
    copy = world.landing.workspace("git_history") / "smith__anvil.git"
    counts = dict(line.split(": ") for line in git(copy, "count-objects", "-v").splitlines())
    return int(counts["count"]) + int(counts["in-pack"])


def test_every_month_equals_rev_list_on_both_bases(long_history: Path, world_of: MakeWorld) -> None:
    world = world_of(long_history)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert world.load() == [""]
    every, mainline = counted(long_history), counted(long_history, "--first-parent")
    assert every.total() >= 10_000
    assert every.total() > mainline.total()
    assert len(every) > 60
    assert loaded(world, "all_commits") == every
    assert loaded(world, "first_parent_commits") == mainline
    assert world.rows("select count(*) from raw.rejected_rows") == [(0,)]


def test_only_commits_are_transferred_and_no_person_is_landed(long_history: Path, world_of: MakeWorld) -> None:
    world = world_of(long_history)
    world.refresh()
    assert objects_in(world) == counted(long_history).total()
    (event,) = world.events()
    log = gzip.decompress(world.landing.path_of(event).read_bytes())
    assert log.count(b"\n") == counted(long_history).total()
    assert b"Smith" not in log
    assert b"@" not in log
    assert event.request["branch"] == "main"
    assert event.request["head"] == git(long_history, "rev-parse", "HEAD").strip()


def test_a_second_run_fetches_only_what_is_new(small: Path, world_of: MakeWorld) -> None:
    world = world_of(small)
    world.refresh()
    before = objects_in(world)
    assert before == counted(small).total()
    assert [outcome.result for outcome in world.refresh()] == ["unchanged"]
    assert objects_in(world) == before
    git(small, "fast-import", "--quiet", feed=stream_of(41, 47, parent="refs/heads/main^0"))
    world.later(days=40)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert objects_in(world) - before == counted(small).total() - before > 0
    world.load()
    assert loaded(world, "all_commits") == counted(small)
    assert (
        len(list((world.landing.workspace("git_history") / "smith__anvil.git" / "objects" / "pack").glob("*.pack")))
        <= 2
    )


def test_a_month_that_is_over_without_a_commit_ends_before_an_empty_row(small: Path, world_of: MakeWorld) -> None:
    world = world_of(small)
    world.refresh()
    world.load()
    last = world.rows("select month_date, all_commits from raw.git_history__months order by month_date desc limit 1")
    assert last == [(date(2021, 1, 1), 0)]
    assert world.events()[0].scope.period_end == date(2021, 1, 1)


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_of_somebodys_clone_nothing_is_known_after_its_tip(
    small: Path, tmp_path: Path, world_of: MakeWorld, scheme: str
) -> None:
    clone = tmp_path / "near" / "smith" / "anvil"
    git(tmp_path, "clone", "--quiet", "--bare", str(small), str(clone))
    world = world_of(clone, scheme=scheme)
    world.refresh()
    world.load()
    (event,) = world.events()
    assert event.scope.period_end == date(2016, 1, 1)
    assert world.rows("select max(month_date) from raw.git_history__months") == [(date(2016, 1, 1),)]


def test_a_commit_dated_after_the_asking_lies_where_it_can(tmp_path: Path, world_of: MakeWorld) -> None:
    late = stream_of(1, 40).replace(f"> {START + 39 * 15_000 + 6 * 3_000} ".encode(), b"> 2145916800 ")
    world = world_of(repository_at(tmp_path / "far" / "smith" / "anvil", late))
    world.refresh()
    assert world.load() == [""]
    assert world.rows("select count(*) from raw.rejected_rows") == [(0,)]
    assert world.rows("select sum(all_commits), max(month_date) from raw.git_history__months") == [
        (40, date(2021, 1, 1))
    ]


@pytest.mark.parametrize(
    "setting",
    [
        {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "url./nowhere/.insteadOf", "GIT_CONFIG_VALUE_0": "file:///"},
        {"GIT_DIR": "/nowhere"},
        {"GIT_OBJECT_DIRECTORY": "/nowhere"},
        {"GIT_TRACE": "1", "GIT_TEMPLATE_DIR": "/nowhere"},
        {"GIT_CONFIG_GLOBAL": "{home}/.gitconfig", "HOME": "{home}"},
        {"GIT_CONFIG_SYSTEM": "{home}/.gitconfig", "XDG_CONFIG_HOME": "{home}"},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_the_settings_of_the_user_change_nothing(
    small: Path, tmp_path: Path, world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch, setting: dict[str, str]
) -> None:
    home = tmp_path / "home"
    (home / "git").mkdir(parents=True)
    hostile = '[url "/nowhere/"]\n\tinsteadOf = file:///\n[log]\n\tshowSignature = true\n'
    for path in (home / ".gitconfig", home / "git" / "config"):
        path.write_text(hostile, encoding="utf-8")
    for name, value in setting.items():
        monkeypatch.setenv(name, value.format(home=home))
    world = world_of(small)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert world.load() == [""]


def test_a_local_path_is_as_good_as_an_address(small: Path, world_of: MakeWorld) -> None:
    world = world_of(small, scheme="")
    world.refresh()
    world.load()
    assert loaded(world, "all_commits") == counted(small)


def test_a_server_without_filters_sends_more_and_the_counts_are_the_same(small: Path, world_of: MakeWorld) -> None:
    git(small, "config", "uploadpack.allowFilter", "false")
    world = world_of(small)
    world.refresh()
    world.load()
    assert loaded(world, "first_parent_commits") == counted(small, "--first-parent")
    assert objects_in(world) > counted(small).total()
    assert "not recognised" in world.events()[0].request["filter"]


def test_a_renamed_default_branch_is_followed(small: Path, world_of: MakeWorld) -> None:
    world = world_of(small)
    world.refresh()
    git(small, "branch", "-m", "main", "trunk")
    git(small, "symbolic-ref", "HEAD", "refs/heads/trunk")
    world.later(days=40)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    assert world.events()[-1].request["branch"] == "trunk"
    world.load()
    assert loaded(world, "all_commits") == counted(small)


def test_a_rewritten_history_counts_as_it_is_now_and_says_so(small: Path, world_of: MakeWorld) -> None:
    world = world_of(small)
    world.refresh()
    lost = git(small, "rev-parse", "HEAD").strip()
    git(small, "update-ref", "refs/heads/main", git(small, "rev-parse", "HEAD~5").strip())
    world.later(days=40)
    world.refresh()
    world.load()
    assert loaded(world, "all_commits") == counted(small)
    assert lost in world.events()[-1].request["rewritten"]


@pytest.mark.parametrize("harm", ["objects", "lock", "head"])
def test_a_damaged_copy_is_fetched_anew(small: Path, world_of: MakeWorld, harm: str) -> None:
    world = world_of(small)
    world.refresh()
    copy = world.landing.workspace("git_history") / "smith__anvil.git"
    if harm == "objects":
        for path in (copy / "objects").rglob("*"):
            if path.is_file():
                path.unlink()
    elif harm == "lock":
        (copy / "refs" / "heads" / "asked.lock").touch()
        git(small, "fast-import", "--quiet", feed=stream_of(41, 47, parent="refs/heads/main^0"))
    else:
        (copy / "HEAD").write_text("nonsense")
    world.later(days=40)
    assert [outcome.result for outcome in world.refresh()] == ["landed"]
    world.load()
    assert loaded(world, "all_commits") == counted(small)


def reason(world: OneSource) -> str:
    """Why the one request failed; nothing was landed for it."""
    (outcome,) = world.refresh()
    assert outcome.result == "failed"
    assert world.events() == []
    assert world.landing.request_notes("git_history") == []
    return outcome.reason


def test_a_repository_that_is_not_there_is_said_to_be_gone(tmp_path: Path, world_of: MakeWorld) -> None:
    assert "gone, renamed or private" in reason(world_of(tmp_path / "far" / "smith" / "anvil"))


def test_an_empty_repository_is_no_zero(tmp_path: Path, world_of: MakeWorld) -> None:
    repository = tmp_path / "far" / "smith" / "anvil"
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet", "--bare")
    assert "there is no commit" in reason(world_of(repository))


def test_a_shallow_repository_is_not_counted(tmp_path: Path, small: Path, world_of: MakeWorld) -> None:
    cut = tmp_path / "cut" / "smith" / "anvil"
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=3", f"file://{small}", str(cut))
    assert "shallow: its history is cut short" in reason(world_of(cut))


def test_git_that_is_missing_is_named(small: Path, world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in reason(world_of(small))


def test_no_time_left_ends_the_refresh_and_the_rest_is_not_asked(small: Path, world_of: MakeWorld) -> None:
    world = world_of(small)
    world.names = named("smith/anvil", "smith/hammer")
    world.access["budget_seconds"] = 1
    world.clock._tick = 5
    first, second = world.refresh()
    assert (first.result, second.result) == ("failed", "not fetched")
    assert "had not ended when 1 s were over" in first.reason


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (Say("no", 404), "gone, renamed or private"),
        (Say("no", 401, {"WWW-Authenticate": "Basic realm=git"}), "gone, renamed or private"),
        (Say("later", 503), "returned error: 503"),
        (Say("<html>hello</html>", headers={"Content-Type": "text/html"}), "there is no commit, or no repository"),
        (Say(fault="hang up"), "git ls-remote ended with"),
    ],
)
def test_what_a_server_says_by_http_is_told(tmp_path: Path, say: Say, expected: str) -> None:
    with publishing() as publisher:
        publisher.answers("*", say)
        world = OneSource(tmp_path, "git_history", f"{publisher.url}/{{name}}.git", *named("smith/anvil"))
        assert expected in reason(world)


def test_nobody_there_stops_the_source(tmp_path: Path, unused_port: int) -> None:
    url = f"http://user:s3cret@127.0.0.1:{unused_port}/{{name}}"
    world = OneSource(tmp_path, "git_history", url, *named("smith/anvil", "smith/hammer"))
    first, second = world.refresh()
    assert (first.result, second.result) == ("failed", "not fetched")
    assert "s3cret" not in first.reason


def test_a_token_in_the_address_is_neither_told_nor_landed(tmp_path: Path) -> None:
    repository = repository_at(tmp_path / "far" / "smith" / "anvil.git?token=s3cret", stream_of(1, 40))
    template = f"file://{repository.parents[1]}/{{name}}.git?token=s3cret"
    world = OneSource(tmp_path, "git_history", template, *named("smith/anvil"))
    (outcome,) = world.refresh()
    assert outcome.result == "landed", outcome.reason
    (event,) = world.events()
    assert event.request["url"].endswith("/smith/anvil.git?***")
    assert not any(b"s3cret" in path.read_bytes() for path in world.landing.root.rglob("*") if path.is_file())

    repository.rename(tmp_path / "elsewhere")
    (outcome,) = world.refresh()
    assert outcome.result == "failed"
    assert "s3cret" not in outcome.reason


@pytest.fixture
def unused_port() -> int:
    with publishing() as publisher:
        return int(publisher.url.rpartition(":")[2])


@pytest.fixture
def landed(small: Path, world_of: MakeWorld) -> tuple[Fetch, bytes]:
    world = world_of(small)
    world.refresh()
    (event,) = world.events()
    return event, gzip.decompress(world.landing.path_of(event).read_bytes())


@pytest.mark.parametrize(
    ("harm", "match"),
    [
        (lambda log: log[: len(log) // 2].rpartition(b"\n")[0], "cut short: the parent"),
        (lambda log: log.partition(b"\n")[2], "begin with the tip"),
        (lambda _: b"", "begin with the tip .* found None"),
        (lambda log: log.replace(b"\t", b" ", 1), "line 1: expected hash"),
    ],
)
def test_a_log_that_is_not_whole_is_refused(
    tmp_path: Path, landed: tuple[Fetch, bytes], harm: Callable[[bytes], bytes], match: str
) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(harm(landed[1])))
    with pytest.raises(ExtractError, match=match):
        list(SOURCE.parse(landed[0], path))
    path.write_bytes(gzip.compress(landed[1])[:-20])
    with pytest.raises(ExtractError, match="not a packed log"):
        list(SOURCE.parse(landed[0], path))


def test_a_commit_without_a_readable_date_is_rejected_and_the_others_count(
    tmp_path: Path, landed: tuple[Fetch, bytes]
) -> None:
    event, log = landed
    tip, rest = log.split(b"\n", 1)
    name, author, _, parents = tip.split(b"\t")
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"\t".join([name, author, b"", parents]) + b"\n" + rest))
    rows = list(SOURCE.parse(replace(event), path))
    assert [row.defect for row in rows if row.defect] == [f"commit {name.decode()} has no readable date"]
    assert sum(row.fields["all_commits"] for row in rows if not row.defect) == log.count(b"\n") - 1
