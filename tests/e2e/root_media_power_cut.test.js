'use strict';
// The plug is pulled under uploads: what was acknowledged before it is whole, nothing is half there, and the space comes
// back. Needs root for loop mounts.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { Person } = require('./person');
const { assertSound } = require('./oracle');
const { Mount } = require('./mounts');
const { compile, pause, seeded, until } = require('./kit');
const { MB, Upload, film, photo, sha256, rows, files, staged, complaints, drawn, folder, idOf } = require('./uploads');

const CUTS = 10;
const CUTS_TO_CATCH = 10;
const UPLOADERS = 4;
const START_MS = 5_000;
/** The file system's own book-keeping (journal, folders, the database's log) may differ by so much. */
const SLACK = 4 * MB;
const powerCut = compile('power_cut.c');
const noFlush = compile('no_flush.c', { shared: true });

/** The real executable on an ext4 of its own, with a couple that signed up before the first cut. */
async function onItsOwnDisk(t, env = {}) {
  const mount = Mount.ext4('900M');
  let server;
  t.after(async () => {
    if (server) { await server.kill(); await server.kakao.close(); }
    mount.remove();
  });
  const empty = used(mount);
  server = await Server.start({ dataDir: mount.dataDir, env });
  return { mount, server, empty, people: await Person.couple(server), record: [], slowest: 0 };
}

function used({ folder }) {
  const { blocks, bfree, bsize } = fs.statfsSync(folder);
  return (blocks - bfree) * bsize;
}

/** The bytes of all files of the data folder. */
function lying(folder) {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, path: at, name }) => sum + fs.statSync(path.join(parentPath ?? at, name)).blocks * 512, 0);
}

/** Uploads one after the other until one is not taken. */
async function keepUploading(person, chance, record) {
  for (let op; !op || op.answer?.status === 201;) {
    const isPhoto = chance.between(1, 5) === 1;
    const content = isPhoto ? photo() : film(chance.between(200_000, chance.pick([MB, 8 * MB])));
    op = { hash: sha256(content), answer: undefined };
    record.push(op);
    op.answer = await Upload.begin(person, content).end();
  }
}

/** One load, one cut, one start. Resolves with the uploads that had been acknowledged before the cut was called. */
async function cutOnce(disk, chance) {
  const { mount, server, people, record } = disk;
  const uploading = Array.from({ length: UPLOADERS }, (_, index) => keepUploading(people[index % 2], chance, record));
  await pause(chance.between(80, 500));
  // The kernel may finish a flush that was under way: what is answered from here on proves nothing either way.
  const acknowledged = record.filter(({ answer }) => answer);
  execFileSync(powerCut, [mount.folder], { stdio: 'pipe' });
  await server.kill();
  await Promise.all(uploading);
  await mount.remount();
  const start = Date.now();
  await server.restart();
  disk.slowest = Math.max(disk.slowest, Date.now() - start);
  assert.deepEqual(acknowledged.filter(({ answer }) => answer.status !== 201), [], 'uploads were refused before the cut');
  // What was answered after the watermark was never promised; later cuts must not count it.
  disk.record = record.filter((op) => acknowledged.includes(op));
  disk.cut = (disk.cut ?? 0) + record.length - disk.record.length;
  return acknowledged;
}

/** Acknowledged uploads that are not stored as they were acknowledged. */
function lost(server, acknowledged) {
  const stored = new Map(rows(server).map((row) => [row.id, row.hash]));
  const onDisk = new Map(files(server).map(({ name, at }) => [name, at]));
  return acknowledged.filter(({ hash, answer }) => {
    const at = onDisk.get(idOf(answer));
    return stored.get(idOf(answer)) !== hash || !at || sha256(fs.readFileSync(at)) !== hash;
  }).map(({ answer }) => idOf(answer));
}

test('ten power cuts under uploads lose nothing acknowledged and leave nothing half done', { timeout: 120_000 }, async (t) => {
  const chance = seeded();
  const disk = await onItsOwnDisk(t);
  for (let cut = 1; cut <= CUTS; cut += 1) {
    const acknowledged = await cutOnce(disk, chance);
    const where = `cut ${cut}, seed ${chance.seed}`;
    await drawn(disk.server);
    assert.deepEqual(lost(disk.server, acknowledged), [], where);
    assert.deepEqual(complaints(disk.server), [], where);
    assertSound(disk.server);
    const extra = used(disk.mount) - disk.empty - lying(disk.mount.dataDir);
    assert.ok(extra < SLACK, `${where}: ${extra} bytes are taken by nothing that lies there`);
  }
  const [{ answer }] = disk.record;
  const opened = await disk.people[1].open(answer.data.url);
  assert.equal(sha256(opened.data), disk.record[0].hash, 'the first one over its link');
  assert.ok(disk.slowest < START_MS, `the slowest start took ${disk.slowest} ms`);
  assert.ok(disk.record.length >= CUTS, `the test needs uploads that are answered, had ${disk.record.length}`);
  assert.ok(disk.cut >= CUTS, `the test needs uploads that are cut off, had ${disk.cut}`);
  t.diagnostic(`${disk.record.length} acknowledged, ${disk.cut} cut off, slowest start ${disk.slowest} ms, seed ${chance.seed}`);
});

test('a power cut between the file and its row leaves neither, nor a file that was half written', { timeout: 120_000 }, async (t) => {
  const disk = await onItsOwnDisk(t);
  const { mount, server, people: [anna, ben] } = disk;
  const kept = await Upload.begin(anna, film(MB)).end();
  assert.equal(kept?.status, 201);
  await server.kill('SIGTERM');
  const before = used(mount);
  server.env = { FAILPOINTS: 'before_commit=sleep(4000)' };
  await server.restart();
  const half = Upload.begin(ben, film(20 * MB));
  await half.upTo(10 * MB);
  await until(() => staged(server).some(({ size }) => size >= 8 * MB), 40_000, 'half a file being written');
  const whole = Upload.begin(anna, film(20 * MB));
  void whole.end();
  await until(() => files(server).filter(({ name }) => !name.includes('#')).length === 2, 40_000, 'the file getting its name');
  execFileSync(powerCut, [mount.folder], { stdio: 'pipe' });
  await server.kill();
  assert.deepEqual(await Promise.all([half.answer, whole.answer]), [null, null]);
  await mount.remount();
  const lying = fs.readdirSync(folder(server), { recursive: true }).filter((name) => name.includes('/'));
  t.diagnostic(`after the cut there were ${lying.length - 1} files too many`);
  server.env = {};
  await server.restart();
  assert.deepEqual(rows(server).map(({ id }) => id), [idOf(kept)]);
  assert.deepEqual(files(server).map(({ name }) => name), [idOf(kept)]);
  assert.deepEqual(complaints(server), []);
  assert.ok(used(mount) < before + SLACK, `${used(mount) - before} bytes did not come back`);
});

test('the same cuts catch a store that does not flush before it answers', { timeout: 90_000 }, async (t) => {
  const chance = seeded();
  const disk = await onItsOwnDisk(t, { LD_PRELOAD: noFlush });
  for (let cut = 1; cut <= CUTS_TO_CATCH; cut += 1) {
    const missing = lost(disk.server, await cutOnce(disk, chance));
    if (missing.length > 0) return t.diagnostic(`cut ${cut} lost ${missing.length} acknowledged uploads, seed ${chance.seed}`);
  }
  throw new Error(`${CUTS_TO_CATCH} cuts without a loss: the harness proves nothing`);
});
