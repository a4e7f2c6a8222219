'use strict';
// The couple's children: weeks before birth, days and birthdays after it, undo, and what both hear of it.
const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const { Server } = require('./server.js');
const { Person, hears, uuid } = require('./person.js');
const { INSTANT, data, answers, refuses } = require('./envelope.js');
const { clockServer } = require('./clock.js');
const { assertSound } = require('./oracle.js');

let server, people;
const NEVER = 987_654_321;
const ZONE = 'Asia/Seoul';
const DAY_MS = 86_400_000;

before(async () => {
  server = await Server.start();
  people = [];
});
after(async () => {
  people.forEach((person) => person.leaveAll());
  await server.stop();
});

async function couple(change = { timeZone: ZONE, dayCount: 'birthday-is-one' }) {
  const [anna, ben] = await Person.couple(server);
  people.push(anna, ben);
  data(await anna.patch('/couples/me', change));
  return [anna, ben];
}

async function someone(nickname = '안나', role = 'MOM') {
  const person = await Person.signUp(server, nickname, role);
  people.push(person);
  data(await person.patch('/couples/me', { timeZone: ZONE, dayCount: 'birthday-is-one' }));
  return person;
}

const today = (timeZone = ZONE, at = Date.now()) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at);
const plusDays = (day, days) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const daysBetween = (from, to) => (Date.parse(to) - Date.parse(from)) / DAY_MS;
/** By the calendar; who was born on 29 February has it on the 28th in other years. */
const birthday = (birth, years) => {
  const year = Number(birth.slice(0, 4)) + years;
  const isLeap = new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
  return `${year}${!isLeap && birth.endsWith('-02-29') ? '-02-28' : birth.slice(4)}`;
};
const write = async (person, fields) => data(await person.post('/children', fields), 201);
const children = async (person) => data(await person.get('/children'));
const great = (kind, date, now) => ({ kind, date, dDay: daysBetween(now, date) });

/** Runs `act` with today's date, once more where midnight came in between. */
async function onOneDay(act) {
  for (;;) {
    const now = today();
    const result = await act(now).catch((error) => ({ error }));
    if (today() !== now) continue;
    if (result?.error) throw result.error;
    return;
  }
}

test('a child to come is answered to the letter', () => onOneDay(async (now) => {
  const [anna, ben] = await couple();
  const dueDate = plusDays(now, 109);
  const posted = await anna.post('/children', { status: 'FETAL', fetalName: ' 밤비 ', dueDate });
  const { childId, createdAt } = posted.data.data;
  assert.match(createdAt, INSTANT);
  const weeks = [12, 16, 20, 24, 28, 32, 36].map((week) => great(`WEEK_${week}`, plusDays(dueDate, week * 7 - 280), now));
  const child = {
    childId, status: 'FETAL', fetalName: '밤비', dueDate, dueDateHistory: [{ dueDate, changedAt: createdAt }], name: null, gender: null,
    birthDate: null, dDay: 109, week: 24, dayOfWeek: 3, monthsOld: null, daysOld: null, milestones: [...weeks, great('DUE', dueDate, now)],
    createdAt, updatedAt: createdAt,
  };
  answers(posted, 201, child);
  answers(await ben.get(`/children/${childId}`), 200, child);
  answers(await ben.get('/children'), 200, [child]);
  answers(await ben.patch(`/children/${childId}`, {}), 200, child);
}));

for (const dayCount of ['birthday-is-one', 'elapsed']) {
  test(`a born child is answered to the letter, days counted as ${dayCount}`, () => onOneDay(async (now) => {
    const [anna, ben] = await couple({ timeZone: ZONE, dayCount });
    const birthDate = plusDays(now, -150);
    const first = dayCount === 'elapsed' ? 0 : 1;
    const posted = await ben.post('/children', { status: 'BORN', name: '하나', gender: 'GIRL', birthDate });
    const { childId, createdAt, monthsOld } = posted.data.data;
    const milestones = [
      ...[21, 100, 200, 300, 500, 1000].map((day) => great(`DAY_${day}`, plusDays(birthDate, day - first), now)),
      ...Array.from({ length: 20 }, (_, at) => great(`BIRTHDAY_${at + 1}`, birthday(birthDate, at + 1), now)),
    ].sort((one, other) => one.dDay - other.dDay);
    assert.ok(monthsOld === 4 || monthsOld === 5, `${monthsOld}`);
    const child = {
      childId, status: 'BORN', fetalName: null, dueDate: null, dueDateHistory: [], name: '하나', gender: 'GIRL', birthDate, dDay: null, week: null,
      dayOfWeek: null, monthsOld, daysOld: 150 + first, milestones, createdAt, updatedAt: createdAt,
    };
    answers(posted, 201, child);
    answers(await anna.get(`/children/${childId}`), 200, child);
  }));
}

