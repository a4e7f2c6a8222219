'use strict';
// Uploads that mean harm or break off: each with its own answer, and with nothing left of it on the disk.
const { describe, test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { promisify } = require('node:util');
const zlib = require('node:zlib');
const { Server } = require('./server');
const { Person, uuid } = require('./person');
const { data, refuses, isFailure } = require('./envelope');
const { Raw } = require('./raw');
const { runSql } = require('./oracle');
const { pause, rssMb, until, within } = require('./kit');
const { made, sha256, jpegFrame } = require('./formats');
const { film, files, drawn } = require('./uploads');

const MIB = 1 << 20;
/** What a program writes; the tests that wait for time to pass go on meanwhile. */
const outputOf = async (program, args) => (await promisify(execFile)(program, args, { encoding: 'buffer', maxBuffer: 64 * MIB })).stdout;
const MAX = 2 * MIB;
const BOUNDARY = 'xyzzy';
const AT_ONCE = 8;
/** `SILENCE_MAX` and `DISCARD_MAX` of src/media/upload.rs, and what a busy machine adds. */
const SILENCE_MS = 30_000 + 3_000;
const SLACK_MS = 7_000;
/** A thumbnail is waited for this long; then a plain frame is answered. */
const THUMB_WAIT_MS = 5_000;
const THUMB_SLACK_MS = 2_000;
/** Who draws stands back behind everything else. */
const DRAWN_MS = 60_000;

let server, anna, ben, photo, silentHome, silence;
before(async () => {
  server = await Server.start({ flags: ['--max-upload', '2MiB'] });
  [anna, ben] = await Person.couple(server);
  photo = await made('small jpg');
  silentHome = await Server.start();
  silence = fallSilent(silentHome);
  // Looked at in the last test; nobody is to stumble over it before.
  silence.catch(() => {});
});
after(async () => {
  await server.stop();
  await silentHome.stop();
});

const FORM = `multipart/form-data; boundary=${BOUNDARY}`;
const head = (disposition, more = '') => `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`;
const FILE_HEAD = head('name="file"; filename="photo.jpg"');
const END = `\r\n--${BOUNDARY}--\r\n`;
const whole = (content, disposition = 'name="file"; filename="photo.jpg"') => Buffer.concat([Buffer.from(head(disposition)), content, Buffer.from(END)]);
/** On a connection of its own: what became of the one before is not this request's matter. */
const posts = (body, type = FORM, person = anna) => person.post('/files', body, { headers: { 'Content-Type': type }, maxBodyLength: Infinity, httpAgent: new http.Agent() });
const request = (person, headers, on = server) => `POST /api/v1/files HTTP/1.1\r\nHost: ${new URL(on.url).host}\r\nAuthorization: Bearer ${person.accessToken}\r\nContent-Type: ${FORM}\r\n${headers}\r\n`;

/** The names of all that lies in a media folder. */
function filesOf(on = server) {
  const folder = path.join(on.dataDir, 'media');
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name).sort();
}

/** How many rows speak of media, and how many of uploads that run. */
const rowsOf = (on = server) => runSql(on.database, 'select (select count(*) from media), (select count(*) from stray)', 'ro')[0];

/** What was there before `act` is what is there soon after it. */
async function leavesAs(look, act) {
  const before = look();
  const result = await act();
  await until(() => JSON.stringify(look()) === JSON.stringify(before), 5_000, 'nothing left').catch(() => assert.deepEqual(look(), before));
  return result;
}
/** No file is left; a group's `leavesNoRow` looks at the rows, which takes longer. */
const leavesNothing = (act, on = server) => leavesAs(() => filesOf(on), act);

/** For a group of refusals: they left no row either. */
function leavesNoRow() {
  let rows;
  before(() => { rows = rowsOf(); });
  test('and no row speaks of any of them', async () => {
    await until(() => JSON.stringify(rowsOf()) === JSON.stringify(rows), 5_000, 'no row left').catch(() => assert.deepEqual(rowsOf(), rows));
  });
}

/** The answer to bytes by hand: status and envelope, if one came. */
async function answered(raw, ms) {
  const { status, head: lines } = await raw.head(ms);
  const length = Number(/content-length: (\d+)/i.exec(lines)?.[1] ?? 0);
  const text = await raw.wait(() => (raw.bytes.length >= length ? raw.bytes.subarray(0, length).toString() : undefined), ms, 'body');
  return { status, head: lines, body: JSON.parse(text) };
}

const SCRIPT = '<script>alert(document.domain)</script>';

