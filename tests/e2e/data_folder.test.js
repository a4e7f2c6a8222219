'use strict';
// A folder that is not what it should be is refused in one line, and what lies in it is never touched.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { createHash } = require('node:crypto');
const { spawn } = require('node:child_process');
const { BIN, Server } = require('./server');
const { attemptServe, assertRefused, folders } = require('./attempt');
const { History, stored, runSql, assertSound } = require('./oracle');
const { Sender, couples } = require('./senders');
const { pause, running, seeded } = require('./kit');

const hash = (file) => (fs.existsSync(file) ? createHash('sha256').update(fs.readFileSync(file)).digest('hex') : 'absent');

/** A server that ran, holds `count` messages and has ended by `signal`; `history` knows them. */
async function used(t, count, signal = 'SIGTERM') {
  const server = await Server.start();
  t.after(() => server.stop());
  const history = new History();
  const [{ people: [anna], roomId }] = await couples(server, 1);
  const sender = await Sender.join(anna, roomId, history, { size: 500 });
  for (let sent = 0; sent < count; sent += 1) await sender.send();
  assert.equal(history.ok().length, count);
  sender.leave();
  await server.kill(signal);
  return { server, history };
}

/** The folder is refused with 1 and one line, and the database's bytes are the same before and after. */
function assertUntouched(dataDir, says) {
  const file = path.join(dataDir, 'bambitalk.db');
  const before = hash(file);
  assertRefused(attemptServe(dataDir), 1, says);
  assert.equal(hash(file), before, 'the file was touched');
}

test('a database cut short is refused', { timeout: 60_000 }, async (t) => {
  const { server } = await used(t, 200);
  const { size } = fs.statSync(server.database);
  for (const bytes of [Math.floor(size / 2), 5_000, 99, 16]) {
    fs.truncateSync(server.database, bytes);
    assertUntouched(server.dataDir, /bambitalk\.db/);
  }
});

test('a database whose schema page is rubbish is refused', { timeout: 60_000 }, async (t) => {
  const { server } = await used(t, 5);
  const file = fs.openSync(server.database, 'r+');
  fs.writeSync(file, Buffer.alloc(3_000, 0x5a), 0, 3_000, 100);
  fs.closeSync(file);
  assertUntouched(server.dataDir, /bambitalk\.db/);
});

const FOREIGN = {
  'a text file': (file) => fs.writeFileSync(file, 'Dear diary, this is no database at all.\n'.repeat(500)),
  'an empty file': (file) => fs.writeFileSync(file, ''),
  'the database of another program': (file) => runSql(file, 'create table diary (day text)'),
  'a folder': (file) => fs.mkdirSync(file),
};

for (const [name, put] of Object.entries(FOREIGN)) {
  test(`${name} in the database's place is refused, never overwritten`, { timeout: 30_000 }, (t) => {
    const dataDir = folders(t)('data');
    fs.mkdirSync(dataDir);
    const file = path.join(dataDir, 'bambitalk.db');
    put(file);
    const before = fs.statSync(file).isDirectory() ? '' : hash(file);
    assertRefused(attemptServe(dataDir), 1, /bambitalk\.db/);
    if (before) assert.equal(hash(file), before);
    assert.deepEqual(fs.readdirSync(dataDir).filter((entry) => /-wal$|-shm$|-journal$/.test(entry)), []);
  });
}

test('a missing database where one used to be is refused, never replaced by an empty one', { timeout: 60_000 }, async (t) => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    const { server } = await used(t, 5, signal);
    fs.renameSync(server.database, `${server.database}.away`);
    assertRefused(attemptServe(server.dataDir), 1, /bambitalk\.db/);
    assert.ok(!fs.existsSync(server.database));
    fs.renameSync(`${server.database}.away`, server.database);
    await server.restart();
  }
});