test('weeks go on past the due date, and before week 0 there are none', () => onOneDay(async (now) => {
  const anna = await someone();
  for (const [left, week, dayOfWeek] of [[281, null, null], [280, 0, 0], [274, 0, 6], [273, 1, 0], [1, 39, 6], [0, 40, 0], [-1, 40, 1], [-8, 41, 1]]) {
    const child = await write(anna, { status: 'FETAL', dueDate: plusDays(now, left) });
    assert.deepEqual([child.dDay, child.week, child.dayOfWeek], [left, week, dayOfWeek]);
  }
}));

test('today is today where the couple lives', async () => {
  const anna = await someone();
  const zones = ['Pacific/Kiritimati', 'Pacific/Niue', 'America/New_York', 'Australia/Lord_Howe'];
  const { childId } = await write(anna, { status: 'FETAL', dueDate: '2030-06-15' });
  const seen = new Set();
  for (const timeZone of zones) {
    data(await anna.patch('/couples/me', { timeZone }));
    const before = daysBetween(today(timeZone), '2030-06-15');
    const { dDay } = data(await anna.get(`/children/${childId}`));
    assert.ok([before, daysBetween(today(timeZone), '2030-06-15')].includes(dDay), `${timeZone}: ${dDay}`);
    seen.add(dDay);
  }
  assert.ok(seen.size > 1, 'zones 25 hours apart never have the same day');
});

test('a day changes at the couple\'s midnight, over a change of the clocks too', { timeout: 90_000 }, async (t) => {
  const { server: own, set } = await clockServer(t);
  const anna = await Person.signUp(own);
  data(await anna.patch('/couples/me', { timeZone: 'Australia/Lord_Howe', dayCount: 'elapsed' }));
  // To a quarter of an hour before midnight of some days ahead, and half an hour on.
  const at = (local) => set(`+${Math.round((Date.parse(local) - Date.now()) / 1000)}s`);
  at('2027-10-02T10:00:00+10:30');
  const fresh = new Person(own);
  const signIn = async () => Object.assign(fresh, data(await fresh.post('/auth/login', { accessToken: `k-${anna.kakaoId}` }, { token: null }), 201));
  await signIn();
  const { childId } = await write(fresh, { status: 'BORN', birthDate: '2027-10-01' });
  const daysOld = async () => data(await fresh.get(`/children/${childId}`)).daysOld;
  for (const [local, days] of [
    ['2027-10-02T23:45:00+10:30', 1], ['2027-10-03T00:15:00+10:30', 2], ['2027-10-03T23:45:00+11:00', 2], ['2027-10-04T00:15:00+11:00', 3],
  ]) {
    at(local);
    assert.equal(await daysOld(), days, local);
  }
});

test('being born keeps the fetal name and every due date', () => onOneDay(async (now) => {
  const [anna, ben] = await couple();
  const [dueDate, revised] = [plusDays(now, 5), plusDays(now, 9)];
  const { childId, createdAt } = await write(anna, { status: 'FETAL', fetalName: '밤비', dueDate });
  const changed = data(await ben.patch(`/children/${childId}`, { dueDate: revised }));
  const history = [{ dueDate, changedAt: createdAt }, { dueDate: revised, changedAt: changed.updatedAt }];
  assert.deepEqual(changed.dueDateHistory, history);
  assert.equal(changed.dDay, 9);

  refuses(await ben.patch(`/children/${childId}`, { status: 'BORN' }), 400, 1400);
  refuses(await ben.patch(`/children/${childId}`, { birthDate: now }), 400, 7401);
  const born = data(await ben.patch(`/children/${childId}`, { status: 'BORN', birthDate: now, name: '하나' }));
  assert.deepEqual([born.status, born.fetalName, born.dueDate, born.dueDateHistory], ['BORN', '밤비', revised, history]);
  assert.deepEqual([born.dDay, born.week, born.dayOfWeek, born.daysOld, born.monthsOld], [null, null, null, 1, 0]);
  assert.equal(born.milestones.find(({ kind }) => kind === 'DAY_100').date, plusDays(now, 99));

  const back = data(await anna.patch(`/children/${childId}`, { status: 'FETAL' }));
  assert.deepEqual([back.birthDate, back.name, back.dDay], [null, '하나', 9]);
}));

