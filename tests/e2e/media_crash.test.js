'use strict';
// The process dies, is stopped or is left alone at any moment of an upload: what was acknowledged is there whole, and
// nothing else is: no row without its file, no file without its row.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { Person } = require('./person');
const { runSql, assertSound } = require('./oracle');
const { withFailPoint, quiet } = require('./fail_points');
const { compile, pause, running, scratch, seeded, until, within } = require('./kit');
const { MB, Upload, film, photo, sha256, files, staged, rows, strays, complaints, drawn, folder, idOf } = require('./uploads');

const KILLS = 20;
const UPLOADERS = 5;
const STOP_MS = 10_000;
const GONE_MS = 3_000;
const DAY_MS = 86_400_000;

async function started(t, options) {
  const server = await Server.start(options);
  t.after(async () => { await server.kill(); await server.stop(); });
  return server;
}

/** Uploads one after the other until one is not taken; writes down what became of each. */
async function keepUploading(person, chance, record) {
  for (let op; !op || op.answer?.status === 201;) {
    const isPhoto = chance.between(1, 5) === 1;
    const size = chance.between(1, 6) === 1 ? chance.between(8 * MB, 30 * MB) : chance.between(MB, 5 * MB);
    const content = isPhoto ? photo() : film(size);
    op = { hash: sha256(content), size: content.length, answer: undefined };
    record.push(op);
    op.answer = await Upload.begin(person, content, { name: isPhoto ? 'photo.jpg' : 'film.mp4' }).end();
  }
}

/** What was acknowledged, opened by its link as a phone would: sentences about what is not as it was sent. */
async function unlike(person, ops) {
  const found = [];
  for (const { hash, answer } of ops) {
    const opened = await person.open(answer.data.url);
    if (opened.status !== 200 || sha256(opened.data) !== hash) found.push(`${idOf(answer)} was acknowledged and answers ${opened.status}`);
  }
  return found;
}

test('twenty kills under parallel uploads lose nothing acknowledged and leave nothing half done', { timeout: 120_000 }, async (t) => {
  const chance = seeded();
  t.diagnostic(`seed ${chance.seed}`);
  const server = await started(t);
  const people = await Person.couple(server);
  const hashes = new Map();
  const all = [];
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const record = [];
    const uploading = Array.from({ length: UPLOADERS }, (_, index) => keepUploading(people[index % 2], chance, record));
    await pause(chance.between(40, 450));
    await server.kill();
    await Promise.all(uploading);
    await server.restart();

    const where = `after kill ${kill}, seed ${chance.seed}`;
    assert.deepEqual(record.filter(({ answer }) => answer && answer.status !== 201), [], where);
    assert.deepEqual(complaints(server, hashes), [], where);
    assert.deepEqual(await unlike(people[0], record.filter(({ answer }) => answer)), [], where);
    all.push(...record);
  }
  const acknowledged = all.filter(({ answer }) => answer);
  const stored = new Map(rows(server).map((row) => [row.id, row.hash]));
  assert.deepEqual(acknowledged.filter(({ hash, answer }) => stored.get(idOf(answer)) !== hash), []);
  assertSound(server);
  const cut = all.length - acknowledged.length;
  assert.ok(acknowledged.length >= KILLS, `the test needs uploads that are answered, had ${acknowledged.length}`);
  assert.ok(cut >= 2 * KILLS, `the test needs uploads that are cut off, had ${cut}`);
  t.diagnostic(`${acknowledged.length} uploads acknowledged, ${cut} cut off, ${Math.round(acknowledged.reduce((sum, { size }) => sum + size, 0) / MB)} MB`);
});

test('a kill between the file and its row leaves neither', { timeout: 60_000 }, async (t) => {
  const { server, pair: { people: [anna] } } = await withFailPoint(t, 'before_commit=sleep(4000)');
  const upload = Upload.begin(anna, film(2 * MB));
  void upload.end();
  await until(() => files(server).some(({ name }) => !name.includes('#')), 40_000, 'the file getting its name');
  await server.kill();
  assert.equal(await upload.answer, null);
  assert.equal(rows(server).length, 0, 'the test needs a kill before the row to mean anything');
  assert.equal(strays(server).length, 1);

  await quiet(server);
  assert.deepEqual([files(server), rows(server), strays(server)], [[], [], []]);
  assert.equal((await anna.upload(film(MB), 'again.mp4')).status, 201);
  assert.deepEqual(complaints(server), []);
});

test('a kill between the row and the answer keeps both', { timeout: 60_000 }, async (t) => {
  const { server, pair: { people: [anna] } } = await withFailPoint(t, 'after_commit_before_answer=sleep(4000)');
  const content = film(2 * MB);
  const upload = Upload.begin(anna, content);
  void upload.end();
  await until(() => rows(server).length === 1, 40_000, 'the row being committed');
  await server.kill();
  assert.equal(await upload.answer, null, 'the test needs a kill before the answer to mean anything');
  await quiet(server);
  assert.deepEqual(rows(server).map(({ hash }) => hash), [sha256(content)]);
  assert.deepEqual(complaints(server), []);
});

