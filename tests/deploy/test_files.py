"""Container, compose and service files say what this program understands, and agree with each other.

No image can be built here (no container runtime, no registry of images), so the files are read: each command
by the command line itself, each port, volume, secret and variable against whoever else names it. Hadolint and
compose-lint read them too (`make deploy-tools`), and systemd's own check reads the unit.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from adoption.cli.main import main, serve_part
from adoption.cli.serve import PARTS
from adoption.settings import REPOSITORY
from orchestration.instance import required_variables

DEPLOY = REPOSITORY / "deploy"
DOCKERFILE, COMPOSE = DEPLOY / "Dockerfile", DEPLOY / "compose.yaml"
UNIT, EXAMPLE = DEPLOY / "adoption@.service", DEPLOY / "adoption.env.example"
SECRETS = "/run/secrets/"
OWN_PROGRAMS = {"pg_isready", "sleep"}
TOOLS = REPOSITORY / ".venv" / "deploy" / "bin"


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile: keyword and the rest, continued lines joined."""
    text = "\n".join(line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#"))
    joined = text.replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined if line.strip()]


def last(keyword: str) -> str:
    return [rest for name, rest in instructions() if name == keyword][-1]


@cache
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def services() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from compose()["services"].items()


def parsed(arguments: list[str]) -> dict[str, Any]:
    """What the command line understands of these words; it refuses what it does not know."""
    context = main.make_context("adoption", list(arguments), resilient_parsing=False)
    name, command, rest = main.resolve_command(context, [*context._protected_args, *context.args])
    assert command is serve_part, name
    return serve_part.make_context(str(name), rest, parent=context).params


def variables_of_deployment() -> set[str]:
    return set(required_variables(yaml.safe_load((DEPLOY / "dagster.yaml").read_text())))


def named(variables: Mapping[str, str]) -> set[str]:
    """The variables that these give, each as itself or by a file."""
    return {name.removesuffix("_FILE") for name in variables}


