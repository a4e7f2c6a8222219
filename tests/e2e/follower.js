'use strict';
// A phone that follows a room as the web app will: live events while they fit, `changes?since` whenever they do not.
const { Person, ask } = require('./person');
const { pages } = require('./oracle');
const { until } = require('./kit');

class Follower {
  /** Reaches the sockets through `proxy`, the API directly. */
  constructor(person, roomId, proxy, options = {}) {
    Object.assign(this, { roomId, options, rev: 0, list: [], faults: [], caughtUp: 0, reloads: 0 });
    const { accessToken, user, id } = person;
    this.phone = new Person({ url: proxy.url, api: person.server.api }, { accessToken, user, id });
  }

  /** One connection, from entering until it breaks or is closed. */
  async connect() {
    const socket = this.phone.socket('/rooms', this.options);
    this.socket = socket;
    socket.offAny();
    socket.on('chat', ({ message }) => this.live(socket, message));
    this.broken = new Promise((resolve) => { socket.once('disconnect', resolve); socket.once('connect_error', resolve); });
    const isOpen = await Promise.race([new Promise((resolve) => { socket.once('connect', () => resolve(true)); socket.connect(); }), this.broken.then(() => false)]);
    if (!isOpen) return false;
    const entered = await Promise.race([ask(socket, 'enter', { roomId: this.roomId, read: false }), this.broken.then(() => null)]);
    if (!entered) return false;
    if (entered.code !== '0000') throw new Error(`enter: ${JSON.stringify(entered)}`);
    if (entered.data.rev > this.rev) this.catchUp();
    return true;
  }

  live(socket, message) {
    // On one socket the messages come as 1, 2, 3 …, whatever else happens.
    if (socket.last && message.id !== socket.last + 1) this.faults.push(`heard ${message.id} after ${socket.last}`);
    socket.last = message.id;
    if (message.rev === this.rev + 1 && !this.asking) this.take([message], message.rev);
    else if (message.rev > this.rev) this.catchUp();
  }

  take(messages, rev) {
    for (const message of messages) this.list.push({ id: message.id, content: message.content });
    this.rev = rev;
  }

  /** Asks for what was missed, once at a time; asked for again meanwhile, it goes round again. */
  catchUp() {
    this.isBehind = true;
    this.asking ??= (async () => {
      while (this.isBehind) {
        this.isBehind = false;
        await this.askChanges();
      }
    })().finally(() => { this.asking = undefined; });
    return this.asking;
  }

  async askChanges() {
    for (let more = true; more;) {
      const answer = await this.phone.get(`/rooms/${this.roomId}/changes?since=${this.rev}&limit=50`);
      if (answer.status !== 200) throw new Error(`changes: ${answer.status} ${JSON.stringify(answer.data)}`);
      const { data } = answer.data;
      if (data.reload) await this.reload(data.rev);
      else {
        this.caughtUp += data.messages.length;
        this.take(data.messages, data.rev);
      }
      more = data.more;
    }
  }

  /** Too much was missed: everything anew, then on from the rev that said so. */
  async reload(rev) {
    const all = await pages(this.phone, this.roomId);
    this.reloads += 1;
    // What came after `rev` is asked for again.
    this.list = all.filter((message) => message.rev <= rev).reverse().map(({ id, content }) => ({ id, content }));
    this.rev = rev;
  }

  /** Resolves when it knows as much as the room's `rev`. */
  async settled(rev) {
    await this.catchUp();
    await until(() => this.rev >= rev && !this.asking, 10_000, `rev ${rev}, is at ${this.rev}`);
  }
}

module.exports = { Follower };
