// A better-auth server with its admin plugin on SQLite, filled with users read from standard input.
//
// node better-auth.mjs DATABASE < users.ndjson
// prints one line of JSON when it is ready: {"url", "cookie", "users"}.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";

import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { admin } from "better-auth/plugins";

const [file] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const url = `http://127.0.0.1:${server.address().port}`;

const options = {
  baseURL: url,
  database,
  emailAndPassword: { enabled: true },
  plugins: [admin()],
  rateLimit: { enabled: false },
  secret: randomBytes(32).toString("base64"),
  telemetry: { enabled: false },
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
const auth = betterAuth(options);

// Its own API hashes a password for each user, which would take hours: the same rows by hand.
const insert = database.prepare(
  `INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 1, ?, ?)`,
);
let users = 0;
database.exec("BEGIN");
for await (const line of createInterface({ input: process.stdin })) {
  const user = JSON.parse(line);
  const at = user.created_at;
  const name = `${user.first_name} ${user.last_name}`;
  insert.run(user.external_id, name, user.email_address[0], at, at);
  users += 1;
}
database.exec("COMMIT");

const operator = { name: "Operator", email: "operator@example.com", password: "correct horse battery" };
const signedUp = await auth.api.signUpEmail({ body: operator });
database.prepare("UPDATE user SET role = 'admin' WHERE id = ?").run(signedUp.user.id);
const signedIn = await auth.api.signInEmail({ body: operator, asResponse: true });
const cookie = signedIn.headers.get("set-cookie").split(";")[0];

server.on("request", toNodeHandler(auth));
console.log(JSON.stringify({ url, cookie, users }));
