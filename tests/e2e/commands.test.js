'use strict';
// The command line changes people the same way whether a server runs on the folder or not.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const { Server } = require('./server');
const { Person } = require('./person');
const { attempt, folders } = require('./attempt');
const { until } = require('./kit');

const PASSWORD = 'a long enough one';

/** Runs `act(cli, start)` on a folder whose server runs, and on one whose server does not; `start()` gives a server to look with. */
function onBoth(name, act) {
  test(`${name}, with a server running`, { timeout: 60_000 }, async (t) => {
    const server = await Server.start({ strict: true });
    t.after(() => server.stop());
    await act((args, input) => attempt([...args, '--data-dir', server.dataDir], { input }), async () => server);
  });
  test(`${name}, without one`, { timeout: 60_000 }, async (t) => {
    const dataDir = folders(t)('data');
    let server;
    t.after(() => server?.stop());
    const cli = (args, input) => {
      assert.ok(!server, 'no command after the server was started');
      return attempt([...args, '--data-dir', dataDir], { input });
    };
    await act(cli, async () => { server ??= await Server.start({ strict: true, dataDir }); return server; });
  });
}

const succeeds = ({ code, stdout, stderr }) => { assert.equal(code, 0, stderr); return stdout.trim(); };
const fails = ({ code, stderr }, says) => {
  assert.equal(code, 1, stderr);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.match(stderr, says);
};
const login = (server, loginId, password) => new Person(server).post('/auth/password/login', { loginId, password });

onBoth('a person added with a made-up password can sign in with it', async (cli, start) => {
  const password = succeeds(cli(['user', 'add', '--login-id', 'Anna', '--nickname', '안나', '--role', 'mom']));
  assert.ok(password.length >= 12, password);
  fails(cli(['user', 'add', '--login-id', 'anna', '--nickname', '안나']), /login id/i);
  const answer = await login(await start(), 'anna', password);
  assert.equal(answer.status, 201, JSON.stringify(answer.data));
  assert.equal(answer.data.data.user.nickname, '안나');
});

onBoth('a person added with a typed password can sign in with it', async (cli, start) => {
  assert.equal(succeeds(cli(['user', 'add', '--login-id', 'ben', '--nickname', '벤벤', '--role', 'dad', '--ask-password'], `${PASSWORD}\n`)), '');
  assert.equal((await login(await start(), 'ben', PASSWORD)).status, 201);
});

onBoth('a weak password, a bad nickname and a bad login id are refused', async (cli) => {
  fails(cli(['user', 'add', '--login-id', 'ben', '--nickname', '벤벤', '--ask-password'], 'short\n'), /password/i);
  fails(cli(['user', 'add', '--login-id', 'ben', '--nickname', 'x']), /nickname/i);
  fails(cli(['user', 'add', '--login-id', 'b!', '--nickname', '벤벤']), /login id/i);
  assert.equal(succeeds(cli(['user', 'list'])), '');
});

onBoth('the list names everybody, and a removed person is gone from it and cannot sign in', async (cli, start) => {
  const password = succeeds(cli(['user', 'add', '--login-id', 'anna', '--nickname', '안나']));
  succeeds(cli(['user', 'add', '--login-id', 'ben', '--nickname', '벤벤', '--role', 'dad']));
  assert.match(succeeds(cli(['user', 'list'])), /anna .*MOM.*안나[^]*ben .*DAD.*벤벤/);
  fails(cli(['user', 'remove', 'anna']), /--yes/);
  succeeds(cli(['user', 'remove', 'anna', '--yes']));
  fails(cli(['user', 'remove', 'anna', '--yes']), /./);
  assert.doesNotMatch(succeeds(cli(['user', 'list'])), /anna/);
  assert.equal((await login(await start(), 'anna', password)).status, 401);
});

onBoth('somebody else may be made admin', async (cli) => {
  succeeds(cli(['user', 'add', '--login-id', 'anna', '--nickname', '안나']));
  succeeds(cli(['user', 'make-admin', 'anna']));
  assert.match(succeeds(cli(['user', 'list'])), /anna .*admin$/);
  fails(cli(['user', 'remove', 'anna', '--yes']), /only admin/i);
  fails(cli(['user', 'make-admin', 'nobody']), /./);
});

onBoth('a reset password works and the old one does not', async (cli, start) => {
  const old = succeeds(cli(['user', 'add', '--login-id', 'anna', '--nickname', '안나']));
  const fresh = succeeds(cli(['user', 'reset-password', 'anna']));
  assert.notEqual(fresh, old);
  fails(cli(['user', 'reset-password', 'nobody']), /./);
  const server = await start();
  assert.equal((await login(server, 'anna', old)).status, 401);
  assert.equal((await login(server, 'anna', fresh)).status, 201);
});

onBoth('setup prints the code of the folder', async (cli, start) => {
  const code = succeeds(cli(['setup']));
  const server = await start();
  assert.equal(server.setupCode(), code);
});

onBoth('setup with flags makes the admin, once', async (cli, start) => {
  const password = succeeds(cli(['setup', '--login-id', 'anna', '--nickname', '안나', '--time-zone', 'Asia/Seoul']));
  fails(cli(['setup', '--login-id', 'ben', '--nickname', '벤벤']), /./);
  fails(cli(['setup']), /./);
  const server = await start();
  assert.ok(!fs.existsSync(`${server.dataDir}/setup-code`), 'the code died');
  assert.equal((await new Person(server).get('/server')).data.data.needsSetup, false);
  assert.equal((await login(server, 'anna', password)).status, 201);
});

test('an invitation lets one person in, where the server takes invitations', { timeout: 60_000 }, async (t) => {
  const server = await Server.start({ strict: true, flags: ['--registration', 'invite'] });
  t.after(() => server.stop());
  const invitation = succeeds(server.cli('invite'));
  const signUp = (loginId, ticket) => new Person(server).post('/auth/password/signup', { loginId, password: PASSWORD, nickname: '안나', role: 'MOM', invitation: ticket });
  assert.equal((await signUp('anna', 'bti_wrong')).status, 403);
  assert.equal((await signUp('anna', invitation)).status, 201);
  assert.equal((await signUp('ben', invitation)).status, 403);
  await server.kill('SIGTERM');
  const offline = succeeds(server.cli('invite'));
  await server.restart();
  assert.equal((await signUp('ben', offline)).status, 201);
});

test('a reset and a removal end the sessions and sockets that are open', { timeout: 60_000 }, async (t) => {
  const server = await Server.start({ strict: true });
  t.after(() => server.stop());
  for (const [loginId, command] of [['anna', ['reset-password', 'anna']], ['ben', ['remove', 'ben', '--yes']]]) {
    const password = succeeds(server.cli('user', 'add', '--login-id', loginId, '--nickname', '안나'));
    const { accessToken, user } = (await login(server, loginId, password)).data.data;
    const person = new Person(server, { accessToken, id: user.userId });
    const sockets = [await person.rooms(), await person.chats()];
    succeeds(server.cli('user', ...command));
    await until(() => sockets.every((socket) => !socket.connected), 1_000, 'the sockets ending');
    assert.equal((await person.get('/users/me')).status, 401);
  }
});

test('help and version are for people and end with 0', () => {
  assert.match(succeeds(attempt(['--version'])), /^bambitalk \d+\.\d+\.\d+/);
  assert.match(succeeds(attempt(['--help'])), /serve[^]*setup[^]*user[^]*invite[^]*healthcheck[^]*config/);
  assert.match(succeeds(attempt(['user', '--help'])), /add[^]*list[^]*reset-password[^]*remove/);
});
