// The official clients under test, and what every test does with them.

import { describe } from "node:test";

import * as client5 from "ravendb-5";
import * as client7 from "ravendb-7";

import { Server } from "./server.mjs";

const CLIENTS = [
  { name: "client 5.4.3", client: client5 },
  { name: "client 7.2.6", client: client7 },
];

export class User {
  constructor(fields) { Object.assign(this, fields); }
}

export class Order {
  constructor(fields) { Object.assign(this, fields); }
}

let databases = 0;

// forEachClient declares a suite for each client. In it, fresh(t) gives a store with an empty database of its own.
export function forEachClient(declare) {
  for (const { name, client } of CLIENTS) {
    describe(name, { timeout: 120_000 }, () => {
      declare(client, (t, url) => freshStore(t, client, url));
    });
  }
}

// freshStore opens a store on a new database, on the server at url or on one in memory that lives as long as the test.
async function freshStore(t, client, url) {
  url ??= (await Server.start(t)).url;
  const database = `e2e-${process.pid}-${++databases}`;
  const store = openStore(t, client, url, database);
  await store.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: database }));
  return store;
}

// openStore opens a store on a database that may exist or not.
export function openStore(t, client, url, database) {
  const store = new client.DocumentStore(url, database);
  store.initialize();
  t.after(() => store.dispose());
  return store;
}

// save stores each value of entities under its key, in one session.
export async function save(store, entities) {
  const session = store.openSession();
  for (const [id, entity] of Object.entries(entities)) await session.store(entity, id);
  await session.saveChanges();
}

// raw sends one request without a client, and returns status, headers and JSON.
export async function raw(url, path, { method = "GET", body, headers } = {}) {
  const response = await fetch(url + path, {
    method,
    headers,
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  let json = null;
  try { json = JSON.parse(text); } catch { /* empty, or not JSON: text says */ }
  return { status: response.status, headers: response.headers, text, json };
}
