// Revisions: configuration, reading, deletes, and those that a session asks for.

import assert from "node:assert/strict";
import { test } from "node:test";

import { forEachClient, save, User } from "./clients.mjs";

forEachClient((client, fresh) => {
  const keep = async (store, fields) => {
    const collection = Object.assign(new client.RevisionsCollectionConfiguration(), fields);
    const configuration = new client.RevisionsConfiguration();
    configuration.collections = new Map([["Users", collection]]);
    const answer = await store.maintenance.send(new client.ConfigureRevisionsOperation(configuration));
    assert.ok(answer.raftCommandIndex > 0);
  };
  const write = async (store, id, name) => {
    const session = store.openSession();
    const user = await session.load(id);
    if (user) user.name = name;
    else await session.store(new User({ name }), id);
    await session.saveChanges();
  };

  test("keeps each state of a document", async (t) => {
    const store = await fresh(t);
    await keep(store, { minimumRevisionsToKeep: 10 });
    for (const name of ["Ada", "Eve", "Joy"]) await write(store, "users/1", name);
    const session = store.openSession();
    const revisions = await session.advanced.revisions.getFor("users/1");
    assert.deepEqual(revisions.map((r) => r.name), ["Joy", "Eve", "Ada"]);
    assert.equal((await session.advanced.revisions.getFor("users/1", { start: 1, pageSize: 1 }))[0].name, "Eve");
    assert.equal(await session.advanced.revisions.getCountFor("users/1"), 3);
    const metadata = await session.advanced.revisions.getMetadataFor("users/1");
    assert.equal(metadata[0]["@flags"], "HasRevisions, Revision");
    const byVector = await session.advanced.revisions.get(metadata[2]["@change-vector"]);
    assert.equal(byVector.name, "Ada");
    assert.equal(await session.advanced.revisions.get("A:1000-abc"), null);
    const stats = await store.maintenance.send(new client.GetStatisticsOperation());
    assert.equal(stats.countOfRevisionDocuments, 3);
  });

  test("gives etags to a document and then to its revision", async (t) => {
    const store = await fresh(t);
    await keep(store, {});
    await save(store, { "users/1": new User({ name: "a" }), "users/2": new User({ name: "b" }) });
    const stats = await store.maintenance.send(new client.GetStatisticsOperation());
    const session = store.openSession();
    assert.equal((await session.advanced.revisions.get(`A:3-${stats.databaseId}`)).name, "b");
    for (let i = 0; i < 10; i++) await write(store, "users/1", `name ${i}`);
    assert.equal((await store.openSession().advanced.revisions.get(`A:23-${stats.databaseId}`)).name, "name 9");
  });

  test("keeps the newest, finds one by date, and remembers deletes", async (t) => {
    const store = await fresh(t);
    await keep(store, { minimumRevisionsToKeep: 4 });
    for (let i = 0; i < 6; i++) await write(store, "users/1", `name ${i}`);
    const session = store.openSession();
    const kept = await session.advanced.revisions.getFor("users/1");
    assert.deepEqual(kept.map((r) => r.name), ["name 5", "name 4", "name 3", "name 2"]);
    assert.equal((await session.advanced.revisions.get("users/1", new Date(Date.now() + 60_000))).name, "name 5");
    assert.equal(await session.advanced.revisions.get("users/1", new Date(0)), null);
    await session.delete("users/1");
    await session.saveChanges();
    const after = await store.openSession().advanced.revisions.getMetadataFor("users/1");
    assert.equal(after.length, 4);
    assert.match(after[0]["@flags"], /DeleteRevision/);
  });

  test("purges with the document where that is wanted", async (t) => {
    const store = await fresh(t);
    await keep(store, { purgeOnDelete: true });
    await write(store, "users/1", "a");
    await write(store, "users/1", "b");
    const session = store.openSession();
    await session.delete("users/1");
    await session.saveChanges();
    assert.deepEqual(await store.openSession().advanced.revisions.getFor("users/1"), []);
  });

  test("makes one when a session asks for it", async (t) => {
    const store = await fresh(t);
    await save(store, { "users/1": new User({ name: "a" }) });
    const session = store.openSession();
    const user = await session.load("users/1");
    user.name = "b";
    session.advanced.revisions.forceRevisionCreationFor(user);
    await session.saveChanges();
    const revisions = await store.openSession().advanced.revisions.getFor("users/1");
    assert.deepEqual(revisions.map((r) => r.name), ["a"]);

    const again = store.openSession();
    again.advanced.revisions.forceRevisionCreationFor("users/1");
    await again.saveChanges();
    assert.deepEqual((await store.openSession().advanced.revisions.getFor("users/1")).map((r) => r.name), ["b", "a"]);

    const unsaved = store.openSession();
    unsaved.advanced.revisions.forceRevisionCreationFor("users/404");
    await assert.rejects(unsaved.saveChanges(), /Can't force revision creation - the document was not saved on the server yet/);
  });

  test("comes with the documents that name it", async (t) => {
    const store = await fresh(t);
    await keep(store, {});
    await write(store, "users/1", "a");
    const [first] = await store.openSession().advanced.revisions.getMetadataFor("users/1");
    await write(store, "users/1", "b");
    await save(store, { "users/2": new User({ contract: first["@change-vector"] }) });
    const session = store.openSession();
    await session.load("users/2", { includes: (i) => i.includeRevisions("contract") });
    const revision = await session.advanced.revisions.get(first["@change-vector"]);
    assert.equal(revision.name, "a");
    assert.equal(session.advanced.numberOfRequests, 1);
  });
});
