'use strict';
// When people have gone: what they can still see, change or open, and what those who stay are told.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, ask, uuid } = require('./person.js');
const { data, refuses, acked } = require('./envelope.js');

let server;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const part = async ([proposes, agrees]) => { data(await proposes.delete('/couples/me')); data(await agrees.delete('/couples/me')); };
const send = async (person, room, body) => data(await person.post(`/rooms/${room}/messages`, { clientId: uuid(), type: 'TEXT', ...body }), 201);
const messages = async (person, room) => data(await person.get(`/rooms/${room}/messages?limit=50`)).messages;
const changes = async (person, room, since) => data(await person.get(`/rooms/${room}/changes?since=${since}`));
const groupOf = async (maker, others = []) => data(await maker.post('/rooms', { title: '우리', memberIds: others.map(({ id }) => id) }), 201).roomId;
const linkInto = async (owner, room, uses = 5) => data(await owner.post(`/rooms/${room}/invites`, { uses }), 201).token;
const enter = (token) => new Person(server).post('/auth/guest', { invite: token, nickname: '할머니' });
async function guest(token) {
  const signed = data(await enter(token), 201);
  return new Person(server, { ...signed, id: signed.user.userId });
}

test('after parting a card follows the copy of who showed it, and nothing of the other one', async () => {
  const [anna, ben] = await Person.couple(server);
  const { scheduleId } = data(await anna.post('/schedules', { title: '병원', date: '2026-11-25' }), 201);
  const { roomId: own } = await ben.roomOfKind('SELF');
  const shown = await send(ben, own, { type: 'SCHEDULE', content: undefined, scheduleId });
  await part([anna, ben]);
  data(await anna.patch(`/schedules/${scheduleId}`, { title: '변호사' }));
  const [card] = (await messages(ben, own)).filter(({ id }) => id === shown.id);
  assert.equal(card.schedule.title, '병원');
  assert.notEqual(card.schedule.scheduleId, scheduleId);
  data(await ben.patch(`/schedules/${card.schedule.scheduleId}`, { isCompleted: true }));
  assert.equal((await messages(ben, own))[0].schedule.isCompleted, true);
});

test('after parting every group has somebody in it who looks after it', async () => {
  for (const [maker, proposes] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    const pair = await Person.couple(server);
    const room = await groupOf(pair[maker], [pair[1 - maker]]);
    const grandma = await guest(await linkInto(pair[maker], room));
    data(await pair[maker].delete(`/rooms/${room}/members/me`));
    await part([pair[proposes], pair[1 - proposes]]);
    data(await pair[1 - maker].delete(`/rooms/${room}/members/${grandma.id}`));
    assert.equal((await grandma.get('/rooms')).status, 401);
  }
});

test('after parting, links into what is the other one\'s alone open nothing', async () => {
  const [anna, ben] = await Person.couple(server);
  const room = await groupOf(anna, [ben]);
  const [his, hers] = [await linkInto(ben, room), await linkInto(anna, room)];
  await part([anna, ben]);
  refuses(await enter(his), 400, 5401);
  refuses(await new Person(server).get(`/rooms/invites/${his}`), 400, 5401);
  data(await enter(hers), 201);
});

test('who is sent away does not come back by the link that they came by', async () => {
  const [anna, ben] = await Person.couple(server);
  const room = await groupOf(anna, [ben]);
  const token = await linkInto(anna, room);
  const grandma = await guest(token);
  data(await anna.delete(`/rooms/${room}/members/${grandma.id}`));
  refuses(await enter(token), 400, 5401);
  assert.deepEqual(data(await anna.get(`/rooms/${room}/invites`)), []);
});

test('who was away learns anew who is there, whoever went meanwhile', async () => {
  const [anna, ben] = await Person.couple(server);
  const room = await groupOf(anna, [ben]);
  const grandma = await guest(await linkInto(anna, room));
  const { rev } = await changes(ben, room, 0);
  data(await ben.delete(`/rooms/${room}/members/me`));
  data(await anna.delete(`/rooms/${room}/members/${grandma.id}`));
  data(await anna.post(`/rooms/${room}/members`, { userIds: [ben.id] }));
  const { reload, members, rev: now } = await changes(ben, room, rev);
  assert.deepEqual([reload, members], [true, []]);
  assert.equal((await changes(ben, room, now)).reload, false, 'once is enough');
  assert.equal((await changes(anna, room, rev)).reload, false, 'who stayed is told');
});

test('who writes very much still hears of what comes', async () => {
  const [anna, ben] = await Person.couple(server);
  const { roomId } = await anna.roomOfKind('COUPLE');
  const socket = await anna.rooms();
  const acks = await Promise.all(Array.from({ length: 2_100 }, (_, at) => ask(socket, 'send', { roomId, clientId: uuid(), content: `${at}` }, 60_000)));
  acks.forEach(acked);
  await send(ben, roomId, { content: 'hello' });
  assert.equal(data(await anna.get('/rooms')).find((one) => one.roomId === roomId).unreadCount, 1);
  anna.leaveAll();
});