test('a leap day\'s child has its birthday on the 28th in other years', async () => {
  const anna = await someone();
  const { milestones } = await write(anna, { status: 'BORN', birthDate: '2024-02-29' });
  const dates = Object.fromEntries(milestones.map(({ kind, date }) => [kind, date]));
  assert.deepEqual([1, 2, 3, 4, 20].map((year) => dates[`BIRTHDAY_${year}`]), ['2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29', '2044-02-29']);
  assert.equal(dates.DAY_100, '2024-06-07');
});

test('the first field that is wrong is named by its own code', () => onOneDay(async (now) => {
  const anna = await someone();
  const wrong = [5, true, [], {}];
  const [dueDate, birthDate] = [plusDays(now, 30), now];
  const cases = [
    [{}, 1400], [{ status: null }, 1400], ...[...wrong, '', 'fetal', 'LOST'].map((status) => [{ status, fetalName: 5 }, 7403]),
    ...[...wrong, '', '   ', '가'.repeat(21), 'a\nb', 'a\u0000', '\u202eabc', '\u200b', '\u3164'].map((fetalName) => [{ status: 'FETAL', fetalName, dueDate: 5 }, 7400]),
    ...[...wrong, '', 'soon', '2027-2-1', '2027-02-29', '2027-02-01T00:00:00Z', '1899-12-31', '2201-01-01'].map((value) => [{ status: 'FETAL', dueDate: value, name: 5 }, 7401]),
    ...[...wrong, '', ' '].map((name) => [{ status: 'BORN', birthDate, name, gender: 5 }, 7400]),
    ...[...wrong, '', 'girl', 'X'].map((gender) => [{ status: 'BORN', gender, birthDate: 5 }, 7402]),
    ...[...wrong, '', 'today', plusDays(now, 1), '9999-12-31'].map((value) => [{ status: 'BORN', birthDate: value }, 7401]),
    [{ status: 'FETAL' }, 1400], [{ status: 'FETAL', dueDate: null }, 1400], [{ status: 'BORN', dueDate }, 1400], [{ status: 'BORN', birthDate: null }, 1400],
    [{ status: 'FETAL', dueDate, birthDate }, 7401], ...[5, '1', {}].map((clientId) => [{ status: 'FETAL', dueDate, clientId }, 1401]),
  ];
  for (const [body, code] of cases) refuses(await anna.post('/children', body), 400, code);
  assert.deepEqual(await children(anna), []);

  const full = await write(anna, { status: 'BORN', birthDate, fetalName: '가'.repeat(20), dueDate, name: '👶'.repeat(20), gender: 'BOY' });
  for (const [body, code] of cases.filter(([, code]) => ![1400, 1401].includes(code) && code !== 7401)) refuses(await anna.patch(`/children/${full.childId}`, body), 400, code);
  refuses(await anna.patch(`/children/${full.childId}`, { birthDate: null }), 400, 1400);
  refuses(await anna.patch(`/children/${full.childId}`, { name: '바뀜', birthDate: plusDays(now, 1) }), 400, 7401);
  answers(await anna.get(`/children/${full.childId}`), 200, full);
  const cleared = data(await anna.patch(`/children/${full.childId}`, { fetalName: null, dueDate: null, name: null, gender: null }));
  assert.deepEqual([cleared.fetalName, cleared.dueDate, cleared.name, cleared.gender, cleared.dueDateHistory], [null, null, null, null, full.dueDateHistory]);
}));

test('children stand the oldest first', () => onOneDay(async (now) => {
  const anna = await someone();
  for (const [fetalName, birthDate] of [['second', '2022-05-05'], ['first', '2019-01-01'], ['third', now]]) await write(anna, { status: 'BORN', fetalName, birthDate });
  await write(anna, { status: 'FETAL', fetalName: 'fourth', dueDate: plusDays(now, 100) });
  assert.deepEqual((await children(anna)).map(({ fetalName }) => fetalName), ['first', 'second', 'third', 'fourth']);
}));

