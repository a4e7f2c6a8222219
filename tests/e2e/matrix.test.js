'use strict';
// Who may call what: every route and every event, asked by everyone who is not the couple.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { TEXTS, data, refuses, isFailure, acked } = require('./envelope.js');

const PASSWORD = 'a quiet meadow at 4';
const ADMIN = { loginId: 'owner', password: PASSWORD, nickname: '카나리아', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
const NEVER = 987_654_321;
const NEVER_MEDIA = '0123456789abcdef0123456789abcdef';
/** A film as far as its first bytes say. */
const FILM = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1');
const POSTER = Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0', 'latin1');
const SECRETS = ['카나리아', 'canary'];
const SIGNED_OUT = [401, 2400];
const OK = [200];
const CREATED = [201];
const NO_ROOM = [404, 6404];
const NO_MEDIA = [404, 6408];
const NO_SCHEDULE = [404, 4404];
const NO_CHILD = [404, 7404];
const NO_GUEST = [403, 2410];
const NO_INVITE = [400, 5401];
const CALLERS = ['anonymous', 'ended', 'withdrawn', 'neighbour', 'unpaired', 'parted', 'candidate', 'former', 'guest'];
/** Whom no session knows. */
const NOBODY = ['anonymous', 'ended', 'withdrawn'];

/** Who was anna's partner before ben: `parted` ones, and one who withdrew. */
let parted, withdrawn;
let server, anna, ben, waiting, friend, pool, nextKakaoId = 61_000_000;
/** What of the couple's the routes name: `id` is a real one, or one that never was. */
const real = {};

/** The same answer for everyone who is signed in; nothing for who is not. */
const inRooms = (answer) => Object.fromEntries(CALLERS.map((caller) => [caller, NOBODY.includes(caller) ? SIGNED_OUT : answer]));
/** The same where a guest has nothing to ask for. */
const signedIn = (answer) => ({ ...inRooms(answer), guest: NO_GUEST });
const everyone = (answer) => Object.fromEntries(CALLERS.map((caller) => [caller, answer]));
const day = () => ({ title: 'intruder', date: '2026-11-23', clientId: uuid() });
const child = () => ({ status: 'FETAL', dueDate: '2027-03-10', fetalName: 'intruder', clientId: uuid() });
const text = () => ({ clientId: uuid(), type: 'TEXT', content: 'intruder' });

function film() {
  const form = new FormData();
  form.append('file', new Blob([FILM]), 'film.mp4');
  return form;
}

/** [method, path, body, answers, the thing of the couple's that the path names]; `~` is the address itself */
const ROUTES = [
  ['get', '/server', null, everyone(OK)],
  ['post', '/setup', () => ({ ...ADMIN, setupCode: 'WRONG', loginId: 'intruder' }), everyone([[403, 409], 9401, 9409])],
  ['post', '/auth/login', () => ({ accessToken: `k-${++nextKakaoId}` }), everyone(CREATED)],
  ['post', '/auth/signup', () => ({ kakaoId: ++nextKakaoId, nickname: '침입', role: 'DAD' }), everyone(SIGNED_OUT)],
  ['post', '/auth/password/signup', () => ({ loginId: `someone.${++nextKakaoId}`, password: PASSWORD, nickname: '누군가', role: 'DAD' }), everyone(CREATED)],
  ['post', '/auth/password/login', () => ({ loginId: 'owner', password: 'not the password' }), everyone([401, 3409])],
  ['post', '/auth/tokens/refresh', () => ({ refreshToken: 'btr_nonsense' }), everyone(SIGNED_OUT)],
  ['post', '/auth/logout', null, inRooms(OK)],
  ['get', '/users/me', null, inRooms(OK)],
  ['patch', '/users/me', () => ({ nickname: '침입자' }), inRooms(OK)],
  ['delete', '/users/me', null, inRooms(OK)],
  ['post', '/users/me/login-link', () => ({ for: 'me' }), inRooms(CREATED)],
  ['post', '/users/me/login-link', () => ({ for: 'partner' }), { ...signedIn([409, 5406]), neighbour: [409, 3411] }],
  ['delete', '/users/me/login-link', null, signedIn(OK)],
  ['post', '/auth/login-link', () => ({ token: 'btl_nonsense' }), everyone([400, 2401])],
  ['get', '/users/me/sessions', null, signedIn(OK)],
  ['delete', '/users/me/sessions/:session', null, signedIn([404, 1404]), 'session'],
  ['put', '/users/me/password', () => ({ password: PASSWORD, newPassword: 'another meadow at 5' }), signedIn([400, 3407])],
  ['post', '/users/me/kakao', () => ({ accessToken: `k-${anna.kakaoId}` }), signedIn([409, 3402])],
  ['post', '/couples/invite-code', null, { ...signedIn(CREATED), neighbour: [409, 5400], candidate: [403, 5404] }],
  ['get', '/couples/invite-code/AAAAAA', null, everyone([400, 5401])],
  ['post', '/couples/join', () => ({ inviteCode: 'AAAAAA' }), { ...signedIn([400, 5401]), neighbour: [[400, 409], 5400, 5401] }],
  ['get', '/couples/me', null, signedIn(OK)],
  ['patch', '/couples/me', () => ({ dayCount: 'elapsed' }), signedIn(OK)],
  ['delete', '/couples/me', null, { ...signedIn([409, 5406]), neighbour: OK }],
  ['post', '/couples/me/stay', null, signedIn(OK)],
  ['get', '/couples/candidates', null, signedIn(OK)],
  ['post', '/couples/candidates/:candidate', () => ({ as: 'partner' }), { ...signedIn([404, 5405]) }, 'candidate'],
  ['get', '/rooms', null, inRooms(OK)],
  ['get', '/rooms/:room/messages', null, inRooms(NO_ROOM), 'room'],
  ['get', '/rooms/:room/messages?before=2&limit=50', null, inRooms(NO_ROOM), 'room'],
  ['post', '/rooms/:room/messages', text, inRooms(NO_ROOM), 'room'],
  ['get', '/rooms/:room/changes?since=0', null, inRooms(NO_ROOM), 'room'],
  ['get', '/rooms/:alone/messages', null, inRooms(NO_ROOM), 'alone'],
  ['post', '/rooms/:alone/messages', text, inRooms(NO_ROOM), 'alone'],
  ['get', '/rooms/:alone/changes?since=0', null, inRooms(NO_ROOM), 'alone'],
  ['get', '/rooms/:room/media', null, inRooms(NO_ROOM), 'room'],
  ['get', '/rooms/:group/media?before=9&limit=50', null, inRooms(NO_ROOM), 'group'],
  ['get', '/search?q=canary', null, inRooms(OK)],
  ['get', '/search?q=canary&roomId=:room', null, inRooms(NO_ROOM), 'room'],
  ['get', '/search?q=canary&roomId=:group', null, inRooms(NO_ROOM), 'group'],
  ['get', '/rooms/:group/messages', null, inRooms(NO_ROOM), 'group'],
  ['post', '/rooms/:group/messages', text, inRooms(NO_ROOM), 'group'],
  ['get', '/rooms/:group/changes?since=0', null, inRooms(NO_ROOM), 'group'],
  ['post', '/rooms/:group/messages', () => ({ type: 'SCHEDULE', scheduleId: real.schedule }), inRooms(NO_ROOM), 'group'],
  ['patch', '/rooms/:group/messages/2', () => ({ content: 'intruder' }), inRooms(NO_ROOM), 'group'],
  ['delete', '/rooms/:group/messages/2?for=all', null, inRooms(NO_ROOM), 'group'],
  ['delete', '/rooms/:group/messages/2?for=me', null, inRooms(NO_ROOM), 'group'],
  ['put', '/rooms/:group/messages/2/reactions/%F0%9F%91%8D', null, inRooms(NO_ROOM), 'group'],
  ['delete', '/rooms/:group/messages/2/reactions/%F0%9F%91%8D', null, inRooms(NO_ROOM), 'group'],
  ['put', '/rooms/:room/messages/1/reactions/%F0%9F%91%8D', null, inRooms(NO_ROOM), 'room'],
  ['patch', '/rooms/:room/messages/1', () => ({ content: 'intruder' }), inRooms(NO_ROOM), 'room'],
  ['delete', '/rooms/:room/messages/1?for=all', null, inRooms(NO_ROOM), 'room'],
  ['post', '/auth/guest', () => ({ invite: 'btg_nonsense', nickname: '침입자' }), everyone(NO_INVITE)],
  ['post', '/rooms', () => ({ title: 'intruder' }), signedIn(CREATED)],
  ['post', '/rooms', () => ({ title: 'intruder', memberIds: [anna.id] }), signedIn([404, 3403])],
  ['patch', '/rooms/:group', () => ({ title: 'intruder' }), signedIn(NO_ROOM), 'group'],
  ['post', '/rooms/:group/members', () => ({ userIds: [anna.id] }), signedIn(NO_ROOM), 'group'],
  ['delete', '/rooms/:group/members/me', null, inRooms(NO_ROOM), 'group'],
  ['delete', '/rooms/:group/members/1', null, signedIn(NO_ROOM), 'group'],
  ['post', '/rooms/:group/invites', () => ({}), signedIn(NO_ROOM), 'group'],
  ['get', '/rooms/:group/invites', null, signedIn(NO_ROOM), 'group'],
  ['get', '/rooms/invites/btg_nonsense', null, everyone(NO_INVITE)],
  ['post', '/rooms/invites/btg_nonsense', null, inRooms(NO_INVITE)],
  ['delete', '/rooms/invites/:invite', null, signedIn(NO_INVITE), 'invite'],
  ['get', '/messages', null, signedIn(OK)],
  ['post', '/files', film, inRooms(CREATED)],
  ['put', '/media/:media/poster', () => POSTER, inRooms(NO_MEDIA), 'media'],
  ['get', '~/media/:media', null, everyone(NO_MEDIA), 'media'],
  ['get', '~/media/:media/thumb', null, everyone(NO_MEDIA), 'media'],
  ['get', '~/media/:media/poster', null, everyone(NO_MEDIA), 'media'],
  ['get', '/schedules?yearMonth=2026-11', null, signedIn(OK)],
  ['get', '/schedules?from=2026-11-01&to=2026-12-31', null, signedIn(OK)],
  ['post', '/schedules', day, signedIn(CREATED)],
  ['get', '/schedules/:schedule', null, signedIn(NO_SCHEDULE), 'schedule'],
  ['patch', '/schedules/:schedule', () => ({ title: 'intruder', isCompleted: true }), signedIn(NO_SCHEDULE), 'schedule'],
  ['patch', '/schedules/:schedule', () => ({}), signedIn(NO_SCHEDULE), 'schedule'],
  ['delete', '/schedules/:schedule', null, signedIn(NO_SCHEDULE), 'schedule'],
  ['post', '/schedules/:schedule/restore', null, signedIn(NO_SCHEDULE), 'schedule'],
  ['post', '/schedules/:deletedSchedule/restore', null, signedIn(NO_SCHEDULE), 'deletedSchedule'],
  ['get', '/children', null, signedIn(OK)],
  ['post', '/children', child, signedIn(CREATED)],
  ['get', '/children/:child', null, signedIn(NO_CHILD), 'child'],
  ['patch', '/children/:child', () => ({ fetalName: 'intruder' }), signedIn(NO_CHILD), 'child'],
  ['patch', '/children/:child', () => ({}), signedIn(NO_CHILD), 'child'],
  ['delete', '/children/:child', null, signedIn(NO_CHILD), 'child'],
  ['post', '/children/:child/restore', null, signedIn(NO_CHILD), 'child'],
  ['post', '/children/:deletedChild/restore', null, signedIn(NO_CHILD), 'deletedChild'],
];

/** [event, payload] on /rooms, given a room. */
const ROOM_EVENTS = [
  ['enter', (roomId) => ({ roomId })],
  ['exit', (roomId) => ({ roomId })],
  ['send', (roomId) => ({ roomId, ...text() })],
  ['read', (roomId) => ({ roomId, messageId: 1 })],
  ['typing', (roomId) => ({ roomId })],
  ['edit', (roomId) => ({ roomId, messageId: 1, content: 'intruder' })],
  ['react', (roomId) => ({ roomId, messageId: 1, emoji: '👍' })],
  ['delete', (roomId) => ({ roomId, messageId: 2, for: 'me' })],
];

before(async () => {
  server = await Server.start({ strict: true, flags: ['--no-rate-limits'] });
  const owner = data(await new Person(server).post('/setup', { ...ADMIN, setupCode: server.setupCode() }), 201);
  anna = new Person(server, { ...owner, id: owner.user.userId, kakaoId: ++nextKakaoId });
  assert.equal((await anna.post('/users/me/kakao', { accessToken: `k-${anna.kakaoId}` })).status, 200);
  parted = [await formerPartner(), await formerPartner()];
  for (const [at, former] of parted.entries()) {
    Object.assign(former, { oldRoom: (await former.roomOfKind('COUPLE')).roomId });
    assert.equal((await former.roomOfKind('COUPLE')).archived, true, `${at}`);
  }
  withdrawn = await formerPartner((former) => former.delete('/users/me'));
  const { inviteCode } = data(await anna.post('/couples/invite-code'), 201);
  pool = [];
  for (let i = 0; i <= ROUTES.length + ROOM_EVENTS.length + 2; i += 1) pool.push(await Person.signUp(server, '후보', 'DAD', ++nextKakaoId));
  waiting = await Person.signUp(server, '카나리아둘', 'DAD', ++nextKakaoId);
  const signup = { loginId: 'ben', password: PASSWORD, nickname: '카나리아셋', role: 'DAD', inviteCode };
  const partner = data(await new Person(server).post('/auth/password/signup', signup), 201);
  ben = new Person(server, { ...partner, id: partner.user.userId });

  server.flags = [...server.flags, '--registration', 'open'];
  await server.kill('SIGTERM');
  await server.restart();
  await fillTheCouple();
});
after(async () => {
  anna.leaveAll();
  await server.stop();
});

/** Somebody who was paired with anna and is no more. */
async function formerPartner(leave = async (former) => { data(await former.delete('/couples/me')); return anna.delete('/couples/me'); }) {
  data(await anna.post('/couples/invite-code'), 201);
  const former = await Person.signUp(server, '전사람', 'DAD', ++nextKakaoId);
  await former.joins(anna);
  const { roomId } = await anna.roomOfKind('COUPLE');
  data(await anna.post(`/rooms/${roomId}/messages`, { ...text(), content: 'while we were together' }), 201);
  data(await leave(former));
  return former;
}

/** Signed in anew; one who has withdrawn makes place for the next. */
async function partedOne() {
  const [former] = parted;
  const { needSignup, ...signed } = data(await new Person(server).post('/auth/login', { accessToken: `k-${former.kakaoId}` }), 201);
  if (needSignup) return parted.shift() && partedOne();
  return Object.assign(new Person(server), former, signed);
}

async function fillTheCouple() {
  Object.assign(real, { room: (await anna.roomOfKind('COUPLE')).roomId, alone: (await anna.roomOfKind('SELF')).roomId, candidate: waiting.id });
  real.group = data(await anna.post('/rooms', { title: 'canary group', memberIds: [ben.id] }), 201).roomId;
  real.invite = data(await anna.post(`/rooms/${real.group}/invites`, {}), 201).inviteId;
  for (const roomId of [real.room, real.alone, real.group]) data(await anna.post(`/rooms/${roomId}/messages`, { ...text(), content: `canary in ${roomId}` }), 201);
  for (const name of ['schedule', 'deletedSchedule']) real[name] = data(await anna.post('/schedules', { ...day(), title: `canary ${name}` }), 201).scheduleId;
  for (const name of ['child', 'deletedChild']) real[name] = data(await anna.post('/children', { ...child(), fetalName: `canary ${name}` }), 201).childId;
  data(await anna.delete(`/schedules/${real.deletedSchedule}`));
  data(await anna.delete(`/children/${real.deletedChild}`));
  real.session = data(await anna.get('/users/me/sessions'))[0].sessionId;
  assert.ok(Object.values(real).every((id) => typeof id === 'number'));
  real.media = data(await anna.upload(FILM, 'film.mp4'), 201).mediaId;
  data(await anna.post(`/rooms/${real.room}/messages`, { clientId: uuid(), type: 'VIDEO', mediaId: real.media }), 201);
}

/** All the couple has, as the couple sees it. */
async function theCouple() {
  const paths = ['/users/me', '/couples/me', '/rooms', '/messages', `/rooms/${real.room}/changes?since=0`, `/rooms/${real.alone}/changes?since=0`, `/rooms/${real.group}/changes?since=0`, `/rooms/${real.group}/invites`, '/schedules?yearMonth=2026-11', '/children'];
  const answers = await Promise.all([...paths.map((path) => anna.get(path)), ben.get('/users/me'), ben.get('/rooms')]);
  // What is anna's and a former partner's is theirs, too.
  for (const { data: answer } of answers) if (Array.isArray(answer.data)) answer.data = answer.data.filter(({ archived }) => !archived);
  const sessions = data(await anna.get('/users/me/sessions')).length;
  const known = data(await anna.get('/couples/candidates')).find(({ userId }) => userId === waiting.id);
  return [...answers.map((answer) => data(answer)), sessions, known];
}

/** A caller of the class, fresh: what it does to itself must not change the next one. */
async function callerOf(kind) {
  if (kind === 'candidate') return pool.pop();
  if (kind === 'anonymous') return new Person(server);
  if (kind === 'withdrawn') return withdrawn;
  if (kind === 'parted') return partedOne();
  const person = await Person.signUp(server, '이웃', 'DAD', ++nextKakaoId);
  if (kind === 'guest') return guestOf(person);
  if (kind === 'former') await passThrough(person);
  if (kind === 'neighbour') await (await Person.signUp(server, '이웃둘', 'MOM', ++nextKakaoId)).joins(person);
  if (kind === 'ended') {
    data(await person.get('/users/me'));
    data(await person.post('/auth/logout'));
  }
  return person;
}

/** A guest in a room of this person's. */
async function guestOf(host) {
  const { roomId } = data(await host.post('/rooms', { title: '이웃의 방' }), 201);
  const { token } = data(await host.post(`/rooms/${roomId}/invites`, {}), 201);
  const guest = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '손님' }), 201);
  return new Person(server, { ...guest, id: guest.user.userId });
}

