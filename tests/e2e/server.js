'use strict';
// Starts the real executable on a fresh data folder and a free loopback port, with a Kakao stand-in beside it.
const { spawn, execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '../..');
const BIN = process.env.BAMBITALK_BIN || path.join(ROOT, 'target/debug/bambitalk');
const START_MS = 20_000;
const STOP_MS = 20_000;

/** Kakao's two calls: a token `k-<n>` belongs to the Kakao id n and was made for app 4242. */
function kakaoStandIn() {
  const server = http.createServer((request, response) => {
    const token = (request.headers.authorization || '').replace(/^Bearer /, '');
    const json = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    if (token === 'slow') return setTimeout(() => json(200, { id: 1 }), 6_000);
    if (token === 'noid') return json(200, {});
    if (token === 'text-id') return json(200, { id: 'abc' });
    if (token === 'not-json') return json(200, '<html>');
    const match = /^k-(\d+)$/.exec(token) || /^other-app-(\d+)$/.exec(token);
    if (!match) return json(401, { msg: 'this access token does not exist', code: -401 });
    const appId = token.startsWith('other-app-') ? 9999 : 4242;
    if (request.url.startsWith('/v1/user/access_token_info')) return json(200, { id: Number(match[1]), expires_in: 7000, app_id: appId });
    return json(200, { id: Number(match[1]), connected_at: '2025-07-01T00:00:00Z' });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  })));
}

function freshFolder() {
  return path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'bambitalk-')), 'data');
}

/**
 * A running executable. `flags` are added to the defaults; `--registration open --no-rate-limits` unless `strict`.
 * `kakaoFlags: []` leaves Kakao off.
 * `restart()` starts it again on the same folder and port.
 */
class Server {
  static async start({ flags = [], kakaoFlags = ['--kakao-app-id', '4242'], env = {}, strict = false, dataDir = freshFolder(), listen = '127.0.0.1:0', bin = BIN, prefix = [] } = {}) {
    const kakao = await kakaoStandIn();
    const server = new Server();
    Object.assign(server, { kakao, dataDir, env, bin, prefix, listen, flags: [
      ...kakaoFlags, '--kakao-api-url', kakao.url,
      ...(strict ? [] : ['--registration', 'open', '--no-rate-limits']),
      ...flags,
    ] });
    try { return await server.run(); } catch (error) { await kakao.close(); throw error; }
  }

  async run() {
    const [command, ...rest] = [...this.prefix, this.bin, 'serve', '--data-dir', this.dataDir, '--listen', this.listen, ...this.flags];
    this.output = '';
    this.process = spawn(command, rest, { env: { ...process.env, ...this.env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.exited = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    this.url = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no URL within ${START_MS} ms:\n${this.output}`)), START_MS);
      const read = (chunk) => {
        this.output += chunk;
        const match = /http:\/\/127\.0\.0\.1:\d+/.exec(this.output);
        if (match) { clearTimeout(timer); resolve(match[0]); }
      };
      this.process.stdout.on('data', read);
      this.process.stderr.on('data', read);
      this.exited.then(({ code }) => { clearTimeout(timer); reject(new Error(`exited with ${code}:\n${this.output}`)); });
    });
    this.listen = this.url.slice('http://'.length);
    return this;
  }

  get pid() { return this.process.pid; }
  get api() { return `${this.url}/api/v1`; }
  get database() { return path.join(this.dataDir, 'bambitalk.db'); }

  /** Runs a command of the same executable on the same folder: { code, stdout, stderr }. */
  cli(...args) {
    try {
      const stdout = execFileSync(this.bin, [...args, '--data-dir', this.dataDir], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      return { code: 0, stdout, stderr: '' };
    } catch (error) {
      return { code: error.status, stdout: error.stdout, stderr: error.stderr };
    }
  }

  setupCode() { return fs.readFileSync(path.join(this.dataDir, 'setup-code'), 'utf8').trim(); }

  async kill(signal = 'SIGKILL') { this.process.kill(signal); return this.exited; }
  async restart() { return this.run(); }
  /** Ends it as a service manager would, by force where it does not go; resolves with { code, signal }. */
  async stop() {
    const late = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    const end = this.process.exitCode === null && this.process.signalCode === null ? await this.kill('SIGTERM') : await this.exited;
    clearTimeout(late);
    await this.kakao.close();
    fs.rmSync(path.dirname(this.dataDir), { recursive: true, force: true });
    return end;
  }
}

module.exports = { Server, kakaoStandIn, freshFolder, ROOT, BIN };
