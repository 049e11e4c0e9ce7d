// One Rollbook server for each test file, one instance for each test, the SDK in front of it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";

const READY_WITHIN_MS = 30_000;
const installed = createRequire(join(resolve(required("ROLLBOOK_SDK_DIR")), "package.json"));

recordExchanges();

// Only now: the SDK takes hold of `fetch` when it is loaded.
const { createClerkClient, verifyToken } = installed("@clerk/backend");
const { isClerkAPIResponseError } = installed("@clerk/shared/error");

recordLacks();

/** What believes a session token, or does not. */
export { verifyToken };

/** What receivers of webhooks verify them with. */
export const { verifyWebhook } = installed("@clerk/backend/webhooks");

/** What an authenticator app is made of. */
export const { Secret, TOTP } = installed("otpauth");

/** The major version of the SDK under test. */
export const MAJOR = Number(installed("@clerk/backend/package.json").version.split(".")[0]);

/** An id of the right form that nobody has. */
export const A_NOBODY = "user_34OkW3rUlQGlAzCORHT4DHFLqcc";

/** Starts a server around the tests of the calling file; the answer makes an instance for a test. */
export function rollbook() {
  let server;
  before(async () => {
    server = await start();
  });
  after(async () => {
    assert.equal(await server.stop(), 0, "the server must end cleanly when told to");
  });
  return async (t) => {
    const { id, secret_key: secretKey } = await admin(server, "POST", "/instances", { name: "sdk test" });
    t.after(() => admin(server, "DELETE", `/instances/${id}`));
    return {
      base: server.base,
      secretKey,
      clerk: createClerkClient({ secretKey, apiUrl: server.base }),
      users: usersOf(server, secretKey),
      withKey: (key) => usersOf(server, key),
      configure: (settings) => admin(server, "PATCH", `/instances/${id}/settings`, settings),
      operate: (method, path, body) => operate(server, method, `/instances/${id}${path}`, body),
      attachExternalAccount: (userId, account) =>
        admin(server, "POST", `/instances/${id}/users/${userId}/external_accounts`, account),
    };
  };
}

/** Waits for a refusal and checks it: its status, and the `[code, paramName]` pair of each of its errors. */
export async function refused(call, status, pairs) {
  const error = await call.then(
    () => assert.fail("the call was not refused"),
    (reason) => reason,
  );
  assert.ok(isClerkAPIResponseError(error), String(error));
  assert.equal(error.status, status, JSON.stringify(error.errors));
  assert.match(error.clerkTraceId, /^[0-9a-f]{32}$/);
  for (const each of error.errors) {
    assert.equal(typeof each.message, "string");
    assert.equal(typeof each.longMessage, "string");
  }
  assert.deepEqual(error.errors.map(pairOf).sort(), [...pairs].sort());
  return error;
}

/** A password that no breach list holds. */
export function aPassword() {
  return `Tq7!${randomBytes(8).toString("hex")}`;
}

function pairOf(error) {
  const name = error.meta?.paramName;
  return name === undefined ? [error.code] : [error.code, name];
}

function usersOf(server, secretKey) {
  return createClerkClient({ secretKey, apiUrl: server.base }).users;
}

