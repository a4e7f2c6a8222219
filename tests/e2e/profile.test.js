'use strict';
// The profile: name, role, language and picture; what the partner hears of it, and what a stranger cannot do.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, ask, uuid } = require('./person.js');
const { made } = require('./formats.js');
const { acked, data, refuses } = require('./envelope.js');

let server, anna, ben, carl, photo;
before(async () => {
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  carl = await Person.signUp(server, '카를');
  photo = data(await anna.upload(await made('small jpg')), 201);
});
after(async () => {
  [anna, ben, carl].forEach((person) => person.leaveAll());
  await server.stop();
});

const member = (members, person) => members.find(({ userId }) => userId === person.id);

test('without a picture there is none, and the fields are there', async () => {
  const profile = data(await anna.get('/users/me'));
  assert.equal(profile.avatar, null);
  assert.equal(profile.avatarUrl, null);
  assert.equal(member(data(await ben.get('/couples/me')).members, anna).avatarUrl, null);
});

test('a picture is seen by the partner at once, in the couple and in the room', async () => {
  const socket = await ben.rooms();
  const { roomId, rev } = await ben.roomOfKind('COUPLE');
  const profile = data(await anna.patch('/users/me', { avatar: photo.mediaId }));
  assert.equal(profile.avatar, photo.mediaId);

  const couple = await hears(socket, 'couple');
  const { avatarUrl } = member(couple.members, anna);
  assert.equal(avatarUrl, profile.avatarUrl);
  const room = await hears(socket, 'room', (summary) => summary.roomId === roomId && summary.rev > rev);
  assert.equal(member(room.members, anna).avatarUrl, avatarUrl);
  const opened = await carl.open(avatarUrl);
  assert.equal(opened.status, 200);
  assert.equal(opened.headers['content-type'], 'image/jpeg');

  const { members } = data(await ben.get(`/rooms/${roomId}/changes?since=${rev}`));
  assert.deepEqual(members.map(({ userId }) => userId), [anna.id]);
  assert.equal(member(members, anna).avatarUrl, avatarUrl);
});

test('a new name reaches the partner the same way, and leaves the picture', async () => {
  const socket = await ben.rooms();
  const profile = data(await anna.patch('/users/me', { nickname: '안나나' }));
  assert.equal(profile.avatar, photo.mediaId);
  const { nickname } = member((await hears(socket, 'couple')).members, anna);
  assert.equal(nickname, '안나나');
});

test('a stranger hears nothing of it', async () => {
  const socket = await carl.rooms();
  await anna.patch('/users/me', { nickname: '안나' });
  // Whoever hears his own change has heard all that came before it.
  await carl.patch('/users/me', { nickname: '카를라' });
  await hears(socket, 'couple', ({ members }) => member(members, carl)?.nickname === '카를라');
  assert.ok(!JSON.stringify(socket.heard).includes('안나'));
});

test('only a photo of one\'s own can be a picture', async () => {
  const video = data(await anna.upload(await made('mp4'), 'film.mp4'), 201);
  refuses(await anna.patch('/users/me', { avatar: video.mediaId }), 400, 1401);
  refuses(await carl.patch('/users/me', { avatar: photo.mediaId }), 404, 6408);
  refuses(await anna.patch('/users/me', { avatar: '0'.repeat(32) }), 404, 6408);
  refuses(await anna.patch('/users/me', { avatar: 'x' }), 404, 6408);
  refuses(await anna.patch('/users/me', { avatar: 5 }), 400, 1401);
  // Refused as a whole: the name does not change either.
  refuses(await anna.patch('/users/me', { nickname: '다른이름', avatar: '0'.repeat(32) }), 404, 6408);
  const { nickname, avatar } = data(await anna.get('/users/me'));
  assert.deepEqual([nickname, avatar], ['안나', photo.mediaId]);
});

test('a photo that somebody else sent is not one\'s picture: they may take it back', async () => {
  const { roomId } = await ben.roomOfKind('COUPLE');
  const socket = await ben.rooms();
  const bens = data(await ben.upload(await made('small jpg')), 201);
  acked(await ask(socket, 'send', { roomId, type: 'IMAGE', mediaId: bens.mediaId }));
  data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId: bens.mediaId }), 201);
  refuses(await anna.patch('/users/me', { avatar: bens.mediaId }), 404, 6408);
  assert.equal(data(await ben.patch('/users/me', { avatar: bens.mediaId })).avatar, bens.mediaId);
});

test('null takes the picture away', async () => {
  assert.equal(data(await anna.patch('/users/me', { avatar: null })).avatarUrl, null);
  assert.equal(data(await anna.get('/users/me')).avatar, null);
});

test('a picture that another one replaces goes into the trash, and so does one that is taken away', async () => {
  const isOpen = async ({ url }) => (await ben.open(url)).status === 200;
  const [first, second, sent] = await Promise.all([1, 2, 3].map(async (count) => data(await anna.upload(Buffer.concat([await made('small jpg'), Buffer.from([count])])), 201)));
  const { roomId } = await anna.roomOfKind('COUPLE');
  data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId: sent.mediaId }), 201);
  const states = [];
  for (const avatar of [first.mediaId, first.mediaId, second.mediaId, sent.mediaId, null]) {
    data(await anna.patch('/users/me', { avatar }));
    data(await anna.patch('/users/me', { nickname: '안나' }));
    states.push(await Promise.all([first, second, sent].map(isOpen)));
  }
  assert.deepEqual(states, [[true, true, true], [true, true, true], [false, true, true], [false, false, true], [false, false, true]]);
});
