// Update, and metadata by merge and by replacement.

import assert from "node:assert/strict";
import { test } from "node:test";

import { A_NOBODY, MAJOR, aPassword, refused, rollbook } from "./harness.mjs";

const instance = rollbook();

async function ada(t) {
  const made = await instance(t);
  const user = await made.users.createUser({
    emailAddress: ["ada@example.com", "ada@work.example.com"],
    phoneNumber: ["+12015550123", "+442071838750"],
    username: "ada_l",
    firstName: "Ada",
    lastName: "Lovelace",
    externalId: "7",
    publicMetadata: { a: { b: 1, c: { d: 2 } }, e: "text" },
    privateMetadata: { kept: true },
  });
  return { ...made, user };
}

test("each field changes", async (t) => {
  const { users, user } = await ada(t);
  const after = await users.updateUser(user.id, {
    firstName: "Augusta",
    lastName: "King",
    username: "countess",
    externalId: "8",
    locale: "de-CH",
    createdAt: new Date("2020-01-02T03:04:05Z"),
    legalAcceptedAt: new Date("2024-05-06T07:08:09Z"),
    primaryEmailAddressID: user.emailAddresses[1].id,
    primaryPhoneNumberID: user.phoneNumbers[1].id,
    notifyPrimaryEmailAddressChanged: false,
    deleteSelfEnabled: false,
    createOrganizationEnabled: false,
    createOrganizationsLimit: 4,
    totpSecret: "JBSWY3DPEHPK3PXP",
    backupCodes: ["kbdnh3wq"],
  });
  assert.deepEqual(
    [after.firstName, after.lastName, after.username, after.externalId, after.locale],
    ["Augusta", "King", "countess", "8", "de-CH"],
  );
  assert.equal(after.createdAt, Date.parse("2020-01-02T03:04:05Z"));
  assert.equal(after.legalAcceptedAt, Date.parse("2024-05-06T07:08:09Z"));
  assert.equal(after.primaryEmailAddress.emailAddress, "ada@work.example.com");
  assert.equal(after.primaryPhoneNumber.phoneNumber, "+442071838750");
  assert.deepEqual(
    [after.deleteSelfEnabled, after.createOrganizationEnabled, after.createOrganizationsLimit],
    [false, false, 4],
  );
  assert.deepEqual([after.totpEnabled, after.backupCodeEnabled], [true, true]);
  assert.deepEqual((await users.getUser(user.id)).raw, after.raw);
});

test("null and an empty username clear", async (t) => {
  const { users, user } = await ada(t);
  const after = await users.updateUser(user.id, { firstName: null, lastName: null, externalId: null, username: "" });
  assert.deepEqual([after.firstName, after.lastName, after.externalId, after.username], [null, null, null, null]);
});

test("no change at all answers the user as it is", async (t) => {
  const { users, user } = await ada(t);
  assert.deepEqual((await users.updateUser(user.id)).raw, user.raw);
  assert.deepEqual((await users.updateUser(user.id, {})).raw, user.raw);
});

test("metadata given to updateUser replaces whole fields", async (t) => {
  const { users, user } = await ada(t);
  const after = await users.updateUser(user.id, { firstName: "Augusta", publicMetadata: { only: { innerKey: 1 } } });
  assert.equal(after.firstName, "Augusta");
  assert.deepEqual(after.publicMetadata, { only: { innerKey: 1 } });
  assert.deepEqual(after.privateMetadata, { kept: true });
  const cleared = await users.updateUser(user.id, { publicMetadata: {} });
  assert.deepEqual(cleared.publicMetadata, {});
});

test("replaceUserMetadata replaces whole fields and keeps null", { skip: MAJOR < 3 }, async (t) => {
  const { users, user } = await ada(t);
  const after = await users.replaceUserMetadata(user.id, { publicMetadata: { kept: null } });
  assert.deepEqual(after.publicMetadata, { kept: null });
  assert.deepEqual(after.privateMetadata, { kept: true });
  await refused(users.replaceUserMetadata(A_NOBODY, { publicMetadata: {} }), 404, [["resource_not_found"]]);
  await refused(users.replaceUserMetadata(user.id, { publicMetadata: "text" }), 422, [
    ["form_param_value_invalid", "public_metadata"],
  ]);
});

