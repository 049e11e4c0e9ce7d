"""Starts one Rollbook server for the run and speaks its operator's API."""

import os
import pathlib
import queue
import secrets
import signal
import subprocess
import threading
import time
import urllib.parse

import httpx

READY_WITHIN_SECONDS = 30
STOPPED_WITHIN_SECONDS = 20


class Server:
    """A running server; `base` is its address without a path, `admin` the operator's client."""

    def __init__(self, folder: pathlib.Path, exchanges):
        token = secrets.token_urlsafe(32)
        self._database = _database(folder)
        self._log = (folder / "server.log").open("wb")
        self._process = subprocess.Popen(
            [
                os.environ["ROLLBOOK_BIN"],
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                str(folder / "data"),
                "--database",
                self._database.url,
            ],
            cwd=folder,
            env={
                **_clean_environment(),
                "ROLLBOOK_ADMIN_TOKEN": token,
                "ROLLBOOK_WEBHOOKS_ALLOW_PRIVATE": "true",
            },
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        try:
            printed = self._printed_when_ready()
        except BaseException:
            self._process.kill()
            self._process.wait()
            self._database.drop()
            raise RuntimeError((folder / "server.log").read_text()[-4000:])
        self.base = printed["CLERK_API_URL"]
        self.first_key = printed["CLERK_SECRET_KEY"]
        self.admin = exchanges.client(
            base_url=f"{self.base}/admin/v1", headers={"Authorization": f"Bearer {token}"}
        )

    def stop(self) -> int:
        """Ends the server as its operator would, and returns its exit code."""
        self.admin.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOPPED_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._log.close()
        self._database.drop()
        return code

    def _printed_when_ready(self) -> dict:
        lines: queue.Queue = queue.Queue()

        def read():
            for line in self._process.stdout:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        printed: dict = {}
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not {"CLERK_API_URL", "CLERK_SECRET_KEY"} <= printed.keys():
            line = lines.get(timeout=max(0.0, deadline - time.monotonic()))
            if line is None:
                raise RuntimeError("the server ended before it was ready")
            name, _, value = line.strip().partition("=")
            printed[name] = value
        return printed


class Instance:
    """One tenant of the server, thrown away after its test."""

    def __init__(self, server: Server):
        created = server.admin.post("/instances", json={"name": "sdk test"})
        assert created.status_code == 200, created.text
        body = created.json()
        self._admin = server.admin
        self.server = server
        self.id = body["id"]
        self.secret_key = body["secret_key"]

    def configure(self, settings: dict) -> None:
        """Merges `settings` into those of the instance, as JSON Merge Patch."""
        answer = self._admin.patch(f"/instances/{self.id}/settings", json=settings)
        assert answer.status_code == 200, answer.text

    def attach_external_account(self, user_id: str, account: dict) -> dict:
        """Gives a user a connection, which no operation of the Backend API does."""
        answer = self._admin.post(f"/instances/{self.id}/users/{user_id}/external_accounts", json=account)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def operate(self, method: str, path: str, **options) -> httpx.Response:
        """What only an operator may do to the instance: a path below its own."""
        return self._admin.request(method, f"/instances/{self.id}{path}", **options)

    def delete(self) -> None:
        answer = self._admin.delete(f"/instances/{self.id}")
        assert answer.status_code == 200, answer.text


class _Sqlite:
    def __init__(self, folder: pathlib.Path):
        self.url = f"sqlite:{folder / 'rollbook.db'}"

    def drop(self) -> None:
        """The file goes with its folder."""


class _Postgres:
    """A fresh database in the cluster that the run was given."""

    def __init__(self, cluster: str):
        self._cluster = cluster
        self._name = f"rollbook_sdk_{secrets.token_hex(6)}"
        self._run(f'CREATE DATABASE "{self._name}"')
        self.url = urllib.parse.urlsplit(cluster)._replace(path=f"/{self._name}").geturl()

    def drop(self) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._cluster, autocommit=True) as connection:
            connection.execute(statement)


def _database(folder: pathlib.Path):
    engine = os.environ.get("ROLLBOOK_TEST_ENGINE", "sqlite")
    if engine == "sqlite":
        return _Sqlite(folder)
    if engine == "postgres":
        return _Postgres(os.environ["ROLLBOOK_TEST_POSTGRES"])
    raise ValueError(f"ROLLBOOK_TEST_ENGINE is {engine!r}, neither sqlite nor postgres")


def _clean_environment() -> dict:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ROLLBOOK_", "CLERK_"))}
