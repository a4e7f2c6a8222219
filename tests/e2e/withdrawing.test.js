'use strict';
// Somebody withdraws: nothing of their name is left, nobody else loses anything, and the last one's things wait for a month.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { data, answers, refuses, isFailure, acked } = require('./envelope.js');
const { assertSound } = require('./oracle.js');
const { photo, query, files, complaints, drawn } = require('./uploads.js');
const { Passing, again } = require('./passing.js');
const { until } = require('./kit.js');

const PASSWORD = 'a quiet meadow at 4';
let server, logins = 0;
before(async () => { server = await Server.start(); });
after(() => server.stop());

const withdraw = (person, body) => person.delete('/users/me', { data: body });
const says = (person, roomId, content) => person.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content });
const coupleOf = async (person) => data(await person.get('/couples/me'));
const login = (loginId, on = server) => new Person(on).post('/auth/password/login', { loginId, password: PASSWORD });

async function withPassword(nickname = '카나리아', more = {}, options = {}) {
  const loginId = `canary.${logins += 1}`;
  const answer = await new Person(server).post('/auth/password/signup', { loginId, password: PASSWORD, nickname, role: 'MOM', ...more }, options);
  const signed = data(answer, 201);
  return Object.assign(new Person(server), signed, { id: signed.user.userId, loginId });
}

test('who has a password says it again, and is signed out everywhere at once', async () => {
  const anna = await withPassword();
  const phone = Object.assign(new Person(server), data(await login(anna.loginId), 201), { id: anna.id });
  const sockets = [await anna.rooms(), await phone.rooms(), await phone.chats()];
  refuses(await withdraw(anna), 400, 1400);
  refuses(await withdraw(anna, { password: 5 }), 400, 1401);
  refuses(await withdraw(anna, { password: 'not the password' }), 401, 3409);
  assert.equal(data(await anna.get('/users/me')).loginId, anna.loginId);
  assert.ok(sockets.every(({ connected }) => connected));

  answers(await withdraw(anna, { password: PASSWORD }), 200);
  for (const socket of sockets.slice(0, 2)) assert.deepEqual(await hears(socket, 'session_ended'), { reason: 'withdrawn' });
  isFailure(await hears(sockets[2], 'error'), 2400);
  await until(() => sockets.every(({ connected }) => !connected), 10_000, 'every socket being closed');
  for (const device of [anna, phone]) {
    refuses(await device.get('/users/me'), 401, 2400);
    refuses(await device.post('/auth/tokens/refresh', { refreshToken: device.refreshToken }, { token: null }), 401, 2400);
    await assert.rejects(device.rooms(), /2400/);
  }
  refuses(await login(anna.loginId), 401, 3409);
  refuses(await withdraw(anna, { password: PASSWORD }), 401, 2400);
});

test('a browser forgets its cookie, and the login id is free again', async () => {
  const web = { headers: { 'X-BambiTalk-Client': 'web' } };
  const anna = await withPassword('카나리아', {}, web);
  const gone = await anna.delete('/users/me', { data: { password: PASSWORD }, ...web });
  assert.equal(gone.status, 200);
  assert.match(gone.headers['set-cookie'][0], /^bambitalk=; HttpOnly; SameSite=Strict; Path=\/; Max-Age=0$/);
  const signup = { loginId: anna.loginId, password: PASSWORD, nickname: '다른이', role: 'DAD' };
  assert.notEqual(data(await new Person(server).post('/auth/password/signup', signup), 201).user.userId, anna.id);
});

