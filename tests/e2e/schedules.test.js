'use strict';
// The couple's calendar: the mobile app's own wire to the letter, days and months where the couple lives, nothing lost.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, uuid } = require('./person.js');
const { INSTANT, data, answers, refuses, success } = require('./envelope.js');
const { clockServer } = require('./clock.js');
const { runSql, assertSound } = require('./oracle.js');
const { until } = require('./kit.js');

let server, people;
const NEVER = 987_654_321;
const HOSPITAL = { title: '병원', description: '정기검진', date: '2025-07-15T01:30:00.000Z', color: 'RED' };

before(async () => {
  server = await Server.start();
  people = [];
});
after(async () => {
  people.forEach((person) => person.leaveAll());
  await server.stop();
});

async function couple(timeZone = 'Asia/Seoul') {
  const [anna, ben] = await Person.couple(server);
  people.push(anna, ben);
  data(await anna.patch('/couples/me', { timeZone }));
  return [anna, ben];
}

async function someone(nickname = '안나', role = 'MOM') {
  const person = await Person.signUp(server, nickname, role);
  people.push(person);
  data(await person.patch('/couples/me', { timeZone: 'Asia/Seoul' }));
  return person;
}

const write = async (person, fields) => data(await person.post('/schedules', fields), 201);
const month = async (person, yearMonth) => data(await person.get(`/schedules?yearMonth=${yearMonth}`));
/** A month with a half of each of its neighbours. */
function monthsAround(yearMonth) {
  const [year, month] = yearMonth.split('-').map(Number);
  return [Date.UTC(year, month - 2, 15), Date.UTC(year, month, 15)].map((at) => new Date(at).toISOString().slice(0, 10));
}
const span = async (person, from, to) => data(await person.get(`/schedules?from=${from}&to=${to}`));
/** `date time title` of all that is listed, in its order. */
const lines = (days) => days.flatMap((day) => day.schedules.map((entry) => {
  assert.equal(entry.date, day.date);
  return `${entry.date} ${entry.time} ${entry.title}`;
}));

test('a schedule is answered to the letter, when it is written, listed, changed and taken away', async () => {
  const [anna, ben] = await couple();
  const { coupleId } = data(await ben.get('/couples/me'));
  const posted = await ben.post('/schedules', HOSPITAL);
  const { scheduleId, createdAt, updatedAt } = posted.data.data;
  assert.match(createdAt, INSTANT);
  assert.equal(createdAt, updatedAt);
  const written = {
    scheduleId, coupleId, creatorId: ben.id, title: '병원', description: '정기검진', date: '2025-07-15T01:30:00.000Z',
    color: 'RED', isCompleted: false, createdAt, updatedAt, allDay: false,
  };
  answers(posted, 201, written);
  answers(await anna.get(`/schedules/${scheduleId}`), 200, written);
  const entry = {
    scheduleId, title: '병원', description: '정기검진', date: '2025-07-15', time: '10:30', color: 'RED', isCompleted: false,
    creatorId: ben.id, creatorRole: 'DAD', allDay: false,
  };
  for (const reader of [anna, ben]) answers(await reader.get('/schedules?yearMonth=2025-07'), 200, [{ date: '2025-07-15', schedules: [entry] }]);

  // As the app sends it: with its own bookkeeping along.
  const patched = await anna.patch(`/schedules/${scheduleId}`, { scheduleId, yearMonth: '2025-07', description: null, isCompleted: true });
  answers(patched, 200, { ...written, description: null, isCompleted: true, updatedAt: patched.data.data.updatedAt });
  const { description, ...bare } = entry;
  assert.equal(description, '정기검진');
  answers(await ben.get('/schedules?yearMonth=2025-07'), 200, [{ date: '2025-07-15', schedules: [{ ...bare, isCompleted: true }] }]);

  answers(await anna.delete(`/schedules/${scheduleId}`), 200);
  answers(await ben.get('/schedules?yearMonth=2025-07'), 200, []);
  refuses(await ben.get(`/schedules/${scheduleId}`), 404, 4404);
  answers(await ben.post(`/schedules/${scheduleId}/restore`), 200, patched.data.data);
  answers(await anna.post(`/schedules/${scheduleId}/restore`), 200, patched.data.data);
});

