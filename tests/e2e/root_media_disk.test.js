'use strict';
// Uploads on a disk that fills up: refused before the database is short of room, and never half kept. Needs root for mounts.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { ask, uuid } = require('./person');
const { stored, assertSound } = require('./oracle');
const { couples } = require('./senders');
const { Mount } = require('./mounts');
const { until } = require('./kit');
const { MB, Upload, film, photo, sha256, rows, files, staged, strays, complaints, drawn, idOf } = require('./uploads');

const GONE_MS = 30_000;
const FLOOR_MAX = 200 * MB;

const free = ({ folder }) => { const { bavail, bsize } = fs.statfsSync(folder); return bavail * bsize; };
/** What is free or the database's own: messages make that grow, and a late checkpoint its log. */
const spare = (mount) => free(mount) + fs.readdirSync(mount.dataDir).filter((name) => name.startsWith('bambitalk.db'))
  .reduce((sum, name) => sum + fs.statSync(path.join(mount.dataDir, name)).blocks * 512, 0);
const total = ({ folder }) => { const { blocks, bsize } = fs.statfsSync(folder); return blocks * bsize; };
const floor = (mount) => Math.min(FLOOR_MAX, Math.ceil(total(mount) * 0.05));

/** A file that takes all but `left` bytes; `remove()` gives them back. */
function filler(mount, left) {
  const file = path.join(mount.folder, `filler-${uuid()}`);
  const remove = () => fs.rmSync(file, { force: true });
  if (left > 0) execFileSync('fallocate', ['-l', String(free(mount) - left), file], { stdio: 'pipe' });
  else takeAll(file);
  return { remove };
}

function takeAll(file) {
  const handle = fs.openSync(file, 'w');
  for (let size = 1 << 20; size >= 512; size = Math.floor(size / 2)) {
    try { for (;;) if (fs.writeSync(handle, Buffer.alloc(size)) < size) break; } catch (error) { assert.equal(error.code, 'ENOSPC'); }
  }
  fs.closeSync(handle);
}

/** A server with a couple on a file system of its own. `say()` sends one message and answers the ack's code. */
async function onSmallDisk(t, kind, size) {
  const mount = Mount[kind](size);
  let server;
  t.after(async () => {
    if (server) { await server.kill(); await server.kakao.close(); }
    mount.remove();
  });
  server = await Server.start({ dataDir: mount.dataDir });
  const [{ people, roomId }] = await couples(server, 1);
  t.after(() => people.forEach((person) => person.leaveAll()));
  const socket = await people[0].rooms();
  const said = [];
  const say = async () => {
    const answer = await ask(socket, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: `m${said.length} ${'·'.repeat(1_000)}` });
    if (answer.code === '0000') said.push(answer.data.id);
    return answer.code;
  };
  return { mount, server, people, say, said };
}

/** Nothing of an upload is left; what was said is stored. */
async function assertClear({ mount, server, said }, before) {
  await until(() => files(server).length === rows(server).length && strays(server).length === 0, GONE_MS, 'the partial file being gone');
  assert.deepEqual(complaints(server), []);
  await until(() => spare(mount) > before - MB, GONE_MS, 'the space coming back');
  const ids = new Set(stored(server).map(({ id }) => id));
  assert.deepEqual(said.filter((id) => !ids.has(id)), []);
  assertSound(server);
}

const refusal = (answer) => [answer?.status, answer?.code];
const sent = (person, content, options) => Upload.begin(person, content, options).end();

for (const kind of ['tmpfs', 'ext4']) {
  test(`below the floor uploads are refused and messages are written (${kind})`, { timeout: 60_000 }, async (t) => {
    const disk = await onSmallDisk(t, kind, '300M');
    const { mount, server, people: [anna], say } = disk;
    let full = filler(mount, floor(mount) + 4 * MB);
    assert.equal((await sent(anna, film(MB)))?.status, 201);
    assert.deepEqual(refusal(await sent(anna, film(12 * MB))), [507, '9507'], 'more than there is above the floor');
    const before = spare(mount);
    full.remove();
    full = filler(mount, floor(mount) - MB);
    for (const isChunked of [false, true]) assert.deepEqual(refusal(await sent(anna, film(100_000), { isChunked })), [507, '9507']);
    const codes = [];
    for (let count = 0; count < 50; count += 1) codes.push(await say());
    assert.deepEqual(codes.filter((code) => code !== '0000'), []);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    full.remove();
    assert.equal((await sent(anna, film(12 * MB)))?.status, 201);
    await assertClear(disk, before);
  });

  test(`an upload that does not say its length is stopped near the floor (${kind})`, { timeout: 60_000 }, async (t) => {
    const disk = await onSmallDisk(t, kind, '600M');
    const { mount, people: [anna], say } = disk;
    filler(mount, floor(mount) + 8 * MB);
    const before = spare(mount);
    const [answer, ...codes] = await Promise.all([sent(anna, film(31 * MB), { isChunked: true }), ...Array.from({ length: 20 }, say)]);
    assert.deepEqual(refusal(answer), [507, '9507']);
    assert.deepEqual(codes.filter((code) => code !== '0000'), []);
    await assertClear(disk, before);
    assert.equal(await say(), '0000');
  });

  test(`a disk that fills up under an upload: 507, the partial file goes, chat goes on (${kind})`, { timeout: 60_000 }, async (t) => {
    const disk = await onSmallDisk(t, kind, '300M');
    const { mount, server, people: [anna], say } = disk;
    const before = spare(mount);
    // The first has parts to write yet, the second has them all written but the last.
    for (const [size, sentUpTo] of [[14 * MB, 8 * MB], [8.5 * MB, 8.5 * MB]]) {
      const content = film(size);
      const upload = Upload.begin(anna, content);
      await upload.upTo(sentUpTo);
      await until(() => staged(server).some((file) => file.size >= 7 * MB), 10_000, 'the upload being under way');
      const full = filler(mount, 0);
      assert.deepEqual(refusal(await upload.end()), [507, '9507'], `after ${sentUpTo} of ${size}`);
      // The partial file made room for it.
      await until(async () => await say() === '0000', 10_000, 'messages being taken again');
      full.remove();
      await assertClear(disk, before);
      assert.deepEqual(rows(server), []);
    }
    const content = film(3 * MB);
    const after = await anna.upload(content, 'film.mp4');
    assert.equal(after.status, 201);
    assert.equal(sha256((await anna.open(after.data.data.url)).data), sha256(content));
    await server.kill();
    await server.restart();
    assert.deepEqual(complaints(server), []);
  });
}

