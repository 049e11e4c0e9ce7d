// Create, get and delete.

import assert from "node:assert/strict";
import { test } from "node:test";

import { A_NOBODY, MAJOR, aPassword, refused, rollbook } from "./harness.mjs";

const instance = rollbook();
const BCRYPT_DIGEST = "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2";

test("an email address alone makes a user", async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({ emailAddress: ["Ada@Example.com"] });

  assert.match(user.id, /^user_[0-9A-Za-z]{27}$/);
  assert.equal(user.emailAddresses[0].emailAddress, "ada@example.com");
  assert.equal(user.emailAddresses[0].verification.status, "verified");
  assert.equal(user.emailAddresses[0].verification.strategy, "admin");
  assert.deepEqual(user.emailAddresses[0].linkedTo, []);
  assert.equal(user.primaryEmailAddress.emailAddress, "ada@example.com");
  assert.equal(user.lastSignInAt, null);
  assert.equal(user.hasImage, false);
  assert.deepEqual(user.publicMetadata, {});
  assert.deepEqual((await users.getUser(user.id)).raw, user.raw);
});

test("every field that the SDK offers is kept", async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({
    externalId: "employee-7",
    emailAddress: ["ada@example.com", "ada@work.example.com"],
    phoneNumber: ["+12015550123"],
    username: "ada_l",
    password: aPassword(),
    firstName: "Ada",
    lastName: "Lovelace",
    locale: "en-GB",
    skipPasswordChecks: false,
    skipPasswordRequirement: false,
    skipLegalChecks: true,
    totpSecret: "JBSWY3DPEHPK3PXP",
    backupCodes: ["kbdnh3wq", "mz4ypu7c"],
    createdAt: new Date("2020-01-02T03:04:05.678Z"),
    publicMetadata: { camelCase: { innerKey: 1 } },
    privateMetadata: { salary: 1 },
    unsafeMetadata: { theme: ["dark", null] },
  });

  assert.deepEqual(
    [user.externalId, user.username, user.firstName, user.lastName, user.fullName, user.locale],
    ["employee-7", "ada_l", "Ada", "Lovelace", "Ada Lovelace", "en-GB"],
  );
  assert.equal(user.emailAddresses.length, 2);
  assert.equal(user.primaryPhoneNumber.phoneNumber, "+12015550123");
  assert.deepEqual(
    [user.passwordEnabled, user.totpEnabled, user.backupCodeEnabled, user.twoFactorEnabled],
    [true, true, true, true],
  );
  assert.equal(user.createdAt, Date.parse("2020-01-02T03:04:05.678Z"));
  assert.deepEqual(user.publicMetadata, { camelCase: { innerKey: 1 } });
  assert.deepEqual(user.privateMetadata, { salary: 1 });
  assert.deepEqual(user.unsafeMetadata, { theme: ["dark", null] });
});

test("legal consent is a time", async (t) => {
  const { users, configure } = await instance(t);
  await configure({ sign_up: { legal_consent_enabled: true } });
  const user = await users.createUser({ username: "ada_l", legalAcceptedAt: new Date(1714979289000) });
  assert.equal(user.legalAcceptedAt, 1714979289000);
});

test("a digest made elsewhere is taken", async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({
    username: "ada_l",
    passwordDigest: BCRYPT_DIGEST,
    passwordHasher: "bcrypt",
  });
  assert.equal(user.passwordEnabled, true);
});

test("a user can be created banned and locked", { skip: MAJOR < 3 }, async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({ username: "ada_l", banned: true, locked: true });
  assert.deepEqual([user.banned, user.locked], [true, true]);
});

test("a reserved address is not verified", { skip: MAJOR < 3 }, async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({
    emailAddress: ["a@example.com", "b@example.com"],
    emailAddressIdentificationStatus: ["verified", "reserved"],
  });
  assert.equal(user.emailAddresses[0].verification.status, "verified");
  assert.notEqual(user.emailAddresses[1].verification?.status, "verified");
  await refused(
    users.createUser({ emailAddress: ["c@example.com"], emailAddressIdentificationStatus: ["verified", "verified"] }),
    422,
    [["form_param_array_length_mismatch", "email_address_identification_status"]],
  );
});

