'use strict';
// Files as phones really make them: taken in as they are, measured as they are looked at, shown small and upright.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server');
const { Person, uuid } = require('./person');
const { INSTANT, data, refuses } = require('./envelope');
const { until } = require('./kit');
const { made, allMade, sha256, jpegFrame, decoded, profile, CORNERS, GPS_MARK, FILM_MS } = require('./formats');

const THUMB_MAX = 512;
const THUMB_MS = 10_000;
/** What an encoder may round, and a colour that went through JPEG. */
const DURATION_SLACK_MS = 60;
const COLOUR_SLACK = 50;

const PHOTO = { width: 800, height: 600, isDrawn: true };
const FILM = { width: 320, height: 240, durationMs: FILM_MS };
const PHOTOS = {
  jpg: { mime: 'image/jpeg', ...PHOTO },
  'progressive jpg': { mime: 'image/jpeg', ...PHOTO },
  'cmyk jpg': { mime: 'image/jpeg', ...PHOTO },
  'grey jpg': { mime: 'image/jpeg', ...PHOTO, isGrey: true },
  'jpg with a profile': { mime: 'image/jpeg', ...PHOTO },
  png: { mime: 'image/png', ...PHOTO },
  '16-bit png': { mime: 'image/png', ...PHOTO },
  'png with alpha': { mime: 'image/png', ...PHOTO, isClear: true },
  'lossy webp': { mime: 'image/webp', ...PHOTO },
  'lossless webp': { mime: 'image/webp', ...PHOTO },
  'webp with alpha': { mime: 'image/webp', ...PHOTO, isClear: true },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((orientation) => [`turned jpg ${orientation}`, { mime: 'image/jpeg', ...PHOTO }])),
};
const UNDRAWN = {
  heic: { mime: 'image/heic', width: 800, height: 600 },
  'heic held upright': { mime: 'image/heic', width: 800, height: 600 },
  avif: { mime: 'image/avif', width: 800, height: 600 },
};
const FILMS = {
  mp4: { mime: 'video/mp4', ...FILM },
  'mp4 for the web': { mime: 'video/mp4', ...FILM },
  'mp4 in fragments': { mime: 'video/mp4', ...FILM },
  'mp4 turned 90': { mime: 'video/mp4', ...FILM, width: 240, height: 320 },
  'mp4 turned 180': { mime: 'video/mp4', ...FILM },
  'mp4 turned 270': { mime: 'video/mp4', ...FILM, width: 240, height: 320 },
  'hevc mov': { mime: 'video/quicktime', ...FILM },
  'vp8 webm': { mime: 'video/webm', ...FILM },
  'vp9 webm': { mime: 'video/webm', ...FILM },
  mkv: { mime: 'video/x-matroska', ...FILM },
};

let server, anna, ben, roomId;
before(async () => {
  const encoding = allMade([...Object.keys(PHOTOS), 'truncated jpg', 'gif', ...Object.keys(UNDRAWN), ...Object.keys(FILMS)]);
  server = await Server.start();
  [anna, ben] = await Person.couple(server);
  ({ roomId } = await anna.roomOfKind('COUPLE'));
  await encoding;
});
after(() => server.stop());

/** Uploads it and checks all that was said of it; answers that. */
async function taken(name, { mime, width, height, durationMs }) {
  const bytes = await made(name);
  const uploaded = data(await anna.upload(bytes, 'whatever.bin'), 201);
  const { durationMs: toldMs, ...told } = uploaded;
  const { mediaId, url, fileUrl, thumbnailUrl, thumbhash } = uploaded;
  const known = { fileUrl, mediaId, url, size: bytes.length, mime, width, height };
  // A picture that was drawn already tells its hash at once.
  assert.deepEqual(told, { ...known, ...(mime.startsWith('image/') ? { thumbnailUrl } : {}), ...(thumbhash ? { thumbhash } : {}) });
  if (durationMs === undefined) assert.equal(toldMs, undefined);
  else assert.ok(Math.abs(toldMs - durationMs) <= DURATION_SLACK_MS, `${toldMs} ms`);

  const back = await ben.open(url);
  assert.equal(back.status, 200);
  assert.equal(back.headers['content-type'], mime);
  assert.equal(back.headers['content-length'], String(bytes.length));
  assert.equal(sha256(back.data), sha256(bytes), 'the original came back changed');
  return uploaded;
}

/** The thumbnail behind a link: a small JPEG that says nothing but its pixels. */
async function thumbnail(url) {
  const answer = await ben.open(url);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'image/jpeg');
  const { width, height } = jpegFrame(answer.data);
  assert.ok(Math.max(width, height) <= THUMB_MAX, `${width}x${height}`);
  for (const secret of ['Exif', GPS_MARK, 'photoshop', '<x:xmpmeta']) assert.equal(answer.data.includes(secret), false, secret);
  return answer;
}

