"""Webhooks, verified by the unmodified packages that receivers use."""

import json

import pytest
import standardwebhooks
import svix

from receiver import Receiver


@pytest.fixture
def receiver():
    running = Receiver()
    yield running
    running.close()


def listen(instance, receiver):
    answer = instance.operate("POST", "/webhook_endpoints", json={"url": receiver.url})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_svix_and_standardwebhooks_accept_what_is_sent(instance, users, receiver):
    secret = listen(instance, receiver)["secret"]
    user = users.create(username="adaada")
    headers, body = receiver.next()
    # Newer versions of `svix` give nothing back.
    svix.Webhook(secret).verify(body, headers)
    event = standardwebhooks.Webhook(secret).verify(body, headers)
    assert event["type"] == "user.created"
    assert event["data"]["id"] == user.id
    assert event["instance_id"] == instance.id


def test_both_secrets_verify_after_a_rotation_and_no_other_does(instance, users, receiver):
    endpoint = listen(instance, receiver)
    path = f"/webhook_endpoints/{endpoint['id']}/secrets/rotate"
    new = instance.operate("POST", path, json={}).json()["secret"]
    users.create(username="adaada")
    headers, body = receiver.next()
    for secret in (endpoint["secret"], new):
        svix.Webhook(secret).verify(body, headers)
        standardwebhooks.Webhook(secret).verify(body, headers)
    with pytest.raises(svix.WebhookVerificationError):
        svix.Webhook("whsec_" + "A" * 32).verify(body, headers)
    with pytest.raises(svix.WebhookVerificationError):
        svix.Webhook(new).verify(body + b" ", headers)


def test_events_of_a_user_come_in_their_order(instance, users, receiver):
    secret = listen(instance, receiver)["secret"]
    user = users.create(username="adaada")
    for n in range(5):
        users.update(user_id=user.id, first_name=f"n{n}")
    users.delete(user_id=user.id)
    told = [standardwebhooks.Webhook(secret).verify(body, headers) for headers, body in (receiver.next() for _ in range(7))]
    assert [event["type"] for event in told] == ["user.created", *["user.updated"] * 5, "user.deleted"]
    assert [event["data"].get("first_name") for event in told[1:6]] == [f"n{n}" for n in range(5)]
    assert told[6]["data"] == {"object": "user", "id": user.id, "deleted": True}
    assert json.dumps(told[0]["data"]["public_metadata"]) == "{}"
