// Queries that collections answer without an index.

import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachClient, Order, save, User } from "./clients.mjs";

forEachClient((client, fresh) => {
  async function filled(t) {
    const store = await fresh(t);
    const all = {};
    for (let i = 1; i <= 9; i++) all[`users/${i}`] = new User({ n: i, boss: "users/1" });
    for (let i = 1; i <= 3; i++) all[`orders/${i}`] = new Order({ n: i });
    await save(store, all);
    return store;
  }

  const numbers = (found) => found.map((d) => d.n).sort((a, b) => a - b);

  test("from a collection, and from all documents", async (t) => {
    const store = await filled(t);
    const session = store.openSession();
    assert.deepEqual(numbers(await session.advanced.rawQuery("from Users").all()), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(numbers(await session.advanced.rawQuery("from 'orders'").all()), [1, 2, 3]);
    assert.deepEqual(numbers(await session.query({ collection: "Users" }).all()), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const everything = await session.advanced.rawQuery("from @all_docs").all();
    assert.ok(everything.length >= 12, `got ${everything.length}`);
    assert.deepEqual(await session.advanced.rawQuery("from Nobody").all(), []);
  });

  test("by id", async (t) => {
    const session = (await filled(t)).openSession();
    const one = session.advanced.rawQuery("from Users where id() = $id").addParameter("id", "USERS/3");
    assert.deepEqual(numbers(await one.all()), [3]);
    const several = session.advanced.rawQuery("from Users where id() in ($ids)").addParameter("ids", ["users/2", "users/5", "users/404"]);
    assert.deepEqual(numbers(await several.all()), [2, 5]);
    assert.deepEqual(numbers(await session.query({ collection: "Users" }).whereEquals("id()", "users/4").all()), [4]);
    const other = session.advanced.rawQuery("from Orders where id() = 'users/3'");
    assert.deepEqual(numbers(await other.all()), []);
  });

  test("by the beginning of an id", async (t) => {
    const session = (await filled(t)).openSession();
    const found = session.advanced.rawQuery("from @all_docs where startsWith(id(), 'orders/')");
    assert.deepEqual(numbers(await found.all()), [1, 2, 3]);
  });

  test("page by page, with the number of all", async (t) => {
    const session = (await filled(t)).openSession();
    const seen = [];
    for (let start = 0; start < 12; start += 4) {
      let stats;
      const page = await session.query({ collection: "Users" }).statistics((s) => { stats = s; }).skip(start).take(4).all();
      assert.equal(stats.totalResults, 9);
      seen.push(...page.map((d) => d.n));
    }
    assert.deepEqual(seen.sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const limited = await session.advanced.rawQuery("from Users limit 2, 3").all();
    assert.equal(limited.length, 3);
  });

  test("with includes", async (t) => {
    const session = (await filled(t)).openSession();
    await session.advanced.rawQuery("from Users where id() = 'users/7' include boss").all();
    const requests = session.advanced.numberOfRequests;
    assert.equal((await session.load("users/1")).n, 1);
    assert.equal(session.advanced.numberOfRequests, requests);
  });

  test("refuses what it cannot answer yet, and says what", async (t) => {
    const session = (await filled(t)).openSession();
    await assert.rejects(session.advanced.rawQuery("from Users where n > 3").all(), (err) => {
      assert.match(String(err.message), /\bn\b|index/i);
      return true;
    });
    await assert.rejects(session.advanced.rawQuery("from Users wher n = 3").all(), (err) => {
      assert.match(String(err.message), /wher|line 1/i);
      return true;
    });
  });
});
