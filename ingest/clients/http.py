"""The one HTTP client: every word that is exchanged with a publisher goes through it.

Retrying (tenacity), pacing per host (requests-ratelimiter), time budgets, conditional requests, and keeping credentials
out of everything that is written down; the libraries are imported by who needs them, which no quick command does.
Whether a response makes sense is said by the connectors (`validate`).
"""

from __future__ import annotations

import os
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, quote_plus, urljoin

from ingest.addresses import HIDDEN, without_secrets
from ingest.clients.redirects import AS_GET, HARMLESS, OF_A_BODY, as_it_is, is_same_host, may_follow, without_query
from ingest.clients.response import Reply, classify_status
from ingest.credentials import declared
from ingest.errors import BudgetError, BusyError, FetchError, UnreachableError, chain, printable, shortened

if TYPE_CHECKING:
    from pathlib import Path

    import requests
    import tenacity
    from requests.adapters import HTTPAdapter

    from ingest.catalog import Access, Pace

USER_AGENT = "adoption-warehouse (a yearly measure of adoption; one polite request at a time)"
CONDITIONS = frozenset({"If-None-Match", "If-Modified-Since"})
CHUNK = 1 << 16
MAX_REDIRECTS = 10
MAX_RATIO, SMALL = 200, 1 << 24
"""A text packs to a tenth, a dull one to a hundredth."""
MAX_SAID = 1_000
"""So many characters of what went wrong are told."""
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
Answered = TypeVar("Answered")
Check = Callable[[Reply], None]
"""Looks at a reply with a good status; raises BusyError to ask again, another FetchError to give up."""