def test_the_image_is_made_by_the_commands_that_ci_runs_and_from_the_lock() -> None:
    targets = set(re.findall(r"^(\S+): ", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    made = [word for name, rest in instructions() if name == "RUN" for word in re.findall(r"\bmake ([\w./-]+)", rest)]
    assert made == [".venv/locked", "install"]
    assert {word.replace(".venv", "$(VENV)") for word in made} <= targets
    assert "--require-hashes -r requirements.lock" in (REPOSITORY / "Makefile").read_text()
    assert not re.search(r"\bpip install|\bcurl |\bwget |\bADD ", "\n".join(" ".join(pair) for pair in instructions()))


def test_what_is_copied_into_the_image_exists_and_nothing_secret_is() -> None:
    copied = [rest.split() for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    assert all((REPOSITORY / word).exists() for words in copied for word in words[:-1])
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert {"data", ".git", ".venv*", "deploy/secrets"} <= set(ignored)
    tracked = (REPOSITORY / ".gitignore").read_text()
    assert "deploy/secrets" in tracked


def test_the_base_image_is_slim_and_of_a_python_that_the_lock_knows() -> None:
    arguments = dict(rest.split("=") for name, rest in instructions() if name == "ARG")
    requires = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["requires-python"]
    assert requires == ">=3.11,<3.14"
    assert arguments["PYTHON"] in {"3.11", "3.12", "3.13"}
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert set(bases) == {"python:${PYTHON}-slim-${DEBIAN}"}


def test_the_image_runs_as_nobody_special_in_a_data_folder_of_its_own_and_says_whether_it_is_well() -> None:
    user = last("USER").split(":")[0]
    assert int(user) > 1000
    assert f"useradd --uid {user} " in last("RUN")
    variables = dict(pair.split("=", 1) for pair in shlex.split(last("ENV")))
    assert last("VOLUME") == variables["ADOPTION_DATA"]
    assert f"install -d -m 700 -o adoption -g adoption {variables['ADOPTION_DATA']}" in last("RUN")
    assert variables["ADOPTION_DAGSTER_YAML"].endswith("/deploy/dagster.yaml")
    [program] = json.loads(last("ENTRYPOINT"))
    assert program == "adoption"
    started = parsed(json.loads(last("CMD")))
    assert (started["part"], str(started["port"])) == ("web", last("EXPOSE"))
    health = json.loads(last("HEALTHCHECK").split("CMD ")[1])
    assert health[0] == program
    assert parsed(health[1:])["check"] is True


def test_every_command_of_compose_is_one_that_the_program_knows() -> None:
    parts = {}
    for name, service in services():
        if "command" in service:
            parts[name] = parsed(service["command"])
            assert parts[name]["part"] == name
            assert parts[name]["check"] is False
        health = service["healthcheck"]
        if health.get("disable"):
            continue
        test = health["test"]
        assert test[0] == "CMD"
        if test[1] == "adoption":
            check = parsed(test[2:])
            assert check["check"] is True
            assert (check["part"], check["port"]) == (name, parts[name]["port"])
        else:
            assert test[1] in OWN_PROGRAMS
    assert set(parts) == {"code", "web", "daemon"}


def test_nothing_is_published_beyond_this_machine() -> None:
    published = {name: service["ports"] for name, service in services() if "ports" in service}
    assert set(published) == {"web"}
    [port] = published["web"]
    outside, inside = port.rsplit(":", 1)
    assert outside.startswith("127.0.0.1:")
    assert int(inside) == parsed(compose()["services"]["web"]["command"])["port"]
    assert parsed(compose()["services"]["web"]["command"])["host"] == "0.0.0.0", "of the container, not of the machine"


def test_every_secret_and_volume_is_declared_and_used() -> None:
    used = {secret for _, service in services() for secret in service.get("secrets", ())}
    assert used == set(compose()["secrets"])
    assert all(Path(entry["file"]).parts[0] == "secrets" for entry in compose()["secrets"].values())
    volumes = {mount.split(":")[0] for _, service in services() for mount in service.get("volumes", ())}
    assert volumes == set(compose()["volumes"])
    for name, service in services():
        read = {value for value in service.get("environment", {}).values() if SECRETS in value}
        assert {value.removeprefix(SECRETS) for value in read} == set(service.get("secrets", ())), name
    image = dict(pair.split("=", 1) for pair in shlex.split(last("ENV")))
    assert compose()["services"]["daemon"]["volumes"] == [f"data:{image['ADOPTION_DATA']}"]


def test_the_parts_know_where_their_database_is() -> None:
    database = compose()["services"]["postgres"]["environment"]
    for part in PARTS:
        given = compose()["services"][part]["environment"]
        assert variables_of_deployment() <= named(given)
        assert given["ADOPTION_PG_HOST"] in compose()["services"]
        assert given["ADOPTION_PG_USER"] == database["POSTGRES_USER"]
        assert given["ADOPTION_PG_DATABASE"] == database["POSTGRES_DB"]
        assert given["ADOPTION_PG_PASSWORD_FILE"] == database["POSTGRES_PASSWORD_FILE"]
        assert given["ADOPTION_SCHEDULES"] == "on"


def test_every_service_comes_back_and_is_looked_at_and_none_has_more_rights_than_it_needs() -> None:
    for name, service in services():
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service, name
        assert "privileged" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert all(waited in compose()["services"] for waited in service.get("depends_on", ())), name
    assert {compose()["services"][part]["pid"] for part in PARTS} == {"service:processes"}


def test_the_image_bears_the_version_of_the_program() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    images = {service["image"] for _, service in services() if "adoption" in service["image"]}
    assert images == {f"adoption-warehouse:{version}"}
    assert all("build" in service for _, service in services() if "adoption" in service["image"]), (
        "nobody could pull it"
    )
    assert f"-t adoption-warehouse:{version} ." in DOCKERFILE.read_text()


def unit() -> dict[str, list[str]]:
    """The settings of the unit; some stand there more than once."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("part", PARTS)
def test_the_unit_starts_each_part_and_knows_its_database(part: str) -> None:
    [line] = unit()["ExecStart"]
    program, *arguments = line.replace("%i", part).split()
    assert program.endswith("/.venv/bin/adoption")
    assert parsed(arguments)["part"] == part
    by_unit = dict(pair.split("=", 1) for pair in unit()["Environment"])
    example = dict(line.split("=", 1) for line in EXAMPLE.read_text().splitlines() if not line.startswith("#"))
    assert variables_of_deployment() <= named(by_unit) | named(example)
    [folder] = unit()["WorkingDirectory"]
    assert example["ADOPTION_DATA"] == unit()["ReadWritePaths"][0] == f"{folder}/data"
    assert unit()["Restart"] == ["always"]
    assert unit()["User"] != ["root"]


def test_no_secret_stands_in_a_file_that_is_tracked() -> None:
    for path in (COMPOSE, UNIT, EXAMPLE, DOCKERFILE):
        for line in path.read_text().splitlines():
            found = re.match(r"\W*(?:Environment=)?([A-Z][A-Z_]*(?:PASSWORD|TOKEN|KEY|SECRET))[=:]", line)
            assert found is None, (path.name, line)


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here: apt-get install systemd")
    program = tmp_path / ".venv" / "bin" / "adoption"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNIT.read_text().replace("/srv/adoption", str(tmp_path))
    (tmp_path / "adoption@.service").write_text(text)
    checked = tmp_path / "adoption@web.service"
    checked.symlink_to("adoption@.service")
    line = ["systemd-analyze", "verify", "--man=no", str(checked)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr


@pytest.mark.parametrize(
    "line",
    [("hadolint", str(DOCKERFILE)), ("compose-lint", "check", "--fail-on", "high", str(COMPOSE))],
    ids=["hadolint", "compose-lint"],
)
def test_the_linters_find_nothing(line: tuple[str, ...]) -> None:
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", "")])
    program = shutil.which(line[0], path=path)
    if program is None:
        pytest.skip(f"no {line[0]} here: make deploy-tools")
    done = subprocess.run([program, *line[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_word_that_the_program_does_not_know_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        parsed(["serve", "website"])
    with pytest.raises(click.UsageError):
        parsed(["serve", "web", "--ports", "3000"])
