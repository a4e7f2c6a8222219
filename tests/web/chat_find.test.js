// What is shown of a hit, and which month a photo stands in.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { excerptOf } from '../../assets/chat/find_store.js';
import { monthsOf } from '../../assets/chat/album.js';
import { withMine } from '../../assets/chat/acts.js';
import { coupleZone } from '../../assets/text/index.js';

const shown = (text, marks) => excerptOf(text, marks).map(({ text: words, isMark }) => (isMark ? `[${words}]` : words)).join('');

test('a hit is shown with its words marked and something around them', () => {
  assert.equal(shown('병원 가는 날', [{ start: 0, end: 2 }]), '[병원] 가는 날');
  assert.equal(shown('a b a', [{ start: 0, end: 1 }, { start: 4, end: 5 }]), '[a] b [a]');
  const long = `${'가'.repeat(100)}병원${'나'.repeat(300)}`;
  const excerpt = shown(long, [{ start: 100, end: 102 }]);
  assert.ok(excerpt.startsWith('…가') && excerpt.includes('[병원]') && excerpt.endsWith('나…') && excerpt.length < 130, excerpt);
  const family = `${'👶'.repeat(40)}bambi`;
  assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(shown(family, [{ start: 80, end: 85 }])), 'no half of a pair');
  assert.equal(shown('overlapping', [{ start: 0, end: 4 }, { start: 2, end: 6 }]), '[over][la]pping');
});

test('a photo stands in the month that it was where the couple lives', () => {
  coupleZone.value = 'Asia/Seoul';
  const messages = ['2026-11-30T15:00:00.000Z', '2026-11-30T14:59:59.000Z', '2026-11-01T00:00:00.000Z'].map((sentAt, at) => ({ id: 3 - at, sentAt }));
  assert.deepEqual(monthsOf(messages).map(({ month, messages: some }) => [month, some.map(({ id }) => id)]), [['2026-12', [3]], ['2026-11', [2, 1]]]);
});

test('a reaction of mine joins others, stands alone, and leaves no empty one', () => {
  const theirs = [{ emoji: '❤️', userIds: [2] }];
  assert.deepEqual(withMine(theirs, '❤️', 1, true), [{ emoji: '❤️', userIds: [2, 1] }]);
  assert.deepEqual(withMine(theirs, '👍', 1, true), [...theirs, { emoji: '👍', userIds: [1] }]);
  assert.deepEqual(withMine([{ emoji: '❤️', userIds: [2, 1] }], '❤️', 1, false), theirs);
  assert.deepEqual(withMine([{ emoji: '👍', userIds: [1] }], '👍', 1, false), []);
  assert.deepEqual(withMine([{ emoji: '❤️', userIds: [2, 1] }], '❤️', 1, true), [{ emoji: '❤️', userIds: [2, 1] }], 'twice is once');
});
