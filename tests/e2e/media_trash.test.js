'use strict';
// What nobody names goes into the trash after thirty days and is gone thirty days later; what is named never goes.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const { uuid, Person } = require('./person');
const { Passing, again } = require('./passing');
const { data } = require('./envelope');
const { assertSound } = require('./oracle');
const { pause, until } = require('./kit');
const { film, photo, rows, files, query, complaints, drawn } = require('./uploads');

const DAY_H = 24;

async function uploaded(person, content, name) {
  const answer = await person.upload(content, name);
  assert.equal(answer.status, 201, JSON.stringify(answer.data));
  return answer.data.data.mediaId;
}

const names = (person, roomId, type, mediaId) => person.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type, mediaId });
const lying = (server, id) => files(server).filter(({ name }) => name.startsWith(id)).map(({ name }) => name.slice(32)).sort();

test('an upload that nobody names is in the trash after 30 days and gone after 60; named ones and pictures of people stay', { timeout: 90_000 }, async (t) => {
  const time = await Passing.start(t);
  const { server } = time;
  const [anna, ben] = await Person.couple(server);
  const { roomId } = await anna.roomOfKind('COUPLE');
  const ids = {
    unnamed: await uploaded(anna, photo(), 'unnamed.jpg'), late: await uploaded(anna, photo(), 'late.jpg'),
    named: await uploaded(anna, film(300_000), 'named.mp4'), avatar: await uploaded(anna, photo(), 'avatar.jpg'),
  };
  assert.equal((await names(anna, roomId, 'VIDEO', ids.named)).status, 201);
  const profile = await anna.patch('/users/me', { avatar: ids.avatar });
  assert.equal(profile.status, 200, JSON.stringify(profile.data));
  await drawn(server);
  const all = { unnamed: 200, late: 200, named: 200, avatar: 200 };
  assert.deepEqual(await time.opened(ben, ids), all);

  await time.toDay(29, 23);
  assert.deepEqual(await time.opened(ben, ids), all, 'before its thirty days');

  await time.toDay(30, 1);
  const gone = '404 6408';
  assert.deepEqual(await time.opened(ben, ids), { ...all, unnamed: gone, late: gone });
  assert.deepEqual(await time.opened(ben, { unnamed: ids.unnamed, avatar: ids.avatar }, '/thumb'), { unnamed: gone, avatar: 200 });
  assert.deepEqual([lying(server, ids.unnamed), lying(server, ids.late)], [['', '.thumb'], ['', '.thumb']], 'the trash keeps files');
  await Promise.all([anna, ben].map(again));
  const foreign = await names(ben, roomId, 'IMAGE', ids.late);
  assert.deepEqual([foreign.status, foreign.data.code], [404, '6408'], 'taken out of the trash by somebody else');
  const back = await names(anna, roomId, 'IMAGE', ids.late);
  assert.equal(back.status, 201, JSON.stringify(back.data));
  assert.equal((await ben.open(back.data.data.url)).status, 200);
  assert.deepEqual(await time.opened(ben, ids), { ...all, unnamed: gone });

  await time.toDay(59, 23);
  assert.deepEqual(lying(server, ids.unnamed), ['', '.thumb'], 'removed before its thirty days in the trash');
  assert.equal(rows(server).length, 4);

  await time.toDay(60, 2);
  assert.deepEqual([lying(server, ids.unnamed), rows(server).some(({ id }) => id === ids.unnamed)], [[], false]);
  await until(() => server.output.includes(ids.unnamed), 5_000, 'a line in the log naming it');
  assert.ok(!Object.entries(ids).some(([name, id]) => name !== 'unnamed' && server.output.includes(id)), server.output);
  assert.deepEqual(await time.opened(ben, ids), { ...all, unnamed: gone });
  await again(anna);
  const dead = await names(anna, roomId, 'IMAGE', ids.unnamed);
  assert.deepEqual([dead.status, dead.data.code], [404, '6408']);
  assert.deepEqual(complaints(server), []);
  assertSound(server);
});

