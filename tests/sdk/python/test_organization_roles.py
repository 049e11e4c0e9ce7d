"""Organization roles and permissions."""

import pytest

import adapter
from adapter import codes

pytestmark = pytest.mark.skipif(adapter.VERSION < (5, 0, 7), reason="this SDK has no organization_roles")


def test_roles_are_made_of_permissions(sdk):
    system = sdk.organization_permissions.list(query="org:sys_memberships:read").data[0]
    assert (system.key, system.type) == ("org:sys_memberships:read", "system")
    own = sdk.organization_permissions.create(name="Read teams", key="org:team:read", description="d")
    role = sdk.organization_roles.create(name="Reader", key="org:reader", permissions=[system.id])
    assert ([one.key for one in role.permissions], role.is_creator_eligible) == ([system.key], False)
    given = sdk.organization_roles.assign_permission(organization_role_id=role.id, permission_id=own.id)
    assert [one.key for one in given.permissions] == [system.key, "org:team:read"]
    again = sdk.organization_roles.refused(
        "assign_permission", 409, organization_role_id=role.id, permission_id=own.id
    )
    assert codes(again) == ["organization_role_permission_association_exists"]
    taken = sdk.organization_roles.remove_permission(organization_role_id=role.id, permission_id=system.id)
    assert [one.key for one in taken.permissions] == ["org:team:read"]
    assert sdk.organization_permissions.delete(permission_id=own.id).deleted is True
    assert sdk.organization_roles.get(organization_role_id=role.id).permissions == []


def test_roles_are_listed_changed_and_deleted(sdk):
    page = sdk.organization_roles.list(order_by="key")
    assert ([one.key for one in page.data], page.total_count) == (["org:admin", "org:member"], 2)
    role = sdk.organization_roles.create(name="Reader", key="org:reader", description="d")
    changed = sdk.organization_roles.update(organization_role_id=role.id, name="R", description=None)
    assert (changed.name, changed.key, changed.description) == ("R", "org:reader", None)
    assert sdk.organization_roles.delete(organization_role_id=role.id).deleted is True
    assert codes(sdk.organization_roles.refused("get", 404, organization_role_id=role.id)) == ["resource_not_found"]
    refused = sdk.organization_roles.refused("delete", 422, organization_role_id=page.data[0].id)
    assert codes(refused) == ["organization_role_default_creator_role"]


def test_permissions_are_changed_unless_they_are_the_systems(sdk):
    own = sdk.organization_permissions.create(name="Read teams", key="org:team:read")
    changed = sdk.organization_permissions.update(permission_id=own.id, key="org:team:see")
    assert changed == sdk.organization_permissions.get(permission_id=own.id)
    system = sdk.organization_permissions.list(query="org:sys_profile:delete").data[0]
    refused = sdk.organization_permissions.refused("update", 403, permission_id=system.id, name="x")
    assert codes(refused) == ["organization_system_permission_not_modifiable"]
    assert sdk.organization_permissions.refused("create", 422, name="x", key="org:sys_x:y") == [
        ("form_param_format_invalid", "key")
    ]
