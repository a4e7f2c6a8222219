'use strict';
// The executable started to be refused, or for one command: what it printed and how it ended.
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const assert = require('node:assert/strict');
const { BIN } = require('./server');
const { scratch } = require('./kit');

const ATTEMPT_MS = 20_000;

/** Runs it to its end: { code, stdout, stderr }. One that does not end in 20 s is ended and has no code. */
function attempt(args, { env = {}, input } = {}) {
  const { status, stdout, stderr } = spawnSync(BIN, args, {
    encoding: 'utf8', timeout: ATTEMPT_MS, killSignal: 'SIGKILL', input: input ?? '', env: { ...process.env, ...env },
  });
  return { code: status, stdout, stderr };
}

/** `serve` on a free loopback port and this folder, to be refused. */
const attemptServe = (dataDir, ...flags) => attempt(['serve', '--data-dir', dataDir, '--listen', '127.0.0.1:0', ...flags]);

/** It ended with this code and said why in one line, which `says` this. */
function assertRefused({ code, stdout, stderr }, expected, says) {
  assert.equal(code, expected, `exit code ${code}\n${stdout}${stderr}`);
  const lines = stderr.trim().split('\n');
  assert.equal(lines.length, 1, `one line, not:\n${stderr}`);
  assert.doesNotMatch(stderr, /panicked|backtrace|os error 2\)?$/i);
  assert.match(stderr, says);
}

/** Folders of a test's own that go when it ends. */
function folders(t) {
  const home = scratch();
  t.after(() => fs.rmSync(home, { recursive: true, force: true }));
  return (name) => path.join(home, name);
}

module.exports = { attempt, attemptServe, assertRefused, folders };