describe('what a browser could run', () => {
  const REFUSED = {
    'an SVG with a script': `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">${SCRIPT}</svg>`,
    'an SVG after a declaration and a comment': `<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`,
    'HTML': `<!DOCTYPE html><html>${SCRIPT}</html>`,
    'HTML after blanks': `\n\t  <html>${SCRIPT}</html>`,
    'HTML after a byte order mark': `\ufeff<html>${SCRIPT}</html>`,
    'HTML in UTF-16': Buffer.from(`\ufeff<html>${SCRIPT}</html>`, 'utf16le'),
    'XHTML': `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${SCRIPT}</html>`,
    'XML with a stylesheet': '<?xml version="1.0"?><?xml-stylesheet href="x.xsl" type="text/xsl"?><a/>',
    'a mail with HTML in it': `MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n${SCRIPT}`,
    'a shell script': '#!/bin/sh\nrm -rf ~\n',
    'JavaScript': 'alert(1)//',
    'a Windows program': Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1'), Buffer.alloc(200)]),
    'a Linux program': Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(200)]),
    'WebAssembly': Buffer.from('\0asm\x01\0\0\0', 'latin1'),
    'Flash': Buffer.from('FWS\x09\0\0\0\0\0\0\0', 'latin1'),
    'a packed SVG': zlib.gzipSync(`<svg>${SCRIPT}</svg>`),
    'a photo that begins a byte late': Buffer.concat([Buffer.from(' '), Buffer.from('\xff\xd8\xff\xe0', 'latin1')]),
    'plain text': '안녕',
    'one byte': 'G',
  };
  for (const [about, content] of Object.entries(REFUSED)) {
    test(`${about} is not taken, whatever it is called`, async () => {
      for (const [name, type] of [['photo.jpg', 'image/jpeg'], ['page.html', 'text/html'], ['x', 'application/octet-stream']]) {
        refuses(await leavesNothing(() => anna.upload(Buffer.from(content), name, { type })), 415, 1415);
      }
    });
  }
  leavesNoRow();
});

describe('what looks like a photo or a document and is more', () => {
  const HARMLESS = {
    'a GIF that is JavaScript, too': ['GIF89a/*\0\0\0\0*/=1;alert(1)//', 'image/gif', 'inline'],
    'a photo with HTML behind it': [`\xff\xd8\xff\xe0\0\x10JFIF\0${SCRIPT}`, 'image/jpeg', 'inline'],
    'a PDF with a script': ['%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj', 'application/octet-stream', 'attachment'],
    'an archive with a page in it': [`PK\x03\x04\x14\0\0\0\0\0index.html${SCRIPT}`, 'application/octet-stream', 'attachment'],
  };
  for (const [about, [content, type, way]] of Object.entries(HARMLESS)) {
    test(`${about} comes back as nothing that runs`, async () => {
      const bytes = Buffer.from(content, 'latin1');
      for (const claimed of ['text/html', 'image/svg+xml', 'application/javascript']) {
        const { url } = data(await anna.upload(bytes, 'page.html', { type: claimed }), 201);
        const { headers, data: back } = await ben.open(url);
        assert.equal(headers['content-type'], type);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox");
        assert.match(headers['content-disposition'], new RegExp(`^${way};`));
        assert.equal(Buffer.compare(back, bytes), 0);
      }
    });
  }
});

