'use strict';
// Photos and films as phones make them, from real encoders, each made once a run: `made('mp4')`. All show the same
// picture, red at the top left, green at the top right, blue and white below, so that any turn of it can be seen.
const { createHash } = require('node:crypto');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { scratch } = require('./kit');

const WIDTH = 800;
const HEIGHT = 600;
const [RED, GREEN, BLUE, WHITE] = [[220, 20, 20], [20, 200, 20], [20, 20, 220], [245, 245, 245]];
const CORNERS = [RED, GREEN, BLUE, WHITE];
const GPS_MARK = 'GPS-MARK-2026';
const FILM_MS = 2_000;

const folder = scratch();
process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
const at = (name) => path.join(folder, name);

/** Runs a program in the scratch folder; resolves with what it wrote to stdout. */
function run(command, args, input) {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { cwd: folder, encoding: 'buffer', maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}: ${stderr}`)); else resolve(stdout);
    });
    child.stdin.on('error', () => {}).end(input);
  });
}
const ffmpeg = (args, input) => run('ffmpeg', ['-v', 'error', '-y', ...args], input);

/** The picture as rows of `channels` bytes; `seen(row, column)` says which pixel of the upright one stands there. */
function pixels(width, height, { channels = 3, seen = (row, column) => [row, column], upright = [width, height] } = {}) {
  const rows = Buffer.alloc(width * height * channels, 255);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [y, x] = seen(row, column);
      const corner = CORNERS[(y * 2 >= upright[1] ? 2 : 0) + (x * 2 >= upright[0] ? 1 : 0)];
      for (let channel = 0; channel < 3; channel += 1) rows[(row * width + column) * channels + channel] = corner[channel];
      // A hole in the middle of what can be clear.
      if (channels === 4 && Math.hypot(y - upright[1] / 2, x - upright[0] / 2) < upright[1] / 4) rows[(row * width + column) * 4 + 3] = 0;
    }
  }
  return rows;
}

/** One picture through ffmpeg: the raw one on its stdin, `args` say what becomes of it. */
async function picture(file, args, { width = WIDTH, height = HEIGHT, ...options } = {}) {
  const format = options.channels === 4 ? 'rgba' : 'rgb24';
  await ffmpeg(['-f', 'rawvideo', '-pix_fmt', format, '-s', `${width}x${height}`, '-i', '-', '-frames:v', '1', ...args, at(file)], pixels(width, height, options));
  return fs.promises.readFile(at(file));
}
const jpeg = (file, options) => picture(file, ['-pix_fmt', 'yuvj444p', '-q:v', '2'], options);

/** What EXIF says of each orientation (CIPA DC-008, 4.6.4): which sides of the scene row 0 and column 0 are. */
const SCENE = {
  1: (r, c) => [r, c],
  2: (r, c) => [r, WIDTH - 1 - c],
  3: (r, c) => [HEIGHT - 1 - r, WIDTH - 1 - c],
  4: (r, c) => [HEIGHT - 1 - r, c],
  5: (r, c) => [c, r],
  6: (r, c) => [c, WIDTH - 1 - r],
  7: (r, c) => [HEIGHT - 1 - c, WIDTH - 1 - r],
  8: (r, c) => [HEIGHT - 1 - c, r],
};

/** A photo that lies as its camera was held, and says so, and says where it was taken. */
async function turnedPhoto(orientation) {
  const isTurned = orientation > 4;
  const [width, height] = isTurned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  const bytes = await jpeg(`turned-${orientation}.jpg`, { width, height, seen: SCENE[orientation], upright: [WIDTH, HEIGHT] });
  return withSegment(bytes, 0xe1, Buffer.concat([Buffer.from('Exif\0\0'), exif(orientation)]));
}

/** A TIFF of two directories: the orientation, and a place in Seoul. */
function exif(orientation) {
  const short = (value) => { const bytes = Buffer.alloc(2); bytes.writeUInt16LE(value); return bytes; };
  const long = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };
  const entry = (tag, type, count, value) => Buffer.concat([short(tag), short(type), long(count), Buffer.concat([value, Buffer.alloc(4)]).subarray(0, 4)]);
  const directory = (entries) => Buffer.concat([short(entries.length), ...entries, long(0)]);
  const degrees = (...parts) => Buffer.concat(parts.flatMap((part) => [long(part), long(1)]));
  const mark = Buffer.from(`${GPS_MARK}\0`);
  const [mainAt, gpsAt] = [8, 8 + 2 + 2 * 12 + 4];
  const dataAt = gpsAt + 2 + 5 * 12 + 4;
  return Buffer.concat([
    Buffer.from('II*\0'), long(mainAt),
    directory([entry(0x0112, 3, 1, short(orientation)), entry(0x8825, 4, 1, long(gpsAt))]),
    directory([
      entry(1, 2, 2, Buffer.from('N\0')), entry(2, 5, 3, long(dataAt)),
      entry(3, 2, 2, Buffer.from('E\0')), entry(4, 5, 3, long(dataAt + 24)),
      entry(0x12, 2, mark.length, long(dataAt + 48)),
    ]),
    degrees(37, 33, 59), degrees(126, 58, 41), mark,
  ]);
}

/** A JPEG with one more segment in front. */
function withSegment(bytes, marker, content) {
  const head = Buffer.from([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255]);
  return Buffer.concat([bytes.subarray(0, 2), head, content, bytes.subarray(2)]);
}

/** A colour profile of the size of Apple's, by its outside. */
function profile() {
  const bytes = Buffer.alloc(536);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write('appl', 4);
  bytes.writeUInt32BE(0x04000000, 8);
  bytes.write('mntrRGB XYZ ', 12);
  bytes.write('acsp', 36);
  bytes.write('Display P3', 200);
  return bytes;
}

const SOUND = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${FILM_MS / 1000}`];
const FILM = ['-f', 'lavfi', '-i', `testsrc=size=320x240:rate=25:duration=${FILM_MS / 1000}`];
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25', '-c:a', 'aac'];

