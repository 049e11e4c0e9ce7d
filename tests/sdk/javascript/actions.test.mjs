// Ban, lock, profile image, and what holds for every call.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { A_NOBODY, refused, rollbook } from "./harness.mjs";

const instance = rollbook();

const CRC_TABLE = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

function png(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc((1 + width * 3) * height));
  const chunk = (kind, data) => {
    const named = Buffer.concat([Buffer.from(kind), data]);
    let crc = 0xffffffff;
    for (const byte of named) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
    const framed = Buffer.alloc(8);
    framed.writeUInt32BE(data.length, 0);
    framed.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
    return Buffer.concat([framed.subarray(0, 4), named, framed.subarray(4)]);
  };
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

async function ada(t) {
  const made = await instance(t);
  const user = await made.users.createUser({ emailAddress: ["ada@example.com"], firstName: "Ada" });
  return { ...made, user };
}

test("a ban shows, is idempotent and can be lifted", async (t) => {
  const { users, user } = await ada(t);
  const banned = await users.banUser(user.id);
  assert.equal(banned.banned, true);
  assert.deepEqual((await users.banUser(user.id)).raw, banned.raw);
  assert.equal((await users.unbanUser(user.id)).banned, false);
  assert.equal((await users.getUser(user.id)).banned, false);
});

test("a lock shows, counts down and can be lifted", async (t) => {
  const { users, user } = await ada(t);
  const locked = await users.lockUser(user.id);
  assert.equal(locked.locked, true);
  const seconds = locked.raw.lockout_expires_in_seconds;
  assert.ok(seconds > 3590 && seconds <= 3600);
  await new Promise((done) => setTimeout(done, 1200));
  assert.ok((await users.getUser(user.id)).raw.lockout_expires_in_seconds < seconds);
  const free = await users.unlockUser(user.id);
  assert.deepEqual([free.locked, free.raw.lockout_expires_in_seconds], [false, null]);
});

test("while lockout is off a lock is refused", async (t) => {
  const { users, user, configure } = await ada(t);
  await configure({ user_lockout: { enabled: false } });
  await refused(users.lockUser(user.id), 403, [["feature_not_enabled"]]);
});

test("no action finds an unknown user", async (t) => {
  const { users } = await instance(t);
  for (const action of ["banUser", "unbanUser", "lockUser", "unlockUser", "deleteUserProfileImage"]) {
    await refused(users[action](A_NOBODY), 404, [["resource_not_found"]]);
  }
  const file = new File([png(2, 2)], "p.png");
  await refused(users.updateUserProfileImage(A_NOBODY, { file }), 404, [["resource_not_found"]]);
});

test("a File and a Blob become the profile image, and it can be deleted", async (t) => {
  const { users, user, base } = await ada(t);
  assert.equal(user.hasImage, false);
  const files = [new File([png(6, 4)], "ada.png", { type: "image/png" }), new Blob([png(8, 4)])];
  for (const file of files) {
    const after = await users.updateUserProfileImage(user.id, { file });
    assert.equal(after.hasImage, true);
    assert.ok(after.imageUrl.startsWith(`${base}/images/`));
    assert.notEqual(after.imageUrl, user.imageUrl);
    const picture = await fetch(after.imageUrl);
    assert.equal(picture.status, 200);
    assert.match(picture.headers.get("content-type"), /^image\/(png|jpeg|gif|webp)$/);
  }
  const bare = await users.deleteUserProfileImage(user.id);
  assert.deepEqual([bare.hasImage, bare.imageUrl], [false, user.imageUrl]);
  assert.deepEqual((await users.deleteUserProfileImage(user.id)).raw, bare.raw);
});

test("what is no picture is refused", async (t) => {
  const { users, user } = await ada(t);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  for (const content of [svg, "text", "", png(9, 9).subarray(0, 40)]) {
    const file = new File([content], "p.png", { type: "image/png" });
    await refused(users.updateUserProfileImage(user.id, { file }), 400, [["request_body_invalid", "file"]]);
  }
  const file = new Blob([png(2, 2), Buffer.alloc(10 * 1024 * 1024)]);
  await refused(users.updateUserProfileImage(user.id, { file }), 413, [["image_too_large"]]);
});

test("a wrong key is refused by every operation", async (t) => {
  const { withKey } = await instance(t);
  const users = withKey("sk_test_wrong");
  const calls = [
    users.getUserList(),
    users.getCount(),
    users.getUser(A_NOBODY),
    users.createUser({ username: "ada_l" }),
    users.updateUser(A_NOBODY, { firstName: "Ada" }),
    users.updateUserMetadata(A_NOBODY, { publicMetadata: {} }),
    users.deleteUser(A_NOBODY),
    users.banUser(A_NOBODY),
    users.unbanUser(A_NOBODY),
    users.lockUser(A_NOBODY),
    users.unlockUser(A_NOBODY),
    users.updateUserProfileImage(A_NOBODY, { file: new Blob([png(2, 2)]) }),
    users.deleteUserProfileImage(A_NOBODY),
    users.verifyPassword({ userId: A_NOBODY, password: "x" }),
  ];
  for (const outcome of await Promise.allSettled(calls)) {
    await refused(Promise.reject(outcome.reason), 401, [["clerk_key_invalid"]]);
  }
});

test("users of another instance are not seen", async (t) => {
  const first = await ada(t);
  const second = await instance(t);
  await refused(second.users.getUser(first.user.id), 404, [["resource_not_found"]]);
  assert.equal(await second.users.getCount(), 0);
});

test("a rate limit says when to come back", async (t) => {
  const { users, user, configure } = await ada(t);
  await configure({ rate_limits: "clerk" });
  const calls = Array.from({ length: 12 }, (_, n) => users.updateUserMetadata(user.id, { publicMetadata: { n } }));
  const refusals = (await Promise.allSettled(calls)).filter(({ status }) => status === "rejected");
  assert.ok(refusals.length >= 2);
  const error = await refused(Promise.reject(refusals[0].reason), 429, [["too_many_requests"]]);
  assert.ok(error.retryAfter >= 1 && error.retryAfter <= 10);
});