describe('pictures that are larger than they look', () => {
  let baseMb;
  before(async () => {
    const { thumbnailUrl } = data(await anna.upload(photo), 201);
    assert.match((await ben.open(thumbnailUrl)).headers.etag, /^"t/);
    baseMb = rssMb(server.pid);
  });

  function crc(bytes) {
    let sum = -1;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
    }
    return ~sum >>> 0;
  }
  const long = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
  const chunk = (type, content) => Buffer.concat([long(content.length), Buffer.from(type), content, long(crc(Buffer.concat([Buffer.from(type), content])))]);
  /** A PNG that claims to be of this size, with a few rows in it. */
  const png = (width, height, ...more) => Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', Buffer.concat([long(width), long(height), Buffer.from([8, 2, 0, 0, 0])])),
    ...more, chunk('IDAT', zlib.deflateSync(Buffer.alloc((width * 3 + 1) * Math.min(height, 10)))), chunk('IEND', Buffer.alloc(0)),
  ]);
  /** A JPEG whose frame claims to be of this size. */
  async function jpeg(width, height) {
    const bytes = Buffer.from(await made('jpg'));
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
    return bytes;
  }
  function gif(width, height, frames) {
    const screen = Buffer.from([...Buffer.from('GIF89a'), width & 255, width >> 8, height & 255, height >> 8, 0x80, 0, 0, 200, 0, 0, 0, 0, 200]);
    const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
    return Buffer.concat([screen, ...Array(frames).fill(frame), Buffer.from([0x3b])]);
  }
  const progressive = (size) => outputOf('convert', ['-size', size, 'xc:red', '-interlace', 'JPEG', 'jpg:-']);
  /** A progressive photo one of whose scans comes again and again. */
  async function manyScans(times) {
    const flat = await progressive('4000x3000');
    const isScan = (at) => flat[at] === 0xff && flat[at + 1] === 0xda;
    const starts = [...flat.keys()].filter((at) => isScan(at));
    return Buffer.concat([flat.subarray(0, starts[2]), ...Array(times).fill(flat.subarray(starts[1], starts[2])), flat.subarray(starts[2])]);
  }
  const bomb = (type, size) => chunk(type, Buffer.concat([Buffer.from('x\0\0'), zlib.deflateSync(Buffer.alloc(size))]));

  const PICTURES = {
    'a PNG of 50,000 by 50,000': [() => png(50_000, 50_000), { width: 50_000, height: 50_000 }],
    'a JPEG of 50,000 by 50,000': [() => jpeg(50_000, 50_000), { width: 50_000, height: 50_000 }],
    'a PNG of 1 by 65,535': [() => png(1, 65_535), { width: 1, height: 65_535 }],
    'a JPEG of 1 by 65,535': [() => jpeg(1, 65_535), { width: 1, height: 65_535 }],
    'a PNG of 2^31-1 by 2^31-1': [() => Buffer.concat([png(1, 1).subarray(0, 16), long(2 ** 31 - 1), long(2 ** 31 - 1)]), {}],
    'a PNG without a pixel': [() => png(0, 0), {}],
    'a GIF of ten thousand frames': [() => gif(100, 100, 10_000), { width: 100, height: 100 }],
    'a GIF of 65,535 by 65,535': [() => gif(65_535, 65_535, 1), { width: 65_535, height: 65_535 }],
    'a progressive JPEG of 48 megapixels': [() => progressive('8000x6000'), { width: 8_000, height: 6_000 }],
    'a progressive JPEG of two thousand scans': [() => manyScans(2_000), { width: 4_000, height: 3_000 }],
    'a picture whose text is a bomb': [() => png(10, 10, bomb('zTXt', 100 * MIB)), { width: 10, height: 10 }],
    'a picture whose colour profile is a bomb': [() => png(10, 10, bomb('iCCP', 100 * MIB)), { width: 10, height: 10 }],
  };
  for (const [about, [make, size]] of Object.entries(PICTURES)) {
    test(`${about} is kept as it is, answered for in time, and takes no memory`, async () => {
      const bytes = await make();
      let mostMb = 0;
      const watch = setInterval(() => { mostMb = Math.max(mostMb, rssMb(server.pid)); }, 10);
      const uploaded = data(await within(anna.upload(bytes, 'picture'), 2_000, 'an answer to the upload'), 201);
      assert.deepEqual([uploaded.width, uploaded.height], [size.width, size.height]);
      const thumb = await within(ben.open(uploaded.thumbnailUrl), THUMB_WAIT_MS + THUMB_SLACK_MS, 'a thumbnail or its place');
      clearInterval(watch);
      assert.equal(thumb.status, 200);
      const { width, height } = jpegFrame(thumb.data);
      assert.ok(Math.max(width, height) <= 512, `${width}x${height}`);
      assert.equal(sha256((await ben.open(uploaded.url)).data), sha256(bytes));
      assert.ok(mostMb - baseMb < 150, `${Math.round(baseMb)} MB became ${Math.round(mostMb)} MB`);
    });
  }

  test('after all of them the next photo has its thumbnail at once', async () => {
    const { thumbnailUrl } = data(await anna.upload(photo), 201);
    assert.match((await within(ben.open(thumbnailUrl), 2_000, 'the thumbnail')).headers.etag, /^"t/);
    assert.doesNotMatch(server.output, /panicked at/);
  });
});

