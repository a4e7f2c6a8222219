'use strict';
// Cards of schedules follow a whole calendar: other clocks, other hands, and its end.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { data, acked } = require('./envelope.js');
const { Passing, again } = require('./passing.js');
const { until } = require('./kit.js');

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const NEW_YORK = { timeZone: 'America/New_York' };
const schedule = async (person, date = '2026-11-25T01:30:00.000Z') => data(await person.post('/schedules', { title: '병원', date }), 201).scheduleId;
const show = async (person, roomId, scheduleId) => data(await person.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'SCHEDULE', scheduleId }), 201);
const shownIn = async (person, roomId) => data(await person.get(`/rooms/${roomId}/messages?limit=50`)).messages.filter(({ type }) => type === 'SCHEDULE');
const when = ({ schedule: { date, time } }) => `${date} ${time}`;
const caughtUp = async (person, roomId, since) => data(await person.get(`/rooms/${roomId}/changes?since=${since}`)).messages;

async function groupOf(maker, guestName) {
  const { roomId } = data(await maker.post('/rooms', { title: '우리' }), 201);
  const { token } = data(await maker.post(`/rooms/${roomId}/invites`, { uses: 2 }), 201);
  const signed = data(await new Person(maker.server).post('/auth/guest', { invite: token, nickname: guestName }), 201);
  return { roomId, guest: new Person(maker.server, { ...signed, id: signed.user.userId }) };
}

async function inside(person, roomId) {
  const socket = await person.rooms();
  acked(await ask(socket, 'enter', { roomId }));
  return socket;
}

test('when a couple sets its clocks anew, every card tells the hour by them', async () => {
  const [anna, ben] = await Person.couple(server);
  const { roomId, guest } = await groupOf(anna, '할머니');
  const [timed, day] = [await schedule(anna), await schedule(ben, '2026-11-25')];
  const sent = await show(anna, roomId, timed);
  const { rev } = await show(anna, roomId, day);
  assert.equal(when(sent), '2026-11-25 10:30');
  const socket = await inside(guest, roomId);

  data(await ben.patch('/couples/me', NEW_YORK));
  const heard = await hears(socket, 'edit');
  assert.deepEqual([heard.message.id, when(heard.message)], [sent.id, '2026-11-24 20:30']);
  assert.deepEqual((await shownIn(guest, roomId)).map(when).sort(), ['2026-11-24 20:30', '2026-11-25 00:00']);
  assert.deepEqual((await caughtUp(guest, roomId, rev)).map(({ id }) => id), [sent.id], 'what has a day keeps it');

  const before = (await caughtUp(guest, roomId, 0)).at(-1).rev;
  data(await ben.patch('/couples/me', { dayCount: 'elapsed' }));
  assert.deepEqual(await caughtUp(guest, roomId, before), [], 'how days are counted is no news to a card');
  guest.leaveAll();
});

test('a calendar that moves into another couple is read by its clocks', async () => {
  const [anna, ben] = [await Person.signUp(server, '안나', 'MOM'), await Person.signUp(server, '벤벤', 'DAD')];
  data(await anna.patch('/couples/me', NEW_YORK));
  const { roomId, guest } = await groupOf(ben, '할아버지');
  const sent = await show(ben, roomId, await schedule(ben));
  const socket = await inside(guest, roomId);
  await ben.joins(anna);
  const heard = await hears(socket, 'edit');
  assert.deepEqual([heard.message.id, when(heard.message)], [sent.id, '2026-11-24 20:30']);
  assert.deepEqual((await caughtUp(guest, roomId, sent.rev)).filter(({ type }) => type === 'SCHEDULE').map(when), ['2026-11-24 20:30']);
  guest.leaveAll();
});

test('what I wrote as a candidate is read by our clocks once I say that it was me', async (t) => {
  const closed = await Server.start({ strict: true });
  t.after(() => closed.stop());
  const setup = { setupCode: closed.setupCode(), loginId: 'owner', password: 'a quiet meadow at 4', nickname: '주인', role: 'MOM', locale: 'ko', ...NEW_YORK };
  const owner = new Person(closed, data(await new Person(closed).post('/setup', setup), 201));
  data(await owner.post('/couples/invite-code'), 201);
  const app = await Person.signUp(closed, '아빠', 'DAD');
  const sent = await show(app, (await app.roomOfKind('SELF')).roomId, await schedule(app));
  assert.equal(when(sent), '2026-11-25 10:30');
  data(await owner.post(`/couples/candidates/${app.id}`, { as: 'me' }));
  assert.deepEqual((await shownIn(owner, (await owner.roomOfKind('SELF')).roomId)).map(when), ['2026-11-24 20:30']);
});

