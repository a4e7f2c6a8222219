'use strict';
// What became of every message: the histories of the phones against the database and the API.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { running } = require('./kit');

const SCRIPT = path.join(__dirname, 'oracle.py');

function python(...args) {
  return JSON.parse(execFileSync('python3', [SCRIPT, ...args], { encoding: 'utf8', maxBuffer: 1 << 30 }));
}

// The file of a stopped server is looked at in a copy: opening it would recover it before the server does.
const look = (server, act) => python(act, server.database, ...(running(server) ? [] : ['--copied']));

/** All messages as they lie in the file, by room and number. */
function stored(server) {
  return look(server, 'messages').map(([roomId, id, rev, senderId, clientId, content]) => ({ roomId, id, rev, senderId, clientId, content }));
}

/** Runs one statement on a database file; writes only where nobody has it open. */
const runSql = (file, sql, mode = 'rwc') => python('run', file, sql, mode);

function assertSound(server) {
  assert.deepEqual(look(server, 'check'), { integrity: ['ok'], foreignKeys: [] });
}

const short = (text) => (text?.length > 40 ? `${text.slice(0, 40)}…` : text);

/** What phones did and saw, whatever happened to the server. Outcomes: ok, fail (refused), info (nobody knows). */
class History {
  constructor() {
    this.ops = [];
    this.seen = new Map();
  }

  /** Notes a send before it leaves. */
  begin(op) {
    this.ops.push(Object.assign(op, { outcome: 'info' }));
    return op;
  }

  settle(op, answer) {
    op.code = answer?.code;
    op.outcome = op.code === '0000' ? 'ok' : 'fail';
    if (op.outcome === 'ok') op.id = answer.data.id;
  }

  observe({ roomId, id, content }) {
    this.seen.set(`${roomId}/${id}`, content);
  }

  ok() { return this.ops.filter((op) => op.outcome === 'ok'); }

  /** Everything in which the stored rows break a promise, as sentences; empty when all is well. */
  complaints(rows, { isFailKnown = true } = {}) {
    const byClient = new Map();
    const byNumber = new Map();
    const found = [];
    for (const row of rows) {
      byNumber.set(`${row.roomId}/${row.id}`, row);
      if (row.clientId && byClient.has(row.clientId)) found.push(`${row.clientId} is stored twice`);
      byClient.set(row.clientId, row);
    }
    for (const op of this.ops) {
      const row = byClient.get(op.clientId);
      if (op.outcome === 'fail' && isFailKnown && row) found.push(`${short(op.content)} was refused with ${op.code} and is stored`);
      if (op.outcome === 'ok') found.push(...this.wrongs(op, row));
    }
    for (const [place, content] of this.seen) {
      if (byNumber.get(place)?.content !== content) found.push(`${place} was seen as ${short(content)} and is ${short(byNumber.get(place)?.content)}`);
    }
    return summed([...found, ...gaps(rows), ...this.inversions()]);
  }

  wrongs(op, row) {
    if (!row) return [`${short(op.content)} was acknowledged as ${op.roomId}/${op.id} and is lost`];
    const same = row.roomId === op.roomId && row.id === op.id && row.content === op.content && row.senderId === op.senderId;
    return same ? [] : [`${short(op.content)} was acknowledged as ${op.roomId}/${op.id} and is ${short(row.content)} at ${row.roomId}/${row.id}`];
  }

  /** Messages of one socket that got their numbers in another order than they were sent in. */
  inversions() {
    const last = new Map();
    const found = [];
    for (const op of this.ops) {
      if (op.outcome !== 'ok' || op.isRetry) continue;
      if (op.id <= (last.get(op.socket) ?? 0)) found.push(`${short(op.content)} got ${op.id} after ${last.get(op.socket)}`);
      last.set(op.socket, op.id);
    }
    return found;
  }
}

/** The first few say enough. */
const summed = (found) => (found.length > 8 ? [...found.slice(0, 8), `and ${found.length - 8} more`] : found);

/** Rooms whose numbers are not 1, 2, 3 … */
function gaps(rows) {
  const next = new Map();
  const found = [];
  for (const { roomId, id } of rows) {
    const expected = next.get(roomId) ?? 1;
    if (id !== expected) found.push(`room ${roomId} has ${id} where ${expected} should be`);
    next.set(roomId, id + 1);
  }
  return found;
}

/** The newest messages of a room over the API, newest first, down to (without) the number `downTo`. */
async function pages(person, roomId, downTo = 0) {
  const all = [];
  for (;;) {
    const before = all.length ? `&before=${all.at(-1).id}` : '';
    const answer = await person.get(`/rooms/${roomId}/messages?limit=50${before}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.data));
    const { data } = answer.data;
    const page = Array.isArray(data) ? data : data.messages;
    all.push(...page);
    if (page.length === 0 || all.at(-1).id <= downTo + 1) return all.filter(({ id }) => id > downTo);
  }
}

module.exports = { History, stored, runSql, assertSound, pages, python };
