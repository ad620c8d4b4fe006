// The process: restart with data kept, and every way to end it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";

import { forEachClient, openStore, raw, save, User } from "./clients.mjs";
import { Server, tempDir } from "./server.mjs";

forEachClient((client, fresh) => {
  test("keeps data over a restart", async (t) => {
    const dir = tempDir(t);
    let server = await Server.start(t, [`--DataDir=${dir}`]);
    let store = await fresh(t, server.url);
    const { database } = store;
    await save(store, { "users/1": new User({ name: "Ada" }), "users/2": new User({ name: "Grace" }) });
    const session = store.openSession();
    const changeVector = session.advanced.getChangeVectorFor(await session.load("users/1"));
    const generated = new User({ name: "generated" });
    await session.store(generated);
    await session.saveChanges();
    store.dispose();

    for (const stop of ["askToStop", "terminate"]) {
      assert.deepEqual(await server[stop](), { code: 0, signal: null }, `${stop}:\n${server.output}`);
      server = await Server.start(t, [`--DataDir=${dir}`]);
      store = openStore(t, client, server.url, database);
      const again = store.openSession();
      const ada = await again.load("users/1");
      assert.equal(ada.name, "Ada", stop);
      assert.equal(again.advanced.getChangeVectorFor(ada), changeVector, stop);
      const newer = new User({ name: "newer" });
      await again.store(newer);
      await again.saveChanges();
      assert.notEqual(newer.id, generated.id, "ids are not given out twice");
    }
    const stats = await store.maintenance.send(new client.GetCollectionStatisticsOperation());
    assert.equal(stats.collections.Users, 5);
  });
});

test("ends on the words of the drivers, without a line end", async (t) => {
  const server = await Server.start(t);
  assert.deepEqual(await server.askToStop(), { code: 0, signal: null });
});

test("ends on SIGTERM", async (t) => {
  const server = await Server.start(t);
  assert.deepEqual(await server.terminate(), { code: 0, signal: null });
});

test("stays when standard input ends", async (t) => {
  const server = await Server.start(t);
  server.child.stdin.end();
  for (let i = 0; i < 5; i++) assert.equal((await raw(server.url, "/build/version")).status, 200);
  assert.equal(server.child.exitCode, null);
});

test("ends with the process that started it", async (t) => {
  const parent = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  t.after(() => parent.kill("SIGKILL"));
  const server = await Server.start(t, ["--RunInMemory=true"], { parent: parent.pid });
  parent.kill("SIGKILL");
  await server.exit();
});

test("writes its address on a line of its own, and answers there", async (t) => {
  const server = await Server.start(t);
  assert.match(server.output, /^Server available on: http:\/\/127\.0\.0\.1:\d+$/m);
  const topology = await raw(server.url, "/cluster/topology");
  assert.deepEqual(Object.values(topology.json.Topology.Members), [server.url]);
});
