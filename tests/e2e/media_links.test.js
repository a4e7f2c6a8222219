'use strict';
// Links: bearer secrets that open one thing until the end of the next UTC day, whole or in part, as the standard says.
const { describe, test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { Person, hears, ask, uuid } = require('./person');
const { data, refuses, isFailure, acked } = require('./envelope');
const { clockServer, ahead } = require('./clock');
const { Raw } = require('./raw');
const { runSql } = require('./oracle');
const { awayFromMidnight, until } = require('./kit');
const { made, sha256, GPS_MARK } = require('./formats');

const DAY_S = 86_400;
const NEVER = '0123456789abcdef0123456789abcdef';
const JPEG = { headers: { 'Content-Type': 'image/jpeg' } };
const uploads = async (person, content, name = 'photo.jpg') => data(await person.upload(content, name), 201);
const endOf = (url) => Number(/\?e=(\d+)/.exec(url)[1]);

let server, anna, ben, photo, photoBytes;
before(async () => {
  await awayFromMidnight();
  photoBytes = await made('small jpg');
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  photo = await uploads(anna, photoBytes);
});
after(() => server.stop());

/** Who opens it is nobody: what is answered is JSON with one code. */
async function isClosed(url, on = server) {
  refuses(await new Person(on).get(url.startsWith('/') ? on.url + url : url), 404, 6408);
}

describe('the days of a link', () => {
  test('a link repeats all day, opens to the last second of the next, and what is read later is a new one', { timeout: 60_000 }, async (t) => {
    const { server: home, set } = await clockServer(t);
    const noon = (Math.floor(Date.now() / 1000 / DAY_S) + 1) * DAY_S + DAY_S / 2;
    /** The server's clock stands at this second of the epoch, or a moment later. */
    const at = async (second) => {
      set(`+${second - Math.floor(Date.now() / 1000)}`);
      await until(async () => Math.abs(await ahead(home) + Date.now() / 1000 - second) < 5, 5_000, 'the clock having moved');
    };
    await at(noon);
    const [carl, dora] = await Person.couple(home);
    const { roomId } = await carl.roomOfKind('COUPLE');
    const { fileUrl, mediaId, url, thumbnailUrl } = await uploads(carl, photoBytes);
    const sent = data(await carl.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId }), 201);
    const read = async (who = dora) => data(await who.get(`/rooms/${roomId}/messages?limit=1`)).messages[0];
    assert.equal(endOf(url), (Math.floor(noon / DAY_S) + 2) * DAY_S);
    assert.equal(sent.url, url);

    await at(noon + DAY_S / 2 - 60);
    assert.equal((await read()).url, url, 'it repeats, so that it is kept');
    assert.equal((await dora.open(home.url + url)).headers['cache-control'].replace(/\d+/, 'N'), 'private, max-age=N, immutable');

    await at(noon + DAY_S);
    const next = await read();
    assert.notEqual(next.url, url);
    assert.equal(endOf(next.url), endOf(url) + DAY_S);
    for (const link of [url, thumbnailUrl, next.url, next.thumbnailUrl]) assert.equal((await dora.open(home.url + link)).status, 200, link);

    await at(endOf(url) - 20);
    const last = await dora.open(home.url + url);
    assert.equal(sha256(last.data), sha256(photoBytes));
    assert.ok(Number(/max-age=(\d+)/.exec(last.headers['cache-control'])[1]) <= 20, last.headers['cache-control']);
    await at(endOf(url) + 1);
    await isClosed(url, home);
    await isClosed(thumbnailUrl, home);
    assert.equal((await dora.open(home.url + next.url)).status, 200);

    await at(noon + 25 * DAY_S);
    await isClosed(next.url, home);
    const socket = await carl.chats();
    t.after(() => carl.leaveAll());
    const again = acked(await ask(socket, 'send_message', { type: 'IMAGE', content: fileUrl }));
    assert.equal((await hears(socket, 'receive_message')).content, again.content);
    const read25 = await read();
    assert.equal(again.content, home.url + read25.url);
    for (const link of [again.content, read25.url]) assert.equal(sha256((await dora.open(link.startsWith('/') ? home.url + link : link)).data), sha256(photoBytes));
    const [{ content }] = data(await dora.get('/messages?limit=1')).messages;
    assert.equal(content, again.content);
    assert.doesNotMatch(home.output, /panicked/);
  });

  test('a link outlives a restart of the server', async (t) => {
    const home = await Server.start();
    t.after(() => home.stop());
    const carl = await Person.signUp(home, '카를');
    const { fileUrl } = await uploads(carl, photoBytes);
    await home.kill('SIGKILL');
    await home.restart();
    assert.equal(sha256((await carl.open(fileUrl)).data), sha256(photoBytes));
  });

  test('a link that was changed anywhere, or is none, opens nothing and says no more', async () => {
    const other = await uploads(anna, photoBytes);
    const { url, thumbnailUrl } = photo;
    const wrong = [
      thumbnailUrl.replace('/thumb?', '?'), thumbnailUrl.replace('/thumb?', '/poster?'),
      url.replace(photo.mediaId, other.mediaId), url.replace(photo.mediaId, NEVER), url.replace(/e=(\d+)/, (_, end) => `e=${Number(end) + DAY_S}`),
      url.replace(/e=\d+/, 'e=-1'), url.replace(/e=\d+/, `e=${2n ** 70n}`), url.replace(/e=\d+&/, ''), url.replace(/&s=.*/, ''), url.replace(/&s=.*/, '&s='),
      `${url}A`, url.slice(0, -1), url.replace(/\?.*/, ''),
      url.replace(photo.mediaId, 'abc'), url.replace(photo.mediaId, `${photo.mediaId}0`), url.replace(photo.mediaId, '..%2f..%2fbambitalk.db'),
    ];
    const bodies = new Set();
    for (const link of wrong) {
      const answer = await new Person(server).get(server.url + link);
      refuses(answer, 404, 6408);
      bodies.add(answer.text);
    }
    assert.equal(bodies.size, 1);
    // Signed in or not, an id alone is not a key.
    for (const end of ['', '/thumb', '/poster']) {
      const [anonymous, owner] = [await new Person(server).get(`${server.url}/media/${photo.mediaId}${end}`), await anna.get(`${server.url}/media/${photo.mediaId}${end}`)];
      refuses(anonymous, 404, 6408);
      assert.equal(owner.text, anonymous.text);
    }
  });

  test('the link of a small picture opens no more than that, and the original\'s what was made from it', async (t) => {
    const bytes = await made('turned jpg 6');
    assert.ok(bytes.includes(GPS_MARK));
    const { mediaId, url } = await uploads(anna, bytes);
    data(await anna.patch('/users/me', { avatar: mediaId }));
    const { roomId } = data(await anna.post('/rooms', { title: '모임' }), 201);
    const { token } = data(await anna.post(`/rooms/${roomId}/invites`, { uses: 1 }), 201);
    const { accessToken } = data(await anna.post('/auth/guest', { invite: token, nickname: '시터' }, { token: null }), 201);
    const { members } = data(await anna.get('/rooms', { token: accessToken })).find((room) => room.roomId === roomId);
    const { avatarUrl } = members.find(({ userId }) => userId === anna.id);
    const small = await anna.open(avatarUrl);
    assert.deepEqual([small.status, small.data.includes(GPS_MARK)], [200, false]);
    for (const more of ['?', '/poster?']) await isClosed(avatarUrl.replace('/thumb?', more));

    assert.ok((await anna.open(url)).data.includes(GPS_MARK));
    assert.equal(sha256((await anna.open(url.replace('?', '/thumb?'))).data), sha256(small.data));
    // Nor is it taken for the photo where a link names one.
    const socket = await anna.chats();
    t.after(() => anna.leaveAll());
    for (const content of [avatarUrl, avatarUrl.replace('/thumb?', '?')]) isFailure(await ask(socket, 'send_message', { type: 'IMAGE', content: server.url + content }), 1401);
    acked(await ask(socket, 'send_message', { type: 'IMAGE', content: server.url + url }));
  });

  test('nothing lists what is there', async () => {
    for (const folder of ['/media', '/media/', `/media/${photo.mediaId.slice(0, 2)}`, `/media/${photo.mediaId.slice(0, 2)}/`, '/api/v1/files', '/api/v1/media', `/api/v1/media/${photo.mediaId}`, `/api/v1/media/${photo.mediaId}/poster`]) {
      for (const who of [anna, new Person(server)]) {
        const answer = await who.get(server.url + folder);
        assert.ok([404, 405].includes(answer.status), `${folder}: ${answer.status}`);
        isFailure(answer.data, 1404, 1405, 6408);
        assert.ok(!answer.text.includes(photo.mediaId));
      }
    }
  });
});

