"""Git as a wire: a history is fetched without its files, again only what is new, and errors are told in clear words.

Belongs here: running git, the copy of a history in the workspace, and what git's complaints mean. Does not belong
here: which repositories there are, and what is counted in a history (`ingest.sources.git_history`).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ingest.addresses import without_queries
from ingest.clients.http import Client
from ingest.errors import BudgetError, BusyError, FetchError, UnreachableError, printable, shortened

HEAD = "refs/heads/asked"
"""Under this name the copy keeps the tip of the publisher's default branch, whatever it is called there."""
COMMITS_ONLY = "tree:0"
"""The filter that leaves out every file and folder: a tenth to a hundredth of a full clone."""
LOG_FORMAT = "%H%x09%at%x09%ct%x09%P"
"""Hash, author's and committer's moment in seconds since 1970, parents; no names and no addresses."""
KEPT = re.compile(r"GIT_(SSL_.*|HTTP_PROXY_.*|EXEC_PATH)")
"""Of git's variables those that say how this machine reaches others; every other one could change what is read."""
NOTHING = os.devnull
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": NOTHING,
    "GIT_CONFIG_GLOBAL": NOTHING,
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
}
SETTINGS = (
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.writeCommitGraph=false",
    "http.lowSpeedLimit=1000",
    # none of the user's settings is read, so neither the one by which a copy of somebody else's is trusted to be read
    "safe.directory=*",
    "credential.helper=",
    f"core.hooksPath={NOTHING}",
)
UNREACHABLE = re.compile(
    r"could not resolve host|failed to connect|couldn't connect|connection (refused|timed out)|network is unreachable|"
    r"no route to host|temporary failure in name resolution|operation timed out",
    re.IGNORECASE,
)
GONE = re.compile(
    r"repository .*not found|does not exist|not appear to be a git repository|could not read (username|password)|"
    r"returned error: (401|403|404|410)|not found: did you run",
    re.IGNORECASE,
)
PASSING = re.compile(
    r"early eof|hung up unexpectedly|rpc failed|unexpected disconnect|returned error: (408|429|5\d\d)|"
    r"operation too slow|connection reset|invalid index-pack output|index-pack (died|failed)|bad pack header",
    re.IGNORECASE,
)
DAMAGED = re.compile(r"\.lock': file exists|not a git repository: |bad config|corrupt|bad object", re.IGNORECASE)
EMPTY = re.compile(r"couldn't find remote ref HEAD", re.IGNORECASE)
FILTER_IGNORED = re.compile(r"filtering not recognized by server", re.IGNORECASE)
MAX_SAID = 1_000
LOOK_SECONDS = 30
REDIRECTED = re.compile(r"redirecting to (\S+)")


