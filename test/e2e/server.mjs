// Starts and stops the real binary as the clients' own test drivers do.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

// BINARY is what is tested: "make build" puts it there, ROOKERY_BIN names another one.
export const BINARY = process.env.ROOKERY_BIN ?? path.join(here, "..", "..", "bin", "rookery");

const START_MS = 5000; // what the clients' driver allows
const STOP_MS = 10000;

// A folder that is removed when the test (or suite) t ends. On the disk of the checkout: some temporary folders are in memory.
export function tempDir(t) {
  const dir = mkdtempSync(path.join(process.env.ROOKERY_E2E_DIR ?? tmpdir(), "rookery-e2e-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export class Server {
  // start runs the binary with the arguments that drivers pass, args behind them, and waits for its address.
  static async start(t, args = ["--RunInMemory=true"], { parent = process.pid } = {}) {
    const settings = path.join(tempDir(t), "settings.json");
    writeFileSync(settings, "{}");
    const child = spawn(BINARY, [
      "--config-path", settings,
      "--ServerUrl=http://127.0.0.1:0",
      "--License.Eula.Accepted=true",
      "--Setup.Mode=None",
      "--Logs.Mode=None",
      "--Features.Availability=Experimental",
      `--Testing.ParentProcessId=${parent}`,
      ...args,
    ], { stdio: ["pipe", "pipe", "pipe"] });
    const server = new Server(child);
    t.after(() => server.kill());
    server.url = await server.#address();
    return server;
  }

  constructor(child) {
    this.child = child;
    this.output = "";
    this.ended = once(child, "exit").then(([code, signal]) => ({ code, signal }));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => { this.output += text; });
    }
  }

  async #address() {
    const found = new Promise((resolve) => {
      this.child.stdout.on("data", () => {
        const match = /^Server available on: (\S+)$/m.exec(this.output);
        if (match) resolve(match[1]);
      });
    });
    const gone = this.ended.then(({ code }) => { throw new Error(`the server ended with ${code}:\n${this.output}`); });
    return within(START_MS, "the server's address", Promise.race([found, gone]));
  }

  // askToStop ends the server as the drivers do: the words, without a line end.
  askToStop() {
    this.child.stdin.write("shutdown no-confirmation");
    return this.exit();
  }

  terminate() {
    this.child.kill("SIGTERM");
    return this.exit();
  }

  async kill() {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    return this.ended;
  }

  exit() {
    return within(STOP_MS, "the server's end", this.ended);
  }
}

// within fails when promise takes longer than ms.
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