test('a card says nothing more of the calendar once who showed it has gone, nor when they are back', async () => {
  const [anna, ben] = await Person.couple(server);
  const neighbour = await Person.signUp(server, '이웃이', 'DAD');
  const { roomId, guest } = await groupOf(anna, '할머니');
  const { token } = data(await anna.post(`/rooms/${roomId}/invites`, { uses: 2 }), 201);
  data(await neighbour.post(`/rooms/invites/${token}`));
  const shown = await schedule(anna);
  const change = async (title, date) => data(await ben.patch(`/schedules/${shown}`, { title, date }));
  const read = async () => (await shownIn(neighbour, roomId)).reverse().map((card) => `${card.schedule.title} ${when(card)}`);
  const found = async (words) => data(await neighbour.get(`/search?q=${encodeURIComponent(words)}`)).hits.length;
  const sent = await show(anna, roomId, shown);
  const sockets = [await inside(neighbour, roomId), await inside(guest, roomId)];
  await change('치과', '2026-11-26T01:30:00.000Z');
  for (const socket of sockets) assert.equal((await hears(socket, 'edit')).message.id, sent.id);

  data(await anna.delete(`/rooms/${roomId}/members/me`));
  const { rev } = (await caughtUp(guest, roomId, 0)).at(-1);
  await change('비밀 상담', '2026-12-24T01:00:00.000Z');
  data(await ben.patch('/couples/me', NEW_YORK));
  assert.deepEqual(await read(), ['치과 2026-11-26 10:30']);
  assert.deepEqual([await found('비밀 상담'), await found('치과')], [0, 1]);
  assert.deepEqual(await caughtUp(guest, roomId, rev), []);

  const back = data(await neighbour.post(`/rooms/${roomId}/invites`, {}), 201);
  data(await anna.post(`/rooms/invites/${back.token}`));
  const second = await show(anna, roomId, shown);
  await change('다른 비밀', '2026-12-25T01:00:00.000Z');
  for (const socket of sockets) assert.equal((await hears(socket, 'edit')).message.id, second.id, 'the new card follows, and it alone');
  assert.deepEqual(await read(), ['치과 2026-11-26 10:30', '다른 비밀 2026-12-24 20:00']);

  data(await anna.delete('/users/me'));
  await change('벤의 비밀', '2026-12-31T01:00:00.000Z');
  assert.deepEqual(await read(), ['치과 2026-11-26 10:30', '다른 비밀 2026-12-24 20:00']);
  assert.equal(await found('벤의 비밀'), 0);
  for (const socket of sockets) assert.ok(!socket.heard.some(([event]) => event === 'edit'));
  [neighbour, guest].forEach((person) => person.leaveAll());
});

test('a card outlives the calendar of who has withdrawn, and says so', { timeout: 300_000 }, async (t) => {
  const time = await Passing.start(t);
  const anna = await Person.signUp(time.server, '안나', 'MOM');
  const owner = await Person.signUp(time.server, '주인', 'MOM');
  const { roomId: group } = data(await owner.post('/rooms', { title: '우리' }), 201);
  const { token } = data(await owner.post(`/rooms/${group}/invites`, { uses: 3 }), 201);
  data(await anna.post(`/rooms/invites/${token}`));
  const sent = await show(anna, group, await schedule(anna));
  data(await anna.delete('/users/me'));
  await time.toDay(29);
  await again(owner);
  assert.equal((await shownIn(owner, group))[0].schedule.deleted, undefined);
  await time.toDay(32);
  await until(async () => { await again(owner); return (await shownIn(owner, group))[0].schedule.deleted; }, 60_000, 'the card being of nothing any more');
  const { messages: [card] } = data(await owner.get(`/rooms/${group}/changes?since=${sent.rev + 1}`));
  assert.deepEqual([card.id, card.schedule.title, card.schedule.deleted], [sent.id, '병원', true]);
});
