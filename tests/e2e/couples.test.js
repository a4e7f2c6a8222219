'use strict';
// Pairing by invite code: who may, who may not, what moves, and that nothing is lost or needs a new login.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { INSTANT, data, answers, refuses, acked } = require('./envelope.js');

const ROUNDS = 20;
let server, people;

before(async () => {
  server = await Server.start();
  people = [];
});
after(async () => {
  people.forEach((person) => person.leaveAll());
  await server.stop();
});

async function someone(nickname = '안나', role = 'MOM') {
  const person = await Person.signUp(server, nickname, role);
  people.push(person);
  return person;
}

async function twoPeople() {
  return [await someone('안나', 'MOM'), await someone('벤벤', 'DAD')];
}

async function pair() {
  const [anna, ben] = await twoPeople();
  await ben.joins(anna);
  return [anna, ben];
}

const inviteOf = async (person) => data(await person.post('/couples/invite-code'), 201);
const join = (person, inviteCode) => person.post('/couples/join', { inviteCode });
const coupleOf = async (person) => data(await person.get('/couples/me'));
const contents = async (person, roomId) => messagesIn(await person.get(`/rooms/${roomId}/messages`)).map(({ content }) => content);
const messagesIn = (answer) => data(answer).messages;

test('an invite code stays the same while it lives, also when asked for twice at once', async () => {
  const anna = await someone();
  const asked = await Promise.all(Array.from({ length: 8 }, () => inviteOf(anna)));
  asked.push(await inviteOf(anna));
  assert.equal(new Set(asked.map(({ inviteCode }) => inviteCode)).size, 1);
  assert.equal(new Set(asked.map(({ expiredAt }) => expiredAt)).size, 1);
});

test('invite codes are of an alphabet without look-alikes and differ', async () => {
  const codes = [];
  for (let i = 0; i < 60; i += 1) codes.push((await inviteOf(await Person.signUp(server))).inviteCode);
  codes.forEach((code) => assert.match(code, /^[A-Z0-9]{6}$/));
  assert.equal(new Set(codes).size, codes.length);
  const letters = new Set(codes.join(''));
  for (const [one, other] of ['0O', '1I', '1L', 'IL']) assert.ok(!letters.has(one) || !letters.has(other), `${one} and ${other}`);
});

test('an invite comes with a link that carries its code, and its QR', async () => {
  const { inviteCode, inviteUrl, qrSvg } = await inviteOf(await someone());
  assert.equal(new URL(inviteUrl).origin, server.url);
  assert.ok(inviteUrl.includes(inviteCode), inviteUrl);
  assert.match(qrSvg, /^(<\?xml[^>]*>\s*)?<svg[\s>][\s\S]*<\/svg>\s*$/);
  assert.doesNotMatch(qrSvg, /<script|onload|href=/i);
});

test('the link of an invite leads to where the world reaches the server', async () => {
  const known = await Server.start({ flags: ['--public-url', 'https://home.example'] });
  try {
    const { inviteUrl } = await inviteOf(await Person.signUp(known));
    assert.equal(new URL(inviteUrl).origin, 'https://home.example');
  } finally { await known.stop(); }
});

test('whoever holds a code sees who invites, and nothing else', async () => {
  const anna = await someone('안나', 'MOM');
  const { inviteCode, expiredAt } = await inviteOf(anna);
  const visitor = new Person(server);
  const preview = data(await visitor.get(`/couples/invite-code/${inviteCode}`));
  assert.deepEqual(preview, { nickname: '안나', role: 'MOM', expiredAt });
  assert.match(expiredAt, INSTANT);
  assert.deepEqual(data(await visitor.get(`/couples/invite-code/${inviteCode.toLowerCase()}`)), preview);
  for (const code of ['AAAAAA', 'A', 'x'.repeat(2_000), '%00', '%F0%9F%91%B6']) refuses(await visitor.get(`/couples/invite-code/${code}`), [400, 404], 5401);
});

