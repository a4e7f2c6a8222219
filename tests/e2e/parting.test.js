'use strict';
// Two part: both know before it happens, it happens whole or not at all, and each keeps everything.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { INSTANT, data, answers, refuses, isFailure, acked } = require('./envelope.js');
const { assertSound, runSql } = require('./oracle.js');
const { photo } = require('./uploads.js');
const { pause, seeded } = require('./kit.js');

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const coupleOf = async (person) => data(await person.get('/couples/me'));
const part = (person) => person.delete('/couples/me');
const stay = (person) => person.post('/couples/me/stay');
const says = (person, roomId, content, clientId = uuid()) => person.post(`/rooms/${roomId}/messages`, { clientId, type: 'TEXT', content });
const contents = async (person, roomId) => data(await person.get(`/rooms/${roomId}/messages`)).messages.map(({ content }) => content);

async function parted([anna, ben]) {
  data(await part(anna));
  data(await part(ben));
}

/** The month without what a copy has of its own. */
const monthOf = async (person) => data(await person.get('/schedules?yearMonth=2026-11'))
  .map(({ date, schedules }) => [date, schedules.map(({ scheduleId, ...rest }) => JSON.stringify(rest)).sort()]);
const childrenOf = async (person) => data(await person.get('/children')).map(({ childId, ...rest }) => rest);

test('one proposes, both hear who and when, and either takes it back', async () => {
  const [anna, ben] = await Person.couple(server);
  const phones = [await anna.rooms(), await ben.rooms()];
  const before = await coupleOf(ben);
  assert.equal(before.parting, null);

  const proposed = data(await part(anna));
  assert.deepEqual({ ...proposed, parting: null }, before);
  assert.equal(proposed.parting.by, anna.id);
  assert.match(proposed.parting.at, INSTANT);
  for (const phone of phones) assert.deepEqual(await hears(phone, 'couple'), proposed);
  for (const person of [anna, ben]) assert.deepEqual(await coupleOf(person), proposed);
  assert.deepEqual(data(await part(anna)), proposed, 'asked again by the same person it is the same proposal');

  for (const [who, again] of [[ben, anna], [anna, ben]]) {
    assert.deepEqual(data(await stay(who)), before);
    for (const phone of phones) assert.deepEqual(await hears(phone, 'couple'), before);
    assert.deepEqual(data(await stay(again)), before, 'nothing to take back is no failure');
    assert.equal(data(await part(again)).parting.by, again.id);
    for (const phone of phones) await hears(phone, 'couple');
  }
  assert.ok(phones.every(({ heard }) => heard.length === 0), 'nothing was told that did not happen');
  [anna, ben].forEach((person) => person.leaveAll());
});

test('who is alone has nobody to part from', async () => {
  const anna = await Person.signUp(server);
  refuses(await part(anna), 409, 5406);
  assert.equal(data(await stay(anna)).parting, null);
  const [carl, dora] = await Person.couple(server);
  await parted([carl, dora]);
  for (const person of [carl, dora]) refuses(await part(person), 409, 5406);
});

test('confirmed, each is a couple of one, and the room is read by both and written by nobody', async () => {
  const [anna, ben] = await Person.couple(server);
  const { roomId } = await anna.roomOfKind('COUPLE');
  data(await says(anna, roomId, 'from better days'), 201);
  const { mediaId } = data(await ben.upload(photo(), 'us.jpg'), 201);
  const shown = data(await ben.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId }), 201);
  const [annaRooms, benRooms, list] = [await anna.rooms(), await ben.rooms(), await anna.rooms()];
  acked(await ask(annaRooms, 'enter', { roomId }));
  const before = await coupleOf(anna);
  const clientId = uuid();
  const once = data(await says(ben, roomId, 'the last word', clientId), 201);

  await parted([anna, ben]);

  const couples = [await coupleOf(anna), await coupleOf(ben)];
  assert.notEqual(couples[0].coupleId, couples[1].coupleId);
  for (const [person, couple, phone] of [[anna, couples[0], annaRooms], [ben, couples[1], benRooms]]) {
    assert.deepEqual(couple.members.map(({ userId }) => userId), [person.id]);
    assert.deepEqual([couple.parting, couple.timeZone, couple.dayCount], [null, before.timeZone, before.dayCount]);
    assert.deepEqual(await hears(phone, 'couple', ({ members }) => members.length === 1), couple);
    assert.equal(data(await person.get('/users/me')).spouseId, null);

    const room = await person.roomOfKind('COUPLE');
    assert.deepEqual([room.roomId, room.archived], [roomId, true]);
    assert.deepEqual(await contents(person, roomId), ['the last word', '', 'from better days']);
    assert.equal(data(await person.get(`/rooms/${roomId}/changes?since=0`)).messages.length, 3);
    acked(await ask(phone, 'enter', { roomId }));
    acked(await ask(phone, 'read', { roomId, messageId: 3 }));
    const [, { url }] = data(await person.get(`/rooms/${roomId}/messages`)).messages;
    for (const link of [url, shown.url]) assert.equal((await person.open(link)).status, 200);

    refuses(await says(person, roomId, 'and another thing'), 403, 6420);
    isFailure(await ask(phone, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: 'and another thing' }), 6420);
  }
  assert.equal(data(await says(ben, roomId, 'the last word', clientId), 201).id, once.id, 'sent again it is still the same');
  await hears(list, 'room', (room) => room.roomId === roomId && room.archived);
  assert.equal((await contents(anna, roomId)).length, 3);
  [anna, ben].forEach((person) => person.leaveAll());
});

