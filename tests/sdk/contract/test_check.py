"""The checker tells good exchanges from bad ones."""

import json

import pytest

from check import ContractError, check_exchange, main

TRACE = "5f1c2b0e9a7d4c3f8e6b1a2c3d4e5f60"
ERROR = {
    "errors": [{"message": "not found", "long_message": "No user has this id.", "code": "resource_not_found"}],
    "clerk_trace_id": TRACE,
}


def exchange(body=None, **changes) -> dict:
    record = {
        "method": "GET",
        "url": "http://127.0.0.1:4100/v1/users/count?email_address=a&email_address=b",
        "request_headers": {"content-type": "application/json"},
        "request_body": None,
        "status": 200,
        "response_headers": {
            "Content-Type": "application/json",
            "Clerk-Trace-Id": TRACE,
            "Clerk-Api-Version": "2025-11-10",
        },
        "response_body": json.dumps(body if body is not None else {"object": "total_count", "total_count": 3}),
    }
    headers = {**record["response_headers"], **changes.pop("response_headers", {})}
    return {**record, **changes, "response_headers": headers}


BULK = {"method": "POST", "url": "http://127.0.0.1:4100/v1/users/ban"}
NOT_FOUND = {"url": "http://127.0.0.1:4100/v1/users/user_1", "status": 404}

GOOD = {
    "a count": exchange(),
    "an unknown parameter": exchange(url="http://127.0.0.1:4100/v1/users/count?colour=red"),
    "a documented error": exchange(ERROR, **NOT_FOUND),
    "an unknown route": exchange(ERROR, url="http://127.0.0.1:4100/v1/users/", status=404),
    "a refused request": exchange(ERROR, method="POST", url="http://h/v1/users", status=422, request_body='{"x":1}'),
    "no body, as one client says it": exchange(
        ERROR, method="POST", url="http://h/v1/users/user_1/ban", status=404, request_body="null"
    ),
}
# The records that break the contract, by what the checker must say of them.
BAD = {
    "'total_count' is a required property": exchange({"object": "total_count"}),
    "('more' was unexpected)": exchange({"object": "total_count", "total_count": 3, "more": True}),
    "3.5 is not of type 'integer'": exchange({"object": "total_count", "total_count": 3.5}),
    "the content type is": exchange(response_headers={"Content-Type": "application/json; charset=utf-8"}),
    "the header Clerk-Api-Version is missing": exchange(response_headers={"Clerk-Api-Version": None}),
    "the header Clerk-Trace-Id is missing": exchange(response_headers={"Clerk-Trace-Id": None}),
    "the trace id is": exchange(ERROR, **NOT_FOUND, response_headers={"Clerk-Trace-Id": "0" * 32}),
    "201: countUsers does not document": exchange(status=201),
    "500: countUsers does not document": exchange(ERROR, status=500),
    "'NOPE' is not one of": exchange({**ERROR, "errors": [{**ERROR["errors"][0], "code": "NOPE"}]}, **NOT_FOUND),
    "the route is not documented": exchange(url="http://127.0.0.1:4100/v1/nothing"),
    "'yes' is not a boolean": exchange(url="http://127.0.0.1:4100/v1/users/count?banned=yes"),
    "accepted without its body": exchange([], **BULK, request_body=""),
    "'user_ids' is a required property": exchange([], **BULK, request_body="{}"),
    "the header Retry-After is missing": exchange(ERROR, status=429),
}


@pytest.mark.parametrize("record", GOOD.values(), ids=GOOD.keys())
def test_a_good_exchange_is_allowed(record):
    check_exchange(record)


@pytest.mark.parametrize("reason, record", BAD.items(), ids=BAD.keys())
def test_a_bad_exchange_is_refused_for_its_reason(reason, record):
    with pytest.raises(ContractError) as refused:
        check_exchange(record)
    assert reason in str(refused.value)


def test_a_file_counts_its_exchanges_and_an_empty_one_is_refused(tmp_path, capsys):
    file = tmp_path / "exchanges.jsonl"
    file.write_text("")
    assert main(str(file)) == 1
    file.write_text(json.dumps(exchange()) + "\n")
    assert main(str(file)) == 0
    assert "1 exchanges checked, 0 against" in capsys.readouterr().out
    file.write_text(json.dumps(exchange()) + "\n" + json.dumps(exchange(status=201)) + "\n")
    assert main(str(file)) == 1
