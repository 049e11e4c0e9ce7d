"""Session tokens, verified by the SDK with nothing but its configuration."""

import base64
import datetime
import json
import types

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from clerk_backend_api import security
from clerk_backend_api.security import AuthenticateRequestOptions, TokenVerificationError, VerifyTokenOptions

PAGE = "https://app.example.com"


@pytest.fixture
def session(connect, instance, http):
    """An active session that began on `PAGE`."""
    user = http.post("/users", json={"username": "adaada"}).json()["id"]
    return http.post("/sessions", json={"user_id": user}, headers={"Origin": PAGE}).json()


@pytest.fixture
def mint(sdk, session):
    """Makes tokens of the session through the SDK."""
    return lambda **options: sdk.sessions.create_token(session_id=session["id"], **options).jwt


@pytest.fixture(params=["key set", "PEM"])
def keys(request, server, instance):
    """Where the verifier has the keys from, as its options say it: our URL, or nothing but a public key."""
    if request.param == "key set":
        return lambda: {"secret_key": instance.secret_key, "api_url": server.base}
    return lambda: {"jwt_key": pem(instance)}


def pem(instance) -> str:
    """The public half of the key that signs."""
    listed = instance.operate("GET", "/signing_keys").json()["data"]
    return next(key["public_key"] for key in listed if key["signs"])


def verify(token: str, options: dict) -> dict:
    """The claims of a good token, which the async twin sees as well."""
    return security.verify_token(token, VerifyTokenOptions(**options))


def reason(token: str, options: dict) -> str:
    """Why the SDK does not believe the token."""
    with pytest.raises(TokenVerificationError) as caught:
        verify(token, options)
    return caught.value.reason.value[0]


def test_the_sdk_believes_our_tokens(mint, keys, session):
    claims = verify(mint(), {**keys(), "authorized_parties": [PAGE]})
    assert (claims["sub"], claims["sid"], claims["azp"]) == (session["user_id"], session["id"], PAGE)
    assert (claims["v"], claims["sts"], claims["exp"] - claims["iat"]) == (2, "active", 60)


def test_another_authorized_party_is_refused(mint, keys):
    options = {**keys(), "authorized_parties": ["https://evil.example.com"]}
    assert reason(mint(), options) == "token-invalid-authorized-parties"


def test_forged_tokens_are_refused(mint, keys):
    good = mint()
    options = keys()
    header, payload, signature = good.split(".")
    claims = {**verify(good, options), "sub": "user_other"}
    head = jwt.get_unverified_header(good)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    altered = f"{header}.{_encoded(claims)}.{signature}"
    assert reason(altered, options) == "token-invalid-signature"
    assert reason(jwt.encode(claims, stranger, "RS256", headers=head), options) == "token-invalid-signature"
    unsigned = _encoded({**head, "alg": "none"})
    for forged in (f"{unsigned}.{payload}.", f"{unsigned}.{_encoded(claims)}.{signature}"):
        assert reason(forged, options) == "token-invalid"
    symmetric = jwt.encode(claims, "the public key taken for a secret, say", "HS256", headers={"kid": head["kid"]})
    assert reason(symmetric, options) == "token-invalid"


def test_tokens_begin_and_end(mint, keys, monkeypatch):
    options = keys()
    for lasts, token in ((60, mint()), (30, mint(expires_in_seconds=30))):
        verify(token, options)
        _move_clock(monkeypatch, lasts + 10)
        assert reason(token, options) == "token-expired"
        _move_clock(monkeypatch, -60)
        assert reason(token, options) == "token-not-active-yet"
        monkeypatch.undo()


def test_an_old_key_verifies_until_it_is_retired(mint, instance, server):
    options = {"secret_key": instance.secret_key, "api_url": server.base}
    # The SDK remembers the keys that it has seen: the second one it sees only when it is retired.
    first = mint()
    instance.operate("POST", "/signing_keys")
    second, kept = mint(), pem(instance)
    instance.operate("POST", "/signing_keys")
    third = mint()
    kids = [jwt.get_unverified_header(token)["kid"] for token in (first, second, third)]
    assert len(set(kids)) == 3
    assert verify(first, options)["sid"] == verify(third, options)["sid"]
    verify(second, {"jwt_key": kept})
    assert instance.operate("POST", f"/signing_keys/{kids[1]}/retire").status_code == 200
    assert reason(second, options) == "jwk-kid-mismatch"


def test_requests_are_authenticated(mint, session, instance, sdk, connect):
    options = AuthenticateRequestOptions(jwt_key=None, authorized_parties=[PAGE])
    token = mint()
    options.jwt_key = pem(instance)
    for headers in ({"Authorization": f"Bearer {token}"}, {"cookie": f"__session={token}"}):
        state = security.authenticate_request(types.SimpleNamespace(headers=headers), options)
        assert state.is_signed_in, state.reason
        assert (state.payload["sub"], state.payload["sid"]) == (session["user_id"], session["id"])
    for headers in ({}, {"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}):
        state = security.authenticate_request(types.SimpleNamespace(headers=headers), options)
        assert not state.is_signed_in


def test_the_active_organization_is_claimed(sdk, http, instance):
    user = sdk.users.create(username="bobbob", skip_password_requirement=True).id
    organization = sdk.organizations.create(name="Acme", created_by=user)
    made = {"user_id": user, "active_organization_id": organization.id}
    session = http.post("/sessions", json=made).json()
    token = sdk.sessions.create_token(session_id=session["id"]).jwt
    options = AuthenticateRequestOptions(jwt_key=pem(instance))
    request = types.SimpleNamespace(headers={"Authorization": f"Bearer {token}"})
    payload = security.authenticate_request(request, options).payload
    assert (payload["o"]["id"], payload["o"]["slg"], payload["o"]["rol"]) == (organization.id, "acme", "admin")


def _encoded(part: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _move_clock(monkeypatch, seconds: int) -> None:
    """Moves the verifier's clock, and nobody else's."""

    class Moved(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) + datetime.timedelta(seconds=seconds)

    monkeypatch.setattr("jwt.api_jwt.datetime", Moved)
