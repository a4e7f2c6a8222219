'use strict';
// Media under load: node media.js upload | range | thumb. Prints one JSON line each. See README.md.
// Against a server that runs (BASE_URL, SERVER_PID for its memory, TOKEN or an account of its own), or one started here.
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { Person, uuid } = require('../e2e/person.js');
const { Server } = require('../e2e/server.js');

const number = (name, fallback) => Number(process.env[name] || fallback);
const MB = 1 << 20;
const SIZE = number('SIZE_MB', 100) * MB;
const REPEAT = number('REPEAT', 3);
const PAR = number('PAR', 1);
const CONNS = number('CONNS', 4);
const RANGE = number('RANGE_KB', 1024) * 1024;
const SECS = Math.min(number('SECS', 10), 300);
/** Of a server that is not told otherwise. */
const UPLOAD_MAX = 512 * MB;
const PIECE = 256 << 10;
const SETTLE_MS = 500;
const ANSWER_MAX_MS = 30_000;

const round = (value) => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** A process's memory and time from /proc; all null where none is named. */
class Watch {
  constructor(pid) { this.pid = pid; }
  field(name) {
    if (!this.pid) return null;
    return round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(fs.readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]) / 1024);
  }
  rss() { return this.field('VmRSS'); }
  peak() { return this.field('VmHWM'); }
  /** Begins a new peak; the system lets only the owner and root do that. */
  resetPeak() { if (this.pid) try { fs.writeFileSync(`/proc/${this.pid}/clear_refs`, '5'); } catch { this.isOldPeak = true; } }
  cpu() {
    if (!this.pid) return NaN;
    const fields = fs.readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }
}

/** A film's first bytes: its type, and a box that says that all the rest is frames. */
function filmHead(size) {
  const head = Buffer.alloc(40);
  head.writeUInt32BE(24, 0);
  head.write('ftypmp42\0\0\0\0mp42isom', 4, 'latin1');
  head.writeUInt32BE(1, 24);
  head.write('mdat', 28, 'latin1');
  head.writeBigUInt64BE(BigInt(size - 24), 32);
  return head;
}

