'use strict';
// Fan-out: SOCKETS phones of the members of one room, and one of them who sends MESSAGES, one after the other. The time from
// sending to each phone's having it. The phones read frames and nothing else: a thousand whole clients in one process
// would measure themselves. Prints one JSON line. See README.md.
const WebSocket = require('../e2e/node_modules/ws');
const { Person, ask, uuid } = require('../e2e/person.js');
const { Server } = require('../e2e/server.js');

const number = (name, fallback) => Number(process.env[name] || fallback);
const SOCKETS = Math.min(number('SOCKETS', 1_000), 10_000);
const MEMBERS = Math.min(number('MEMBERS', 50), 50);
const MESSAGES = Math.min(number('MESSAGES', 200), 10_000);
const PAUSE_MS = number('PAUSE_MS', 20);
const HEARD_MAX_MS = 30_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A phone in the room that calls `hear` with each frame: Engine.IO and Socket.IO as far as that needs. */
function phone(server, token, roomId, hear) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      const text = bytes.toString();
      if (text === '2') socket.send('3');
      else if (text.startsWith('0')) socket.send(`40/rooms,${JSON.stringify({ token })}`);
      else if (text.startsWith('40/rooms')) socket.send(`42/rooms,0["enter",${JSON.stringify({ roomId, read: false })}]`);
      else if (text.startsWith('43/rooms,0')) resolve(socket);
      else if (text.startsWith('44')) reject(new Error(text));
      else if (text.startsWith('42/rooms,["chat"')) hear(text);
    });
  });
}

async function members(server, anna) {
  const { roomId } = (await anna.post('/rooms', { title: '우리 가족' })).data.data;
  const { token } = (await anna.post(`/rooms/${roomId}/invites`, { uses: 50 })).data.data;
  const people = [anna];
  while (people.length < MEMBERS) {
    const guest = await new Person(server).post('/auth/guest', { invite: token, nickname: `손님${people.length}` });
    people.push(new Person(server, guest.data.data));
  }
  return { roomId, people };
}

async function main() {
  const server = await Server.start({ bin: process.env.BAMBITALK_BIN || undefined, flags: ['--log', 'warn'] });
  try {
    const [anna] = await Person.couple(server);
    const { roomId, people } = await members(server, anna);
    const took = [], acked = [];
    let sentAt = 0, heard = 0;
    const hear = () => { heard += 1; took.push(performance.now() - sentAt); };
    const phones = [];
    for (let at = 0; at < SOCKETS; at += 50) {
      const some = Array.from({ length: Math.min(50, SOCKETS - at) }, (_, one) => phone(server, people[(at + one) % people.length].accessToken, roomId, hear));
      phones.push(...await Promise.all(some));
    }
    const sender = await anna.rooms();
    sender.offAny();
    for (let count = 0; count < MESSAGES; count += 1) {
      heard = 0;
      sentAt = performance.now();
      const ack = await ask(sender, 'send', { roomId, clientId: uuid(), type: 'TEXT', content: '오늘 아기가 처음으로 뒤집었어요!' });
      acked.push(performance.now() - sentAt);
      if (ack.code !== '0000') throw new Error(`not sent: ${ack.code}`);
      const end = performance.now() + HEARD_MAX_MS;
      while (heard < SOCKETS && performance.now() < end) await pause(1);
      if (heard !== SOCKETS) throw new Error(`${heard} of ${SOCKETS} heard it`);
      await pause(PAUSE_MS);
    }
    const percentile = (values, share) => Math.round(values.sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] * 100) / 100;
    const summary = (values) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99), max: percentile(values, 1) });
    console.log(JSON.stringify({ sockets: SOCKETS, members: people.length, messages: MESSAGES, heardMs: summary(took), ackMs: summary(acked) }));
    phones.forEach((socket) => socket.terminate());
    people.forEach((person) => person.leaveAll());
  } finally {
    await server.stop();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
