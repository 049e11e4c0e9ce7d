// What an application changes of its instance, and whom the lists let in.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, rollbook } from "./harness.mjs";

const instance = rollbook();

test("the instance is read and changed", async (t) => {
  const { clerk } = await instance(t);
  await clerk.instance.update({ testMode: false, supportEmail: "help@example.com", allowedOrigins: ["x://y"] });
  assert.deepEqual((await clerk.instance.get()).allowedOrigins, ["x://y"]);
  const changed = await clerk.instance.updateOrganizationSettings({ maxAllowedMemberships: 7 });
  assert.deepEqual([changed.enabled, changed.maxAllowedMemberships], [true, 7]);
});

test("the allow-list admits", async (t) => {
  const { clerk, users } = await instance(t);
  const list = clerk.allowlistIdentifiers;
  const entry = await list.createAllowlistIdentifier({ identifier: "*@example.com", notify: false });
  const page = await list.getAllowlistIdentifierList({ limit: 5 });
  assert.deepEqual([page.totalCount, page.data], [1, [entry]]);
  assert.equal((await clerk.instance.updateRestrictions({ allowlist: true })).allowlist, true);
  await users.createUser({ emailAddress: ["ada@example.com"] });
  await refused(users.createUser({ emailAddress: ["eve@example.org"] }), 403, [
    ["not_allowed_access", "email_address"],
  ]);
  assert.equal((await list.deleteAllowlistIdentifier(entry.id)).id, entry.id);
});

test("the block-list refuses", async (t) => {
  const { clerk, users } = await instance(t);
  const list = clerk.blocklistIdentifiers;
  const entry = await list.createBlocklistIdentifier({ identifier: "eve@example.com" });
  const page = await list.getBlocklistIdentifierList();
  assert.deepEqual([page.totalCount, page.data], [1, [entry]]);
  await clerk.instance.updateRestrictions({ blocklist: true });
  await refused(users.createUser({ emailAddress: ["eve@example.com"] }), 403, [
    ["not_allowed_access", "email_address"],
  ]);
  assert.equal((await list.deleteBlocklistIdentifier(entry.id)).id, entry.id);
  await users.createUser({ emailAddress: ["eve@example.com"] });
});