test('the mobile app is alone at once: what it sends goes to nobody else', async () => {
  const [anna, ben] = await Person.couple(server);
  const { roomId } = await anna.roomOfKind('COUPLE');
  const { roomId: own } = await anna.roomOfKind('SELF');
  const [annaApp, benApp, benWeb] = [await anna.chats(), await ben.chats(), await ben.rooms()];
  acked(await ask(benWeb, 'enter', { roomId }));
  await parted([anna, ben]);
  assert.deepEqual(await hears(benWeb, 'out', ({ userId }) => userId === anna.id), { roomId, userId: anna.id });
  assert.deepEqual((await ben.roomOfKind('COUPLE')).present, [ben.id]);

  benApp.heard.length = 0;
  annaApp.emit('send_message', { type: 'TEXT', content: 'to myself' });
  const { chatId, content } = await hears(annaApp, 'receive_message');
  assert.deepEqual([chatId, content], [own, 'to myself']);
  assert.deepEqual(data(await anna.get('/messages')).messages.map((message) => message.chatId), [own]);
  annaApp.emit('read_all_messages');
  await hears(annaApp, 'update_read_status');
  benApp.emit('read_all_messages');
  await hears(benApp, 'update_read_status', (id) => id === ben.id);
  assert.deepEqual(benApp.heard, []);
  const { user } = data(await anna.post('/auth/login', { accessToken: `k-${anna.kakaoId}` }), 201);
  assert.deepEqual([user.spouseId, user.coupleId], [null, (await coupleOf(anna)).coupleId]);
  [anna, ben].forEach((person) => person.leaveAll());
});