test('what is not said is yellow, without a description, not done', async () => {
  const anna = await someone();
  const { color, description, isCompleted } = await write(anna, { title: '산책', date: '2025-07-15' });
  assert.deepEqual({ color, description, isCompleted }, { color: 'YELLOW', description: null, isCompleted: false });
});

test('an all-day schedule is on its day wherever the couple lives', async () => {
  const [anna] = await couple('Asia/Seoul');
  const { scheduleId, date, allDay } = await write(anna, { title: '돌잔치', date: '2025-07-31' });
  assert.deepEqual([date, allDay], ['2025-07-30T15:00:00.000Z', true]);
  await write(anna, { title: '병원', date: '2025-07-31T23:30' });
  for (const [timeZone, start, listed] of [
    ['Asia/Seoul', '2025-07-30T15:00:00.000Z', ['2025-07-31 00:00 돌잔치', '2025-07-31 23:30 병원']],
    ['America/New_York', '2025-07-31T04:00:00.000Z', ['2025-07-31 00:00 돌잔치', '2025-07-31 10:30 병원']],
    ['Australia/Lord_Howe', '2025-07-30T13:30:00.000Z', ['2025-07-31 00:00 돌잔치']],
  ]) {
    data(await anna.patch('/couples/me', { timeZone }));
    assert.equal(data(await anna.get(`/schedules/${scheduleId}`)).date, start, timeZone);
    assert.deepEqual(lines(await month(anna, '2025-07')), listed, timeZone);
  }
  assert.deepEqual(lines(await month(anna, '2025-08')), ['2025-08-01 01:00 병원']);
});

// First instant of a month and of the next one: without changes of the clocks, with one back, with one ahead by half an hour.
const MONTHS = [
  ['Asia/Seoul', '2025-07', '2025-06-30T15:00:00.000Z', '2025-07-31T15:00:00.000Z'],
  ['America/New_York', '2025-11', '2025-11-01T04:00:00.000Z', '2025-12-01T05:00:00.000Z'],
  ['America/New_York', '2025-03', '2025-03-01T05:00:00.000Z', '2025-04-01T04:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-10', '2025-09-30T13:30:00.000Z', '2025-10-31T13:00:00.000Z'],
  ['Australia/Lord_Howe', '2025-04', '2025-03-31T13:00:00.000Z', '2025-04-30T13:30:00.000Z'],
];
for (const [timeZone, yearMonth, first, next] of MONTHS) {
  test(`${yearMonth} in ${timeZone} begins and ends at its midnights, to the millisecond`, async () => {
    const [anna] = await couple(timeZone);
    const before = (instant) => new Date(Date.parse(instant) - 1).toISOString();
    for (const date of [next, before(next), first, before(first)]) await write(anna, { title: date, date });
    const day = `${yearMonth}-01`;
    const [one, other] = await month(anna, yearMonth);
    assert.deepEqual(lines([one]), [`${day} 00:00 ${first}`]);
    assert.equal(other.schedules[0].time, '23:59');
    assert.equal(other.schedules[0].title, before(next));
    assert.deepEqual(await span(anna, day, other.date), [one, other]);
    assert.deepEqual(lines(await span(anna, day, day)), [`${day} 00:00 ${first}`]);
    const everything = lines(await span(anna, ...monthsAround(yearMonth)));
    assert.equal(everything.length, 4);
    assert.deepEqual(everything.map((line) => line.split(' ')[2]), [before(first), first, before(next), next]);
  });
}

test('a local time is the couple\'s; one that does not exist moves later, of two the earlier counts', async () => {
  for (const [timeZone, date, instant, time] of [
    ['Asia/Seoul', '2025-07-15T10:30', '2025-07-15T01:30:00.000Z', '10:30'],
    ['Asia/Seoul', '2025-07-15T10:30:15.250', '2025-07-15T01:30:15.250Z', '10:30'],
    ['Asia/Seoul', '2025-07-15T10:30:00-04:00', '2025-07-15T14:30:00.000Z', '23:30'],
    ['America/New_York', '2025-03-09T02:30', '2025-03-09T07:30:00.000Z', '03:30'],
    ['America/New_York', '2025-11-02T01:30', '2025-11-02T05:30:00.000Z', '01:30'],
    ['Australia/Lord_Howe', '2025-10-05T02:15', '2025-10-04T15:45:00.000Z', '02:45'],
    ['Australia/Lord_Howe', '2025-04-06T01:45', '2025-04-05T14:45:00.000Z', '01:45'],
  ]) {
    const [anna] = await couple(timeZone);
    assert.equal((await write(anna, { title: 'x', date })).date, instant, `${date} in ${timeZone}`);
    assert.deepEqual(lines(await month(anna, date.slice(0, 7))), [`${date.slice(0, 10)} ${time} x`]);
  }
});

