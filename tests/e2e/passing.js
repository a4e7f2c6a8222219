'use strict';
// A server on which weeks pass within seconds, and its jobs look at the clock as often as they would.
const { createHmac } = require('node:crypto');
const { clockServer } = require('./clock');
const { until } = require('./kit');
const { query, strays } = require('./uploads');

const DAY_H = 24;
const DAY_S = 86_400;
const HOUR_MS = 3_600_000;
const NOTHING_MS = 60_000;
/** What a link says of which object it opens. */
const VARIANT = { '': 'o', '/thumb': 't', '/poster': 'p' };

/** A server whose time passes in steps. The jobs look at the clock when it starts. */
class Passing {
  static async start(t, options) {
    const passing = new Passing();
    return Object.assign(passing, await clockServer(t, options), { hours: 0 });
  }

  now() { return Date.now() + this.hours * HOUR_MS; }

  /** Starts it again at this hour, and waits until its jobs have looked. */
  async at(hours) {
    await this.server.kill('SIGTERM');
    this.hours = hours;
    this.set(`+${hours}h`);
    await this.server.restart();
    const beat = () => query(this.server, "select value from setting where name = 'heartbeat'")[0][0];
    await until(() => Math.abs(beat() - this.now()) < NOTHING_MS, 10_000, 'the jobs having looked at the clock');
    await until(() => strays(this.server).length === 0, 10_000, 'removals being done');
  }

  /** Lets days pass as they would: never more than a day between two looks in the last day. */
  async toDay(day, hour = 0) {
    const hours = day * DAY_H + hour;
    if (hours - DAY_H > this.hours) await this.at(hours - DAY_H);
    if (hours - 12 > this.hours) await this.at(hours - 12);
    await this.at(hours);
  }

  /** A link of the server's own making that opens now, whatever becomes of the media. */
  link(id, end = '') {
    const [[key]] = query(this.server, "select hex(value) from setting where name = 'media-key'");
    const expires = (Math.floor(this.now() / 1000 / DAY_S) + 2) * DAY_S;
    const signed = Buffer.alloc(25, VARIANT[end]);
    Buffer.from(id, 'hex').copy(signed);
    signed.writeBigInt64BE(BigInt(expires), 16);
    const signature = createHmac('sha256', Buffer.from(key, 'hex')).update(signed).digest('base64url');
    return `/media/${id}${end}?e=${expires}&s=${signature}`;
  }

  /** How each of these answers by its link: { name: status or code }. */
  async opened(person, ids, end) {
    const answers = await Promise.all(Object.entries(ids).map(async ([name, id]) => {
      const answer = await person.open(this.link(id, end));
      return [name, answer.status === 200 ? 200 : `${answer.status} ${JSON.parse(answer.data).code}`];
    }));
    return Object.fromEntries(answers);
  }
}

/** In again: a session does not live as long as this test pretends to last. */
async function again(person) {
  const { data } = await person.post('/auth/login', { accessToken: `k-${person.kakaoId}` }, { token: null });
  Object.assign(person, { accessToken: data.data.accessToken, refreshToken: data.data.refreshToken });
}

module.exports = { Passing, again };
