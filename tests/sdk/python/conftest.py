"""Fixtures: one server for the run, one instance for each test, the SDK in front of it."""

import asyncio

import pytest
from clerk_backend_api import Clerk

import adapter
from exchanges import OPERATIONS, Exchanges, record
from server import Instance, Server


def pytest_report_header():
    return f"clerk-backend-api {'.'.join(map(str, adapter.VERSION))}"


def pytest_sessionstart():
    record({"lacks": [operation for operation in OPERATIONS if not adapter.has(operation)]})


def pytest_runtest_setup(item):
    for marker in item.iter_markers("sdk_has"):
        if not adapter.has(*marker.args):
            pytest.skip(f"this SDK has no {' '.join(marker.args)}")
    for marker in item.iter_markers("sdk_resource_has"):
        resource, operation = marker.args
        if not hasattr(getattr(Clerk(bearer_auth="none"), resource, None), operation):
            pytest.skip(f"this SDK has no {resource}.{operation}")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server under test; it must end cleanly when told to."""
    checked = Exchanges()
    running = Server(tmp_path_factory.mktemp("rollbook"), checked)
    yield running
    assert running.stop() == 0
    assert not checked.broken, "\n".join(checked.broken)


@pytest.fixture
def instance(server):
    """An instance of the test's own, so that tests cannot see each other."""
    created = Instance(server)
    yield created
    created.delete()


@pytest.fixture
def exchanges():
    """The record of what went over the wire; a breach of the contract fails the test."""
    checked = Exchanges()
    yield checked
    assert not checked.broken, "\n".join(checked.broken)


@pytest.fixture
def connect(server, exchanges):
    """Makes SDK objects: `connect(secret_key)`."""
    clients = []
    loops = []

    def make(secret_key) -> Clerk:
        client, async_client = exchanges.client(), exchanges.async_client()
        clients.append((client, async_client))
        # Without retries a wrong 5XX fails at once instead of after an hour.
        return Clerk(
            bearer_auth=secret_key,
            server_url=f"{server.base}/v1",
            client=client,
            async_client=async_client,
            retry_config=None,
        )

    def users(secret_key, mode, face=adapter.Users):
        loop = None
        if mode == "async":
            loop = asyncio.new_event_loop()
            loops.append(loop)
        return face(make(secret_key), loop)

    yield users
    closing = loops[0] if loops else asyncio.new_event_loop()
    for client, async_client in clients:
        client.close()
        closing.run_until_complete(async_client.aclose())
    for loop in {*loops, closing}:
        loop.close()


@pytest.fixture(params=["sync", "async"])
def mode(request):
    """Which of the two forms of every SDK method the test calls."""
    return request.param


@pytest.fixture
def users(connect, instance, mode):
    """The user operations of the SDK, with the instance's own key."""
    return connect(instance.secret_key, mode)


@pytest.fixture
def sdk(connect, instance, mode):
    """Every resource of the SDK, with the instance's own key."""
    return connect(instance.secret_key, mode, adapter.Sdk)


@pytest.fixture
def http(exchanges, instance, server):
    """A bare HTTP client with the instance's key, for what no SDK would send."""
    with exchanges.client(
        base_url=f"{server.base}/v1", headers={"Authorization": f"Bearer {instance.secret_key}"}
    ) as client:
        yield client


@pytest.fixture
def anyone(exchanges):
    """A bare HTTP client without a key, for what is public."""
    with exchanges.client() as client:
        yield client
