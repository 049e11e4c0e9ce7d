// Addresses and numbers of a user, each by its own id.

import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, rollbook } from "./harness.mjs";

const instance = rollbook();

test("an address is created, read, changed and deleted", async (t) => {
  const { clerk, users } = await instance(t);
  const { id: userId } = await users.createUser({ username: "ada_l" });
  const first = await clerk.emailAddresses.createEmailAddress({ userId, emailAddress: "Ada@Example.com" });
  assert.deepEqual([first.emailAddress, first.verification], ["ada@example.com", null]);
  const second = { userId, emailAddress: "b@example.com", verified: true, primary: true };
  const { id: secondId } = await clerk.emailAddresses.createEmailAddress(second);
  assert.equal((await users.getUser(userId)).primaryEmailAddressId, secondId);
  await refused(clerk.emailAddresses.updateEmailAddress(first.id, { primary: true }), 422, [
    ["form_verification_needed", "primary"],
  ]);
  const changed = await clerk.emailAddresses.updateEmailAddress(first.id, { verified: true, primary: true });
  assert.equal(changed.verification.status, "verified");
  assert.deepEqual(await clerk.emailAddresses.getEmailAddress(first.id), changed);
  assert.equal((await clerk.emailAddresses.deleteEmailAddress(first.id)).id, first.id);
  assert.equal((await users.getUser(userId)).primaryEmailAddressId, secondId);
  await refused(clerk.emailAddresses.getEmailAddress(first.id), 404, [["resource_not_found"]]);
});

test("a number is created, read, changed and deleted", async (t) => {
  const { clerk, users } = await instance(t);
  const { id: userId } = await users.createUser({ username: "ada_l" });
  const made = await clerk.phoneNumbers.createPhoneNumber({
    userId,
    phoneNumber: "+12025550101",
    verified: true,
    reservedForSecondFactor: true,
  });
  assert.deepEqual([made.phoneNumber, made.defaultSecondFactor], ["+12025550101", true]);
  const changed = await clerk.phoneNumbers.updatePhoneNumber(made.id, { reservedForSecondFactor: false });
  assert.deepEqual(await clerk.phoneNumbers.getPhoneNumber(made.id), changed);
  assert.equal((await users.getUser(userId)).twoFactorEnabled, false);
  assert.equal((await clerk.phoneNumbers.deletePhoneNumber(made.id)).id, made.id);
  await refused(clerk.phoneNumbers.getPhoneNumber(made.id), 404, [["resource_not_found"]]);
});

test("a wallet is deleted", async (t) => {
  const { users } = await instance(t);
  const made = await users.createUser({ username: "ada_l", web3Wallet: ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"] });
  await users.deleteUserWeb3Wallet({ userId: made.id, web3WalletIdentificationId: made.web3Wallets[0].id });
  assert.deepEqual((await users.getUser(made.id)).web3Wallets, []);
});
