'use strict';
// Bytes on the port that are no honest request, and crowds that never say who they are.
const { describe, test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { Raw, RawSocket, CUT_OFF } = require('./raw');
const { pause, rssMb, until, within } = require('./kit');

const DEADLINE_MS = 10_000;
// What the deadline's own clock and a busy machine may add.
const SLACK_MS = 3_000;
const SLOW_MS = 35_000;
let server;
before(async () => { server = await Server.start({ strict: true }); });
after(() => server.stop());

const answers = async () => assert.equal((await fetch(`${server.url}/healthz`)).status, 200);

const LOGIN = 'POST /api/v1/auth/password/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

describe('requests that try to smuggle or swamp', () => {
  after(answers);

  test('both Content-Length and Transfer-Encoding are refused, and what hides behind them is never answered', async () => {
    const hidden = 'GET /api/v1/server HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const both of ['Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n']) {
      const { raw, status } = await Raw.ask(server, `${LOGIN}${both}\r\n0\r\n\r\n${hidden}`);
      assert.equal(status, 400, both);
      await within(raw.ended, 5_000, 'the connection ending after it');
      assert.doesNotMatch(raw.bytes.toString('latin1'), /needsSetup/);
    }
  });

  const BAD = {
    'two different Content-Lengths': `${LOGIN}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `,
    'a negative Content-Length': `${LOGIN}Content-Length: -1\r\n\r\n{}`,
    'a Content-Length of 2^70': `${LOGIN}Content-Length: 1180591620717411303424\r\n\r\n{}`,
    'a chunk size that overflows': `${LOGIN}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n`,
    'a chunk size that is no number': `${LOGIN}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n`,
    'an unknown transfer encoding': `${LOGIN}Transfer-Encoding: chunked, nonsense\r\n\r\n{}`,
    'a space before the colon': `${LOGIN}Content-Length : 2\r\n\r\n{}`,
    'a NUL in a header': `${LOGIN}X-A: a\0b\r\nContent-Length: 2\r\n\r\n{}`,
    'no HTTP at all': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(BAD)) {
    test(`${name}: refused`, async () => {
      const { raw, status } = await Raw.ask(server, bytes);
      assert.equal(status, 400, `${status}: ${raw.bytes}`);
      raw.close();
    });
  }

  const SWAMP = {
    'a header of 1 MB': `GET /api/v1/server HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(1 << 20)}\r\n\r\n`,
    '10,000 headers': `GET /api/v1/server HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1\r\n`).join('')}\r\n`,
    'a path of 1 MB': `GET /${'x'.repeat(1 << 20)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  };
  for (const [name, bytes] of Object.entries(SWAMP)) {
    test(`${name}: refused or hung up on, without growing`, async () => {
      const calm = rssMb(server.pid);
      const { raw, status } = await Raw.ask(server, bytes);
      assert.ok([400, 413, 414, 431, CUT_OFF].includes(status), `status ${status}`);
      assert.ok(rssMb(server.pid) - calm < 16, `RSS grew by ${(rssMb(server.pid) - calm).toFixed(1)} MB`);
      raw.close();
    });
  }
});

/** Feeds one byte a second until the server has had enough; answers how long that took. */
async function drip(head) {
  const raw = await Raw.connect(server);
  const start = Date.now();
  raw.write(head);
  const drops = setInterval(() => raw.write('x'), 1_000);
  try {
    await within(raw.ended, SLOW_MS, 'a slow request being cut off');
    return Date.now() - start;
  } finally {
    clearInterval(drops);
    raw.close();
  }
}

/** Opens a WebSocket, does `then`, and answers how many ms later the server ended the connection. */
async function lifeOf(then, localAddress) {
  const socket = await RawSocket.open(server, { localAddress });
  assert.equal(socket.status, 101, socket.head);
  const start = Date.now();
  await then(socket);
  await within(socket.ended, DEADLINE_MS + SLACK_MS, 'an unauthenticated socket being closed');
  return Date.now() - start;
}