/** Comes into the couple's group, sees a message, and is sent away. */
async function passThrough(person) {
  const { token } = data(await anna.post(`/rooms/${real.group}/invites`, {}), 201);
  data(await person.post(`/rooms/invites/${token}`));
  data(await anna.post(`/rooms/${real.group}/messages`, { ...text(), content: 'canary for a member' }), 201);
  assert.ok((await person.get(`/rooms/${real.group}/messages`)).text.includes('canary for a member'));
  data(await anna.delete(`/rooms/${real.group}/members/${person.id}`));
}

const pathOf = (path, id) => path.replace(/:\w+/, id).replace(/^~/, server.url);
const neverOf = (thing) => (thing === 'media' ? NEVER_MEDIA : NEVER);

function isAnswered(answer, [status, ...codes]) {
  if (codes.length) return refuses(answer, status, ...codes);
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.data.code, '0000');
}

test('what is asked for is there: the couple itself is answered with all of it', async () => {
  const seen = JSON.stringify(await theCouple());
  const secrets = [...SECRETS, `canary in ${real.room}`, `canary in ${real.alone}`, 'canary schedule', 'canary child', '카나리아둘', '카나리아셋'];
  for (const secret of secrets) assert.ok(seen.includes(secret), secret);
  assert.equal(pool.length, ROUTES.length + ROOM_EVENTS.length + 3);
});