test('a code is compared without case and works once', async () => {
  const [anna, ben] = await twoPeople();
  const late = await someone('늦은이');
  const { inviteCode } = await inviteOf(anna);
  answers(await join(ben, inviteCode.toLowerCase()), 200);
  refuses(await join(late, inviteCode), 400, 5401);
  refuses(await new Person(server).get(`/couples/invite-code/${inviteCode}`), [400, 404], 5401);
  const { members, coupleId } = await coupleOf(anna);
  assert.deepEqual(members.map(({ userId }) => userId).sort(), [anna.id, ben.id].sort());
  assert.equal(coupleId, anna.user.coupleId);
});

test('a code that is none is refused, each way with its own answer', async () => {
  const [anna, ben] = await twoPeople();
  const { inviteCode } = await inviteOf(anna);
  for (const body of [{}, ...[null, 5, ['A'], {}, true].map((code) => ({ inviteCode: code }))]) refuses(await ben.post('/couples/join', body), 400, 1401);
  const dead = ['', 'AAAAA', 'AAAAAAA', 'AAAAAA', `${inviteCode} x`, `${inviteCode}\u0000`, '아기아기아기', 'x'.repeat(5_000)];
  for (const code of dead) refuses(await join(ben, code), 400, 5401);
  refuses(await join(anna, inviteCode), 409, 5402);
  refuses(await join(new Person(server), inviteCode), 401, 2400);
  answers(await join(ben, inviteCode), 200);
});

test('who is paired neither invites nor joins', async () => {
  const [anna, ben] = await pair();
  const carl = await someone('카알', 'DAD');
  const { inviteCode } = await inviteOf(carl);
  for (const paired of [anna, ben]) {
    refuses(await paired.post('/couples/invite-code'), 409, 5400);
    refuses(await join(paired, inviteCode), 409, 5400);
  }
  assert.equal((await coupleOf(carl)).members.length, 1);
});

test('the code of someone who was paired meanwhile is dead', async () => {
  const [anna, ben] = await twoPeople();
  const carl = await someone('카알', 'DAD');
  const { inviteCode: annas } = await inviteOf(anna);
  const { inviteCode: bens } = await inviteOf(ben);
  answers(await join(ben, annas), 200);
  refuses(await join(carl, bens), [400, 409], 5401, 5400);
  assert.equal((await coupleOf(carl)).members.length, 1);
  assert.equal((await coupleOf(ben)).members.length, 2);
});

test('of two who use one code at the same moment exactly one joins', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [anna, ben, carl] = [await Person.signUp(server), await Person.signUp(server), await Person.signUp(server)];
    const { inviteCode } = await inviteOf(anna);
    const racers = await Promise.all([join(ben, inviteCode), join(carl, inviteCode)]);
    const benWon = racers[0].status === 200;
    answers(racers[benWon ? 0 : 1], 200);
    refuses(racers[benWon ? 1 : 0], 400, 5401);
    const [winner, loser] = benWon ? [ben, carl] : [carl, ben];
    const ids = (await coupleOf(anna)).members.map(({ userId }) => userId);
    assert.deepEqual(ids.sort((a, b) => a - b), [anna.id, winner.id]);
    assert.equal((await coupleOf(loser)).members.length, 1);
  }
});

test('two who join each other at the same moment become one couple', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [anna, ben] = [await Person.signUp(server), await Person.signUp(server)];
    const [annas, bens] = [await inviteOf(anna), await inviteOf(ben)];
    const both = await Promise.all([join(anna, bens.inviteCode), join(ben, annas.inviteCode)]);
    assert.equal(both.filter(({ status }) => status === 200).length, 1);
    assert.deepEqual(await coupleOf(anna), await coupleOf(ben));
    for (const { inviteCode } of [annas, bens]) refuses(await new Person(server).get(`/couples/invite-code/${inviteCode}`), [400, 404], 5401);
  }
});

