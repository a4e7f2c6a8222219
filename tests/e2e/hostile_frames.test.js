'use strict';
// Frames and packets no phone sends: the socket that sent them ends or is told off, and the server does not notice.
const { describe, test, before, after, afterEach } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { ask, uuid } = require('./person');
const { Raw, RawSocket, frame, OPCODE } = require('./raw');
const { couples } = require('./senders');
const { rssMb, within } = require('./kit');

const GROWTH_MB = 24;
// One that was told to go and does not is hung up on.
const HANG_UP_MS = 10_000;
// What an empty close frame stands for (RFC 6455, section 7.1.5).
const MESSAGE_MAX = 131_072;
let server;
let anna;
let roomId;
let calm;

before(async () => {
  server = await Server.start();
  ([{ people: [anna], roomId }] = await couples(server, 1));
  calm = rssMb(server.pid);
});
after(() => server.stop());

afterEach(async () => {
  const answer = await anna.get('/rooms');
  assert.equal(answer.status, 200);
  assert.ok(rssMb(server.pid) - calm < GROWTH_MB, `RSS grew from ${calm.toFixed(1)} to ${rssMb(server.pid).toFixed(1)} MB`);
  assert.doesNotMatch(server.output, /panicked/);
});

const signedIn = () => RawSocket.enter(server, '/rooms', anna.accessToken);
const unknown = async () => { const socket = await RawSocket.open(server); await socket.hears((text) => text.startsWith('0{')); return socket; };

/** Sends bytes on a signed-in and on an unknown socket; both must be closed with one of the codes, whether they answer or not. */
async function assertCloses(codes, write) {
  await Promise.all([[signedIn, true], [unknown, false]].map(async ([open, answers]) => {
    const socket = await open();
    await write(socket);
    await socket.wait(() => socket.closeCode, 5_000, `close frame of the ${open.name} connection`);
    assert.ok([codes].flat().includes(socket.closeCode), `${open.name}: close code ${socket.closeCode}`);
    if (answers) socket.write(frame(OPCODE.close, Buffer.from([0x03, 0xe8])));
    await within(socket.ended, HANG_UP_MS, `the end of the ${open.name} connection`);
  }));
}

test('a handshake names 131072 bytes as the largest packet, on both transports', async () => {
  const socket = await unknown();
  assert.equal(JSON.parse(socket.texts[0].slice(1)).maxPayload, MESSAGE_MAX);
  socket.close();
  const polled = await anna.get(`${server.url}/socket.io/?EIO=4&transport=polling`);
  assert.equal(JSON.parse(polled.text.slice(1)).maxPayload, MESSAGE_MAX);
});

test('a packet of 120 KiB and one of exactly 128 KiB are read, and their texts are too long', async () => {
  const socket = await signedIn();
  for (const size of [120 * 1024, MESSAGE_MAX]) {
    const packet = (content) => `42/rooms,7${JSON.stringify(['send', { roomId, clientId: uuid(), type: 'TEXT', content }])}`;
    socket.texts.length = 0;
    socket.text(packet('x'.repeat(size - packet('').length)));
    const answer = await socket.hears((text) => text.startsWith('43/rooms,7['));
    assert.equal(JSON.parse(answer.slice('43/rooms,7'.length))[0].code, '6405');
  }
  socket.close();
});

const BROKEN = {
  'a reserved opcode': () => frame(3, 'x'),
  'a reserved bit': () => frame(OPCODE.text, '2', { rsv: 4 }),
  'a ping over 125 bytes': () => frame(OPCODE.ping, 'x'.repeat(126)),
  'a fragmented ping': () => frame(OPCODE.ping, 'x', { fin: false }),
  'a frame without a mask': () => frame(OPCODE.text, '2', { mask: false }),
  'a continuation of nothing': () => frame(OPCODE.continuation, 'x'),
};

// Each waits for the server to hang up: side by side.
describe('frames that end their socket', { concurrency: true }, () => {
  test('a frame that claims 16 MB is refused with 1009 before its bytes are read', () => (
    assertCloses(1009, (socket) => socket.write(frame(OPCODE.text, 'x', { length: 16 << 20 })))));

  test('a frame that claims 2^63 bytes is refused', () => {
    const lie = frame(OPCODE.text, '', { length: 70_000 });
    lie.writeBigUInt64BE(2n ** 63n - 1n, 2);
    return assertCloses(1009, (socket) => socket.write(lie));
  });

  test('a packet over 128 KiB closes the socket with 1009', () => (
    assertCloses(1009, (socket) => socket.write(frame(OPCODE.text, '4'.padEnd(MESSAGE_MAX + 1, 'x'))))));

  test('a million fragments of one byte are refused with 1009 once they are too much', async () => {
    const socket = await signedIn();
    socket.write(frame(OPCODE.text, '4', { fin: false }));
    const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => frame(OPCODE.continuation, 'x', { fin: false })));
    for (let sent = 0; sent < 1_000 && !socket.over && !socket.closeCode; sent += 1) {
      if (!socket.tcp.write(thousand)) await Promise.race([new Promise((resolve) => socket.tcp.once('drain', resolve)), socket.ended]);
    }
    await socket.wait(() => socket.closeCode, 5_000, 'close frame');
    assert.equal(socket.closeCode, 1009);
    socket.close();
  });

  test('one that goes on sending after it was told to go is hung up on', async () => {
    const socket = await signedIn();
    socket.write(frame(OPCODE.text, 'x', { length: 16 << 20 }));
    const flood = setInterval(() => { if (socket.tcp.writableLength < 1 << 20) socket.write(Buffer.alloc(64 << 10)); }, 10);
    try {
      await within(socket.ended, HANG_UP_MS, 'the end of the connection');
    } finally {
      clearInterval(flood);
      socket.close();
    }
  });

  test('a text that is no UTF-8 closes the socket with 1007', () => (
    assertCloses(1007, (socket) => socket.write(frame(OPCODE.text, Buffer.from([0x34, 0x32, 0xc3, 0x28]))))));

  for (const [name, bytes] of Object.entries(BROKEN)) {
    test(`${name} closes the socket with 1002`, () => assertCloses(1002, (socket) => socket.write(bytes())));
  }
});

