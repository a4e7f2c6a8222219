'use strict';
// Disks that fill up and disks that fail: no answer that is not true, no help needed afterwards. Needs root for mounts.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { ask } = require('./person');
const { History, stored, assertSound } = require('./oracle');
const { Sender, couples, retry } = require('./senders');
const { Mount } = require('./mounts');
const { Raw } = require('./raw');
const { compile, cpuSeconds, pause, running, scratch, until } = require('./kit');

const shim = compile('io_fault.c', { shared: true });

/** A server whose data folder is a tmpfs of this size. */
async function onSmallDisk(t, size) {
  const mount = Mount.tmpfs(size);
  let server;
  t.after(async () => {
    if (server) { await server.kill(); await server.kakao.close(); }
    mount.remove();
  });
  server = await Server.start({ dataDir: mount.dataDir });
  return { mount, server };
}

/** Takes every byte that is left; `remove()` gives them back. */
function filler(folder) {
  const file = path.join(folder, 'filler');
  const handle = fs.openSync(file, 'w');
  for (let size = 1 << 20; size >= 512; size = Math.floor(size / 2)) {
    try { for (;;) if (fs.writeSync(handle, Buffer.alloc(size)) < size) break; } catch (error) { assert.equal(error.code, 'ENOSPC'); }
  }
  fs.closeSync(handle);
  return { remove: () => fs.rmSync(file) };
}

const health = (server) => fetch(`${server.url}/healthz`).then(({ status }) => status);

/** Sends until one is refused; resolves with that one. */
async function untilRefused(sender) {
  for (let count = 0; count < 5_000; count += 1) {
    const op = await sender.send();
    if (op.outcome !== 'ok') return op;
  }
  throw new Error('5,000 sends found room on a full disk');
}

test('a full disk refuses sends with 9507, reads and sockets live on, and all comes back by itself', { timeout: 120_000 }, async (t) => {
  const { mount, server } = await onSmallDisk(t, '24M');
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const history = new History();
  const sender = await Sender.join(anna, roomId, history, { size: 1_200 });
  const other = await Sender.join(ben, roomId, history, { size: 1_200 });
  for (let sent = 0; sent < 50; sent += 1) await sender.send();
  assert.equal(await health(server), 200);

  const full = filler(mount.folder);
  assert.equal((await untilRefused(sender)).code, '9507');
  const second = await untilRefused(other);
  assert.equal(second.code, '9507');
  await until(async () => await health(server) === 503, 15_000, '/healthz turning red');
  assert.equal((await anna.get(`/rooms/${roomId}/messages?limit=50`)).data.code, '0000');
  assert.equal((await anna.get('/messages')).data.code, '0000');
  assert.equal((await ask(sender.socket, 'enter', { roomId, read: false })).code, '0000');
  assert.ok(sender.socket.connected && other.socket.connected);
  const late = await ben.rooms();
  assert.equal((await ask(late, 'enter', { roomId, read: false })).code, '0000');
  const login = await ben.post('/auth/login', { accessToken: `k-${ben.kakaoId}` });
  assert.deepEqual([login.status, login.data.code], [507, '9507']);
  const post = await anna.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: 'x'.repeat(4_000) });
  assert.deepEqual([post.status, post.data.code], [507, '9507']);

  full.remove();
  await until(async () => (await sender.send()).outcome === 'ok', 15_000, 'sends being taken again');
  await until(async () => await health(server) === 200, 15_000, '/healthz turning green');
  assert.ok(sender.socket.connected && other.socket.connected);
  assert.equal((await retry(ben, second)).content, second.content);
  second.outcome = 'info';
  assert.deepEqual(history.complaints(stored(server)), []);

  await server.kill();
  await server.restart();
  assert.deepEqual(history.complaints(stored(server)), []);
  assertSound(server);
  [anna, ben].forEach((person) => person.leaveAll());
});

/** A server that can be made to fail its next flush of a file with this end. */
async function withFaults(t, ends) {
  const home = scratch();
  const trigger = path.join(home, 'now');
  const server = await Server.start({ env: { LD_PRELOAD: shim, IO_FAULT: trigger, IO_FAULT_ENDS: ends } });
  t.after(async () => { await server.stop(); fs.rmSync(home, { recursive: true, force: true }); });
  return { server, fail: () => fs.writeFileSync(trigger, ''), hasFailed: () => !fs.existsSync(trigger) };
}

