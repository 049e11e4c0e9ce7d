"""Connected accounts: their tokens, renewed at a provider, and their removal."""

import http.server
import json
import threading
import time
import urllib.parse

import pytest

from adapter import VERSION, codes
from test_create import A_NOBODY

PROVIDER = "oauth_custom_acme"
HOUR_MS = 3_600_000


@pytest.fixture
def ada(users):
    return users.create(username="ada_l")


def attached(instance, user, **account) -> dict:
    account = {"provider": "oauth_google", "provider_user_id": "108", "approved_scopes": "openid email"} | account
    return instance.attach_external_account(user.id, account)["external_accounts"][-1]


def get(users, user, provider="oauth_google", **arguments) -> list:
    return users.get_o_auth_access_token(user_id=user.id, provider=provider, **arguments)


def test_a_token_comes_with_its_account(users, instance, ada):
    now = int(time.time() * 1000)
    account = attached(
        instance,
        ada,
        access_token="at-1",
        id_token="e30.e30.",
        expires_at=now + HOUR_MS,
        label="work",
        public_metadata={"a": 1},
    )
    [token] = get(users, ada)
    assert token.object.value == "oauth_access_token"
    assert token.external_account_id == account["external_account_id"]
    assert (token.provider, token.provider_user_id, token.token) == ("oauth_google", "108", "at-1")
    assert token.expires_at == now + HOUR_MS
    assert (token.label, token.public_metadata) == ("work", {"a": 1})
    assert token.scopes == ["openid", "email"]
    if VERSION >= (5, 0, 7):
        assert token.id_token == "e30.e30."
    assert get(users, ada, "google") == [token]


def test_pages_are_bare_lists_here(users, instance, ada):
    for n in range(3):
        attached(instance, ada, provider_user_id=str(n), access_token=f"at-{n}")
    assert [token.token for token in get(users, ada, limit=2, offset=1)] == ["at-1", "at-2"]
    # The SDK cannot read a wrapped page.
    assert [token.token for token in get(users, ada, paginated=True)] == ["at-0", "at-1", "at-2"]


def test_every_way_of_having_no_token_has_its_code(users, instance, ada):
    def refused(status, provider, user_id=ada.id):
        arguments = {"user_id": user_id, "provider": provider}
        return codes(users.refused("get_o_auth_access_token", status, **arguments))

    assert refused(400, "oauth_nonsense") == ["oauth_unsupported_provider"]
    assert refused(404, "oauth_google") == ["oauth_token_provider_not_enabled"]
    assert refused(404, "oauth_google", A_NOBODY) == ["resource_not_found"]
    attached(instance, ada)
    assert refused(422, "oauth_google") == ["oauth_missing_access_token"]
    attached(instance, ada, provider="oauth_github", access_token="at-1", expires_at=1)
    assert refused(422, "oauth_github") == ["oauth_missing_refresh_token"]
    assert instance.operate("PUT", "/oauth_providers/oauth_slack", json={"client_id": "c"}).status_code == 200
    assert get(users, ada, "oauth_slack") == []


def test_an_account_connected_by_consent_has_a_token_until_it_is_deleted(users, instance, ada, acme, anyone):
    acme.serve(instance)
    began = instance.operate("POST", f"/users/{ada.id}/external_accounts/connect", json={"provider": PROVIDER})
    assert began.status_code == 200, began.text
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(began.json()["url"]).query))
    agreed = anyone.get(asked["redirect_uri"], params={"state": asked["state"], "code": "agreed"})
    assert agreed.status_code == 200, agreed.text
    [account] = users.get(user_id=ada.id).external_accounts
    assert (account.provider, account.email_address, account.verification.status) == (PROVIDER, "ada@example.com", "verified")
    [token] = get(users, ada, PROVIDER)
    assert (token.token, token.provider_user_id, token.scopes) == ("at-1", "sub-1", ["email"])
    assert token.external_account_id == agreed.json()["external_account_id"]
    users.delete_external_account(user_id=ada.id, external_account_id=token.external_account_id)
    assert users.get(user_id=ada.id).external_accounts == [] and get(users, ada, PROVIDER) == []