async function film(file, args) {
  await ffmpeg([...FILM, ...SOUND, ...args, '-shortest', at(file)]);
  return fs.promises.readFile(at(file));
}

/** The quarter turns as a phone writes them: the matrix of the film's own track (ISO/IEC 14496-12, 8.3.2). */
async function turnedFilm(degrees) {
  const bytes = Buffer.from(await made('mp4'));
  const matrix = {
    90: [0, 1, 0, -1, 0, 0, 240, 0, 0x4000],
    180: [-1, 0, 0, 0, -1, 0, 320, 240, 0x4000],
    270: [0, -1, 0, 1, 0, 0, 0, 320, 0x4000],
  }[degrees];
  // The first track is the picture's; the matrix begins 40 bytes into the box's content.
  const start = bytes.indexOf('tkhd') + 4 + 40;
  matrix.forEach((value, index) => bytes.writeInt32BE(value * 65_536, start + index * 4));
  return bytes;
}

async function heif(file, source) {
  await fs.promises.writeFile(at(`${file}.jpg`), source);
  await run('heif-enc', ['-q', '60', '-o', at(file), at(`${file}.jpg`)]);
  return fs.promises.readFile(at(file));
}

/** A HEIC as a phone held upright makes it: pixels as they lie, and an `irot` (ISO/IEC 23008-12, 6.5.10). */
async function turnedHeic() {
  const lying = await jpeg('lying.jpg', { width: HEIGHT, height: WIDTH, seen: SCENE[6], upright: [WIDTH, HEIGHT] });
  const bytes = await heif('lying.heic', lying);
  const box = (name) => bytes.indexOf(name) - 4;
  const grow = (name, by) => bytes.writeUInt32BE(bytes.readUInt32BE(box(name)) + by, box(name));
  const [properties, links, places] = [box('ipco'), box('ipma'), box('iloc')];
  let index = 1;
  const end = properties + bytes.readUInt32BE(properties);
  for (let start = properties + 8; start < end; start += bytes.readUInt32BE(start)) index += 1;
  const irot = Buffer.from('\0\0\0\x09irot\x03', 'latin1');
  const link = Buffer.from([0x80 | index]);
  for (const name of ['meta', 'iprp']) grow(name, irot.length + link.length);
  grow('ipco', irot.length);
  grow('ipma', link.length);
  // One item, its number and its count of properties: the list ends with the box.
  const linksEnd = links + 8 + 4 + 4 + 2 + 1 + bytes[links + 18];
  bytes[links + 18] += 1;
  const offset = places + 8 + 4 + 4 + 2 + 2;
  bytes.writeUInt32BE(bytes.readUInt32BE(offset) + irot.length + link.length, offset);
  return Buffer.concat([bytes.subarray(0, end), irot, bytes.subarray(end, linksEnd), link, bytes.subarray(linksEnd)]);
}

async function converted(file, args) {
  await run('/usr/bin/convert', ['-size', `${WIDTH}x${HEIGHT}`, '-depth', '8', 'rgb:-', ...args, at(file)], pixels(WIDTH, HEIGHT));
  return fs.promises.readFile(at(file));
}

