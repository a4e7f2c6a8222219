'use strict';
// Finding what was said: as people read it, in all rooms that are theirs, and nothing that they may not see.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Server } = require('./server.js');
const { Person, uuid } = require('./person.js');
const { data, refuses } = require('./envelope.js');
const { runSql, assertSound } = require('./oracle.js');
const { until } = require('./kit.js');

let server, anna, ben, roomId, group, everybody;

before(async () => { server = await Server.start(); });
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  everybody = [anna, ben];
  ({ roomId } = await anna.roomOfKind('COUPLE'));
  group = data(await anna.post('/rooms', { title: '우리 가족', memberIds: [ben.id] }), 201).roomId;
});
afterEach(() => everybody.forEach((person) => person.leaveAll()));

const says = async (person, content, room = roomId, more = {}) => data(await person.post(`/rooms/${room}/messages`, { clientId: uuid(), type: 'TEXT', content, ...more }), 201);
const ask = (person, q, rest = '') => person.get(`/search?q=${encodeURIComponent(q)}${rest}`);
const search = async (person, q, rest) => data(await ask(person, q, rest));
const finds = async (person, q, rest) => (await search(person, q, rest)).hits.map(({ message }) => message.content);
const pathOf = ({ roomId: room, id }) => `/rooms/${room}/messages/${id}`;

/** The index has everything that was sent before. */
const indexed = (at = server) => until(() => runSql(at.database, 'select count(*) from room where indexed_id < last_message_id', 'ro')[0][0] === 0, 60_000, 'the index has caught up');

/** The same is found in the newest messages, which the index does not have yet, as by the index. */
async function bothWays(check) {
  await check();
  await indexed();
  await check();
}

async function guest(room) {
  const { token } = data(await anna.post(`/rooms/${room}/invites`, {}), 201);
  const signed = data(await new Person(server).post('/auth/guest', { invite: token, nickname: '할머니' }), 201);
  const person = new Person(server, { ...signed, id: signed.user.userId });
  everybody.push(person);
  return person;
}

/** All pages of a search, as [room, number]. */
async function everyPage(person, q, rest = '') {
  const found = [];
  for (let next = '', pages = 0; next !== null; pages += 1) {
    assert.ok(pages < 1_000, 'it comes to an end');
    const page = await search(person, q, `${rest}${next && `&before=${next}`}`);
    found.push(...page.hits.map(({ message }) => [message.roomId, message.id]));
    next = page.next;
  }
  return found;
}

test('a message is found right after it was sent, as it stands in its room, with its words marked', async () => {
  const first = await says(anna, '내일 병원에 가자 🏥 병원!');
  await says(ben, '응');
  await bothWays(async () => {
    const { hits: [hit, ...others], next } = await search(ben, '병원');
    assert.deepEqual([others, next], [[], null]);
    const [, listed] = data(await ben.get(`/rooms/${roomId}/messages`)).messages;
    assert.deepEqual(hit, { message: listed, marks: [{ start: 3, end: 5 }, { start: 13, end: 15 }] });
    assert.equal(hit.message.id, first.id);
    assert.equal(hit.message.content.slice(13, 15), '병원');
    const around = data(await ben.get(`/rooms/${roomId}/messages?around=${hit.message.id}&limit=2`)).messages;
    assert.ok(around.some(({ id }) => id === hit.message.id));
  });
});

test('it is found as people read: parts of words, initials, small and large letters, however a phone composes them', async () => {
  const hospital = '소아병원에 들렀어', cafe = 'Meet at Café Bambi', laugh = 'ㅋㅋㅋ 크다', emoji = '사랑해 💛';
  for (const text of [hospital, cafe, laugh, emoji, '방금', 'a_c']) await says(anna, text);
  await bothWays(async () => {
    for (const [q, ...found] of [
      ['병원', hospital], ['ㅂㅇ', hospital], ['병ㅇ', hospital], ['ㅅㅇㅂㅇ', hospital], ['들렀어 병원', hospital], ['에 ㅂㅇ', hospital],
      ['병원'.normalize('NFD'), hospital], ['café bambi', cafe], ['CAFÉ'.normalize('NFD'), cafe], ['cafe', cafe], ['AMB', cafe],
      ['ㅋㅋ', laugh], ['💛', emoji], ['ㅂㄱ', '방금'], ['a_c', 'a_c'], ['원병'], ['ㅇㅂㅂ'], ['abc'], ['병원 크다'], ['에들'],
    ]) assert.deepEqual(await finds(ben, q), found, q);
  });
  await says(anna, '분유 샀어'.normalize('NFD'));
  await bothWays(async () => { for (const q of ['분유', 'ㅂㅇ 샀', '분유'.normalize('NFD')]) assert.equal((await finds(ben, q)).length, 1, q); });
});

