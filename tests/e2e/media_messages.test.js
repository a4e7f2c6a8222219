'use strict';
// Photos, films and files in messages: the app's way by links, the rooms' way by ids, and nobody's but one's own.
const { test, before, after, beforeEach, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { Person, hears, ask, uuid } = require('./person');
const { INSTANT, TEXTS, answers, data, refuses, isFailure, acked } = require('./envelope');
const { awayFromMidnight, until } = require('./kit');
const { made, sha256, FILM_MS } = require('./formats');

const PATH = /^\/media\/[0-9a-f]{32}\?e=\d{10}&s=[\w-]{43}$/;
const THUMB_PATH = /^\/media\/[0-9a-f]{32}\/thumb\?e=\d{10}&s=[\w-]{43}$/;
const NEVER = '0123456789abcdef0123456789abcdef';
const REFUSED = { code: '1401', message: TEXTS[1401] };
const PASSWORD = 'a quiet meadow at 4';

let server, anna, ben, stranger, roomId, photoBytes, filmBytes;
before(async () => {
  await awayFromMidnight();
  [photoBytes, filmBytes] = [await made('jpg'), await made('mp4')];
  server = await Server.start();
  stranger = await Person.signUp(server, '이웃', 'DAD');
});
after(() => server.stop());
beforeEach(async () => {
  [anna, ben] = await Person.couple(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
});
afterEach(() => [anna, ben, stranger].forEach((person) => person.leaveAll()));

const uploads = async (person, content = photoBytes, name = 'photo.jpg', options = {}) => data(await person.upload(content, name, options), 201);
const pathOf = (link) => link.slice(new URL(link).origin.length);
const history = async (person, options) => data(await person.get('/messages', options)).messages;
const roomHistory = async (person, room = roomId) => data(await person.get(`/rooms/${room}/messages`)).messages;

/** The answer of an upload is a link on this origin, and opens what was uploaded. */
async function opens(link, bytes, origin = server.url) {
  assert.equal(new URL(link).origin, origin);
  assert.match(pathOf(link), PATH);
  assert.equal(sha256((await ben.open(pathOf(link))).data), sha256(bytes));
}

test('a photo goes the app\'s way: uploaded with progress, sent as its link, and read part by part on the other phone', async () => {
  const [annas, bens] = [await anna.chats(), await ben.chats()];
  const large = Buffer.concat([photoBytes, Buffer.alloc(3 << 20, 7)]);
  const progress = [];
  const { fileUrl } = await uploads(anna, large, 'photo.jpg', { onUploadProgress: ({ loaded, total }) => progress.push([loaded, total]) });
  const [sent, total] = progress.at(-1);
  assert.ok(sent >= large.length && sent === total, `${sent} of ${total}`);
  assert.deepEqual(progress.map(([loaded]) => loaded), progress.map(([loaded]) => loaded).sort((a, b) => a - b));

  const ack = acked(await ask(annas, 'send_message', { type: 'IMAGE', content: fileUrl }));
  const heard = [await hears(annas, 'receive_message'), await hears(bens, 'receive_message')];
  const { sentAt } = ack;
  assert.match(sentAt, INSTANT);
  const literal = `{"id":1,"chatId":${roomId},"senderId":${anna.id},"type":"IMAGE","content":"${fileUrl}","isRead":false,"sentAt":"${sentAt}"}`;
  for (const message of [ack, ...heard]) assert.equal(JSON.stringify(message), literal);
  await opens(ack.content, large);

  const part = await ben.open(heard[1].content, { headers: { Range: 'bytes=8000-8191' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers['content-range'], `bytes 8000-8191/${large.length}`);
  assert.equal(Buffer.compare(part.data, large.subarray(8_000, 8_192)), 0);

  const [read] = await history(ben);
  assert.equal(JSON.stringify(read), literal);
  assert.deepEqual(await history(anna), [read]);
});

test('a film goes the same way', async () => {
  const [annas, bens] = [await anna.chats(), await ben.chats()];
  const { fileUrl } = await uploads(ben, filmBytes, 'film.mp4');
  bens.emit('send_message', { type: 'VIDEO', content: fileUrl });
  const message = await hears(annas, 'receive_message');
  assert.deepEqual(message, { id: 1, chatId: roomId, senderId: ben.id, type: 'VIDEO', content: fileUrl, isRead: false, sentAt: message.sentAt });
  await opens(message.content, filmBytes);
});

test('our own link is known whatever host it stands on, and comes back on the one that each phone uses', async () => {
  const bens = await ben.chats();
  const annas = await anna.chats();
  const { fileUrl } = await uploads(anna);
  const path = pathOf(fileUrl);
  for (const content of [`http://192.168.0.9:8080${path}`, `https://home.example${path}`, `https://home.example:8443${path}`, ` ${fileUrl}\n`]) {
    acked(await ask(annas, 'send_message', { type: 'IMAGE', content }));
    assert.equal((await hears(bens, 'receive_message')).content, fileUrl, content);
  }
});

test('any other link or text as a photo is refused to its sender alone, and nothing of it is stored', async () => {
  const [annas, bens, strangers] = [await anna.chats(), await ben.chats(), await stranger.chats()];
  const [photo, film, foreign, paper] = [await uploads(anna), await uploads(anna, filmBytes), await uploads(stranger), await uploads(anna, await made('pdf'), 'a.pdf')];
  const other = await uploads(anna);
  const changed = (from, to) => ({ type: 'IMAGE', content: photo.fileUrl.replace(from, to) });
  const refused = {
    'a foreign link': { type: 'IMAGE', content: 'https://evil.example/cat.jpg' },
    'a foreign link in our shape': { type: 'IMAGE', content: `https://evil.example/media/${NEVER}?e=1795392000&s=${'A'.repeat(43)}` },
    'a neighbour\'s link': { type: 'IMAGE', content: foreign.fileUrl },
    'another id in the link': changed(photo.mediaId, other.mediaId),
    'a later end': changed(/e=\d/, 'e=2'),
    'another signature': changed(/s=.*/, `s=${pathOf(other.fileUrl).split('s=')[1]}`),
    'a signature with one character more': changed(/$/, 'A'),
    'no signature': changed(/&s=.*/, ''),
    'no query': changed(/\?.*/, ''),
    'the thumbnail\'s link': { type: 'IMAGE', content: server.url + photo.thumbnailUrl },
    'a film as a photo': { type: 'IMAGE', content: film.fileUrl },
    'a photo as a film': { type: 'VIDEO', content: photo.fileUrl },
    'a document as a photo': { type: 'IMAGE', content: paper.fileUrl },
    'a document as a film': { type: 'VIDEO', content: paper.fileUrl },
    'a file, which the app does not know': { type: 'FILE', content: paper.fileUrl },
    'plain text': { type: 'IMAGE', content: '사진' },
    'nothing': { type: 'IMAGE', content: '' },
    'no content': { type: 'IMAGE' },
    'an id in place of a link': { type: 'IMAGE', content: photo.mediaId },
    'an id beside it': { type: 'IMAGE', mediaId: photo.mediaId },
    'a script': { type: 'IMAGE', content: 'javascript:alert(1)' },
  };
  for (const [about, message] of Object.entries(refused)) {
    const ack = await ask(annas, 'send_message', message);
    assert.deepEqual(ack, REFUSED, about);
    assert.deepEqual(await hears(annas, 'error'), REFUSED, about);
  }
  assert.deepEqual(await history(anna), []);
  assert.deepEqual([bens.heard, strangers.heard].flat().filter(([event]) => event !== 'update_read_status'), []);

  acked(await ask(annas, 'send_message', { type: 'IMAGE', content: photo.fileUrl }));
  assert.equal((await hears(bens, 'receive_message')).id, 1);
  acked(await ask(strangers, 'send_message', { type: 'IMAGE', content: foreign.fileUrl }));
});

test('a link as text stays text', async () => {
  const annas = await anna.chats();
  const { fileUrl } = await uploads(anna);
  assert.equal(acked(await ask(annas, 'send_message', { type: 'TEXT', content: fileUrl })).type, 'TEXT');
  const [{ mediaId, content, url }] = await roomHistory(ben);
  assert.deepEqual([mediaId, content, url], [undefined, fileUrl, undefined]);
});

/** What a message with this upload looks like, told by its parts; `more` are those that only some have. */
function shape({ mediaId, url, size, mime }, { id, rev, clientId, type, content = '', sentAt, ...more }) {
  return { roomId, id, rev, senderId: anna.id, clientId, type, content, sentAt, mediaId, url, size, mime, ...more, unreadCount: 1 };
}

test('a message on /rooms carries all of a media that is known, and no key that is not', async () => {
  const annas = await anna.rooms();
  const bens = await ben.rooms();
  acked(await ask(bens, 'enter', { roomId, read: false }));
  const uploaded = [await uploads(anna), await uploads(anna, filmBytes, 'film.mp4'), await uploads(anna, await made('pdf'), '계약서.pdf')];
  const [photo, film, paper] = uploaded;
  assert.ok(Math.abs(film.durationMs - FILM_MS) < 100);
  const parts = [
    { type: 'IMAGE', of: photo, more: { thumbnailUrl: photo.thumbnailUrl, width: 800, height: 600 } },
    { type: 'VIDEO', of: film, more: { width: 320, height: 240, durationMs: film.durationMs } },
    { type: 'FILE', of: paper, content: '계약서.pdf', more: {} },
    { type: 'FILE', of: photo, content: 'photo.jpg', more: { thumbnailUrl: photo.thumbnailUrl, width: 800, height: 600 } },
  ];
  assert.match(photo.thumbnailUrl, THUMB_PATH);
  await until(async () => (await ben.open(photo.thumbnailUrl)).headers.etag, 10_000, 'the thumbnail');

  for (const [index, { type, of, content, more }] of parts.entries()) {
    for (const [way, send] of Object.entries({
      socket: async (draft) => acked(await ask(annas, 'send', { roomId, ...draft })),
      REST: async (draft) => data(await anna.post(`/rooms/${roomId}/messages`, draft), 201),
    })) {
      const clientId = uuid();
      const message = await send({ clientId, type, mediaId: of.mediaId });
      const { id, rev, sentAt, thumbhash } = message;
      assert.equal(id, index * 2 + (way === 'socket' ? 1 : 2));
      const hash = of === photo ? { thumbhash } : {};
      assert.deepEqual(message, shape(of, { id, rev, clientId, type, content, sentAt, ...more, ...hash }), way);
      assert.match(message.url, PATH);
      if (of === photo) assert.match(thumbhash, /^[A-Za-z0-9+/]{20,}=*$/);
      assert.deepEqual((await hears(bens, 'chat')).message, message);
      assert.deepEqual((await roomHistory(ben))[0], message);
      assert.deepEqual((await ben.roomOfKind('COUPLE')).lastMessage, message);
    }
  }
  const caughtUp = data(await ben.get(`/rooms/${roomId}/changes?since=0`)).messages;
  assert.deepEqual(caughtUp.map(({ mediaId }) => mediaId), parts.flatMap(({ of }) => [of.mediaId, of.mediaId]));
  assert.deepEqual(caughtUp, (await roomHistory(ben)).reverse());
});

test('a document stands in the app as a line of text with its name', async () => {
  const [annas, apps] = [await anna.rooms(), await ben.chats()];
  const { mediaId } = await uploads(anna, await made('pdf'), '../우리 계약서.pdf');
  const { sentAt } = acked(await ask(annas, 'send', { roomId, clientId: uuid(), type: 'FILE', mediaId, content: 'ignored' }));
  const line = { id: 1, chatId: roomId, senderId: anna.id, type: 'TEXT', content: '📎 우리 계약서.pdf', isRead: false, sentAt };
  assert.deepEqual(await hears(apps, 'receive_message'), line);
  await anna.chats();
  answers(await ben.get('/messages'), 200, { messages: [line] });
});

test('a media of the wrong kind, of nobody, of others or of no form is refused, each with one body', async () => {
  const annas = await anna.rooms();
  const [photo, film, foreign] = [await uploads(anna), await uploads(anna, filmBytes), await uploads(stranger)];
  const refused = [
    ['IMAGE', film.mediaId, 400, 1401], ['VIDEO', photo.mediaId, 400, 1401],
    ['PHOTO', photo.mediaId, 400, 1401], ['SYSTEM', photo.mediaId, 400, 1401], ['DELETED', photo.mediaId, 400, 1401],
    ['IMAGE', undefined, 400, 1400], ['IMAGE', null, 400, 1400], ['IMAGE', 5, 400, 1401], ['IMAGE', { id: photo.mediaId }, 400, 1401],
    ...[foreign.mediaId, NEVER, 'abc', photo.mediaId.slice(1), `${photo.mediaId}0`, '../../etc/passwd', photo.url, `${photo.mediaId}\0`].map((id) => ['IMAGE', id, 404, 6408]),
    ['VIDEO', foreign.mediaId, 404, 6408], ['FILE', foreign.mediaId, 404, 6408],
  ];
  const unknown = [];
  for (const [type, mediaId, status, code] of refused) {
    const draft = { clientId: uuid(), type, mediaId };
    const answer = await anna.post(`/rooms/${roomId}/messages`, draft);
    refuses(answer, status, code);
    const ack = await ask(annas, 'send', { roomId, ...draft });
    isFailure(ack, code);
    if (code === 6408) unknown.push(answer.text, JSON.stringify(ack));
  }
  assert.equal(new Set(unknown).size, 1, 'one body for whatever is not there');
  assert.deepEqual(await roomHistory(anna), []);
});

test('a photo sent twice with one client id is one message, at once or one after the other', async () => {
  const annas = await anna.rooms();
  const { mediaId } = await uploads(anna);
  const other = await uploads(anna);
  const clientId = uuid();
  const draft = { roomId, clientId, type: 'IMAGE', mediaId };
  const [first, second, third] = await Promise.all([
    ask(annas, 'send', draft), ask(annas, 'send', draft), anna.post(`/rooms/${roomId}/messages`, draft).then(({ data: body }) => body),
  ]);
  const message = acked(first);
  for (const again of [acked(second), acked(third), acked(await ask(annas, 'send', { ...draft, mediaId: other.mediaId }))]) {
    assert.deepEqual({ ...again, thumbhash: 0 }, { ...message, thumbhash: 0 });
  }
  assert.equal((await roomHistory(ben)).length, 1);
});

test('what I was shown I may send on, and before that it does not exist for me', async () => {
  const { mediaId, fileUrl } = await uploads(anna);
  const mine = (await ben.roomOfKind('SELF')).roomId;
  const draft = () => ({ clientId: uuid(), type: 'IMAGE', mediaId });
  refuses(await ben.post(`/rooms/${mine}/messages`, draft()), 404, 6408);
  const bens = await ben.chats();
  assert.deepEqual(await ask(bens, 'send_message', { type: 'IMAGE', content: fileUrl }), REFUSED);

  data(await anna.post(`/rooms/${roomId}/messages`, draft()), 201);
  assert.equal(data(await ben.post(`/rooms/${mine}/messages`, draft()), 201).mediaId, mediaId);
  acked(await ask(bens, 'send_message', { type: 'IMAGE', content: fileUrl }));
  refuses(await stranger.post(`/rooms/${(await stranger.roomOfKind('SELF')).roomId}/messages`, draft()), 404, 6408);
});

test('each phone gets links on the address by which it came', async () => {
  const annas = await anna.chats({ extraHeaders: { Host: 'home.lan:8080' } });
  const proxied = { 'x-forwarded-host': 'home.example', 'x-forwarded-proto': 'https' };
  const bens = await ben.chats({ extraHeaders: proxied });
  const byPolling = await ben.chats({ transports: ['polling'], extraHeaders: { 'x-forwarded-host': 'poll.example' } });
  const { fileUrl } = await uploads(anna, photoBytes, 'photo.jpg', { headers: { Host: 'box.lan' } });
  await opens(fileUrl, photoBytes, 'http://box.lan');

  const path = pathOf(fileUrl);
  assert.equal(acked(await ask(annas, 'send_message', { type: 'IMAGE', content: fileUrl })).content, `http://home.lan:8080${path}`);
  assert.equal((await hears(annas, 'receive_message')).content, `http://home.lan:8080${path}`);
  assert.equal((await hears(bens, 'receive_message')).content, `https://home.example${path}`);
  assert.equal((await hears(byPolling, 'receive_message')).content, `http://poll.example${path}`);
  assert.equal((await history(ben, { headers: proxied }))[0].content, `https://home.example${path}`);
  assert.equal((await history(ben))[0].content, fileUrl.replace('http://box.lan', server.url));
});

test('with a public address every link stands on it', async (t) => {
  const known = await Server.start({ flags: ['--public-url', 'https://home.example'] });
  t.after(() => known.stop());
  const [carl, dora] = await Person.couple(known);
  t.after(() => [carl, dora].forEach((person) => person.leaveAll()));
  const [carls, doras] = [await carl.chats({ extraHeaders: { Host: 'home.lan:8080' } }), await dora.chats({ extraHeaders: { 'x-forwarded-host': 'other.example' } })];
  const { fileUrl } = await uploads(carl, photoBytes, 'a.jpg', { headers: { Host: 'box.lan' } });
  assert.equal(new URL(fileUrl).origin, 'https://home.example');
  acked(await ask(carls, 'send_message', { type: 'IMAGE', content: `http://box.lan${pathOf(fileUrl)}` }));
  for (const socket of [carls, doras]) assert.equal((await hears(socket, 'receive_message')).content, fileUrl);
  assert.equal((await history(dora))[0].content, fileUrl);
});

test('a proxy that is not trusted says nothing about the address', async (t) => {
  const alone = await Server.start({ flags: ['--trusted-proxies', '10.0.0.1'] });
  t.after(() => alone.stop());
  const carl = await Person.signUp(alone, '카를');
  const { fileUrl } = await uploads(carl, photoBytes, 'a.jpg', { headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } });
  assert.equal(new URL(fileUrl).origin, alone.url);
});

test('what the app uploaded before its account was found to be mine is mine', async (t) => {
  const home = await Server.start({ strict: true });
  t.after(() => home.stop());
  const setup = { setupCode: home.setupCode(), loginId: 'owner', password: PASSWORD, nickname: '주인', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
  const { accessToken, user } = data(await new Person(home).post('/setup', setup), 201);
  const owner = new Person(home, { accessToken, user, id: user.userId });
  data(await owner.post('/couples/invite-code'), 201);
  const app = await Person.signUp(home, '앱이');
  t.after(() => app.leaveAll());
  const [sent, unsent] = [await uploads(app), await uploads(app, filmBytes)];
  const socket = await app.chats();
  acked(await ask(socket, 'send_message', { type: 'IMAGE', content: sent.fileUrl }));
  const mine = (await owner.roomOfKind('SELF')).roomId;
  const draft = { clientId: uuid(), type: 'VIDEO', mediaId: unsent.mediaId };
  refuses(await owner.post(`/rooms/${mine}/messages`, draft), 404, 6408);

  assert.equal((await owner.post(`/couples/candidates/${app.id}`, { as: 'me' })).status, 200);
  assert.equal(data(await owner.post(`/rooms/${mine}/messages`, draft), 201).mediaId, unsent.mediaId);
  const [, photo] = await roomHistory(owner, mine);
  assert.deepEqual([photo.mediaId, photo.type, photo.senderId, photo.mime], [sent.mediaId, 'IMAGE', owner.id, 'image/jpeg']);
  assert.equal(sha256((await owner.open(photo.url)).data), sha256(photoBytes));
  const poster = await owner.put(`/media/${unsent.mediaId}/poster`, photoBytes, { headers: { 'Content-Type': 'image/jpeg' } });
  assert.equal(data(poster).mediaId, unsent.mediaId);
});