test('another couple\'s child does not exist, to the letter', async () => {
  const [anna] = await couple();
  const [stranger] = await couple();
  const child = { status: 'FETAL', dueDate: '2030-01-01', fetalName: '밤비' };
  const [kept, gone] = [await write(anna, child), await write(anna, child)];
  answers(await anna.delete(`/children/${gone.childId}`), 200);
  for (const id of [kept.childId, gone.childId]) {
    for (const [method, path] of [['get', ''], ['patch', ''], ['delete', ''], ['post', '/restore']]) {
      const asked = (target) => stranger.request(method, `/children/${target}${path}`, { data: { name: '내꺼' } });
      const answer = await asked(id);
      refuses(answer, 404, 7404);
      for (const never of [NEVER, 'abc', '1.5', '99999999999999999999999', '%F0%9F%91%B6']) assert.equal((await asked(never)).text, answer.text);
      refuses(await new Person(server).request(method, `/children/${id}${path}`), 401, 2400);
    }
  }
  assert.deepEqual(await children(stranger), []);
  answers(await anna.get(`/children/${kept.childId}`), 200, kept);
});

test('a child sent twice, also at the same moment, is there once', async () => {
  const [anna, ben] = await couple();
  const clientId = uuid();
  const send = (person, fetalName) => person.post('/children', { status: 'FETAL', dueDate: '2030-01-01', fetalName, clientId });
  const first = await send(anna, 'first');
  for (const repeat of await Promise.all(['second', 'third', 'fourth'].map((name) => send(anna, name)))) assert.deepEqual([repeat.status, repeat.text], [201, first.text]);
  assert.equal((await children(ben)).length, 1);
  assert.notEqual(data(await send(ben, 'Ben\'s own'), 201).childId, first.data.data.childId);
});

test('both hear each change at once, and nobody else hears anything', async () => {
  const [anna, ben] = await couple();
  const [carl] = await couple();
  const phones = [await anna.rooms(), await ben.rooms()];
  const outside = [await carl.rooms(), await anna.chats()];
  const heard = async (event) => {
    for (const phone of phones) assert.deepEqual(await hears(phone, 'child'), event);
  };
  const clientId = uuid();
  const fields = { status: 'FETAL', dueDate: '2030-01-01', clientId };
  const written = await write(ben, fields);
  await heard(written);
  const { childId } = written;
  await heard(data(await anna.patch(`/children/${childId}`, { fetalName: '밤비' })));
  data(await anna.delete(`/children/${childId}`));
  await heard({ childId, deleted: true });
  await heard(data(await ben.post(`/children/${childId}/restore`)));

  data(await anna.patch(`/children/${childId}`, {}));
  data(await anna.patch(`/children/${childId}`, { fetalName: '밤비' }));
  data(await anna.post(`/children/${childId}/restore`));
  await write(ben, fields);
  refuses(await carl.delete(`/children/${childId}`), 404, 7404);
  const last = await write(anna, { status: 'FETAL', dueDate: '2031-01-01' });
  await heard(last);
  const marker = await write(carl, { status: 'FETAL', dueDate: '2031-01-01' });
  assert.deepEqual(await hears(outside[0], 'child'), marker);
  for (const phone of [...phones, ...outside]) assert.deepEqual(phone.heard.filter(([event]) => event === 'child'), []);
});

test('joining brings the children of both together and merges none', async () => {
  const [anna, ben] = [await someone('안나', 'MOM'), await someone('벤벤', 'DAD')];
  const fields = { status: 'FETAL', fetalName: '밤비', dueDate: '2030-01-01', clientId: uuid() };
  const [annas, bens, lost] = [await write(anna, fields), await write(ben, fields), await write(ben, { ...fields, clientId: uuid() })];
  data(await ben.delete(`/children/${lost.childId}`));
  refuses(await anna.get(`/children/${bens.childId}`), 404, 7404);
  const phone = await anna.rooms();
  await ben.joins(anna);
  await hears(phone, 'couple');
  for (const person of [anna, ben]) assert.deepEqual(await children(person), [annas, bens]);
  assert.deepEqual(phone.heard.filter(([event]) => event === 'child'), []);
  answers(await anna.post(`/children/${lost.childId}/restore`), 200, lost);
  assert.equal((await write(ben, fields)).childId, bens.childId);
  assert.equal((await children(ben)).length, 3);
  assertSound(server);
});