test('what two rooms named has thirty days from when the last of them stops, however the first one went', { timeout: 90_000 }, async (t) => {
  const time = await Passing.start(t);
  const { server } = time;
  const anna = await Person.signUp(server);
  const id = await uploaded(anna, photo(), 'shared.jpg');
  const group = data(await anna.post('/rooms', { title: '모임', memberIds: [] }), 201).roomId;
  const { roomId: own } = await anna.roomOfKind('SELF');
  data(await names(anna, group, 'IMAGE', id), 201);
  const kept = data(await names(anna, own, 'IMAGE', id), 201);
  data(await anna.delete(`/rooms/${group}/members/me`));
  await drawn(server);

  await time.toDay(29);
  await again(anna);
  data(await anna.delete(`/rooms/${own}/messages/${kept.id}?for=all`));
  const isThere = () => query(server, `select count(*) from room where id = ${group}`)[0][0] === 1;
  assert.ok(isThere(), 'the test needs the first room to name it still to mean anything');

  await time.toDay(30, 1);
  await until(() => !isThere(), 10_000, 'the room that everybody left going');
  await time.at(time.hours + 1);
  assert.deepEqual(lying(server, id), ['', '.thumb'], 'gone along with the first room');
  await time.toDay(59, 23);
  assert.deepEqual(lying(server, id), ['', '.thumb'], 'removed before its thirty days in the trash');
  await time.toDay(60, 2);
  assert.deepEqual([lying(server, id), rows(server)], [[], []]);
  assert.deepEqual(complaints(server), []);
});

test('a clock that jumps puts nothing into the trash and removes nothing', { timeout: 60_000 }, async (t) => {
  const time = await Passing.start(t);
  const { server } = time;
  const anna = await Person.signUp(server);
  const id = await uploaded(anna, film(300_000), 'film.mp4');
  const state = () => [lying(server, id).length, rows(server).map(({ trashedAt }) => trashedAt !== null)];
  const years = 365 * DAY_H;
  await time.at(10 * years);
  assert.deepEqual(state(), [1, [false]], 'in the trash by a jump ahead');
  await time.at(10 * years + 23);
  assert.deepEqual(state(), [1, [false]], 'in the trash before a day of good time');
  await time.at(10 * years + 25);
  assert.deepEqual(state(), [1, [true]], 'the test needs it in the trash to mean anything');
  await time.at(20 * years);
  assert.deepEqual(state(), [1, [true]], 'removed by a jump ahead');
  await time.at(0);
  assert.deepEqual(state(), [1, [true]], 'removed by a jump back');
  await time.at(25);
  assert.deepEqual(state(), [1, [true]], 'removed after a clock had gone wrong');
  await again(anna);
  const named = await names(anna, (await anna.get('/rooms')).data.data[0].roomId, 'VIDEO', id);
  assert.equal(named.status, 201, JSON.stringify(named.data));
  assert.equal((await anna.open(named.data.data.url)).status, 200);
  assert.deepEqual(complaints(server), []);
});

test('a clock that jumps while the jobs look removes nothing either', { timeout: 60_000 }, async (t) => {
  const time = await Passing.start(t);
  const { server } = time;
  const anna = await Person.signUp(server);
  const { roomId } = await anna.roomOfKind('SELF');
  const id = await uploaded(anna, photo(), 'photo.jpg');
  const { id: message } = data(await names(anna, roomId, 'IMAGE', id), 201);
  data(await anna.delete(`/rooms/${roomId}/messages/${message}?for=all`));
  await drawn(server);
  const beat = () => query(server, "select value from setting where name = 'heartbeat'")[0][0];
  const looked = await until(beat, 5_000, 'the first look');
  await server.kill('SIGTERM');
  Object.assign(server.env, { FAILPOINTS: 'before_expired_goes=sleep(4000)' });
  await server.restart();
  await pause(1_500);
  assert.equal(beat(), looked, 'the test needs the look to be under way to mean anything');
  time.set('+40d');
  await until(() => beat() !== looked, 10_000, 'the end of the look');
  assert.deepEqual(query(server, "select count(*) from setting where name = 'clock-jumped-at'"), [[0]], 'the test needs a look that found the clock plausible');
  assert.deepEqual([lying(server, id), rows(server).length], [['', '.thumb'], 1], 'removed by a jump during the look');

  await server.kill('SIGTERM');
  Object.assign(server.env, { FAILPOINTS: '' });
  await server.restart();
  await until(() => server.output.includes('the clock moved'), 10_000, 'the next look seeing the jump');
  await until(() => Math.abs(beat() - Date.now() - 40 * DAY_H * 3_600_000) < 60_000, 10_000, 'the end of that look');
  assert.deepEqual([lying(server, id), rows(server).length], [['', '.thumb'], 1], 'removed by a jump that was seen');
});