/** 2,000 WebSockets that never say who they are, 50 from each of 40 addresses of this machine. */
async function crowd() {
  const opened = [];
  const refused = [];
  for (let address = 1; address <= 40; address += 1) {
    await Promise.all(Array.from({ length: 50 }, async () => {
      const socket = await RawSocket.open(server, { localAddress: `127.0.2.${address}` }).catch((error) => ({ status: error.message }));
      (socket.status === 101 ? opened : refused).push(socket);
      if (socket.status !== 101) socket.close?.();
    }));
  }
  return { opened, refused };
}

/** Ordinary use: what was freed on other threads goes back to the system only when they work again. */
async function use() {
  for (let round = 0; round < 5; round += 1) await Promise.all(Array.from({ length: 100 }, () => fetch(`${server.url}/api/v1/server`).then((answer) => answer.text())));
}

describe('crowds and slow ones, side by side', { concurrency: true }, () => {
  after(answers);

  test('a head at one byte a second is cut off', { timeout: 60_000 }, async () => {
    assert.ok(await drip('GET /api/v1/server HTTP/1.1\r\nHost: x\r\nX-Slow: ') < SLOW_MS);
  });

  test('a body at one byte a second is cut off', { timeout: 60_000 }, async () => {
    assert.ok(await drip(`${LOGIN}Content-Length: 1000\r\n\r\n`) < SLOW_MS);
  });

  test('a connection that says nothing is closed', { timeout: 60_000 }, async () => {
    const raw = await Raw.connect(server);
    await within(raw.ended, SLOW_MS, 'a silent connection being closed');
  });

  test('a WebSocket that never connects to a namespace is closed within ten seconds', { timeout: 30_000 }, () => lifeOf(() => {}, '127.0.3.1'));

  const REFUSED = {
    'with a bad token on /rooms': ['40/rooms,{"token":"bta_no"}', '127.0.3.2'],
    'with a bad token on /chats': ['40/chats,{"token":"bta_no"}', '127.0.3.3'],
    'without a token': ['40/rooms,', '127.0.3.4'],
    'to a namespace that is none': ['40/nowhere,{"token":"bta_no"}', '127.0.3.5'],
  };
  for (const [name, [packet, address]] of Object.entries(REFUSED)) {
    test(`a WebSocket that connects ${name} is closed within ten seconds`, { timeout: 30_000 }, () => lifeOf((socket) => socket.text(packet), address));
  }

  test('a poll that never connects to a namespace is forgotten within ten seconds', { timeout: 30_000 }, async () => {
    const opened = await (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).text();
    const { sid } = JSON.parse(opened.slice(1));
    await pause(DEADLINE_MS + 1_000);
    const late = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`, { signal: AbortSignal.timeout(5_000) });
    const body = await late.text();
    assert.ok(late.status === 400 || body === '1', `${late.status} ${body}`);
  });
});

test('an address that opens too many sockets is refused, and 2,000 strangers cost nothing once they are gone', { timeout: 90_000 }, async (t) => {
  for (let round = 0; round < 4; round += 1) await use();
  const calm = rssMb(server.pid);
  const start = Date.now();
  const { opened, refused } = await crowd();
  const took = Date.now() - start;
  assert.ok(opened.length >= 200, `only ${opened.length} were let in, which shows nothing`);
  const high = rssMb(server.pid);
  await within(Promise.all(opened.map((socket) => socket.ended)), DEADLINE_MS + SLACK_MS, 'all of them being closed');
  await until(async () => { await use(); return rssMb(server.pid) < calm * 1.1 + 6; }, 15_000, `memory coming back: ${calm.toFixed(1)} MB before, ${high.toFixed(1)} at most`);
  t.diagnostic(`${opened.length} let in, ${refused.length} refused in ${took} ms; RSS ${calm.toFixed(1)} → ${high.toFixed(1)} → ${rssMb(server.pid).toFixed(1)} MB`);

  const same = await Promise.all(Array.from({ length: 400 }, () => (
    RawSocket.open(server, { localAddress: '127.0.4.1' }).catch((error) => ({ status: error.message })))));
  const kept = same.filter(({ status }) => status === 101);
  const turned = same.filter(({ status }) => status !== 101);
  assert.ok(turned.length > 0, 'one address opened 400 sockets without being stopped');
  assert.ok(turned.every(({ status }) => status === 429 || status === 503 || typeof status === 'string'), `${turned[0].status}`);
  kept.forEach((socket) => socket.close());
  await answers();
});
