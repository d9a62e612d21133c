"""A small warehouse with its server: web server and daemon over PostgreSQL, asked through GraphQL as a browser would.

Belongs here: setting it up, and the questions. Does not belong here: assertions.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import dagster as dg

from adoption.cli.serve import WORKSPACE, is_alive
from adoption.settings import REPOSITORY
from adoption.warehouse.dbt import environment_variables
from orchestration.instance import configure
from orchestration.runner import LOCATION
from tests.conftest import World
from tests.deploy.postgres import Server
from tests.faults.live import LiveWorld, free_port, wait_until
from tests.faults.test_refresh import ask_web_server, is_up
from tests.ingest.publisher import Publisher

PATIENCE_SECONDS = 900
"""A machine may have much else to do; nobody waits so long on one that has not."""
CONFIGURATION = REPOSITORY / "deploy" / "dagster.yaml"
REPOSITORY_OF = {"repositoryName": "__repository__", "repositoryLocationName": LOCATION}
LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}
"""
RUN = """
query Run($id: ID!) {
  runOrError(runId: $id) { ... on Run { status jobName startTime endTime repositoryOrigin { repositoryName }
    tags { key value } } }
}
"""
CHECKS = """
{ assetNodes { assetKey { path } assetChecksOrError { ... on AssetChecks {
  checks { name executionForLatestMaterialization { status runId } } } } } }
"""
SCHEDULES = """
query Schedules($repository: RepositorySelector!) {
  schedulesOrError(repositorySelector: $repository) { ... on Schedules { results { name scheduleState { status } } } }
}
"""


class Team(LiveWorld):
    """The small world whose one live source has a schedule that never comes, with Dagster's storage in PostgreSQL."""

    configuration = CONFIGURATION

    def __init__(self, world: World, publisher: Publisher, server: Server) -> None:
        self.server, self.port = server, 0
        super().__init__(world, publisher)
        self.write(schedule="0 3 1 1 *")

    def environment(self) -> dict[str, str]:
        return {**super().environment(), **self.server.environment()}

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        configure(replace(self.world, dagster_yaml=CONFIGURATION))
        with environment_variables(self.server.environment()), super().instance() as instance:
            yield instance

    @contextmanager
    def served(self) -> Iterator[subprocess.Popen[bytes]]:
        """The three parts as `adoption serve` starts them, over the definitions of this small world; the daemon."""
        self.port, home = free_port(), self.world.dagster_home
        home.mkdir(parents=True)
        socket = str(home / "code.sock")
        (home / "workspace.yaml").write_text(WORKSPACE.format(socket=socket, location=LOCATION))
        workspace = ("-w", str(home / "workspace.yaml"))
        with self.dagster("dagster", "api", "grpc", "-s", socket) as code:
            wait_until(partial(is_alive, self.world, "code", 0), code, "the definitions were loaded", PATIENCE_SECONDS)
            web = ("dagster_webserver", "-h", "127.0.0.1", "-p", str(self.port))
            with self.dagster(*web, *workspace, loads=False) as server:
                wait_until(partial(is_up, self.port), server, "the web server answered", PATIENCE_SECONDS)
                with self.dagster("dagster._daemon", "run", *workspace, loads=False) as daemon:
                    yield daemon

    def ask(self, query: str, **variables: object) -> Any:  # noqa: ANN401 - JSON
        return ask_web_server(self.port, query, **variables)["data"]

    def launch(self) -> str:
        """Launch a build as the button of the web page does; its run."""
        selector = {"jobName": "warehouse", **REPOSITORY_OF}
        answer = self.ask(LAUNCH, params={"selector": selector, "runConfigData": {}, "mode": "default"})["launchRun"]
        return str(answer["run"]["runId"]) if "run" in answer else str(answer)

    def run(self, run_id: str) -> Any:  # noqa: ANN401 - JSON
        return self.ask(RUN, id=run_id)["runOrError"]

    def status(self, run_id: str) -> str:
        return str(self.run(run_id)["status"])

    def is_over(self, run_id: str) -> bool:
        return self.status(run_id) in {"SUCCESS", "FAILURE", "CANCELED"}

    def checks(self, run_id: str) -> dict[str, str]:
        """The checks whose last result is of a run, and how they ended."""
        found = {}
        for node in self.ask(CHECKS)["assetNodes"]:
            for check in node["assetChecksOrError"].get("checks", ()):
                last = check["executionForLatestMaterialization"]
                if last and last["runId"] == run_id:
                    found[f"{'/'.join(node['assetKey']['path'])}: {check['name']}"] = str(last["status"])
        return found

    def schedules(self) -> dict[str, str]:
        results = self.ask(SCHEDULES, repository=REPOSITORY_OF)["schedulesOrError"]["results"]
        return {result["name"]: result["scheduleState"]["status"] for result in results}