test('a day lists what lasts all day first, then by time, whatever order it was written in', async () => {
  const [anna, ben] = await couple('America/New_York');
  // Half past one is there twice on this day: the clock shows the later one as an earlier time.
  const written = [
    ['저녁', '2025-11-02T18:00'], ['second', '2025-11-02T06:15:00Z'], ['first', '2025-11-02T05:45:00Z'], ['midnight', '2025-11-02T00:00'],
    ['all day', '2025-11-02'], ['day before', '2025-11-01T23:59'], ['also all day', '2025-11-02'],
  ];
  for (const [at, [title, date]] of written.entries()) await write(at % 2 ? ben : anna, { title, date });
  const days = await month(ben, '2025-11');
  assert.deepEqual(lines(days), [
    '2025-11-01 23:59 day before', '2025-11-02 00:00 all day', '2025-11-02 00:00 also all day', '2025-11-02 00:00 midnight',
    '2025-11-02 01:45 first', '2025-11-02 01:15 second', '2025-11-02 18:00 저녁',
  ]);
  assert.deepEqual(days[1].schedules.map(({ creatorRole }) => creatorRole), ['MOM', 'MOM', 'DAD', 'MOM', 'DAD', 'MOM']);
});

test('the first field that is wrong is named by its own code', async () => {
  const anna = await someone();
  const { title, date } = HOSPITAL;
  const wrong = [null, 5, true, [], {}];
  const cases = [
    [{}, 1400], [{ title: '' }, 1400], [{ title: null, date: 'x' }, 1400], ...wrong.slice(1).map((value) => [{ title: value }, 1401]),
    [{ title: '가'.repeat(192), date }, 1401], ...wrong.slice(1).map((value) => [{ title, description: value }, 1401]),
    [{ title, description: '가'.repeat(5_001), date }, 1401], [{ title }, 1400], [{ title, date: null }, 1400], [{ title, date: '' }, 1400],
    ...[...wrong.slice(1), 'soon', '2025-02-30', '2025-7-15', '1899-12-31', '9999-12-31T00:00:00Z', '2025-07-15T25:00', 'NaN', 1_752_543_000_000].map((value) => [{ title, date: value, color: 'PINK' }, 4400]),
    ...[...wrong.slice(1), 'red', 'PINK', ''].map((color) => [{ title, date, color }, 4401]),
    ...['1', 5, {}].map((clientId) => [{ title, date, clientId }, 1401]),
  ];
  for (const [body, code] of cases) refuses(await anna.post('/schedules', body), 400, code);
  for (const body of ['[]', '5', '"x"']) refuses(await anna.post('/schedules', body, { headers: { 'Content-Type': 'application/json' } }), 400, 1401);
  assert.deepEqual(await span(anna, '2025-06-01', '2025-08-31'), []);

  const written = await write(anna, HOSPITAL);
  const changes = [
    [{ title: null }, 1400], [{ title: '' }, 1400], ...wrong.slice(1).map((value) => [{ title: value }, 1401]), [{ title: 'x'.repeat(192) }, 1401],
    ...wrong.slice(1).map((value) => [{ description: value }, 1401]), [{ date: null }, 1400], ...wrong.slice(1).map((value) => [{ date: value }, 4400]),
    ...wrong.map((value) => [{ color: value, isCompleted: 5 }, 4401]), ...[null, 0, 1, 'true', [], {}].map((value) => [{ isCompleted: value }, 4402]),
    [{ title: '바뀜', color: 'BLUE', isCompleted: 'yes' }, 4402],
  ];
  for (const [body, code] of changes) refuses(await anna.patch(`/schedules/${written.scheduleId}`, body), 400, code);
  answers(await anna.get(`/schedules/${written.scheduleId}`), 200, written);
  answers(await anna.patch(`/schedules/${written.scheduleId}`, {}), 200, written);
});

