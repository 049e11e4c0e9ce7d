"""Tests of what the table of operations × SDK × engine is made from."""

import json

from compatibility import OPERATIONS, read, table

ID = "user_34OkW3rUlQGlAzCORHT4DHFLqcc"


def _line(method, path, status=200, agent="speakeasy-sdk/python 7.0.0 clerk-backend-api"):
    url = f"http://127.0.0.1:1/v1{path}"
    return {"method": method, "url": url, "status": status, "request_headers": {"User-Agent": agent}}


def _seen(tmp_path, *lines):
    for engine in ("sqlite", "postgres"):
        file = tmp_path / f"python-7.0.0-{engine}.exchanges.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read(tmp_path)["python", "7.0.0", "sqlite"]


def test_only_success_of_the_sdk_itself_counts(tmp_path):
    refused = _line("POST", f"/users/{ID}/ban", 404)
    bare = _line("POST", f"/users/{ID}/lock", agent="python-httpx/0.28")
    seen = _seen(tmp_path, refused, bare, _line("GET", f"/users/{ID}"))
    assert seen.answered == {"get"}


def test_paths_are_told_apart(tmp_path):
    count, ban = _line("GET", "/users/count?limit=1"), _line("POST", "/users/ban")
    assert _seen(tmp_path, count, ban, _line("POST", f"/users/{ID}/ban")).answered == {"count", "bulk_ban", "ban"}


def test_a_missing_method_is_said_and_a_silent_operation_is_wrong(tmp_path):
    _seen(tmp_path, {"lacks": ["bulk_ban"]}, _line("GET", "/users"))
    lines, wrong = table(read(tmp_path))
    assert "| list | yes / yes |" in lines and "| bulk_ban | no method / no method |" in lines
    assert len(wrong) == 2 * (len(OPERATIONS) - 2)