@dataclass(frozen=True)
class Clock:
    """Time, as far as waiting needs it; a test brings its own."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


def _any_reply(_: Reply) -> None:
    """Every reply with a good status will do."""


class Client:
    """Asks one publisher, in the terms of its entry in the catalog.

    `deadline` is when the time budget of this refresh is spent, on the clock's monotonic scale. `workspace` is a folder
    for what may be thrown away at any time, such as a clone that the next refresh need not fetch again.
    """

    def __init__(
        self,
        access: Access,
        clock: Clock | None = None,
        environment: Mapping[str, str] | None = None,
        workspace: Path | None = None,
    ) -> None:
        from requests import Session

        self.access = access
        self.clock = clock or Clock()
        self.deadline = self.clock.monotonic() + access.budget_seconds
        self._environment = os.environ if environment is None else environment
        # each secret is read once
        self._declared = cache(partial(declared, self.access.credential, environment=self._environment))
        self._workspace = workspace
        self._session = Session()
        self._session.headers["User-Agent"] = USER_AGENT
        # without it a password for this host in the user's ~/.netrc would go along, in place of ours
        self._session.auth = as_it_is
        self._requests = 0
        self._bytes_spent = 0
        self._not_before = self.clock.monotonic()
        adapter = _paced(access.pace)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    @property
    def url(self) -> str:
        """The publisher's address, without a slash at its end."""
        return self.access.urls[0]

    @property
    def workspace(self) -> Path:
        """The folder for what may be thrown away; raises TypeError where the client was given none."""
        if self._workspace is None:
            raise TypeError("this client was given no workspace")
        return self._workspace

    @property
    def seconds_left(self) -> float:
        """What is left of the time budget."""
        return self.deadline - self.clock.monotonic()

    def credential(self) -> str | None:
        """The credential from the environment, None where there is none."""
        return self._declared("variable")

    def token(self) -> str | None:
        """The token that stands alone, from the environment, None where there is none."""
        return self._declared("token_variable")

    def authorization(self) -> dict[str, str]:
        """The header of a token, else that of account and key, empty where there is neither."""
        if token := self.token():
            return {"Authorization": f"Bearer {token}"}
        user, key = self._declared("user_variable"), self.credential()
        if not (user and key):
            return {}
        return {"Authorization": f"Basic {b64encode(f'{user}:{key}'.encode()).decode()}"}

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        validate: Check = _any_reply,
        validators: Mapping[str, str] | None = None,
        classify: Check = _any_reply,
    ) -> Reply:
        """Ask by GET until a whole, acceptable reply is there.

        `validators` are the headers that make the request conditional on what the publisher said of its last response.
        `classify` looks at every reply, before its status is read: for publishers whose words say more than their
        status, or whose addresses name what they may not have (`raise_if_missing`).

        Raises:
            NotChangedError: the response is still the last one (304).
            BudgetError: the time budget does not allow the wait that is asked for.
            UnreachableError: no connection, however often it was tried.
            FetchError: any other reply that no patience mends.
        """
        from requests import Request

        sent = {**(validators or {}), **(headers or {})}
        return self._fetch(Request("GET", url, params=params, headers=sent), validate, classify)

    def post(
        self,
        url: str,
        body: bytes,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        validate: Check = _any_reply,
        classify: Check = _any_reply,
    ) -> Reply:
        """The same by POST, for publishers whose requests are a body."""
        from requests import Request

        request = Request("POST", url, params=params, headers=dict(headers or {}), data=body)
        return self._fetch(request, validate, classify)

    def spend_bytes(self, requested: int) -> None:
        """Take from what one refresh may have read, where a publisher is paid by the byte.

        Raises:
            BudgetError: when that is more than is left.
        """
        most = self.access.most_bytes
        if most is not None and self._bytes_spent + requested > most:
            left = most - self._bytes_spent
            raise BudgetError(
                f"the request would read {requested:,} bytes, which are paid for; {left:,} are left of the budget of "
                f"{most:,} a refresh"
            )
        self._bytes_spent += requested

    def pause(self, seconds: float) -> None:
        """Ask nothing for so long: the publisher said so in a response that is good in itself."""
        self._not_before = self.clock.monotonic() + seconds

    def redact(self, text: str) -> str:
        """The text without the credentials, also as an address writes them, and without secrets of addresses."""
        for secret in filter(None, (self.credential(), self.token())):
            for written in (secret, quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(written, HIDDEN)
        return without_secrets(text)

    def with_retries(self, attempt: Callable[[], Answered]) -> Answered:
        """What `attempt` returns; asked again while it raises BusyError, for as long as patience and budget reach.

        For publishers that are not asked by HTTP; `get` and `post` are patient by themselves.
        """
        import tenacity

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(BusyError),
            stop=self._stop,
            wait=self._wait,
            sleep=self.clock.sleep,
            reraise=True,
        )
        return retrying(attempt)

    def _fetch(self, request: requests.Request, validate: Check, classify: Check) -> Reply:
        try:
            return self.with_retries(lambda: self._once(request, validate, classify))
        except FetchError as error:
            raise self._with_request(error, str(request.method), str(request.url)) from error

    def _with_request(self, error: FetchError, method: str, url: str) -> FetchError:
        """The same error with the request in its text, and no credential."""
        text = f"{method} {without_query(url)}: {error}"
        described = type(error)(shortened(printable(self.redact(text)), MAX_SAID))
        if isinstance(error, BusyError) and isinstance(described, BusyError):
            described.wait_seconds = error.wait_seconds
        return described

    def _stop(self, state: tenacity.RetryCallState) -> bool:
        """Give up after the catalog's number of attempts; two are enough where nobody answers."""
        error = state.outcome.exception() if state.outcome else None
        return state.attempt_number >= (2 if isinstance(error, UnreachableError) else self.access.attempts)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """As long as the publisher asks, else longer every time.

        Raises:
            BudgetError: when that is longer than the time budget allows.
        """
        from tenacity import wait_exponential_jitter

        error = state.outcome.exception() if state.outcome else None
        requested = error.wait_seconds if isinstance(error, BusyError) else None
        patience = wait_exponential_jitter(multiplier=FIRST_WAIT, max=LONGEST_WAIT)(state)
        wait = patience if requested is None else requested
        if wait > self.seconds_left:
            raise BudgetError(
                f"{error}; the next try is due in {wait:,.0f} s, but {max(self.seconds_left, 0):,.0f} s of the time "
                f"budget of {self.access.budget_seconds:,} s are left"
            ) from error
        return wait

    def _once(self, request: requests.Request, validate: Check, classify: Check) -> Reply:
        if self.seconds_left <= 0:
            raise BudgetError(f"the time budget of {self.access.budget_seconds:,} s is spent")
        if self._requests == self._most_requests():
            raise BudgetError(f"the budget of {self._requests:,} requests a refresh is spent")
        self._rest()
        self._requests += 1
        reply = self._exchange(request)
        classify(reply)
        classify_status(reply, self.clock.now(), not CONDITIONS.isdisjoint(request.headers))
        validate(reply)
        return reply

    def _rest(self) -> None:
        """Wait until the publisher wants to be asked again."""
        rest = self._not_before - self.clock.monotonic()
        if rest > self.seconds_left:
            raise BudgetError(
                f"the publisher asks for a rest of {rest:,.0f} s, but {max(self.seconds_left, 0):,.0f} s of the time "
                f"budget of {self.access.budget_seconds:,} s are left"
            )
        if rest > 0:
            self.clock.sleep(rest)

    def _most_requests(self) -> int | None:
        """How many requests this refresh may make: often more with a key than without one."""
        with_key = self.access.credential.most_requests if self.access.credential and self.credential() else None
        return with_key or self.access.most_requests

    def _exchange(self, request: requests.Request) -> Reply:
        """One request and its whole reply."""
        import requests

        end = self.clock.monotonic() + self.access.timeout_seconds
        try:
            response = self._follow(self._session.prepare_request(request))
            with response:
                body = b"".join(self._chunks(response, end))
        except requests.ConnectTimeout as error:
            raise UnreachableError(f"no connection within {self.access.timeout_seconds} s") from error
        except requests.Timeout as error:
            raise BusyError(f"no reply within {self.access.timeout_seconds} s") from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise BusyError(f"the reply was cut off: {error}") from error
        except requests.ConnectionError as error:
            # in the words of the machine, without the layers of libraries around it
            *_, innermost = chain(error, with_context=True)
            raise UnreachableError(f"no connection: {innermost}") from error
        except (requests.RequestException, ValueError, HTTPException, OverflowError) as error:
            # also addresses and headers that are none, as libraries complain of them
            raise FetchError(f"not a readable reply: {error}") from error
        return Reply(response.status_code, response.headers, body, response.url, self._record(request, response))

    def _follow(self, prepared: requests.PreparedRequest) -> requests.Response:
        """The response at the end of all redirects; those before it are its history.

        Raises:
            FetchError: when a redirect leads to a host that the catalog does not list, or to no end.
        """
        history: list[requests.Response] = []
        while True:
            settings = self._session.merge_environment_settings(prepared.url, {}, True, None, None)
            response = self._session.send(
                prepared, timeout=self.access.timeout_seconds, allow_redirects=False, **settings
            )
            location = self._session.get_redirect_target(response)
            if not location:
                response.history = history
                return response
            response.close()
            history.append(response)
            if len(history) > MAX_REDIRECTS:
                raise FetchError(f"more than {MAX_REDIRECTS} redirects, the last to {without_query(location)}")
            prepared = self._redirected(prepared, response, location)

    def _redirected(
        self, before: requests.PreparedRequest, response: requests.Response, location: str
    ) -> requests.PreparedRequest:
        """The next request. What only this publisher may know does not go to another host."""
        from requests import Request

        url = urljoin(str(response.url), location)
        is_same = is_same_host(str(before.url), url)
        if not may_follow(str(before.url), url, self.access.redirects):
            raise FetchError(f"redirected to {without_query(url)}, a host that the catalog does not list (redirects)")
        request = Request("GET" if response.status_code in AS_GET else before.method, url)
        request.headers = {name: value for name, value in before.headers.items() if is_same or name.lower() in HARMLESS}
        if request.method == before.method and before.body is not None:
            request.data = before.body
        else:
            request.headers = {name: value for name, value in request.headers.items() if name.lower() not in OF_A_BODY}
        return self._session.prepare_request(request)

    def _chunks(self, response: requests.Response, end: float) -> Iterator[bytes]:
        """The body piece by piece as it arrives: a publisher that drips keeps nobody waiting for ever.

        Raises:
            FetchError: for a body that is larger than the catalog allows, or unpacks to more than any honest one.
        """
        from urllib3.exceptions import HTTPError

        size, most, raw = 0, self.access.most_reply_bytes, response.raw
        try:
            while chunk := raw.read1(CHUNK, decode_content=True):
                size += len(chunk)
                if size > most:
                    raise FetchError(f"the reply is larger than {most:,} bytes; expected less (most_reply_bytes)")
                if size > SMALL and size > MAX_RATIO * max(raw.tell(), 1):
                    raise FetchError(f"{raw.tell():,} bytes unpack to more than {size:,}: no response packs like that")
                yield chunk
                if self.clock.monotonic() > end:
                    raise BusyError(f"the reply was not whole within {self.access.timeout_seconds} s")
        except HTTPError as error:
            raise BusyError(f"the reply was cut off: {error}") from error

    def _record(self, request: requests.Request, response: requests.Response) -> dict[str, Any]:
        """How the response was had: nothing in it is secret."""
        record: dict[str, Any] = {"method": request.method, "url": self.redact(str(request.url))}
        if request.params:
            record["params"] = {name: self.redact(str(value)) for name, value in dict(request.params).items()}
        if isinstance(request.data, bytes) and request.data:
            record["body"] = self.redact(request.data.decode())
        if response.history:
            # the query of another host may be a key to what lies there
            is_same = is_same_host(str(request.url), str(response.url))
            record["redirected_to"] = self.redact(str(response.url)) if is_same else without_query(str(response.url))
        return record


def _paced(pace: Pace) -> HTTPAdapter:
    from requests.adapters import HTTPAdapter
    from requests_ratelimiter import LimiterAdapter

    per_second = 1 / pace.seconds_between if pace.seconds_between else pace.per_second or 0
    if not (per_second or pace.per_minute or pace.per_hour):
        return HTTPAdapter()
    # what to do after a 429 is decided here, by what the publisher says
    return LimiterAdapter(
        per_second=per_second, per_minute=pace.per_minute or 0, per_hour=pace.per_hour or 0, limit_statuses=()
    )
