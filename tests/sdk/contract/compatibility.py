"""The table of the 28 user operations × SDK × engine in docs/COMPATIBILITY.md, from what the suites' SDKs did.

    python compatibility.py [--write] FILE...

Each FILE is what a suite recorded, `LANGUAGE-VERSION-ENGINE.exchanges.jsonl`: exchanges, of which the method, the URL,
the status and the `User-Agent` count, and a line `{"lacks": [...]}` with the operations that the SDK has no method for.
A cell says yes only where the SDK itself was answered with success. Exits with 1 if the table in the page is another
one, or if an operation that an SDK has was never answered with success; `--write` writes the table.
"""

import json
import pathlib
import re
import sys
import urllib.parse

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "COMPATIBILITY.md"
BEGIN, END = "<!-- made by the test run: begin -->", "<!-- made by the test run: end -->"
NAME = re.compile(r"(python|javascript)-([0-9.]+)-(sqlite|postgres)\.exchanges\.jsonl")
ENGINES = ("sqlite", "postgres")
AGENT = {"python": "clerk-backend-api", "javascript": "@clerk/backend@"}
OPERATIONS = {
    "list": "GET /users",
    "create": "POST /users",
    "count": "GET /users/count",
    "get": "GET /users/{}",
    "update": "PATCH /users/{}",
    "delete": "DELETE /users/{}",
    "ban": "POST /users/{}/ban",
    "unban": "POST /users/{}/unban",
    "bulk_ban": "POST /users/ban",
    "bulk_unban": "POST /users/unban",
    "lock": "POST /users/{}/lock",
    "unlock": "POST /users/{}/unlock",
    "set_profile_image": "POST /users/{}/profile_image",
    "delete_profile_image": "DELETE /users/{}/profile_image",
    "update_metadata": "PATCH /users/{}/metadata",
    "get_billing_subscription": "GET /users/{}/billing/subscription",
    "get_o_auth_access_token": "GET /users/{}/oauth_access_tokens/{}",
    "get_organization_memberships": "GET /users/{}/organization_memberships",
    "get_organization_invitations": "GET /users/{}/organization_invitations",
    "verify_password": "POST /users/{}/verify_password",
    "verify_totp": "POST /users/{}/verify_totp",
    "disable_mfa": "DELETE /users/{}/mfa",
    "delete_backup_codes": "DELETE /users/{}/backup_code",
    "delete_passkey": "DELETE /users/{}/passkeys/{}",
    "delete_web3_wallet": "DELETE /users/{}/web3_wallets/{}",
    "delete_totp": "DELETE /users/{}/totp",
    "delete_external_account": "DELETE /users/{}/external_accounts/{}",
    "get_instance_organization_memberships": "GET /organization_memberships",
}
_PATTERNS = {
    name: re.compile(operation.replace("{}", "(?!count$)[^/]+")) for name, operation in OPERATIONS.items()
}


class Seen:
    """What one SDK did on one engine."""

    def __init__(self):
        self.answered: set = set()
        self.lacks: set = set()

    def note(self, language: str, record: dict) -> None:
        """Takes one line of a record into account."""
        if "lacks" in record:
            self.lacks.update(record["lacks"])
            return
        agent = {name.lower(): value for name, value in record["request_headers"].items()}.get("user-agent", "")
        if AGENT[language] not in agent or not 200 <= record["status"] < 300:
            return
        path = urllib.parse.urlsplit(record["url"]).path.removeprefix("/v1")
        operation = f"{record['method']} {path}"
        self.answered.update(name for name, pattern in _PATTERNS.items() if pattern.fullmatch(operation))

    def cell(self, operation: str) -> "str | None":
        """What the table says; nothing where nobody knows."""
        if operation in self.answered:
            return "yes"
        return "no method" if operation in self.lacks else None


def read(files: "list[pathlib.Path]") -> dict:
    """What was seen, by language, version and engine."""
    found = {}
    for file in files:
        name = NAME.fullmatch(file.name)
        if name is None:
            raise SystemExit(f"{file} is not named LANGUAGE-VERSION-ENGINE.exchanges.jsonl")
        seen = found[name.groups()] = Seen()
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                seen.note(name[1], json.loads(line))
    return found


def table(found: dict) -> "tuple[list, list]":
    """The lines of the table, and what is wrong."""
    numbers = lambda version: tuple(map(int, version.split(".")))  # noqa: E731
    sdks = sorted({(language, version) for language, version, _ in found}, key=lambda s: (s[0] != "python", numbers(s[1])))
    names = {"python": "Python", "javascript": "JavaScript"}
    head = ["operation", *(f"{names[language]} {version}" for language, version in sdks)]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    wrong = []
    for operation in OPERATIONS:
        row = [operation]
        for language, version in sdks:
            cells = {engine: found.get((language, version, engine), Seen()).cell(operation) for engine in ENGINES}
            for engine, cell in cells.items():
                if cell is None:
                    wrong.append(f"{language} {version} on {engine} was never answered {operation} with success")
            row.append(" / ".join(str(cell) for cell in cells.values()))
        lines.append(f"| {' | '.join(row)} |")
    return lines, wrong


def main(files: "list[pathlib.Path]", write: bool) -> int:
    """Holds the page's table to what was recorded, or writes it."""
    lines, wrong = table(read(files))
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        wrong.append(f"{PAGE.name} has no place for the table")
    wanted = f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}"
    for line in wrong:
        print(line)
    if wrong:
        return 1
    if wanted == text:
        print(f"{len(OPERATIONS)} operations: the table is what the run showed")
        return 0
    if write:
        PAGE.write_text(wanted, encoding="utf-8")
        print(f"wrote the table of {len(OPERATIONS)} operations")
        return 0
    print(f"{PAGE.name} has another table than the run showed: `cargo xtask test --write-compatibility` writes it")
    return 1


if __name__ == "__main__":
    sys.exit(main([pathlib.Path(argument) for argument in sys.argv[1:] if argument != "--write"], "--write" in sys.argv))
