// t, formats, and the small pure pieces.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { coupleZone, dayOf, formatCount, formatDate, formatLength, formatRun, formatSize, formatTime, language, loadTexts, setLanguage, t } from '../../assets/text/index.js';
import { zoneName, zones } from '../../assets/text/zones.js';
import { codeOf } from '../../assets/couples/join.js';
import { lineOf } from '../../assets/chat/rooms.js';
import { nameOf } from '../../assets/settings/account.js';
import { uuid } from '../../assets/net/store.js';

const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const GALAXY = 'Mozilla/5.0 (Linux; Android 15; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36';
const EDGE = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0';

test('words come in the language that is spoken, with their values', async () => {
  await setLanguage('ko');
  await loadTexts('app', 'doors');
  assert.equal(t('tabs.chat'), '채팅');
  assert.equal(t('join.inviter', { name: '지은' }), '지은님이 초대했어요');
  assert.equal(t('tabs.unread', { count: 1200 }), '새 소식 1,200개');
  assert.equal(t('no.such.key'), 'no.such.key');
  assert.equal(t('join.inviter', { name: '{name}' }), '{name}님이 초대했어요', 'a value is never filled in itself');
  await setLanguage('en');
  assert.equal(t('tabs.chat'), 'Chat');
  assert.equal(t('join.inviter', { name: 'Anna' }), 'Anna invites you');
  assert.equal(language.value, 'en');
});

test('hours and days are the couple\'s; a date without a time is moved by no zone', async () => {
  await setLanguage('ko');
  const instant = '2026-11-21T15:30:00.000Z';
  coupleZone.value = 'Asia/Seoul';
  assert.equal(dayOf(instant), '2026-11-22');
  assert.equal(formatTime(instant), '오전 12:30');
  assert.equal(formatDate(instant, 'long'), '2026년 11월 22일 일요일');
  coupleZone.value = 'America/New_York';
  assert.equal(dayOf(instant), '2026-11-21');
  assert.equal(formatTime(instant), '오전 10:30');
  assert.equal(formatDate('2026-11-21', 'day'), '11월 21일 (토)');
  assert.equal(formatDate('2026-11', 'month'), '2026년 11월');
  assert.equal(formatCount(1234567), '1,234,567');
});

test('sizes and running times are short', () => {
  assert.deepEqual([0, 999, 1_000, 98_765, 3_400_000, 5e12].map((bytes) => formatSize(bytes)), ['0 B', '999 B', '1.0 KB', '96 KB', '3.2 MB', '4657 GB']);
  assert.deepEqual([400, 7_000, 600_000, 3_723_000].map(formatRun), ['0:00', '0:07', '10:00', '1:02:03']);
});

test('lengths and ordinals are said as each language says them', async () => {
  await loadTexts('days');
  const said = () => [formatLength(16, 'month'), formatLength(1, 'day'), ...[2, 3, 4, 21].map((nth) => t('children.great.BIRTHDAY', { nth }))];
  await setLanguage('ko');
  assert.deepEqual(said(), ['16개월', '1일', '2번째 생일', '3번째 생일', '4번째 생일', '21번째 생일']);
  await setLanguage('en');
  assert.deepEqual(said(), ['16 months', '1 day', '2nd birthday', '3rd birthday', '4th birthday', '21st birthday']);
  await setLanguage('ko');
});

test('zones have names that people read, and the couple\'s own is always among them', () => {
  // Whose tables are newer says 북미 for 미.
  assert.match(zoneName('America/New_York'), /^(북?미) 동부 시간 · New York$/);
  assert.match(zoneName('America/Argentina/Buenos_Aires'), /^[가-힣 ]+ · Buenos Aires · Argentina$/);
  assert.equal(zoneName('UTC'), 'UTC');
  assert.equal(zoneName('Mars/Base'), 'Base');
  assert.ok(zones('Mars/Base').some(({ value }) => value === 'Mars/Base'));
  assert.ok(zones('Asia/Seoul').length > 100);
});

test('a code is found in whatever is typed or pasted', () => {
  const cases = [
    ['k7m2qx', 'K7M2QX'], [' K7M-2QX ', 'K7M2QX'], ['http://home.test:8080/join/k7m2qx', 'K7M2QX'], ['BambiTalk에 초대했어요 https://a.b/join/K7M2QX?x=1', 'K7M2QX'],
    ['K7M2QXZZ', 'K7M2QX'], ['', ''], ['한글', ''],
  ];
  for (const [typed, expected] of cases) assert.equal(codeOf(typed), expected, typed);
});

test('a browser is named in two words', () => {
  assert.deepEqual(nameOf(IPHONE), { browser: 'Safari', system: 'iPhone', isPhone: true });
  assert.deepEqual(nameOf(GALAXY), { browser: 'Samsung Internet', system: 'Android', isPhone: true });
  assert.deepEqual(nameOf(EDGE), { browser: 'Edge', system: 'Windows', isPhone: false });
  assert.deepEqual(nameOf('curl/8'), { browser: '', system: '', isPhone: false });
});

test('client ids are UUIDs and never the same', () => {
  const ids = Array.from({ length: 200 }, uuid);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, 200);
});

test('people are spoken of politely, whoever has left by what they are; no particle hangs on what nobody knows', async () => {
  const member = (userId, nickname) => ({ userId, nickname, role: 'MOM', lastReadId: 0 });
  const room = { members: [member(1, '지은'), member(2, '민준')] };
  const line = (event, senderId, userIds = []) => lineOf({ system: { event, userIds }, senderId }, room);
  await setLanguage('ko');
  await loadTexts('app', 'settings');
  assert.equal(line('left', 1), '지은님이 나갔어요');
  assert.equal(line('left', 9), '떠난 사람이 나갔어요');
  assert.equal(line('invited', 9, [1, 2]), '떠난 사람이 지은님, 민준님을 초대했어요');
  assert.equal(line('removed', 1, [9]), '지은님이 떠난 사람을 내보냈어요');
  for (const loginId of ['web-0', 'bambi']) assert.equal(t('profile.loginId', { loginId }), `아이디: ${loginId}`);
  assert.equal(t('chat.quote.of', { name: t('chat.quote.me') }), '나에게 답장');
  assert.doesNotMatch(t('https.text'), /알림/, 'there are none yet');
  await setLanguage('en');
  assert.equal(line('removed', 1, [9]), '지은 removed Somebody who left');
  assert.equal(t('chat.quote.of', { name: t('chat.quote.me') }), 'Reply to me');
  assert.equal(t('look.size'), 'Text size');
  assert.doesNotMatch(t('https.text'), /notif/i);
});
