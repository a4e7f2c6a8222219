'use strict';
// A server whose writer sleeps or dies at a named place (the executable is built with the feature `failpoints`).
const { Server } = require('./server');
const { History } = require('./oracle');
const { couples } = require('./senders');
const { pause } = require('./kit');

/**
 * A server with some couples (`pair` is the first), started again with a fail point set. A point that must meet a send
 * and nothing else lets some forty commits pass: the start and the phones that join make a few of their own.
 */
async function withFailPoint(t, point, count = 1) {
  const server = await Server.start();
  t.after(async () => { await server.kill(); await server.stop(); });
  const pairs = await couples(server, count);
  await server.kill('SIGTERM');
  server.env = { FAILPOINTS: point };
  await server.restart();
  return { server, pairs, pair: pairs[0], history: new History() };
}

/** Sends one by one until the writer sleeps or dies over one; resolves with that one. */
async function untilStuck(sender) {
  for (let count = 0; count < 100; count += 1) {
    const answered = sender.send();
    const op = sender.history.ops.at(-1);
    const isAnswered = await Promise.race([answered.then(() => true), pause(1_500).then(() => false)]);
    if (!isAnswered || op.outcome !== 'ok') return op;
  }
  throw new Error('the fail point never fired: is the executable built with the feature failpoints?');
}

/** Starts it again with a writer that behaves. */
function quiet(server) {
  server.env = {};
  return server.restart();
}

module.exports = { withFailPoint, untilStuck, quiet };
