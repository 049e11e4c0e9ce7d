"""Compares the names in our contract with those of Clerk's newest published specification of 2025-11-10.

    python compare_with_specification.py [FOLDER]

FOLDER holds the specification files; by default it is `../shared/clerk/openapi` beside the checkout. Every parameter,
body field and field of a successful answer that the specification has for an operation of ours must be in ours too.
Exits with 1 if one is missing, and with 0 and a word of explanation where the files are not there.
"""

import json
import pathlib
import sys

import operations
from document import contract

ROOT = pathlib.Path(__file__).resolve().parents[3]
SPECIFICATION = "bapi-2025-11-10.yml"
METHODS = {"get", "post", "put", "patch", "delete"}

# Names of theirs that are left out on purpose, with the reason. A name stands for what is below it, too; one that
# ends in `.*` only for what is below it; lists are not marked.
LEFT_OUT = {
    "DELETE /organizations/{organization_id}.answer.external_id": "organizations have no external id",
    "/allowlist_identifiers.answer.invitation_id": "the allow-list sends no invitations",
    "passkeys.verification.nonce": "its only admitted value makes every Python client refuse a real one",
    "latest_activity.*": "always null: what people browse with is not recorded",
    "tasks.*": "always null: no tasks are asked of anyone",
    **{f"GET /jwks.answer.keys.{name}": "keys are RSA, and only their public halves are shown"
       for name in ("crv", "d", "dp", "dq", "k", "p", "q", "qi", "x", "x5c", "x5t", "x5t#S256", "x5u", "y")},
    "credits.*": "null in a subscription item: payments tell what was credited",
    "totals.*": "null in a subscription item: nothing is added to the price",
    "seats.*": "always null: seats have no price",
    "unit_prices.*": "always empty: seats have no price",
    "per_unit_totals": "seats have no price",
    "discounts": "there are no discounts",
    "next_payment.totals": "nothing is added to the price",
    "next_invoice.totals": "nothing is added to the price",
    "payer.credits_balance": "it has an operation of its own",
    "payment_source.*": "always null: no means of payment is kept",
    **{name: "a subscription item has none: no means of payment is kept"
       for name in ("subscription_items.payment_method", "/billing/subscription_items.answer.data.payment_method",
                    "/billing/subscription_items/{subscription_item_id}.answer.payment_method",
                    "subscription_item.payment_method", "extend_free_trial.answer.payment_method")},
    **{f"payment_method.{name}": "no means of payment is kept"
       for name in ("created_at", "updated_at", "expiry_month", "expiry_year", "is_default", "is_removable", "wallet_type")},
    "items.subscription_item": "a payment names its subscription item by its id",
    "plan.interval": "a plan has no period of its own",
    "plan.period": "a plan has no period of its own",
    "previous_plan.interval": "a plan has no period of its own",
    "previous_plan.period": "a plan has no period of its own",
}


def is_left_out(operation: str, name: str) -> bool:
    """Whether a name of theirs, or one above it, is left out."""
    whole = f"{operation}.{name.replace(' ', '.').replace('[]', '')}.".replace("..", ".")
    for entry in LEFT_OUT:
        start = whole.find(entry.removesuffix("*").rstrip(".") + ".")
        if start < 0 or not (start == 0 or entry.startswith("/") or whole[start - 1] in "./ "):
            continue
        if not entry.endswith(".*") or len(whole) > start + len(entry) - 1:
            return True
    return False


class Names:
    """Collects names from one document, following its references."""

    def __init__(self, document: dict):
        self.document = document

    def resolved(self, value: dict) -> dict:
        while "$ref" in value:
            target = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def fields(self, schema: dict, path: str = "", open_: tuple = ()) -> set:
        """Paths of all properties below a schema, such as `email_addresses[].verification.status`."""
        reference = schema.get("$ref")
        if reference in open_:
            return set()
        open_ = (*open_, reference) if reference else open_
        schema = self.resolved(schema)
        found = set()
        for name, below in schema.get("properties", {}).items():
            inner = f"{path}.{name}" if path else name
            found |= {inner} | self.fields(below, inner, open_)
        if "items" in schema:
            found |= self.fields(schema["items"], f"{path}[]", open_)
        for combined in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(combined, []):
                found |= self.fields(part, path, open_)
        return found

    def operations(self, prefix: str) -> dict:
        """For every method and path, the names of its parameters, body fields and answer fields."""
        found = {}
        for path, item in self.document["paths"].items():
            for method in METHODS & item.keys():
                operation = item[method]
                names = set()
                for parameter in map(self.resolved, item.get("parameters", []) + operation.get("parameters", [])):
                    if parameter["in"] in ("query", "path"):
                        names.add(f"{parameter['in']} {parameter['name']}")
                body = self.resolved(operation.get("requestBody", {}))
                names |= {f"body {name}" for name in self._content(body)}
                answer = operation["responses"].get("200", operation["responses"].get(200, {}))
                names |= {f"answer {name}" for name in self._content(self.resolved(answer))}
                found[method.upper(), path.removeprefix(prefix)] = names
        return found

    def _content(self, holder: dict) -> set:
        return set().union(*(self.fields(media["schema"]) for media in holder.get("content", {}).values()))


def main(folder: pathlib.Path) -> int:
    """Prints what was compared, and every name that is missing."""
    file = folder / SPECIFICATION
    if not file.is_file():
        print(f"nothing was compared: there is no {SPECIFICATION} in {folder}")
        return 0
    try:
        import yaml
    except ImportError:
        print("nothing was compared: the package pyyaml is not installed")
        return 0
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    specification = yaml.load(file.read_text(encoding="utf-8"), loader)
    is_current = operations.table(specification) == operations.written()
    if not is_current:
        print("the table of operations in COMPATIBILITY.md is not current: run operations.py")
    theirs = Names(specification).operations("")
    ours = Names(contract()).operations("/v1")
    common = sorted(theirs.keys() & ours.keys())
    compared, left_out, missing = 0, 0, []
    for key in common:
        for name in sorted(theirs[key]):
            compared += 1
            if name in ours[key]:
                continue
            if is_left_out(" ".join(key), name):
                left_out += 1
            else:
                missing.append(f"{' '.join(key)}: {name}")
    for name in missing:
        print(f"missing: {name}")
    print(f"{compared} names of {len(common)} operations compared, {left_out} left out on purpose, {len(missing)} missing")
    return 1 if missing or not compared or not is_current else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "clerk" / "openapi"))
