'use strict';
// A server whose wall clock the test can set while it runs (libfaketime); its monotonic clock goes on as ever.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server');
const { scratch } = require('./kit');

/** Where the distribution keeps the library: the wrapper knows. */
function library() {
  const found = execFileSync('faketime', ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
  if (!found) throw new Error('faketime names no library');
  return found;
}

/** Starts it; `set('+2h')` moves its clock against the real one: seconds, or with m, h, d, y. */
async function clockServer(t, options = {}) {
  const home = scratch();
  const file = path.join(home, 'clock');
  const set = (offset) => {
    // Replaced whole: the library must never read half of it.
    fs.writeFileSync(`${file}.new`, `${offset}\n`);
    fs.renameSync(`${file}.new`, file);
  };
  set('+0');
  const server = await Server.start({ ...options, env: {
    LD_PRELOAD: library(), FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1', ...options.env,
  } });
  t.after(async () => { await server.stop(); fs.rmSync(home, { recursive: true, force: true }); });
  return { server, set };
}

/** How far the server's clock is ahead of ours, in whole seconds. */
async function ahead(server) {
  const { data } = await (await fetch(`${server.api}/server`)).json();
  return Math.round((Date.parse(data.time) - Date.now()) / 1000);
}

module.exports = { clockServer, ahead };