/** Calls back with the name of whatever is made in the media folder from now on. */
function watch(t, server, heard) {
  const watches = Array.from({ length: 256 }, (_, shard) => {
    const at = path.join(folder(server), shard.toString(16).padStart(2, '0'));
    fs.mkdirSync(at, { recursive: true, mode: 0o700 });
    return fs.watch(at, (_event, name) => heard(name ?? ''));
  });
  t.after(() => watches.forEach((one) => one.close()));
}

test('a kill while a thumbnail is being written leaves no part of it, and the next start makes it', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const anna = await Person.signUp(server);
  let isDeadly = true;
  watch(t, server, (name) => { if (isDeadly && name.includes('.thumb')) server.process.kill('SIGKILL'); });
  const isCut = () => rows(server).some(({ id, thumb }) => thumb === 'waiting' && files(server).some(({ name }) => name.startsWith(`${id}.`)));
  for (let count = 0; count < 20 && (count === 0 || !isCut()); count += 1) {
    if (!running(server)) await server.restart();
    void Upload.begin(anna, photo(), { name: 'photo.jpg' }).end();
    await within(server.exited, 10_000, 'a thumbnail being written');
  }
  assert.ok(isCut(), 'the test needs a kill in time to mean anything');
  isDeadly = false;
  await server.restart();
  await drawn(server);
  assert.deepEqual(complaints(server), []);
  assert.deepEqual(rows(server).filter(({ thumb }) => thumb !== 'ready'), []);
  for (const { name, at } of files(server).filter((file) => file.name.endsWith('.thumb'))) {
    assert.equal(fs.readFileSync(at).subarray(-2).toString('hex'), 'ffd9', `${name} is cut short`);
  }
});

test('a caller who hangs up at 10, 50 or 99 % leaves nothing', { timeout: 30_000 }, async (t) => {
  const server = await started(t);
  const anna = await Person.signUp(server);
  for (const share of [0.1, 0.5, 0.99]) {
    const content = film(12 * MB);
    const held = Math.floor(content.length * share);
    const upload = Upload.begin(anna, content);
    await upload.upTo(held);
    await until(() => staged(server).some(({ size }) => size >= held - 2 * MB), 10_000, 'the bytes reaching the disk');
    assert.equal(strays(server).length, 1);
    upload.hangUp();
    await until(() => files(server).length === 0 && strays(server).length === 0, GONE_MS, `all of it being gone at ${share}`);
    assert.deepEqual(rows(server), []);
  }
  assert.equal((await anna.upload(film(MB), 'film.mp4')).status, 201);
  assert.deepEqual(complaints(server), []);
});

test('eight callers who hang up give their places back', { timeout: 30_000 }, async (t) => {
  const server = await started(t);
  const anna = await Person.signUp(server);
  for (let round = 1; round <= 3; round += 1) {
    const uploads = Array.from({ length: 8 }, () => Upload.begin(anna, film(4 * MB)));
    await Promise.all(uploads.map((upload) => upload.upTo(3 * MB)));
    await until(() => staged(server).length === 8, 10_000, 'eight uploads being under way');
    const ninth = await Upload.begin(anna, film(MB)).end();
    assert.deepEqual([ninth.status, ninth.code], [429, '1429']);
    uploads.forEach((upload) => upload.hangUp());
    await until(() => files(server).length === 0 && strays(server).length === 0, GONE_MS, 'all of it being gone');
  }
  assert.equal((await anna.upload(film(MB), 'film.mp4')).status, 201);
});

test('SIGTERM under 20 sockets and 3 uploads ends it within ten seconds and leaves nothing half done', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const people = await Person.couple(server);
  t.after(() => people.forEach((person) => person.leaveAll()));
  await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 3 ? people[index % 2].rooms() : people[index % 2].chats())));
  const [silent, slow, quick] = Array.from({ length: 3 }, () => Upload.begin(people[0], film(30 * MB)));
  await Promise.all([silent, slow, quick].map((upload) => upload.upTo(8 * MB)));
  await until(() => staged(server).filter(({ size }) => size >= 6 * MB).length === 3, 10_000, 'three uploads being under way');
  void slow.trickle();
  const ending = quick.end();

  const { code } = await within(server.kill('SIGTERM'), STOP_MS, 'the process ending');
  assert.equal(code, 0);
  const wal = `${server.database}-wal`;
  assert.equal(fs.existsSync(wal) ? fs.statSync(wal).size : 0, 0, 'the write-ahead log is empty');
  const answer = await ending;
  const others = await Promise.all([silent.answer, slow.answer]);
  assert.ok(others.every((other) => other?.status !== 201), JSON.stringify(others));

  await server.restart();
  assert.deepEqual(complaints(server), []);
  const expected = answer?.status === 201 ? [sha256(quick.content)] : [];
  if (answer) assert.deepEqual(rows(server).map(({ hash }) => hash), expected);
  t.diagnostic(`the quick one was answered ${answer?.status}`);
  assertSound(server);
});