const isNear = (colour, expected, about) => colour.forEach((value, channel) => assert.ok(Math.abs(value - expected[channel]) <= COLOUR_SLACK, `${about}: ${colour}, not ${expected}`));

/** The four corners stand where they were seen. */
async function standsUpright(jpeg) {
  const { colour } = await decoded(jpeg);
  [[0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]].forEach(([x, y], corner) => isNear(colour(x, y), CORNERS[corner], `corner ${x} ${y}`));
  return colour;
}

/** What the other phone reads of the media in a message, once it has its hash. */
async function messageWithHash(type, mediaId) {
  const sent = data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type, mediaId }), 201);
  return until(async () => {
    const [message] = data(await ben.get(`/rooms/${roomId}/messages?limit=1`)).messages;
    assert.equal(message.id, sent.id);
    return message.thumbhash && message;
  }, THUMB_MS, 'a message with its thumbhash');
}

for (const [name, expected] of Object.entries(PHOTOS)) {
  test(`a photo as ${name} is kept as it is and shown small and upright`, async () => {
    const { mediaId, thumbnailUrl } = await taken(name, expected);
    const { data: thumb, headers } = await thumbnail(thumbnailUrl);
    const { width, height } = jpegFrame(thumb);
    assert.deepEqual([width, height], [512, 384]);
    assert.match(headers.etag, /^"t/);
    assert.match(headers['content-disposition'], /^inline; filename="[0-9a-f]{32}\.jpg"/);
    if (!expected.isGrey) await standsUpright(thumb);
    if (expected.isClear) isNear((await decoded(thumb)).colour(0.5, 0.5), [255, 255, 255], 'the clear middle');

    const message = await messageWithHash('IMAGE', mediaId);
    assert.equal(Buffer.from(message.thumbhash, 'base64').toString('base64'), message.thumbhash);
    assert.match(message.sentAt, INSTANT);
  });
}

test('a photo\'s colour profile goes along into its thumbnail', async () => {
  const { thumbnailUrl } = data(await anna.upload(await made('jpg with a profile')), 201);
  assert.equal((await thumbnail(thumbnailUrl)).data.includes(profile()), true);
});

test('a turned photo\'s hash is that of the picture as it is looked at', async () => {
  const hashes = [];
  for (const orientation of [1, 3, 6, 8]) {
    const { mediaId } = data(await anna.upload(await made(`turned jpg ${orientation}`)), 201);
    hashes.push(Buffer.from((await messageWithHash('IMAGE', mediaId)).thumbhash, 'base64'));
  }
  // Twelve bytes of header and coarse colours decide; the rest is the encoder's grain.
  for (const hash of hashes) assert.deepEqual(hash.subarray(0, 5), hashes[0].subarray(0, 5));
});

test('a small photo is not enlarged', async () => {
  const { thumbnailUrl, width, height } = data(await anna.upload(await made('gif'), 'film.gif'), 201);
  assert.deepEqual([width, height], [160, 120]);
  const thumb = jpegFrame((await thumbnail(thumbnailUrl)).data);
  assert.deepEqual([thumb.width, thumb.height], [160, 120]);
});

test('a film as gif of two hundred frames is a picture', async () => {
  const { mediaId } = await taken('gif', { mime: 'image/gif', width: 160, height: 120 });
  await messageWithHash('IMAGE', mediaId);
});

test('a photo that breaks off is kept, and shown as far as it goes or not at all', async () => {
  const { mediaId, thumbnailUrl } = await taken('truncated jpg', { mime: 'image/jpeg', width: 800, height: 600 });
  await thumbnail(thumbnailUrl);
  assert.equal(data(await anna.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'IMAGE', mediaId }), 201).mediaId, mediaId);
});

