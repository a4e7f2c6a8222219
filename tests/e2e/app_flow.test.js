'use strict';
// What the mobile app does from its first start, step by step, bodies to the letter.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears } = require('./person.js');
const { Frames } = require('./frames.js');
const { INSTANT, success, answers, data, refuses } = require('./envelope.js');

const BURST = 200;
const DAD_KAKAO = 2570142931;
const MOM_KAKAO = 2570142932;
let server, dad, mom, roomId, dadSocket, momSocket;

before(async () => {
  server = await Server.start();
  dad = new Person(server);
  mom = new Person(server);
});
after(async () => {
  dad.leaveAll();
  mom.leaveAll();
  await server.stop();
});

/** The app's socket: WebSocket only, and a coupleId in the query that means nothing. */
const asTheApp = (person) => person.chats({ query: { coupleId: 999 } });

async function messagesHeard(socket, count) {
  const heard = [];
  while (heard.length < count) heard.push(await hears(socket, 'receive_message'));
  return heard;
}

async function signsUp(person, kakaoId, nickname, role, expected) {
  answers(await person.post('/auth/login', { accessToken: `k-${kakaoId}` }), 201, { needSignup: true, kakaoId });
  const signup = await person.post('/auth/signup', { kakaoId, nickname, role });
  const { refreshToken, accessToken } = data(signup, 201);
  answers(signup, 201, { refreshToken, accessToken, user: { ...expected, spouseId: null, nickname } });
  assert.match(signup.headers['content-type'], /^application\/json/);
  Object.assign(person, { accessToken, refreshToken, id: expected.userId });
}

test('a Kakao id nobody knows is asked to sign up, and the sign-up carries the real couple', async () => {
  await signsUp(dad, DAD_KAKAO, '아빠', 'DAD', { userId: 1, coupleId: 1 });
  await signsUp(mom, MOM_KAKAO, '엄마', 'MOM', { userId: 2, coupleId: 2 });
});

test('a known Kakao id is logged in again, with new tokens', async () => {
  const login = await dad.post('/auth/login', { accessToken: `k-${DAD_KAKAO}` }, { token: null });
  const { refreshToken, accessToken } = data(login, 201);
  answers(login, 201, { needSignup: false, refreshToken, accessToken, user: { userId: 1, coupleId: 1, spouseId: null, nickname: '아빠' } });
  assert.equal(typeof accessToken, 'string');
  assert.equal(typeof refreshToken, 'string');
  assert.notEqual(accessToken, dad.accessToken);
  data(await dad.get('/users/me'));
  dad.accessToken = accessToken;
});

test('an invite code is six characters for fifteen minutes, and joining with it answers without data', async () => {
  const invite = await dad.post('/couples/invite-code');
  const { inviteCode, expiredAt } = data(invite, 201);
  assert.ok(invite.text.startsWith(`{"code":"0000","message":"SUCCESS","data":{"inviteCode":"${inviteCode}","expiredAt":"${expiredAt}"`), invite.text);
  assert.match(inviteCode, /^[A-Z0-9]{6}$/);
  assert.match(expiredAt, INSTANT);
  const lifeSeconds = (Date.parse(expiredAt) - Date.now()) / 1000;
  assert.ok(lifeSeconds > 880 && lifeSeconds <= 900, `${lifeSeconds}`);

  const join = await mom.post('/couples/join', { inviteCode });
  assert.equal(join.text, '{"code":"0000","message":"SUCCESS"}');
  assert.equal(join.status, 200);
});

test('after joining both logins name each other and one couple', async () => {
  const couple = (login) => data(login, 201).user;
  assert.deepEqual(couple(await dad.post('/auth/login', { accessToken: `k-${DAD_KAKAO}` })), { userId: 1, coupleId: 1, spouseId: 2, nickname: '아빠' });
  assert.deepEqual(couple(await mom.post('/auth/login', { accessToken: `k-${MOM_KAKAO}` })), { userId: 2, coupleId: 1, spouseId: 1, nickname: '엄마' });
  roomId = (await dad.roomOfKind('COUPLE')).roomId;
  assert.equal((await mom.roomOfKind('COUPLE')).roomId, roomId);
});

test('before the first message the list is empty', async () => {
  answers(await dad.get('/messages'), 200, { messages: [] });
  answers(await mom.get('/messages?cursor=&limit=20'), 200, { messages: [] });
});

test('the frames of a connection are those the app knows', async () => {
  const frames = await Frames.open(server);
  const opened = JSON.parse((await frames.next()).slice(1));
  assert.equal(opened.pingInterval, 25_000);
  assert.equal(opened.pingTimeout, 20_000);
  assert.equal(opened.maxPayload, 128 * 1024);

  frames.send(`40/chats,${JSON.stringify({ token: dad.accessToken })}`);
  assert.match(await frames.next(), /^40\/chats,\{"sid":"[^"]+"\}$/);
  assert.equal(await frames.next(), '42/chats,["update_read_status",1]');

  frames.send('42/chats,["send_message",{"type":"TEXT","content":"hi"}]');
  const said = await frames.next();
  const sentAt = /"sentAt":"([^"]+)"/.exec(said)?.[1];
  assert.match(sentAt, INSTANT);
  assert.equal(said, `42/chats,["receive_message",{"id":1,"chatId":${roomId},"senderId":1,"type":"TEXT","content":"hi","isRead":false,"sentAt":"${sentAt}"}]`);

  frames.send('42/chats,["read_all_messages"]');
  assert.equal(await frames.next(), '42/chats,["update_read_status",1]');
  frames.close();
});

