// Photos of one go stand together, and stay the same row while others join them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rowsOf } from '../../assets/chat/history.js';

const at = (seconds) => new Date(Date.parse('2026-11-21T03:00:00Z') + seconds * 1_000).toISOString();
const photo = (id, seconds, more = {}) => ({ id, senderId: 1, clientId: `c${id}`, type: 'IMAGE', content: '', sentAt: at(seconds), unreadCount: 0, rev: id, ...more });
const draw = (messages, before, unsent = []) => rowsOf({ messages, unsent, members: [], me: 1, readUpTo: 0, dayOf: (instant) => instant.slice(0, 10) },
  before && new Map(before.map((row) => [row.key, row])));
const look = (rows) => rows.filter(({ kind }) => kind === 'message').map(({ photos, message }) => (photos ? photos.map((one) => one.message.id) : message.id));

test('of one sender, closely one after the other, nothing between', () => {
  assert.deepEqual(look(draw([photo(1, 0), photo(2, 40), photo(3, 80)])), [[1, 2, 3]], 'a minute that ends parts nothing');
  assert.deepEqual(look(draw([photo(1, 0), photo(2, 90), photo(3, 91)])), [1, [2, 3]]);
  assert.deepEqual(look(draw([photo(1, 0), photo(2, 1, { senderId: 2 }), photo(3, 2, { senderId: 2 })])), [1, [2, 3]]);
  assert.deepEqual(look(draw([photo(1, 0), photo(2, 1, { type: 'TEXT' }), photo(3, 2), photo(4, 3, { type: 'VIDEO' })])), [1, 2, 3, 4]);
});

test('what is still on its way stands with what has gone', () => {
  const item = { clientId: 'c9', roomId: 1, order: 1, type: 'IMAGE', at: at(0), state: 'failed', code: 'x' };
  const [, row] = draw([photo(1, 30)], undefined, [item]);
  assert.deepEqual(row.photos.map(({ unsent }) => unsent?.state), [undefined, 'failed']);
  assert.equal(row.unsent, item);
});

test('older and newer ones join the same row; what has not changed is the same object', () => {
  const [a, b, c, d] = [photo(1, 0), photo(2, 1), photo(3, 2), photo(4, 3)];
  const first = draw([b, c]);
  const again = draw([b, c], first);
  assert.equal(again.at(-1), first.at(-1));
  const grown = draw([a, b, c, d], first);
  assert.deepEqual(look(grown), [[1, 2, 3, 4]]);
  assert.equal(grown.at(-1).key, first.at(-1).key);
  const parted = draw([a, { ...b, type: 'DELETED', rev: 9 }, c, d], grown);
  assert.deepEqual(look(parted), [1, 2, [3, 4]]);
  assert.equal(new Set(parted.map(({ key }) => key)).size, parted.length, 'no key twice');
});
