"""Passkeys of a user, which the Backend API only takes away."""

import base64

import pytest

from adapter import codes
from test_create import A_NOBODY

# Any point of the curve P-256 is a public key: here that of the private key 1.
X = bytes.fromhex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
Y = bytes.fromhex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
COSE_KEY = bytes.fromhex("a5010203262001215820") + X + bytes.fromhex("225820") + Y


@pytest.fixture
def ada(users, instance):
    """A user with a passkey, moved here by an operator."""
    instance.configure({"passkeys": {"rp_id": "example.com", "origins": ["https://example.com"]}})
    user = users.create(username="ada_l")
    body = {"name": "Laptop", "counter": 0, "credential_id": _text(b"credential-id-01"), "public_key": _text(COSE_KEY)}
    answer = instance.operate("POST", f"/users/{user.id}/passkeys", json=body)
    assert answer.status_code == 200, answer.text
    return users.get(user_id=user.id)


def test_a_passkey_is_shown_and_deleted(users, ada):
    [passkey] = ada.passkeys
    assert (passkey.name, passkey.verification.status) == ("Laptop", "verified")
    gone = users.delete_passkey(user_id=ada.id, passkey_identification_id=passkey.id)
    assert (gone.object, gone.id, gone.deleted) == ("passkey", passkey.id, True)
    assert users.get(user_id=ada.id).passkeys == []


def test_a_passkey_of_somebody_else_is_not_found(users, ada):
    bob = users.create(username="bob_b")
    for user_id, code in ((bob.id, "passkey_not_registered"), (A_NOBODY, "resource_not_found")):
        arguments = {"user_id": user_id, "passkey_identification_id": ada.passkeys[0].id}
        assert codes(users.refused("delete_passkey", 404, **arguments)) == [code]
    assert users.get(user_id=ada.id).passkeys == ada.passkeys


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