describe('pictures that say more than they show', () => {
  let home, carl;
  before(async () => {
    home = await Server.start();
    carl = await Person.signUp(home, '카를');
    const { thumbnailUrl } = data(await carl.upload(await made('jpg')), 201);
    assert.match((await carl.open(thumbnailUrl)).headers.etag, /^"t/);
    // As much passes through before anything is measured.
    data(await carl.upload(film(32 * MIB)), 201);
  });
  after(() => home.stop());

  const SEGMENT = Buffer.concat([Buffer.from('\xff\xe2\xff\xffICC_PROFILE\0\x01\xff', 'latin1'), Buffer.alloc(65_535 - 2 - 14)]);
  const long = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };
  const chunk = (type, content) => Buffer.concat([Buffer.from(type), long(content.length), content, Buffer.alloc(content.length % 2)]);
  /** A WebP that says first what is looked for last. */
  async function webp(...said) {
    const picture = (await made('lossy webp')).subarray(12);
    const size = Buffer.concat([Buffer.from([0x28, 0, 0, 0]), long(799).subarray(0, 3), long(599).subarray(0, 3)]);
    const chunks = Buffer.concat([Buffer.from('WEBP'), chunk('VP8X', size), ...said.map((type) => chunk(type, Buffer.alloc(20 * MIB))), picture]);
    return Buffer.concat([Buffer.from('RIFF'), long(chunks.length), chunks]);
  }

  /** A WebP without a loss whose sixty thousand code tables take a kilobyte each where they take sixty bytes of the file. */
  function codeTables() {
    const number = (value, bits) => Array.from({ length: bits }, (_, bit) => (value >> bit) & 1).join('');
    const order = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10];
    const length = (symbol) => (symbol >= 1 && symbol <= 10 ? (symbol <= 6 ? 3 : 4) : 0);
    const code = (symbol) => (symbol <= 6 ? (symbol - 1).toString(2).padStart(3, '0') : (symbol + 5).toString(2));
    const single = (symbol) => `101${number(symbol, 8)}`;
    const tree = `0${number(order.length - 4, 4)}${order.map((symbol) => number(length(symbol), 3)).join('')}1${number(1, 3)}${number(9, 4)}${[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10].map(code).join('')}`;
    const head = `${number(0x2f, 8)}${number(3, 14)}${number(3, 14)}0000${'00'}1${number(0, 3)}0${[255, 255, 0, 0, 0].map(single).join('')}`;
    const bits = `${head}${tree.repeat(5 * 65_536)}${'0'.repeat(256)}`;
    const bytes = Buffer.from(bits.match(/.{1,8}/g).map((byte) => parseInt([...byte].reverse().join(''), 2)));
    return riff(chunk('VP8L', bytes));
  }
  const riff = (...chunks) => { const content = Buffer.concat([Buffer.from('WEBP'), ...chunks]); return Buffer.concat([Buffer.from('RIFF'), long(content.length), content]); };
  /** A lossy WebP that claims to be of one pixel, with a frame of 196 million in it. */
  async function largeWithin() {
    const flat = await outputOf('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:s=14000x14000:r=1:d=1', '-frames:v', '1', '-c:v', 'libwebp', '-f', 'webp', '-']);
    return riff(chunk('VP8X', Buffer.alloc(10)), flat.subarray(12));
  }
  /** A GIF whose one frame does not fill its screen, so that both are kept. */
  function frameWithin(side) {
    const short = (value) => [value & 255, value >> 8];
    const head = [...Buffer.from('GIF89a'), ...short(side), ...short(side), 0x81, 0, 0, ...Array(12).fill(0), 0x2c, 1, 0, 1, 0, ...short(side - 1), ...short(side - 1), 0, 2];
    // Clear, a pixel, clear, a pixel: three bits each.
    const bits = '100000'.repeat(4 * 1_000);
    const packed = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt([...byte].reverse().join(''), 2)));
    const blocks = Array.from({ length: packed.length / 250 }, (_, at) => Buffer.concat([Buffer.from([250]), packed.subarray(at * 250, (at + 1) * 250)]));
    return Buffer.concat([Buffer.from(head), ...blocks, Buffer.from([0, 0x3b])]);
  }
  /** A progressive JPEG of 55 megapixels, after a head that a reader ahead of the decoder takes for a small plain one. */
  function scansBehind() {
    const segment = (marker, content) => Buffer.concat([Buffer.from([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255]), Buffer.from(content)]);
    const frame = (marker, side) => segment(marker, [8, side >> 8, side & 255, side >> 8, side & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    const tables = [segment(0xdb, [0, ...Array(64).fill(1)]), segment(0xc4, [0, 1, ...Array(15).fill(0), 0])];
    const small = Buffer.concat([frame(0xc0, 8), segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0])]);
    const trick = Buffer.concat([Buffer.from('\xff\xe0\0\x06JFIF\xff\xe5\0\x04\xff\xef', 'latin1'), Buffer.from([(small.length + 2) >> 8, (small.length + 2) & 255]), small]);
    const scan = Buffer.concat([segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0]), Buffer.alloc(Math.ceil((925 * 925 * 3) / 8))]);
    return Buffer.concat([Buffer.from([0xff, 0xd8]), trick, frame(0xc2, 7_400), ...tables, scan, Buffer.from([0xff, 0xd9])]);
  }

  const SIZE = { width: 800, height: 600 };
  const PICTURES = {
    'a JPEG with 200 MB behind it': [async () => Buffer.concat([await made('jpg'), Buffer.alloc(200 * MIB)]), SIZE, false],
    'a JPEG with 70 MB of a colour profile before its frame': [async () => { const photo = await made('jpg'); return Buffer.concat([photo.subarray(0, 2), ...Array(1_120).fill(SEGMENT), photo.subarray(2)]); }, {}, false],
    'a WebP that takes 40 MB to say how it is turned and what its colours are': [() => webp('ICCP', 'EXIF'), SIZE, true],
    'a WebP with a larger one in it': [largeWithin, { width: 1, height: 1 }, false],
    'a GIF whose frame is kept beside its screen': [() => frameWithin(6_390), { width: 6_390, height: 6_390 }, false],
    'a JPEG whose scans stand behind a plain head': [scansBehind, { width: 7_400, height: 7_400 }, false],
    'a WebP that is all code tables': [codeTables, { width: 4, height: 4 }, false],
  };
  for (const [about, [make, size, isDrawn]] of Object.entries(PICTURES)) {
    test(`${about} is kept as it is, and takes no memory`, async (t) => {
      const bytes = await make();
      const baseMb = rssMb(home.pid);
      let mostMb = 0;
      const watch = setInterval(() => { mostMb = Math.max(mostMb, rssMb(home.pid)); }, 5);
      t.after(() => clearInterval(watch));
      const uploaded = data(await carl.upload(bytes, 'picture'), 201);
      const thumb = await carl.open(uploaded.thumbnailUrl);
      await drawn(home, DRAWN_MS);
      clearInterval(watch);
      t.diagnostic(`${baseMb.toFixed(1)} MB before, at most ${mostMb.toFixed(1)} MB`);
      assert.deepEqual([uploaded.width, uploaded.height, thumb.status], [size.width, size.height, 200]);
      assert.equal(/^"t/.test(thumb.headers.etag), isDrawn, thumb.headers.etag);
      assert.equal(files(home).find(({ name }) => name === uploaded.mediaId).size, bytes.length);
      assert.ok(mostMb - baseMb <= 16, `${baseMb} MB became ${mostMb} MB`);
    });
  }

  const LARGE = { 'a photo of 48 megapixels': ['8000x6000', 'None'], 'a photo of 24 megapixels that comes in scans': ['6000x4000', 'JPEG'] };
  for (const [about, [size, interlace]] of Object.entries(LARGE)) {
    test(`${about} is drawn`, async () => {
      const bytes = await outputOf('convert', ['-size', size, 'xc:red', '-sampling-factor', '4:4:4', '-interlace', interlace, 'jpg:-']);
      const { thumbnailUrl } = data(await carl.upload(Buffer.concat([bytes, Buffer.alloc(12 * MIB)])), 201);
      await drawn(home, DRAWN_MS);
      const { headers, data: thumb } = await carl.open(thumbnailUrl);
      assert.match(headers.etag, /^"t/);
      assert.equal(jpegFrame(thumb).width, 512);
    });
  }

  test('after all of them the next photo is drawn, also when an update has removed the program, and nothing is left of who drew', async (t) => {
    const bin = path.join(path.dirname(home.dataDir), 'bambitalk');
    fs.copyFileSync(home.bin, bin);
    const updated = await Server.start({ bin });
    t.after(() => updated.stop());
    fs.rmSync(bin);
    for (const [server, person] of [[home, carl], [updated, await Person.signUp(updated)]]) {
      const { thumbnailUrl } = data(await person.upload(photo), 201);
      assert.match((await within(person.open(thumbnailUrl), THUMB_WAIT_MS, 'the thumbnail')).headers.etag, /^"t/);
      const parents = fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map((pid) => {
        try { return Number(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1]); } catch { return 0; }
      });
      assert.ok(!parents.includes(server.pid), 'a process is left behind');
    }
  });
});

