'use strict';
// A relay on loopback between a phone and the server that can do what bad networks do.
const net = require('node:net');
const { pause } = require('./kit');

class Proxy {
  /** Relays to `target` (`host:port`). */
  static async open(target) {
    const proxy = new Proxy();
    const [host, port] = target.split(':');
    Object.assign(proxy, { host, port: Number(port), pairs: new Set(), ghosts: [], delay: 0, silent: false, deaf: false });
    proxy.listener = net.createServer((phone) => proxy.relay(phone));
    await new Promise((resolve) => proxy.listener.listen(0, '127.0.0.1', resolve));
    proxy.url = `http://127.0.0.1:${proxy.listener.address().port}`;
    return proxy;
  }

  relay(phone) {
    const server = net.connect(this.port, this.host);
    const pair = { phone, server };
    this.pairs.add(pair);
    const end = () => { phone.destroy(); server.destroy(); this.pairs.delete(pair); };
    for (const side of [phone, server]) side.setNoDelay(true).on('error', end).on('close', end);
    this.pass(phone, server, () => this.silent);
    this.pass(server, phone, () => this.silent || this.deaf);
  }

  // One chain per direction, so that a changing delay never reorders bytes.
  pass(from, to, lost) {
    let last = Promise.resolve();
    from.on('data', (chunk) => {
      if (lost()) return;
      last = last.then(() => this.delay && pause(this.delay)).then(() => { if (!to.destroyed) to.write(chunk); });
    });
  }

  /** Both ends see the connection end. */
  cut() { for (const { phone, server } of this.pairs) { phone.destroy(); server.destroy(); } }
  /** Both ends see it reset. */
  reset() { for (const { phone, server } of this.pairs) { phone.resetAndDestroy(); server.resetAndDestroy(); } }
  /** Swallows everything (`one-way`: only what the server sends) without a word to either side. */
  blackhole(oneWay = false) { this[oneWay ? 'deaf' : 'silent'] = true; }
  /** Only the phone learns that it is over; the server still believes in it. */
  abandon() {
    for (const { phone, server } of this.pairs) {
      phone.removeAllListeners('close');
      phone.destroy();
      this.ghosts.push(server);
    }
    this.pairs.clear();
  }

  heal() { this.delay = 0; this.silent = false; this.deaf = false; }

  async close() {
    this.cut();
    this.ghosts.forEach((server) => server.destroy());
    await new Promise((resolve) => this.listener.close(resolve));
  }
}

module.exports = { Proxy };
