'use strict';
// How the process begins and ends: one owner of the folder, one line when it cannot start, nothing half done when it stops.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { Person, ask } = require('./person');
const { attempt, attemptServe, assertRefused, folders } = require('./attempt');
const { History, stored, assertSound } = require('./oracle');
const { Raw, RawSocket } = require('./raw');
const { Sender, couples } = require('./senders');
const { until, within } = require('./kit');

const STOP_MS = 10_000;

async function started(t, options) {
  const server = await Server.start(options);
  t.after(() => server.stop());
  return server;
}

test('a second server on the same folder is refused in one line, and the first one does not notice', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const [{ people: [anna], roomId }] = await couples(server, 1);
  const socket = await anna.rooms();

  assertRefused(attemptServe(server.dataDir), 1, /bambitalk.*using/i);

  assert.equal((await ask(socket, 'send', { roomId, type: 'TEXT', content: 'still here' })).code, '0000');
  assert.equal(socket.connected, true);
  anna.leaveAll();
});

test('a taken port is refused in one line, and a folder is not left owned', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const dataDir = folders(t)('data');

  assertRefused(attempt(['serve', '--data-dir', dataDir, '--listen', server.listen]), 1, new RegExp(server.listen.split(':')[1]));

  const other = await Server.start({ dataDir });
  assert.equal((await other.stop()).code, 0);
});

/** 100 sockets of one couple, half on each namespace, that come back by themselves as the app's library does. */
async function hundred(people) {
  const reconnection = { reconnection: true, reconnectionDelay: 200, reconnectionDelayMax: 1_000 };
  return Promise.all(Array.from({ length: 100 }, (_, index) => (
    index % 2 ? people[index % 4 > 1 ? 1 : 0].rooms(reconnection) : people[index % 4 > 1 ? 1 : 0].chats(reconnection))));
}

const walSize = (server) => (fs.existsSync(`${server.database}-wal`) ? fs.statSync(`${server.database}-wal`).size : 0);

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`${signal} under 100 sockets ends it within ten seconds, and what was not answered was not stored`, { timeout: 90_000 }, async (t) => {
    const server = await started(t);
    const [{ people, roomId }] = await couples(server, 1);
    t.after(() => people.forEach((person) => person.leaveAll()));
    const history = new History();
    const crowd = await hundred(people);
    const writers = await Promise.all(Array.from({ length: 10 }, (_, index) => Sender.join(people[index % 2], roomId, history, { window: 8, most: 5_000 })));
    writers.forEach((writer) => writer.start());
    await until(() => history.ok().length > 200, 20_000, 'the load getting under way');
    // Also the writers': their last answers come before it.
    const sockets = [...crowd, ...writers.map(({ socket }) => socket)];
    const told = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('disconnect', resolve))));

    const { code } = await within(server.kill(signal), STOP_MS, 'the process ending');
    assert.equal(code, 0);
    await within(told, 5_000, 'every socket hearing of the end');
    assert.equal(walSize(server), 0, 'the write-ahead log is empty');
    writers.forEach((writer) => writer.leave());
    const rows = stored(server);
    assert.deepEqual(history.complaints(rows), []);
    const clientIds = new Set(rows.map(({ clientId }) => clientId));
    const unanswered = history.ops.filter((op) => op.outcome === 'info' && clientIds.has(op.clientId)).map(({ content }) => content);
    assert.deepEqual(unanswered, [], 'stored, but never answered');

    await server.restart();
    await until(() => crowd.every((socket) => socket.connected), 15_000, 'all phones being back by themselves');
    assertSound(server);
  });
}

test('a stop waits for nobody who lingers', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const [{ people: [anna, ben], roomId }] = await couples(server, 1);
  const deaf = await RawSocket.enter(server, '/chats', ben.accessToken);
  deaf.tcp.pause();
  const writer = await Sender.join(anna, roomId, new History(), { window: 16, most: 700, size: 3_000 });
  writer.start();
  await until(() => writer.sent === 700, 20_000, 'more being sent than a connection holds');
  await writer.drain();
  await anna.rooms({ transports: ['polling'] });
  const slow = anna.post('/auth/login', { accessToken: 'slow' }).catch(() => {});
  const half = await Raw.connect(server);
  half.write('POST /api/v1/auth/password/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{');
  const idle = await Raw.connect(server);
  idle.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal((await idle.head()).status, 200);
  await RawSocket.open(server);

  const { code } = await within(server.kill('SIGTERM'), STOP_MS, 'the process ending');
  assert.equal(code, 0);
  assert.equal(walSize(server), 0);
  await slow;
  anna.leaveAll();
});

test('a start says its version, its folder, its address and the set-up code, once; after set-up no code', { timeout: 60_000 }, async (t) => {
  const server = await started(t, { strict: true });
  const version = attempt(['--version']).stdout.trim().split(' ').pop();
  const code = server.setupCode();
  const said = (text) => server.output.split(text).length - 1;
  await until(() => said(code) > 0, 5_000, 'the set-up code on the terminal');
  assert.equal(said(code), 1);
  assert.ok(said(version) >= 1, server.output);
  assert.ok(said(server.dataDir) >= 1, server.output);
  assert.ok(said(server.url) >= 1, server.output);

  const admin = new Person(server);
  const setUp = (setupCode) => admin.post('/setup', {
    setupCode, loginId: 'anna', password: 'a long enough one', nickname: '안나', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul',
  });
  const wrong = await setUp('WRONG-CODE');
  assert.ok(wrong.status >= 400 && wrong.status < 500);
  await server.kill('SIGTERM');
  await server.restart();
  assert.equal(server.setupCode(), code, 'the code survives a restart');
  const set = await setUp(code);
  assert.equal(set.status, 201, JSON.stringify(set.data));

  await server.kill('SIGTERM');
  await server.restart();
  assert.equal((await admin.get('/server')).data.data.needsSetup, false);
  assert.equal(said(code), 0, 'a used code is not shown');
  assert.ok(!fs.existsSync(path.join(server.dataDir, 'setup-code')), 'nor kept');
});

test('all that it makes is its own: files 0600, folders 0700', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  await Person.couple(server);
  const wrong = [];
  const walk = (folder) => {
    for (const name of ['.', ...fs.readdirSync(folder)]) {
      const at = path.join(folder, name);
      const stat = fs.lstatSync(at);
      const mode = (stat.mode & 0o777).toString(8);
      if (mode !== (stat.isDirectory() ? '700' : '600')) wrong.push(`${at} is ${mode}`);
      if (stat.isDirectory() && name !== '.') walk(at);
    }
  };
  walk(server.dataDir);
  assert.deepEqual(wrong, []);
  assert.ok(fs.readdirSync(server.dataDir).length >= 3);
});

test('healthcheck ends with 0 while the server is up and with 1 when it is down', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  const check = () => attempt(['healthcheck', '--data-dir', server.dataDir, '--listen', server.listen]);
  assert.equal(check().code, 0, check().stderr);
  await server.kill('SIGTERM');
  const down = check();
  assert.equal(down.code, 1);
  assert.equal(down.stderr.trim().split('\n').length, 1, down.stderr);
});

test('after a kill the next start needs no help, whatever was left lying', { timeout: 60_000 }, async (t) => {
  const server = await started(t);
  await Person.couple(server);
  await server.kill('SIGKILL');
  assert.ok(fs.existsSync(path.join(server.dataDir, 'control.sock')), 'the test needs a left-over socket to mean anything');
  await server.restart();
  assert.equal(server.cli('healthcheck', '--listen', server.listen).code, 0);
});
