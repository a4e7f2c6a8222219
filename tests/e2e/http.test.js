'use strict';
// HTTP as such: every failure wears the envelope, nothing leaks, no other site gets in.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person } = require('./person.js');
const { Frames, exactly } = require('./frames.js');
const { data, refuses } = require('./envelope.js');

const EVIL = 'https://evil.example';
const JSON_TYPE = { 'Content-Type': 'application/json' };
const READS = ['/server', '/users/me', '/users/me/sessions', '/couples/me', '/couples/candidates', '/rooms', '/messages'];
let server, anna, ben, roomId;

before(async () => {
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
});
after(async () => {
  [anna, ben].forEach((person) => person.leaveAll());
  await server.stop();
});

const signedIn = (headers = {}) => ({ Authorization: `Bearer ${anna.accessToken}`, ...headers });
/** A browser's question before it lets a page elsewhere change something. */
const asksFirst = (at, headers) => exactly(at, {
  method: 'OPTIONS', path: '/api/v1/users/me',
  headers: { ...headers, 'Access-Control-Request-Method': 'PATCH', 'Access-Control-Request-Headers': 'authorization,content-type' },
});
const isHangul = (text) => /[가-힣]/.test(text);

test('a path that does not exist and a method that is not there say so in the envelope', async () => {
  for (const path of ['/', '/nothing', '/users', '/users/me/nothing', '/rooms/1/nothing', '/couples/me/nothing']) {
    for (const who of [{ token: null }, {}]) refuses(await anna.get(path, who), 404, 1404);
  }
  refuses(await anna.get(`${server.url}/api/v2/server`), 404, 1404);
  const cases = [
    ['delete', '/server'], ['put', '/server'], ['get', '/auth/login'], ['get', '/auth/logout'], ['get', '/setup'], ['delete', '/rooms'],
    ['put', '/couples/me'], ['post', '/users/me'], ['patch', '/messages'],
  ];
  for (const [method, path] of cases) {
    const answer = await anna.request(method, path);
    refuses(answer, 405, 1405);
    assert.match(answer.headers.allow, /^[A-Z, ]+$/, `${method} ${path}`);
  }
});

test('a body that is no JSON is refused, wherever it is sent', async () => {
  const routes = [
    ['post', '/auth/login'], ['post', '/auth/signup'], ['post', '/auth/password/login'], ['post', '/setup'], ['post', '/couples/join'],
    ['patch', '/users/me'], ['patch', '/couples/me'], ['post', `/rooms/${roomId}/messages`],
  ];
  for (const [method, path] of routes) {
    for (const body of ['{', '{"a":', 'null x', '{"a":1}}', '\u0000', '{"a":"\u0001"}', '['.repeat(30_000)]) {
      refuses(await anna.request(method, path, { data: body, headers: JSON_TYPE, transformRequest: [(text) => text] }), 400, 1400, 1401);
    }
  }
  const body = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]);
  refuses(await exactly(server, { method: 'POST', path: '/api/v1/couples/join', headers: signedIn(JSON_TYPE), body }), 400, 1400);
});

