"""Secrets by the environment: the value of NAME, or what the file holds that NAME_FILE names.

Belongs here: the one place where a secret is read. Out of scope: which secrets there are (the catalog, and whoever
asks), and keeping them out of texts (`ingest.addresses`, `ingest.clients`). No message here has any part of a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingest.errors import AdoptionError

if TYPE_CHECKING:
    from ingest.catalog import Credential

FILE = "_FILE"
"""What a variable's name ends with that names the file of a secret, as container platforms mount them."""
Field = Literal["token_variable", "user_variable", "variable"]


class SecretError(AdoptionError):
    """The file of a secret cannot be read or holds none; the text names the variable and the file."""


def secret_text(name: str, environment: Mapping[str, str]) -> str | None:
    """The secret of that name, None where the environment has neither NAME nor NAME_FILE; NAME comes first.

    Raises:
        SecretError: when the file cannot be read, or holds nothing.
    """
    value, path = environment.get(name), environment.get(f"{name}{FILE}")
    if value or not path:
        return value or None
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SecretError(f"{name}{FILE} names {path}, which cannot be read: {error.strerror}") from None
    except ValueError:  # its message would quote what was read
        raise SecretError(f"{name}{FILE} names {path}, which holds no text") from None
    if not text:
        raise SecretError(f"{name}{FILE} names {path}, which is empty")
    return text


def secret(name: str, environment: Mapping[str, str]) -> str | None:
    """The same of a secret that is one word, such as a token.

    Raises:
        SecretError: when the file cannot be read, or does not hold exactly one word.
    """
    text = secret_text(name, environment)
    if text is not None and not environment.get(name) and len(text.split()) > 1:
        path = environment[f"{name}{FILE}"]
        raise SecretError(f"{name}{FILE} names {path}, which holds more than a key: expected one line without blanks")
    return text


def declared(credential: Credential | None, field: Field, environment: Mapping[str, str]) -> str | None:
    """What the environment has under a name that the catalog declares; where the secret is a file, its path.

    Raises:
        SecretError: see `secret`.
    """
    name = getattr(credential, field, None)
    if credential is None or name is None:
        return None
    if credential.is_path and field == "variable":
        return environment.get(name) or environment.get(f"{name}{FILE}") or None
    return secret(name, environment)
