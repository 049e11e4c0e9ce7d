"""Checks exchanges with a running server against `openapi/openapi.json`.

A module for Python suites (`check_exchange(record)` raises `ContractError`), and a command for every other:

    python check.py exchanges.jsonl

prints how many exchanges were checked and the first that break the contract, and exits with 1 if any do, or if there
are none. The file has one record per line:

    {"method": "GET", "url": "http://127.0.0.1:4100/v1/users?limit=1", "request_headers": {}, "request_body": null,
     "status": 200, "response_headers": {"content-type": "application/json"}, "response_body": "[]"}

The names of headers may be of any letter case. Bodies are texts; null is one that could not be recorded, or none.

The rules are those of `crates/testkit/src/contract.rs`: a documented status, exactly the documented content type, a
body that its schema admits, the headers every answer has, and a documented request where it was answered with success.
"""

import json
import pathlib
import re
import sys
import urllib.parse

from jsonschema import Draft202012Validator

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from document import contract  # noqa: E402

DOCUMENT = contract()
METHODS = {"get", "post", "put", "patch", "delete"}
SHOWN = 20


class ContractError(AssertionError):
    """An exchange that the contract does not allow."""


def check_exchange(record: dict) -> None:
    """Raises `ContractError` unless the contract allows the exchange."""
    try:
        _check(record)
    except ContractError as error:
        raise ContractError(f"{record['method']} {record['url']} -> {record['status']}: {error}") from None


def _check(record: dict) -> None:
    url = urllib.parse.urlsplit(record["url"])
    status = record["status"]
    headers = {name.lower(): value for name, value in record["response_headers"].items()}
    if url.path.startswith("/v1/"):
        _require(headers.get("clerk-api-version") is not None, "the header Clerk-Api-Version is missing")
    found = _operation(record["method"], url.path)
    if found is None:
        _check_unknown_route(status, headers, record["response_body"])
        return
    item, operation = found
    response = _resolved(operation["responses"].get(str(status)))
    _require(response is not None, f"{operation['operationId']} does not document this status")
    for name, header in response.get("headers", {}).items():
        header, value = _resolved(header), headers.get(name.lower())
        _require(value is not None or not header["required"], f"the header {name} is missing")
        if value is not None:
            _conforms(header["schema"], value, f"header {name}")
    _check_response_body(response.get("content", {}), headers, record["response_body"])
    if status >= 400:
        _check_trace_id(headers, record["response_body"])
        return
    _check_query(item.get("parameters", []) + operation.get("parameters", []), url.query)
    _check_request_body(operation.get("requestBody"), record)


def _operation(method: str, path: str):
    """The path item and operation that a router would choose: words win over parameters, from the left."""
    fitting = [template for template in DOCUMENT["paths"] if _matches(template, path)]
    if not fitting:
        return None
    item = DOCUMENT["paths"][max(fitting, key=lambda template: [not part.startswith("{") for part in template.split("/")])]
    operation = item.get(method.lower()) if method.lower() in METHODS else None
    return None if operation is None else (item, operation)


def _matches(template: str, path: str) -> bool:
    expected, found = template.split("/"), path.split("/")
    return len(expected) == len(found) and all(
        part != "" if word.startswith("{") else part == word for word, part in zip(expected, found)
    )


def _check_unknown_route(status: int, headers: dict, body) -> None:
    # What is wrong with the request as a whole is found before the route.
    _require(status in (400, 401, 404, 414, 431), "the route is not documented and the answer does not say so")
    _require(headers.get("content-type") == "application/json", "the content type is not exactly application/json")
    _conforms({"$ref": "#/components/schemas/Errors"}, _parsed(body, "response"), "response body")
    _check_trace_id(headers, body)


