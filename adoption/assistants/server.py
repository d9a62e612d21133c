"""`adoption mcp`: the questions as tools of the Model Context Protocol, on standard input and output or on loopback.

Belongs here: names, descriptions and limits of the tools' arguments, and serving them. Does not belong here: any answer
(`adoption.assistants.questions`).

The tools only read, and only the published file: an argument is a name that is looked up, a year, or words that are
compared with texts. It never becomes SQL, a path or an address. What cannot be answered comes back as an error of the
tool with its reason. The SDK is the extra `mcp`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Final, ParamSpec

from pydantic import Field

from adoption.assistants.answer import LIMIT, clipped
from adoption.assistants.questions import Questions
from adoption.settings import Settings
from ingest.errors import AdoptionError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

NAME: Final = "adoption"
LOOPBACK: Final = "127.0.0.1"
"""The only address that it listens on: nobody is asked for a password."""
LONGEST: Final = 80
MISSING = "It needs the extra `mcp` (`.venv/bin/pip install -e '.[mcp]'`), which is not installed here."
INSTRUCTIONS: Final = (
    "Adoption of software frameworks, channel by channel, from public figures. Quote a figure with its grade, source, "
    "caveat and edition. `not comparable`, `inconclusive` and `no data` are answers: do not fill "
    "them in. Never add or compare figures of different sources or ways of counting. There is no market share and no "
    "overall score. Use `search` for the names that the other tools take."
)

Entity = Annotated[str, Field(max_length=LONGEST, description="Id or label, as `search` gives them.")]
Metric = Annotated[str, Field(max_length=LONGEST, description="Id or label, as `search` gives them.")]
Year = Annotated[int, Field(ge=1, le=9998, description="A calendar year.")]
Words = Annotated[str, Field(max_length=LONGEST, description="A few words.")]
P = ParamSpec("P")


class ExtraMissingError(AdoptionError):
    """The SDK is not installed; the text says how to get it."""


def serve(settings: Settings, port: int | None = None) -> None:
    """Serve until the client leaves, or over HTTP until it is ended.

    Raises:
        ExtraMissingError: when the SDK is not installed.
    """
    server = server_of(settings)
    if port is None:
        server.run("stdio")
    else:
        server.run("streamable-http", host=LOOPBACK, port=port, stateless_http=True, json_response=True)


def server_of(settings: Settings) -> MCPServer[None]:
    """The server with its tools.

    Raises:
        ExtraMissingError: when the SDK is not installed.
    """
    if find_spec("mcp") is None:
        raise ExtraMissingError(MISSING)
    from mcp.server.mcpserver import MCPServer
    from mcp.types import ToolAnnotations

    only_reads = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    server: MCPServer[None] = MCPServer(NAME, instructions=INSTRUCTIONS, log_level="WARNING")
    for tool in _tools(Questions(settings)):
        server.add_tool(tool, annotations=only_reads, structured_output=False)
    return server


def _tools(questions: Questions) -> list[Callable[..., str]]:
    """The tools: their names, arguments and docstrings are what an assistant reads."""

    @_reports_errors
    def compare(a: Entity, b: Entity, year: Year, metric: Metric | None = None) -> str:
        """Who of two was ahead in a year: in every metric, or in one with its changes, grade and caveats."""
        return questions.compare(a, b, year, metric)

    @_reports_errors
    def yoy(entity: Entity, metric: Metric, year: Year | None = None) -> str:
        """Whether an entity grew in a metric, year on year, beside the median package; newest first, or one year."""
        return questions.yoy(entity, metric, year)

    @_reports_errors
    def why(entity: Entity, metric: Metric, year: Year) -> str:
        """Why a figure is what it is, or why there is none: ways of counting, files, breaks and gaps."""
        return questions.why(entity, metric, year)

    @_reports_errors
    def brief(
        year: Year | None = None, a: Entity | None = None, b: Entity | None = None, channel: Words | None = None
    ) -> str:
        """What can be said of a year and two contenders, channel by channel; with `channel`, that one in full."""
        return questions.brief(year, a, b, channel)

    @_reports_errors
    def search(words: Words) -> str:
        """Names that the other tools take, claims with their verdicts, and breaks of method, by words."""
        return questions.search(words)

    return [compare, yoy, why, brief, search]


def _reports_errors(tool: Callable[P, str]) -> Callable[P, str]:
    """The tool, which says in one sentence what it cannot do."""

    @wraps(tool)
    def wrapped(*arguments: P.args, **named: P.kwargs) -> str:
        from mcp.server.mcpserver.exceptions import ToolError

        try:
            return tool(*arguments, **named)
        except AdoptionError as error:
            raise ToolError(clipped(str(error), LIMIT - LONGEST)) from error

    return wrapped
