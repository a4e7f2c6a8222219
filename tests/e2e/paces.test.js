'use strict';
// How fast one device may come, go and type, and one person name rooms: an app that opens everything at once never notices.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, ask, uuid } = require('./person.js');
const { data, isFailure, acked } = require('./envelope.js');

let server;
before(async () => { server = await Server.start({ strict: true, flags: ['--registration', 'open'] }); });
after(() => server.stop());

/** Does so much at once; answers how much of it was refused as too fast, having seen that `burst` went through, and no more than the time allowed. */
async function refusedOf(count, { burst, eachMs }, act) {
  const begun = Date.now();
  const answers = await Promise.all(Array.from({ length: count }, (_, at) => act(at)));
  const most = burst + Math.ceil((Date.now() - begun) / eachMs);
  const refused = answers.filter(({ code }) => code !== '0000');
  refused.forEach((answer) => isFailure(answer, 6407));
  const done = count - refused.length;
  assert.ok(done >= burst && done <= most, `${done} went through, at most ${most} in that time`);
  return refused.length;
}

test('an app opens two hundred rooms at once and closes them, and again, without a wait', { timeout: 120_000 }, async () => {
  const anna = await Person.signUp(server, '안나', 'MOM');
  const rooms = [(await anna.roomOfKind('SELF')).roomId];
  while (rooms.length < 200) rooms.push(data(await anna.post('/rooms', { title: `방 ${rooms.length}` }), 201).roomId);
  const phone = await anna.rooms();
  for (const event of ['enter', 'typing', 'exit', 'enter', 'exit']) {
    const answers = await Promise.all(rooms.map((roomId) => ask(phone, event, { roomId }, 60_000)));
    answers.forEach(acked);
  }
  anna.leaveAll();
});

for (const event of ['enter', 'exit', 'typing']) {
  test(`who sends "${event}" without end hears that it is too fast, and nobody else does`, { timeout: 120_000 }, async () => {
    const [greedy, other] = [await Person.signUp(server, '빠른이'), await Person.signUp(server, '느린이')];
    const [busy, calm] = [await greedy.rooms(), await other.rooms()];
    const { roomId } = await greedy.roomOfKind('SELF');
    acked(await ask(busy, 'enter', { roomId }));
    await refusedOf(3_000, { burst: 999, eachMs: 10 }, () => ask(busy, event, event === 'exit' ? { roomId: 987_654 } : { roomId }, 60_000));
    acked(await ask(calm, 'enter', { roomId: (await other.roomOfKind('SELF')).roomId }, 60_000));
    acked(await ask(busy, 'send', { roomId, clientId: uuid(), content: 'still mine to write' }, 60_000));
    [greedy, other].forEach((person) => person.leaveAll());
  });
}

test('who renames a room without end hears that it is too fast', { timeout: 120_000 }, async () => {
  const anna = await Person.signUp(server, '안나', 'MOM');
  const { roomId } = data(await anna.post('/rooms', { title: '우리' }), 201);
  await refusedOf(700, { burst: 499, eachMs: 50 }, async (at) => (await anna.patch(`/rooms/${roomId}`, { title: `방 ${at}` })).data);
});
