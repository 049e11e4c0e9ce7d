"""Tests of what the table of operations × SDK × engine is made from."""

import json

import compatibility
from compatibility import BEGIN, END, ENGINES, OPERATIONS, main, read, table

ID = "user_34OkW3rUlQGlAzCORHT4DHFLqcc"


def _line(method, path, status=200, agent="speakeasy-sdk/python 7.0.0 clerk-backend-api"):
    url = f"http://127.0.0.1:1/v1{path}"
    return {"method": method, "url": url, "status": status, "request_headers": {"User-Agent": agent}}


def _found(tmp_path, *lines):
    files = [tmp_path / f"python-7.0.0-{engine}.exchanges.jsonl" for engine in ENGINES]
    for file in files:
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read(files)


def _answered(tmp_path, *lines):
    return _found(tmp_path, *lines)["python", "7.0.0", "sqlite"].answered


def test_only_success_of_the_sdk_itself_counts(tmp_path):
    refused = _line("POST", f"/users/{ID}/ban", 404)
    bare = _line("POST", f"/users/{ID}/lock", agent="python-httpx/0.28")
    assert _answered(tmp_path, refused, bare, _line("GET", f"/users/{ID}")) == {"get"}


def test_paths_are_told_apart(tmp_path):
    count, ban = _line("GET", "/users/count?limit=1"), _line("POST", "/users/ban")
    assert _answered(tmp_path, count, ban, _line("POST", f"/users/{ID}/ban")) == {"count", "bulk_ban", "ban"}


def test_a_missing_method_is_said_and_a_silent_operation_is_wrong(tmp_path):
    lines, wrong = table(_found(tmp_path, {"lacks": ["bulk_ban"]}, _line("GET", "/users")))
    assert "| list | yes / yes |" in lines and "| bulk_ban | no method / no method |" in lines
    assert len(wrong) == 2 * (len(OPERATIONS) - 2)


def test_an_engine_that_was_left_out_is_wrong(tmp_path):
    found = _found(tmp_path, {"lacks": list(OPERATIONS)})
    del found["python", "7.0.0", "postgres"]
    assert len(table(found)[1]) == len(OPERATIONS)


def test_the_page_must_have_the_table_or_gets_it(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    monkeypatch.setattr(compatibility, "PAGE", page)
    _found(tmp_path, {"lacks": list(OPERATIONS)})
    files = sorted(tmp_path.glob("*.jsonl"))
    assert main(files, write=False) == 1 and "old" in page.read_text()
    assert main(files, write=True) == 0 and main(files, write=False) == 0
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "| list | no method / no method |" in text
    page.write_text("no place for it\n")
    assert main(files, write=True) == 1 and page.read_text() == "no place for it\n"
