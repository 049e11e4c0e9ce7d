"""The table of crates/sdk/docs/from_python.md: every method of this SDK, and its name in the Rust client.

    python rust_names.py

Writes the table anew from the SDK that is installed and the Rust sources.
"""

import inspect
import pathlib
import re

from clerk_backend_api.sdk import Clerk

ROOT = pathlib.Path(__file__).resolve().parents[3]
CRATE = ROOT / "crates" / "sdk"
PAGE = CRATE / "docs" / "from_python.md"
HEAD = ["| Python | Rust |", "| --- | --- |"]
ROW = re.compile(r"\| `([a-z0-9_]+\.[a-z0-9_]+)` \| (.*) \|")
NOUN = re.compile(r"operations! \{(.*?)\n\}", re.DOTALL)
LABEL = re.compile(r"\w+ as (\w+);")
METHOD = re.compile(r"^    (\w+)\(((?:[^()])*)\):", re.MULTILINE)
BY_HAND = re.compile(r"    pub fn (\w+)<I: Into<UserId>>\(\s*&self,\s*user_ids")


def rust() -> dict:
    """The arguments of every (noun, operation) of the Rust client."""
    found = {}
    for file in sorted((CRATE / "src").glob("*.rs")):
        text = file.read_text(encoding="utf-8")
        for block in NOUN.findall(text):
            label = LABEL.search(block)
            if label:
                for name, arguments in METHOD.findall(block):
                    given = [argument.split(":")[0].strip() for argument in arguments.split(",") if argument.strip()]
                    found[label[1], name] = given
        if file.name == "users.rs":
            for name in BY_HAND.findall(text):
                found["users", name] = ["user_ids"]
    return found


def python() -> list:
    """Every (noun, method) of the SDK, in the order of its source."""
    found = []
    for noun, (module, name) in Clerk._sub_sdk_map.items():
        kind = getattr(__import__(module, fromlist=[name]), name)
        for method, _ in inspect.getmembers(kind, inspect.isfunction):
            if not method.startswith(("_", "do_request")) and not method.endswith("_async"):
                if method in vars(kind):
                    found.append((noun, method))
    return sorted(found)


def table() -> list:
    """The lines of the table as they should be."""
    ours = rust()
    rows = []
    for noun, method in python():
        name = method.replace("o_auth", "oauth")
        if (noun, name) in ours:
            rows.append(f"| `{noun}.{method}` | `{noun}().{name}({', '.join(ours[noun, name])})` |")
        else:
            rows.append(f"| `{noun}.{method}` | not yet |")
    return [*HEAD, *rows]


def written() -> list:
    """The lines of the table as they are."""
    return [*HEAD, *filter(ROW.fullmatch, PAGE.read_text(encoding="utf-8").splitlines())]


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition("\n".join(HEAD))
    after = "\n".join(line for line in rest.splitlines() if not ROW.fullmatch(line)).lstrip("\n")
    end = f"\n{after}" if after else ""
    PAGE.write_text(f"{before}{chr(10).join(table())}\n{end}", encoding="utf-8")


if __name__ == "__main__":
    main()
