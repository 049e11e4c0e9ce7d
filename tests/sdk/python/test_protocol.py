"""What holds for every operation: keys, versions, headers, and input that no SDK would send."""

import json
import re
import socket
import urllib.parse

import pytest

from adapter import CLERK_ERRORS, codes, has, refused
from server import Instance
from test_create import A_NOBODY

CALLS = {
    "list": {},
    "create": {"email_address": ["ada@example.com"]},
    "count": {},
    "get": {"user_id": A_NOBODY},
    "update": {"user_id": A_NOBODY, "first_name": "Ada"},
    "delete": {"user_id": A_NOBODY},
    "ban": {"user_id": A_NOBODY},
    "unban": {"user_id": A_NOBODY},
    "bulk_ban": {"user_ids": [A_NOBODY]},
    "bulk_unban": {"user_ids": [A_NOBODY]},
    "lock": {"user_id": A_NOBODY},
    "unlock": {"user_id": A_NOBODY},
    "set_profile_image": {"user_id": A_NOBODY},
    "delete_profile_image": {"user_id": A_NOBODY},
    "update_metadata": {"user_id": A_NOBODY, "public_metadata": {}},
    "replace_metadata": {"user_id": A_NOBODY, "public_metadata": {}},
    "verify_password": {"user_id": A_NOBODY, "password": "x"},
    "verify_totp": {"user_id": A_NOBODY, "code": "123456"},
    "disable_mfa": {"user_id": A_NOBODY},
    "delete_backup_codes": {"user_id": A_NOBODY},
    "delete_totp": {"user_id": A_NOBODY},
    "get_billing_subscription": {"user_id": A_NOBODY},
    "delete_external_account": {"user_id": A_NOBODY, "external_account_id": "eac_none"},
    "get_o_auth_access_token": {"user_id": A_NOBODY, "provider": "oauth_google"},
    "get_organization_memberships": {"user_id": A_NOBODY},
    "get_organization_invitations": {"user_id": A_NOBODY},
    "get_instance_organization_memberships": {},
    "delete_web3_wallet": {"user_id": A_NOBODY, "web3_wallet_identification_id": "idn_none"},
    "delete_passkey": {"user_id": A_NOBODY, "passkey_identification_id": "idn_none"},
}
JSON = {"Content-Type": "application/json"}


def test_every_operation_is_called():
    assert CALLS.keys() == CLERK_ERRORS.keys()


@pytest.mark.parametrize("operation", CALLS)
def test_a_wrong_key_is_refused(connect, instance, mode, operation):
    if not has(operation):
        pytest.skip(f"this SDK has no {operation}")
    for wrong in ("sk_test_wrong", "sk_live_wrong", "nonsense", instance.secret_key + "x", instance.secret_key[:-1]):
        assert connect(wrong, mode).refused(operation, 401, **CALLS[operation]) == [("clerk_key_invalid", None)]


@pytest.mark.parametrize("operation", CALLS)
def test_a_missing_key_is_refused(connect, mode, operation):
    if not has(operation):
        pytest.skip(f"this SDK has no {operation}")
    assert connect(None, mode).refused(operation, 401, **CALLS[operation]) == [
        ("authorization_header_format_invalid", None)
    ]


@pytest.mark.parametrize("header", ["", "Bearer", "Basic c2s6", "sk_test_x", "Token sk_test_x"])
def test_a_malformed_authorization_is_refused(http, header):
    answer = http.get("/users", headers={"Authorization": header})
    assert codes(refused(answer, 401)) == ["authorization_header_format_invalid"]


def test_the_first_key_that_is_printed_works(connect, server, mode):
    assert connect(server.first_key, mode).count().object == "total_count"


def test_the_key_of_a_deleted_instance_is_refused(connect, server, mode):
    gone = Instance(server)
    users = connect(gone.secret_key, mode)
    users.create(email_address=["ada@example.com"])
    gone.delete()
    assert users.refused("list", 401) == [("clerk_key_invalid", None)]


