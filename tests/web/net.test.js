// Speaking with the server: the envelope, renewing once, what a failure says; remembering without IndexedDB.
import { test, beforeEach } from 'node:test';
import assert from 'node:assert/strict';
import * as api from '../../assets/net/api.js';
import { accessToken, end, renew, setOwner, setToken, whenEnded } from '../../assets/net/api.js';
import { dropSilent, upload } from '../../assets/net/upload.js';
import { forget, keep, openStore, recall, recallAll, wipe } from '../../assets/net/store.js';
import { loadTexts, setLanguage } from '../../assets/text/index.js';

await setLanguage('ko');
await loadTexts('app');

/** What was asked, and what is answered, in turn: `[status, body]` or a function of the request. */
let asked = [];
let answers = [];
globalThis.fetch = async (url, options = {}) => {
  asked.push({ path: String(url).replace('/api/v1', ''), ...options });
  const answer = answers.shift();
  if (!answer) throw new TypeError('fetch failed');
  const [status, body, headers = {}] = typeof answer === 'function' ? answer(options) : answer;
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
};
const good = (data) => [200, { code: '0000', message: 'SUCCESS', data }];
const bad = (status, code, message = '') => [status, { code, message }];
const paths = () => asked.map(({ method, path }) => `${method} ${path}`);

beforeEach(() => { asked = []; answers = []; setToken('bta_old'); });

test('an answer\'s data comes out of the envelope', async () => {
  answers = [good({ a: 1 }), good(undefined)];
  assert.deepEqual(await api.get('/x'), { a: 1 });
  assert.equal(await api.delete('/x'), undefined);
  assert.equal(asked[0].headers.Authorization, 'Bearer bta_old');
  assert.equal(asked[0].headers['X-BambiTalk-Client'], 'web');
  assert.equal(asked[0].headers['Accept-Language'], 'ko');
});

test('a failure has its code and a sentence: ours, else the server\'s, else a general one', async () => {
  answers = [bad(400, '5401', 'server words'), bad(418, '1777', 'server words'), [502, '<html>proxy</html>']];
  await assert.rejects(api.post('/x'), { code: '5401', status: 400, message: '코드가 맞지 않거나 시간이 지났어요. 새 코드를 받아 주세요.' });
  await assert.rejects(api.post('/x'), { code: '1777', message: 'server words' });
  await assert.rejects(api.post('/x'), { code: 'offline' });
  await assert.rejects(api.post('/x'), { code: 'offline', status: 0 });
  assert.equal(api.isReachable.value, false);
  answers = [good(1)];
  await api.get('/x');
  assert.equal(api.isReachable.value, true);
});

test('a proxy\'s page is a server that is away only where it says so', async () => {
  answers = [[413, '<html>'], [403, '<html>'], [500, '<html>'], [429, '<html>'], [504, '<html>'], [200, '<html>sign in to this network']];
  for (const code of ['1413', 'refused', 'refused', '1429', 'offline', 'offline']) await assert.rejects(api.post('/x'), { code });
  answers = [[401, '<html>']];
  assert.equal(await renew(), 'unreachable', 'it is no word on the session');
});

test('what was asked for in the name of who has left is not answered to who is here now', async () => {
  let answer = () => {};
  const held = new Promise((resolve) => { answer = resolve; });
  const fetched = globalThis.fetch;
  globalThis.fetch = async () => { await held; return new Response(JSON.stringify({ code: '0000', data: 'theirs' })); };
  const asking = assert.rejects(api.get('/x'), { code: 'cancelled' });
  end('logout');
  setToken('bta_next');
  answer();
  await asking;
  globalThis.fetch = fetched;
});

test('a session that ends takes a renewal along that is still awaited: who comes next has their own', async () => {
  const fetched = globalThis.fetch;
  const held = (url, { signal }) => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(signal.reason)); });
  globalThis.fetch = held;
  const renewing = renew();
  end('logout');
  assert.equal(await renewing, 'ended');
  globalThis.fetch = fetched;
  setToken('bta_next');
  answers = [good({ accessToken: 'bta_theirs' })];
  assert.equal(await renew(), 'renewed');
  assert.equal(accessToken(), 'bta_theirs');
});

test('a token of somebody else ends what was done in the name of who was here', async () => {
  const reasons = [];
  whenEnded((reason) => reasons.push(reason));
  setOwner(7);
  const user = (userId) => ({ userId, coupleId: 1, spouseId: null, nickname: '' });
  answers = [bad(401, '2400'), good({ accessToken: 'bta_mine', user: user(7) }), good('there')];
  assert.equal(await api.get('/x'), 'there');
  answers = [bad(401, '2400'), good({ accessToken: 'bta_theirs', user: user(8) }), good('theirs')];
  await assert.rejects(api.post('/x'), { status: 401 });
  assert.deepEqual(reasons, ['other']);
  assert.equal(paths().filter((path) => path === 'POST /x').length, 1);
  assert.equal(accessToken(), '');
});

/** As much of an upload as is needed to hold it back. */
class Upload {
  static all = [];
  upload = {};
  constructor() { Upload.all.push(this); }
  open() {}
  setRequestHeader() {}
  send() {}
  abort() { this.onabort?.(); this.onloadend?.(); }
  answer(status, text) { Object.assign(this, { status, responseText: text }); this.onload(); this.onloadend(); }
}