describe('forms that are not what they should be', () => {
  const part = (name, content, filename) => `${head(`name="${name}"${filename ? `; filename="${filename}"` : ''}`)}${content}\r\n`;
  const jpegText = () => photo.toString('latin1');
  const bin = (text) => Buffer.from(text, 'latin1');
  const FORMS = {
    'no part at all': [() => bin(`--${BOUNDARY}--\r\n`), 400, 1402],
    'no body': [() => Buffer.alloc(0), 400, 1400],
    'an empty file': [() => whole(Buffer.alloc(0)), 400, 1402],
    'another field name': [() => whole(photo, 'name="image"; filename="photo.jpg"'), 400, 1402],
    'the field name in capitals': [() => whole(photo, 'name="FILE"; filename="photo.jpg"'), 400, 1402],
    'no field name': [() => whole(photo, 'filename="photo.jpg"'), 400, 1402],
    'a field without a file name': [() => whole(photo, 'name="file"'), 400, 1402],
    'two files': [() => bin(part('file', jpegText(), 'a.jpg') + part('file', jpegText(), 'b.jpg') + `--${BOUNDARY}--\r\n`), 400, 1402],
    'a file and a text': [() => bin(part('file', jpegText(), 'a.jpg') + part('note', 'x') + `--${BOUNDARY}--\r\n`), 400, 1402],
    'ten thousand texts': [() => bin(part('a', 'x').repeat(10_000) + `--${BOUNDARY}--\r\n`), 400, 1402],
    'ten thousand files': [() => bin(part('file', 'GIF89a', 'a.gif').repeat(10_000) + `--${BOUNDARY}--\r\n`), 400, 1402],
    'a form within the form': [() => whole(bin(`--inner\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n${jpegText()}\r\n--inner--`)), 415, 1415],
    'no end': [() => Buffer.concat([bin(FILE_HEAD), photo]), 400, 1400],
    'half an end': [() => Buffer.concat([bin(FILE_HEAD), photo, bin(`\r\n--${BOUNDARY.slice(0, 3)}`)]), 400, 1400],
    'a part that breaks off in its head': [() => bin(FILE_HEAD.slice(0, 40)), 400, 1400],
    'another boundary': [() => bin(`--other\r\n\r\n${jpegText()}\r\n--other--`), 400, 1400],
    'garbage': [() => Buffer.from(Array.from({ length: 5_000 }, (_, at) => (at * 7919) % 256)), 400, 1400],
    'JSON that says it is a form': [() => bin('{"file":"x"}'), 400, 1400],
  };
  for (const [about, [make, status, code]] of Object.entries(FORMS)) {
    test(`${about}: refused, and nothing is left`, async () => {
      refuses(await leavesNothing(() => posts(make())), status, code);
    });
  }

  test('what is no form is no file', async () => {
    for (const type of ['application/json', 'image/jpeg', 'application/x-www-form-urlencoded', 'multipart/form-data', 'multipart/mixed; boundary=xyzzy', 'text/plain']) {
      refuses(await leavesNothing(() => posts(whole(photo), type)), 400, 1402);
    }
  });

  test('a boundary of a megabyte is not read', async () => {
    const raw = await Raw.connect(server);
    raw.write(`POST /api/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${anna.accessToken}\r\nContent-Type: multipart/form-data; boundary=${'b'.repeat(MIB)}\r\nContent-Length: 10\r\n\r\n`);
    const { status } = await raw.head();
    assert.ok([400, 431].includes(status), `${status}`);
    raw.close();
  });

  const ENDLESS = {
    'before the first part': ['', 'A'.repeat(65_536)],
    'in the lines of a part\'s head': [FILE_HEAD.slice(0, -2), `X-A: ${'b'.repeat(1_000)}\r\n`.repeat(64)],
    'in one line of a part\'s head': [`--${BOUNDARY}\r\nX-A: `, 'b'.repeat(65_536)],
  };
  for (const [about, [start, more]] of Object.entries(ENDLESS)) {
    test(`a form whose head never ends, ${about}, is refused soon and is not kept in memory`, async (t) => {
      const baseMb = rssMb(server.pid);
      const raw = await Raw.connect(server);
      t.after(() => raw.close());
      // Within what may be uploaded, so that no other limit answers first.
      raw.write(request(anna, `Content-Length: ${MAX}\r\n`) + start);
      for (let sent = start.length; sent < MAX - more.length; sent += more.length) raw.write(more);
      const { status, body } = await answered(raw, 8_000);
      assert.ok([400, 413].includes(status), `${status}`);
      isFailure(body, 1400, 1402, 1413);
      assert.ok(rssMb(server.pid) - baseMb < 16, `${baseMb} MB became ${rssMb(server.pid)} MB`);
    });
  }
  leavesNoRow();
});