test('who has parted is not watched in the room that was both\'s: neither there nor typing nor reading, by the name of then', async () => {
  const [anna, ben] = await Person.couple(server);
  const { roomId } = await anna.roomOfKind('COUPLE');
  data(await says(ben, roomId, 'read later'), 201);
  const face = data(await anna.upload(photo(), 'me.jpg'), 201);
  data(await anna.patch('/users/me', { avatar: face.mediaId }));
  const [tablet, bens, late] = [await anna.rooms(), await ben.rooms(), await ben.rooms()];
  for (const phone of [tablet, bens]) acked(await ask(phone, 'enter', { roomId, read: false }));
  await parted([anna, ben]);
  await hears(late, 'room', (room) => room.roomId === roomId && room.archived);

  const annas = await anna.rooms();
  acked(await ask(late, 'enter', { roomId, read: false }));
  for (const phone of [bens, late]) phone.heard.length = 0;
  const entered = acked(await ask(annas, 'enter', { roomId, read: false }));
  assert.deepEqual(entered.present, [anna.id]);
  acked(await ask(annas, 'typing', { roomId }));
  assert.equal(acked(await ask(annas, 'read', { roomId, messageId: 1 })).lastReadId, 1);
  assert.equal((await hears(tablet, 'info', ({ lastReadId }) => lastReadId === 1)).userId, anna.id, 'my other devices hear of it');
  assert.equal((await anna.roomOfKind('COUPLE')).unreadCount, 0);
  const renewed = data(await anna.upload(photo(), 'new.jpg'), 201);
  acked(await ask(late, 'read', { roomId, messageId: 1 }));
  const { rev } = await ben.roomOfKind('COUPLE');
  data(await anna.patch('/users/me', { nickname: '새이름', avatar: renewed.mediaId }));
  for (const phone of [annas, tablet]) acked(await ask(phone, 'exit', { roomId }));
  // What was told before this has been heard.
  data(await ben.patch('/users/me', { nickname: '벤벤이' }));
  for (const phone of [bens, late]) {
    acked(await ask(phone, 'read', { roomId, messageId: 1 }));
    assert.deepEqual(phone.heard.filter(([event, news]) => ['info', 'out', 'typing'].includes(event) && news.userId === anna.id), []);
  }
  const seen = await ben.roomOfKind('COUPLE');
  assert.deepEqual(seen.members.map(({ nickname, avatarUrl }) => [nickname, avatarUrl]), [['안나', null], ['벤벤', null]]);
  assert.deepEqual([seen.present, seen.rev], [[ben.id], rev], 'nothing in the room has changed');
  const { members } = data(await ben.get(`/rooms/${roomId}/changes?since=0`));
  assert.deepEqual(members.map(({ nickname, avatarUrl }) => [nickname, avatarUrl]), [['안나', null], ['벤벤', null]]);

  data(await anna.delete('/users/me', { data: {} }));
  assert.ok(!JSON.stringify(await ben.roomOfKind('COUPLE')).includes('안나'), 'who withdraws is nameless there, too');
  [anna, ben].forEach((person) => person.leaveAll());
});

const day = (title, more = {}) => ({ title, date: '2026-11-23', clientId: uuid(), ...more });

test('each has the whole calendar and goes on with it alone', async () => {
  const [anna, ben] = await Person.couple(server);
  const timed = day('Anna: 병원', { date: '2026-11-23T01:30:00.000Z', description: '정기검진', color: 'RED' });
  const made = {
    timed: data(await anna.post('/schedules', timed), 201),
    done: data(await ben.post('/schedules', day('Ben: done')), 201),
    undone: data(await anna.post('/schedules', day('Anna: undone')), 201),
    undone2: data(await ben.post('/schedules', day('Ben: undone')), 201),
  };
  data(await anna.patch(`/schedules/${made.done.scheduleId}`, { isCompleted: true }));
  const whole = await monthOf(anna);
  for (const name of ['undone', 'undone2']) data(await anna.delete(`/schedules/${made[name].scheduleId}`));
  const before = await monthOf(anna);
  assert.ok(JSON.stringify(before).includes('정기검진'), 'the test needs something to keep');

  await parted([ben, anna]);
  for (const person of [anna, ben]) assert.deepEqual(await monthOf(person), before);

  // What I wrote is the same thing still; what the other one wrote is a copy of mine.
  const restored = async (person) => {
    const mine = person === anna ? made.undone : made.undone2;
    data(await person.post(`/schedules/${mine.scheduleId}/restore`));
    const all = person === anna ? [made.undone2.scheduleId] : [made.undone.scheduleId];
    for (const id of all) refuses(await person.post(`/schedules/${id}/restore`), 404, 4404);
  };
  for (const person of [anna, ben]) await restored(person);
  const again = data(await anna.post('/schedules', timed), 201);
  assert.equal(again.scheduleId, made.timed.scheduleId, 'sent again it is still the first one');
  refuses(await ben.get(`/schedules/${made.timed.scheduleId}`), 404, 4404);

  const copy = data(await ben.get('/schedules?yearMonth=2026-11'))[0].schedules.find(({ title }) => title === timed.title);
  const phone = await anna.rooms();
  data(await ben.patch(`/schedules/${copy.scheduleId}`, { title: 'mine alone' }));
  data(await ben.delete(`/schedules/${made.done.scheduleId}`));
  assert.equal(data(await anna.get(`/schedules/${made.timed.scheduleId}`)).title, timed.title);
  assert.equal((await monthOf(anna)).flat(2).filter((one) => one.includes('Ben: done')).length, 1);
  assert.equal(whole.flat(2).length, 5);
  data(await stay(anna));
  assert.deepEqual(phone.heard, [], 'what the other one does is not told any more');
  anna.leaveAll();
});

