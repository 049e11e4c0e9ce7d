// Second factors: the codes of a real authenticator library, backup codes, and taking both away.

import assert from "node:assert/strict";
import { test } from "node:test";

import { A_NOBODY, Secret, TOTP, refused, rollbook } from "./harness.mjs";

const instance = rollbook();

const STEP_MS = 30_000;
const INCORRECT = [["totp_incorrect_code", "code"]];

async function ada(t) {
  const made = await instance(t);
  const secret = new Secret({ size: 20 });
  const user = await made.users.createUser({
    emailAddress: ["ada@example.com"],
    totpSecret: secret.base32,
    backupCodes: ["kbdnh3wq", "mz4ypu7c"],
  });
  const verify = (code) => made.users.verifyTOTP({ userId: user.id, code });
  return { ...made, user, verify, app: new TOTP({ secret }) };
}

function flags(user) {
  return [user.twoFactorEnabled, user.totpEnabled, user.backupCodeEnabled];
}

test("the code of an authenticator app is right once", async (t) => {
  const { users, user, verify, app } = await ada(t);
  const code = app.generate();
  assert.deepEqual(await verify(code), { verified: true, code_type: "totp" });
  await refused(verify(code), 422, INCORRECT);
  assert.deepEqual((await users.getUser(user.id)).raw, user.raw);
});

test("the next code is right already, and one of another time is not", async (t) => {
  const { verify, app } = await ada(t);
  const timestamp = Date.now() + STEP_MS;
  assert.equal((await verify(app.generate({ timestamp }))).code_type, "totp");
  for (const steps of [-10, 10]) {
    await refused(verify(app.generate({ timestamp: Date.now() + steps * STEP_MS })), 422, INCORRECT);
  }
});

test("of calls with the same code at once one succeeds", async (t) => {
  const { verify, app } = await ada(t);
  for (const code of [app.generate(), "kbdnh3wq"]) {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => verify(code)));
    const refusals = outcomes.filter(({ status }) => status === "rejected");
    assert.equal(refusals.length, 7);
    for (const { reason } of refusals) await refused(Promise.reject(reason), 422, INCORRECT);
  }
});

test("backup codes are consumed until there are none", async (t) => {
  const { users, user, verify } = await ada(t);
  assert.deepEqual(flags(user), [true, true, true]);
  for (const [code, left] of [["mz4ypu7c", true], ["kbdnh3wq", false]]) {
    assert.deepEqual(await verify(code), { verified: true, code_type: "backup_code" });
    await assert.rejects(verify(code));
    assert.deepEqual(flags(await users.getUser(user.id)), [true, true, left]);
  }
  await refused(verify("kbdnh3wq"), 422, [["totp_invalid_length", "code"]]);
});

test("a user without an app is told so, and an unknown one is not found", async (t) => {
  const { users } = await instance(t);
  const { id: userId } = await users.createUser({ username: "ada_l" });
  await refused(users.verifyTOTP({ userId, code: "123456" }), 400, [["totp_disabled"]]);
  await refused(users.verifyTOTP({ userId: A_NOBODY, code: "123456" }), 404, [["resource_not_found"]]);
  for (const operation of ["disableUserMFA", "deleteUserBackupCodes", "deleteUserTOTP"]) {
    await refused(users[operation](A_NOBODY), 404, [["resource_not_found"]]);
  }
});

test("MFA is disabled all at once", async (t) => {
  const { users, user, verify, app } = await ada(t);
  assert.deepEqual({ ...(await users.disableUserMFA(user.id)) }, idOf(user));
  const after = await users.getUser(user.id);
  assert.deepEqual(flags(after), [false, false, false]);
  assert.equal(after.raw.mfa_enabled_at, user.raw.mfa_enabled_at);
  assert.ok(after.raw.mfa_disabled_at >= user.raw.mfa_enabled_at);
  await refused(verify(app.generate()), 400, [["totp_disabled"]]);
  await users.disableUserMFA(user.id);
  assert.deepEqual((await users.getUser(user.id)).raw, after.raw);
});

test("the backup codes go and the app stays; the app goes and takes the codes along", async (t) => {
  const { users, user } = await ada(t);
  assert.deepEqual({ ...(await users.deleteUserBackupCodes(user.id)) }, idOf(user));
  assert.deepEqual(flags(await users.getUser(user.id)), [true, true, false]);
  await users.updateUser(user.id, { backupCodes: ["a new one"] });
  assert.deepEqual({ ...(await users.deleteUserTOTP(user.id)) }, idOf(user));
  const after = await users.getUser(user.id);
  assert.deepEqual(flags(after), [false, false, false]);
  assert.ok(after.raw.mfa_disabled_at >= user.raw.mfa_enabled_at);
});

// What the SDK has no class for it hands on as it came.
function idOf(user) {
  return { user_id: user.id };
}
