'use strict';
// A device that knows a room by what it is told: pages of `changes?since`, and live events while they fit. Counts are its own:
// what a message came with, less what reads and leavings took since.
const assert = require('node:assert/strict');
const { ask } = require('./person');

class Device {
  constructor(person, roomId) {
    Object.assign(this, { person, roomId, visit: 0, reloads: 0 });
    this.forget();
  }

  /** It knows nothing, as one that was never here. */
  forget() {
    Object.assign(this, { known: new Map(), marks: new Map(), rev: 0 });
    this.visit += 1;
  }

  get isListening() { return this.socket?.connected ?? false; }

  /** Connects and goes in, if its person is of the room; catches up with what it missed. */
  async listen() {
    const socket = await this.person.rooms();
    socket.offAny();
    this.socket = socket;
    const on = (event, fold) => socket.on(event, (told) => {
      if ((told.roomId ?? told.message.roomId) === this.roomId) this.hear(told.rev ?? told.message.rev, () => fold(told));
    });
    on('chat', ({ message }) => this.keep(message));
    // What this person has hidden is edited, too.
    on('edit', ({ message }) => this.change(message.id, message));
    on('react', ({ messageId, reactions }) => this.change(messageId, { reactions }));
    on('delete', ({ messageIds: [id], for: whom }) => (whom === 'me' ? this.known.delete(id) : this.change(id, { type: 'DELETED', content: '', reactions: undefined })));
    on('info', ({ userId, fromId, lastReadId }) => {
      this.marks.set(userId, lastReadId);
      this.lessen(userId, fromId, lastReadId);
    });
    on('leave', ({ userId, fromId, message }) => {
      this.marks.delete(userId);
      this.lessen(userId, fromId, Infinity);
      this.keep(message);
    });
    on('invite', ({ users, message }) => {
      users.forEach(({ userId, lastReadId }) => this.marks.set(userId, lastReadId));
      this.keep(message);
    });
    socket.on('invite', ({ roomId, users }) => { if (roomId === this.roomId && users.some(({ userId }) => userId === this.person.id)) this.goIn(); });
    socket.on('room', ({ roomId, deleted }) => { if (roomId === this.roomId && deleted) this.goOut(); });
    await this.goIn();
  }

  drop() { this.socket.disconnect(); }

  async goIn() {
    const entered = await ask(this.socket, 'enter', { roomId: this.roomId, read: false }).catch((error) => { if (this.isListening) throw error; });
    // Cut off on the way in.
    if (!entered) return;
    this.isIn = entered.code === '0000';
    if (!this.isIn) this.forget();
    else if (entered.data.rev > this.rev) this.catchUp();
  }

  goOut() {
    this.isIn = false;
    this.forget();
  }

  /** Told in order and without a gap it is taken; told of a gap, all that was missed is asked for. */
  hear(rev, fold) {
    if (!this.isIn || rev <= this.rev) return;
    if (this.asking || rev > this.rev + 1) { this.catchUp(); return; }
    fold();
    this.rev = rev;
  }

  keep(message) { this.known.set(message.id, message); }
  change(id, now) { if (this.known.has(id)) this.keep({ ...this.known.get(id), ...now }); }

  /** What is in (from, to] and not theirs lost one unread. */
  lessen(userId, from, to) {
    for (const { id, senderId, unreadCount } of this.known.values()) if (from < id && id <= to && senderId !== userId) this.change(id, { unreadCount: unreadCount - 1 });
  }

  /** All that was missed; asked for again meanwhile, it goes round again. */
  catchUp() {
    this.isBehind = true;
    this.asking ??= (async () => {
      while (this.isBehind) {
        this.isBehind = false;
        await this.askChanges(this.visit);
      }
    })().finally(() => { this.asking = undefined; });
    return this.asking;
  }

  async askChanges(visit) {
    for (let more = true; more;) {
      const answer = await this.person.get(`/rooms/${this.roomId}/changes?since=${this.rev}&limit=9`);
      // Gone out, or gone in anew, meanwhile.
      if (visit !== this.visit || answer.status === 404) return;
      const page = answer.data.data;
      if (page.reload) {
        this.reloads += 1;
        this.forget();
        visit = this.visit;
        continue;
      }
      assert.ok(page.rev > this.rev || !page.more, `stuck at ${this.rev}`);
      page.messages.forEach((message) => this.keep(message));
      page.hidden.forEach((id) => this.known.delete(id));
      for (const { userId, lastReadId, left } of page.members) {
        if (left) this.marks.delete(userId);
        else this.marks.set(userId, lastReadId);
      }
      ({ rev: this.rev, more } = page);
    }
  }

  /** What it shows, oldest first. A count only falls: what it last was, or what the marks say. */
  shown() {
    const unread = ({ id, senderId }) => [...this.marks].filter(([userId, mark]) => userId !== senderId && mark < id).length;
    return [...this.known.values()].sort((a, b) => a.id - b.id).map((message) => ({ ...message, unreadCount: Math.min(message.unreadCount, unread(message)) }));
  }
}

module.exports = { Device };