test("taken identifiers are all told", async (t) => {
  const { users } = await instance(t);
  const fields = { emailAddress: ["ada@example.com"], phoneNumber: ["+12015550123"], username: "ada_l", externalId: "7" };
  await users.createUser(fields);
  await refused(users.createUser({ ...fields, emailAddress: ["ADA@example.com"] }), 422, [
    ["form_identifier_exists", "email_address"],
    ["form_identifier_exists", "phone_number"],
    ["form_identifier_exists", "username"],
    ["form_identifier_exists", "external_id"],
  ]);
  assert.equal(await users.getCount(), 1);
});

test("of two concurrent creates of one email exactly one succeeds", async (t) => {
  const { users } = await instance(t);
  const calls = Array.from({ length: 8 }, () => users.createUser({ emailAddress: ["ada@example.com"] }));
  const outcomes = await Promise.allSettled(calls);
  assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  for (const { reason } of outcomes.filter(({ status }) => status === "rejected")) {
    await refused(Promise.reject(reason), 422, [["form_identifier_exists", "email_address"]]);
  }
  assert.equal(await users.getCount(), 1);
});

test("malformed fields are all told", async (t) => {
  const { users } = await instance(t);
  const call = users.createUser({ emailAddress: ["nonsense"], phoneNumber: ["12"], username: "a b c d", totpSecret: "1" });
  await refused(call, 422, [
    ["form_param_format_invalid", "email_address"],
    ["form_param_format_invalid", "phone_number"],
    ["form_username_invalid_character", "username"],
    ["invalid_totp_secret_code", "totp_secret"],
  ]);
});

test("a user without any identifier is refused", async (t) => {
  const { users } = await instance(t);
  await refused(users.createUser({ firstName: "Ada" }), 422, [["form_data_missing"]]);
});

test("a create without any parameter is refused", async (t) => {
  const { users } = await instance(t);
  const error = await users.createUser({}).catch((reason) => reason);
  assert.ok([400, 422].includes(error.status));
});

test("an unknown parameter is refused by name", async (t) => {
  const { users } = await instance(t);
  await refused(users.createUser({ username: "ada_l", shoeSize: 43 }), 422, [["form_param_unknown", "shoe_size"]]);
});

test("a switched-off attribute is unknown", async (t) => {
  const { users, configure } = await instance(t);
  await configure({ attributes: { phone_number: { enabled: false } } });
  await refused(users.createUser({ username: "ada_l", phoneNumber: ["+12015550123"] }), 422, [
    ["form_param_unknown", "phone_number"],
  ]);
});

test("the user limit refuses one more", async (t) => {
  const { users, configure } = await instance(t);
  await configure({ user_limit: 1 });
  await users.createUser({ username: "ada_l" });
  await refused(users.createUser({ username: "grace_h" }), 403, [["user_quota_exceeded"]]);
});

test("an unknown user is not found", async (t) => {
  const { users } = await instance(t);
  await refused(users.getUser(A_NOBODY), 404, [["resource_not_found"]]);
  await refused(users.getUser("usr_1"), 404, [["resource_not_found"]]);
});

test("deleting answers what was deleted, once", async (t) => {
  const { users } = await instance(t);
  const user = await users.createUser({ emailAddress: ["ada@example.com"], externalId: "7" });
  const gone = await users.deleteUser(user.id);
  assert.deepEqual([gone.object, gone.id, gone.deleted], ["user", user.id, true]);
  await refused(users.deleteUser(user.id), 404, [["resource_not_found"]]);
  await refused(users.getUser(user.id), 404, [["resource_not_found"]]);
  assert.notEqual((await users.createUser({ emailAddress: ["ada@example.com"], externalId: "7" })).id, user.id);
});