test('an id that is no number is told from one that never was', async () => {
  const anna = await someone();
  for (const id of ['abc', '1.5', '1e3', '%20', 'null', '0x1', '%F0%9F%91%B6']) {
    for (const [method, path] of [['get', ''], ['patch', ''], ['delete', ''], ['post', '/restore']]) refuses(await anna.request(method, `/schedules/${id}${path}`, { data: {} }), 400, 4403);
  }
  for (const id of ['0', '-1', NEVER, '9223372036854775807', '99999999999999999999999']) refuses(await anna.get(`/schedules/${id}`), 404, 4404);
});

test('a month or a span that is none is refused', async () => {
  const anna = await someone();
  for (const query of ['', '?yearMonth=', '?yearMonth=2025', '?yearMonth=2025-7', '?yearMonth=2025-00', '?yearMonth=2025-13', '?yearMonth=2025-07-01', '?yearMonth=25-07', '?yearMonth=%F0%9F%91%B6', '?yearMonth=2025-07%20',
    '?from=2025-07-01', '?to=2025-07-01', '?from=2025-07-02&to=2025-07-01', '?from=2025-01-01&to=2025-04-03', '?from=2025-02-30&to=2025-03-01']) refuses(await anna.get(`/schedules${query}`), 400, 1401);
  data(await anna.get('/schedules?from=2025-01-01&to=2025-04-02'));
});

test('texts come back as they were written', async () => {
  const anna = await someone();
  for (const text of [' 병원 ', '👶'.repeat(191), '가'.repeat(191), 'a\nb\t"\\\u0000\u202e', '\u1112\u1161\u11ab', '<script>alert(1)</script>', "'); drop table schedule; --"]) {
    const { scheduleId } = await write(anna, { title: text, description: text.repeat(5), date: '2030-01-01' });
    const shown = data(await anna.get(`/schedules/${scheduleId}`));
    assert.deepEqual([shown.title, shown.description], [text, text.repeat(5)]);
  }
  const long = '가'.repeat(1_000);
  assert.equal((await write(anna, { title: 'x', description: long, date: '2030-01-01' })).description, long);
});

test('the done box, and every other field, is changed by either of the two', async () => {
  const [anna, ben] = await couple();
  const { scheduleId } = await write(anna, HOSPITAL);
  for (const [person, isCompleted] of [[ben, true], [anna, false], [ben, true]]) {
    assert.equal(data(await person.patch(`/schedules/${scheduleId}`, { isCompleted })).isCompleted, isCompleted);
    assert.equal((await month(anna, '2025-07'))[0].schedules[0].isCompleted, isCompleted);
  }
  const moved = data(await ben.patch(`/schedules/${scheduleId}`, { title: '소아과', description: '', date: '2025-08-01', color: 'PURPLE' }));
  assert.deepEqual([moved.title, moved.description, moved.date, moved.color, moved.isCompleted, moved.allDay, moved.creatorId],
    ['소아과', '', '2025-07-31T15:00:00.000Z', 'PURPLE', true, true, anna.id]);
  assert.deepEqual(await month(anna, '2025-07'), []);
  assert.deepEqual(lines(await month(anna, '2025-08')), ['2025-08-01 00:00 소아과']);
  assert.equal(data(await ben.patch(`/schedules/${scheduleId}`, { date: HOSPITAL.date })).allDay, false);
  assert.deepEqual(lines(await month(anna, '2025-07')), ['2025-07-15 10:30 소아과']);
});

test('another couple\'s schedule does not exist, to the letter', async () => {
  const [anna] = await couple();
  const [stranger] = await couple();
  const { scheduleId } = await write(anna, HOSPITAL);
  const gone = await write(anna, HOSPITAL);
  answers(await anna.delete(`/schedules/${gone.scheduleId}`), 200);
  const acts = [['get', ''], ['patch', ''], ['delete', ''], ['post', '/restore']];
  for (const id of [scheduleId, gone.scheduleId]) {
    for (const [method, path] of acts) {
      const asked = (target) => stranger.request(method, `/schedules/${target}${path}`, { data: { title: 'mine now' } });
      const answer = await asked(id);
      refuses(answer, 404, 4404);
      assert.equal((await asked(NEVER)).text, answer.text);
      refuses(await new Person(server).request(method, `/schedules/${id}${path}`), 401, 2400);
    }
  }
  assert.deepEqual(await month(stranger, '2025-07'), []);
  assert.deepEqual(lines(await month(anna, '2025-07')), ['2025-07-15 10:30 병원']);
});