test("updateUserMetadata merges deeply and null removes", async (t) => {
  const { users, user } = await ada(t);
  const after = await users.updateUserMetadata(user.id, {
    publicMetadata: { a: { b: null, c: { x: [1, null] } }, f: { gone: null } },
    unsafeMetadata: { theme: "dark" },
  });
  assert.deepEqual(after.publicMetadata, { a: { c: { d: 2, x: [1, null] } }, e: "text", f: {} });
  assert.deepEqual(after.privateMetadata, { kept: true });
  assert.deepEqual(after.unsafeMetadata, { theme: "dark" });
});

test("the order of keys survives a merge", async (t) => {
  const { users, user } = await ada(t);
  await users.updateUserMetadata(user.id, { unsafeMetadata: { zebra: 1, apple: 2, mango: 3 } });
  await users.updateUserMetadata(user.id, { unsafeMetadata: { apple: 5, last: 1 } });
  const kept = (await users.getUser(user.id)).unsafeMetadata;
  assert.deepEqual(Object.keys(kept), ["zebra", "apple", "mango", "last"]);
});

test("metadata over 8 KB is refused", async (t) => {
  const { users, user } = await ada(t);
  const fits = "x".repeat(8192 - '{"k":""}'.length);
  await users.updateUserMetadata(user.id, { unsafeMetadata: { k: fits } });
  const refusal = [["form_param_exceeds_allowed_size", "unsafe_metadata"]];
  await refused(users.updateUserMetadata(user.id, { unsafeMetadata: { k: `${fits}x` } }), 422, refusal);
  await refused(users.updateUser(user.id, { unsafeMetadata: { k: `${fits}x` } }), 422, refusal);
});

test("metadata that is no object is refused", async (t) => {
  const { users, user } = await ada(t);
  await refused(users.updateUserMetadata(user.id, { publicMetadata: [1] }), 422, [
    ["form_param_value_invalid", "public_metadata"],
  ]);
});

test("a primary id that is not the user's is refused", async (t) => {
  const { users, user } = await ada(t);
  await refused(users.updateUser(user.id, { primaryEmailAddressID: user.phoneNumbers[0].id }), 422, [
    ["form_resource_not_found", "primary_email_address_id"],
  ]);
});

test("a taken identifier and malformed fields are refused", async (t) => {
  const { users, user } = await ada(t);
  await users.createUser({ username: "grace_h" });
  await refused(users.updateUser(user.id, { username: "GRACE_H" }), 422, [["form_identifier_exists", "username"]]);
  await refused(users.updateUser(user.id, { username: "a b c d", totpSecret: "1" }), 422, [
    ["form_username_invalid_character", "username"],
    ["invalid_totp_secret_code", "totp_secret"],
  ]);
  assert.deepEqual((await users.getUser(user.id)).raw, user.raw);
});

test("the last identifier cannot be removed", async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({ username: "ada_l" });
  await refused(users.updateUser(user.id, { username: null }), 400, [["identification_deletion_failed", "username"]]);
});

test("a password is changed and verified", async (t) => {
  const { users, user } = await ada(t);
  await refused(users.verifyPassword({ userId: user.id, password: "x" }), 400, [["no_password_set"]]);
  const password = aPassword();
  const after = await users.updateUser(user.id, { password, signOutOfOtherSessions: true });
  assert.equal(after.passwordEnabled, true);
  assert.deepEqual(await users.verifyPassword({ userId: user.id, password }), { verified: true });
  const error = await users.verifyPassword({ userId: user.id, password: "wrong" }).catch((reason) => reason);
  assert.deepEqual([error.status, error.errors[0].code], [422, "incorrect_password"]);
  await refused(users.verifyPassword({ userId: A_NOBODY, password }), 404, [["resource_not_found"]]);
});

test("all problems of a password are told at once", async (t) => {
  const { users, user, configure } = await ada(t);
  await configure({ password_settings: { min_length: 12, require_numbers: true, require_uppercase: true } });
  await refused(users.updateUser(user.id, { password: "qzvkxwjy" }), 422, [
    ["form_password_length_too_short", "password"],
    ["form_password_no_number", "password"],
    ["form_password_no_uppercase", "password"],
  ]);
  await refused(users.createUser({ username: "grace_h", password: "12345678" }), 422, [
    ["form_password_length_too_short", "password"],
    ["form_password_no_uppercase", "password"],
    ["form_password_pwned", "password"],
  ]);
});

test("an unknown user is not found", async (t) => {
  const { users } = await instance(t);
  await refused(users.updateUser(A_NOBODY, { firstName: "Ada" }), 404, [["resource_not_found"]]);
  await refused(users.updateUserMetadata(A_NOBODY, { publicMetadata: {} }), 404, [["resource_not_found"]]);
});
