"""HTTP clients that check every exchange against the contract."""

import json
import os
import pathlib
import ssl
import sys

import httpx

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "contract"))

from check import check_exchange  # noqa: E402
from compatibility import OPERATIONS  # noqa: E402, F401


# Loading the system's certificates for each client would take longer than most tests.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Exchanges:
    """Checks what passes through its clients; `broken` collects what the contract does not allow.

    A hook must not raise: the SDK would take it for a failed connection.
    """

    def __init__(self):
        self.broken: list = []

    def client(self, **options) -> httpx.Client:
        """A client for the synchronous methods, or for requests of the test's own."""
        return httpx.Client(timeout=15, verify=_NO_TLS, event_hooks={"response": [self._response]}, **options)

    def async_client(self) -> httpx.AsyncClient:
        """A client for the `_async` methods."""
        return httpx.AsyncClient(timeout=15, verify=_NO_TLS, event_hooks={"response": [self._async_response]})

    def _response(self, response: httpx.Response) -> None:
        response.read()
        self._check(response)

    async def _async_response(self, response: httpx.Response) -> None:
        await response.aread()
        self._check(response)

    def _check(self, response: httpx.Response) -> None:
        record(_kept(response))
        try:
            check_exchange(_described(response))
        except Exception as error:  # Whatever it is, the test must hear of it.
            request = response.request
            self.broken.append(f"{request.method} {request.url}: {type(error).__name__}: {error}")


def record(line: dict) -> None:
    """Writes a line to `ROLLBOOK_EXCHANGES`, if it names a file, for the table of operations × SDK × engine."""
    if file := os.environ.get("ROLLBOOK_EXCHANGES"):
        with open(file, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")


def _kept(response: httpx.Response) -> dict:
    request = response.request
    agent = request.headers.get("user-agent", "")
    return {
        "method": request.method,
        "url": str(request.url),
        "status": response.status_code,
        "request_headers": {"user-agent": agent},
    }


def _described(response: httpx.Response) -> dict:
    request = response.request
    return {
        "method": request.method,
        "url": str(request.url),
        "request_headers": dict(request.headers),
        "request_body": _text(request),
        "status": response.status_code,
        "response_headers": dict(response.headers),
        "response_body": response.text,
    }


def _text(request: httpx.Request):
    try:
        return request.content.decode()
    except (httpx.RequestNotRead, UnicodeDecodeError):
        return None
