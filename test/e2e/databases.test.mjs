// Databases: create, list, describe, delete; statistics; the sample data.

import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachClient, openStore, raw, save, User } from "./clients.mjs";
import { Server } from "./server.mjs";

forEachClient((client, fresh) => {
  test("creates, lists, describes and deletes", async (t) => {
    const store = await fresh(t);
    const server = store.maintenance.server;
    await server.send(new client.CreateDatabaseOperation({ databaseName: "Another", settings: { "Indexing.Static.SearchEngineType": "Lucene" } }));
    const names = await server.send(new client.GetDatabaseNamesOperation(0, 10));
    assert.deepEqual([...names].sort(), ["Another", store.database].sort());

    const record = await server.send(new client.GetDatabaseRecordOperation("Another"));
    assert.equal(record.databaseName, "Another");
    assert.ok(record.etag > 0);
    assert.equal(await server.send(new client.GetDatabaseRecordOperation("Nowhere")) ?? null, null);
    assert.equal((await raw(store.urls[0], "/admin/databases?name=Nowhere")).status, 404);

    await server.send(new client.DeleteDatabasesOperation({ databaseNames: ["Another"], hardDelete: true }));
    assert.deepEqual([...await server.send(new client.GetDatabaseNamesOperation(0, 10))], [store.database]);
  });

  test("refuses a second database of the same name", async (t) => {
    const store = await fresh(t);
    await assert.rejects(
      store.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: store.database })),
      { name: "ConcurrencyException" },
    );
  });

  test("says that a database is missing", async (t) => {
    const { url } = await Server.start(t);
    const store = openStore(t, client, url, "Missing");
    const session = store.openSession();
    await assert.rejects(session.load("users/1"), { name: "DatabaseDoesNotExistException" });
    const answer = await raw(url, "/databases/Missing/docs?id=users%2F1");
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get("database-missing"), "Missing");
    assert.match(answer.json.Type, /DatabaseDoesNotExistException$/);
  });

  test("says that a deleted database is missing", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({}) });
    await store.maintenance.server.send(new client.DeleteDatabasesOperation({ databaseNames: [store.database], hardDelete: true }));
    await assert.rejects(store.openSession().load("users/1"), { name: "DatabaseDoesNotExistException" });
  });

  test("keeps databases apart", async (t) => {
    const { url } = await Server.start(t);
    const [one, two] = [await fresh(t, url), await fresh(t, url)];
    await save(one, { "users/1": new User({ name: "one" }) });
    assert.equal(await two.openSession().load("users/1"), null);
  });

  test("counts documents", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({}), "users/2": new User({}), "others/1": { name: "plain", "@metadata": { "@collection": "Others" } } });
    const stats = await store.maintenance.send(new client.GetStatisticsOperation());
    assert.equal(stats.countOfDocuments, 3);
    assert.match(stats.databaseId, /^[\w+/]{22}$/);
    assert.match(stats.databaseChangeVector, /^A:\d+-/);
    const collections = await store.maintenance.send(new client.GetCollectionStatisticsOperation());
    assert.equal(collections.countOfDocuments, 3);
    assert.equal(collections.collections.Users, 2);
  });

  test("tells its version", async (t) => {
    const store = await fresh(t);
    const build = await store.maintenance.server.send(new client.GetBuildNumberOperation());
    assert.ok(build.productVersion && build.fullVersion && Number.isInteger(build.buildVersion));
  });

  test("fills an empty database with the sample data", async (t) => {
    const store = await fresh(t);
    const path = `/databases/${store.database}/studio/sample-data?operateOnTypes=Documents`;
    const answer = await raw(store.urls[0], path, { method: "POST" });
    assert.equal(Math.floor(answer.status / 100), 2, answer.text);

    const stats = await store.maintenance.send(new client.GetStatisticsOperation());
    assert.equal(stats.countOfDocuments, 1059);
    const { collections } = await store.maintenance.send(new client.GetCollectionStatisticsOperation());
    assert.deepEqual(
      Object.fromEntries(Object.entries(collections).sort()),
      { "@hilo": 8, Categories: 8, Companies: 91, Employees: 9, Orders: 830, Products: 77, Regions: 4, Shippers: 3, Suppliers: 29 },
    );

    const session = store.openSession();
    const order = await session.include("Company").include("Lines[].Product").load("orders/1-A");
    const requests = session.advanced.numberOfRequests;
    assert.ok((await session.load(order.Company)).Name);
    for (const line of order.Lines) assert.equal((await session.load(line.Product)).Name, line.ProductName);
    assert.equal(session.advanced.numberOfRequests, requests);

    class Company { constructor(name) { this.Name = name; } }
    const next = new Company("New");
    await session.store(next);
    await session.saveChanges();
    assert.ok(Number(/^companies\/(\d+)-A$/.exec(next.id)[1]) > 91, `${next.id} meets no company of the sample`);

    const second = await raw(store.urls[0], path, { method: "POST" });
    assert.ok(second.status >= 400, "a database with documents is not filled again");
  });
});