def test_an_expired_token_is_renewed_once_for_all_who_ask(users, instance, ada, acme):
    expired = {"access_token": "at-0", "refresh_token": "rt-0", "expires_at": 1}
    attached(instance, ada, provider=PROVIDER, **expired)
    acme.serve(instance)
    answers = users.together("get_o_auth_access_token", [{"user_id": ada.id, "provider": PROVIDER}] * 4)
    assert [[token.token for token in answer] for answer in answers] == [["at-1"]] * 4
    assert acme.renewed == ["rt-0"]
    attached(instance, ada, provider=PROVIDER, provider_user_id="109", **(expired | {"refresh_token": "revoked"}))
    # One good token is enough.
    assert [token.token for token in get(users, ada, PROVIDER)] == ["at-1"]
    bob = users.create(username="bob_b")
    attached(instance, bob, provider=PROVIDER, provider_user_id="110", **(expired | {"refresh_token": "revoked"}))
    refused = users.refused("get_o_auth_access_token", 400, user_id=bob.id, provider=PROVIDER)
    assert codes(refused) == ["oauth_token_retrieval_error"]


@pytest.mark.parametrize("provider", ["oauth_google", "oauth_facebook", "oauth_github"])
def test_an_account_is_deleted_by_either_id(users, instance, ada, provider):
    for name in ("external_account_id", "identification_id", "id"):
        account = attached(instance, ada, provider=provider, access_token="at-1")
        answer = users.delete_external_account(user_id=ada.id, external_account_id=account[name])
        assert (answer.object, answer.deleted, answer.id) == ("external_account", True, account["external_account_id"])
        assert users.get(user_id=ada.id).external_accounts == []


def test_an_address_stays_when_its_account_goes(users, instance, ada):
    account = attached(instance, ada, email_address="ada@example.com", email_address_verified=True)
    [email] = users.get(user_id=ada.id).email_addresses
    assert (email.verification.object.value, email.verification.strategy) == (
        "verification_from_oauth",
        "from_oauth_google",
    )
    assert [(link.type, link.id) for link in email.linked_to] == [("oauth_google", account["identification_id"])]
    users.delete_external_account(user_id=ada.id, external_account_id=account["external_account_id"])
    [after] = users.get(user_id=ada.id).email_addresses
    assert (after.id, after.linked_to, after.verification) == (email.id, [], email.verification)


def test_an_account_that_is_not_there_is_not_deleted(users, instance, ada):
    def refused(user_id, account):
        arguments = {"user_id": user_id, "external_account_id": account}
        return codes(users.refused("delete_external_account", 404, **arguments))

    account = attached(instance, ada)["external_account_id"]
    bob = users.create(username="bob_b")
    assert refused(bob.id, account) == ["external_account_not_found"]
    assert refused(A_NOBODY, account) == ["resource_not_found"]
    users.delete_external_account(user_id=ada.id, external_account_id=account)
    assert refused(ada.id, account) == ["external_account_not_found"]


class Acme(http.server.ThreadingHTTPServer):
    """A provider that gives tokens for one code, and others for a refresh token that is not revoked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.renewed = []

    def serve(self, instance) -> None:
        """Makes it a provider of the instance."""
        url = f"http://127.0.0.1:{self.server_port}"
        set_up = {
            "client_id": "c",
            "client_secret": "s",
            "authorization_url": f"{url}/auth",
            "token_url": f"{url}/token",
            "userinfo_url": f"{url}/me",
            "scopes": ["email"],
        }
        answer = instance.operate("PUT", f"/oauth_providers/{PROVIDER}", json=set_up)
        assert answer.status_code == 200, answer.text


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        token = form.get("refresh_token")
        if token == "revoked" or form.get("code", "agreed") != "agreed":
            return self._answer(400, {"error": "invalid_grant"})
        if token:
            self.server.renewed.append(token)
        n = max(len(self.server.renewed), 1)
        return self._answer(
            200, {"access_token": f"at-{n}", "refresh_token": f"rt-{n}", "token_type": "bearer", "expires_in": 3600}
        )

    def do_GET(self):
        self._answer(200, {"sub": "sub-1", "email": "ada@example.com", "email_verified": True, "given_name": "Ada"})

    def _answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        """Nothing: the test says what matters."""


@pytest.fixture
def acme():
    with Acme() as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        yield provider
        provider.shutdown()
