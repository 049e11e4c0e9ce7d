"""The Rust client's table of names says what this SDK and that client have."""

import pytest

import adapter

if adapter.VERSION < (7, 0, 0):
    pytest.skip("the table is that of SDK 7.0.0", allow_module_level=True)

import rust_names


def test_the_table_names_every_method_of_this_sdk():
    assert rust_names.written() == rust_names.table()


def test_all_28_operations_of_the_reference_have_a_name():
    named = {line.split("`")[1] for line in rust_names.table()[2:] if not line.endswith("| not yet |")}
    users = """list create count get update delete ban unban bulk_ban bulk_unban lock unlock set_profile_image
        delete_profile_image update_metadata get_billing_subscription get_o_auth_access_token
        get_organization_memberships get_organization_invitations verify_password verify_totp disable_mfa
        delete_backup_codes delete_passkey delete_web3_wallet delete_totp delete_external_account
        get_instance_organization_memberships"""
    assert {f"users.{name}" for name in users.split()} - named == set()


def test_every_operation_of_the_rust_client_is_one_of_this_sdk_and_shown_in_an_example():
    theirs = {(noun, method.replace("o_auth", "oauth")) for noun, method in rust_names.python()}
    ours = rust_names.rust()
    assert set(ours) - theirs == set()
    shown = "".join(file.read_text(encoding="utf-8") for file in (rust_names.CRATE / "examples" / "tour").glob("*.rs"))
    assert [name for _, name in ours if f".{name}(" not in shown] == []