test('names of files and titles of schedules are found, and follow the calendar', async () => {
  const { mediaId } = data(await anna.upload(Buffer.from('%PDF-1.7\n'), '예방접종 안내.pdf'.normalize('NFD')), 201);
  const file = await says(anna, undefined, roomId, { type: 'FILE', mediaId });
  const { scheduleId } = data(await anna.post('/schedules', { title: '예방접종 2차', date: '2026-11-25' }), 201);
  const card = await says(anna, undefined, roomId, { type: 'SCHEDULE', scheduleId });
  await bothWays(async () => {
    const { hits } = await search(ben, '예방접종');
    assert.deepEqual(hits.map(({ message }) => message.id), [card.id, file.id]);
    assert.deepEqual(hits[0].marks, [{ start: 0, end: 4 }]);
    assert.equal(hits[0].message.schedule.title, '예방접종 2차');
    assert.equal(hits[1].message.mediaId, mediaId);
    assert.equal((await ben.open(hits[1].message.url)).status, 200);
    assert.equal(file.content.slice(hits[1].marks[0].start, hits[1].marks[0].end).normalize('NFC'), '예방접종');
    for (const unsaid of ['scheduleId', '2026', 'YELLOW']) assert.deepEqual((await search(ben, unsaid)).hits, [], unsaid);
  });
  data(await ben.patch(`/schedules/${scheduleId}`, { title: '소아과' }));
  assert.deepEqual((await search(ben, '예방접종')).hits.map(({ message }) => message.id), [file.id]);
  assert.deepEqual((await search(ben, '소아과')).hits.map(({ message }) => message.id), [card.id]);
});

test('what is edited, deleted or hidden is found as it is now, at once', async () => {
  const [edited, deleted, hidden] = [await says(anna, '병원 하나'), await says(anna, '병원 둘'), await says(anna, '병원 셋')];
  await indexed();
  assert.equal((await finds(ben, '병원')).length, 3);
  data(await anna.patch(pathOf(edited), { content: '공원 하나' }));
  data(await anna.delete(`${pathOf(deleted)}?for=all`));
  data(await ben.delete(`${pathOf(hidden)}?for=me`));
  assert.deepEqual(await finds(ben, '병원'), []);
  assert.deepEqual(await finds(ben, '공원'), ['공원 하나']);
  assert.deepEqual(await finds(anna, '병원'), ['병원 셋']);
});

test('everybody finds what they may read, and a stranger finds nothing', async () => {
  await says(anna, '비밀 하나', group);
  const grandma = await guest(group);
  await says(anna, '비밀 둘', group);
  await says(anna, '비밀 셋');
  const stranger = await Person.signUp(server, '이웃', 'DAD');
  await bothWays(async () => {
    assert.deepEqual(await finds(ben, '비밀'), ['비밀 셋', '비밀 둘', '비밀 하나']);
    assert.deepEqual(await finds(ben, '비밀', `&roomId=${group}`), ['비밀 둘', '비밀 하나']);
    assert.deepEqual(await finds(grandma, '비밀'), ['비밀 둘'], 'from their coming on');
    assert.deepEqual(await finds(grandma, '비밀', `&roomId=${group}`), ['비밀 둘']);
    assert.deepEqual(await finds(stranger, '비밀'), []);
    for (const person of [stranger, grandma]) refuses(await ask(person, '비밀', `&roomId=${roomId}`), 404, 6404);
  });
  data(await anna.delete(`/rooms/${group}/members/${grandma.id}`));
  const gone = await ask(grandma, '비밀', `&roomId=${group}`);
  assert.ok([401, 404].includes(gone.status) && !gone.text.includes('비밀'));
  data(await ben.delete(`/rooms/${group}/members/me`));
  assert.deepEqual(await finds(ben, '비밀'), ['비밀 셋']);
  refuses(await ask(ben, '비밀', `&roomId=${group}`), 404, 6404);

  data(await anna.delete('/couples/me'));
  data(await ben.delete('/couples/me'));
  for (const person of [anna, ben]) assert.ok((await finds(person, '비밀')).includes('비밀 셋'), 'what was theirs can be read, and found');
});

