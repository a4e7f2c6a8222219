'use strict';
// The disk hangs in the middle of a commit: the server says so, takes no more than it can hold, and can still be stopped.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { History, stored, assertSound } = require('./oracle');
const { withFailPoint, untilStuck, quiet } = require('./fail_points');
const { Sender, crowd } = require('./senders');
const { until, within } = require('./kit');

// What may wait for the writer, all sessions together; each of the eight stays under its own share.
const QUEUE = 20_000;
const FLOOD = 25_000;

const health = (server) => fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(10_000) }).then(({ status }) => status);

test('/healthz is red within five seconds of a commit that hangs, and green again when it is through', { timeout: 60_000 }, async (t) => {
  const { server, pair: { people: [anna], roomId }, history } = await withFailPoint(t, 'before_commit=40*off->1*sleep(9000)->off');
  const stuck = await untilStuck(await Sender.join(anna, roomId, history));
  const red = until(async () => await health(server) === 503, 5_000, '/healthz turning red');
  const [read] = await Promise.all([anna.get(`/rooms/${roomId}/messages`), red]);
  assert.equal(read.status, 200, 'reading goes on');
  await until(() => stuck.outcome === 'ok', 15_000, 'the commit going through');
  await until(async () => await health(server) === 200, 5_000, '/healthz turning green');
  anna.leaveAll();
});

test('a stop during a commit that hangs ends within ten seconds, and nothing acknowledged is lost', { timeout: 60_000 }, async (t) => {
  const { server, pair: { people: [anna], roomId }, history } = await withFailPoint(t, 'before_commit=40*off->sleep(40000)');
  await untilStuck(await Sender.join(anna, roomId, history));
  await within(server.kill('SIGTERM'), 10_000, 'the process ending');
  anna.leaveAll();
  await quiet(server);
  assert.deepEqual(history.complaints(stored(server)), []);
  assertSound(server);
});

test('more than the queue holds is refused with 6407, and what was taken is stored once and in order', { timeout: 60_000 }, async (t) => {
  const { server, pairs, history } = await withFailPoint(t, 'before_commit=40*off->1*sleep(12000)->off', 4);
  // Outside their rooms they hear little but their answers: a socket that falls behind would be cut.
  const phones = await crowd(pairs, history, { isIn: false });
  await untilStuck(phones[0]);
  for (let sent = 0; sent < FLOOD; sent += 1) {
    phones[sent % phones.length].send();
    if (sent % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(phones.map((phone) => phone.drain(30_000)));
  const refused = history.ops.filter((op) => op.outcome === 'fail');
  assert.deepEqual([...new Set(refused.map(({ code }) => code))], ['6407']);
  assert.ok(refused.length >= FLOOD - QUEUE - 100, `${refused.length} refused`);
  assert.ok(history.ok().length >= QUEUE - 100, `${history.ok().length} taken`);
  assert.deepEqual(history.complaints(stored(server)), []);
  phones.forEach((phone) => phone.leave());
});