def _check_response_body(content: dict, headers: dict, body) -> None:
    if not content:
        _require(not body, "there is a body where none is documented")
        return
    found = headers.get("content-type", "")
    # `@clerk/backend` compares with `application/json`, so a charset breaks it.
    if found == "application/json" and found in content:
        _conforms(content[found]["schema"], _parsed(body, "response"), "response body")
        return
    essence = _essence(found)
    _require(
        essence != "application/json" and essence in content, f"the content type is {found!r}, not {' or '.join(content)}"
    )


def _check_trace_id(headers: dict, body) -> None:
    in_header, in_body = headers.get("clerk-trace-id"), _parsed(body, "response").get("clerk_trace_id")
    _require(
        in_header is not None and in_header == in_body,
        f"the trace id is {in_header!r} in the header and {in_body!r} in the body",
    )


def _check_query(parameters: list, query: str) -> None:
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    for parameter in map(_resolved, parameters):
        if parameter["in"] != "query":
            continue
        name, kind = parameter["name"], _resolved(parameter["schema"]).get("type")
        names = (name, f"{name}[]") if kind == "array" else (name,)
        values = [value for key, value in pairs if key in names]
        if not values:
            continue
        what = f"accepted parameter {name}"
        value = values if kind == "array" else values[0]
        if kind == "integer":
            _require(re.fullmatch(r"[+-]?[0-9]+", value), f"{what}: {value!r} is not an integer")
            value = int(value)
        elif kind == "boolean":
            _require(value in ("true", "false"), f"{what}: {value!r} is not a boolean")
            value = value == "true"
        _conforms(parameter["schema"], value, what)


def _check_request_body(documented, record: dict) -> None:
    body = record["request_body"]
    if documented is None or body is None:
        return
    # One official client sends the JSON text `null` for no body at all.
    if not body or (body == "null" and not documented["required"]):
        _require(not documented["required"], "accepted without its body")
        return
    sent = {name.lower(): value for name, value in record["request_headers"].items()}
    found = _essence(sent.get("content-type", "application/json"))
    _require(found in documented["content"], f"accepted a body of the undocumented content type {found!r}")
    if found.endswith("json"):
        _conforms(documented["content"][found]["schema"], _parsed(body, "request"), "accepted request body")


def _essence(content_type: str) -> str:
    return content_type.split(";")[0].strip()


def _parsed(body, whose: str):
    try:
        return json.loads(body or "")
    except ValueError as error:
        raise ContractError(f"the {whose} body is not JSON: {error}") from None


def _resolved(value):
    if not isinstance(value, dict) or "$ref" not in value:
        return value
    target = DOCUMENT
    for part in value["$ref"].removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    return target


_validators: dict = {}


def _conforms(schema: dict, value, what: str) -> None:
    key = json.dumps(schema)
    if key not in _validators:
        _validators[key] = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    problems = [f"at {error.json_path}: {_shortened(error.message)}" for error in _validators[key].iter_errors(value)]
    _require(not problems, f"{what} {'; '.join(problems[:3])}")


def _shortened(message: str) -> str:
    # Messages begin with the value found and end with what is wrong about it.
    return message if len(message) <= 400 else f"{message[:200]} … {message[-200:]}"


def _require(holds, problem: str) -> None:
    if not holds:
        raise ContractError(problem)


def main(path: str) -> int:
    """Checks a file of exchanges, one JSON object per line."""
    checked, broken = 0, []
    for line in pathlib.Path(path).read_text(encoding="utf-8").split("\n"):
        record = json.loads(line) if line.strip() else {}
        # Other lines are for the table of operations.
        if "method" in record:
            checked += 1
            try:
                check_exchange(record)
            except ContractError as error:
                broken.append(str(error))
    for problem in broken[:SHOWN]:
        print(problem)
    print(f"{checked} exchanges checked, {len(broken)} against the contract")
    if checked == 0:
        print("an empty record proves nothing")
    return 1 if broken or checked == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python check.py exchanges.jsonl")
    sys.exit(main(sys.argv[1]))