/** One fresh caller of each class: [class, caller]. */
async function eachCaller() {
  const callers = [];
  for (const kind of CALLERS) callers.push([kind, await callerOf(kind)]);
  return callers;
}

for (const [method, path, body, expected, thing] of ROUTES) {
  test(`${method.toUpperCase()} ${path} tells nobody anything of the couple and changes nothing of theirs`, async (t) => {
    const callers = await eachCaller();
    const before = await theCouple();
    for (const [kind, caller] of callers) {
      const [status, ...codes] = expected[kind];
      await t.test(`asked by ${kind} it is answered ${status} ${codes.join(' or ')}`, async () => {
        const payload = body?.();
        const answer = await caller.request(method, pathOf(path, real[thing]), { data: payload });
        isAnswered(answer, expected[kind]);
        // What somebody was called who was their partner, they know.
        const isOld = ({ archived }) => kind === 'parted' && archived;
        const told = Array.isArray(answer.data?.data) ? JSON.stringify(answer.data.data.filter((one) => !isOld(one))) : answer.text;
        for (const secret of SECRETS) assert.ok(!told.includes(secret), told);
        if (thing) assert.equal((await caller.request(method, pathOf(path, neverOf(thing)), { data: payload })).text, answer.text);
      });
    }
    assert.deepEqual(await theCouple(), before);
  });
}

