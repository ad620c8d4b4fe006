// Compaction and operations, through the official clients.

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { forEachClient, raw, save, User } from "./clients.mjs";
import { Server, tempDir } from "./server.mjs";

// sizeOf is the length of all files below dir.
function sizeOf(dir) {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

forEachClient((client, fresh) => {
  test("compacts a database, which is the same afterwards and smaller", async (t) => {
    const dir = tempDir(t);
    const { url } = await Server.start(t, [`--DataDir=${dir}`]);
    const store = await fresh(t, url);
    for (let batch = 0; batch < 20; batch++) {
      const users = {};
      for (let i = 0; i < 50; i++) users[`users/${batch}-${i}`] = new User({ name: `user ${i}`, pad: "x".repeat(4000) });
      await save(store, users);
    }
    const session = store.openSession();
    for (let batch = 0; batch < 18; batch++) {
      for (let i = 0; i < 50; i++) session.delete(`users/${batch}-${i}`);
    }
    await session.saveChanges();
    const before = await store.maintenance.send(new client.GetStatisticsOperation());
    const kept = (await raw(url, `/databases/${store.database}/docs?id=users/19-7`)).text;

    const operation = await store.maintenance.server.send(
      new client.CompactDatabaseOperation({ databaseName: store.database, documents: true, indexes: [] }));
    await operation.waitForCompletion();

    const { json: { Result: sizes } } = await raw(url, `/operations/state?id=${operation.id}`);
    assert.ok(sizes.BytesAfter < sizes.BytesBefore / 3, JSON.stringify(sizes));
    assert.ok(sizeOf(path.join(dir, "Databases")) < sizes.BytesAfter + (1 << 20), "the files are as small as the result says");
    const after = await store.maintenance.send(new client.GetStatisticsOperation());
    for (const name of ["countOfDocuments", "countOfTombstones", "lastDocEtag", "lastDatabaseEtag", "databaseChangeVector", "databaseId"]) {
      assert.equal(after[name], before[name], name);
    }
    assert.equal((await raw(url, `/databases/${store.database}/docs?id=users/19-7`)).text, kept);
    await save(store, { "users/new": new User({ name: "new" }) });
    assert.equal((await store.openSession().load("users/19-7")).name, "user 7");
  });

  test("says that a database in memory has no files", async (t) => {
    const store = await fresh(t);
    const operation = await store.maintenance.server.send(
      new client.CompactDatabaseOperation({ databaseName: store.database, documents: true, indexes: [] }));
    await assert.rejects(operation.waitForCompletion(),
      /Unable to cast object of type 'PureMemoryStorageEnvironmentOptions' to type 'DirectoryStorageEnvironmentOptions'/);
    assert.equal(await store.openSession().load("users/1"), null);
  });
});
