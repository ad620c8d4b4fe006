// Encrypted databases: what clients write is nowhere on the disk, and only the right master key brings it back.

import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import { forEachClient, openStore, raw, save, User } from "./clients.mjs";
import { Server, tempDir } from "./server.mjs";

// A machine that runs tests may not let us lock memory; this one has no TLS.
const ALLOWED = ["--Security.UnsecuredEncryption.Allowed=true", "--Security.DoNotConsiderMemoryLockFailureAsCatastrophicError=true"];
const MARKER = "Clark Kent is Superman";

// filesWith names the files below dir that hold text.
function filesWith(dir, text) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath ?? entry.path, entry.name)).includes(text))
    .map((entry) => entry.name);
}

forEachClient((client) => {
  test("creates an encrypted database, writes, restarts, reads", async (t) => {
    const dir = tempDir(t);
    let server = await Server.start(t, [`--DataDir=${dir}`, ...ALLOWED]);
    let store = openStore(t, client, server.url, "Secret");
    await store.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: "Secret", encrypted: true }));
    await store.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: "Plain" }));
    const record = await store.maintenance.server.send(new client.GetDatabaseRecordOperation("Secret"));
    assert.equal(record.encrypted, true);
    await save(store, { "users/1": new User({ name: MARKER }), "users/2": new User({ name: MARKER, friend: "users/1" }) });
    await save(openStore(t, client, server.url, "Plain"), { "users/1": new User({ name: "everybody may know" }) });
    store.dispose();

    for (const stop of ["askToStop", "terminate"]) {
      assert.deepEqual(await server[stop](), { code: 0, signal: null }, server.output);
      assert.deepEqual(filesWith(dir, MARKER), [], "what was written is in the clear");
      assert.ok(filesWith(dir, "everybody may know").length > 0, "the search finds what is in the clear");
      server = await Server.start(t, [`--DataDir=${dir}`]); // what is there opens without the setting
      store = openStore(t, client, server.url, "Secret");
      const session = store.openSession();
      assert.equal((await session.load("users/1")).name, MARKER);
      const found = await session.advanced.rawQuery("from Users where id() = 'users/2' include friend").first();
      assert.equal(found.name, MARKER);
      store.dispose();
    }
  });

  test("refuses a wrong master key, and runs all other databases", async (t) => {
    const dir = tempDir(t);
    let server = await Server.start(t, [`--DataDir=${dir}`, ...ALLOWED]);
    const admin = openStore(t, client, server.url, "Plain");
    await admin.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: "Plain" }));
    await admin.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: "Secret", encrypted: true }));
    await save(admin, { "users/1": new User({ name: "Ada" }) });
    await save(openStore(t, client, server.url, "Secret"), { "users/1": new User({ name: MARKER }) });
    await server.terminate();

    const master = path.join(dir, "master.key");
    renameSync(master, master + ".kept");
    writeFileSync(master, Buffer.alloc(32, 7), { mode: 0o600 });
    server = await Server.start(t, [`--DataDir=${dir}`]);
    assert.equal((await openStore(t, client, server.url, "Plain").openSession().load("users/1")).name, "Ada");
    await assert.rejects(openStore(t, client, server.url, "Secret").openSession().load("users/1"), /master key|AllTopologyNodesDown/);
    const answer = await raw(server.url, "/databases/Secret/docs?id=users%2F1");
    assert.equal(answer.status, 503);
    assert.match(answer.json.Message, /wrapped under master key/);
    await server.terminate();

    renameSync(master + ".kept", master);
    if (process.platform !== "win32") {
      chmodSync(master, 0o644);
      server = await Server.start(t, [`--DataDir=${dir}`]);
      assert.match((await raw(server.url, "/databases/Secret/stats")).json.Message, /chmod 600/);
      await server.terminate();
      chmodSync(master, 0o600);
    }
    server = await Server.start(t, [`--DataDir=${dir}`]);
    assert.equal((await openStore(t, client, server.url, "Secret").openSession().load("users/1")).name, MARKER);
  });

  test("makes no encrypted database in the clear unless somebody accepts that", async (t) => {
    const server = await Server.start(t);
    const store = openStore(t, client, server.url, "Secret");
    await assert.rejects(
      store.maintenance.server.send(new client.CreateDatabaseOperation({ databaseName: "Secret", encrypted: true })),
      /Security\.UnsecuredEncryption\.Allowed/,
    );
  });
});
