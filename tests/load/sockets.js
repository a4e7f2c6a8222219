'use strict';
// The socket load test: COUPLES pairs on /rooms, each phone keeps INFLIGHT messages in flight for SECS seconds. A message
// is done when its sender has the ack and the partner has heard it. Prints one JSON line. See README.md.
const { Person, ask, uuid } = require('../e2e/person.js');
const { Server } = require('../e2e/server.js');

const number = (name, fallback) => Number(process.env[name] || fallback);
const COUPLES = number('COUPLES', 50);
const INFLIGHT = number('INFLIGHT', 1);
const SECS = Math.min(number('SECS', 10), 300);
const SET_UPS_AT_ONCE = 4;

async function inTurns(items, atOnce, act) {
  const results = [];
  const queue = items.map((item, at) => [item, at]);
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[1]] = await act(next[0]);
  }));
  return results;
}

/** A couple, both with a socket in their room: [{ person, socket, room }, …]. */
async function coupleInRoom(server) {
  const people = await Person.couple(server);
  const room = (await people[0].roomOfKind('COUPLE')).roomId;
  return Promise.all(people.map(async (person) => {
    const socket = await person.rooms();
    socket.offAny();
    await ask(socket, 'enter', { roomId: room });
    return { person, socket, room };
  }));
}

function percentile(sorted, share) {
  return sorted.length ? Math.round(sorted[Math.ceil(share * sorted.length) - 1] * 1000) / 1000 : null;
}

async function main() {
  const server = await Server.start({ bin: process.env.BAMBITALK_BIN || undefined, flags: ['--log', 'warn'] });
  try {
    const couples = await inTurns(Array.from({ length: COUPLES }), SET_UPS_AT_ONCE, () => coupleInRoom(server));
    const phones = couples.flat();
    const acked = [], heard = [], sentAt = new Map();
    let failed = 0, isOver = false;
    for (const phone of phones) {
      phone.socket.on('chat', ({ message }) => {
        if (message.senderId === phone.person.id) return;
        heard.push(performance.now() - sentAt.get(message.clientId));
        sentAt.delete(message.clientId);
      });
    }
    const keepSending = async ({ socket, room }) => {
      while (!isOver) {
        const clientId = uuid(), start = performance.now();
        sentAt.set(clientId, start);
        const answer = await ask(socket, 'send', { roomId: room, clientId, type: 'TEXT', content: '오늘 아기가 처음으로 뒤집었어요!' });
        if (answer.code === '0000') acked.push(performance.now() - start); else failed += 1;
      }
    };
    const start = performance.now();
    const timer = setTimeout(() => { isOver = true; }, SECS * 1000);
    await Promise.all(phones.flatMap((phone) => Array.from({ length: INFLIGHT }, () => keepSending(phone))));
    clearTimeout(timer);
    const secs = (performance.now() - start) / 1000;
    acked.sort((a, b) => a - b);
    heard.sort((a, b) => a - b);
    console.log(JSON.stringify({
      couples: COUPLES, inflight: INFLIGHT, secs: Math.round(secs * 10) / 10, perSecond: Math.round(acked.length / secs), failed,
      unheard: sentAt.size, ackMs: { p50: percentile(acked, 0.5), p99: percentile(acked, 0.99) },
      partnerMs: { p50: percentile(heard, 0.5), p99: percentile(heard, 0.99) },
    }));
    phones.forEach(({ person }) => person.leaveAll());
    process.exitCode = failed ? 1 : 0;
  } finally {
    await server.stop();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