/** Connects to /rooms or says why not. */
async function connects(caller) {
  try { return await caller.rooms(); } catch (error) { return error.message; }
}

for (const [event, payload] of ROOM_EVENTS) {
  test(`event ${event} of /rooms finds no room of theirs`, async (t) => {
    const callers = await eachCaller();
    const before = await theCouple();
    for (const [kind, caller] of callers) {
      await t.test(`sent by ${kind}`, async () => {
        const socket = await connects(caller);
        if (NOBODY.includes(kind)) return assert.equal(socket, '2400');

        const { roomId: own } = (await caller.roomOfKind('SELF')) ?? (await caller.roomOfKind('GROUP'));
        assert.equal(typeof acked(await ask(socket, 'enter', { roomId: own })), 'object');
        for (const roomId of [real.room, real.alone, real.group]) {
          const ack = await ask(socket, event, payload(roomId));
          if (event !== 'exit') isFailure(ack, 6404);
          assert.deepEqual(await ask(socket, event, payload(NEVER)), ack);
        }
        assert.ok(!JSON.stringify(socket.heard).includes('canary'));
        return caller.leaveAll();
      });
    }
    assert.deepEqual(await theCouple(), before);
  });
}

for (const kind of CALLERS) {
  test(`events of /chats sent by ${kind} reach nobody of the couple`, async () => {
    const caller = await callerOf(kind);
    friend ??= await anna.chats();
    const before = await theCouple();
    const socket = caller.socket('/chats', { query: { coupleId: anna.user.coupleId } });
    socket.connect();
    socket.emit('send_message', { type: 'TEXT', content: 'intruder', coupleId: anna.user.coupleId, chatId: real.room, roomId: real.room, senderId: anna.id });
    socket.emit('read_all_messages', { coupleId: anna.user.coupleId });
    if (NOBODY.includes(kind)) assert.deepEqual(await hears(socket, 'error'), { code: '2400', message: TEXTS[2400] });
    else if (kind === 'guest') isFailure(await hears(socket, 'error'), 2410);
    else assert.notEqual((await hears(socket, 'receive_message')).chatId, real.room);

    assert.deepEqual(await theCouple(), before);
    friend.emit('read_all_messages');
    await hears(friend, 'update_read_status', (id) => id === anna.id);
    assert.deepEqual(friend.heard, []);
    assert.ok(!JSON.stringify(socket.heard).includes('canary'));
    caller.leaveAll();
  });
}