test('a removal that is cut off is finished by the next start', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const anna = await Person.signUp(server);
  const uploads = [await anna.upload(film(MB), 'a.mp4'), await anna.upload(photo(), 'b.jpg'), await anna.upload(film(MB), 'kept.mp4')];
  assert.deepEqual(uploads.map(({ status }) => status), [201, 201, 201]);
  await drawn(server);
  const [first, second, kept] = uploads.map(({ data }) => idOf(data));
  const has = (id) => files(server).filter(({ name }) => name.startsWith(id)).length;
  assert.deepEqual([has(first), has(second), has(kept)], [1, 2, 1]);
  await server.kill('SIGTERM');
  const then = Date.now() - 31 * DAY_MS;
  runSql(server.database, `update media set trashed_at = ${then} where lower(hex(id)) in ('${first}', '${second}')`);

  server.env = { FAILPOINTS: 'before_trashed_file_goes=sleep(60000)' };
  await server.restart();
  await until(() => strays(server).length === 2, 15_000, 'the removal being committed');
  await server.kill();
  assert.deepEqual([has(first), has(second)], [1, 2], 'the test needs a kill before the files are gone to mean anything');
  assert.deepEqual(rows(server).map(({ id }) => id), [kept]);

  await quiet(server);
  assert.deepEqual([has(first), has(second), has(kept)], [0, 0, 1]);
  assert.deepEqual(complaints(server), []);
});

test('a poster whose caller hangs up never mixes with the next one', { timeout: 120_000 }, async (t) => {
  const { server, pair: { people: [anna] } } = await withFailPoint(t, 'before_commit=sleep(2000)');
  const { data } = await anna.upload(film(MB), 'film.mp4');
  const id = idOf(data);
  const [first, second] = [photo(), Buffer.concat([photo(), Buffer.alloc(1_000)])];
  const put = (poster, options) => anna.put(`/media/${id}/poster`, poster, { headers: { 'content-type': 'image/jpeg' }, ...options });
  const hangUp = new AbortController();
  const cut = put(first, { signal: hangUp.signal }).catch(() => {});
  await until(() => files(server).some(({ name, size }) => name === `${id}.poster` && size === first.length), 40_000, 'the first poster being written');
  // Lets its row be on its way to the writer; the outcome does not hang on it.
  await pause(50);
  hangUp.abort();
  await cut;
  const answer = await put(second);
  assert.ok(answer.status === 200 || answer.data.code === '6409', JSON.stringify(answer.data));
  await drawn(server);
  assert.deepEqual(complaints(server), [], `the second was answered ${answer.status}`);
  assert.equal(rows(server)[0].poster, sha256(answer.status === 200 ? second : first));
  await server.kill();
  await quiet(server);
  assert.deepEqual(complaints(server), []);
});

test('a flush that fails under the row never leaves the row without its file', { timeout: 60_000 }, async (t) => {
  const home = scratch();
  const trigger = path.join(home, 'now');
  const shim = compile('io_fault.c', { shared: true });
  const server = await started(t, { env: { LD_PRELOAD: shim, IO_FAULT: trigger, IO_FAULT_ENDS: '-wal' } });
  t.after(() => fs.rmSync(home, { recursive: true, force: true }));
  const anna = await Person.signUp(server);
  const content = film(3 * MB);
  const upload = Upload.begin(anna, content);
  await upload.upTo(content.length - 1_000);
  await until(() => strays(server).length === 1, 10_000, 'the upload being noted');
  fs.writeFileSync(trigger, '');
  const answer = await upload.end();
  assert.ok(!fs.existsSync(trigger), 'the flush failed');
  assert.notEqual(answer?.status, 201, 'acknowledged without being on disk');
  await Promise.race([server.exited, pause(10_000)]);
  if (running(server)) await server.kill();

  await quiet(server);
  assert.deepEqual(complaints(server), []);
  t.diagnostic(`the row is ${rows(server).length ? 'there' : 'not there'}`);
});

test('a writer that dies over an upload never leaves the row without its file', { timeout: 60_000 }, async (t) => {
  const noted = new Set();
  // An upload takes two commits: it dies over the note or over the row, as the number of commits that the start makes of its own falls.
  for (let count = 20; count < 44 && noted.size < 2; count += 1) {
    const { server, pair: { people: [anna] } } = await withFailPoint(t, `after_commit_before_answer=${count}*off->panic(boom)`);
    for (let uploads = 0; uploads < 30 && running(server); uploads += 1) await Upload.begin(anna, film(MB)).end();
    await within(server.exited, 10_000, 'the process ending after its writer');
    noted.add(strays(server).length);
    await quiet(server);
    assert.deepEqual(complaints(server), []);
  }
  assert.deepEqual(noted, new Set([0, 1]), 'the test needs deaths over both to mean anything');
});
