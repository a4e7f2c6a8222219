'use strict';
// The process that draws a picture, and what its death says: about the picture, or about the machine.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const { promisify } = require('node:util');
const { Server } = require('./server');
const { Person } = require('./person');
const { data } = require('./envelope');
const { runSql } = require('./oracle');
const { until } = require('./kit');
const { rows, drawn } = require('./uploads');

const START_MS = 30_000;
/** `RETRY_AFTER` of src/media/thumbnail.rs, and what a busy machine adds. */
const RETRY_MS = 10_000 + 10_000;
const TRIES_MAX = 5;

/** A small file that takes long to draw: it comes in scans. */
async function slowPhoto() {
  const drawing = ['-size', '6000x4000', 'xc:red', '-sampling-factor', '4:4:4', '-interlace', 'JPEG', 'jpg:-'];
  return (await promisify(execFile)('convert', drawing, { encoding: 'buffer', maxBuffer: 1 << 26 })).stdout;
}

const read = (file) => { try { return fs.readFileSync(file, 'utf8'); } catch { return ''; } };
const children = ({ pid }) => fs.readdirSync(`/proc/${pid}/task`).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number));

/** The process that draws, held still once it has begun to read its picture. */
async function drawer(server) {
  let held;
  await until(() => {
    held = children(server).find((pid) => Number(/^pos:\s+(\d+)/.exec(read(`/proc/${pid}/fdinfo/0`))?.[1]) > 0);
    return held;
  }, START_MS, 'a picture being drawn');
  process.kill(held, 'SIGSTOP');
  return held;
}

/** Ends who draws; resolves when the server has noticed. */
async function end(server, signal) {
  const before = server.output.length;
  const pid = await drawer(server);
  process.kill(pid, signal);
  process.kill(pid, 'SIGCONT');
  await until(() => /a thumbnail was not made|no thumbnail/.test(server.output.slice(before)), START_MS, `the end by ${signal} being noticed`);
}

const states = (server) => rows(server).map(({ thumb }) => thumb);

async function withPhoto(t) {
  const server = await Server.start();
  t.after(() => server.stop());
  const anna = await Person.signUp(server);
  const photo = await slowPhoto();
  const upload = async () => data(await anna.upload(photo), 201);
  return { server, anna, upload };
}

test('a picture whose process is ended from outside waits for another try', { timeout: 240_000 }, async (t) => {
  const { server, anna, upload } = await withPhoto(t);
  const { thumbnailUrl } = await upload();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL']) {
    await end(server, signal);
    assert.deepEqual(states(server), ['waiting'], signal);
    await server.kill('SIGTERM');
    await server.restart();
  }
  await drawn(server, 60_000);
  assert.deepEqual(states(server), ['ready']);
  assert.match((await anna.open(thumbnailUrl)).headers.etag, /^"t/);
});

test('a picture over which the kernel ends the process again and again is given up', { timeout: 120_000 }, async (t) => {
  const { server, upload } = await withPhoto(t);
  await upload();
  await drawer(server);
  await server.kill();
  runSql(server.database, `update media set thumb_tries = ${TRIES_MAX - 1}`, 'rw');
  await server.restart();
  await end(server, 'SIGKILL');
  assert.deepEqual(states(server), ['waiting']);
  await until(() => states(server)[0] === 'none', RETRY_MS, 'the picture being given up');
});

test('a picture that ends its process itself is not tried again', { timeout: 240_000 }, async (t) => {
  const { server, upload } = await withPhoto(t);
  for (const [at, signal] of ['SIGXCPU', 'SIGABRT', 'SIGILL'].entries()) {
    await upload();
    if (at === 0) {
      const [, soft, hard] = /^Max cpu time\s+(\d+)\s+(\d+)/m.exec(read(`/proc/${await drawer(server)}/limits`)).map(Number);
      assert.ok(soft < hard, `the kernel's own signal is the one for a picture that takes ${soft} s, not the one of ${hard} s`);
    }
    await end(server, signal);
    assert.deepEqual(states(server), Array(at + 1).fill('none'), signal);
  }
});
