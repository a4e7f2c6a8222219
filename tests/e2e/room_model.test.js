'use strict';
// Random families in random rooms, against a naive model that counts everything anew: every unread count of every message
// and room, what each may see, what a second device knows that only ever catches up, and one that listens, is cut off and
// comes back; in couples' rooms also what the mobile app does and is shown.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { isDeepStrictEqual } = require('node:util');
const { Server } = require('./server.js');
const { Person, ask } = require('./person.js');
const { Device } = require('./device.js');
const { data, acked } = require('./envelope.js');
const { pages } = require('./oracle.js');
const { seeded, until } = require('./kit.js');

const PEOPLE = 8;
const WORLDS = 12;
const COUPLES = 3;
/** Whose second device listens. */
const LISTENER = 1;
/** What the app shows of a message that was deleted. */
const TOMBSTONE = '삭제된 메시지입니다.';
const ACTS = 240;
const CHECK_EVERY = 24;
let server, people, couples;

before(async () => {
  server = await Server.start();
  people = [];
  for (let at = 0; at < PEOPLE; at += 1) people.push(await Person.signUp(server, `사람 ${at}`));
  // Whoever shares a room with the host may be brought into others.
  const lobby = data(await people[0].post('/rooms', { title: '로비' }), 201);
  const { token } = data(await people[0].post(`/rooms/${lobby.roomId}/invites`, { uses: PEOPLE }), 201);
  for (const person of people.slice(1)) data(await person.post(`/rooms/invites/${token}`));
  couples = await Promise.all(Array.from({ length: COUPLES }, () => Person.couple(server)));
  for (const person of [...people, ...couples.flat()]) person.phone = await person.rooms();
});
after(async () => {
  [...people, ...couples.flat()].forEach((person) => person.leaveAll());
  await server.stop();
});

/** A room as it must be: message n is `said[n - 1]`, and `seats` says who is in it, from when on, and how far they read. */
class World {
  constructor(seed, people, roomId, size) {
    Object.assign(this, { chance: seeded(seed), people, roomId, size, said: [], seats: new Map() });
    this.about = `seed ${seed}, ${size} people`;
    this.device = new Device(people[LISTENER], roomId);
  }

  static async begin(seed) {
    const { roomId } = data(await people[0].post('/rooms', { title: `세계 ${seed}` }), 201);
    const world = new World(seed, people, roomId, seeded(seed).between(2, PEOPLE));
    world.take(0);
    world.say(0, 'SYSTEM');
    await world.bringIn(Array.from({ length: world.size - 1 }, (_, at) => at + 1));
    return world;
  }

  /** A couple's room, in which one is with the mobile app and the other with whatever they like. */
  static async ofCouple(seed, couple) {
    const { roomId } = await couple[0].roomOfKind('COUPLE');
    const world = new World(seed, couple, roomId, couple.length);
    couple.forEach((_, who) => world.take(who));
    world.apps = couple.map(() => null);
    return world;
  }

  say(sender, type) { this.said.push({ sender, type, hiddenBy: new Set(), reactions: new Set() }); }
  take(who) { this.seats.set(who, { joined: this.said.length, mark: this.said.length, device: new Device(this.people[who], this.roomId) }); }

  sees(who, id) { return this.seats.get(who).joined < id && !this.said[id - 1].hiddenBy.has(who); }
  seen(who) { return this.said.map((_, at) => at + 1).filter((id) => this.sees(who, id)); }
  unreadOf(id) {
    const { sender } = this.said[id - 1];
    return [...this.seats].filter(([who, { joined, mark }]) => who !== sender && joined < id && mark < id).length;
  }
  unreadFor(who) { return this.seen(who).filter((id) => id > this.seats.get(who).mark && this.said[id - 1].sender !== who).length; }

  async rest(who, method, path, body) {
    const answer = await this.people[who].request(method, `/rooms/${this.roomId}${path}`, { data: body });
    assert.ok(answer.status < 300, `${this.about}: ${who} ${method} ${path}: ${answer.text}`);
    return answer.data.data;
  }

  async tell(who, event, payload) { return acked(await ask(this.people[who].phone, event, { roomId: this.roomId, ...payload })); }

  async bringIn(comers) {
    await this.rest(0, 'post', '/members', { userIds: comers.map((who) => this.people[who].id) });
    comers.forEach((who) => this.take(who));
    this.say(0, 'SYSTEM');
  }

