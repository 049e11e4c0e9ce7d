"""Invitations, the waitlist, redirect URLs and domains."""

import pytest

import adapter
from adapter import codes


def test_an_invitation_is_made_listed_and_revoked(sdk):
    made = sdk.invitations.create(
        email_address="ada@example.com",
        public_metadata={"plan": "pro"},
        redirect_url="https://app.example/join",
        notify=True,
        ignore_existing=False,
        expires_in_days=7,
    )
    assert (made.email_address, made.status, made.public_metadata) == ("ada@example.com", "pending", {"plan": "pro"})
    assert made.url.startswith("https://app.example/join?__clerk_ticket=")
    assert made.expires_at - made.created_at == 7 * 86_400_000
    assert [one.id for one in sdk.invitations.list(status="pending", query="ada", order_by="-created_at")] == [made.id]
    revoked = sdk.invitations.revoke(invitation_id=made.id)
    assert (revoked.id, revoked.status) == (made.id, "revoked")
    assert sdk.invitations.list(limit=5, offset=0) == []
    assert codes(sdk.invitations.refused("revoke", 400, invitation_id=made.id)) == ["invitation_already_revoked"]
    assert codes(sdk.invitations.refused("revoke", 404, invitation_id="inv_x")) == ["resource_not_found"]


def test_several_are_invited_at_once(sdk):
    addresses = ["b@example.com", "a@example.com"]
    made = sdk.invitations.bulk_create(request=[{"email_address": address, "notify": False} for address in addresses])
    assert [one.email_address for one in made] == addresses
    refused = sdk.invitations.refused("create", 400, email_address="a@example.com")
    assert refused == [("duplicate_record", "email_address")]


def test_a_new_user_accepts(sdk):
    sdk.invitations.create(email_address="ada@example.com", public_metadata={"a": 1})
    user = sdk.users.create(email_address=["ada@example.com"])
    assert user.public_metadata == {"a": 1}
    assert [one.status for one in sdk.invitations.list()] == ["accepted"]
    refused = sdk.invitations.refused("create", 422, email_address="ada@example.com")
    assert refused == [("form_identifier_exists", "email_address")]


def test_the_waitlist(sdk):
    entry = sdk.waitlist_entries.create(email_address="ada@example.com", notify=False)
    assert (entry.email_address, entry.status, entry.is_locked) == ("ada@example.com", "pending", False)
    page = sdk.waitlist_entries.list(status="pending", query="ada", order_by="-created_at")
    assert ([one.id for one in page.data], page.total_count) == ([entry.id], 1)
    invited = sdk.waitlist_entries.invite(waitlist_entry_id=entry.id)
    assert (invited.status, invited.invitation.status) == ("invited", "pending")
    other = sdk.waitlist_entries.create(email_address="b@example.com")
    assert sdk.waitlist_entries.reject(waitlist_entry_id=other.id).status == "rejected"
    third = sdk.waitlist_entries.create(email_address="c@example.com")
    assert sdk.waitlist_entries.delete(waitlist_entry_id=third.id).deleted is True
    assert codes(sdk.waitlist_entries.refused("reject", 404, waitlist_entry_id=third.id)) == ["resource_not_found"]


@pytest.mark.skipif(adapter.VERSION < (5, 0, 7), reason="this SDK has no waitlist_entries.bulk_create")
def test_several_wait_at_once(sdk):
    addresses = ["b@example.com", "a@example.com"]
    made = sdk.waitlist_entries.bulk_create(request=[{"email_address": address} for address in addresses])
    assert [one.email_address for one in made] == addresses


def test_redirect_urls(sdk):
    made = sdk.redirect_urls.create(url="my-app://callback")
    assert sdk.redirect_urls.get(id=made.id) == made
    assert sdk.redirect_urls.list(limit=5) == [made]
    assert sdk.redirect_urls.refused("create", 422, url="/x") == [("form_param_format_invalid", "url")]
    assert sdk.redirect_urls.delete(id=made.id).deleted is True
    assert codes(sdk.redirect_urls.refused("get", 404, id=made.id)) == ["resource_not_found"]


def test_domains(sdk, server):
    domains = sdk.domains.list()
    assert domains.total_count == 1
    assert domains.data[0].name == server.base.split("://")[1]