async function admin(server, method, path, body) {
  const answer = await operate(server, method, path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function operate(server, method, path, body) {
  const answer = await fetch(`${server.base}/admin/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${server.token}`, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function start() {
  const folder = mkdtempSync(join(tmpdir(), "rollbook-sdk-"));
  const database = await makeDatabase(folder);
  const token = randomBytes(32).toString("base64url");
  const log = join(folder, "server.log");
  const clean = Object.entries(process.env).filter(([name]) => !/^(ROLLBOOK|CLERK)_/.test(name));
  const child = spawn(
    resolve(required("ROLLBOOK_BIN")),
    ["serve", "--listen", "127.0.0.1:0", "--data-dir", join(folder, "data"), "--database", database.url],
    {
      cwd: folder,
      env: { ...Object.fromEntries(clean), ROLLBOOK_ADMIN_TOKEN: token, ROLLBOOK_WEBHOOKS_ALLOW_PRIVATE: "true" },
      stdio: ["ignore", "pipe", openSync(log, "w")],
    },
  );
  const ended = new Promise((done) => child.once("exit", (code) => done(code)));
  const printed = await printedWhenReady(child, ended).catch((error) => {
    child.kill("SIGKILL");
    throw new Error(`${error.message}\n${readFileSync(log, "utf8").slice(-4000)}`);
  });
  return {
    base: printed.CLERK_API_URL,
    token,
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      const code = await ended;
      clearTimeout(timer);
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

function printedWhenReady(child, ended) {
  return new Promise((done, fail) => {
    const printed = {};
    const timer = setTimeout(() => fail(new Error("the server was not ready in time")), READY_WITHIN_MS);
    child.once("error", fail);
    ended.then((code) => fail(new Error(`the server ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [name, value] = line.split(/=(.*)/s);
      printed[name] = value;
      if (printed.CLERK_API_URL && printed.CLERK_SECRET_KEY) {
        clearTimeout(timer);
        done(printed);
      }
    });
  });
}

async function makeDatabase(folder) {
  const engine = process.env.ROLLBOOK_TEST_ENGINE ?? "sqlite";
  if (engine === "sqlite") {
    return { url: `sqlite:${join(folder, "rollbook.db")}`, drop: async () => {} };
  }
  assert.equal(engine, "postgres", "ROLLBOOK_TEST_ENGINE is neither sqlite nor postgres");
  const cluster = required("ROLLBOOK_TEST_POSTGRES");
  const name = `rollbook_sdk_${randomBytes(6).toString("hex")}`;
  const run = async (statement) => {
    const client = new (installed("pg").Client)({ connectionString: cluster });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await run(`CREATE DATABASE "${name}"`);
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`) };
}

/** Writes what passes through `fetch` to `ROLLBOOK_EXCHANGES`, where the contract is checked. */
function recordExchanges() {
  const file = process.env.ROLLBOOK_EXCHANGES;
  if (!file) return;
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init = {}) => {
    const response = await original(input, init);
    const copy = await response.clone().text();
    const record = {
      method: init.method ?? "GET",
      url: String(input),
      request_headers: Object.fromEntries(new Headers(init.headers)),
      request_body: typeof init.body === "string" ? init.body : null,
      status: response.status,
      response_headers: Object.fromEntries(response.headers),
      response_body: copy,
    };
    appendFileSync(file, `${JSON.stringify(record)}\n`);
    return response;
  };
}

/** Writes which of the 28 user operations the SDK has no method for, beside the exchanges. */
function recordLacks() {
  const file = process.env.ROLLBOOK_EXCHANGES;
  if (!file) return;
  const clerk = createClerkClient({ secretKey: "sk_test_none" });
  const methods = {
    list: clerk.users.getUserList,
    create: clerk.users.createUser,
    count: clerk.users.getCount,
    get: clerk.users.getUser,
    update: clerk.users.updateUser,
    delete: clerk.users.deleteUser,
    ban: clerk.users.banUser,
    unban: clerk.users.unbanUser,
    bulk_ban: clerk.users.bulkBanUsers ?? clerk.users.banUsers,
    bulk_unban: clerk.users.bulkUnbanUsers ?? clerk.users.unbanUsers,
    lock: clerk.users.lockUser,
    unlock: clerk.users.unlockUser,
    set_profile_image: clerk.users.updateUserProfileImage,
    delete_profile_image: clerk.users.deleteUserProfileImage,
    update_metadata: clerk.users.updateUserMetadata,
    get_billing_subscription: clerk.billing?.getUserBillingSubscription,
    get_o_auth_access_token: clerk.users.getUserOauthAccessToken,
    get_organization_memberships: clerk.users.getOrganizationMembershipList,
    get_organization_invitations: clerk.users.getOrganizationInvitationList,
    verify_password: clerk.users.verifyPassword,
    verify_totp: clerk.users.verifyTOTP,
    disable_mfa: clerk.users.disableUserMFA,
    delete_backup_codes: clerk.users.deleteUserBackupCodes,
    delete_passkey: clerk.users.deleteUserPasskey,
    delete_web3_wallet: clerk.users.deleteUserWeb3Wallet,
    delete_totp: clerk.users.deleteUserTOTP,
    delete_external_account: clerk.users.deleteUserExternalAccount,
    get_instance_organization_memberships: clerk.organizations.getInstanceOrganizationMembershipList,
  };
  const lacks = Object.keys(methods).filter((operation) => methods[operation] === undefined);
  appendFileSync(file, `${JSON.stringify({ lacks })}\n`);
}

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
