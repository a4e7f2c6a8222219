'use strict';
// Uploads by hand (held, cut off, chunked), and the media folder looked at from outside beside its rows.
const { createHash, randomFillSync } = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { python } = require('./oracle');
const { ROOT } = require('./server');
const { pause, running, until } = require('./kit');

const MB = 1 << 20;
const LARGEST = 32 * MB;
const WRITE_BYTES = 256 << 10;
const OBJECT = /^([0-9a-f]{32})(|\.thumb|\.poster)$/;

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

let noise;
let made = 0;

/** A film of this many bytes, unlike any other: its boxes are right, what is in them is noise. */
function film(size) {
  noise ??= randomFillSync(Buffer.alloc(LARGEST + MB));
  const head = Buffer.alloc(48);
  head.writeUInt32BE(24, 0);
  head.write('ftypmp42\0\0\0\0mp42isom', 4, 'latin1');
  head.writeUInt32BE(size - 24, 24);
  head.write('mdat', 28, 'latin1');
  head.writeUInt32BE((made += 1), 32);
  return Buffer.concat([head, noise.subarray(made % MB, (made % MB) + size - head.length)]);
}

/** A small photo, unlike any other; what stands behind its end no decoder reads. */
function photo() {
  const picture = fs.readFileSync(path.join(ROOT, 'src/media/placeholder.jpg'));
  return Buffer.concat([picture, Buffer.from(`${(made += 1)} ${Math.random()}`)]);
}

/** One upload over a connection of its own, whose body goes as far as the test lets it. */
class Upload {
  /** `isChunked`: it does not say how long it is. `answer` resolves with { status, code, data }, or null without one. */
  static begin(person, content, { name = 'film.mp4', isChunked = false } = {}) {
    const upload = new Upload();
    const boundary = `held${Math.random()}`;
    const head = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
    const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
    Object.assign(upload, { content, tail, sent: 0 });
    upload.request = http.request(`${person.server.api}/files`, { method: 'POST', agent: false, headers: {
      authorization: `Bearer ${person.accessToken}`, 'content-type': `multipart/form-data; boundary=${boundary}`,
      ...(isChunked ? {} : { 'content-length': head.length + content.length + tail.length }),
    } });
    upload.answer = new Promise((resolve) => {
      upload.request.on('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk)).on('error', () => resolve(null)).on('end', () => {
          try {
            const { code, data } = JSON.parse(Buffer.concat(chunks));
            resolve({ status: response.statusCode, code, data });
          } catch { resolve(null); }
        });
      });
      upload.request.on('error', () => resolve(null)).on('close', () => resolve(null));
    });
    upload.answer.then(() => { upload.isOver = true; });
    upload.request.write(head);
    return upload;
  }

  /** Sends the content up to this byte; resolves when it has left, or the upload is over. */
  async upTo(end) {
    while (this.sent < end && !this.isOver) {
      const next = this.content.subarray(this.sent, Math.min(end, this.sent + WRITE_BYTES));
      this.sent += next.length;
      await Promise.race([new Promise((resolve) => this.request.write(next, resolve)), this.answer]);
    }
  }

  /** Sends what is left; resolves with the answer. */
  async end() {
    await this.upTo(this.content.length);
    this.request.end(this.tail);
    return this.answer;
  }

  /** Sends on, a little at a time, until it is over. */
  async trickle() {
    while (!this.isOver && this.sent < this.content.length) {
      await this.upTo(this.sent + (16 << 10));
      await pause(50);
    }
  }

  hangUp() { this.request.destroy(); }
}

const folder = (server) => path.join(server.dataDir, 'media');

/** All that lies in the media folder: [{ shard, name, at, size }]. What goes away meanwhile is left out. */
function files(server) {
  const found = [];
  for (const shard of list(folder(server))) {
    for (const name of list(path.join(folder(server), shard))) {
      const at = path.join(folder(server), shard, name);
      try { found.push({ shard, name, at, size: fs.statSync(at).size }); } catch { /* gone meanwhile */ }
    }
  }
  return found;
}

function list(at) {
  try { return fs.readdirSync(at); } catch { return []; }
}

/** Unfinished objects. */
const staged = (server) => files(server).filter(({ name }) => name.includes('#'));

/** Rows of one query; of a server that does not run, from a copy. */
function query(server, sql) {
  return running(server) ? python('run', server.database, sql, 'ro') : python('run', server.database, sql, 'rw', '--copied');
}

const ALL = `
  select 'media', lower(hex(id)), size, lower(hex(sha256)), thumb, lower(hex(poster_sha256)), trashed_at from media
  union all select 'stray', lower(hex(id)), null, null, null, null, null from stray`;

/** What the database knows: the rows, and the ids that are noted as strays. One look, for looks take time. */
function known(server) {
  const all = query(server, ALL);
  const named = ([, id, size, hash, thumb, poster, trashedAt]) => ({ id, size, hash, thumb, poster, trashedAt });
  return { rows: all.filter(([table]) => table === 'media').map(named), strays: all.filter(([table]) => table === 'stray').map(([, id]) => id) };
}

const rows = (server) => known(server).rows;
const strays = (server) => known(server).strays;

/**
 * Everything in which files and rows are not the same, as sentences; empty when all is well. `hashes` (a Map) remembers
 * those of files between looks.
 */
function complaints(server, hashes = new Map()) {
  // Rows before files: a thumbnail that is made meanwhile is there before its row says so.
  const { rows: there, strays: noted } = known(server);
  const lying = files(server);
  const byName = new Map(lying.map((file) => [file.name, file]));
  const ids = new Set(there.map(({ id }) => id));
  const found = noted.map((id) => `${id} is still noted as a stray`);
  for (const row of there) found.push(...wrongs(row, byName, hashes));
  for (const { name, shard } of lying) {
    const id = OBJECT.exec(name)?.[1];
    if (!id || shard !== id.slice(0, 2)) found.push(`${shard}/${name} is nothing that may lie there`);
    else if (!ids.has(id)) found.push(`${name} has no row`);
  }
  return found.slice(0, 10);
}

function wrongs(row, byName, hashes) {
  const file = byName.get(row.id);
  if (!file) return [`${row.id} has a row and no file`];
  if (file.size !== row.size) return [`${row.id} has ${file.size} bytes instead of ${row.size}`];
  const found = [];
  const key = `${row.id} ${fs.statSync(file.at).mtimeMs}`;
  if (!hashes.has(key)) hashes.set(key, sha256(fs.readFileSync(file.at)));
  if (hashes.get(key) !== row.hash) found.push(`${row.id} has other bytes than its row says`);
  if (row.thumb === 'ready' && !byName.has(`${row.id}.thumb`)) found.push(`${row.id} has no thumbnail`);
  const poster = byName.get(`${row.id}.poster`);
  if (row.poster && (!poster || sha256(fs.readFileSync(poster.at)) !== row.poster)) found.push(`${row.id} has no poster, or another one than its row says`);
  return found;
}

/** Resolves when no thumbnail is left to be made. */
function drawn(server, ms = 15_000) {
  return until(() => !rows(server).some(({ thumb }) => thumb === 'waiting'), ms, 'the thumbnails being made');
}

const idOf = ({ data }) => data.mediaId;

module.exports = { MB, Upload, film, photo, sha256, files, staged, rows, strays, query, complaints, drawn, folder, idOf };
