'use strict';
// Phones that send as fast as they are answered and write down what became of each message.
const { randomUUID } = require('node:crypto');
const { Person, ask } = require('./person');

let nextSocket = 0;

class Sender {
  /**
   * A phone in the couple's room, or with `isIn: false` just connected; it sends at most `most` messages and keeps
   * `window` of them in flight.
   */
  static async join(person, roomId, history, { window = 4, most = 2_000, size = 0, spaced = 0, isIn = true } = {}) {
    const sender = new Sender();
    Object.assign(sender, { person, roomId, history, window, most, spaced, padding: '·'.repeat(size), sent: 0, inFlight: 0, name: ++nextSocket });
    sender.socket = await person.rooms();
    // Thousands of messages need no record beside the history.
    sender.socket.offAny();
    sender.socket.on('chat', ({ message }) => history.observe(message));
    sender.socket.once('disconnect', () => sender.stop());
    if (!isIn) return sender;
    const answer = await ask(sender.socket, 'enter', { roomId });
    if (answer.code !== '0000') throw new Error(`enter: ${JSON.stringify(answer)}`);
    return sender;
  }

  start() {
    this.isRunning = true;
    this.pump();
  }

  stop() { this.isRunning = false; }

  pump() {
    while (this.isRunning && this.inFlight < this.window && this.sent < this.most) this.send();
  }

  /** Sends one now; resolves with its record once it is answered, whatever the answer. */
  send() {
    this.sent += 1;
    this.inFlight += 1;
    const op = this.history.begin({
      socket: this.name, senderId: this.person.id, roomId: this.roomId,
      clientId: randomUUID(), content: `${this.name}-${this.sent}${this.padding}`,
    });
    return new Promise((resolve) => {
      this.socket.emit('send', { roomId: this.roomId, clientId: op.clientId, type: 'TEXT', content: op.content }, (answer) => {
        this.inFlight -= 1;
        this.history.settle(op, answer);
        resolve(op);
        if (!this.isRunning) return;
        if (this.spaced) setTimeout(() => this.pump(), this.spaced);
        else this.pump();
      });
    });
  }

  /** No more sends; resolves when all in flight are answered. */
  async drain(ms = 20_000) {
    this.stop();
    const end = Date.now() + ms;
    while (this.inFlight > 0) {
      if (Date.now() > end) throw new Error(`${this.inFlight} sends are still unanswered`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  leave() {
    this.stop();
    this.socket.disconnect();
  }
}

/** `count` couples, each { people: [anna, ben], roomId }. */
async function couples(server, count) {
  const made = [];
  for (let one = 0; one < count; one += 1) {
    const people = await Person.couple(server);
    made.push({ people, roomId: (await people[0].roomOfKind('COUPLE')).roomId });
  }
  return made;
}

/** One phone for each person of each couple, `times` over. */
function crowd(couplesOf, history, options = {}, times = 1) {
  const joins = couplesOf.flatMap(({ people, roomId }) => people.flatMap((person) => (
    Array.from({ length: times }, () => Sender.join(person, roomId, history, options)))));
  return Promise.all(joins);
}

/** Sends what is uncertain again with its own clientId over REST, as a phone does; answers what the server said. */
async function retry(person, op) {
  const answer = await person.post(`/rooms/${op.roomId}/messages`, { clientId: op.clientId, type: 'TEXT', content: op.content });
  if (answer.status !== 201 && answer.status !== 200) throw new Error(`retry: ${answer.status} ${JSON.stringify(answer.data)}`);
  return answer.data.data;
}

module.exports = { Sender, couples, crowd, retry };
