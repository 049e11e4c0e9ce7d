"""Who may come in: the allow-list and the block-list."""

from adapter import codes


def test_the_allow_list_admits(sdk):
    entry = sdk.allowlist_identifiers.create(identifier="*@Example.com", notify=False)
    assert (entry.identifier, entry.identifier_type, entry.object) == (
        "*@example.com",
        "email_address",
        "allowlist_identifier",
    )
    assert sdk.allowlist_identifiers.list(limit=5, offset=0) == [entry]
    assert sdk.instance_settings.update_restrictions(allowlist=True).allowlist is True
    sdk.users.create(email_address=["ada@example.com"])
    refused = sdk.users.refused("create", 403, email_address=["ada@example.org"])
    assert refused == [("not_allowed_access", "email_address")]
    again = sdk.allowlist_identifiers.refused("create", 400, identifier="*@example.com")
    assert again == [("duplicate_record", "identifier")]
    gone = sdk.allowlist_identifiers.delete(identifier_id=entry.id)
    assert (gone.object, gone.id, gone.deleted) == ("allowlist_identifier", entry.id, True)
    sdk.users.refused("create", 403, email_address=["eve@example.com"])


def test_the_block_list_refuses(sdk):
    entry = sdk.blocklist_identifiers.create(identifier="eve@example.com")
    page = sdk.blocklist_identifiers.list()
    assert (page.data, page.total_count) == ([entry], 1)
    assert sdk.instance_settings.update_restrictions(blocklist=True).blocklist is True
    sdk.users.create(email_address=["ada@example.com"])
    for address in ("eve@example.com", "eve+1@example.com"):
        assert sdk.users.refused("create", 403, email_address=[address]) == [("not_allowed_access", "email_address")]
    assert sdk.blocklist_identifiers.delete(identifier_id=entry.id).deleted is True
    sdk.users.create(email_address=["eve@example.com"])
    unknown = sdk.blocklist_identifiers.refused("delete", 404, identifier_id=entry.id)
    assert codes(unknown) == ["resource_not_found"]