test('what was deleted before can be brought back by each', async () => {
  const [anna, ben] = await Person.couple(server);
  const gone = data(await anna.post('/schedules', day('gone')), 201).scheduleId;
  const child = data(await anna.post('/children', { status: 'FETAL', dueDate: '2027-03-10', clientId: uuid() }), 201).childId;
  data(await ben.delete(`/schedules/${gone}`));
  data(await ben.delete(`/children/${child}`));
  await parted([anna, ben]);
  const copies = [gone + 1, child + 1];
  for (const [person, schedule, kid] of [[anna, gone, child], [ben, ...copies]]) {
    assert.equal(data(await person.post(`/schedules/${schedule}/restore`)).title, 'gone');
    assert.equal(data(await person.post(`/children/${kid}/restore`)).dueDate, '2027-03-10');
  }
});

test('each keeps the children, with every due date that was said', async () => {
  const [anna, ben] = await Person.couple(server);
  const bambi = { status: 'FETAL', dueDate: '2027-03-10', fetalName: '밤비', clientId: uuid() };
  const { childId } = data(await anna.post('/children', bambi), 201);
  for (const dueDate of ['2027-03-12', '2027-03-08']) data(await ben.patch(`/children/${childId}`, { dueDate }));
  data(await ben.post('/children', { status: 'BORN', birthDate: '2024-02-29', name: '하나', gender: 'GIRL', clientId: uuid() }), 201);
  const before = await childrenOf(anna);
  assert.deepEqual(before[1].dueDateHistory.map(({ dueDate }) => dueDate), ['2027-03-10', '2027-03-12', '2027-03-08']);

  await parted([anna, ben]);
  for (const person of [anna, ben]) assert.deepEqual(await childrenOf(person), before);
  assert.equal(data(await anna.post('/children', bambi), 201).childId, childId);
  data(await anna.patch(`/children/${childId}`, { status: 'BORN', birthDate: '2026-11-20', name: '두리' }));
  assert.deepEqual(await childrenOf(ben), before);
});

test('each may invite anew: a fresh room, and a new partner sees nothing of the old one', async () => {
  const [anna, ben] = await Person.couple(server);
  const carl = await Person.signUp(server, '카알', 'DAD');
  const { roomId: first } = await anna.roomOfKind('COUPLE');
  data(await says(anna, first, 'ours'), 201);
  await parted([anna, ben]);

  await carl.joins(anna);
  const now = async (person) => data(await person.get('/rooms')).filter(({ kind, archived }) => kind === 'COUPLE' && !archived);
  const [{ roomId: second }] = await now(anna);
  assert.notEqual(second, first);
  refuses(await carl.get(`/rooms/${first}/messages`), 404, 6404);
  assert.deepEqual(await contents(anna, first), ['ours']);

  await parted([carl, anna]);
  await anna.joins(ben);
  const [[{ roomId: third }], [{ roomId: theirs }]] = [await now(anna), await now(ben)];
  assert.equal(third, theirs);
  assert.ok(third !== first && third !== second);
  assert.deepEqual(await contents(ben, third), []);
  assert.deepEqual(data(await anna.get('/messages')).messages, []);
  data(await says(ben, third, 'once more'), 201);
  assert.deepEqual(await contents(anna, third), ['once more']);
  refuses(await ben.get(`/rooms/${second}/messages`), 404, 6404);
  assertSound(server);
});

test('a group that one of the two is in stays theirs, whoever made it and whoever has been there longer', async () => {
  for (const [maker, proposer] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    const pair = await Person.couple(server);
    const [made, stays] = [pair[maker], pair[1 - maker]];
    const mother = await Person.signUp(server, '시어머니', 'MOM');
    const { roomId } = data(await made.post('/rooms', { title: '가족' }), 201);
    const { token } = data(await made.post(`/rooms/${roomId}/invites`), 201);
    data(await mother.post(`/rooms/invites/${token}`));
    await pause(2); // She has been there longer.
    data(await made.post(`/rooms/${roomId}/members`, { userIds: [stays.id] }));
    data(await made.delete(`/rooms/${roomId}/members/me`));
    const isOwner = async (person) => data(await person.get('/rooms')).find((room) => room.roomId === roomId).isOwner;
    assert.deepEqual([await isOwner(stays), await isOwner(mother)], [true, false]);

    await parted([pair[proposer], pair[1 - proposer]]);
    assert.deepEqual([await isOwner(stays), await isOwner(mother)], [true, false], `made by ${maker}, parted by ${proposer}`);
    refuses(await mother.delete(`/rooms/${roomId}/members/${stays.id}`), 403, 6403);
  }
});