test('uploads that are under way together leave the database the room that it is promised', { timeout: 60_000 }, async (t) => {
  const disk = await onSmallDisk(t, 'tmpfs', '300M');
  const { mount, server, people, say } = disk;
  filler(mount, floor(mount) + 4 * MB);
  const before = spare(mount);
  const uploads = Array.from({ length: 16 }, (_, index) => Upload.begin(people[index % 2], film(3 * MB)));
  // All have begun, or are refused, before any has taken much.
  await Promise.all(uploads.map((upload) => upload.upTo(64 << 10)));
  const refused = () => uploads.filter(({ isOver }) => isOver).length;
  await until(() => strays(server).length + refused() === 16, 10_000, 'sixteen uploads having begun');
  await Promise.all(uploads.map((upload) => upload.upTo(2.5 * MB)));
  await until(() => free(mount) < MB || staged(server).every(({ size }) => size >= 2 * MB), 10_000, 'what was sent being written');
  const left = free(mount);
  const codes = [];
  for (let count = 0; count < 300; count += 1) codes.push(await say());
  const statuses = (await Promise.all(uploads.map((upload) => upload.end()))).map((answer) => answer?.status);
  t.diagnostic(`${left} bytes were left under the uploads, which were answered ${statuses}`);
  assert.deepEqual(new Set(codes), new Set(['0000']), 'what messages were answered under the uploads');
  assert.ok(left > floor(mount) - 2 * MB, `${left} bytes were left of the floor's ${floor(mount)}`);
  assert.deepEqual([...new Set(statuses)].sort(), [201, 507]);
  const kept = statuses.filter((status) => status === 201).length * 3 * MB;
  await assertClear(disk, before - kept);
});

test('what is announced and not sent keeps nobody else from uploading', { timeout: 60_000 }, async (t) => {
  const disk = await onSmallDisk(t, 'tmpfs', '300M');
  const { mount, server, people: [anna, ben] } = disk;
  const before = spare(mount);
  const uploads = Array.from({ length: 8 }, () => Upload.begin(ben, film(32 * MB)));
  await Promise.all(uploads.map((upload) => upload.upTo(64 << 10)));
  await until(() => strays(server).length === 8, 10_000, 'eight uploads having begun');
  assert.ok(free(mount) - floor(mount) < 8 * 32 * MB + 31 * MB, 'the test needs a disk that is too small for all of them to mean anything');
  assert.equal((await sent(anna, film(31 * MB)))?.status, 201);
  // What there is no room for now is refused before it is sent, whoever may give some back.
  const filled = filler(mount, floor(mount) + 150 * MB);
  assert.deepEqual(refusal(await sent(anna, film(30 * MB))), [507, '9507']);
  filled.remove();
  const statuses = (await Promise.all(uploads.map((upload) => upload.end()))).map((answer) => answer?.status);
  t.diagnostic(`those that sent the rest were answered ${statuses}`);
  assert.ok(free(mount) >= floor(mount) - MB, 'the floor holds');
  const kept = statuses.filter((status) => status === 201).length * 32 * MB + 31 * MB;
  await assertClear(disk, before - kept);
});

test('a poster leaves the database its room as well, and finds a full disk as an upload does', { timeout: 60_000 }, async (t) => {
  const disk = await onSmallDisk(t, 'tmpfs', '300M');
  const { mount, server, people: [anna], say } = disk;
  const films = [await anna.upload(film(MB), 'film.mp4'), await anna.upload(film(MB), 'film.mp4')].map(({ data }) => idOf(data));
  const poster = Buffer.concat([photo(), Buffer.alloc(500 << 10, 7)]);
  const put = async (id) => { const { status, data } = await anna.put(`/media/${id}/poster`, poster, { headers: { 'content-type': 'image/jpeg' } }); return [status, data.code]; };
  let full = filler(mount, floor(mount) + 200_000);
  assert.deepEqual(await put(films[0]), [507, '9507']);
  full.remove();
  full = filler(mount, 0);
  assert.deepEqual(await put(films[0]), [507, '9507']);
  full.remove();
  assert.deepEqual(files(server).filter(({ name }) => name.includes('poster')), []);
  assert.equal(await say(), '0000');
  for (const id of films) assert.deepEqual(await put(id), [200, '0000']);
  await drawn(server);
  assert.deepEqual(complaints(server), []);
  assertSound(server);
});