VERSIONS = ["2021-02-05", "2024-10-01", "2025-03-12", "2025-04-10", "2025-11-10", "2026-05-12"]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_is_taken_from_header_or_query_and_echoed(http, version):
    for answer in (
        http.get("/users", headers={"Clerk-API-Version": version}),
        http.get("/users", params={"__clerk_api_version": version}),
    ):
        assert answer.status_code == 200
        assert answer.headers["clerk-api-version"] == version


def test_no_version_is_normal(http):
    assert http.get("/users").status_code == 200


@pytest.mark.parametrize("version", ["2020-01-01", "2025-11-11", "latest", "v1", ""])
def test_an_unknown_version_is_refused(http, version):
    answer = http.get("/users", headers={"Clerk-API-Version": version})
    assert codes(refused(answer, 400)) == ["api_version_invalid"]
    answer = http.get("/users", params={"__clerk_api_version": version})
    assert codes(refused(answer, 400)) == ["api_version_invalid"]


def test_a_version_given_twice_is_refused(http):
    answer = http.get("/users?__clerk_api_version=2025-11-10", headers={"Clerk-API-Version": "2025-11-10"})
    assert codes(refused(answer, 400)) == ["api_version_invalid"]


def every_kind_of_answer(http) -> list:
    user_id = http.post("/users", json={"username": "ada_l"}).json()["id"]
    return [
        http.get("/users"),
        http.get("/users/count"),
        http.get(f"/users/{user_id}"),
        http.get(f"/users/{A_NOBODY}"),
        http.get("/users", headers={"Authorization": "Bearer sk_test_wrong"}),
        http.get("/users", headers={"Clerk-API-Version": "never"}),
        http.get("/nowhere"),
        http.put("/users"),
        http.post("/users", content=b"{", headers=JSON),
        http.post(f"/users/{user_id}/profile_image"),
        http.post("/users/ban", json={"user_ids": [user_id]}),
        http.delete(f"/users/{user_id}"),
    ]


def test_the_content_type_is_exactly_json(http):
    for answer in every_kind_of_answer(http):
        assert answer.headers.get_list("content-type") == ["application/json"], answer.request.url


def test_every_answer_carries_its_own_trace_id(http):
    seen = set()
    for answer in every_kind_of_answer(http):
        trace_id = answer.headers["clerk-trace-id"]
        assert re.fullmatch("[0-9a-f]{32}", trace_id)
        if answer.status_code >= 400:
            assert answer.json()["clerk_trace_id"] == trace_id
        seen.add(trace_id)
    assert len(seen) == 12


def test_success_is_always_200(http):
    assert [answer.status_code for answer in every_kind_of_answer(http) if answer.is_success] == [200] * 5


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nowhere"),
        ("GET", "/users/x/y/z"),
        ("PUT", "/users"),
        ("DELETE", "/users"),
        ("GET", "/users/ban"),
        ("POST", "/users/count"),
        ("GET", f"/users/{A_NOBODY}/ban"),
        ("PATCH", f"/users/{A_NOBODY}/lock"),
        ("GET", f"/users/{A_NOBODY}/metadata"),
        ("TRACE", "/users"),
    ],
)
def test_an_unknown_route_or_method_is_not_found(http, method, path):
    assert codes(refused(http.request(method, path), 404)) == ["resource_not_found"]


@pytest.mark.parametrize("body", [b"{", b"", b"nope", b'{"a":1}}', b'{"first_name":"\xff"}', b"\xef\xbb\xbf{}", b"{'a':1}"])
def test_what_is_not_json_is_refused(http, body):
    answer = http.post("/users", content=body, headers=JSON)
    assert answer.status_code in (400, 422) and refused(answer, answer.status_code)
    if body:
        assert codes(refused(answer, 400)) == ["request_body_invalid"]


