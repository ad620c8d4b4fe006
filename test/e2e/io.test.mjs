// What a database does with its disk, seen from outside: answers, a live feed, and the picture that the binary draws.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import WebSocket from "ws";

import { raw } from "./clients.mjs";
import { BINARY, Server, tempDir, within } from "./server.mjs";

// started gives a server on a real disk with one database, and a way to put documents into it.
async function started(t) {
  const server = await Server.start(t, [`--DataDir=${tempDir(t)}`]);
  const created = await raw(server.url, "/admin/databases?name=shop&replicationFactor=1", { method: "PUT", body: { DatabaseName: "shop" } });
  assert.equal(created.status, 201, created.text);
  const put = async (id) => {
    const answer = await raw(server.url, `/databases/shop/docs?id=${id}`, { method: "PUT", body: { id } });
    assert.equal(answer.status, 201, answer.text);
  };
  return { server, put, debug: (route) => raw(server.url, `/databases/shop/debug/${route}`) };
}

// watch opens a feed and gathers its events.
async function watch(t, server, options) {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/databases/shop/debug/io-metrics/live`, options);
  t.after(() => socket.terminate());
  const feed = { socket, events: [], closed: once(socket, "close") };
  socket.on("message", (text) => {
    for (const env of JSON.parse(text).Environments) feed.events.push(...env.Events);
    socket.emit("seen");
  });
  await within(5000, "the feed to open", once(socket, "open"));
  return feed;
}

const ofType = (events, type) => events.filter((e) => e.Type === type);

test("figures, batches, transactions and hints of a known load", async (t) => {
  const { put, debug } = await started(t);
  for (let i = 0; i < 10; i++) await put(`a/${i}`);
  const [env] = (await debug("io-metrics")).json.Environments;
  const writes = env.Totals.find((total) => total.Type === "JournalWrite");
  assert.equal(env.Name, "documents");
  assert.equal(writes.Count, 10);
  assert.equal(writes.Size, 10 * 4096);
  const listed = env.Files.flatMap((file) => ofType(file.Recent, "JournalWrite"));
  assert.equal(listed.length, 10);
  for (const event of listed) assert.ok(event.Duration > 0 && Date.parse(event.Start) > Date.now() - 60_000, JSON.stringify(event));
  const perf = (await debug("perf-metrics")).json;
  assert.equal(perf.Transactions.Count, 10);
  assert.equal(perf.Batches.Commands, 10);
  assert.equal((await debug("txinfo")).json.Environments[0].Name, "documents");
  assert.equal((await debug("performance-hints")).status, 200);
});

test("a feed shows what was and what comes, to several clients, and ends with the server", async (t) => {
  const { server, put } = await started(t);
  await put("before");
  const feeds = [await watch(t, server), await watch(t, server, { perMessageDeflate: false })];
  await put("after");
  for (const { socket, events } of feeds) {
    while (ofType(events, "JournalWrite").length < 2) await within(5000, "two journal writes", once(socket, "seen"));
    assert.deepEqual(events.map((e) => e.Sequence), events.map((_, i) => i + 1), "no gap, nothing twice");
  }
  assert.deepEqual(await server.askToStop(), { code: 0, signal: null });
  for (const { closed } of feeds) await within(5000, "the feed to end", closed);
});

test("a page of another server gets no feed", async (t) => {
  const { server } = await started(t);
  const foreign = new WebSocket(`${server.url.replace("http", "ws")}/databases/shop/debug/io-metrics/live`, { origin: "http://evil.example" });
  const [error] = await within(5000, "the refusal", once(foreign, "error"));
  assert.match(error.message, /403/);
  await watch(t, server, { origin: server.url });
});

test("a recording is drawn from a file, from standard input and from the server", async (t) => {
  const { server, put, debug } = await started(t);
  for (let i = 0; i < 5; i++) await put(`a/${i}`);
  const recording = (await debug("io-metrics?format=file")).text;
  const file = path.join(tempDir(t), "recording.ndjson");
  writeFileSync(file, recording);
  const inspect = (args, input) => {
    const { status, stdout, stderr } = spawnSync(BINARY, ["inspect", "io", ...args], { input, encoding: "utf8" });
    return { status, stdout, stderr };
  };
  const drawn = inspect([file]);
  assert.equal(drawn.status, 0, drawn.stderr);
  assert.match(drawn.stdout, /^database shop on node A/);
  assert.match(drawn.stdout, /^ {2}journal \|.{100}\|$/m);
  assert.match(drawn.stdout, /^ {2}JournalWrite +5 +20\.0 KiB/m);
  assert.deepEqual(inspect(["-"], recording), drawn);
  assert.match(inspect([`${server.url}/databases/shop`, "--width", "40"]).stdout, /^ {2}journal \|.{40}\|$/m);
  const cut = inspect(["-"], recording.slice(0, -20));
  assert.equal(cut.status, 2, "a bad file is a mistake in the call");
  assert.match(cut.stderr, /line \d+/);
  assert.equal(inspect([path.join(tempDir(t), "none")]).status, 1);
});
