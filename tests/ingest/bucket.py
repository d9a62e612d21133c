"""An S3 of this machine for tests: moto's server on loopback, in a process of its own.

Belongs here: starting and stopping it. Does not belong here: what is tested with it.

A process of its own, so that a test may fork and kill, and so that `python -m tests.ingest.bucket` serves one by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = "figures"
KEYS = {"AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "not-a-secret-of-anybody"}


def environment_of(endpoint: str) -> dict[str, str]:
    """What boto reads: where the server is, and keys that it does not look at."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        **KEYS,
    }


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server with one empty bucket, until the block ends."""
    command = [sys.executable, "-m", "tests.ingest.bucket"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()  # also when this process dies: then the server ends with it


def make_bucket(endpoint: str, name: str = NAME) -> None:
    """A bucket of its own, empty."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="someone",
        aws_secret_access_key="nobody's",
    )
    client.create_bucket(Bucket=name)


def main() -> None:
    """Serve until the standard input ends."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    make_bucket(endpoint)
    sys.stdout.write(f"{endpoint}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