test('a schedule sent twice, also at the same moment, is there once', async () => {
  const [anna, ben] = await couple();
  const clientId = uuid();
  const send = (person, title) => person.post('/schedules', { ...HOSPITAL, title, clientId });
  const first = await send(anna, 'first');
  const repeats = await Promise.all(['second', 'third', 'fourth'].map((title) => send(anna, title)));
  for (const repeat of repeats) assert.deepEqual([repeat.status, repeat.text], [201, first.text]);
  assert.deepEqual(lines(await month(ben, '2025-07')), ['2025-07-15 10:30 first']);
  assert.notEqual(data(await send(ben, 'Ben\'s own'), 201).scheduleId, first.data.data.scheduleId);
  const racing = uuid();
  const racers = await Promise.all(Array.from({ length: 8 }, (_, at) => ben.post('/schedules', { title: `racer ${at}`, date: '2025-09-01', clientId: racing })));
  assert.equal(new Set(racers.map(({ text }) => text)).size, 1);
  assert.equal(lines(await month(anna, '2025-09')).length, 1);
});

test('both hear each change at once, on every device, and nobody else hears anything', async () => {
  const [anna, ben] = await couple();
  const [carl] = await couple();
  const phones = [await anna.rooms(), await ben.rooms(), await ben.rooms()];
  const outside = [await carl.rooms(), await anna.chats()];
  const heard = async (event) => {
    for (const phone of phones) assert.deepEqual(await hears(phone, 'schedule'), event);
  };
  const written = await write(ben, HOSPITAL);
  await heard(written);
  const { scheduleId } = written;
  const done = data(await anna.patch(`/schedules/${scheduleId}`, { isCompleted: true }));
  await heard(done);
  data(await anna.delete(`/schedules/${scheduleId}`));
  await heard({ scheduleId, deleted: true });
  await heard(data(await ben.post(`/schedules/${scheduleId}/restore`)));

  // None of these changes anything, so nobody hears of them; the last one says when to look.
  const clientId = uuid();
  const last = { ...HOSPITAL, title: 'last', clientId };
  data(await anna.patch(`/schedules/${scheduleId}`, {}));
  data(await anna.post(`/schedules/${scheduleId}/restore`));
  refuses(await anna.patch(`/schedules/${scheduleId}`, { isCompleted: 1 }), 400, 4402);
  refuses(await carl.delete(`/schedules/${scheduleId}`), 404, 4404);
  await write(anna, last);
  await write(anna, last);
  for (const phone of phones) assert.equal((await hears(phone, 'schedule')).title, 'last');
  const marker = await write(carl, { title: 'Carl\'s', date: '2025-07-15' });
  assert.deepEqual(await hears(outside[0], 'schedule'), marker);
  for (const phone of [...phones, ...outside]) assert.deepEqual(phone.heard.filter(([event]) => event === 'schedule'), []);
});

test('joining brings both calendars together, deleted ones too, and tells nobody twice', async () => {
  const [anna, ben] = [await someone('안나', 'MOM'), await someone('벤벤', 'DAD')];
  const clientId = uuid();
  const [annas, bens] = [await write(anna, { ...HOSPITAL, title: 'Anna\'s', clientId }), await write(ben, { ...HOSPITAL, title: 'Ben\'s', clientId })];
  const lost = await write(ben, { ...HOSPITAL, title: 'lost' });
  data(await ben.delete(`/schedules/${lost.scheduleId}`));
  refuses(await anna.get(`/schedules/${bens.scheduleId}`), 404, 4404);
  const phone = await anna.rooms();
  await ben.joins(anna);
  await hears(phone, 'couple');
  const { coupleId } = data(await anna.get('/couples/me'));
  for (const person of [anna, ben]) {
    assert.deepEqual(lines(await month(person, '2025-07')), ['2025-07-15 10:30 Anna\'s', '2025-07-15 10:30 Ben\'s']);
    answers(await person.get(`/schedules/${bens.scheduleId}`), 200, { ...bens, coupleId });
    answers(await person.get(`/schedules/${annas.scheduleId}`), 200, annas);
  }
  assert.deepEqual((await month(anna, '2025-07'))[0].schedules.map(({ creatorRole }) => creatorRole), ['MOM', 'DAD']);
  assert.deepEqual(phone.heard.filter(([event]) => event === 'schedule'), []);
  answers(await anna.post(`/schedules/${lost.scheduleId}/restore`), 200, { ...lost, coupleId });
  assert.equal(data(await anna.patch(`/schedules/${bens.scheduleId}`, { isCompleted: true })).isCompleted, true);
  assert.deepEqual((await write(ben, { ...HOSPITAL, clientId })).scheduleId, bens.scheduleId);
  assertSound(server);
});