test('no name, login, picture or device of theirs is left; what they wrote is', async () => {
  const anna = await withPassword('카나리아');
  const ben = await Person.signUp(server, '벤벤', 'DAD');
  await ben.joins(anna);
  const kakaoId = 71_000_001;
  data(await anna.post('/users/me/kakao', { accessToken: `k-${kakaoId}` }));
  const avatar = data(await anna.upload(photo(), 'me.jpg'), 201);
  data(await anna.patch('/users/me', { avatar: avatar.mediaId }));
  await drawn(server);
  const link = data(await ben.get('/couples/me')).members.find(({ userId }) => userId === anna.id).avatarUrl;
  assert.equal((await ben.open(link)).status, 200);
  const { roomId } = await ben.roomOfKind('COUPLE');
  const sent = data(await says(anna, roomId, 'for you'), 201);
  const shared = data(await anna.upload(photo(), 'us.jpg'), 201);
  const shown = data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId: shared.mediaId }), 201);
  data(await anna.post('/schedules', { title: '병원', date: '2026-11-23' }), 201);

  answers(await withdraw(anna, { password: PASSWORD }), 200);

  const [row] = query(server, `select nickname, login_id, password_hash, kakao_id, avatar_id, couple_id, is_admin from user where id = ${anna.id}`);
  assert.deepEqual(row, ['알 수 없음', null, null, null, null, null, 0]);
  for (const table of ['session', 'candidate']) assert.deepEqual(query(server, `select count(*) from ${table} where user_id = ${anna.id}`), [[0]], table);
  assert.equal((await ben.open(link)).status, 404, 'the picture is in the trash');
  const { messages, members } = data(await ben.get(`/rooms/${roomId}/changes?since=0`));
  assert.deepEqual(messages.map(({ id, senderId, content }) => [id, senderId, content]), [[sent.id, anna.id, 'for you'], [shown.id, anna.id, '']]);
  assert.deepEqual(members.find(({ userId }) => userId === anna.id).left, true);
  assert.ok(!JSON.stringify(members).includes('카나리아'));
  assert.equal((await ben.open(messages[1].url)).status, 200);
  assert.deepEqual(data(await ben.get('/schedules?yearMonth=2026-11'))[0].schedules.map(({ title, creatorId }) => [title, creatorId]), [['병원', anna.id]]);

  const back = data(await new Person(server).post('/auth/login', { accessToken: `k-${kakaoId}` }), 201);
  assert.deepEqual(back, { needSignup: true, kakaoId });
  const anew = await Person.signUp(server, '돌아온이', 'MOM', kakaoId);
  assert.notEqual(anew.id, anna.id);
  refuses(await anew.get(`/rooms/${roomId}/messages`), 404, 6404);
  assertSound(server);
});

test('the partner is alone at once, keeps what was theirs, and may invite anew', async () => {
  const [anna, ben] = await Person.couple(server);
  const { roomId } = await ben.roomOfKind('COUPLE');
  const { roomId: own } = await ben.roomOfKind('SELF');
  data(await says(anna, roomId, 'ours'), 201);
  data(await anna.delete('/couples/me'));
  const [rooms, app] = [await ben.rooms(), await ben.chats()];

  answers(await withdraw(anna), 200, undefined);
  const couple = await hears(rooms, 'couple');
  assert.deepEqual([couple.members.map(({ userId }) => userId), couple.parting], [[ben.id], null]);
  assert.deepEqual(await coupleOf(ben), couple);
  assert.equal((await hears(rooms, 'room', (room) => room.roomId === roomId && room.archived)).members.length, 1);
  app.emit('send_message', { type: 'TEXT', content: 'to myself' });
  assert.equal((await hears(app, 'receive_message')).chatId, own);
  isFailure(await ask(rooms, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: 'are you there' }), 6420);
  acked(await ask(rooms, 'enter', { roomId }));
  assert.deepEqual(data(await ben.get(`/rooms/${roomId}/messages`)).messages.map(({ content }) => content), ['ours']);

  const dora = await Person.signUp(server, '도라', 'MOM');
  await dora.joins(ben);
  const fresh = (await dora.roomOfKind('COUPLE')).roomId;
  assert.notEqual(fresh, roomId);
  refuses(await dora.get(`/rooms/${roomId}/messages`), 404, 6404);
  assert.equal(data(await ben.get('/rooms')).length, 3);
  ben.leaveAll();
});

test('the only admin names another one first', async (t) => {
  const closed = await Server.start({ strict: true });
  t.after(() => closed.stop());
  const setup = { setupCode: closed.setupCode(), loginId: 'owner', password: PASSWORD, nickname: '주인', role: 'MOM' };
  const owner = Object.assign(new Person(closed), data(await new Person(closed).post('/setup', setup), 201));
  const { inviteCode } = data(await owner.post('/couples/invite-code'), 201);
  const ben = { loginId: 'ben', password: PASSWORD, nickname: '벤벤', role: 'DAD', inviteCode };
  const partner = Object.assign(new Person(closed), data(await new Person(closed).post('/auth/password/signup', ben), 201));
  refuses(await withdraw(owner, { password: PASSWORD }), 409, 3410);
  assert.equal((await coupleOf(partner)).members.length, 2);
  assert.equal(closed.cli('user', 'make-admin', 'ben').code, 0);
  assert.equal(data(await partner.get('/users/me')).isAdmin, true);
  answers(await withdraw(owner, { password: PASSWORD }), 200);
  refuses(await withdraw(partner, { password: PASSWORD }), 409, 3410);
  assert.notEqual(closed.cli('user', 'remove', 'ben', '--yes').code, 0);
  refuses(await new Person(closed).post('/auth/signup', { kakaoId: 1, nickname: '누군가', role: 'DAD' }), 401, 2400);
});

