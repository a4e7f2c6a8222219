'use strict';
// What a guest may store: so much and no more, however it comes; the family may go on, and what has left the store is room again.
const { test, before, after, beforeEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, uuid } = require('./person.js');
const { data, refuses } = require('./envelope.js');
const { Passing } = require('./passing.js');
const { Upload, complaints, drawn, film, files, photo, rows, staged } = require('./uploads.js');

const FLAGS = ['--guest-storage', '1MiB'];
const ALL = 1 << 20;
/** `FILE_MIN_BYTES` of src/media/bounds.rs. */
const FILE_MIN = 16 << 10;
let server, anna, roomId;

before(async () => { server = await Server.start({ flags: FLAGS }); });
after(() => server.stop());
beforeEach(async () => { ({ anna, roomId } = await home(server)); });

async function home(on) {
  const host = await Person.signUp(on, '안나', 'MOM');
  return { anna: host, roomId: data(await host.post('/rooms', { title: '우리 가족' }), 201).roomId };
}

/** Somebody who came in by a link of the family's. */
async function guest(on = server, [host, room] = [anna, roomId]) {
  const { token } = data(await host.post(`/rooms/${room}/invites`, {}), 201);
  const signed = data(await new Person(on).post('/auth/guest', { invite: token, nickname: '할머니' }), 201);
  return new Person(on, { ...signed, id: signed.user.userId });
}

const stores = async (person, content, name = 'film.mp4') => data(await person.upload(content, name), 201).mediaId;
const setPoster = (person, id, poster) => person.put(`/media/${id}/poster`, poster, { headers: { 'Content-Type': 'image/jpeg' } });

/** Refused, and nothing of it stays. */
async function refused(person, content) {
  // A thumbnail may still be on its way.
  await drawn(server);
  const before = files(server).length;
  for (const isChunked of [false, true]) {
    const { status, code } = await Upload.begin(person, content, { isChunked }).end();
    assert.deepEqual([status, code], [409, '6417']);
  }
  refuses(await person.upload(content, 'film.mp4'), 409, 6417);
  assert.deepEqual([files(server).length, staged(server), complaints(server)], [before, [], []]);
}

test('a guest stores what is theirs to the byte and nothing beyond it; the family and the next guest go on', async () => {
  const grandma = await guest();
  await stores(grandma, film(600_000));
  await refused(grandma, film(ALL - 600_000 + 1));
  await stores(grandma, film(ALL - 600_000));
  await refused(grandma, film(100));
  await refused(grandma, film(3 * ALL));
  await stores(anna, film(3 * ALL));
  await stores(await guest(), film(ALL));
  data(await grandma.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'TEXT', content: '사진은 다음에' }), 201);
});

test('of two that come at once, each with room enough alone, one stays', async () => {
  const grandma = await guest();
  const uploads = [film(600_000), film(600_000)].map((content) => Upload.begin(grandma, content));
  await Promise.all(uploads.map((upload) => upload.upTo(590_000)));
  const answers = await Promise.all(uploads.map((upload) => upload.end()));
  assert.deepEqual(answers.map(({ status, code }) => [status, code]).sort(), [[201, '0000'], [409, '6417']]);
  assert.deepEqual([rows(server).filter(({ size }) => size === 600_000).length > 0, staged(server), complaints(server)], [true, [], []]);
});

test('a poster counts, and so does the least file', async () => {
  const [grandma, grandpa] = [await guest(), await guest()];
  const poster = Buffer.concat([photo(), Buffer.alloc(300_000)]);
  const [first, second] = [await stores(grandma, film(300_000)), await stores(grandma, film(300_000))];
  data(await setPoster(grandma, first, poster));
  refuses(await setPoster(grandma, second, poster), 409, 6417);
  await refused(grandma, film(ALL - 600_000 - poster.length + 1));
  await stores(grandma, film(ALL - 600_000 - poster.length));

  for (let count = 0; count < ALL / FILE_MIN; count += 1) await stores(grandpa, photo(), 'photo.jpg');
  await refused(grandpa, photo());
});

test('what a guest took back is room again once it has left the trash, and not before', { timeout: 90_000 }, async (t) => {
  const time = await Passing.start(t, { flags: FLAGS });
  const family = await home(time.server);
  const grandma = await guest(time.server, [family.anna, family.roomId]);
  const refresh = async () => Object.assign(grandma, data(await grandma.post('/auth/tokens/refresh', { refreshToken: grandma.refreshToken }, { token: null })));
  const messages = `/rooms/${family.roomId}/messages`;
  const { id } = data(await grandma.post(messages, { clientId: uuid(), type: 'VIDEO', mediaId: await stores(grandma, film(ALL)) }), 201);
  refuses(await grandma.upload(photo(), 'photo.jpg'), 409, 6417);
  data(await grandma.delete(`${messages}/${id}?for=all`));
  refuses(await grandma.upload(photo(), 'photo.jpg'), 409, 6417);

  await time.toDay(29, 23);
  await refresh();
  refuses(await grandma.upload(photo(), 'photo.jpg'), 409, 6417);
  await time.toDay(30, 2);
  await refresh();
  await stores(grandma, film(ALL));
  assert.deepEqual(complaints(time.server), []);
});