test('what a candidate wrote moves to whoever it turns out to be', async () => {
  const closed = await Server.start({ strict: true, flags: ['--no-rate-limits'] });
  try {
    const admin = { loginId: 'owner', password: 'a quiet meadow at 4', nickname: '안나', role: 'MOM', locale: 'ko', timeZone: 'Asia/Seoul' };
    const { accessToken, user } = data(await new Person(closed).post('/setup', { ...admin, setupCode: closed.setupCode() }), 201);
    const anna = new Person(closed, { accessToken, user, id: user.userId });
    const clientId = uuid();
    await write(anna, { title: 'mine', date: '2025-07-01', clientId });
    const child = { status: 'FETAL', dueDate: '2027-03-10' };
    for (const as of ['me', 'partner']) {
      data(await anna.post('/couples/invite-code'), 201);
      const app = await Person.signUp(closed, '앱이', 'DAD');
      const written = await write(app, { title: `as ${as}`, date: '2025-07-15', clientId });
      data(await app.post('/children', { ...child, fetalName: as, clientId }), 201);
      data(await anna.post(`/couples/candidates/${app.id}`, { as }));
      const shown = data(await anna.get(`/schedules/${written.scheduleId}`));
      assert.deepEqual([shown.coupleId, shown.creatorId], [user.coupleId, as === 'me' ? anna.id : app.id]);
      answers(await app.get(`/schedules/${written.scheduleId}`), 200, shown);
    }
    assert.deepEqual(lines(await month(anna, '2025-07')), ['2025-07-01 00:00 mine', '2025-07-15 00:00 as me', '2025-07-15 00:00 as partner']);
    assert.deepEqual(data(await anna.get('/children')).map(({ fetalName }) => fetalName), ['me', 'partner']);
    assert.equal((await write(anna, { title: 'again', date: '2025-07-01', clientId })).title, 'mine');
    assertSound(closed);
  } finally { await closed.stop(); }
});

test('a calendar holds twenty thousand schedules, shows its months as ever, and says when it is full', { timeout: 60_000 }, async () => {
  const own = await Server.start();
  try {
    const anna = await Person.signUp(own);
    data(await anna.patch('/couples/me', { timeZone: 'Asia/Seoul' }));
    const last = await write(anna, { title: 'last', date: '2025-07-15' });
    const { coupleId } = data(await anna.get('/couples/me'));
    await own.kill('SIGTERM');
    runSql(own.database, `
      with recursive number(value) as (select 1 union all select value + 1 from number where value < 19999)
      insert into schedule (couple_id, creator_id, title, on_date, color, created_at, updated_at)
      select ${coupleId}, ${anna.id}, 'day ' || value, date('2026-01-01', value || ' days'), 'RED', 0, 0 from number`);
    await own.restart();
    refuses(await anna.post('/schedules', HOSPITAL), 409, 4405);
    assert.deepEqual(lines(await month(anna, '2025-07')), ['2025-07-15 00:00 last']);
    assert.equal(lines(await month(anna, '2027-03')).length, 31);
    data(await anna.delete(`/schedules/${last.scheduleId}`));
    await write(anna, HOSPITAL);
    refuses(await anna.post(`/schedules/${last.scheduleId}/restore`), 409, 4405);
  } finally { await own.stop(); }
});

test('a calendar outlives a killed server', async () => {
  const own = await Server.start();
  try {
    const anna = await Person.signUp(own);
    const written = await Promise.all(Array.from({ length: 20 }, (_, at) => write(anna, { title: `${at}`, date: '2025-07-15' })));
    await own.kill();
    await own.restart();
    for (const schedule of written) assert.equal((await anna.get(`/schedules/${schedule.scheduleId}`)).text, success(schedule));
    assertSound(own);
  } finally { await own.stop(); }
});