test('what somebody wrote alone is found by nobody else, and where it was moved to', async (t) => {
  const { roomId: own } = await anna.roomOfKind('SELF');
  await says(anna, '혼자 쓴 일기', own);
  assert.deepEqual(await finds(anna, '일기'), ['혼자 쓴 일기']);
  assert.deepEqual(await finds(ben, '일기'), []);

  const closed = await Server.start({ strict: true });
  t.after(() => closed.stop());
  const account = { setupCode: closed.setupCode(), loginId: 'owner', password: 'a quiet meadow at 4', nickname: '안나', role: 'MOM' };
  const owner = Object.assign(new Person(closed), data(await new Person(closed).post('/setup', account), 201));
  data(await owner.post('/couples/invite-code'), 201);
  const app = await Person.signUp(closed, '안나앱', 'MOM');
  const { roomId: apps } = await app.roomOfKind('SELF');
  const { roomId: owners } = await owner.roomOfKind('SELF');
  await says(owner, '집에서 쓴 일기', owners);
  for (const content of ['앱에서 쓴 일기', '지운 일기']) await says(app, content, apps);
  await indexed(closed);
  data(await app.delete(`/rooms/${apps}/messages/2?for=all`));
  data(await owner.post(`/couples/candidates/${app.id}`, { as: 'me' }));
  const all = ['앱에서 쓴 일기', '집에서 쓴 일기'];
  assert.deepEqual(await finds(owner, '일기', `&roomId=${owners}`), all);
  await indexed(closed);
  assert.deepEqual(await finds(owner, '일기', `&roomId=${owners}`), all);
  assert.deepEqual((await finds(owner, '일기')).sort(), all);
});

test('pages go on where the last one ended, in one room and over all, and each message comes once', async () => {
  const sent = [];
  for (let at = 0; at < 30; at += 1) {
    const { roomId: room, id } = await says(at % 3 ? anna : ben, `${at} 병원`, at % 4 ? roomId : group);
    sent.unshift([room, id]);
    if (at === 20) await indexed();
  }
  await bothWays(async () => {
    for (const limit of [1, 7, 30, 50]) {
      const found = await everyPage(ben, '병원', `&limit=${limit}`);
      assert.deepEqual(found.map(String).sort(), sent.map(String).sort(), `${limit}`);
      for (const room of [roomId, group]) {
        const ofRoom = found.filter(([of]) => of === room);
        assert.deepEqual(ofRoom, sent.filter(([of]) => of === room), 'newest first');
        assert.deepEqual(await everyPage(ben, '병원', `&limit=${limit}&roomId=${room}`), ofRoom);
      }
    }
  });
  const { next } = await search(ben, '병원', `&roomId=${roomId}&limit=1`);
  refuses(await ask(ben, '병원', `&roomId=${group}&before=${next}`), 400, 1401);
});

test('a search that says nothing, too much, or something else than words is refused or finds just that', async () => {
  const odd = ['"', '""', '*', '가*', 'NEAR(', 'NEAR(가나 다라)', 'pieces:가나', '^가나', '-가나', '가나 AND 다라', '가나 OR', '(', '{a}:b', '\\"', "'; drop table message; --", 'a\0b', '%_', '\u{1F1F0}\u{1F1F7}', 'ﷺ ﷺ', '가\u0301\u0301'];
  for (const text of odd) await says(anna, text);
  await bothWays(async () => {
    for (const text of odd) {
      const answer = await ask(ben, text);
      assert.ok([200, 400].includes(answer.status), `${text}: ${answer.text}`);
      if (answer.status === 400) refuses(answer, 400, 6415);
      else assert.ok(answer.data.data.hits.some(({ message }) => message.content === text), text);
    }
  });
  for (const q of ['', ' ', '가', 'ㅂ', 'a', '가 나', '"', '가'.repeat(101), '가'.repeat(3_400), '"'.repeat(10_240)]) refuses(await ask(ben, q), 400, 6415);
  assert.equal((await ask(ben, '"'.repeat(100))).status, 200);
  assert.equal((await ask(ben, Array.from({ length: 50 }, (_, at) => String.fromCodePoint(0xac00 + at)).join(''))).status, 200);
  refuses(await ben.get('/search'), 400, 1400);
  for (const rest of ['&before=x', '&before=1', '&before=1.2', '&before=1.2.-3', '&before=1.2.3.4', '&before=99999999999999999999.1.1', '&roomId=x']) refuses(await ask(ben, '가나', rest), 400, 1401);
  for (const limit of ['0', '51', 'x']) refuses(await ask(ben, '가나', `&limit=${limit}`), 400, 6400);
  refuses(await ask(ben, '가나', '&roomId=987654321'), 404, 6404);
  for (const before of ['0.0.0', '9999999999999.1.1', '-5.1.1', '1.99999.4294967295']) assert.equal((await ask(ben, '가나', `&before=${before}`)).status, 200, before);
});

