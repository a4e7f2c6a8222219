'use strict';
// Requests made up from the API's description (Schemathesis): none finds a server error, or an answer that is not described.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Server, ROOT } = require('./server.js');
const { Person } = require('./person.js');
const { data } = require('./envelope.js');

const HERE = path.join(__dirname, 'schemathesis');
/** Kept between runs: installing takes longer than the tests. */
const TOOLS = path.join(ROOT, 'target/schemathesis');
const PASSER_BY = { loginId: 'passer.by', password: 'nobody guesses this 7' };
const RUN_MS = 300_000;

let server, anna, ben;

/** The program of exactly these versions. */
function installed() {
  const wanted = fs.readFileSync(path.join(HERE, 'requirements.txt'), 'utf8');
  const note = path.join(TOOLS, 'installed.txt');
  if (!fs.existsSync(note) || fs.readFileSync(note, 'utf8') !== wanted) {
    fs.rmSync(TOOLS, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', TOOLS], { stdio: 'pipe' });
    execFileSync(path.join(TOOLS, 'bin/pip'), ['install', '--quiet', '--no-deps', '-r', path.join(HERE, 'requirements.txt')], { stdio: 'pipe' });
    fs.writeFileSync(note, wanted);
  }
  return path.join(TOOLS, 'bin/schemathesis');
}

/** Runs to the end: { code, output }. */
function runs(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const late = setTimeout(() => child.kill('SIGKILL'), RUN_MS);
  let output = '';
  child.stdout.on('data', (chunk) => { output += chunk; });
  child.stderr.on('data', (chunk) => { output += chunk; });
  return new Promise((resolve) => child.once('close', (code) => { clearTimeout(late); resolve({ code, output }); }));
}

before(async () => {
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  data(await anna.post('/auth/password/signup', { ...PASSER_BY, nickname: '나그네', role: 'DAD' }, { token: null }), 201);
});
after(() => server.stop());

test('no made-up request finds a server error or an answer that is not described', async () => {
  const env = {
    ...process.env, PYTHONDONTWRITEBYTECODE: '1', SCHEMATHESIS_HOOKS: path.join(HERE, 'hooks.py'), BAMBITALK_API: server.api, BAMBITALK_TOKEN: anna.accessToken,
    BAMBITALK_LOGIN_ID: PASSER_BY.loginId, BAMBITALK_PASSWORD: PASSER_BY.password,
  };
  const { code, output } = await runs(installed(), ['--config-file', path.join(HERE, 'schemathesis.toml'), 'run', `${server.api}/openapi.json`, '--no-color'], { cwd: TOOLS, env });
  assert.equal(code, 0, output);
  const [, count] = /(\d+) generated/.exec(output) || [];
  assert.ok(Number(count) > 500, output);
  assert.doesNotMatch(server.output, / ERROR /);
});

test('the couple it was seeded with is still signed in', async () => {
  for (const person of [anna, ben]) assert.equal(data(await person.get('/users/me')).userId, person.id);
});