test('the log of another database is refused or ignored, and the messages are the right ones', { timeout: 60_000 }, async (t) => {
  const { server, history } = await used(t, 60);
  const other = await used(t, 7, 'SIGKILL');
  const log = `${server.database}-wal`;
  fs.copyFileSync(`${other.server.database}-wal`, log);
  assert.ok(fs.statSync(log).size > 0, 'the test needs a log to mean anything');
  const start = await server.restart().then(() => null, (error) => error);
  if (start) assert.match(start.message, /exited with 1:/);
  if (running(server)) await server.kill('SIGTERM');
  if (start) fs.rmSync(log);
  assert.deepEqual(history.complaints(stored(server)), []);
  assertSound(server);
});

test('a log with rubbish at its end is read up to there', { timeout: 60_000 }, async (t) => {
  const { server, history } = await used(t, 50, 'SIGKILL');
  fs.appendFileSync(`${server.database}-wal`, Buffer.alloc(9_000, 0x77));
  await server.restart();
  assert.deepEqual(history.complaints(stored(server)), []);
  assertSound(server);
});

test('a checkpoint that a crash cut off after its first page is made up for', { timeout: 60_000 }, async (t) => {
  const { server, history } = await used(t, 150, 'SIGKILL');
  copyFirstPage(server.database);
  await server.restart();
  assert.deepEqual(history.complaints(stored(server)), []);
  assertSound(server);
});

/** What a checkpoint does first: page 1 from the log, which names the size the file will have. */
function copyFirstPage(file) {
  const log = fs.readFileSync(`${file}-wal`);
  const page = log.readUInt32BE(8);
  let newest;
  for (let at = 32; at + 24 + page <= log.length; at += 24 + page) {
    const isSame = log.compare(log, 16, 24, at + 8, at + 16) === 0;
    if (isSame && log.readUInt32BE(at) === 1) newest = log.subarray(at + 24, at + 24 + page);
  }
  assert.ok(newest, 'the test needs page 1 in the log to mean anything');
  const handle = fs.openSync(file, 'r+');
  fs.writeSync(handle, newest, 0, page, 0);
  fs.closeSync(handle);
  assert.ok(newest.readUInt32BE(28) * page > fs.statSync(file).size, 'the test needs a database that grew to mean anything');
}

test('killed at any moment of its very first start, the next one needs no help', { timeout: 90_000 }, async (t) => {
  const chance = seeded();
  t.diagnostic(`seed ${chance.seed}`);
  const at = folders(t);
  let early = 0;
  for (let kill = 0; kill < 25; kill += 1) {
    const dataDir = path.join(at(`${kill}`), 'data');
    const first = spawn(BIN, ['serve', '--data-dir', dataDir, '--listen', '127.0.0.1:0'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => first.once('exit', resolve));
    await pause(chance.between(1, 60));
    early += fs.existsSync(path.join(dataDir, 'control.sock')) ? 0 : 1;
    first.kill('SIGKILL');
    await ended;
    const server = await Server.start({ dataDir, strict: true });
    assert.match(server.setupCode(), /\S{6,}/);
    assert.equal((await server.stop()).code, 0);
  }
  assert.ok(early > 0, 'the test needs kills before the start was over to mean anything');
});

test('a folder of a newer version is refused, and stays as it is', { timeout: 60_000 }, async (t) => {
  const { server, history } = await used(t, 20);
  const schema = runSql(server.database, 'pragma user_version')[0][0];
  runSql(server.database, 'pragma user_version = 9999');
  assertUntouched(server.dataDir, /newer/i);
  assert.equal(runSql(server.database, 'pragma user_version')[0][0], 9999);
  runSql(server.database, `pragma user_version = ${schema}`);
  await server.restart();
  assert.deepEqual(history.complaints(stored(server)), []);
});

test('a data folder that cannot be made is refused', { timeout: 30_000 }, (t) => {
  const at = folders(t);
  fs.writeFileSync(at('file'), 'not a folder');
  assertRefused(attemptServe(path.join(at('file'), 'data')), 1, /--data-dir|folder/);
  assertRefused(attemptServe(at('file')), 1, /--data-dir|folder/);
});