test('connecting marks the partner\'s messages read and tells everyone in the room, itself included', async () => {
  dadSocket = await asTheApp(dad);
  const before = data(await dad.get('/messages')).messages;
  assert.deepEqual(before.map(({ id, isRead }) => ({ id, isRead })), [{ id: 1, isRead: false }]);

  momSocket = await asTheApp(mom);
  assert.equal(await hears(dadSocket, 'update_read_status'), 2);
  const [message] = data(await dad.get('/messages')).messages;
  const read = { id: 1, chatId: roomId, senderId: 1, type: 'TEXT', content: 'hi', isRead: true, sentAt: message.sentAt };
  answers(await dad.get('/messages'), 200, { messages: [read] });
  assert.equal((await mom.get('/messages')).text, (await dad.get('/messages')).text);
});

test('a message reaches both with the same body, and no type means text', async () => {
  momSocket.emit('send_message', { content: '안녕 👶', senderId: 1, coupleId: 77, chatId: 88, id: 99 });
  const [heardByMom] = await messagesHeard(momSocket, 1);
  const [heardByDad] = await messagesHeard(dadSocket, 1);
  assert.deepEqual(heardByMom, { id: 2, chatId: roomId, senderId: 2, type: 'TEXT', content: '안녕 👶', isRead: false, sentAt: heardByMom.sentAt });
  assert.deepEqual(heardByDad, heardByMom);
});

test('two hundred messages in a burst are numbered and heard in the order sent', async () => {
  const sent = Array.from({ length: BURST }, (_, i) => `burst ${i}`);
  sent.forEach((content) => dadSocket.emit('send_message', { type: 'TEXT', content }));

  const expected = sent.map((content, i) => [3 + i, roomId, 1, content]);
  for (const socket of [momSocket, dadSocket]) {
    const heard = await messagesHeard(socket, BURST);
    assert.deepEqual(heard.map(({ id, chatId, senderId, content }) => [id, chatId, senderId, content]), expected);
  }
});

test('reading is told to both as a bare number, also when nothing was unread', async () => {
  assert.equal(data(await dad.get('/messages?limit=1')).messages[0].isRead, false);
  momSocket.heard.length = 0;
  dadSocket.heard.length = 0;
  for (const payload of [[], [null], [{ anything: 1 }]]) {
    momSocket.emit('read_all_messages', ...payload);
    assert.equal(await hears(momSocket, 'update_read_status'), 2);
    assert.equal(await hears(dadSocket, 'update_read_status'), 2);
  }
  assert.equal(data(await dad.get('/messages?limit=1')).messages[0].isRead, true);

  dadSocket.emit('read_all_messages');
  assert.equal(await hears(momSocket, 'update_read_status'), 1);
  const unread = data(await mom.get('/messages?limit=50')).messages.filter(({ isRead }) => !isRead);
  assert.deepEqual(unread, []);
});

test('history is paged by cursor, newest first, to an empty page at the end', async () => {
  const newest = 2 + BURST;
  const first = data(await mom.get('/messages')).messages;
  assert.deepEqual(first.map(({ id }) => id), Array.from({ length: 20 }, (_, i) => newest - i));
  for (const query of ['?cursor=', '?cursor=0', '?limit=20', '?cursor=0&limit=20']) {
    assert.equal((await mom.get(`/messages${query}`)).text, success({ messages: first }), query);
  }

  const pages = [];
  for (let cursor = ''; pages.at(-1)?.length !== 0; cursor = pages.at(-1).at(-1)?.id) {
    pages.push(data(await dad.get(`/messages?cursor=${cursor}&limit=50`)).messages);
  }
  assert.deepEqual(pages.map((page) => page.length), [50, 50, 50, 50, 2, 0]);
  const all = pages.flat();
  assert.deepEqual(all.map(({ id }) => id), Array.from({ length: newest }, (_, i) => newest - i));
  assert.ok(all.every(({ chatId }) => chatId === roomId));
  assert.deepEqual(all.slice(0, BURST).map(({ content }) => content), Array.from({ length: BURST }, (_, i) => `burst ${BURST - 1 - i}`));
  answers(await dad.get('/messages?cursor=1'), 200, { messages: [] });
  answers(await dad.get('/messages?cursor=987654321'), 200, { messages: [] });
});

test('a page that cannot be is refused with its own code', async () => {
  for (const limit of ['0', '51', '-1', 'abc', '1e1x', '99999999999999999999']) refuses(await dad.get(`/messages?limit=${limit}`), 400, 6400);
  for (const cursor of ['abc', '1x', '%00']) refuses(await dad.get(`/messages?cursor=${cursor}`), 400, 1401);
  refuses(await dad.get('/messages', { token: null }), 401, 2400);
});

test('after the phones and the server were away everything is still there', async () => {
  const before = (await mom.get('/messages?limit=50')).text;
  dad.leaveAll();
  mom.leaveAll();
  await server.kill('SIGTERM');
  await server.restart();

  assert.equal((await mom.get('/messages?limit=50')).text, before);
  const [again, partner] = [await asTheApp(dad), await asTheApp(mom)];
  again.emit('send_message', { type: 'TEXT', content: '다시' });
  for (const socket of [again, partner]) {
    const { id, chatId, content } = await hears(socket, 'receive_message');
    assert.deepEqual({ id, chatId, content }, { id: 3 + BURST, chatId: roomId, content: '다시' });
  }
});
