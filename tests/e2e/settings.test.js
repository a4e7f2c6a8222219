'use strict';
// Flags before environment before file before defaults; a setting that is wrong is named in one line, and nothing starts.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Server } = require('./server');
const { attempt, assertRefused, folders } = require('./attempt');

/** The effective settings as `config` prints them: { name: text of the value }. */
function effective(args, env = {}) {
  const { code, stdout, stderr } = attempt(['config', ...args], { env });
  assert.equal(code, 0, stderr);
  return Object.fromEntries(stdout.split('\n').filter((line) => line.includes(' = ')).map((line) => {
    const [name, ...value] = line.split(' = ');
    return [name, value.join(' = ').replace(/^["']|["']$/g, '')];
  }));
}

/** A home without settings of its own, so that the machine's cannot mix in. */
function home(t) {
  const at = folders(t);
  fs.mkdirSync(at('.'), { recursive: true });
  return { at, env: { HOME: at('.'), XDG_CONFIG_HOME: at('config'), XDG_DATA_HOME: at('share') } };
}

test('a flag wins over the environment, the environment over the file, the file over the default', (t) => {
  const { at, env } = home(t);
  fs.writeFileSync(at('bambitalk.toml'), "listen = '127.0.0.1:3'\nregistration = 'invite'\n");
  const file = ['--config', at('bambitalk.toml')];
  const fromEnv = { ...env, BAMBITALK_LISTEN: '127.0.0.1:2' };
  assert.equal(effective([...file, '--listen', '127.0.0.1:1'], fromEnv).listen, '127.0.0.1:1');
  assert.equal(effective(file, fromEnv).listen, '127.0.0.1:2');
  assert.equal(effective(file, env).listen, '127.0.0.1:3');
  assert.equal(effective([], env).listen, '0.0.0.0:8080');
  assert.deepEqual([effective(file, fromEnv).registration, effective([], env).registration], ['invite', 'closed']);
});

test('a flag may stand before or after the command', (t) => {
  const { at, env } = home(t);
  fs.writeFileSync(at('bambitalk.toml'), "registration = 'open'\n");
  for (const args of [
    ['--listen', '127.0.0.1:1', '--config', at('bambitalk.toml'), 'config'],
    ['config', '--listen', '127.0.0.1:1', '--config', at('bambitalk.toml')],
    ['--listen', '127.0.0.1:1', 'config', '--config', at('bambitalk.toml')],
  ]) {
    const { code, stdout, stderr } = attempt(args, { env });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /listen = "127\.0\.0\.1:1"[^]*registration = "open"/, args.join(' '));
  }
});

test('the data folder does not hang on the working directory', (t) => {
  const { at, env } = home(t);
  assert.ok(effective([], env)['data-dir'].startsWith(at('share')), effective([], env)['data-dir']);
});

test('without a command it serves', { timeout: 60_000 }, async (t) => {
  const { at, env } = home(t);
  const server = await Server.start({ dataDir: at('data'), env, prefix: ['sh', '-c', 'shift; exec "$0" "$@"'] }).catch((error) => error);
  t.after(() => server.stop?.());
  assert.ok(server instanceof Server, String(server));
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
});

const WRONG = {
  'an unknown flag': [['serve', '--nonsense'], /--nonsense/],
  'an unknown command': [['dance'], /dance/],
  'a listen address that is none': [['serve', '--listen', 'nonsense'], /listen/],
  'a port that is none': [['serve', '--listen', '127.0.0.1:99999'], /listen/],
  'lifted limits where others can reach the server': [['serve', '--no-rate-limits', '--listen', '0.0.0.0:0'], /--no-rate-limits/],
  'a registration that is none': [['serve', '--registration', 'maybe'], /registration/],
  'a trusted proxy that is none': [['serve', '--trusted-proxies', '10.0.0.0/99'], /trusted-proxies|10\.0\.0\.0\/99/],
  'a public URL with a path': [['serve', '--public-url', 'https://home.example/app'], /--public-url/],
  'a Kakao app id that is none': [['serve', '--kakao-app-id', 'abc'], /kakao-app-id/],
  'a flag without its value': [['serve', '--listen'], /listen/],
  'log levels that are none': [['serve', '--log', 'shouting=loud=x'], /log/],
};

for (const [name, [args, says]] of Object.entries(WRONG)) {
  test(`${name}: one line, exit 2`, (t) => {
    const { at, env } = home(t);
    assertRefused(attempt([...args, '--data-dir', at('data')], { env }), 2, says);
    assert.ok(!fs.existsSync(at('data')), 'nothing was made');
  });
}

test('a wrong setting in the environment is named in one line, exit 2', (t) => {
  const { at, env } = home(t);
  const serve = ['serve', '--data-dir', at('data')];
  assertRefused(attempt(serve, { env: { ...env, BAMBITALK_LISTEN: 'nonsense' } }), 2, /listen/i);
  assertRefused(attempt(serve, { env: { ...env, BAMBITALK_REGISTRATION: 'maybe' } }), 2, /registration/i);
});

test('a wrong settings file is named with its line, exit 2', (t) => {
  const { at, env } = home(t);
  const file = at('bambitalk.toml');
  const serve = ['serve', '--data-dir', at('data'), '--config', file];
  assertRefused(attempt(serve, { env }), 2, /bambitalk\.toml/);
  for (const text of ["listen = 'nonsense'\n", "# ours\ncolour = 'red'\n", 'listen = \n', "registration = 'maybe'\n"]) {
    fs.writeFileSync(file, text);
    assertRefused(attempt(serve, { env }), 2, /bambitalk\.toml/);
  }
  fs.writeFileSync(file, "no-rate-limits = true\nlisten = '0.0.0.0:0'\n");
  assertRefused(attempt(serve, { env }), 2, /no-rate-limits/);
});

test('config shows no secret of the folder', { timeout: 60_000 }, async (t) => {
  const server = await Server.start({ strict: true });
  t.after(() => server.stop());
  const { code, stdout, stderr } = server.cli('config');
  assert.equal(code, 0, stderr);
  assert.ok(stdout.includes(server.dataDir));
  assert.ok(!(stdout + stderr).includes(server.setupCode()));
});
