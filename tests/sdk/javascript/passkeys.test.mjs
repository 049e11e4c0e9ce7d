// Passkeys of a user, which the Backend API only takes away.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";

import { refused, rollbook } from "./harness.mjs";

const instance = rollbook();

/** A new public key as an authenticator gives it: COSE, ES256. */
function coseKey() {
  const { x, y } = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" });
  const parts = [Buffer.from("a5010203262001215820", "hex"), Buffer.from(x, "base64url")];
  return Buffer.concat([...parts, Buffer.from("225820", "hex"), Buffer.from(y, "base64url")]).toString("base64url");
}

test("a passkey is shown, and deleted once", async (t) => {
  const { users, configure, operate } = await instance(t);
  await configure({ passkeys: { rp_id: "example.com", origins: ["https://example.com"] } });
  const { id: userId } = await users.createUser({ username: "ada_l" });
  const credentialId = Buffer.from("credential-id-01").toString("base64url");
  const body = { name: "Laptop", counter: 0, credential_id: credentialId, public_key: coseKey() };
  const imported = await operate("POST", `/users/${userId}/passkeys`, body);
  assert.equal(imported.status, 200, JSON.stringify(imported.body));
  const [passkey] = (await users.getUser(userId)).raw.passkeys;
  assert.equal(passkey.name, "Laptop");
  const remove = () => users.deleteUserPasskey({ userId, passkeyIdentificationId: passkey.id });
  const deleted = await remove();
  assert.deepEqual([deleted.object, deleted.id, deleted.deleted], ["passkey", passkey.id, true]);
  assert.deepEqual((await users.getUser(userId)).raw.passkeys, []);
  await refused(remove(), 404, [["passkey_not_registered"]]);
});