test('who parted reads the room that was theirs, and writes nothing into it', async () => {
  const former = await partedOne();
  const path = `/rooms/${former.oldRoom}`;
  assert.deepEqual(data(await former.get(`${path}/messages`)).messages.map(({ content }) => content), ['while we were together']);
  assert.equal(data(await former.get(`${path}/changes?since=0`)).messages.length, 1);
  refuses(await former.post(`${path}/messages`, text()), 403, 6420);
  const socket = await former.rooms();
  acked(await ask(socket, 'enter', { roomId: former.oldRoom }));
  isFailure(await ask(socket, 'send', { roomId: former.oldRoom, ...text() }), 6420);
  refuses(await ben.get(`${path}/messages`), 404, 6404);
  former.leaveAll();
});

test('the couple itself may do all that', async () => {
  const socket = await anna.rooms();
  for (const [event, payload] of [ROOM_EVENTS[0], ...ROOM_EVENTS.slice(2), ROOM_EVENTS[1]]) acked(await ask(socket, event, payload(real.room)));
  const theirs = ['room', 'schedule', 'deletedSchedule', 'child', 'deletedChild'];
  for (const [method, path, body, , thing] of ROUTES.filter((route) => theirs.includes(route[4]))) {
    const answer = await anna.request(method, pathOf(path, real[thing]), { data: body?.() });
    assert.equal(answer.data.code, '0000', `${method} ${path}`);
  }
});