test('a message of five thousand characters is found by any of them', async () => {
  const text = Array.from({ length: 4_990 }, (_, at) => String.fromCodePoint(0xac00 + at)).join('');
  const { id } = await says(anna, text);
  await bothWays(async () => {
    for (const at of [0, 2_500, 4_980]) {
      const { hits } = await search(ben, text.slice(at, at + 10));
      assert.deepEqual(hits.map(({ message, marks }) => [message.id, marks]), [[id, [{ start: at, end: at + 10 }]]]);
    }
  });
});

test('killed while it indexes, it goes on from there, and everything is found once', async (t) => {
  const COUNT = 12_000;
  const own = await Server.start();
  t.after(() => own.stop());
  const [mom] = await Person.couple(own);
  const { roomId: room } = await mom.roomOfKind('COUPLE');
  await own.kill('SIGTERM');
  // As a room of an older version, which has no index.
  runSql(own.database, `
    insert into message (room_id, id, rev, sender_id, type, content, sent_at)
    with recursive number (id) as (select 1 union all select id + 1 from number where id < ${COUNT})
    select ${room}, id, id + 10, ${mom.id}, 'TEXT', id || ' 번째 병원', 1795219200000 + id from number`);
  runSql(own.database, `update room set last_message_id = ${COUNT}, rev = ${COUNT + 10} where id = ${room}`);
  const progress = () => runSql(own.database, `select indexed_id from room where id = ${room}`, 'ro')[0][0];
  const every = Array.from({ length: COUNT }, (_, at) => [room, COUNT - at]);

  await own.restart();
  await until(() => progress() > 0, 30_000, 'it has begun');
  await own.kill();
  assert.ok(runSql(own.database, `select indexed_id from room where id = ${room}`)[0][0] < COUNT, 'it was in the middle of it');
  await own.restart();
  assert.deepEqual(await everyPage(mom, '병원', '&limit=50'), every);
  await indexed(own);
  assert.deepEqual(await everyPage(mom, 'ㅂㅇ', `&limit=50&roomId=${room}`), every);
  assert.deepEqual(await finds(mom, `${COUNT - 1} 번째`), [`${COUNT - 1} 번째 병원`]);
  await own.kill('SIGTERM');
  assertSound(own);
});

test('of a word that was deleted or edited away nothing is left on the disk, also in the index', async (t) => {
  const own = await Server.start();
  t.after(() => own.stop());
  const [mom] = await Person.couple(own);
  const { roomId: room } = await mom.roomOfKind('COUPLE');
  const onDisk = (word) => fs.readFileSync(own.database).includes(word);
  const end = async () => { await own.kill('SIGTERM'); };
  const [gone, changed] = [await says(mom, '뷁쉙궯', room), await says(mom, '쀍뙗', room)];
  await says(mom, '남는 말', room);
  await indexed(own);
  await end();
  for (const word of ['뷁쉙궯', '뷁쉙', '쉙궯', '쀍뙗']) assert.ok(onDisk(word), word);

  await own.restart();
  data(await mom.delete(`${pathOf(gone)}?for=all`));
  data(await mom.patch(pathOf(changed), { content: '고친 말' }));
  await indexed(own);
  await end();
  // What is still marked as deleted when the server ends is merged when it starts.
  await own.restart();
  await until(() => runSql(own.database, "select count(*) from setting where name = 'search-deletions'", 'ro')[0][0] === 0, 30_000, 'it is merged');
  assert.deepEqual(await finds(mom, '고친'), ['고친 말']);
  assert.deepEqual(await finds(mom, '남는'), ['남는 말']);
  await end();
  for (const word of ['뷁쉙궯', '뷁쉙', '쉙궯', '쀍뙗']) assert.ok(!onDisk(word), word);
  assert.ok(onDisk('남는'));
  assertSound(own);
});
