"""The contract as one document, read from the files of `openapi/` as the server merges them."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "openapi"


def contract() -> dict:
    document = json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))
    for file in sorted(FOLDER.glob("*.json")):
        if file.name == "openapi.json":
            continue
        part = json.loads(file.read_text(encoding="utf-8"))
        document["paths"].update(part.get("paths", {}))
        for kind, members in part.get("components", {}).items():
            document["components"].setdefault(kind, {}).update(members)
    return document