  goes(who, by) {
    this.seats.delete(who);
    this.say(by, 'SYSTEM');
  }

  /** Something that somebody of the room might do. */
  async act() {
    const { chance, seats } = this;
    const who = chance.pick([...seats.keys()]);
    const said = (types, mine) => this.seen(who).filter((id) => types.includes(this.said[id - 1].type) && (!mine || this.said[id - 1].sender === who));
    const acts = {
      send: async () => {
        const replyTo = chance.between(0, 2) ? undefined : chance.pick(said(['TEXT']));
        const { id, unreadCount } = await this.tell(who, 'send', { content: `x${chance.between(0, 999)}`, replyTo });
        this.say(who, 'TEXT');
        assert.deepEqual([id, unreadCount], [this.said.length, this.unreadOf(id)], this.about);
      },
      read: async () => {
        if (!this.said.length) return;
        const seat = seats.get(who);
        const to = Math.max(1, this.said.length - chance.between(0, 4));
        const { readCount } = await this.tell(who, 'read', { messageId: to });
        const news = this.said.slice(seat.mark, Math.max(to, seat.mark)).filter(({ sender }) => sender !== who);
        assert.equal(readCount, news.length, `${this.about}: ${who} read up to ${to}`);
        seat.mark = Math.max(seat.mark, to);
      },
      enter: async () => {
        const { reads } = await this.tell(who, 'enter', {});
        seats.get(who).mark = this.said.length;
        const expected = [...seats].map(([member, { mark }]) => [this.people[member].id, mark]);
        assert.deepEqual(reads.map(({ userId, lastReadId }) => [userId, lastReadId]).sort(), expected.sort(), this.about);
        await this.tell(who, 'exit', {});
      },
      leave: async () => {
        if (who === 0) return;
        await this.rest(who, 'delete', '/members/me');
        this.goes(who, who);
      },
      remove: async () => {
        if (who === 0) return;
        await this.rest(0, 'delete', `/members/${this.people[who].id}`);
        this.goes(who, 0);
      },
      comeBack: async () => {
        const away = Array.from({ length: this.size }, (_, at) => at).filter((one) => !seats.has(one));
        if (away.length) await this.bringIn(away.slice(0, chance.between(1, away.length)));
      },
      bury: async () => {
        const id = chance.pick(said(['TEXT', 'DELETED'], true));
        if (!id) return;
        await this.tell(who, 'delete', { messageId: id, for: 'all' });
        Object.assign(this.said[id - 1], { type: 'DELETED', reactions: new Set() });
      },
      hide: async () => {
        const id = chance.pick(this.seen(who));
        if (!id) return;
        await this.tell(who, 'delete', { messageId: id, for: 'me' });
        this.said[id - 1].hiddenBy.add(who);
      },
      edit: async () => {
        const id = chance.pick(said(['TEXT'], true));
        if (id) await this.tell(who, 'edit', { messageId: id, content: `edited ${chance.between(0, 999)}` });
      },
      react: async () => {
        const id = chance.pick(said(['TEXT']));
        if (!id) return;
        const { reactions } = this.said[id - 1];
        const on = !reactions.has(who);
        await this.tell(who, 'react', { messageId: id, emoji: '👍', on });
        if (on) reactions.add(who);
        else reactions.delete(who);
      },
      catchUp: () => this.catchUp(who),
      cutOrComeBack: async () => {
        if (this.device.isListening) this.device.drop();
        else await this.device.listen();
      },
      openOrCloseApp: async () => {
        const app = this.apps[who];
        if (app) app.disconnect();
        else seats.get(who).mark = this.said.length;
        this.apps[who] = app ? null : await this.people[who].chats();
      },
      sendByApp: async () => {
        if (!this.apps[who]) return;
        const { id, isRead } = acked(await ask(this.apps[who], 'send_message', { type: 'TEXT', content: `x${chance.between(0, 999)}` }));
        this.say(who, 'TEXT');
        assert.deepEqual([id, isRead], [this.said.length, false], this.about);
      },
      readByApp: async () => {
        if (!this.apps[who]) return;
        acked(await ask(this.apps[who], 'read_all_messages', {}));
        seats.get(who).mark = this.said.length;
      },
    };
    const anywhere = { send: 8, read: 4, enter: 1, bury: 1, hide: 2, edit: 1, react: 2, catchUp: 2, cutOrComeBack: 2 };
    const odds = { ...anywhere, ...(this.apps ? { openOrCloseApp: 2, sendByApp: 8, readByApp: 3 } : { leave: 1, remove: 1, comeBack: 2 }) };
    await acts[chance.pick(Object.entries(odds).flatMap(([act, times]) => Array(times).fill(act)))]();
  }