const MAKERS = {
  jpg: () => jpeg('plain.jpg'),
  'small jpg': () => jpeg('small.jpg', { width: 80, height: 60 }),
  'progressive jpg': () => converted('progressive.jpg', ['-interlace', 'JPEG']),
  'cmyk jpg': () => converted('cmyk.jpg', ['-colorspace', 'CMYK']),
  'grey jpg': () => converted('grey.jpg', ['-colorspace', 'Gray']),
  'truncated jpg': async () => { const whole = await made('jpg'); return whole.subarray(0, Math.floor(whole.length * 0.6)); },
  'jpg with a profile': async () => withSegment(await made('jpg'), 0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), profile()])),
  png: () => picture('plain.png', []),
  '16-bit png': () => picture('deep.png', ['-pix_fmt', 'rgb48be']),
  'png with alpha': () => picture('clear.png', ['-pix_fmt', 'rgba'], { channels: 4 }),
  gif: async () => {
    await ffmpeg(['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=8', at('film.gif')]);
    return fs.promises.readFile(at('film.gif'));
  },
  'lossy webp': () => picture('lossy.webp', ['-c:v', 'libwebp', '-quality', '80']),
  'lossless webp': () => picture('lossless.webp', ['-c:v', 'libwebp', '-lossless', '1']),
  'webp with alpha': () => picture('clear.webp', ['-c:v', 'libwebp', '-pix_fmt', 'yuva420p'], { channels: 4 }),
  heic: async () => heif('photo.heic', await made('jpg')),
  'heic held upright': turnedHeic,
  avif: async () => heif('photo.avif', await made('jpg')),
  mp4: () => film('film.mp4', [...H264]),
  'mp4 for the web': () => film('faststart.mp4', [...H264, '-movflags', '+faststart']),
  'mp4 in fragments': () => film('fragments.mp4', [...H264, '-movflags', 'frag_keyframe+empty_moov']),
  'hevc mov': () => film('film.mov', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1', '-pix_fmt', 'yuv420p', '-c:a', 'aac']),
  'vp8 webm': () => film('vp8.webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus']),
  'vp9 webm': () => film('vp9.webm', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus']),
  mkv: () => film('film.mkv', [...H264]),
  m4a: async () => { await ffmpeg([...SOUND, '-c:a', 'aac', at('voice.m4a')]); return fs.promises.readFile(at('voice.m4a')); },
  pdf: async () => Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n'),
};
for (const orientation of Object.keys(SCENE)) MAKERS[`turned jpg ${orientation}`] = () => turnedPhoto(Number(orientation));
for (const degrees of [90, 180, 270]) MAKERS[`mp4 turned ${degrees}`] = () => turnedFilm(degrees);

const known = new Map();
/** The bytes of a format, made at the first call. */
function made(name) {
  if (!known.has(name)) known.set(name, MAKERS[name]());
  return known.get(name);
}

/** Makes these two at a time; the encoders have more than one thread of their own. */
async function allMade(names) {
  const left = [...names];
  const work = async () => { for (let name = left.shift(); name; name = left.shift()) await made(name); };
  await Promise.all([work(), work()]);
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A JPEG's frame: { width, height, components, markers }. */
function jpegFrame(bytes) {
  if (bytes.readUInt16BE(0) !== 0xffd8) throw new Error('no JPEG');
  const markers = [];
  for (let start = 2; ;) {
    const marker = bytes[start + 1];
    markers.push(marker);
    if (marker >= 0xc0 && marker <= 0xc3) return { markers, height: bytes.readUInt16BE(start + 5), width: bytes.readUInt16BE(start + 7), components: bytes[start + 9] };
    start += 2 + bytes.readUInt16BE(start + 2);
  }
}

/** A JPEG's own pixels, whatever it says of its orientation: { width, height, colour(x, y) } with x and y from 0 to 1. */
async function decoded(bytes) {
  const { width, height } = jpegFrame(bytes);
  const raw = await ffmpeg(['-noautorotate', '-f', 'mjpeg', '-i', '-', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], bytes);
  const colour = (x, y) => {
    const start = (Math.min(height - 1, Math.floor(y * height)) * width + Math.min(width - 1, Math.floor(x * width))) * 3;
    return [...raw.subarray(start, start + 3)];
  };
  return { width, height, colour };
}

module.exports = { made, allMade, sha256, jpegFrame, decoded, profile, CORNERS, GPS_MARK, FILM_MS, WIDTH, HEIGHT };
