// Compare-exchange values and identities, through the clients' operations and sessions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachClient, raw, User } from "./clients.mjs";
import { Server } from "./server.mjs";

forEachClient((client, fresh) => {
  const put = (store, key, value, index, metadata) =>
    store.operations.send(new client.PutCompareExchangeValueOperation(key, value, index, metadata));
  const get = (store, key, clazz) => store.operations.send(new client.GetCompareExchangeValueOperation(key, clazz));

  test("puts, gets, replaces and deletes a value by its index", async (t) => {
    const store = await fresh(t);
    const first = await put(store, "emails/a b+c", { name: "Ada", n: 1.5 }, 0);
    assert.ok(first.successful && first.index > 0);
    const clash = await put(store, "emails/a b+c", { name: "Eve" }, 0);
    assert.equal(clash.successful, false);
    assert.equal(clash.index, first.index);
    assert.equal(clash.value.name, "Ada");
    const second = await put(store, "emails/a b+c", { name: "Grace" }, first.index);
    assert.ok(second.successful && second.index > first.index);
    const got = await get(store, "emails/a b+c");
    assert.equal(got.value.name, "Grace");
    assert.equal(got.index, second.index);
    const late = await store.operations.send(new client.DeleteCompareExchangeValueOperation("emails/a b+c", first.index));
    assert.equal(late.successful, false);
    const gone = await store.operations.send(new client.DeleteCompareExchangeValueOperation("emails/a b+c", second.index));
    assert.equal(gone.successful, true);
    assert.equal(await get(store, "emails/a b+c"), null);
    const missing = await store.operations.send(new client.DeleteCompareExchangeValueOperation("nope", 5));
    assert.equal(missing.successful, false);
  });

  test("keeps numbers, texts, truth values and metadata", async (t) => {
    const store = await fresh(t);
    for (const [key, value] of Object.entries({ a: 7, b: "text", c: true, d: 0 })) {
      assert.ok((await put(store, key, value, 0)).successful);
      assert.equal((await get(store, key)).value, value);
    }
    await put(store, "m", 1, 0, { "@expires": "2199-01-01T00:00:00.0000000Z", Color: "red" });
    const got = await get(store, "m");
    assert.equal(got.metadata["@expires"], "2199-01-01T00:00:00.0000000Z");
  });

  test("lists by prefix and by keys", async (t) => {
    const store = await fresh(t);
    for (const key of ["b/2", "a", "b/1", "b/3"]) await put(store, key, key, 0);
    const list = async (parameters) =>
      Object.keys(await store.operations.send(new client.GetCompareExchangeValuesOperation(parameters)));
    assert.deepEqual(await list({ startWith: "b/" }), ["b/1", "b/2", "b/3"]);
    assert.deepEqual(await list({ startWith: "b/", start: 1, pageSize: 1 }), ["b/2"]);
    assert.deepEqual((await list({ keys: ["a", "nope", "b/1"] })).sort(), ["a", "b/1"]);
    const stats = await store.maintenance.send(new client.GetDetailedStatisticsOperation());
    assert.equal(stats.countOfCompareExchange, 4);
  });

  test("refuses keys that are too long", async (t) => {
    const store = await fresh(t);
    await assert.rejects(put(store, "k".repeat(513), 1, 0), /CompareExchangeKeyTooBig|512/);
  });

  test("loads values lazily in a cluster-wide session", async (t) => {
    const store = await fresh(t);
    await put(store, "a", { n: 1 }, 0);
    await put(store, "b", { n: 2 }, 0);
    const session = store.openSession({ transactionMode: "ClusterWide" });
    assert.equal((await session.advanced.clusterTransaction.getCompareExchangeValue("a")).value.n, 1);
    const one = session.advanced.clusterTransaction.lazily.getCompareExchangeValue("b");
    const several = session.advanced.clusterTransaction.lazily.getCompareExchangeValues(["a", "nope"]);
    await session.advanced.eagerly.executeAllPendingLazyOperations();
    assert.equal((await one.getValue()).value.n, 2);
    const values = await several.getValue();
    assert.equal(values.a.value.n, 1);
    assert.equal(values.nope, null);
  });

  test("gives the next number of an identity, and seeds it", async (t) => {
    const store = await fresh(t);
    const next = () => store.maintenance.send(new client.NextIdentityForOperation("users|"));
    assert.equal(await next(), 1);
    assert.equal(await next(), 2);
    assert.equal(await store.maintenance.send(new client.SeedIdentityForOperation("users", 1990)), 1990);
    assert.equal(await store.maintenance.send(new client.SeedIdentityForOperation("users", 5)), 1990);
    assert.equal(await next(), 1991);
    assert.equal(await store.maintenance.send(new client.SeedIdentityForOperation("users", 5, true)), 5);
    assert.deepEqual(await store.maintenance.send(new client.GetIdentitiesOperation()), { "users|": 5 });
  });

  test("completes ids that end with |", async (t) => {
    const store = await fresh(t);
    const session = store.openSession();
    const users = [new User({ name: "a" }), new User({ name: "b" })];
    for (const user of users) await session.store(user, "users|");
    await session.saveChanges();
    assert.deepEqual(users.map((u) => u.id), ["users/1", "users/2"]);
    await store.maintenance.send(new client.NextIdentityForOperation("users|"));
    const later = store.openSession();
    const user = new User({ name: "c" });
    await later.store(user, "users|");
    await later.saveChanges();
    assert.equal(user.id, "users/4");
    assert.equal((await store.openSession().load("users/2")).name, "b");
  });

  test("removes values whose time has come", async (t) => {
    const server = await Server.start(t, ["--RunInMemory=true", "--Cluster.CompareExchangeExpiredDeleteFrequencyInSec=1"]);
    const store = await fresh(t, server.url);
    await put(store, "gone", 1, 0, { "@expires": "2001-01-01T00:00:00.0000000Z" });
    await put(store, "stays", 1, 0, { "@expires": "2199-01-01T00:00:00.0000000Z" });
    for (const end = Date.now() + 20_000; ; ) {
      const { json } = await raw(server.url, `/databases/${store.database}/cmpxchg`);
      if (json.Results.length === 1) {
        assert.equal(json.Results[0].Key, "stays");
        return;
      }
      assert.ok(Date.now() < end, "the value stays");
      await new Promise((done) => setTimeout(done, 100));
    }
  });
});