describe('parts of a file', () => {
  const SIZE = 1_000;
  let url, bytes, etag;
  before(async () => {
    bytes = Buffer.concat([photoBytes, Buffer.alloc(SIZE)]).subarray(0, SIZE);
    for (let at = 700; at < SIZE; at += 1) bytes[at] = at % 251;
    ({ url } = await uploads(anna, bytes));
    ({ etag } = (await ben.open(url)).headers);
  });

  const PARTS = [
    ['bytes=0-', 0, 1_000], ['bytes=0-0', 0, 1], ['bytes=-1', 999, 1_000], ['bytes=500-', 500, 1_000], ['bytes=10-19', 10, 20], ['bytes=999-999', 999, 1_000],
    ['bytes=990-5000', 990, 1_000], ['bytes=-5000', 0, 1_000], ['bytes=0-18446744073709551614', 0, 1_000], ['bytes=-1000', 0, 1_000],
  ];
  for (const [range, from, to] of PARTS) {
    test(`${range} is answered with these bytes and no others`, async () => {
      const answer = await ben.open(url, { headers: { Range: range } });
      assert.equal(answer.status, 206);
      assert.equal(answer.headers['content-range'], `bytes ${from}-${to - 1}/${SIZE}`);
      assert.equal(answer.headers['content-length'], String(to - from));
      assert.equal(answer.headers.etag, etag);
      assert.equal(Buffer.compare(answer.data, bytes.subarray(from, to)), 0);
    });
  }

  for (const range of ['bytes=5-2', 'bytes=1000-', 'bytes=99999999999-', 'bytes=1000-2000', 'bytes=18446744073709551615-']) {
    test(`${range} is a part that is not there`, async () => {
      const answer = await ben.open(url, { headers: { Range: range } });
      assert.equal(answer.status, 416);
      assert.equal(answer.headers['content-range'], `bytes */${SIZE}`);
      isFailure(JSON.parse(answer.data), 1416);
    });
  }

  const many = Array.from({ length: 1_000 }, (_, at) => `${at}-${at}`).join(',');
  const WHOLE = {
    'a thousand parts': `bytes=${many}`, 'two parts': 'bytes=0-1,5-6', 'parts that overlap': 'bytes=0-,0-,0-,10-900', 'no part': 'bytes=', 'no number': 'bytes=a-b', 'another unit': 'pages=1-2',
    'a number too large': 'bytes=0-99999999999999999999999', 'two minus signs': 'bytes=--1', 'the last no bytes': 'bytes=-0',
  };
  for (const [about, range] of Object.entries(WHOLE)) {
    test(`asked for ${about}, the whole is answered, once`, async () => {
      const answer = await ben.open(url, { headers: { Range: range } });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-range'], undefined);
      assert.equal(Buffer.compare(answer.data, bytes), 0);
    });
  }

  test('a part of what has changed is the whole, of what has not the part', async () => {
    const open = (known) => ben.open(url, { headers: { Range: 'bytes=0-9', 'If-Range': known } });
    assert.deepEqual([(await open(etag)).status, (await open(etag)).data.length], [206, 10]);
    for (const stale of ['"stale"', `W/${etag}`, 'Sat, 21 Nov 2026 00:00:00 GMT', '*']) {
      const answer = await open(stale);
      assert.deepEqual([answer.status, answer.data.length], [200, SIZE], stale);
    }
  });

  test('what the phone has already is not sent again', async () => {
    for (const known of [etag, `W/${etag}`, '*', `"other", ${etag}`, ['"other"', etag]]) {
      const answer = await ben.open(url, { headers: { 'If-None-Match': known } });
      assert.deepEqual([answer.status, answer.data.length], [304, 0], known);
      assert.equal(answer.headers.etag, etag);
    }
    for (const other of ['"other"', etag.slice(0, -2)]) assert.equal((await ben.open(url, { headers: { 'If-None-Match': other } })).status, 200, other);
    const thumb = await ben.open(photo.thumbnailUrl);
    assert.notEqual(thumb.headers.etag, (await ben.open(photo.url)).headers.etag);
    assert.equal((await ben.open(photo.thumbnailUrl, { headers: { 'If-None-Match': thumb.headers.etag } })).status, 304);
  });

  test('HEAD is the same without the bytes', async () => {
    const [get, head] = [await ben.open(url), await ben.open(url, { method: 'head' })];
    const told = ({ date, connection, ...headers }) => ({ ...headers, 'cache-control': headers['cache-control'].replace(/\d+/, '') });
    assert.equal(head.status, 200);
    assert.equal(head.data.length, 0);
    assert.deepEqual(told(head.headers), told(get.headers));
    const part = await ben.open(url, { method: 'head', headers: { Range: 'bytes=0-9' } });
    // RFC 9110, 14.2: Range is for GET alone.
    assert.deepEqual([part.status, part.headers['content-length']], [200, String(SIZE)]);
  });

  test('the same bytes uploaded twice are two media, each by itself', async () => {
    const [one, two] = [await uploads(anna, bytes), await uploads(ben, bytes)];
    assert.notEqual(one.mediaId, two.mediaId);
    assert.equal((await ben.open(two.url)).headers.etag, etag);
  });
});