/** A JPEG of 4000 × 3000, or of what PHOTO names. */
function bigPhoto() {
  if (process.env.PHOTO) return fs.readFileSync(process.env.PHOTO);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bambitalk-load-'));
  const file = path.join(folder, 'photo.jpg');
  try {
    const size = process.env.PIXELS || '4000x3000';
    execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}`, '-vf', 'noise=alls=12', '-frames:v', '1', '-q:v', '3', file]);
    return fs.readFileSync(file);
  } finally { fs.rmSync(folder, { recursive: true }); }
}

/** POST /files of `size` bytes, of which `head` are the first and `filler`, over and over, the rest. */
function upload(target, { head, filler, size, name }) {
  const boundary = `load${uuid()}`;
  const opening = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
  const closing = Buffer.from(`\r\n--${boundary}--\r\n`);
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const request = http.request(`${target.url}/api/v1/files`, { method: 'POST', agent: false, headers: {
      authorization: `Bearer ${target.token}`, 'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': opening.length + size + closing.length,
    } }, (response) => {
      let text = '';
      response.on('data', (chunk) => { text += chunk; }).on('end', () => {
        if (response.statusCode !== 201) return reject(new Error(`upload: ${response.statusCode} ${text}`));
        resolve({ ms: performance.now() - start, ...JSON.parse(text).data });
      });
    });
    request.on('error', reject);
    request.write(opening);
    request.write(head);
    let left = size - head.length;
    const pump = () => {
      while (left > 0) {
        const piece = filler.subarray(0, Math.min(left, filler.length));
        left -= piece.length;
        if (!request.write(piece)) { request.once('drain', pump); return; }
      }
      request.end(closing);
    };
    pump();
  });
}

function film(size) {
  const filler = Buffer.alloc(PIECE);
  for (let at = 0; at < filler.length; at += 1) filler[at] = (at * 31 + (at >> 8)) & 255;
  return { head: filmHead(size), filler, size, name: 'video.mp4' };
}

async function measureUpload(target, watch) {
  await upload(target, film(MB));
  const before = watch.rss();
  watch.resetPeak();
  const start = performance.now(), cpu = watch.cpu(), clientCpu = process.cpuUsage();
  const done = [];
  for (let turn = 0; turn < REPEAT; turn += 1) done.push(...await Promise.all(Array.from({ length: PAR }, () => upload(target, film(SIZE)))));
  const secs = (performance.now() - start) / 1000;
  const client = process.cpuUsage(clientCpu);
  const serverCpu = watch.cpu() - cpu;
  await pause(SETTLE_MS);
  return {
    what: 'upload', sizeMB: SIZE / MB, uploads: done.length, atOnce: PAR, mbPerSecond: round(SIZE / MB * done.length / secs),
    medianMs: round(median(done.map(({ ms }) => ms))), rssBeforeMB: before, peakRssMB: watch.peak(), rssAfterMB: watch.rss(),
    serverCpu: round(serverCpu / secs), clientCpu: round((client.user + client.system) / 1e6 / secs),
  };
}

/** One connection that asks for one range after the other until `until`. */
async function keepReading(url, size, until, tally) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const parts = Math.max(1, Math.floor(size / RANGE));
  while (performance.now() < until) {
    const first = Math.floor(Math.random() * parts) * RANGE;
    const last = Math.min(first + RANGE, size) - 1;
    const start = performance.now();
    const bytes = await new Promise((resolve, reject) => {
      http.get(url, { agent, headers: { range: `bytes=${first}-${last}` } }, (response) => {
        if (response.statusCode !== 206) return reject(new Error(`range: ${response.statusCode}`));
        let got = 0;
        response.on('data', (chunk) => { got += chunk.length; }).on('end', () => resolve(got)).on('error', reject);
      }).on('error', reject);
    });
    if (bytes !== last - first + 1) throw new Error(`${bytes} bytes instead of ${last - first + 1}`);
    tally.bytes += bytes;
    tally.ms.push(performance.now() - start);
  }
  agent.destroy();
}

/** FILE_URL and FILE_MB: any other server's file instead, for comparison. */
async function measureRange(target, watch) {
  const size = process.env.FILE_URL ? number('FILE_MB', 100) * MB : SIZE;
  const url = process.env.FILE_URL ?? target.url + (await upload(target, film(size))).url;
  await keepReading(url, size, performance.now() + SETTLE_MS, { bytes: 0, ms: [] });
  await pause(SETTLE_MS);
  const before = watch.rss();
  watch.resetPeak();
  const tally = { bytes: 0, ms: [] };
  const start = performance.now(), cpu = watch.cpu(), clientCpu = process.cpuUsage();
  await Promise.all(Array.from({ length: CONNS }, () => keepReading(url, size, start + SECS * 1000, tally)));
  const secs = (performance.now() - start) / 1000;
  const client = process.cpuUsage(clientCpu);
  tally.ms.sort((a, b) => a - b);
  return {
    what: 'range', sizeMB: size / MB, rangeKB: RANGE / 1024, connections: CONNS, secs: round(secs), requests: tally.ms.length,
    gbPerSecond: round(tally.bytes / 1e9 / secs), p50Ms: round(tally.ms[Math.floor(tally.ms.length / 2)]),
    p99Ms: round(tally.ms[Math.floor(tally.ms.length * 0.99)]), serverCpu: round((watch.cpu() - cpu) / secs),
    clientCpu: round((client.user + client.system) / 1e6 / secs), rssBeforeMB: before, peakRssMB: watch.peak(), rssAfterMB: watch.rss(),
  };
}

/** Asks for the thumbnail until it is not the placeholder, which wears no ETag. */
async function thumbnail(url) {
  const end = performance.now() + ANSWER_MAX_MS;
  while (performance.now() < end) {
    const response = await fetch(url);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (response.status !== 200) throw new Error(`thumbnail: ${response.status}`);
    if (response.headers.get('etag')) return bytes;
    await pause(20);
  }
  throw new Error(`no thumbnail within ${ANSWER_MAX_MS} ms`);
}

async function measureThumb(target, watch) {
  const photo = bigPhoto();
  await pause(SETTLE_MS);
  const before = watch.rss();
  watch.resetPeak();
  const uploads = [], made = [];
  const cpu = watch.cpu();
  let bytes;
  for (let turn = 0; turn < REPEAT; turn += 1) {
    // Unlike the one before: what stands behind its end no decoder reads.
    const one = Buffer.concat([photo, Buffer.from(uuid())]);
    const done = await upload(target, { head: one, filler: Buffer.alloc(0), size: one.length, name: 'photo.jpg' });
    const start = performance.now();
    bytes = await thumbnail(target.url + done.thumbnailUrl);
    made.push(performance.now() - start);
    uploads.push(done.ms);
  }
  return {
    what: 'thumb', photoKB: round(photo.length / 1024), thumbKB: round(bytes.length / 1024), photos: REPEAT, uploadMs: round(median(uploads)),
    thumbMs: round(median(made)), slowestMs: round(Math.max(...made)), cpuMsEach: round((watch.cpu() - cpu) * 1000 / REPEAT),
    rssBeforeMB: before, peakRssMB: watch.peak(), rssAfterMB: watch.rss(),
  };
}

const MEASURES = { upload: measureUpload, range: measureRange, thumb: measureThumb };

/** The server to measure, with somebody signed in: { url, token, pid, stop }. */
async function open() {
  const given = process.env.BASE_URL;
  const server = given ? { url: given, api: `${given}/api/v1`, pid: number('SERVER_PID', 0) || undefined }
    : await Server.start({ bin: process.env.BAMBITALK_BIN || undefined, flags: ['--log', 'warn', ...(SIZE > UPLOAD_MAX ? ['--max-upload', `${SIZE / MB}MiB`] : [])] });
  const stop = async () => { if (!given) await server.stop(); };
  try {
    const token = process.env.FILE_URL ? undefined : process.env.TOKEN || await signUp(server);
    return { url: server.url, token, pid: server.pid, stop };
  } catch (error) { await stop(); throw error; }
}

async function signUp(server) {
  const loginId = `load${Date.now().toString(36)}`;
  const answer = await new Person(server).post('/auth/password/signup', { loginId, password: uuid(), nickname: '부하', role: 'DAD' });
  if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${answer.text}`);
  return answer.data.data.accessToken;
}

async function main() {
  const measure = MEASURES[process.argv[2]];
  if (!measure) throw new Error(`usage: node media.js ${Object.keys(MEASURES).join(' | ')}`);
  const target = await open();
  const watch = new Watch(target.pid);
  try {
    const line = await measure(target, watch);
    console.log(JSON.stringify(watch.isOldPeak ? { ...line, peakRssMB: null } : line));
  } finally { await target.stop(); }
}

main().catch((error) => { console.error(error); process.exit(1); });