test('a form or plain text is no JSON, whatever it says inside', async () => {
  const good = JSON.stringify({ inviteCode: 'AAAAAA' });
  refuses(await exactly(server, { method: 'POST', path: '/api/v1/couples/join', headers: signedIn(JSON_TYPE), body: good }), [400, 409], 5401, 5400);
  for (const type of ['text/plain', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', '']) {
    refuses(await exactly(server, { method: 'POST', path: '/api/v1/couples/join', headers: signedIn({ 'Content-Type': type }), body: good }), 415, 1415);
  }
  refuses(await exactly(server, { method: 'POST', path: '/api/v1/couples/join', headers: signedIn(), body: good }), 415, 1415);
});

test('a body that is too large is refused by its size, and the answer arrives', async () => {
  for (const bytes of [100_000, 400_000, 1_000_000]) {
    const body = JSON.stringify({ type: 'TEXT', content: 'x'.repeat(bytes) });
    for (let i = 0; i < 5; i += 1) {
      refuses(await anna.post(`/rooms/${roomId}/messages`, body, { headers: JSON_TYPE }), 413, 1413);
      refuses(await anna.post('/auth/login', body, { headers: JSON_TYPE, token: null }), 413, 1413);
    }
  }
});

test('a failure speaks Korean, and English to who prefers it', async () => {
  const asked = async (language) => (await anna.get('/nothing', { headers: language ? { 'Accept-Language': language } : {} })).data.message;
  for (const language of [undefined, 'ko', 'ko-KR,ko;q=0.9,en;q=0.8', 'fr', '*', 'nonsense;;q=x']) assert.ok(isHangul(await asked(language)), language);
  for (const language of ['en', 'en-US,en;q=0.9,ko;q=0.5', 'EN-gb']) assert.ok(!isHangul(await asked(language)), language);
  refuses(await anna.get('/messages?limit=0'), 400, 6400);
  assert.ok(!isHangul((await anna.get('/messages?limit=0', { headers: { 'Accept-Language': 'en' } })).data.message));
});

test('no probe of a path gets at a file', async () => {
  const probes = [
    '/.git/config', '/..%2f..%2fetc/passwd', '/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//evil.example', '//etc/passwd', '/%00',
    '/api/v1/../../bambitalk.db', '/bambitalk.db', '/setup-code', '/assets/../../../etc/passwd', '/assets/..%5c..%5cetc%5cpasswd',
    '/media/../bambitalk.db', '/api/v1/users/me/..;/', '/api/v1/%2e%2e/%2e%2e/setup-code', '/\\..\\..\\etc\\passwd', '/api/v1/rooms/%2e%2e/messages',
    `/${'a/'.repeat(2_000)}`, `/${'%41'.repeat(1_500)}`,
  ];
  for (const path of probes) {
    const answer = await exactly(server, { path });
    assert.ok(answer.status < 500, `${path}: ${answer.status}`);
    assert.doesNotMatch(answer.text, /root:|SQLite format|\[core\]/, path);
    assert.ok(answer.status >= 400 || /^text\/html/.test(answer.headers['content-type'] ?? ''), `${path}: ${answer.status} ${answer.text.slice(0, 100)}`);
    assert.doesNotMatch(answer.headers.location ?? '', /evil/);
  }
});

test('HEAD answers as GET does, without the body', async () => {
  for (const path of READS) {
    const [get, head] = [await anna.get(path), await anna.request('head', path)];
    assert.deepEqual([get.status, head.status], [200, 200], path);
    assert.ok(!head.data, path);
    assert.equal(head.headers['content-type'], get.headers['content-type'], path);
  }
  assert.equal((await anna.request('head', '/users/me', { token: null })).status, 401);
  assert.equal((await anna.request('head', `${server.url}/healthz`)).status, 200);
});

test('what has not changed is not sent again', async () => {
  for (const path of READS.filter((path) => path !== '/server')) {
    const { etag } = (await anna.get(path)).headers;
    assert.match(etag ?? '', /^(W\/)?"[^"]+"$/, path);
    const again = await anna.get(path, { headers: { 'If-None-Match': etag } });
    assert.deepEqual([again.status, again.data], [304, ''], path);
    const inLines = await anna.get(path, { headers: { 'If-None-Match': ['"other"', etag] } });
    assert.equal(inLines.status, 304, `${path}, the tag in a line of its own`);
  }
  const { etag } = (await anna.get('/messages')).headers;
  data(await ben.post(`/rooms/${roomId}/messages`, { type: 'TEXT', content: 'new' }), 201);
  assert.equal(data(await anna.get('/messages', { headers: { 'If-None-Match': etag } })).messages[0].content, 'new');
  assert.equal((await anna.get('/messages', { token: null, headers: { 'If-None-Match': etag } })).status, 401);
});

test('a plus makes a number none', async () => {
  refuses(await anna.get(`/rooms/+${roomId}/messages`), 404, 6404);
  refuses(await anna.patch(`/rooms/${roomId}/messages/+1`, { content: 'x' }), 404, 6404);
  refuses(await anna.get('/schedules/+1'), 400, 4403);
  refuses(await anna.get('/messages?limit=%2B5'), 400, 6400);
  refuses(await anna.get('/messages?cursor=%2B5'), 400, 1401);
  refuses(await anna.get(`/rooms/${roomId}/changes?since=%2B0`), 400, 1401);
});

test('a trailing slash makes no difference', async () => {
  const steady = ({ text }) => text.replace(/"(time|lastSeenAt)":"[^"]*"/g, '');
  for (const path of READS) assert.equal(steady(await anna.get(`${path}/`)), steady(await anna.get(path)), path);
  data(await new Person(server).post('/auth/login/', { accessToken: 'k-12' }), 201);
  assert.equal(data(await anna.get('/messages/?limit=1')).messages.length, 1);
});

test('every answer carries the security headers and none names the software', async () => {
  const every = [
    await anna.get('/users/me'), await anna.get('/nothing'), await anna.get('/users/me', { token: null }),
    await anna.post('/auth/login', '{', { headers: JSON_TYPE }), await anna.get(`${server.url}/healthz`), await anna.get(server.url),
    await anna.request('delete', '/server'),
  ];
  for (const { headers, config } of every) {
    assert.equal(headers['x-content-type-options'], 'nosniff', config.url);
    assert.equal(headers['x-powered-by'], undefined);
    assert.ok(headers['content-security-policy'] || headers['x-frame-options'], config.url);
    assert.match(headers['referrer-policy'] ?? '', /no-referrer|same-origin|strict-origin/, config.url);
  }
});

test('no other site may read an answer', async () => {
  for (const headers of [{ Origin: EVIL }, { Origin: 'null' }]) {
    const preflight = await asksFirst(server, headers);
    const get = await anna.get('/users/me', { headers });
    for (const answer of [preflight, get]) {
      const named = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-allow'));
      assert.deepEqual(named, []);
    }
  }
});

test('a request that changes something is refused to another site\'s page', async () => {
  const change = (headers) => anna.patch('/users/me', { nickname: '새안나' }, { headers });
  for (const headers of [{ Origin: EVIL }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: EVIL, 'Sec-Fetch-Site': 'cross-site' }]) {
    const answer = await change(headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.deepEqual(Object.keys(answer.data), ['code', 'message']);
    assert.equal((await anna.post('/auth/login', { accessToken: 'k-13' }, { headers, token: null })).status, 403);
  }
  assert.equal(data(await anna.get('/users/me')).nickname, '안나');
  const own = { Origin: server.url };
  for (const headers of [{}, own, { ...own, 'Sec-Fetch-Site': 'same-origin' }, { 'Sec-Fetch-Site': 'none' }]) data(await change(headers));
});

test('a socket of another site\'s page is refused at the handshake', async () => {
  const polling = (headers) => exactly(server, { path: '/socket.io/?EIO=4&transport=polling', headers });
  for (const headers of [{}, { Origin: server.url }]) {
    (await Frames.open(server, { headers })).close();
    assert.equal((await polling(headers)).status, 200);
  }
  for (const headers of [{ Origin: EVIL }, { Origin: 'null' }, { Origin: `${server.url}.evil.example` }]) {
    await assert.rejects(Frames.open(server, { headers }), { status: 403 }, JSON.stringify(headers));
    assert.equal((await polling(headers)).status, 403);
  }
});

test('a named origin may call, read and connect, and no other', async () => {
  const friend = 'https://friend.example';
  const open = await Server.start({ flags: ['--cors-origins', friend] });
  try {
    const asked = (origin) => asksFirst(open, { Origin: origin });
    const preflight = await asked(friend);
    assert.equal(preflight.headers['access-control-allow-origin'], friend);
    assert.match(preflight.headers['access-control-allow-methods'], /PATCH/);
    assert.equal((await asked(EVIL)).headers['access-control-allow-origin'], undefined);
    const login = (origin) => new Person(open).post('/auth/login', { accessToken: 'k-14' }, { headers: { Origin: origin } });
    assert.equal((await login(friend)).headers['access-control-allow-origin'], friend);
    assert.equal((await login(EVIL)).status, 403);
    (await Frames.open(open, { headers: { Origin: friend } })).close();
    await assert.rejects(Frames.open(open, { headers: { Origin: EVIL } }), { status: 403 });
  } finally { await open.stop(); }
});

test('the server is healthy and says so', async () => {
  assert.equal((await new Person(server).get(`${server.url}/healthz`)).status, 200);
});