test('what was deleted is removed for good after thirty days, and the log says how many without a word of it', { timeout: 120_000 }, async (t) => {
  const { server: old, set } = await clockServer(t);
  const anna = await Person.signUp(old);
  const secret = '비밀 진료';
  for (const title of ['kept', secret, secret]) await write(anna, { title, date: '2025-07-15' });
  const child = { status: 'FETAL', dueDate: '2027-03-10', fetalName: secret };
  const children = [data(await anna.post('/children', child), 201), data(await anna.post('/children', child), 201)];
  for (const { scheduleId, title } of (await month(anna, '2025-07'))[0].schedules) if (title === secret) data(await anna.delete(`/schedules/${scheduleId}`));
  data(await anna.delete(`/children/${children[0].childId}`));
  const rows = () => ['schedule', 'child', 'child_due_date'].map((table) => runSql(old.database, `select count(*) from ${table}`, 'ro')[0][0]);
  /** What is left after a start at this time, once its jobs have had their turn. */
  const left = async (days, hours) => {
    await old.kill('SIGTERM');
    const offset = days * 24 + hours;
    set(`+${offset}h`);
    await old.restart();
    const beat = () => runSql(old.database, "select value from setting where name = 'heartbeat'", 'ro')[0][0];
    await until(() => Math.abs(beat() - Date.now() - offset * 3_600_000) < 30_000, 10_000, 'the jobs having looked at the clock');
    return rows();
  };
  assert.deepEqual(rows(), [3, 2, 2]);
  assert.deepEqual(await left(28, 0), [3, 2, 2]);
  assert.deepEqual(await left(28, 20), [3, 2, 2]);
  assert.deepEqual(await left(29, 16), [3, 2, 2], 'removed too early');
  assert.deepEqual(await left(30, 12), [1, 1, 1], 'kept too long');
  for (const line of [/removed schedules.*removed=2/, /removed children.*removed=1/]) await until(() => line.test(old.output), 5_000, String(line));
  assert.doesNotMatch(old.output, /비밀/);
  assertSound(old);
});

test('however much was deleted is removed a little in each commit', { timeout: 60_000 }, async () => {
  const own = await Server.start();
  try {
    const anna = await Person.signUp(own);
    const { coupleId } = data(await anna.get('/couples/me'));
    await write(anna, { title: 'kept', date: '2025-07-15' });
    const beat = () => runSql(own.database, "select count(*) from setting where name = 'heartbeat'", 'ro')[0][0] === 1;
    await until(beat, 10_000, 'the jobs having looked at the clock');
    await own.kill('SIGTERM');
    runSql(own.database, `
      with recursive number(value) as (select 1 union all select value + 1 from number where value < 1200)
      insert into schedule (couple_id, creator_id, title, on_date, color, created_at, updated_at, deleted_at)
      select ${coupleId}, ${anna.id}, 'gone', '2025-07-15', 'RED', 0, 0, 0 from number`);
    await own.restart();
    const removed = () => [...own.output.matchAll(/removed schedules.*removed=(\d+)/g)].map(([, count]) => Number(count));
    await until(() => removed().reduce((sum, count) => sum + count, 0) === 1_200, 10_000, 'a line in the log for each of them');
    assert.deepEqual(removed(), [500, 500, 200]);
    assert.equal(runSql(own.database, 'select count(*) from schedule', 'ro')[0][0], 1);
  } finally { await own.stop(); }
});

test('a day holds a hundred, however they come onto it', { timeout: 60_000 }, async () => {
  const [eva, adam] = await Person.couple(server);
  const write = (date) => eva.post('/schedules', { title: '많은 날', date });
  for (let i = 0; i < 50; i += 1) {
    data(await write('2026-11-21'), 201);
    data(await write('2026-11-21T09:00'), 201);
  }
  refuses(await write('2026-11-21'), 409, 4405);
  const { scheduleId } = data(await write('2026-11-22'), 201);
  refuses(await adam.patch(`/schedules/${scheduleId}`, { date: '2026-11-21T00:00' }), 409, 4405);
  assert.equal(data(await eva.get(`/schedules/${scheduleId}`)).date, '2026-11-21T15:00:00.000Z');

  const [day] = data(await eva.get('/schedules?from=2026-11-21&to=2026-11-21'));
  assert.equal(day.schedules.length, 100);
  const [first] = day.schedules;
  data(await eva.delete(`/schedules/${first.scheduleId}`));
  data(await write('2026-11-21'), 201);
  refuses(await eva.post(`/schedules/${first.scheduleId}/restore`), 409, 4405);
  data(await adam.patch(`/schedules/${day.schedules[1].scheduleId}`, { title: '제목은 바꿀 수 있어요' }));
});
