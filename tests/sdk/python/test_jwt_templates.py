"""Templates of session tokens, and testing tokens."""

import base64
import json

from adapter import codes

CLAIMS = {"who": "{{user.username}}", "level": "{{user.public_metadata.level}}", "fixed": True}


def payload(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_a_template_is_made_used_changed_and_deleted(sdk, http):
    made = sdk.jwt_templates.create(name="hasura", claims={}, lifetime=120)
    assert (made.name, made.lifetime) == ("hasura", 120)
    assert sdk.jwt_templates.get(template_id=made.id) == made
    assert [one.id for one in sdk.jwt_templates.list()] == [made.id]
    # The SDK's model of claims has no members and drops those it is given.
    answer = http.patch(f"/jwt_templates/{made.id}", json={"name": "hasura", "claims": CLAIMS})
    assert answer.status_code == 200, answer.text

    user = sdk.users.create(
        username="adaada", skip_password_requirement=True, public_metadata={"level": 7}
    ).id
    session = sdk.sessions.create(user_id=user).id
    token = sdk.sessions.create_token_from_template(session_id=session, template_name="hasura").jwt
    claims = payload(token)
    assert (claims["who"], claims["level"], claims["fixed"]) == ("adaada", 7, True)
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (user, 120)

    renamed = sdk.jwt_templates.update(template_id=made.id, name="supabase", claims={})
    assert renamed.name == "supabase"
    gone = sdk.sessions.refused("create_token_from_template", 404, session_id=session, template_name="hasura")
    assert codes(gone) == ["resource_not_found"]
    token = sdk.sessions.create_token_from_template(session_id=session, template_name="supabase").jwt
    assert "who" not in payload(token)

    assert sdk.jwt_templates.delete(template_id=made.id).id == made.id
    assert codes(sdk.jwt_templates.refused("get", 404, template_id=made.id)) == ["resource_not_found"]


def test_a_testing_token_is_made_and_ends(sdk):
    made = sdk.testing_tokens.create()
    assert made.object == "testing_token" and made.token
    assert made.expires_at > 0
