"""Sessions, the tokens that lead to them, and the key set."""

import pytest

import adapter
from adapter import codes


@pytest.fixture
def user(sdk):
    """Somebody to sign in."""
    return sdk.users.create(username="adaada", skip_password_requirement=True).id


def test_a_session_is_made_read_listed_and_revoked(sdk, user):
    made = sdk.sessions.create(user_id=user)
    assert (made.user_id, made.status) == (user, "active")
    assert sdk.sessions.get(session_id=made.id) == made
    assert [one.id for one in sdk.sessions.list(user_id=user, status="active")] == [made.id]
    assert sdk.users.get(user_id=user).last_sign_in_at == made.created_at
    client = sdk.clients.get(client_id=made.client_id)
    assert (client.session_ids, client.last_active_session_id) == ([made.id], made.id)
    assert sdk.sessions.revoke(session_id=made.id).status == "revoked"
    assert sdk.sessions.list(user_id=user, status="active") == []
    assert codes(sdk.sessions.refused("create_token", 404, session_id=made.id)) == ["resource_not_found"]
    assert codes(sdk.sessions.refused("get", 404, session_id="sess_none")) == ["resource_not_found"]


def test_a_ban_revokes_sessions_and_a_lock_does_not(sdk, user):
    session = sdk.sessions.create(user_id=user).id
    sdk.users.lock(user_id=user)
    assert sdk.sessions.get(session_id=session).status == "active"
    assert codes(sdk.sessions.refused("create", 403, user_id=user)) == ["user_locked"]
    sdk.users.ban(user_id=user)
    assert sdk.sessions.get(session_id=session).status == "revoked"


def test_a_new_password_signs_out_elsewhere_when_asked(sdk, user):
    sessions = [sdk.sessions.create(user_id=user).id for _ in range(2)]
    sdk.users.update(user_id=user, password="Tq7!other-than-any-list", sign_out_of_other_sessions=True)
    assert {sdk.sessions.get(session_id=one).status for one in sessions} == {"revoked"}


def test_the_key_set_is_read(sdk):
    keys = sdk.jwks.get_jwks().keys
    assert [(key.kty, key.alg, key.use) for key in keys] == [("RSA", "RS256", "sig")]
    assert keys[0].n and keys[0].e == "AQAB" and keys[0].kid


def test_sign_in_tokens_are_made_and_revoked(sdk, user, instance):
    made = sdk.sign_in_tokens.create(user_id=user, expires_in_seconds=600)
    assert (made.user_id, made.status) == (user, "pending")
    consumed = instance.operate("POST", "/sign_in_tokens/consume", json={"token": made.token}).json()
    assert sdk.sessions.get(session_id=consumed["session"]["id"]).status == "active"
    assert sdk.clients.verify(token=consumed["client_token"]).id == consumed["session"]["client_id"]
    other = sdk.sign_in_tokens.create(user_id=user)
    assert sdk.sign_in_tokens.revoke(sign_in_token_id=other.id).status == "revoked"
    refused = instance.operate("POST", "/sign_in_tokens/consume", json={"token": other.token})
    assert refused.status_code == 400, refused.text
    assert codes(sdk.sign_in_tokens.refused("revoke", 404, sign_in_token_id="sit_none")) == ["resource_not_found"]


@pytest.mark.skipif(adapter.VERSION < (4, 0, 0), reason="this SDK reads no actor")
def test_actor_tokens_are_made_and_revoked(sdk, user, instance):
    made = sdk.actor_tokens.create(user_id=user, actor={"sub": "user_boss"})
    assert (made.user_id, made.status) == (user, "pending")
    consumed = instance.operate("POST", "/actor_tokens/consume", json={"token": made.token}).json()
    assert sdk.sessions.get(session_id=consumed["session"]["id"]).actor is not None
    other = sdk.actor_tokens.create(user_id=user, actor={"sub": "user_boss"})
    assert sdk.actor_tokens.revoke(actor_token_id=other.id).status == "revoked"