const counts = (on) => Object.fromEntries(['room', 'room_member', 'room_invite', 'message', 'reaction', 'hiding', 'schedule', 'child', 'child_due_date', 'couple', 'media']
  .map((table) => [table, query(on, `select count(*) from ${table}`)[0][0]]));

test('what the last one leaves is there for thirty days and gone then, and nothing else is', { timeout: 300_000 }, async (t) => {
  const time = await Passing.start(t);
  const { server: on } = time;
  const fill = async ([anna, ben]) => {
    const { roomId } = await anna.roomOfKind('COUPLE');
    data(await says(anna, roomId, 'canary'), 201);
    const { mediaId } = data(await ben.upload(photo(), 'us.jpg'), 201);
    data(await ben.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId }), 201);
    data(await ben.put(`/rooms/${roomId}/messages/1/reactions/${encodeURIComponent('👍')}`));
    data(await ben.delete(`/rooms/${roomId}/messages/1?for=me`));
    data(await anna.post('/schedules', { title: 'canary', date: '2026-11-23' }), 201);
    data(await ben.post('/children', { status: 'FETAL', dueDate: '2027-03-10' }), 201);
    return { roomId, mediaId };
  };
  const staying = await Person.couple(on);
  await fill(staying);
  await drawn(on);
  const [left, lyingBefore] = [counts(on), files(on).length];
  const [anna, ben] = await Person.couple(on);
  const { roomId, mediaId } = await fill([anna, ben]);
  const { roomId: own } = await ben.roomOfKind('SELF');
  const { roomId: group } = data(await anna.post('/rooms', { title: 'canary', memberIds: [ben.id] }), 201);
  data(await ben.post(`/rooms/${group}/invites`, {}), 201);
  // More than goes in one commit.
  const many = Array.from({ length: 520 }, (_, at) => at);
  await Promise.all(many.map((at) => says(ben, own, `alone ${at}`)));
  await Promise.all(many.map((at) => ben.post('/schedules', { title: 'canary', date: `2026-0${1 + (at % 9)}-1${at % 7}` })));
  assert.equal(counts(on).schedule, left.schedule + 521);
  await drawn(on);
  const held = data(await anna.get(`/rooms/${roomId}/messages`)).messages[0].url;
  answers(await withdraw(anna), 200);
  assert.equal((await anna.open(held)).status, 200, 'a link is a secret of its own, until the end of the next day');
  await time.toDay(3);
  assert.equal((await anna.open(held)).status, 404);
  await again(ben);
  assert.equal((await ben.open(data(await ben.get(`/rooms/${roomId}/messages`)).messages[0].url)).status, 200);
  answers(await withdraw(ben), 200);
  const kept = counts(on);

  // What the first one wrote alone has had its time; what both had waits for the last one's month.
  await time.toDay(32, 23);
  await until(() => counts(on).room === kept.room - 1, 10_000, 'the first one\'s own room going');
  assert.deepEqual(counts(on), { ...kept, room: kept.room - 1, room_member: kept.room_member - 1 });

  await time.toDay(33, 1);
  await until(() => counts(on).couple === left.couple, 10_000, 'the couple going');
  assert.deepEqual({ ...counts(on), media: 0 }, { ...left, media: 0 });
  const lines = [`room.id=${roomId}`, `room.id=${own}`, `room.id=${group}`, 'couple.id='];
  await until(() => lines.every((line) => on.output.includes(line)), 10_000, 'a line in the log for each');
  assert.deepEqual(await time.opened(ben, { mediaId }), { mediaId: '404 6408' });
  // The photo lost its last name only now: it has thirty days of its own.
  await time.toDay(62, 23);
  assert.equal(counts(on).media, left.media + 1);
  assert.ok(files(on).length > lyingBefore, 'removed before its thirty days in the trash');
  await time.toDay(63, 2);
  await until(() => files(on).length === lyingBefore, 10_000, 'the photo going');
  assert.deepEqual(counts(on), left);
  await until(() => on.output.includes(mediaId), 10_000, 'a line in the log naming it');
  await again(staying[0]);
  assert.equal(data(await staying[0].get('/messages')).messages.length, 2);
  assert.deepEqual(complaints(on), []);
  assertSound(on);
});

test('a clock that jumps takes nothing out of the trash', { timeout: 60_000 }, async (t) => {
  const time = await Passing.start(t);
  const anna = await Person.signUp(time.server);
  data(await anna.post('/schedules', { title: 'canary', date: '2026-11-23' }), 201);
  answers(await withdraw(anna), 200);
  const kept = counts(time.server);
  await time.at(10 * 365 * 24);
  await time.at(10 * 365 * 24 + 23);
  assert.deepEqual(counts(time.server), kept);
});
