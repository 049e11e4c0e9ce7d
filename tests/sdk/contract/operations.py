"""The table of operations in docs/COMPATIBILITY.md: every one of the 2025-11-10 specification, served or not yet.

    python operations.py [FOLDER]

Writes the table anew from our contract and the specification, whose files FOLDER holds; by default it is
`../shared/clerk/openapi` beside the checkout. Exits with 0 and a word of explanation where the files are not there.
"""

import pathlib
import re
import sys

from document import contract

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "COMPATIBILITY.md"
SPECIFICATION = "bapi-2025-11-10.yml"
METHODS = ("get", "post", "put", "patch", "delete")
HEAD = ["| method | path under `/v1` | tag | state |", "| --- | --- | --- | --- |"]
ROW = re.compile(r"\| (GET|POST|PUT|PATCH|DELETE) \| `(/[^`]*)` \| ([^|]*) \| (served|not yet) \|")


def blank(path: str) -> str:
    """The path without the names of its parameters, which two documents may choose differently."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def operations(document: dict, prefix: str) -> dict:
    """Tag of every method and path below the prefix, in the order of the document."""
    found = {}
    for path, item in document["paths"].items():
        if not path.startswith(prefix):
            continue
        for method in METHODS:
            if method in item:
                found[method.upper(), path.removeprefix(prefix)] = ", ".join(item[method].get("tags", []))
    return found


def table(specification: dict) -> list:
    """The lines of the table as they should be."""
    ours = {(method, blank(path)) for method, path in operations(contract(), "/v1")}
    rows = operations(specification, "")
    state = {key: "served" if (key[0], blank(key[1])) in ours else "not yet" for key in rows}
    return [*HEAD, *(f"| {method} | `{path}` | {tag} | {state[method, path]} |" for (method, path), tag in rows.items())]


def written() -> list:
    """The lines of the table as they are."""
    return [*HEAD, *filter(ROW.fullmatch, PAGE.read_text(encoding="utf-8").splitlines())]


def specification(folder: pathlib.Path):
    """The specification, or nothing where it does not lie beside the checkout."""
    file = folder / SPECIFICATION
    if not file.exists():
        return None
    import yaml

    return yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def main(folder: pathlib.Path) -> int:
    found = specification(folder)
    if found is None:
        print(f"{folder / SPECIFICATION} is not there: the table is left as it is")
        return 0
    lines = table(found)
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(HEAD[0])
    end = text.index("\n\n", start)
    PAGE.write_text(text[:start] + "\n".join(lines) + text[end:], encoding="utf-8")
    served = sum(line.endswith("| served |") for line in lines)
    print(f"{served} of {len(lines) - len(HEAD)} operations are served")
    return 0


if __name__ == "__main__":
    argument = sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared" / "clerk" / "openapi"
    sys.exit(main(pathlib.Path(argument)))
