'use strict';
// The couple's zone on a machine that keeps no zones, or other ones: the program brings its own.
const { test } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Server } = require('./server.js');
const { Person, uuid } = require('./person.js');
const { data, answers } = require('./envelope.js');
const { scratch } = require('./kit.js');
const { runSql } = require('./oracle.js');

// As Chromium calls them; Debian 13 and Ubuntu 24.04 have them in a package of their own.
const OLD_NAMES = ['Asia/Calcutta', 'Asia/Saigon', 'Asia/Katmandu', 'Europe/Kiev', 'US/Eastern'];
const WRITTEN = '2026-11-30T20:30:00.000Z';

/** A server on a machine that keeps two zones and no more. */
async function barren(t, env = {}) {
  const folder = scratch();
  fs.mkdirSync(path.join(folder, 'Asia'));
  for (const name of ['UTC', 'Asia/Seoul']) fs.copyFileSync(path.join('/usr/share/zoneinfo', name), path.join(folder, name));
  const server = await Server.start({ env: { TZDIR: folder, TZ: '', ...env } });
  t.after(async () => { await server.stop(); fs.rmSync(folder, { recursive: true, force: true }); });
  return server;
}

/** What the calendar, a card and a child answer, all of it fresh. */
async function uses(person) {
  const { roomId } = await person.roomOfKind('SELF');
  const { scheduleId } = data(await person.post('/schedules', { title: '병원', date: WRITTEN }), 201);
  const { date } = data(await person.post('/schedules', { title: '돌', date: '2027-01-05' }), 201);
  const card = data(await person.post(`/rooms/${roomId}/messages`, { clientId: uuid(), type: 'SCHEDULE', scheduleId }), 201).schedule;
  const days = data(await person.get('/schedules?from=2026-11-01&to=2026-12-31'));
  const [{ time }] = days.find((day) => day.date === card.date).schedules;
  const child = data(await person.post('/children', { status: 'FETAL', dueDate: '2027-03-01' }), 201);
  assert.deepEqual(data(await person.get('/children')).map(({ childId }) => childId), [child.childId]);
  answers(await person.delete(`/schedules/${scheduleId}`), 200);
  answers(await person.delete(`/children/${child.childId}`), 200);
  return { card: `${card.date} ${card.time}`, time, midnight: date };
}

/** The same by the zones of this test's own runtime. */
function expected(timeZone) {
  const on = (instant) => new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(Date.parse(instant));
  const hours = Array.from({ length: 60 * 48 }, (_, at) => new Date(Date.UTC(2027, 0, 4) + at * 60_000).toISOString());
  return { card: on(WRITTEN), time: on(WRITTEN).slice(-5), midnight: hours.find((instant) => on(instant) === '2027-01-05 00:00') };
}

test('every zone that is taken is used, whatever zones the machine keeps', async (t) => {
  const server = await barren(t);
  const anna = await Person.signUp(server);
  for (const timeZone of OLD_NAMES) {
    assert.equal(data(await anna.patch('/couples/me', { timeZone })).timeZone, timeZone);
    assert.deepEqual(await uses(anna), expected(timeZone), timeZone);
  }
  const form = { loginId: 'hanoi.one', password: 'nobody guesses this 7', nickname: '하노이', role: 'MOM', timeZone: 'Asia/Saigon' };
  const { accessToken } = data(await anna.post('/auth/password/signup', form, { token: null }), 201);
  answers(await anna.get('/schedules?yearMonth=2026-11', { token: accessToken }), 200, []);
});

test('who says no zone has the server\'s, and Seoul\'s where that is none', async (t) => {
  for (const [TZ, timeZone] of [['Asia/Calcutta', 'Asia/Calcutta'], ['UTC', 'Asia/Seoul'], ['KST-9', 'Asia/Seoul'], ['Mars/Olympus', 'Asia/Seoul']]) {
    const anna = await Person.signUp(await barren(t, { TZ }));
    assert.equal(data(await anna.get('/couples/me')).timeZone, timeZone, TZ);
    assert.deepEqual(await uses(anna), expected(timeZone), TZ);
  }
});

test('a kept zone that is none any more gives way to the server\'s until another is chosen', async (t) => {
  const server = await barren(t, { TZ: 'America/New_York' });
  const anna = await Person.signUp(server);
  const { scheduleId } = data(await anna.post('/schedules', { title: '병원', date: WRITTEN }), 201);
  await server.kill('SIGTERM');
  runSql(server.database, "update couple set time_zone = 'Mars/Olympus'", 'rw');
  await server.restart();
  assert.equal(data(await anna.get('/couples/me')).timeZone, 'America/New_York');
  const [{ date, schedules: [{ time }] }] = data(await anna.get('/schedules?yearMonth=2026-11'));
  assert.equal(`${date} ${time}`, expected('America/New_York').card);
  answers(await anna.delete(`/schedules/${scheduleId}`), 200);
  assert.deepEqual(await uses(anna), expected('America/New_York'));
  data(await anna.patch('/couples/me', { timeZone: 'Asia/Tokyo' }));
  assert.equal(data(await anna.get('/couples/me')).timeZone, 'Asia/Tokyo');
  assert.deepEqual(await uses(anna), expected('Asia/Tokyo'));
});
