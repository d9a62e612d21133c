"""Secrets in addresses: none is shown, and the rest of a text stays."""

from __future__ import annotations

import pytest

from ingest.addresses import without_queries, without_secrets


@pytest.mark.parametrize(
    "address",
    [
        "https://me:s3cret@example.org/a.git",
        "https://s3cret@example.org/a.git",
        "https://me:s3@s3cret@example.org/a.git",
        "https://example.org/a.git?token=s3cret",
        "https://example.org/a?x=1&private_token=s3cret&y=2",
        "https://example.org/a?api_key=s3cret",
        "https://example.org/a?X-Amz-Signature=s3cret",
        "https://example.org/a?sig=s3cret#part",
        "https://example.org/a#access_token=s3cret",
        "ssh://me:s3cret@example.org/a.git",
    ],
)
def test_a_secret_is_hidden_and_the_place_is_told(address: str) -> None:
    text = without_secrets(f"could not read '{address}': 404")
    assert "s3cret" not in text
    assert "://example.org/a" in text
    assert text.endswith("': 404")


def test_what_is_no_secret_stays() -> None:
    for text in ("https://example.org/a?format=csv&keyword=b", "me@example.org", "key=1, token=2", "a?b"):
        assert without_secrets(text) == text


def test_a_whole_query_is_hidden_whatever_it_is_named() -> None:
    text = without_queries("fatal: repository 'https://me:x@example.org/a.git?k=s3cret&l=s3cret/' not found")
    assert text == "fatal: repository 'https://example.org/a.git?***' not found"