describe('what is said of a file', () => {
  const HEADERS = { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", 'accept-ranges': 'bytes' };

  test('photos, films and sounds are shown, everything else is downloaded, and none of it may do anything', async () => {
    const office = Buffer.from('504b0304140000000800', 'hex');
    const files = [
      ['jpg', await made('jpg'), 'image/jpeg', 'inline'], ['gif', await made('gif'), 'image/gif', 'inline'], ['heic', await made('heic'), 'image/heic', 'inline'],
      ['mp4', await made('mp4'), 'video/mp4', 'inline'], ['m4a', await made('m4a'), 'audio/mp4', 'inline'],
      ['pdf', await made('pdf'), 'application/octet-stream', 'attachment'], ['zip', Buffer.concat([office, Buffer.alloc(100)]), 'application/octet-stream', 'attachment'],
    ];
    for (const [ending, bytes, type, way] of files) {
      const { url } = await uploads(anna, bytes, `file.${ending}`);
      const { headers } = await ben.open(url);
      assert.deepEqual(Object.fromEntries(Object.keys(HEADERS).map((name) => [name, headers[name]])), HEADERS, ending);
      assert.equal(headers['content-type'], type, ending);
      assert.equal(headers['content-disposition'], `${way}; filename="file.${ending}"; filename*=UTF-8''file.${ending}`);
      assert.equal(headers['content-encoding'], undefined, ending);
      const [, seconds] = /^private, max-age=(\d+), immutable$/.exec(headers['cache-control']);
      assert.ok(seconds > DAY_S - 60 && seconds <= 2 * DAY_S, seconds);
    }
  });

  const boundary = 'xyzzy';
  /** An upload whose file name stands in the request byte by byte. */
  async function named(name) {
    const body = Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="`), Buffer.from(name), Buffer.from('"\r\n\r\n'), photoBytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    return anna.post('/files', body, { headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` } });
  }
  /** The header as it is on the wire: node would refuse to show a broken one. */
  async function headOf(url) {
    const raw = await Raw.connect(server);
    raw.write(`GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const { status, head } = await raw.head();
    raw.close();
    assert.equal(status, 200);
    return head;
  }
  const files = () => fs.readdirSync(path.join(server.dataDir, 'media'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name);

  const nfd = '아기 사진'.normalize('NFD');
  const NAMES = [
    ['../../etc/x', 'x'], ['..\\..\\boot.ini', 'boot.ini'], ['/etc/passwd', 'passwd'], ['%2e%2e%2fetc%2fx', '%2e%2e%2fetc%2fx'], ['..', 'image'], ['   ', 'image'],
    ['photo\u202egpj.exe', 'photogpj.exe'], ['CON', 'CON'], ['우리 아기 👶.jpg', '우리 아기 👶.jpg'], [`${nfd}.jpg`, `${nfd}.jpg`], ['x'.repeat(5_000), 'x'.repeat(200)],
    ["a;b'c,d=e.jpg", "a;b'c,d=e.jpg"], ['<script>alert(1)</script>.jpg', 'script>.jpg'], ['가'.repeat(300), '가'.repeat(200)], ['.htaccess', '.htaccess'],
  ];
  for (const [name, label] of NAMES) {
    test(`a file called ${JSON.stringify(name.length > 60 ? `${name.slice(0, 20)}… of ${name.length}` : name)} is one file under the server's own name`, async () => {
      const before = new Set(files());
      const { mediaId, url, thumbnailUrl } = data(await named(name), 201);
      const [line, ...more] = (await headOf(url)).split('\r\n').filter((one) => /^content-disposition:/i.test(one));
      assert.deepEqual(more, []);
      const [, plain, exact] = /^content-disposition: inline; filename="([ A-Za-z0-9._()-]*)"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*)$/i.exec(line) ?? assert.fail(line);
      assert.equal(decodeURIComponent(exact), label);
      assert.equal(plain.length, [...label].length);

      assert.equal((await ben.open(thumbnailUrl)).status, 200);
      // A thumbnail of what was there before may have come meanwhile.
      const added = files().filter((file) => !before.has(file.split('.')[0]));
      assert.deepEqual(added.sort(), [mediaId, `${mediaId}.thumb`]);
      const folder = path.join(server.dataDir, 'media', mediaId.slice(0, 2), mediaId);
      assert.equal(fs.statSync(folder).mode & 0o077, 0, 'nobody else on the machine may read it');
    });
  }

  test('a name that would end its header ends nothing', async () => {
    const names = { 'a"\r\nSet-Cookie: x=1\r\n\r\n<script>': [415, 1415], 'a\r\nX-Evil: 1.jpg': [400, 1402], 'a\nb.jpg': [400, 1400], '\r\n\r\n': [400, 1402], 'a%0d%0aX-Evil: 1.jpg': [], 'a\0b.jpg': [400, 1400] };
    for (const [name, [status, code]] of Object.entries(names)) {
      const answer = await named(name);
      if (status) { refuses(answer, status, code); continue; }
      const head = await headOf(data(answer, 201).url);
      assert.doesNotMatch(head, /^(set-cookie|x-evil)/im);
      assert.equal(head.split('\r\n').filter((line) => !/^[\w-]+: .*$|^HTTP\/1\.1 200/.test(line)).length, 0, head);
    }
  });
});