describe('uploads that are too large or break off', () => {
  test('a file of exactly the limit is taken, and one byte more is refused with an answer that arrives', async () => {
    const pdf = (size) => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(size)]).subarray(0, size);
    assert.equal(data(await ben.upload(pdf(MAX), 'a.pdf'), 201).size, MAX);
    for (let round = 0; round < 2; round += 1) refuses(await leavesNothing(() => anna.upload(pdf(MAX + 1), 'a.pdf')), 413, 1413);
    refuses(await leavesNothing(() => anna.upload(pdf(MAX + MIB), 'a.pdf')), 413, 1413);
  });

  test('a file ten times too large gets its answer, too', async () => {
    const large = Buffer.concat([photo, Buffer.alloc(10 * MAX)]);
    for (let round = 0; round < 3; round += 1) refuses(await leavesNothing(() => anna.upload(large, 'a.jpg')), 413, 1413);
  });

  test('a body without a length and without an end is refused where it passes the limit', async () => {
    const raw = await Raw.connect(server);
    const piece = Buffer.alloc(65_536, 7);
    const sized = (bytes) => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
    await leavesNothing(async () => {
      raw.write(request(anna, 'Transfer-Encoding: chunked\r\n'));
      raw.write(sized(Buffer.concat([Buffer.from(FILE_HEAD), photo])));
      let sent = 0;
      const sending = (async () => {
        while (!raw.over && !raw.bytes.length) {
          raw.write(sized(piece));
          sent += piece.length;
          await pause(1);
        }
      })();
      const { status, body } = await answered(raw, 10_000);
      await sending;
      assert.equal(status, 413);
      isFailure(body, 1413);
      assert.ok(sent > MAX, `${sent}`);
      raw.close();
    });
  });

  test('a caller who hangs up in the middle leaves nothing', async () => {
    for (const headers of ['Content-Length: 1000000\r\n', 'Transfer-Encoding: chunked\r\n']) {
      const [files, rows] = [filesOf(), rowsOf()];
      const raw = await Raw.connect(server);
      const start = Buffer.concat([Buffer.from(FILE_HEAD), photo, Buffer.alloc(400_000)]);
      raw.write(request(anna, headers));
      raw.write(headers.startsWith('T') ? Buffer.concat([Buffer.from(`${start.length.toString(16)}\r\n`), start, Buffer.from('\r\n')]) : start);
      // It has begun: the first bytes have arrived and it is known that something may lie there.
      await until(() => rowsOf()[1] === rows[1] + 1, 5_000, 'the upload having begun');
      raw.close();
      await until(() => rowsOf()[1] === rows[1], 5_000, 'the upload being forgotten');
      assert.deepEqual([filesOf(), rowsOf()], [files, rows]);
    }
  });

  test('a length that is longer than the body waits no longer than its caller', async () => {
    await leavesNothing(async () => {
      const raw = await Raw.connect(server);
      raw.write(request(anna, 'Content-Length: 500000\r\n'));
      raw.write(Buffer.concat([Buffer.from(FILE_HEAD), photo]));
      raw.tcp.end();
      await within(raw.ended, 10_000, 'the connection ending');
    });
  });

  test('a length that is shorter than the body cuts the form, and the rest is no request', async () => {
    await leavesNothing(async () => {
      const raw = await Raw.connect(server);
      const body = whole(photo);
      raw.write(request(anna, `Content-Length: ${body.length - 20}\r\n`));
      raw.write(body);
      const { status, body: failure } = await answered(raw, 5_000);
      assert.equal(status, 400);
      isFailure(failure, 1400);
      raw.close();
    });
  });

  test('a refusal reaches a phone that is still sending', async () => {
    const large = Buffer.concat([Buffer.from(FILE_HEAD), Buffer.from(`<html>${SCRIPT}`), Buffer.alloc(MAX - 10_000), Buffer.from(END)]);
    refuses(await leavesNothing(() => posts(large)), 415, 1415);
    refuses(await leavesNothing(() => posts(large, FORM, new Person(server))), 401, 2400);
    refuses(await leavesNothing(() => posts(large, 'text/plain')), 400, 1402);
  });

  test('a refusal that ends its connection says so', async () => {
    for (const token of ['', anna.accessToken]) {
      const raw = await Raw.connect(server);
      raw.write(`POST /api/v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: text/plain\r\nContent-Length: ${MAX}\r\n\r\n`);
      raw.write(Buffer.alloc(MAX));
      const { status, head: lines } = await answered(raw, 10_000);
      assert.equal(status, token ? 400 : 401);
      if (/^connection: close/im.test(lines)) { await within(raw.ended, 5_000, 'the end that was said'); continue; }
      // Nothing was said, so the next request on it is answered.
      raw.bytes = Buffer.alloc(0);
      raw.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      assert.equal((await raw.head(5_000)).status, 200);
      raw.close();
    }
  });

  test('who is signed out is refused before a byte is kept', async () => {
    await leavesNothing(async () => {
      refuses(await posts(whole(photo), FORM, new Person(server)), 401, 2400);
      refuses(await posts(whole(photo), FORM, new Person(server, { accessToken: 'bta_nonsense' })), 401, 2400);
    });
  });
});