test('an upload on a dead line is given up, sooner where there is a new line; a slow one is not', async (context) => {
  globalThis.XMLHttpRequest = Upload;
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const begin = () => { const done = upload('/files', new Blob(['a'])); done.catch(() => {}); return done; };
  const dead = begin();
  context.mock.timers.tick(29_000);
  Upload.all[0].upload.onprogress({});
  const slow = begin();
  context.mock.timers.tick(29_000);
  Upload.all[1].upload.onprogress({});
  context.mock.timers.tick(1_000);
  await assert.rejects(dead, { code: 'late' });
  const silent = begin();
  context.mock.timers.tick(6_000);
  Upload.all[1].upload.onprogress({});
  dropSilent();
  await assert.rejects(silent, { code: 'late' });
  Upload.all[1].answer(413, '<html>');
  await assert.rejects(slow, { code: '1413' });
});

test('an upload whose answer takes its time is waited for, through a new line as well, but not for ever', async (context) => {
  Upload.all = [];
  globalThis.XMLHttpRequest = Upload;
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const begin = () => { const done = upload('/files', new Blob(['a'])); done.catch(() => {}); return done; };
  const [slow, cut, dead] = [begin(), begin(), begin()];
  Upload.all.forEach((request) => { request.upload.onprogress({}); request.upload.onload(); });
  context.mock.timers.tick(50_000);
  dropSilent();
  Upload.all[0].answer(201, JSON.stringify({ code: '0000', data: { mediaId: 'm' } }));
  assert.deepEqual(await slow, { mediaId: 'm' });
  Upload.all[2].upload.onload();
  context.mock.timers.tick(20_000);
  dropSilent();
  await assert.rejects(cut, { code: 'late' });
  context.mock.timers.tick(600_000);
  await assert.rejects(dead, { code: 'late' });
});

test('a dead token is renewed once, and the request repeated', async () => {
  answers = [bad(401, '2400'), good({ accessToken: 'bta_new' }), good('there')];
  assert.equal(await api.get('/x'), 'there');
  assert.deepEqual(paths(), ['GET /x', 'POST /auth/tokens/refresh', 'GET /x']);
  assert.equal(asked[2].headers.Authorization, 'Bearer bta_new');
});

test('requests that find the token dead together renew it once', async () => {
  answers = [bad(401, '2400'), bad(401, '2400'), good({ accessToken: 'bta_new' }), good(1), good(2)];
  await Promise.all([api.get('/a'), api.get('/b')]);
  assert.equal(paths().filter((path) => path.includes('refresh')).length, 1);
});

test('a wrong password is no dead session', async () => {
  answers = [bad(401, '3409')];
  await assert.rejects(api.put('/users/me/password'), { code: '3409' });
  assert.equal(asked.length, 1);
});

test('signed out for good is told once; a server out of reach is not signed out', async () => {
  let ended = 0;
  whenEnded(() => { ended += 1; });
  answers = [[502, 'proxy']];
  assert.equal(await renew(), 'unreachable');
  assert.equal(await renew(), 'unreachable');
  assert.equal(accessToken(), 'bta_old');
  answers = [good(undefined)];
  assert.equal(await renew(), 'ended');
  assert.equal(accessToken(), '');
  assert.equal(ended, 1);
  answers = [bad(401, '2400')];
  assert.equal(await renew(), 'ended');
  assert.equal(ended, 1, 'who was out already is not told again');
});

test('a request can be called off', async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(api.get('/x', { signal: stop.signal }), { code: 'cancelled' });
});

test('the server\'s clock counts', async () => {
  answers = [[200, { code: '0000' }, { Date: new Date(Date.now() + 600_000).toUTCString() }]];
  await api.get('/x');
  assert.ok(Math.abs(api.serverNow() - Date.now() - 600_000) < 2_000);
  answers = [[200, { code: '0000' }, { Date: new Date().toUTCString() }]];
  await api.get('/x');
  assert.ok(Math.abs(api.serverNow() - Date.now()) < 2_000);
});

test('without IndexedDB it remembers until the page closes, and forgets on leaving', async () => {
  openStore(7);
  await keep('chat.b', 2);
  await keep('chat.a', 1);
  await keep('other', 3);
  assert.equal(await recall('chat.a'), 1);
  assert.deepEqual(await recallAll('chat.'), [1, 2]);
  await forget('chat.a');
  assert.equal(await recall('chat.a'), undefined);
  await wipe();
  assert.equal(await recall('other'), undefined);
});

test('what is still being kept when somebody leaves is not among what the next one has', async () => {
  openStore(72);
  const keeping = keep('rooms', 'theirs');
  await wipe();
  openStore(73);
  await keeping;
  assert.equal(await recall('rooms'), undefined);
  await wipe();
});

test('where nobody was before, only what has been kept since is looked for', async () => {
  openStore(71, true);
  assert.equal(await recall('room'), undefined);
  assert.deepEqual(await recallAll('outbox.'), []);
  await keep('room', { rev: 1 });
  await keep('outbox.a', 'a');
  assert.deepEqual(await recall('room'), { rev: 1 });
  assert.deepEqual(await recallAll('outbox.'), ['a']);
  await wipe();
});