test('sockets opened before the pairing are in the couple\'s room at once', async () => {
  const [anna, ben] = await twoPeople();
  const [annaChats, benChats] = [await anna.chats(), await ben.chats()];
  const [annaRooms, benRooms] = [await anna.rooms(), await ben.rooms()];
  await ben.joins(anna);

  const { coupleId } = await coupleOf(anna);
  for (const socket of [annaRooms, benRooms]) assert.equal((await hears(socket, 'couple')).coupleId, coupleId);
  const { roomId, present } = await anna.roomOfKind('COUPLE');
  assert.deepEqual(present.sort((a, b) => a - b), [anna.id, ben.id]);
  annaChats.emit('send_message', { type: 'TEXT', content: 'from the old socket' });
  for (const socket of [annaChats, benChats]) {
    const { id, chatId, content } = await hears(socket, 'receive_message');
    assert.deepEqual({ id, chatId, content }, { id: 1, chatId: roomId, content: 'from the old socket' });
  }
  assert.equal((await hears(benRooms, 'room', (room) => room.roomId === roomId && room.lastMessage)).lastMessage.content, 'from the old socket');

  acked(await ask(benRooms, 'enter', { roomId }));
  acked(await ask(annaRooms, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: 'and on' }));
  assert.equal((await hears(benRooms, 'chat')).message.content, 'and on');
  benChats.emit('read_all_messages');
  await hears(annaChats, 'update_read_status', (id) => id === ben.id);
  assert.ok([annaChats, benChats, annaRooms, benRooms].every(({ connected }) => connected));
});

test('tokens from before the pairing open the couple without a new login', async () => {
  const [anna, ben] = await twoPeople();
  await ben.joins(anna);
  assert.equal((await coupleOf(ben)).coupleId, anna.user.coupleId);
  data(await ben.post(`/rooms/${(await ben.roomOfKind('COUPLE')).roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: 'hi' }), 201);
  assert.equal(data(await anna.get('/messages')).messages[0].content, 'hi');
});

test('what each wrote alone stays with each, and the couple\'s room starts empty', async () => {
  const [anna, ben] = await twoPeople();
  const alone = new Map();
  for (const person of [anna, ben]) {
    const socket = await person.chats();
    socket.emit('send_message', { type: 'TEXT', content: `alone ${person.id}` });
    alone.set(person, (await hears(socket, 'receive_message')).chatId);
  }
  await ben.joins(anna);

  for (const [person, roomId] of alone) {
    assert.equal((await person.roomOfKind('SELF')).roomId, roomId);
    assert.deepEqual(await contents(person, roomId), [`alone ${person.id}`]);
    answers(await person.get('/messages'), 200, { messages: [] });
  }
  refuses(await anna.get(`/rooms/${alone.get(ben)}/messages`), 404, 6404);
  const { roomId, lastMessage } = await ben.roomOfKind('COUPLE');
  assert.equal(lastMessage, null);
  assert.deepEqual(await contents(anna, roomId), []);
});

test('a couple keeps its time zone and how it counts days', async () => {
  const [anna, ben] = await pair();
  const benRooms = await ben.rooms();
  const before = await coupleOf(anna);
  assert.deepEqual(Object.keys(before).sort(), ['coupleId', 'dayCount', 'members', 'parting', 'since', 'timeZone']);
  assert.deepEqual(before.members.map(({ userId, nickname, role }) => ({ userId, nickname, role })).sort((a, b) => a.userId - b.userId),
    [{ userId: anna.id, nickname: '안나', role: 'MOM' }, { userId: ben.id, nickname: '벤벤', role: 'DAD' }]);

  data(await anna.patch('/couples/me', { timeZone: 'America/New_York', dayCount: 'elapsed', coupleId: 1, members: [] }));
  const after = { ...before, timeZone: 'America/New_York', dayCount: 'elapsed' };
  assert.deepEqual(await coupleOf(ben), after);
  await hears(benRooms, 'couple');
  const zones = ['Mars/Olympus', '', 5, '../../etc/passwd', '+09:00'].map((timeZone) => ({ timeZone }));
  for (const wrong of [...zones, { dayCount: 'never' }, { dayCount: 5 }, { dayCount: 'birthday-is-one', timeZone: 'x' }]) {
    refuses(await anna.patch('/couples/me', wrong), 400, 1401, 1400);
  }
  assert.deepEqual(await coupleOf(anna), after);
});