describe('many uploads at once', () => {
  /** An upload that has begun and waits for the rest of its body. */
  async function begun(person, content) {
    const raw = await Raw.connect(server);
    const body = whole(content);
    const held = body.subarray(0, body.length - 30);
    raw.write(request(person, `Content-Length: ${body.length}\r\n`));
    raw.write(held);
    return { raw, finish: () => raw.write(body.subarray(held.length)) };
  }

  test('the ninth of one person is asked to wait, and nobody else', async () => {
    const [carl, dora] = [await Person.signUp(server, '카를'), await Person.signUp(server, '도라')];
    const [files, rows] = [filesOf(), rowsOf()];
    const eight = [];
    for (let count = 0; count < AT_ONCE; count += 1) eight.push(await begun(carl, Buffer.concat([photo, Buffer.alloc(20_000)])));
    await until(() => rowsOf()[1] === rows[1] + AT_ONCE, 5_000, 'eight uploads under way');

    const ninth = await carl.upload(photo);
    refuses(ninth, 429, 1429);
    assert.ok(Number(ninth.headers['retry-after']) >= 1, ninth.headers['retry-after']);
    const kept = [data(await dora.upload(photo), 201)];

    eight[0].finish();
    const first = await answered(eight[0].raw, 10_000);
    assert.equal(first.status, 201);
    kept.push(first.body.data, data(await carl.upload(photo), 201));
    for (const { raw } of eight.slice(1)) raw.close();
    await until(() => rowsOf()[1] === rows[1], 5_000, 'the seven others being forgotten');
    assert.deepEqual(rowsOf(), [rows[0] + kept.length, rows[1]]);
    const added = filesOf().filter((name) => !files.includes(name) && !name.endsWith('.thumb'));
    assert.deepEqual(added, kept.map(({ mediaId }) => mediaId).sort());
  });
});