test('permessage-deflate is not negotiated', async () => {
  const socket = await RawSocket.open(server, { headers: 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n' });
  assert.equal(socket.status, 101);
  assert.doesNotMatch(socket.head, /sec-websocket-extensions/i);
  socket.close();
});

const nested = '['.repeat(10_000) + ']'.repeat(10_000);
const PACKETS = {
  'an Engine.IO packet of type 9': '9',
  'a Socket.IO packet of type 99': '499["send",{}]',
  'an array 10,000 deep': `42/rooms,1["send",${nested}]`,
  'an array 10,000 deep in a connect': `40/rooms,${nested}`,
  'prototype keys': '42/rooms,1["send",{"__proto__":{"roomId":1},"constructor":{"prototype":{}},"hasOwnProperty":1}]',
  'a billion attachments': '451000000000-/rooms,["send",{"_placeholder":true,"num":0}]',
  'an attachment that never comes': '451-/rooms,["send",{"_placeholder":true,"num":0}]',
  'an ack id of 2^64': '42/rooms,18446744073709551616["typing",{}]',
  'an ack nobody asked for': '43/rooms,77[{"code":"0000"}]',
  'an event name of 100 KB': `42/rooms,["${'e'.repeat(100_000)}",1]`,
  'an event without a name': '42/rooms,[]',
  'an event named by a number': '42/rooms,[1,2]',
  'broken JSON': '42/rooms,["send",{',
  'an unknown namespace': '40/nowhere,{"token":"x"}',
  'an event to a namespace not joined': '42/chats,["send_message",{"content":"hi"}]',
  'a second connect': () => `40/rooms,${JSON.stringify({ token: anna.accessToken })}`,
  'a connect error from a client': '44/rooms,{"message":"2400"}',
  'an open from a client': '0{"sid":"x"}',
  'an upgrade to nothing': '5',
  'nothing at all': '',
};

for (const [name, packet] of Object.entries(PACKETS)) {
  test(`${name} is ignored or ends the socket, signed in or not`, async () => {
    for (const open of [signedIn, unknown]) {
      const socket = await open();
      socket.text(typeof packet === 'function' ? packet() : packet);
      // The socket either ends or goes on as if nothing had been said.
      socket.text(open === signedIn ? '42/rooms,5["enter",{}]' : `40/rooms,${JSON.stringify({ token: anna.accessToken })}`);
      const wanted = open === signedIn ? '43/rooms,5[' : '40/rooms,';
      await socket.hears((text) => text.startsWith(wanted)).catch((error) => { if (!socket.over) throw error; });
      socket.close();
    }
    const healthy = await anna.rooms();
    assert.equal((await ask(healthy, 'enter', { roomId })).code, '0000');
    anna.leaveAll();
  });
}

test('thousands of attachments are not gathered in memory', async () => {
  const socket = await signedIn();
  socket.text('451000000000-/rooms,["send",{"_placeholder":true,"num":0}]');
  const blob = frame(OPCODE.binary, Buffer.alloc(64 << 10));
  for (let sent = 0; sent < 1_000 && !socket.over; sent += 1) {
    if (!socket.tcp.write(blob)) await Promise.race([new Promise((resolve) => socket.tcp.once('drain', resolve)), socket.ended]);
  }
  // The growth is looked at while the socket is still there.
  assert.ok(rssMb(server.pid) - calm < GROWTH_MB, `RSS grew from ${calm.toFixed(1)} to ${rssMb(server.pid).toFixed(1)} MB`);
  socket.close();
});

test('a polling body over 128 KiB is refused', async () => {
  const opened = await anna.get(`${server.url}/socket.io/?EIO=4&transport=polling`);
  const { sid } = JSON.parse(opened.text.slice(1));
  const raw = await Raw.connect(server);
  raw.write(`POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 200000\r\n\r\n${'4'.padEnd(200_000, 'x')}`);
  // Hung up on in the middle of the body, a client may lose the answer.
  const status = await raw.head().then((head) => head.status, (error) => { if (!raw.over) throw error; return 'closed'; });
  assert.ok(status === 'closed' || (status >= 400 && status < 500), `status ${status}`);
  raw.close();
});
