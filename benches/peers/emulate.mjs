// The Clerk service of emulate, filled with users read from standard input.
//
// node emulate.mjs < users.ndjson
// prints one line of JSON when it is ready: {"url", "users"}.
import { createInterface } from "node:readline";
import { createServer } from "node:net";

import { createEmulator } from "emulate";

const users = [];
for await (const line of createInterface({ input: process.stdin })) {
  const { first_name, last_name, email_address } = JSON.parse(line);
  users.push({ first_name, last_name, email_addresses: email_address });
}

const probe = createServer();
await new Promise((ready) => probe.listen(0, "127.0.0.1", ready));
const { port } = probe.address();
await new Promise((closed) => probe.close(closed));

await createEmulator({ service: "clerk", port, seed: { clerk: { users } } });
console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, users: users.length }));