for (const [name, expected] of Object.entries(UNDRAWN)) {
  test(`a photo as ${name} has a plain frame until its phone sends a poster, once`, async () => {
    const { mediaId, url, thumbnailUrl, thumbhash } = await taken(name, expected);
    assert.equal(thumbhash, undefined);
    const plain = await thumbnail(thumbnailUrl);
    assert.equal(plain.headers['cache-control'], 'no-store');
    assert.equal(plain.headers.etag, undefined);

    const poster = await made('turned jpg 6');
    const put = (body, person = anna) => person.put(`/media/${mediaId}/poster`, body, { headers: { 'Content-Type': 'image/jpeg' } });
    refuses(await put(await made('png')), 415, 1415);
    refuses(await put(Buffer.concat([poster, Buffer.alloc(512 << 10)])), 413, 1413);
    refuses(await put(poster, ben), 404, 6408);
    assert.equal(data(await put(poster)).mediaId, mediaId);
    const { thumbnailUrl: now } = await messageWithHash('IMAGE', mediaId);
    const { data: thumb } = await thumbnail(now);
    assert.notEqual(sha256(thumb), sha256(plain.data));
    await standsUpright(thumb);

    assert.equal(data(await put(poster)).mediaId, mediaId, 'the same again is fine');
    refuses(await put(await made('jpg')), 409, 6409);
    const raw = await ben.open(url.replace('?', '/poster?'));
    assert.equal(sha256(raw.data), sha256(poster));
  });
}

for (const [name, expected] of Object.entries(FILMS)) {
  test(`a film as ${name} is kept as it is and measured as it is looked at`, async () => {
    await taken(name, expected);
  });
}

test('pictures and films are known by any of their brands', async () => {
  const branded = (bytes, major, ...compatible) => {
    const head = Buffer.alloc(16 + 4 * compatible.length);
    head.writeUInt32BE(head.length);
    [major, '\0\0\0\0', ...compatible].forEach((brand, at) => head.write(brand, 8 + 4 * at, 'latin1'));
    head.write('ftyp', 4);
    return Buffer.concat([head, bytes.subarray(bytes.readUInt32BE())]);
  };
  const [picture, moving] = [await made('heic'), await made('mp4')];
  for (const brands of [['mif1', 'heix'], ['msf1', 'hevc', 'iso8'], ['mif1', 'miaf', 'heim'], ['hevx', 'msf1'], ['heis']]) {
    const { mime, width, height } = data(await anna.upload(branded(picture, ...brands), 'IMG_1.HEIC'), 201);
    assert.deepEqual({ mime, width, height }, UNDRAWN.heic, brands.join());
  }
  for (const brands of [['3g2a', '3g2a'], ['3g2b'], ['KDDI', '3g2a']]) {
    const { mime, width } = data(await anna.upload(branded(moving, ...brands), 'old.3g2'), 201);
    assert.deepEqual([mime, width], ['video/mp4', FILM.width], brands.join());
  }
  for (const brands of [['mif1', 'mif1', 'miaf'], ['JP2 '], ['none']]) refuses(await anna.upload(branded(picture, ...brands), 'x.heic'), 415, 1415);
});

test('a film has a thumbnail from the moment its phone sends a frame of it', async () => {
  const { mediaId, url, thumbnailUrl } = data(await anna.upload(await made('mp4'), 'film.mp4'), 201);
  assert.equal(thumbnailUrl, undefined);
  refuses(await ben.get(server.url + url.replace('?', '/poster?')), 404, 6408);
  const frame = await made('turned jpg 8');
  const put = await anna.put(`/media/${mediaId}/poster`, frame, { headers: { 'Content-Type': 'image/jpeg' } });
  assert.match(data(put).thumbnailUrl, new RegExp(`^/media/${mediaId}/thumb\\?e=\\d+&s=`));

  const message = await messageWithHash('VIDEO', mediaId);
  await standsUpright((await thumbnail(message.thumbnailUrl)).data);
  const back = await ben.open(message.url.replace('?', '/poster?'));
  assert.equal(sha256(back.data), sha256(frame));
  assert.equal(back.headers['content-type'], 'image/jpeg');
});

test('a photo that the server draws itself, and a document, take no poster', async () => {
  const poster = (mediaId, body) => anna.put(`/media/${mediaId}/poster`, body, { headers: { 'Content-Type': 'image/jpeg' } });
  const photo = data(await anna.upload(await made('jpg')), 201);
  refuses(await poster(photo.mediaId, await made('jpg')), 409, 6409);
  const paper = data(await anna.upload(await made('pdf'), 'a.pdf'), 201);
  assert.deepEqual([paper.mime, paper.thumbnailUrl, paper.width], ['application/pdf', undefined, undefined]);
  refuses(await poster(paper.mediaId, await made('jpg')), 404, 6408);
  refuses(await ben.get(server.url + paper.url.replace('?', '/thumb?')), 404, 6408);
});

test('a voice memo is a file that a browser plays', async () => {
  const { mime, url, width } = data(await anna.upload(await made('m4a'), 'memo.m4a'), 201);
  assert.deepEqual([mime, width], ['audio/mp4', undefined]);
  const { headers } = await ben.open(url);
  assert.equal(headers['content-type'], 'audio/mp4');
  assert.match(headers['content-disposition'], /^inline; filename="memo\.m4a"/);
});
