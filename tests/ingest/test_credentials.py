"""Secrets of the environment, or of files that it names: read in one place, and quoted by no message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.catalog import Access, Credential
from ingest.clients.http import Client
from ingest.credentials import SecretError, declared, secret, secret_text

KEY = Credential(variable="GUILD_KEY", gives="more")


def test_a_secret_is_the_value_of_its_variable_or_the_line_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("s3cret\n")
    by_file = {"GUILD_KEY_FILE": str(path)}

    assert secret("GUILD_KEY", by_file) == "s3cret"
    assert secret("GUILD_KEY", {**by_file, "GUILD_KEY": ""}) == "s3cret"
    assert secret("GUILD_KEY", {**by_file, "GUILD_KEY": "other"}) == "other"
    assert secret("GUILD_KEY", {}) is None
    assert declared(KEY, "variable", by_file) == "s3cret"
    assert declared(KEY, "token_variable", by_file) is None
    assert declared(None, "variable", by_file) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is empty"),
        (b"s3cret other\n", "holds more than a key"),
        (b"s3cret\xff", "holds no text"),
    ],
)
def test_a_file_without_a_secret_is_named_and_not_quoted(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SecretError, match=f"GUILD_KEY_FILE names .*key, which {reason}") as failure:
        secret("GUILD_KEY", {"GUILD_KEY_FILE": str(path)})

    assert "s3cret" not in str(failure.value)
    assert failure.value.__cause__ is None


def test_a_list_of_secrets_keeps_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("one\ntwo\n")

    assert secret_text("GUILD_KEYS", {"GUILD_KEYS_FILE": str(path)}) == "one\ntwo"


def test_a_secret_that_is_a_file_is_its_path_under_either_name() -> None:
    account = Credential(variable="GUILD_ACCOUNT", is_path=True, gives="more")

    assert declared(account, "variable", {"GUILD_ACCOUNT": "account.json"}) == "account.json"
    assert declared(account, "variable", {"GUILD_ACCOUNT_FILE": "account.json"}) == "account.json"


def test_a_client_signs_with_the_key_of_a_file_and_shows_it_to_nobody(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("s3cret\n")
    credential = Credential(variable="GUILD_KEY", token_variable="GUILD_TOKEN", gives="more")
    access = Access(urls=("https://guild.example",), credential=credential, off="when asked for")

    with Client(access, environment={"GUILD_TOKEN_FILE": str(path)}) as client:
        assert client.authorization() == {"Authorization": "Bearer s3cret"}
        assert client.redact("refused: s3cret") == "refused: ***"
