// Who is known, who may be sent out, what a guest's room is, and what a new name does.
import { test, before, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import { mayLeave, mayRemove, peopleOf } from '../../assets/chat/group_store.js';
import { mainRoom, roomOf, rooms, takeMessage, takeSummary } from '../../assets/chat/rooms.js';
import { me } from '../../assets/accounts/session.js';
import { couple } from '../../assets/couples/store.js';
import { setLanguage } from '../../assets/text/index.js';

const person = (userId, nickname, role = 'GUEST') => ({ userId, nickname, role, avatarUrl: null, lastReadId: 0 });
const [anna, ben, grandma, aunt] = [person(1, '안나', 'MOM'), person(2, '벤', 'DAD'), person(3, '할머니'), person(4, '고모', 'MOM')];
const room = (roomId, more = {}) => ({
  roomId, kind: 'GROUP', title: '우리 가족', rev: 1, members: [anna, ben], lastMessage: null, unreadCount: 0, muted: false, archived: false, isOwner: true, present: [], ...more,
});

before(() => setLanguage('ko'));
beforeEach(() => {
  me.value = { userId: 1, role: 'MOM', nickname: '안나' };
  couple.value = { coupleId: 1, members: [anna, ben], timeZone: 'Asia/Seoul', dayCount: 'elapsed', since: '', parting: null };
  rooms.value = null;
});

test('known is whoever shares a living room with me, once, the partner first', () => {
  const all = [room(1, { members: [anna, grandma, aunt] }), room(2, { members: [anna, ben, grandma] }), room(3, { archived: true, members: [anna, person(9, '옛사람')] })];
  assert.deepEqual(peopleOf(all, 1, (userId) => userId === 2).map(({ userId }) => userId), [2, 4, 3]);
  assert.deepEqual(peopleOf([], 1, () => false), []);
});

test('the couple sends anybody out but the two, and nobody from what is archived or not theirs', () => {
  const members = [anna, ben, grandma, aunt];
  assert.deepEqual(members.map(({ userId }) => mayRemove(room(1, { members }), userId)), [false, false, true, true]);
  for (const more of [{ archived: true }, { isOwner: false }]) assert.equal(mayRemove(room(1, { members, ...more }), 3), false);
});

test('a group is left, one\'s own room and the couple\'s are not', () => {
  assert.deepEqual(['GROUP', 'COUPLE', 'SELF'].map((kind) => mayLeave(room(1, { kind }))), [true, false, false]);
  assert.equal(mayLeave(room(1, { archived: true })), false);
});

test('a guest\'s room is the first they came into, whatever is newest; sent out of the last, there is none', () => {
  me.value = { userId: 3, role: 'GUEST', nickname: '할머니' };
  takeSummary(room(8));
  takeSummary(room(5));
  assert.equal(mainRoom.value?.roomId, 5);
  takeSummary({ ...room(5), deleted: true });
  assert.equal(mainRoom.value?.roomId, 8);
  takeSummary({ ...room(8), deleted: true });
  assert.equal(mainRoom.value, undefined);
});

test('a room is called what its last renaming says, at once', () => {
  takeSummary(room(5));
  const line = { roomId: 5, id: 1, rev: 2, senderId: 2, clientId: null, type: 'SYSTEM', content: '', sentAt: '2026-11-28T01:00:00.000Z', unreadCount: 0, system: { event: 'renamed', title: '할머니와' } };
  takeMessage(line);
  assert.equal(roomOf(5)?.title, '할머니와');
  takeMessage({ ...line, id: 2, rev: 3, type: 'TEXT', content: 'x', system: undefined });
  assert.equal(roomOf(5)?.title, '할머니와');
});
