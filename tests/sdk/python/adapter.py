"""One face for every version of the SDK, and for its methods and their `_async` twins alike."""

import asyncio
import concurrent.futures
import importlib.metadata
import inspect
import json

import httpx
import pytest
from clerk_backend_api import Clerk, models
from clerk_backend_api.users import Users as SdkUsers

VERSION = tuple(int(part) for part in importlib.metadata.version("clerk-backend-api").split("."))

# The statuses for which a version raises `ClerkErrors`; any other is an `SDKError` with the raw body.
_FULL = {400, 401, 404}
CLERK_ERRORS = {
    "list": {400, 401, 422},
    "create": {400, 401, 403, 422} | ({402} if VERSION >= (5, 0, 7) else set()),
    "count": {422},
    "get": _FULL,
    "update": _FULL | {422} | ({409} if VERSION >= (5, 0, 7) else set()),
    "delete": _FULL,
    "ban": {402},
    "unban": {402},
    "bulk_ban": {400, 402},
    "bulk_unban": {400, 402},
    "lock": {403},
    "unlock": {403},
    "set_profile_image": _FULL,
    "delete_profile_image": {404},
    "update_metadata": _FULL | {422},
    "replace_metadata": _FULL | {422},
    "verify_password": {500},
    "verify_totp": {500},
    "disable_mfa": {404, 500},
    "delete_backup_codes": {404, 500},
    "delete_totp": {404, 500},
    "get_billing_subscription": _FULL | {403, 422, 500},
    "delete_external_account": {400, 403, 404, 500},
    "get_o_auth_access_token": {400, 404, 422},
    "get_organization_memberships": {403},
    "get_organization_invitations": {400, 403, 404},
    "get_instance_organization_memberships": {400, 401, 422, 500},
    "delete_web3_wallet": {400, 403, 404, 500},
    "delete_passkey": {403, 404, 500},
}


def has(operation: str, parameter: "str | None" = None) -> bool:
    """Whether this version of the SDK offers the operation, and the parameter of it."""
    method = getattr(SdkUsers, operation, None)
    return method is not None and (parameter is None or parameter in _parameters(operation, method))


class Users:
    """The user operations of one SDK object, called by keyword whatever the version expects.

    `users.create(...)` calls `create` or `create_async`, `users.list(limit=5)` builds the request object.
    """

    def __init__(self, sdk: Clerk, loop: "asyncio.AbstractEventLoop | None"):
        self._sdk = sdk
        self._loop = loop

    def __getattr__(self, operation: str):
        def call(**arguments):
            prepared = _prepare(operation, getattr(self._sdk.users, operation), arguments)
            if self._loop is None:
                return getattr(self._sdk.users, operation)(**prepared)
            return self._loop.run_until_complete(getattr(self._sdk.users, f"{operation}_async")(**prepared))

        return call

    def refused(self, operation: str, status: int, **arguments) -> list:
        """Calls an operation that must fail with `status`, and returns its `(code, param_name)` pairs.

        Also checks that the exception is of the type that the SDK documents for the status.
        """
        with pytest.raises(models.ClerkBaseError) as caught:
            getattr(self, operation)(**arguments)
        return problems_of(operation, status, caught.value)

    def together(self, operation: str, calls: list) -> list:
        """Makes all `calls` (keyword arguments each) at the same time; an exception is returned in its place."""
        method = getattr(self._sdk.users, operation)
        prepared = [_prepare(operation, method, arguments) for arguments in calls]
        if self._loop is None:
            with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
                futures = [pool.submit(method, **arguments) for arguments in prepared]
                return [future.exception() or future.result() for future in futures]

        async def gather():
            method = getattr(self._sdk.users, f"{operation}_async")
            return await asyncio.gather(*(method(**arguments) for arguments in prepared), return_exceptions=True)

        return self._loop.run_until_complete(gather())


def problems_of(operation: str, status: int, error: Exception) -> list:
    """The `(code, param_name)` pairs of an exception of the SDK, its type and status checked."""
    expected = models.ClerkErrors if status in CLERK_ERRORS[operation] else models.SDKError
    assert isinstance(error, models.ClerkBaseError), error
    assert error.status_code == status, error.body
    assert type(error) is expected, f"{operation} raised {type(error).__name__}: {error.body}"
    pairs = problems(error.status_code, error.body)
    if expected is models.ClerkErrors:
        assert [problem.code for problem in error.data.errors] == [code for code, _ in pairs]
        if VERSION >= (7, 0, 0):
            assert [(problem.meta or {}).get("param_name") for problem in error.data.errors] == [
                name for _, name in pairs
            ]
    return pairs


def problems(status: int, body: str) -> list:
    """The `(code, param_name)` pairs of an error body, its shape checked."""
    assert 400 <= status < 500, body
    parsed = json.loads(body)
    assert parsed["errors"], body
    for problem in parsed["errors"]:
        assert all(isinstance(problem[name], str) for name in ("code", "message", "long_message")), body
        assert isinstance(problem.get("meta", {}), dict), body
    return [(problem["code"], problem.get("meta", {}).get("param_name")) for problem in parsed["errors"]]


def refused(response: httpx.Response, status: int) -> list:
    """The `(code, param_name)` pairs of a raw response that must have failed with `status`."""
    assert response.status_code == status, response.text
    return problems(response.status_code, response.text)


def codes(pairs: list) -> list:
    """The codes alone, for errors that name no parameter of note."""
    return [code for code, _ in pairs]


class Sdk:
    """Every resource of one SDK object: `sdk.organizations.create(...)` calls `create` or `create_async`."""

    def __init__(self, sdk: Clerk, loop: "asyncio.AbstractEventLoop | None"):
        self._sdk = sdk
        self._loop = loop

    def __getattr__(self, resource: str) -> "Resource":
        return Resource(getattr(self._sdk, resource), self._loop)


class Resource:
    """The operations of one resource, called by keyword whether the version takes them or a request object."""

    def __init__(self, resource, loop: "asyncio.AbstractEventLoop | None"):
        self._resource = resource
        self._loop = loop

    def __getattr__(self, operation: str):
        method = getattr(self._resource, operation)
        expects_request = list(inspect.signature(method).parameters)[0] == "request"

        def call(**arguments):
            # A body that is an array is given whole.
            whole = expects_request and arguments.keys() != {"request"}
            prepared = {"request": arguments} if whole else arguments
            if self._loop is None:
                return method(**prepared)
            return self._loop.run_until_complete(getattr(self._resource, f"{operation}_async")(**prepared))

        return call

    def refused(self, operation: str, status: int, **arguments) -> list:
        """Calls an operation that must fail with `status`, and returns its `(code, param_name)` pairs."""
        with pytest.raises(models.ClerkBaseError) as caught:
            getattr(self, operation)(**arguments)
        assert caught.value.status_code == status, caught.value.body
        return problems(status, caught.value.body)


def _prepare(operation: str, method, arguments: dict) -> dict:
    unknown = arguments.keys() - _parameters(operation, method)
    assert not unknown, f"{operation} has no {unknown} in {VERSION}"
    if "request" in inspect.signature(method).parameters:
        return {"request": arguments}
    return arguments


def _parameters(operation: str, method) -> set:
    named = set(inspect.signature(method).parameters)
    if "request" not in named:
        return named
    model = {"list": "GetUserListRequest", "count": "GetUsersCountRequest"}[operation]
    return set(getattr(models, model).model_fields)