def is_clone(url: str) -> bool:
    """Whether an address is a folder of this machine that was itself cloned from elsewhere: it has a remote."""
    if not url.startswith("file://") and re.match(r"[^/]*:", url):
        return False
    path = url.removeprefix("file://")
    try:
        run = _run(["git", "-c", "safe.directory=*", "-C", path, "remote"], LOOK_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0 and bool(run.stdout.strip())


@dataclass(frozen=True)
class History:
    """A whole history as `git log` writes it: a line per commit in LOG_FORMAT, the tip first.

    `details` say how it was had: address, branch, tip, and what was odd about it.
    """

    log: bytes
    head: str
    details: Mapping[str, str]


def history_of(client: Client, url: str, folder: str) -> History:
    """The history behind the default branch of the repository at `url`, an address or a local path.

    It is kept in `folder` of the client's workspace, so that the next time only what is new is fetched. A damaged copy
    is thrown away and fetched anew.

    Raises:
        FetchError: git is missing, or the repository is gone, private, empty or cut short.
        BusyError, UnreachableError: the transfer failed however often it was tried.
        BudgetError: the time budget ended in the middle.
    """
    copy = _Copy(client, url, client.workspace / folder)
    return client.with_retries(copy.fetched)


@dataclass(frozen=True)
class _Copy:
    """The copy of one history."""

    client: Client
    url: str
    path: Path

    def fetched(self) -> History:
        """The history as it is now."""
        branch = self._default_branch()
        before = self._head()
        self._prepare()
        filtering = f"--filter={COMMITS_ONLY}"
        # a shallow history is taken in, to be seen and refused; by itself git would keep the old tip without an error
        how = ("--no-tags", "--force", "--update-shallow", "--no-write-fetch-head")
        output = self._git("fetch", filtering, *how, "origin", f"+HEAD:{HEAD}")
        if self._local("rev-parse", "--is-shallow-repository").strip() == b"true":
            shutil.rmtree(self.path)
            raise FetchError(f"{self._shown}: the repository itself is shallow: its history is cut short")
        head = self._local("rev-parse", "--verify", f"{HEAD}^{{commit}}").decode().strip()
        # never bounded by date: where clocks were wrong git would stop too early
        log = self._local("log", "--no-show-signature", "--no-color", f"--format=tformat:{LOG_FORMAT}", head, "--")
        oddities = self._oddities(output.decode("utf-8", "replace"), before, head)
        details = {"url": self._shown, "branch": branch, "head": head, **oddities}
        return History(log, head, details)

    @property
    def _shown(self) -> str:
        return self.client.redact(without_queries(self.url))

    def _default_branch(self) -> str:
        """Its name at the publisher, empty where the server does not say; also the first word with the server."""
        answer = self._git("ls-remote", "--symref", "--", self.url, "HEAD", wants_output=True).decode(
            "utf-8", "replace"
        )
        match = re.search(r"^ref: refs/heads/(\S+)\s+HEAD$", answer, re.MULTILINE)
        return match.group(1) if match else ""

    def _prepare(self) -> None:
        if not (self.path / "HEAD").exists():
            shutil.rmtree(self.path, ignore_errors=True)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._local("init", "--quiet", "--bare", "--template=", str(self.path))
        self._local("config", "remote.origin.url", self.url)

    def _head(self) -> str:
        """The tip that the copy held before, empty where there was none."""
        try:
            return (self.path / HEAD).read_text().strip()
        except FileNotFoundError:
            return ""

    def _oddities(self, output: str, before: str, head: str) -> dict[str, str]:
        oddities = {}
        if FILTER_IGNORED.search(output):
            oddities["filter"] = "not recognised by the server: all files came along"
        if redirected := REDIRECTED.search(output):
            oddities["redirected_to"] = without_queries(redirected.group(1))
        if before not in ("", head) and self._is_lost(before, head):
            oddities["rewritten"] = f"{before} was the tip and is no longer part of the history"
        return oddities

    def _is_lost(self, before: str, head: str) -> bool:
        return bool(self._local("rev-list", "--max-count=1", before, f"^{head}", "--").strip())

    def _local(self, *command: str) -> bytes:
        """Something that concerns the copy alone: where it fails the copy is damaged and thrown away."""
        try:
            return self._git(*command, wants_output=True)
        except BudgetError:
            raise
        except FetchError as error:
            shutil.rmtree(self.path, ignore_errors=True)
            raise BusyError(f"the copy of the history was damaged and is fetched anew: {error}", 0) from error

    def _git(self, *command: str, wants_output: bool = False) -> bytes:
        """Run git until it ends or the time budget does; what it wrote to its output, or else to its errors."""
        stall = f"http.lowSpeedTime={self.client.access.timeout_seconds}"
        settings = [part for setting in (*SETTINGS, stall) for part in ("-c", setting)]
        folder = ["--git-dir", str(self.path)] if command[0] not in ("ls-remote", "init") else []
        try:
            run = _run(["git", *settings, *folder, *command], max(self.client.seconds_left, 0))
        except FileNotFoundError as error:
            raise FetchError("git is not installed, or not on the PATH: histories are cloned by git") from error
        except subprocess.TimeoutExpired as error:
            budget = self.client.access.budget_seconds
            raise BudgetError(f"{self._shown}: git {command[0]} had not ended when {budget:,} s were over") from error
        if run.returncode != 0:
            raise self._error_of(command[0], run)
        self._check_redirect(run.stderr)
        return run.stdout if wants_output else run.stderr

    def _check_redirect(self, output: bytes) -> None:
        """Raise FetchError for a response of another host than was asked, unless the catalog lists it."""
        redirected = REDIRECTED.search(output.decode("utf-8", "replace"))
        host = urlsplit(redirected.group(1)).hostname if redirected else None
        if host and host != urlsplit(self.url).hostname and host not in self.client.access.redirects:
            raise FetchError(f"{self._shown}: redirected to {host}, a host that the catalog does not list (redirects)")

    def _error_of(self, command: str, run: subprocess.CompletedProcess[bytes]) -> FetchError:
        """What git's complaint means for whoever asks again."""
        message = run.stderr.decode("utf-8", "backslashreplace")
        text = f"{self._shown}: git {command} ended with {run.returncode}: {' '.join(message.split()) or '(no word)'}"
        text = shortened(printable(self.client.redact(without_queries(text))), MAX_SAID)
        if EMPTY.search(message):
            return FetchError(f"there is no commit, or no repository: {text}")
        if command == "fetch" and DAMAGED.search(message):
            shutil.rmtree(self.path, ignore_errors=True)
            return BusyError(f"the copy of the history was damaged and is fetched anew: {text}", 0)
        if UNREACHABLE.search(message):
            return UnreachableError(text)
        if PASSING.search(message):
            return BusyError(text)
        return FetchError(f"the repository is gone, renamed or private: {text}" if GONE.search(message) else text)


def _of_user(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without anything by which git would read other settings, or another repository."""
    return {name: value for name, value in environment.items() if not name.startswith("GIT_") or KEPT.fullmatch(name)}


def _run(command: list[str], seconds: float) -> subprocess.CompletedProcess[bytes]:
    """Run to the end; git's helpers die with it, however it is left."""
    pipe = subprocess.PIPE
    environment = {**_of_user(os.environ), **ENVIRONMENT}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, env=environment, process_group=0
    ) as process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