test('of two who are both in a group it stays with whoever made it', async () => {
  for (const proposer of [0, 1]) {
    const pair = await Person.couple(server);
    const { roomId } = data(await pair[0].post('/rooms', { title: '가족', memberIds: [pair[1].id] }), 201);
    await parted([pair[proposer], pair[1 - proposer]]);
    const owns = await Promise.all(pair.map(async (person) => data(await person.get('/rooms')).find((room) => room.roomId === roomId).isOwner));
    assert.deepEqual(owns, [true, false]);
  }
});

test('who waited for the couple may be claimed by either', async (t) => {
  const closed = await Server.start({ strict: true });
  t.after(() => closed.stop());
  const owner = { setupCode: closed.setupCode(), loginId: 'owner', password: 'a quiet meadow at 4', nickname: '안나', role: 'MOM' };
  const anna = Object.assign(new Person(closed), data(await new Person(closed).post('/setup', owner), 201));
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  const waiting = await Person.signUp(closed, '앱이', 'DAD');
  const signup = { loginId: 'ben', password: 'a quiet meadow at 4', nickname: '벤벤', role: 'DAD', inviteCode };
  const ben = Object.assign(new Person(closed), data(await new Person(closed).post('/auth/password/signup', signup), 201));
  await parted([anna, ben]);
  for (const person of [anna, ben]) assert.deepEqual(data(await person.get('/couples/candidates')).map(({ userId }) => userId), [waiting.id]);
  answers(await anna.post(`/couples/candidates/${waiting.id}`, { as: 'me' }), 200);
  assert.deepEqual(data(await ben.get('/couples/candidates')), []);
});

test('who was left by a removed partner may join somebody else', async () => {
  const anna = await Person.signUp(server, '안나', 'MOM');
  const ben = await Person.signUp(server, '벤벤', 'DAD');
  await ben.joins(anna);
  assert.equal(server.cli('user', 'remove', `#${ben.id}`, '--yes').code, 0);
  const carl = await Person.signUp(server, '카알', 'DAD');
  await anna.joins(carl);
  assert.equal((await coupleOf(anna)).members.length, 2);
});

test('two who come together again find each schedule once, and what either has changed meanwhile beside it', async () => {
  const [anna, ben] = await Person.couple(server);
  const clientId = uuid();
  const shown = data(await ben.post('/schedules', { ...day('shown'), clientId }), 201);
  for (const person of [anna, ben]) data(await person.post('/schedules', { ...day('ours'), description: person.user.nickname }), 201);
  const removed = data(await anna.post('/schedules', day('removed')), 201);
  data(await anna.delete(`/schedules/${removed.scheduleId}`));
  const { roomId } = data(await ben.post('/rooms', { title: '가족' }), 201);
  data(await ben.post(`/rooms/${roomId}/messages`, { type: 'SCHEDULE', scheduleId: shown.scheduleId }), 201);
  const month = await monthOf(anna);

  for (let time = 0; time < 2; time += 1) {
    await parted([anna, ben]);
    for (const person of [anna, ben]) assert.deepEqual(await monthOf(person), month);
    await ben.joins(anna);
    for (const person of [anna, ben]) assert.deepEqual(await monthOf(person), month);
  }
  const again = data(await ben.post('/schedules', { ...day('sent again'), clientId }), 201);
  assert.equal(again.title, 'shown', 'sent again it is still the same');
  data(await anna.patch(`/schedules/${again.scheduleId}`, { isCompleted: true }));
  const [{ schedule: card }] = data(await ben.get(`/rooms/${roomId}/messages`)).messages;
  assert.deepEqual([card.scheduleId, card.isCompleted, card.deleted ?? false], [again.scheduleId, true, false], 'the card follows the one that stays');

  await parted([anna, ben]);
  const { schedules } = data(await anna.get('/schedules?yearMonth=2026-11'))[0];
  data(await anna.patch(`/schedules/${schedules[0].scheduleId}`, { title: 'changed' }));
  await anna.joins(ben);
  const titles = data(await anna.get('/schedules?yearMonth=2026-11'))[0].schedules.map(({ title }) => title);
  assert.deepEqual(titles.sort(), [...schedules.map(({ title }) => title), 'changed'].sort());
});

