'use strict';
// The plug is pulled under load: nothing that was acknowledged before it is lost. Needs root for loop mounts.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { BIN, Server } = require('./server');
const { History, stored, assertSound } = require('./oracle');
const { couples, crowd } = require('./senders');
const { Mount } = require('./mounts');
const { compile, pause, seeded } = require('./kit');

const CUTS = 30;
const CUTS_TO_CATCH = 40;
const START_MS = 5_000;
const powerCut = compile('power_cut.c');

/** The real executable on an ext4 of its own, with `pairs` that signed up before the first cut. */
async function onItsOwnDisk(t, env = {}) {
  const mount = Mount.ext4('192M');
  let server;
  t.after(async () => {
    if (server) { await server.kill(); await server.kakao.close(); }
    mount.remove();
  });
  server = await Server.start({ dataDir: mount.dataDir, env });
  return { mount, server, pairs: await couples(server, 5), history: new History(), slowest: 0 };
}

/** One load, one cut, one start. Resolves with the sends that had been acknowledged before the cut was called. */
async function cutOnce(disk, chance) {
  const { mount, server, pairs, history } = disk;
  const phones = await crowd(pairs, history, { window: chance.pick([1, 2, 8]), most: 3_000, size: 200 }, chance.between(1, 5));
  phones.forEach((phone) => phone.start());
  await pause(chance.between(120, 450));
  // The kernel may finish a flush that was under way: what is answered from here on proves nothing either way.
  const acknowledged = history.ok();
  execFileSync(powerCut, [mount.folder], { stdio: 'pipe' });
  await server.kill();
  phones.forEach((phone) => phone.leave());
  await mount.remount();
  const start = Date.now();
  await server.restart();
  disk.slowest = Math.max(disk.slowest, Date.now() - start);
  return acknowledged;
}

/** Acknowledged sends that are not stored as they were acknowledged. */
function lost(acknowledged, rows) {
  const byClient = new Map(rows.map((row) => [row.clientId, row]));
  return acknowledged.filter((op) => byClient.get(op.clientId)?.id !== op.id || byClient.get(op.clientId).content !== op.content);
}

/** What was answered after the watermark and is gone was never promised; later cuts must not count it. */
function settle(history, acknowledged, rows) {
  const promised = new Set(acknowledged);
  const ids = new Set(rows.map(({ clientId }) => clientId));
  for (const op of history.ops) {
    if (op.outcome === 'ok' && !promised.has(op) && !ids.has(op.clientId)) op.outcome = 'info';
  }
  history.seen.clear();
}

test('thirty power cuts lose nothing that was acknowledged before them', { timeout: 180_000 }, async (t) => {
  const chance = seeded();
  const disk = await onItsOwnDisk(t);
  for (let cut = 1; cut <= CUTS; cut += 1) {
    const acknowledged = await cutOnce(disk, chance);
    const rows = stored(disk.server);
    assert.deepEqual(lost(acknowledged, rows), [], `cut ${cut}, seed ${chance.seed}`);
    settle(disk.history, acknowledged, rows);
    // A refusal that came after the cut says only that the flush failed: the frames may have been down already.
    assert.deepEqual(disk.history.complaints(rows, { isFailKnown: false }), [], `cut ${cut}, seed ${chance.seed}`);
    assertSound(disk.server);
  }
  assert.ok(disk.slowest < START_MS, `the slowest start took ${disk.slowest} ms`);
  assert.ok(disk.history.ok().length > 1_000, `the test needs a load to mean anything, had ${disk.history.ok().length}`);
  t.diagnostic(`${disk.history.ok().length} acknowledged, slowest start ${disk.slowest} ms, seed ${chance.seed}`);
});

test('the same cuts catch a database that does not flush before it answers', { timeout: 180_000 }, async (t) => {
  const chance = seeded();
  const disk = await onItsOwnDisk(t, { BAMBITALK_TEST_SYNCHRONOUS: 'NORMAL' });
  for (let cut = 1; cut <= CUTS_TO_CATCH; cut += 1) {
    const acknowledged = await cutOnce(disk, chance);
    const missing = lost(acknowledged, stored(disk.server));
    if (missing.length > 0) return t.diagnostic(`cut ${cut} lost ${missing.length} acknowledged messages, seed ${chance.seed}`);
  }
  throw new Error(`${CUTS_TO_CATCH} cuts without a loss: the harness proves nothing (is it a debug build?)`);
});

test('a power cut at any moment of the very first start leaves a folder that starts', { timeout: 90_000 }, async (t) => {
  const chance = seeded();
  for (let cut = 1; cut <= 10; cut += 1) {
    const mount = Mount.ext4('64M');
    t.after(() => mount.remove());
    const first = spawn(BIN, ['serve', '--data-dir', mount.dataDir, '--listen', '127.0.0.1:0'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => first.once('exit', resolve));
    await pause(chance.between(1, 80));
    execFileSync(powerCut, [mount.folder], { stdio: 'pipe' });
    first.kill('SIGKILL');
    await ended;
    await mount.remount();
    const server = await Server.start({ dataDir: mount.dataDir, strict: true });
    const code = server.setupCode();
    const end = await server.kill('SIGTERM');
    await server.kakao.close();
    assert.match(code, /\S{6,}/, `cut ${cut}, seed ${chance.seed}`);
    assert.equal(end.code, 0);
    mount.remove();
  }
});