describe('who is not of the couple', () => {
  let stranger, neighbours, roomId, film;
  before(async () => {
    film = await uploads(anna, await made('mp4'), 'film.mp4');
    ({ roomId } = await anna.roomOfKind('COUPLE'));
    neighbours = await Person.couple(server);
    [stranger] = neighbours;
    for (const [type, { mediaId }] of [['IMAGE', photo], ['VIDEO', film]]) data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type, mediaId }), 201);
  });
  after(() => neighbours.forEach((person) => person.leaveAll()));

  test('names a media of the couple\'s in every route and event that takes one, and it does not exist', async () => {
    const rooms = await stranger.rooms();
    const chats = await stranger.chats();
    const own = (await stranger.roomOfKind('COUPLE')).roomId;
    for (const [type, { mediaId, fileUrl }] of [['IMAGE', photo], ['VIDEO', film], ['FILE', photo]]) {
      const draft = (id) => ({ clientId: uuid(), type, mediaId: id });
      const asked = async (id) => [
        (await stranger.post(`/rooms/${own}/messages`, draft(id))).text,
        JSON.stringify(await ask(rooms, 'send', { roomId: own, ...draft(id) })),
        (await stranger.put(`/media/${id}/poster`, photoBytes, JPEG)).text,
        (await stranger.get(`${server.url}/media/${id}`)).text,
        (await stranger.get(`${server.url}/media/${id}/thumb`)).text,
        (await stranger.get(`${server.url}/media/${id}/poster`)).text,
      ];
      const answers = await asked(mediaId);
      for (const answer of answers) isFailure(JSON.parse(answer), 6408);
      assert.deepEqual(await asked(NEVER), answers, 'as one that never was');
      isFailure(await ask(chats, 'send_message', { type, content: fileUrl }), 1401);
    }
    assert.deepEqual(data(await stranger.get(`/rooms/${own}/messages`)).messages, []);
    assert.deepEqual(runSql(server.database, 'select count(*) from media where poster_sha256 is not null', 'ro')[0][0], 0);
  });

  test('nor does the partner who was not shown it, nor may the partner put a poster on it', async () => {
    const alone = await uploads(anna, await made('mp4'), 'film.mp4');
    for (const { mediaId } of [alone, film]) refuses(await ben.put(`/media/${mediaId}/poster`, photoBytes, JPEG), 404, 6408);
    refuses(await ben.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'VIDEO', mediaId: alone.mediaId }), 404, 6408);
  });

  test('the owner without a session gets no further than anybody', async () => {
    const guest = await Person.signUp(server, '손님');
    const mine = await uploads(guest, photoBytes);
    assert.equal((await guest.post('/auth/logout')).status, 200);
    refuses(await guest.upload(photoBytes), 401, 2400);
    refuses(await guest.put(`/media/${mine.mediaId}/poster`, photoBytes, JPEG), 401, 2400);
    assert.equal((await guest.open(mine.url)).status, 200, 'a link is a bearer secret until its day ends');
  });
});
