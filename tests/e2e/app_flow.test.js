'use strict';
// What the mobile app does from its first start, step by step, bodies to the letter.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears } = require('./person.js');
const { Frames } = require('./frames.js');
const { INSTANT, success, answers, data, refuses } = require('./envelope.js');
const { made } = require('./formats.js');
const { Passing, again } = require('./passing.js');
const { awayFromMidnight } = require('./kit.js');

const BURST = 200;
const DAD_KAKAO = 2570142931;
const MOM_KAKAO = 2570142932;
let server, dad, mom, roomId, dadSocket, momSocket;

before(async () => {
  await awayFromMidnight();
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

test('a photo is uploaded with progress, sent as its link, and read part by part on the other phone', async () => {
  dad.leaveAll();
  mom.leaveAll();
  [dadSocket, momSocket] = [await asTheApp(dad), await asTheApp(mom)];
  const photo = Buffer.concat([await made('jpg'), Buffer.alloc(2 << 20)]);
  const progress = [];
  const uploaded = await dad.upload(photo, 'IMG_0001.jpg', { type: 'image/jpeg', onUploadProgress: ({ loaded, total }) => progress.push(loaded / total) });
  const { fileUrl } = data(uploaded, 201);
  assert.ok(uploaded.text.startsWith(`{"code":"0000","message":"SUCCESS","data":{"fileUrl":"${server.url}/media/`), uploaded.text);
  assert.equal(progress.at(-1), 1);

  dadSocket.emit('send_message', { type: 'IMAGE', content: fileUrl });
  const [heard] = await messagesHeard(momSocket, 1);
  assert.deepEqual(heard, { id: 4 + BURST, chatId: roomId, senderId: 1, type: 'IMAGE', content: fileUrl, isRead: false, sentAt: heard.sentAt });
  assert.deepEqual(await messagesHeard(dadSocket, 1), [heard]);
  const part = await mom.open(heard.content, { headers: { Range: 'bytes=0-1023' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-type'], 'image/jpeg');
  assert.equal(part.headers['content-range'], `bytes 0-1023/${photo.length}`);
  assert.equal(Buffer.compare(part.data, photo.subarray(0, 1_024)), 0);
});

test('a film is sent the same way, and a player jumps in it', async () => {
  const film = await made('mp4');
  const { fileUrl } = data(await mom.upload(film, 'MOV_0001.mp4', { type: 'video/mp4' }), 201);
  momSocket.emit('send_message', { type: 'VIDEO', content: fileUrl });
  const [heard] = await messagesHeard(dadSocket, 1);
  assert.deepEqual([heard.id, heard.senderId, heard.type, heard.content], [5 + BURST, 2, 'VIDEO', fileUrl]);
  for (const from of [0, film.length - 500, 1_000]) {
    const part = await dad.open(heard.content, { headers: { Range: `bytes=${from}-` } });
    assert.equal(part.status, 206);
    assert.equal(Buffer.compare(part.data, film.subarray(from)), 0);
  }
});

test('read again later, also after a restart, a message\'s link opens', async () => {
  await server.kill('SIGTERM');
  await server.restart();
  const [video, image] = data(await dad.get('/messages?limit=2')).messages;
  assert.deepEqual([video.type, image.type], ['VIDEO', 'IMAGE']);
  for (const { content } of [video, image]) assert.equal((await mom.open(content)).status, 200);
  momSocket = await asTheApp(mom);
  momSocket.emit('send_message', { type: 'IMAGE', content: image.content });
  assert.equal((await hears(momSocket, 'receive_message')).content, image.content);
});

test('a link that is not ours as a photo is an error to its sender, and is not stored', async () => {
  const before = (await dad.get('/messages')).text;
  momSocket.emit('send_message', { type: 'IMAGE', content: 'https://evil.example/cat.jpg' });
  assert.deepEqual(await hears(momSocket, 'error'), { code: '1401', message: 'query string 값이 올바르지 않습니다.' });
  assert.equal((await dad.get('/messages')).text, before);
});

// A day where the couple lives, its first instant and the next one's: a year or a month ends with it, or the clocks go
// ahead or back on it, by an hour or by half of one.
const DAYS = [
  ['Asia/Seoul', '2025-12-31', '2025-12-30T15:00:00.000Z', '2025-12-31T15:00:00.000Z'],
  ['America/New_York', '2025-11-30', '2025-11-30T05:00:00.000Z', '2025-12-01T05:00:00.000Z'],
  ['America/New_York', '2025-03-09', '2025-03-09T05:00:00.000Z', '2025-03-10T04:00:00.000Z'],
  ['America/New_York', '2025-11-02', '2025-11-02T04:00:00.000Z', '2025-11-03T05:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-10-31', '2025-10-30T13:00:00.000Z', '2025-10-31T13:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-10-05', '2025-10-04T13:30:00.000Z', '2025-10-05T13:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-04-06', '2025-04-05T13:00:00.000Z', '2025-04-06T13:30:00.000Z'],
];
const neighbour = (day, by) => new Date(Date.parse(day) + by * 86_400_000).toISOString().slice(0, 10);

for (const [timeZone, day, first, next] of DAYS) {
  test(`what is written around ${day} in ${timeZone} stays on its day, ticked, taken away and brought back`, async () => {
    data(await mom.patch('/couples/me', { timeZone }));
    const minuteBefore = (instant) => new Date(Date.parse(instant) - 60_000).toISOString();
    const dates = [minuteBefore(first), first, minuteBefore(next), next];
    // As the app writes them: by the phone's own clock, in UTC.
    const written = [];
    for (const [at, date] of dates.entries()) written.push(data(await (at % 2 ? dad : mom).post('/schedules', { title: date, description: null, date, color: 'BLUE' }), 201));
    const days = [neighbour(day, -1), day, neighbour(day, 1)];
    const months = [...new Set(days.map((one) => one.slice(0, 7)))];
    const calendar = async () => {
      const shown = await Promise.all([dad, mom].map(async (person) => {
        const listed = await Promise.all(months.map(async (month) => data(await person.get(`/schedules?yearMonth=${month}`))));
        return listed.flat().flatMap((one) => one.schedules).filter(({ title }) => dates.includes(title))
          .map(({ date, time, title, isCompleted }) => `${date} ${time} ${dates.indexOf(title)} ${isCompleted ? 'done' : 'open'}`);
      }));
      assert.deepEqual(shown[0], shown[1], 'both phones show the same');
      return shown[0];
    };
    const plain = [`${days[0]} 23:59 0 open`, `${day} 00:00 1 open`, `${day} 23:59 2 open`, `${days[2]} 00:00 3 open`];
    assert.deepEqual(await calendar(), plain);

    const ticked = plain.map((line) => line.replace(/([12]) open/, '$1 done'));
    // Each ticks what the other one wrote.
    data(await mom.patch(`/schedules/${written[1].scheduleId}`, { isCompleted: true }));
    data(await dad.patch(`/schedules/${written[2].scheduleId}`, { isCompleted: true }));
    assert.deepEqual(await calendar(), ticked);

    for (const { scheduleId } of written.slice(1, 3)) answers(await dad.delete(`/schedules/${scheduleId}`), 200);
    assert.deepEqual(await calendar(), [plain[0], plain[3]]);
    for (const { scheduleId } of written.slice(1, 3)) assert.equal(data(await mom.post(`/schedules/${scheduleId}/restore`)).isCompleted, true);
    assert.deepEqual(await calendar(), ticked);
  });
}

test('a message read again after a day has a link that opens, last month\'s opens nothing', { timeout: 60_000 }, async (t) => {
  const time = await Passing.start(t);
  const [anna, ben] = await Person.couple(time.server);
  const socket = await asTheApp(anna);
  const { fileUrl } = data(await anna.upload(await made('small jpg'), 'IMG_0002.jpg', { type: 'image/jpeg' }), 201);
  socket.emit('send_message', { type: 'IMAGE', content: fileUrl });
  const held = [(await hears(socket, 'receive_message')).content];
  anna.leaveAll();
  const reread = async () => { await again(ben); return data(await ben.get('/messages?limit=1')).messages[0].content; };

  await time.at(24);
  held.push(await reread());
  assert.notEqual(held[1], held[0], 'the test needs a new link to mean anything');
  for (const link of held) assert.equal((await ben.open(link)).status, 200);

  await time.at(31 * 24);
  for (const link of held) assert.equal((await ben.open(link)).status, 404);
  assert.equal((await ben.open(await reread())).status, 200);
});
