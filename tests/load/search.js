'use strict';
// Search under load: a room of MESSAGES and ROOMS others, written into the database of a stopped server, which then
// indexes it; then each kind of search, REPEAT times one after the other, and pages and the list of rooms beside them.
// Prints one JSON line. See README.md.
const { Person, uuid } = require('../e2e/person.js');
const { Server } = require('../e2e/server.js');
const { runSql } = require('../e2e/oracle.js');
const { rssMb } = require('../e2e/kit.js');

const number = (name, fallback) => Number(process.env[name] || fallback);
const MESSAGES = Math.min(number('MESSAGES', 1_000_000), 10_000_000);
const ROOMS = Math.min(number('ROOMS', 50), 150);
const REPEAT = Math.min(number('REPEAT', 300), 10_000);
const INDEXING_MAX_S = number('INDEXING_MAX_S', 3_600);
const WORDS = 4_000;
const COMMON = '오늘 아기가 처음으로 뒤집었어요 병원 예약했어 저녁 먹을까 사진 보낼게 우리 내일 엄마 아빠 할머니 기저귀 분유 샀어 지금 집에 가는 중 사랑해 고마워 ㅋㅋㅋ ㅎㅎ 진짜 귀엽다 산책 가자 커피 마실래 회의 끝났어 조금만 기다려 알겠어 hello'.split(' ');

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Words as they are said: some all the time, most hardly ever. */
function vocabulary() {
  const words = [...COMMON];
  for (let seed = 1; words.length < WORDS; seed += 1) {
    const syllable = (at) => String.fromCodePoint(0xac00 + ((seed * 7_919 + at * at * 104_729) % 11_172));
    words.push([...Array(2 + (seed % 3)).keys()].map(syllable).join(''));
  }
  return words;
}

/** Six words each, the common ones often; one in 200 a photo without a file. */
function fill(database, room, sender, count) {
  const chance = (at) => `((id * 48271 + id / 97 * 16807 + ${at} * 7777777) % 1000003) / 1000003.0`;
  const word = (at) => `(select word from vocabulary where at = cast(${WORDS} * ${chance(at)} * ${chance(at)} * ${chance(at)} as integer))`;
  runSql(database, 'create table vocabulary (at integer primary key, word text not null)');
  runSql(database, `insert into vocabulary select key, value from json_each('${JSON.stringify(vocabulary())}')`);
  runSql(database, `
    insert into message (room_id, id, rev, sender_id, type, content, sent_at)
    with recursive number (id) as (select 1 union all select id + 1 from number where id < ${count})
    select ${room}, id, id + 10, ${sender}, iif(id % 200, 'TEXT', 'IMAGE'),
      iif(id % 200, ${[1, 2, 3, 4, 5, 6].map(word).join(` || ' ' || `)}, ''), 1700000000000 + id * 1000 from number`);
  runSql(database, 'drop table vocabulary');
  runSql(database, `update room set last_message_id = ${count}, rev = ${count + 10} where id = ${room}`);
}

function percentiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** How long the answers take, one after the other, and how many hits the last one had. */
async function timed(person, path, count = REPEAT) {
  const took = [];
  let hits;
  for (let turn = 0; turn < count; turn += 1) {
    const start = performance.now();
    const answer = await person.get(path);
    took.push(performance.now() - start);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
    const { data } = answer.data;
    hits = (data.hits ?? data.messages ?? data).length;
  }
  return { ...percentiles(took), hits };
}

/** Sends while it indexes, so that one sees what that costs. */
async function sending(person, room, isOver) {
  const took = [];
  while (!isOver()) {
    const start = performance.now();
    const answer = await person.post(`/rooms/${room}/messages`, { clientId: uuid(), type: 'TEXT', content: '오늘 아기가 처음으로 뒤집었어요!' });
    took.push(performance.now() - start);
    if (answer.status !== 201) throw new Error(answer.text);
    await pause(20);
  }
  return percentiles(took);
}

async function main() {
  const server = await Server.start({ bin: process.env.BAMBITALK_BIN || undefined, flags: ['--log', 'warn'] });
  try {
    const [anna] = await Person.couple(server);
    const { roomId: room } = await anna.roomOfKind('COUPLE');
    for (let at = 0; at < ROOMS; at += 1) await anna.post('/rooms', { title: `방 ${at}` });
    const quiet = await sending(anna, room, (() => { const end = performance.now() + 5_000; return () => performance.now() > end; })());
    await server.kill('SIGTERM');
    runSql(server.database, `delete from message where room_id = ${room}`);
    runSql(server.database, `update room set indexed_id = 0 where id = ${room}`);
    fill(server.database, room, anna.id, MESSAGES);
    await server.restart();

    const start = performance.now();
    const behind = () => runSql(server.database, `select last_message_id - indexed_id from room where id = ${room}`, 'ro')[0][0];
    let isIndexed = false;
    const during = sending(anna, room, () => isIndexed);
    const whileIndexing = await timed(anna, `/search?q=${encodeURIComponent('병원')}&roomId=${room}`, 20);
    for (let left = behind(); left > 100; left = behind()) {
      if (performance.now() - start > INDEXING_MAX_S * 1000) throw new Error(`${left} messages are not indexed`);
      await pause(1_000);
    }
    isIndexed = true;
    const indexing = { secs: Math.round((performance.now() - start) / 1000), sendMs: { quiet, during: await during }, searchMs: whileIndexing };

    const rare = vocabulary().at(-1);
    const searches = {};
    for (const [kind, q] of [['common', '오늘'], ['twoSyllables', '병원'], ['initials', 'ㅂㅇ'], ['commonInitials', 'ㅇㄴ'], ['rare', rare], ['none', '쀍쀍'], ['sentence', '아기가 처음으로 병원'], ['farApart', 'ㅇㄱㅇㄱㅇㄱ']]) {
      const path = `/search?q=${encodeURIComponent(q)}`;
      searches[kind] = { room: await timed(anna, `${path}&roomId=${room}`), all: await timed(anna, path) };
    }
    const pages = {
      newest: await timed(anna, `/rooms/${room}/messages?limit=50`),
      middle: await timed(anna, `/rooms/${room}/messages?limit=50&around=${Math.floor(MESSAGES / 2)}`),
      album: await timed(anna, `/rooms/${room}/media?limit=50&before=${Math.floor(MESSAGES / 2)}`),
      rooms: await timed(anna, '/rooms'),
    };
    console.log(JSON.stringify({ messages: MESSAGES, rooms: ROOMS, rssMb: Math.round(rssMb(server.pid)), indexing, searches, pages }));
  } finally {
    await server.stop();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
