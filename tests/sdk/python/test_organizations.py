"""Organizations, their members and the invitations to them, through the SDK."""

import pytest

from adapter import VERSION, codes
from pictures import GIF


@pytest.fixture
def admin(sdk):
    return sdk.users.create(email_address=["boss@example.com"], first_name="Ada", last_name="Lovelace")


@pytest.fixture
def acme(sdk, admin):
    return sdk.organizations.create(name="Acme & Co.", created_by=admin.id, public_metadata={"a": 1})


def test_an_organization_is_created_read_listed_changed_and_deleted(sdk, admin, acme):
    assert (acme.name, acme.slug, acme.created_by) == ("Acme & Co.", "acme-co", admin.id)
    assert sdk.organizations.get(organization_id=acme.slug) == acme
    page = sdk.organizations.list(include_members_count=True, query="CME", order_by="name")
    assert (page.total_count, page.data[0].id, page.data[0].members_count) == (1, acme.id, 1)
    changed = sdk.organizations.update(organization_id=acme.id, name="Acme", max_allowed_memberships=3)
    assert (changed.name, changed.slug, changed.max_allowed_memberships) == ("Acme", "acme-co", 3)
    merged = sdk.organizations.merge_metadata(organization_id=acme.id, private_metadata={"b": {"c": 1}})
    assert (merged.public_metadata, merged.private_metadata) == ({"a": 1}, {"b": {"c": 1}})
    gone = sdk.organizations.delete(organization_id=acme.id)
    assert (gone.id, gone.deleted) == (acme.id, True)
    assert codes(sdk.organizations.refused("get", 404, organization_id=acme.id)) == ["resource_not_found"]


def test_metadata_are_replaced(sdk, acme):
    if not hasattr(sdk.organizations._resource, "replace_metadata"):
        pytest.skip("this SDK has no replace_metadata of organizations")
    replaced = sdk.organizations.replace_metadata(organization_id=acme.id, public_metadata={"z": 1})
    assert replaced.public_metadata == {"z": 1}


def test_a_logo_is_set_and_deleted(sdk, acme):
    with_logo = sdk.organizations.upload_logo(organization_id=acme.id, file={"file_name": "a.gif", "content": GIF})
    assert with_logo.has_image
    assert not sdk.organizations.delete_logo(organization_id=acme.id).has_image


def test_what_is_wrong_is_named(sdk, acme):
    assert sdk.organizations.refused("create", 422, name="", slug="No") == [
        ("form_param_value_invalid", "name"),
        ("form_param_format_invalid", "slug"),
    ]
    assert sdk.organizations.refused("create", 422, name="B", slug="acme-co") == [("form_identifier_exists", "slug")]


def test_members_are_added_listed_changed_and_removed(sdk, admin, acme):
    user = sdk.users.create(username="bobbob")
    made = sdk.organization_memberships.create(organization_id=acme.id, user_id=user.id, role="org:member")
    assert (made.role, made.organization.id, made.public_user_data.user_id) == ("org:member", acme.id, user.id)
    page = sdk.organization_memberships.list(organization_id=acme.id, order_by="-created_at", role=["org:member"])
    assert (page.total_count, [one.id for one in page.data]) == (1, [made.id])
    of_user = sdk.users.get_organization_memberships(user_id=user.id)
    assert (of_user.total_count, of_user.data[0].id) == (1, made.id)
    everywhere = sdk.users.get_instance_organization_memberships(order_by="-username", limit=1)
    assert (everywhere.total_count, len(everywhere.data)) == (2, 1)
    merged = sdk.organization_memberships.update_metadata(
        organization_id=acme.id, user_id=user.id, public_metadata={"a": 1}
    )
    assert merged.public_metadata == {"a": 1}
    changed = sdk.organization_memberships.update(organization_id=acme.id, user_id=user.id, role="org:admin")
    assert (changed.role, "org:sys_memberships:manage" in changed.permissions) == ("org:admin", True)
    sdk.organization_memberships.delete(organization_id=acme.id, user_id=user.id)
    last = sdk.organization_memberships.refused("delete", 400, organization_id=acme.id, user_id=admin.id)
    assert codes(last) == ["organization_minimum_permissions_needed"]


def test_invitations_are_made_listed_and_revoked(sdk, admin, acme):
    made = sdk.organization_invitations.create(
        organization_id=acme.id,
        email_address="bob@example.com",
        role="org:member",
        inviter_user_id=admin.id,
        public_metadata={"a": 1},
        redirect_url="https://app.example/join",
        **({"notify": False} if VERSION >= (5, 0, 7) else {}),
    )
    assert (made.status, made.organization_id, made.email_address) == ("pending", acme.id, "bob@example.com")
    bulk = sdk.organization_invitations.bulk_create(
        organization_id=acme.id,
        request_body=[{"email_address": f"{name}@example.com", "role": "org:member"} for name in ("c", "d")],
    )
    assert [one.email_address for one in bulk.data] == ["c@example.com", "d@example.com"]
    again = {"organization_id": acme.id, "email_address": "bob@example.com", "role": "org:member"}
    assert codes(sdk.organization_invitations.refused("create", 400, **again)) == ["organization_invitation_not_unique"]
    assert sdk.organization_invitations.get(organization_id=acme.id, invitation_id=made.id) == made
    page = sdk.organization_invitations.list(organization_id=acme.id, status="pending", limit=2)
    assert (page.total_count, len(page.data)) == (3, 2)
    everywhere = sdk.organization_invitations.get_all(query="BOB")
    assert [one.public_organization_data.slug for one in everywhere.data] == ["acme-co"]
    user = sdk.users.create(email_address=["bob@example.com"])
    of_user = sdk.users.get_organization_invitations(user_id=user.id, status="pending")
    assert (of_user.total_count, of_user.data[0].id, of_user.data[0].public_organization_data.id) == (
        1,
        made.id,
        acme.id,
    )
    revoked = sdk.organization_invitations.revoke(
        organization_id=acme.id, invitation_id=made.id, requesting_user_id=admin.id
    )
    assert revoked.status == "revoked"
    assert sdk.users.get_organization_invitations(user_id=user.id, status="pending").total_count == 0


def test_an_accepted_invitation_is_a_membership(sdk, instance, acme):
    made = sdk.organization_invitations.create(
        organization_id=acme.id, email_address="bob@example.com", role="org:member", private_metadata={"p": 1}
    )
    user = sdk.users.create(email_address=["bob@example.com"])
    at = f"/organization_invitations/{made.id}/accept"
    answer = instance.operate("POST", at, json={"user_id": user.id})
    assert answer.json()["status"] == "accepted"
    membership = sdk.users.get_organization_memberships(user_id=user.id).data[0]
    assert (membership.organization.id, membership.private_metadata) == (acme.id, {"p": 1})
    assert sdk.users.get_organization_invitations(user_id=user.id, status="accepted").total_count == 1


def test_without_organizations_all_is_refused(sdk, instance, admin):
    instance.configure({"organizations": {"enabled": False}})
    for resource, operation, arguments in (
        (sdk.organizations, "list", {}),
        (sdk.users, "get_organization_memberships", {"user_id": admin.id}),
        (sdk.users, "get_organization_invitations", {"user_id": admin.id}),
        (sdk.users, "get_instance_organization_memberships", {}),
    ):
        assert codes(resource.refused(operation, 403, **arguments)) == ["organization_not_enabled_in_instance"]