describe('an upload of any size', () => {
  test('300 MB pass through without staying in memory', { timeout: 120_000 }, async (t) => {
    const home = await Server.start();
    t.after(() => home.stop());
    const carl = await Person.signUp(home, '카를');
    data(await carl.upload(await made('pdf'), 'a.pdf'), 201);
    const piece = Buffer.alloc(MIB, 'bambi');
    const SIZE = 300;
    const start = Buffer.from(`${FILE_HEAD}%PDF-1.7\n`);
    const baseMb = rssMb(home.pid);
    const mostMb = [0, 0];
    let left = SIZE;
    const watch = setInterval(() => {
      const half = left > SIZE / 2 ? 0 : 1;
      mostMb[half] = Math.max(mostMb[half], rssMb(home.pid));
    }, 20);
    const answer = await new Promise((resolve, reject) => {
      const asked = http.request(`${home.api}/files`, { method: 'POST', headers: {
        Authorization: `Bearer ${carl.accessToken}`, 'Content-Type': FORM, 'Content-Length': start.length + SIZE * MIB + END.length,
      } }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ status: response.statusCode, data: JSON.parse(Buffer.concat(chunks)) }));
      }).on('error', reject);
      asked.write(start);
      const more = () => {
        while (left > 0) {
          left -= 1;
          if (!asked.write(piece)) return asked.once('drain', more);
        }
        return asked.end(END);
      };
      more();
    });
    clearInterval(watch);
    t.diagnostic(`${baseMb.toFixed(1)} MB before, at most ${mostMb.map((mb) => mb.toFixed(1))} MB in each half`);
    const { size, url } = data(answer, 201);
    assert.equal(size, 9 + SIZE * MIB);
    assert.ok(Math.max(...mostMb) - baseMb <= 8, `${baseMb} MB became ${mostMb} MB`);

    // And out again.
    const openedMb = rssMb(home.pid);
    let [got, highMb] = [0, 0];
    await new Promise((resolve, reject) => http.get(home.url + url, (response) => response.on('data', (chunk) => {
      got += chunk.length;
      if (got % (8 * MIB) < chunk.length) highMb = Math.max(highMb, rssMb(home.pid));
    }).on('end', resolve)).on('error', reject));
    assert.equal(got, size);
    assert.ok(highMb - openedMb <= 8, `${openedMb} MB became ${highMb} MB`);
  });
});

/** An upload that stops shortly before its end and says nothing more: on its own server, while the others run. */
async function fallSilent(home) {
  const carl = await Person.signUp(home, '카를');
  const raw = await Raw.connect(home);
  const body = whole(Buffer.concat([photo, Buffer.alloc(100_000)]));
  raw.write(request(carl, `Content-Length: ${body.length}\r\n`, home));
  raw.write(body.subarray(0, Math.floor(body.length * 0.99)));
  const since = Date.now();
  await until(() => rowsOf(home)[1] === 1, 5_000, 'the upload having begun');
  const answer = await answered(raw, SILENCE_MS + SLACK_MS);
  await within(raw.ended, SLACK_MS, 'the connection being cut');
  return { carl, answer, tookMs: Date.now() - since };
}

test('an upload that falls silent shortly before its end is cut off, and leaves nothing', { timeout: 60_000 }, async () => {
  const { carl, answer, tookMs } = await silence;
  const home = silentHome;
  assert.equal(answer.status, 408);
  isFailure(answer.body, 1408);
  assert.ok(tookMs > 25_000 && tookMs < SILENCE_MS + SLACK_MS, `${tookMs} ms`);
  assert.deepEqual([filesOf(home), rowsOf(home)], [[], [0, 0]]);
  const { roomId } = await carl.roomOfKind('SELF');
  const { mediaId } = data(await carl.upload(photo), 201);
  data(await carl.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId }), 201);
});
