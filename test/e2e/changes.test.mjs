// The changes API, through the clients.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import WebSocket from "ws";

import { forEachClient, openStore, raw, save, User } from "./clients.mjs";
import { Server, tempDir, within } from "./server.mjs";

// observe subscribes, waits until the server has confirmed it, and gathers what comes; until(n) waits for n changes.
async function observe(observable) {
  const list = [];
  let wake = () => {};
  const on = (change) => { list.push(change); wake(); };
  observable.on("data", on);
  await within(5000, "the confirmation", observable.ensureSubscribedNow());
  return {
    list,
    stop: () => observable.off("data", on),
    async until(n) {
      while (list.length < n) await within(5000, `${n} changes, not ${list.length}`, new Promise((resolve) => { wake = resolve; }));
      return list.map(({ type, id }) => `${type} ${id}`);
    },
  };
}

// connected opens the changes of a store, which end with the test.
async function connected(t, store) {
  const changes = store.changes();
  t.after(() => changes.dispose());
  changes.on("error", () => {}); // a connection that broke is opened anew
  await within(5000, "the connection", changes.ensureConnectedNow());
  return changes;
}

forEachClient((client, fresh) => {
  test("tells of documents by id, prefix, collection, and of all", async (t) => {
    const store = await fresh(t);
    const changes = await connected(t, store);
    const one = await observe(changes.forDocument("users/1"));
    const prefix = await observe(changes.forDocumentsStartingWith("users/1"));
    const collection = await observe(changes.forDocumentsInCollection("users"));
    const all = await observe(changes.forAllDocuments());
    await save(store, { "users/1": new User({ name: "Ada" }) });
    await save(store, { "users/10": new User({ name: "Grace" }), "users/2": new User({ name: "Barbara" }), "things/1": { a: 1 } });
    const session = store.openSession();
    await session.delete("users/1");
    await session.saveChanges();

    assert.deepEqual(await all.until(5), ["Put users/1", "Put users/10", "Put users/2", "Put things/1", "Delete users/1"]);
    assert.deepEqual(await one.until(2), ["Put users/1", "Delete users/1"]);
    assert.deepEqual(await prefix.until(3), ["Put users/1", "Put users/10", "Delete users/1"]);
    assert.deepEqual(await collection.until(4), ["Put users/1", "Put users/10", "Put users/2", "Delete users/1"]);
    assert.match(all.list[0].changeVector, /^A:\d+-/);
    assert.equal(all.list[0].collectionName, "Users");
  });

  test("tells nothing after the end of a watch", async (t) => {
    const store = await fresh(t);
    const changes = await connected(t, store);
    const one = await observe(changes.forDocument("users/1"));
    const all = await observe(changes.forAllDocuments());
    await save(store, { "users/1": new User({}) });
    await one.until(1);
    one.stop();
    const again = await observe(changes.forDocument("users/3")); // confirmed after the end of the other
    await save(store, { "users/1": new User({}), "users/3": new User({}) });
    assert.deepEqual(await again.until(1), ["Put users/3"]);
    assert.equal((await all.until(3)).length, 3);
    assert.equal(one.list.length, 1);
  });

  test("accepts watches of indexes, counters, time series and operations", async (t) => {
    const store = await fresh(t);
    const changes = await connected(t, store);
    for (const observable of [
      changes.forAllIndexes(), changes.forIndex("Users/ByName"), changes.forAllOperations(), changes.forOperationId(7),
      changes.forAllCounters(), changes.forCounter("likes"), changes.forCounterOfDocument("users/1", "likes"), changes.forCountersOfDocument("users/1"),
      changes.forAllTimeSeries(), changes.forTimeSeries("HR"), changes.forTimeSeriesOfDocument("users/1", "HR"), changes.forTimeSeriesOfDocument("users/1"),
    ]) await observe(observable);
  });

  test("connects again after a restart, and watches what was watched", async (t) => {
    const dir = tempDir(t);
    let server = await Server.start(t, [`--DataDir=${dir}`]);
    const { port } = new URL(server.url);
    const store = await fresh(t, server.url);
    const changes = await connected(t, store);
    const users = await observe(changes.forDocumentsInCollection("Users"));
    await save(store, { "users/1": new User({}) });
    await users.until(1);
    assert.deepEqual(await server.askToStop(), { code: 0, signal: null });
    server = await Server.start(t, [`--DataDir=${dir}`, `--ServerUrl=http://127.0.0.1:${port}`]);
    // The client comes back after a second or more, and says when; a write before that is not told.
    let n = 1;
    while (users.list.length < 2 && n < 100) {
      await save(openStore(t, client, server.url, store.database), { [`users/${++n}`]: new User({}) });
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    assert.ok(users.list.length > 1, "nothing was told after the restart");
    assert.match(users.list[1].id, /^users\//);
  });
});

test("refuses a database that is missing, and ends with one that is deleted", async (t) => {
  const { url } = await Server.start(t);
  const missing = new WebSocket(`${url.replace("http", "ws")}/databases/none/changes`);
  const [, response] = await within(5000, "the refusal", once(missing, "unexpected-response"));
  assert.equal(response.statusCode, 503);
  assert.equal(response.headers["database-missing"], "none");
  response.destroy();
  await raw(url, "/admin/databases?name=shop", { method: "PUT", body: { DatabaseName: "shop" } });
  const socket = new WebSocket(`${url.replace("http", "ws")}/databases/shop/changes`);
  const closed = once(socket, "close");
  await within(5000, "the connection", once(socket, "open"));
  await raw(url, "/admin/databases", { method: "DELETE", body: { DatabaseNames: ["shop"], HardDelete: true } });
  const [code, reason] = await within(5000, "the end", closed);
  assert.equal(code, 1001);
  assert.match(String(reason), /closed/);
});
