// Sessions: store, load, include, delete, concurrency, ids, prefixes, lazy loads.

import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachClient, Order, raw, save, User } from "./clients.mjs";

forEachClient((client, fresh) => {
  test("stores and loads with an id of its own making", async (t) => {
    const store = await fresh(t);
    const user = new User({ name: "Ada", born: 1815, tags: ["a", null, true], nested: { deep: [{ x: 1.5 }] } });
    const writing = store.openSession();
    await writing.store(user);
    await writing.saveChanges();
    assert.equal(user.id, "users/1-A");

    const reading = store.openSession();
    const loaded = await reading.load("users/1-A");
    assert.ok(loaded.name === "Ada" && loaded.born === 1815);
    assert.deepEqual(loaded.tags, ["a", null, true]);
    assert.deepEqual(loaded.nested, { deep: [{ x: 1.5 }] });
    const metadata = reading.advanced.getMetadataFor(loaded);
    assert.equal(metadata["@collection"], "Users");
    assert.match(reading.advanced.getChangeVectorFor(loaded), /^A:\d+-[\w+/]{22}$/);
    assert.ok(Math.abs(Date.now() - reading.advanced.getLastModifiedFor(loaded).getTime()) < 60_000);
  });

  test("finds ids without regard to case and keeps their writing", async (t) => {
    const store = await fresh(t);
    await save(store, { "Users/Ada": new User({ name: "Ada" }) });
    const session = store.openSession();
    const loaded = await session.load("uSERS/aDA");
    assert.equal(loaded.name, "Ada");
    assert.equal(session.advanced.getMetadataFor(loaded)["@id"], "Users/Ada");
  });

  test("gives null for what is missing", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }) });
    const session = store.openSession();
    assert.equal(await session.load("users/404"), null);
    const several = await session.load(["users/1", "users/405", "users/406"]);
    assert.equal(several["users/1"].name, "Ada");
    assert.equal(several["users/405"], null);
    assert.equal(several["users/406"], null);
  });

  test("loads more ids than fit into an address", async (t) => {
    const store = await fresh(t);
    const all = {};
    for (let i = 0; i < 100; i++) all[`users/with-a-rather-long-id-${i}`] = new User({ n: i });
    await save(store, all);
    const loaded = await store.openSession().load(Object.keys(all));
    assert.deepEqual(Object.values(loaded).map((u) => u.n), Array.from({ length: 100 }, (_, i) => i));
  });

  test("includes what a document refers to", async (t) => {
    const store = await fresh(t);
    await save(store, {
      "companies/1": new User({ name: "Acme" }),
      "products/1": new User({ name: "Tea" }),
      "products/2": new User({ name: "Ink" }),
      "orders/1": new Order({ company: "companies/1", lines: [{ product: "products/1" }, { product: "products/2" }, { product: "products/404" }] }),
    });
    const session = store.openSession();
    const order = await session.include("company").include("lines[].product").load("orders/1");
    const requests = session.advanced.numberOfRequests;
    assert.equal((await session.load(order.company)).name, "Acme");
    assert.equal((await session.load("products/1")).name, "Tea");
    assert.equal((await session.load("products/2")).name, "Ink");
    assert.equal(session.advanced.numberOfRequests, requests, "included documents are already there");
  });

  test("changes only what was changed", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }), "users/2": new User({ name: "Grace" }) });
    const session = store.openSession();
    const [ada, grace] = [await session.load("users/1"), await session.load("users/2")];
    const before = session.advanced.getChangeVectorFor(grace);
    ada.name = "Augusta";
    await session.saveChanges();
    const check = store.openSession();
    assert.equal((await check.load("users/1")).name, "Augusta");
    assert.equal(check.advanced.getChangeVectorFor(await check.load("users/2")), before);
  });

  test("deletes by document and by id", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({}), "users/2": new User({}), "users/3": new User({}) });
    const session = store.openSession();
    await session.delete(await session.load("users/1"));
    await session.delete("users/2");
    await session.delete("users/404");
    await session.saveChanges();
    const left = await store.openSession().load(["users/1", "users/2", "users/3"]);
    assert.deepEqual(Object.keys(left).filter((id) => left[id]), ["users/3"]);
  });

  test("refuses to save over what somebody else saved", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }) });
    const [first, second] = [store.openSession(), store.openSession()];
    second.advanced.useOptimisticConcurrency = true;
    const mine = await first.load("users/1");
    const theirs = await second.load("users/1");
    mine.name = "first";
    await first.saveChanges();
    theirs.name = "second";
    await second.store(new User({ name: "beside it" }), "users/2");
    await assert.rejects(second.saveChanges(), { name: "ConcurrencyException", message: /users\/1/ });
    const left = await store.openSession().load(["users/1", "users/2"]);
    assert.equal(left["users/1"].name, "first");
    assert.equal(left["users/2"], null, "a refused batch leaves nothing");
  });

  test("refuses a new document where one is, and a delete of what moved on", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }) });
    const create = store.openSession();
    create.advanced.useOptimisticConcurrency = true;
    await create.store(new User({ name: "other" }), "users/1");
    await assert.rejects(create.saveChanges(), { name: "ConcurrencyException" });

    const remove = store.openSession();
    remove.advanced.useOptimisticConcurrency = true;
    const loaded = await remove.load("users/1");
    await save(store, { "users/1": new User({ name: "newer" }) });
    await remove.delete(loaded);
    await assert.rejects(remove.saveChanges(), { name: "ConcurrencyException" });
    assert.equal((await store.openSession().load("users/1")).name, "newer");
  });

  test("serves many sessions at once", async (t) => {
    const store = await fresh(t);
    const ids = await Promise.all(Array.from({ length: 40 }, async (_, s) => {
      const session = store.openSession();
      const users = Array.from({ length: 25 }, (_, i) => new User({ session: s, i }));
      for (const user of users) await session.store(user);
      await session.saveChanges();
      return users.map((user) => user.id);
    }));
    assert.equal(new Set(ids.flat()).size, 1000, "every document has an id of its own");
    const stats = await store.maintenance.send(new client.GetCollectionStatisticsOperation());
    assert.equal(stats.collections.Users, 1000);
  });

  test("lets the server complete ids", async (t) => {
    const store = await fresh(t);
    const session = store.openSession();
    const [a, b] = [new User({ name: "a" }), new User({ name: "b" })];
    await session.store(a, "users/");
    await session.store(b, "users/");
    await session.saveChanges();
    assert.match(a.id, /^users\/\d{19}-A$/);
    assert.match(b.id, /^users\/\d{19}-A$/);
    assert.notEqual(a.id, b.id);
    assert.equal((await store.openSession().load(a.id)).name, "a");
  });

  test("makes ids for documents that come without", async (t) => {
    const store = await fresh(t);
    const answer = await raw(store.urls[0], `/databases/${store.database}/bulk_docs`, {
      method: "POST",
      body: { Commands: [{ Type: "PUT", Id: null, Document: { name: "anonymous", "@metadata": { "@collection": "Users" } } }] },
    });
    assert.equal(answer.status, 201, answer.text);
    const id = answer.json.Results[0]["@id"];
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i);
    assert.equal((await store.openSession().load(id)).name, "anonymous");
  });

  test("loads by the beginning of ids", async (t) => {
    const store = await fresh(t);
    const all = {};
    for (const name of ["Abc", "Aaa", "Ala", "Afa", "Bbb"]) all[`users/${name}`] = new User({ name });
    all["others/1"] = new User({ name: "other" });
    await save(store, all);
    const f = async (options, want) => {
      const found = await store.openSession().advanced.loadStartingWith("users/", options);
      assert.deepEqual(found.map((u) => u.name), want, JSON.stringify(options));
    };
    await f(undefined, ["Aaa", "Abc", "Afa", "Ala", "Bbb"]);
    await f({ matches: "A*" }, ["Aaa", "Abc", "Afa", "Ala"]);
    await f({ matches: "A?a", exclude: "*f*" }, ["Aaa", "Ala"]);
    await f({ matches: "Aaa|Bbb" }, ["Aaa", "Bbb"]);
    await f({ start: 1, pageSize: 2 }, ["Abc", "Afa"]);
    await f({ startAfter: "users/Afa" }, ["Ala", "Bbb"]);
    await f({ matches: "nothing" }, []);
  });

  test("loads lazily in one request", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }), "users/2": new User({ name: "Grace" }) });
    const session = store.openSession();
    const ada = session.advanced.lazily.load("users/1");
    const missing = session.advanced.lazily.load("users/404");
    const both = session.advanced.lazily.load(["users/1", "users/2"]);
    const prefix = session.advanced.lazily.loadStartingWith("users/");
    await session.advanced.eagerly.executeAllPendingLazyOperations();
    assert.equal(session.advanced.numberOfRequests, 1);
    assert.equal((await ada.getValue()).name, "Ada");
    assert.equal(await missing.getValue(), null);
    assert.equal((await both.getValue())["users/2"].name, "Grace");
    assert.equal(Object.keys(await prefix.getValue()).length, 2);
    assert.equal(session.advanced.numberOfRequests, 1);
  });

  test("answers from the cache of the client while nothing changed", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }) });
    assert.equal((await store.openSession().load("users/1")).name, "Ada");
    assert.equal((await store.openSession().load("users/1")).name, "Ada");
    await save(store, { "users/1": new User({ name: "Grace" }) });
    assert.equal((await store.openSession().load("users/1")).name, "Grace");

    const path = `/databases/${store.database}/docs?&id=users%2F1`;
    const full = await raw(store.urls[0], path);
    const again = await raw(store.urls[0], path, { headers: { "If-None-Match": full.headers.get("etag") } });
    assert.deepEqual([full.status, again.status, again.text], [200, 304, ""]);
  });

  test("loads on condition", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "Ada" }) });
    const session = store.openSession();
    const changeVector = session.advanced.getChangeVectorFor(await session.load("users/1"));
    const same = await store.openSession().advanced.conditionalLoad("users/1", changeVector, User);
    assert.equal(same.entity, null);
    await save(store, { "users/1": new User({ name: "Grace" }) });
    const changed = await store.openSession().advanced.conditionalLoad("users/1", changeVector, User);
    assert.equal(changed.entity.name, "Grace");
    const gone = await store.openSession().advanced.conditionalLoad("users/404", changeVector, User);
    assert.equal(gone.entity, null);
  });

  test("says whether a document exists", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({}) });
    const session = store.openSession();
    assert.equal(await session.advanced.exists("users/1"), true);
    assert.equal(await session.advanced.exists("users/404"), false);
  });

  test("keeps every character, number and size", async (t) => {
    const store = await fresh(t);
    const value = new User({
      text: "\u0000\u001f\"\\/ Łódź 東京 🦀 \u2028",
      numbers: [0, -0.5, 1e21, 5e-324, 1.7976931348623157e308, 9007199254740991, -1],
      long: "ö".repeat(500_000),
      empty: { object: {}, array: [], text: "" },
      "a key with \"quotes\"": 1,
    });
    await save(store, { "users/ünïcode +&?#%": value });
    const loaded = await store.openSession().load("users/ünïcode +&?#%");
    for (const key of Object.keys(value)) assert.deepEqual(loaded[key], value[key], key.slice(0, 20));
  });

  test("keeps metadata of the caller", async (t) => {
    const store = await fresh(t);
    const session = store.openSession();
    const user = new User({ name: "Ada" });
    await session.store(user, "users/1");
    const metadata = session.advanced.getMetadataFor(user);
    metadata.Reviewed = "yes";
    metadata.Depth = { a: [1, null] };
    await session.saveChanges();
    const reading = store.openSession();
    const found = reading.advanced.getMetadataFor(await reading.load("users/1"));
    assert.equal(found.Reviewed, "yes");
    assert.deepEqual(JSON.parse(JSON.stringify(found.Depth)), { a: [1, null] });
  });

  test("names the place of a mistake in JSON", async (t) => {
    const store = await fresh(t);
    const f = async (body, want) => {
      const answer = await raw(store.urls[0], `/databases/${store.database}/docs?id=users%2F1`, { method: "PUT", body });
      assert.equal(answer.status, 400, answer.text);
      assert.match(answer.json.Error, want);
      assert.ok(answer.json.Type && answer.json.Message && answer.json.Url);
    };
    await f(`{"a": 1,, "b": 2}`, /line 1/i);
    await f(`{"a": 1, "a": 2}`, /"?a"?/);
    await f(`{"a": 1} x`, /line 1/i);
    await f("[".repeat(200) + "]".repeat(200), /128/);
    assert.equal((await raw(store.urls[0], `/databases/${store.database}/docs?id=users%2F1`)).status, 404);
  });
});