  /** What the model says somebody sees of these messages. */
  expected(who, ids) {
    return ids.map((id) => ({ id, type: this.said[id - 1].type, unreadCount: this.unreadOf(id), reactions: [...this.said[id - 1].reactions].map((one) => this.people[one].id).sort() }));
  }

  static shown(messages) {
    return messages.map(({ id, type, unreadCount, reactions }) => ({ id, type, unreadCount, reactions: [...(reactions?.[0]?.userIds ?? [])].sort() }));
  }

  /** A second device asks what it missed, page by page, and must then know all there is to know. */
  async catchUp(who) {
    const { device } = this.seats.get(who);
    await device.catchUp();
    assert.equal(device.reloads, 0, this.about);
    assert.deepEqual(World.shown(device.shown()), this.expected(who, this.seen(who)), `${this.about}: what ${who}'s second device knows`);
  }

  async check() {
    for (const [who] of this.seats) {
      const ids = this.seen(who).reverse();
      assert.deepEqual(World.shown(await pages(this.people[who], this.roomId)), this.expected(who, ids), `${this.about}: what ${who} sees`);
      const room = data(await this.people[who].get('/rooms')).find(({ roomId }) => roomId === this.roomId);
      assert.deepEqual([room.unreadCount, room.lastMessage?.id, room.members.length], [this.unreadFor(who), ids[0], this.seats.size], `${this.about}: ${who}'s list`);
      await this.catchUp(who);
      if (this.apps) await this.checkApp(who);
    }
    if (this.device.isListening) await this.checkListener();
  }

  /** The listening device has been told all there is to know, or has found out by itself that it has not. */
  async checkListener() {
    const expected = this.seats.has(LISTENER) ? this.expected(LISTENER, this.seen(LISTENER)) : [];
    const isTold = () => isDeepStrictEqual(World.shown(this.device.shown()), expected);
    await until(isTold, 5_000, 'told').catch(() => {});
    assert.deepEqual(World.shown(this.device.shown()), expected, `${this.about}: what the listening device knows`);
  }

  /** The history as the mobile app has it: no lines of the room's own, and whether the partner's mark has passed. */
  async checkApp(who) {
    const shown = [];
    for (let cursor = '', page; cursor !== undefined; cursor = page.at(-1)?.id) {
      ({ messages: page } = data(await this.people[who].get(`/messages?limit=50&cursor=${cursor}`)));
      shown.push(...page.map(({ id, isRead, content }) => ({ id, isRead, isDeleted: content === TOMBSTONE })));
    }
    const expected = this.seen(who).reverse().map((id) => {
      const { sender, type } = this.said[id - 1];
      return { id, isRead: this.seats.get(1 - sender).mark >= id, isDeleted: type === 'DELETED' };
    });
    assert.deepEqual(shown, expected, `${this.about}: what ${who}'s app shows`);
  }
}

async function live(world) {
  await world.device.listen();
  for (let act = 1; act <= ACTS; act += 1) {
    await world.act();
    if (act % CHECK_EVERY === 0) await world.check();
  }
  if (!world.device.isListening) await world.device.listen();
  await world.check();
  return world.said.length;
}

test('every count is what a naive model says, whatever a family does', { timeout: 120_000 }, async (t) => {
  const start = Number(process.env.BAMBITALK_TEST_SEED) || 1;
  const groups = Array.from({ length: WORLDS }, async (_, at) => live(await World.begin(start + at)));
  const pairs = couples.map(async (couple, at) => live(await World.ofCouple(start + WORLDS + at, couple)));
  const told = await Promise.all([...groups, ...pairs]);
  t.diagnostic(`${told.length * ACTS} acts in ${told.length} rooms, ${told.reduce((all, one) => all + one)} messages, seeds from ${start}`);
});
