"""The settings that an application changes with its own key."""

import pytest


def test_the_instance_is_read_and_changed(sdk, instance):
    assert sdk.instance_settings.get().id == instance.id
    sdk.instance_settings.update(test_mode=False, hibp=False, support_email="help@example.com", allowed_origins=["x://y"])
    after = sdk.instance_settings.get()
    assert (after.environment_type, after.allowed_origins) == ("development", ["x://y"])


def test_organization_settings_keep_what_is_not_named(sdk):
    changed = sdk.instance_settings.update_organization_settings(max_allowed_memberships=7)
    assert (changed.object, changed.enabled, changed.max_allowed_memberships) == ("organization_settings", True, 7)
    again = sdk.instance_settings.update_organization_settings(admin_delete_enabled=False)
    assert (again.max_allowed_memberships, again.admin_delete_enabled) == (7, False)
    wrong = sdk.instance_settings.refused("update_organization_settings", 422, creator_role_id="role_none")
    assert wrong == [("form_resource_not_found", "creator_role_id")]


@pytest.mark.sdk_resource_has("instance_settings", "get_communication")
def test_every_group_is_read(sdk):
    changed = sdk.instance_settings.update_communication(blocked_country_codes=["DE"])
    assert sdk.instance_settings.get_communication() == changed
    assert sdk.instance_settings.get_organization_settings().enabled
    assert sdk.instance_settings.get_instance_protect().rules_enabled is False
    scopes = sdk.instance_settings.update_o_auth_application_settings(default_scopes=["email"])
    assert sdk.instance_settings.get_o_auth_application_settings() == scopes