@pytest.mark.parametrize("body", [[], "text", 7, True])
def test_a_body_that_is_no_object_is_refused(http, body):
    assert codes(refused(http.post("/users", json=body), 400)) == ["request_body_invalid"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_content_type_is_refused(http, media_type):
    body = json.dumps({"username": "ada_l"})
    answer = http.post("/users", content=body, headers={"Content-Type": media_type})
    assert codes(refused(answer, 415)) == ["unsupported_content_type"]
    assert http.get("/users/count").json()["total_count"] == 0


def test_a_charset_in_the_request_is_fine(http):
    body = json.dumps({"username": "ada_l"})
    answer = http.post("/users", content=body, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status_code == 200


@pytest.mark.parametrize("operation", ["ban", "unban", "lock", "unlock"])
def test_an_action_takes_no_body_an_empty_one_null_and_an_object(http, operation):
    user_id = http.post("/users", json={"username": "ada_l"}).json()["id"]
    for request in ({}, {"headers": JSON}, {"content": b"null", "headers": JSON}, {"json": {}}):
        assert http.post(f"/users/{user_id}/{operation}", **request).status_code == 200
    assert http.request("DELETE", f"/users/{user_id}", content=b"null", headers=JSON).status_code == 200


def test_a_key_given_twice_is_refused(http):
    answer = http.post("/users", content=b'{"username":"ada_l","username":"eve_x"}', headers=JSON)
    assert refused(answer, 422) == [("form_param_duplicate", "username")]


@pytest.mark.parametrize(
    "body",
    [
        {"username": "ada\u0000l"},
        {"first_name": "A\u0000da", "username": "ada_l"},
        {"external_id": "\u0000", "username": "ada_l"},
        {"email_address": ["a\u0000@example.com"]},
        {"username": "ada_l", "public_metadata": {"k": "\u0000"}},
        {"username": "ada_l", "public_metadata": {"\u0000": 1}},
    ],
)
def test_a_nul_character_is_refused(http, body):
    answer = http.post("/users", json=body)
    assert answer.status_code == 422 and refused(answer, 422)
    assert http.get("/users/count").json()["total_count"] == 0


@pytest.mark.parametrize("query", ["query=%00", "query=%ff%fe", "user_id=%00", "email_address=%C3%28", "%ff=1"])
def test_a_query_of_odd_bytes_never_breaks_the_server(http, query):
    answer = http.get(f"/users?{query}")
    assert answer.status_code == 200 or refused(answer, answer.status_code)


@pytest.mark.parametrize("user_id", ["..", "%2e%2e", "%2e%2e%2fcount", "..%2f..%2fadmin", "%00", "%ff", "a%2fb"])
def test_a_traversing_id_is_not_found(server, instance, user_id):
    # By hand, for an HTTP library would tidy the path up first.
    host, port = urllib.parse.urlsplit(server.base).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            f"GET /v1/users/{user_id} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {instance.secret_key}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    status = int(answer.split(b" ", 2)[1])
    assert status in (400, 404)
    assert b'"errors"' in answer


def test_deep_nesting_is_refused(http):
    deep = b'{"username":"ada_l","public_metadata":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"
    answer = http.post("/users", content=deep, headers=JSON)
    assert answer.status_code in (400, 413, 422) and refused(answer, answer.status_code)
    assert http.get("/users/count").json()["total_count"] == 0


def test_a_body_over_the_limit_is_refused(http):
    answer = http.post("/users", json={"username": "ada_l", "public_metadata": {"k": "x" * (3 * 1024 * 1024)}})
    assert codes(refused(answer, 413)) == ["request_body_too_large"]


def test_ten_thousand_elements_are_refused(http):
    many = [f"u{n}@example.com" for n in range(10_000)]
    assert refused(http.post("/users", json={"email_address": many}), 422) == [
        ("form_param_array_size_exceeded", "email_address")
    ]
    assert codes(refused(http.post("/users/ban", json={"user_ids": many}), 400)) == ["bulk_size_exceeded"]
    assert http.get("/users/count").json()["total_count"] == 0


def test_rate_limits_answer_429_with_retry_after(http, users, instance):
    user_id = users.create(username="ada_l").id
    instance.configure({"rate_limits": "clerk"})
    for _ in range(12):
        answer = http.patch(f"/users/{user_id}/metadata", json={"public_metadata": {"n": 1}})
        if answer.status_code != 200:
            break
    assert codes(refused(answer, 429)) == ["too_many_requests"]
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert codes(users.refused("update", 429, user_id=user_id, first_name="Ada")) == ["too_many_requests"]