test('a flush that fails acknowledges nothing of its group; after it the server is either sound or gone', { timeout: 60_000 }, async (t) => {
  const { server, fail, hasFailed } = await withFaults(t, '-wal');
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const history = new History();
  const phones = await Promise.all([anna, ben].map((person) => Sender.join(person, roomId, history, { window: 8 })));
  for (let sent = 0; sent < 20; sent += 1) await phones[0].send();

  fail();
  const group = phones.map((phone) => phone.send());
  const [op] = history.ops.slice(-2);
  await until(hasFailed, 5_000, 'the flush failing');
  await Promise.race([Promise.all(group), server.exited]);
  assert.notEqual(op.outcome, 'ok', 'acknowledged without being on disk');

  if (running(server)) await Promise.race([phones[0].send(), server.exited]);
  if (running(server)) await server.kill();
  else assert.ok((await server.exited).code > 0, 'a server that ends for a failed disk ends with an error');
  phones.forEach((phone) => phone.leave());
  await server.restart();
  // Told that it failed, a phone knows as little as if it had heard nothing: the frames may have reached the disk.
  assert.deepEqual(history.complaints(stored(server), { isFailKnown: false }), []);
  const message = await retry(anna, op);
  assert.equal(message.content, op.content);
  assertSound(server);
});

test('a checkpoint whose flush fails loses nothing', { timeout: 60_000 }, async (t) => {
  const { server, fail, hasFailed } = await withFaults(t, 'bambitalk.db');
  const [{ people: [anna], roomId }] = await couples(server, 1);
  const history = new History();
  const sender = await Sender.join(anna, roomId, history, { window: 16, most: 8_000, size: 1_500 });
  fail();
  sender.start();
  await until(hasFailed, 30_000, 'a checkpoint failing');
  await Promise.race([sender.drain(), server.exited]);
  await server.kill();
  sender.leave();
  await server.restart();
  assert.deepEqual(history.complaints(stored(server), { isFailKnown: false }), []);
  assertSound(server);
});

test('without free descriptors connections wait or are refused, nothing spins, and open sockets live', { timeout: 60_000 }, async (t) => {
  const server = await Server.start({ prefix: ['sh', '-c', 'ulimit -n 64; exec "$0" "$@"'] });
  t.after(() => server.stop());
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const [socket, witness] = await Promise.all([anna.rooms(), ben.chats()]);

  const flood = await Promise.all(Array.from({ length: 150 }, () => Raw.connect(server).catch(() => null)));
  const before = cpuSeconds(server.pid);
  await pause(3_000);
  const spent = cpuSeconds(server.pid) - before;
  assert.ok(fs.readdirSync(`/proc/${server.pid}/fd`).length >= 60, 'the test needs the descriptors used up to mean anything');
  assert.ok(spent < 1, `${spent.toFixed(2)} s of processor in 3 s of nothing`);
  const answer = await ask(socket, 'send', { roomId, type: 'TEXT', content: 'still here' });
  assert.equal(answer.code, '0000');
  await until(() => witness.heard.some(([event, { content } = {}]) => event === 'receive_message' && content === 'still here'), 5_000, 'the other hearing it');

  flood.forEach((raw) => raw?.close());
  await until(async () => (await health(server).catch(() => 0)) === 200, 10_000, 'new connections being served');
  assert.ok(socket.connected && witness.connected && running(server));
  [anna, ben].forEach((person) => person.leaveAll());
});

test('a phone that is signed out while the disk is full is out at once, whether that could be written or not', { timeout: 120_000 }, async (t) => {
  const { mount, server } = await onSmallDisk(t, '24M');
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const history = new History();
  const sender = await Sender.join(anna, roomId, history, { size: 1_200 });
  const lost = await ben.rooms();
  const full = filler(mount.folder);
  await untilRefused(sender);
  await until(async () => await health(server) === 503, 15_000, '/healthz turning red');

  const logout = await ben.post('/auth/logout');
  // A sign-out needs no more room than the log has where it wraps; which of the two it is, is up to the moment.
  assert.ok(['200 0000', '507 9507'].includes(`${logout.status} ${logout.data.code}`), logout.text);
  t.diagnostic(`answered ${logout.status}`);
  assert.equal((await ben.get('/users/me')).data.code, '2400');
  await until(() => !lost.connected, 5_000, 'the socket of the lost phone being closed');
  assert.equal((await anna.get('/users/me')).status, 200);

  full.remove();
  assert.equal((await ben.get('/users/me')).data.code, '2400');
});
