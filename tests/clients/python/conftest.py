"""Starts gateways, in front of a scripted provider, for all tests of the Python clients."""

import json
import os
import subprocess
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest

HERE = Path(__file__).parent
NODE = HERE.parents[2] / "node_modules" / ".bin" / "node"


class Gateway(NamedTuple):
    url: str
    key: str
    provider: str


@pytest.fixture(scope="session", params=["master", "virtual"])
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    """Once with the master key, once with a key that the gateway has made, with a budget and limits."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    process = subprocess.Popen(
        [NODE, HERE / "serve.ts", request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdin is not None and process.stdout is not None
    line = process.stdout.readline()
    assert line, f"serve.ts ended with {process.wait()} before it listened"
    yield Gateway(**json.loads(line))
    process.stdin.close()
    assert process.wait(timeout=20) == 0


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway is on this machine, whatever proxy the machine has for others."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