test('two calendars too long for one do not come together, and copies count once', { timeout: 60_000 }, async (t) => {
  const own = await Server.start();
  t.after(() => own.stop());
  const people = await Promise.all(['안나', '벤벤', '카알'].map((name) => Person.signUp(own, name)));
  const [anna, ben, carl] = people;
  const couples = await Promise.all(people.map(coupleOf));
  await own.kill('SIGTERM');
  for (const [at, count] of [30_000, 10_001].entries()) {
    runSql(own.database, `
      with recursive number(value) as (select 1 union all select value + 1 from number where value < ${count})
      insert into schedule (couple_id, creator_id, title, on_date, color, created_at, updated_at, deleted_at)
      select ${couples[at].coupleId}, ${people[at].id}, 'day ' || value, date('2026-01-01', value || ' days'), 'RED', 0, 0,
        iif(value % 2, null, ${Date.now()}) from number`);
  }
  await own.restart();
  const before = await all([anna, ben]);
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  refuses(await ben.post('/couples/join', { inviteCode }), 409, 5408);
  assert.deepEqual(await all([anna, ben]), before);

  answers(await carl.post('/couples/join', { inviteCode }), 200);
  const month = await monthOf(anna);
  await parted([anna, carl]);
  await anna.joins(carl);
  assert.deepEqual(await monthOf(carl), month);
});

/** All that the two have. */
async function all(people) {
  const paths = ['/couples/me', '/rooms', '/schedules?yearMonth=2026-11', '/children', '/users/me'];
  return Promise.all(people.flatMap((person) => paths.map(async (path) => data(await person.get(path)))));
}

async function fullCouple(on) {
  const pair = await Person.couple(on);
  for (const person of pair) {
    for (let count = 0; count < 12; count += 1) data(await person.post('/schedules', day(`${person.id} ${count}`)), 201);
    data(await person.post('/children', { status: 'FETAL', dueDate: '2027-03-10', clientId: uuid() }), 201);
  }
  data(await part(pair[0]));
  return pair;
}

test('killed halfway through, nothing has happened, and it can be done', { timeout: 60_000 }, async (t) => {
  const fragile = await Server.start({ env: { FAILPOINTS: 'halfway_through_parting=sleep(20000)' } });
  t.after(() => fragile.stop());
  const pair = await fullCouple(fragile);
  const before = await all(pair);
  const outcome = part(pair[1]).then(() => 'answered', () => 'cut off');
  assert.equal(await Promise.race([outcome, pause(1_000)]), undefined, 'the fail point never fired');
  await fragile.kill();
  assert.equal(await outcome, 'cut off');
  fragile.env = {};
  await fragile.restart();
  assert.deepEqual(await all(pair), before);
  const month = await monthOf(pair[0]);
  data(await part(pair[1]));
  for (const person of pair) assert.deepEqual(await monthOf(person), month);
  assertSound(fragile);
});

test('killed at any moment, it has happened whole or not at all', { timeout: 120_000 }, async (t) => {
  const chance = seeded();
  const mortal = await Server.start();
  t.after(() => mortal.stop());
  const seen = new Set();
  for (let kill = 0; kill < 8; kill += 1) {
    const pair = await fullCouple(mortal);
    const month = await monthOf(pair[0]);
    const answered = part(pair[1]).then(() => true, () => false);
    await pause(chance.between(0, 6));
    await mortal.kill();
    const isAnswered = await answered;
    await mortal.restart();
    const couples = [await coupleOf(pair[0]), await coupleOf(pair[1])];
    const isDone = couples[0].coupleId !== couples[1].coupleId;
    assert.ok(isDone || !isAnswered, 'what was answered has happened');
    for (const [at, person] of pair.entries()) {
      assert.deepEqual([couples[at].members.length, couples[at].parting === null], isDone ? [1, true] : [2, false]);
      assert.equal((await person.roomOfKind('COUPLE')).archived, isDone);
      assert.deepEqual(await monthOf(person), month);
      assert.equal((await childrenOf(person)).length, 2);
    }
    seen.add(isDone);
    assertSound(mortal);
  }
  t.diagnostic(`done: ${[...seen]}`);
});
