// Days, months, the clocks of time zones, and the holidays of Korea.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { addDays, addMonths, daysBetween, isDay, isMonth, lastOf, sameDayIn, weekdayOf, weeksOf } from '../../assets/time/days.js';
import { instantOf, localOf, startOf } from '../../assets/time/days.js';
import { allHolidays, holidaysOn } from '../../assets/schedules/holidays.js';

const iso = (instant) => new Date(instant).toISOString();

test('a day is one that exists, in a year that the server takes', () => {
  for (const day of ['2026-11-21', '2024-02-29', '2000-02-29', '1900-01-01', '2200-12-31']) assert.ok(isDay(day), day);
  for (const day of ['2026-02-29', '1900-02-29', '2026-13-01', '2026-00-10', '2026-11-31', '2026-1-1', '2026-11-21T00:00', '1899-12-31', '2201-01-01', '', 'next']) assert.ok(!isDay(day), day);
  for (const month of ['2026-11', '1900-01', '2200-12']) assert.ok(isMonth(month), month);
  for (const month of ['2026-13', '2026-00', '1899-12', '2026-11-01', '2026']) assert.ok(!isMonth(month), month);
});

test('days and months are counted over every edge', () => {
  assert.equal(addDays('2024-02-28', 1), '2024-02-29');
  assert.equal(addDays('2023-02-28', 1), '2023-03-01');
  assert.equal(addDays('2026-01-01', -1), '2025-12-31');
  assert.equal(daysBetween('2024-01-01', '2025-01-01'), 366);
  assert.equal(daysBetween('2026-03-07', '2026-03-09'), 2, 'clocks that change take no day');
  assert.equal(addMonths('2026-11', 2), '2027-01');
  assert.equal(addMonths('2026-01', -1), '2025-12');
  assert.equal(addMonths('2026-11', -23), '2024-12');
  assert.deepEqual(['2024-02', '2026-02', '2026-04', '2026-12'].map(lastOf), ['2024-02-29', '2026-02-28', '2026-04-30', '2026-12-31']);
  assert.equal(sameDayIn('2026-01-31', 1), '2026-02-28');
  assert.equal(sameDayIn('2024-02-29', 12), '2025-02-28');
  assert.equal(sameDayIn('2024-02-29', 48), '2028-02-29');
});

test('a month has the weeks in which it has a day, from Sunday on', () => {
  for (const [month, count, first, last] of [
    ['2026-11', 5, '2026-11-01', '2026-12-05'], ['2026-02', 4, '2026-02-01', '2026-02-28'], ['2026-05', 6, '2026-04-26', '2026-06-06'],
    ['2024-02', 5, '2024-01-28', '2024-03-02'], ['1900-01', 5, '1899-12-31', '1900-02-03'],
  ]) {
    const weeks = weeksOf(month);
    assert.deepEqual([weeks.length, weeks[0][0], weeks.at(-1).at(-1)], [count, first, last], month);
    assert.ok(weeks.every((week) => week.length === 7 && weekdayOf(week[0]) === 0));
    assert.deepEqual(weeks.flat(), Array.from({ length: count * 7 }, (_, at) => addDays(first, at)));
  }
});

test('a time on the couple\'s clocks is the instant that the server makes of it', () => {
  for (const [zone, date, time, instant] of [
    ['Asia/Seoul', '2025-07-15', '10:30', '2025-07-15T01:30:00.000Z'],
    ['Asia/Seoul', '2026-01-01', '00:00', '2025-12-31T15:00:00.000Z'],
    ['America/New_York', '2025-07-15', '10:30', '2025-07-15T14:30:00.000Z'],
    // Skipped: the later one. Twice: the earlier one. Half an hour only on Lord Howe.
    ['America/New_York', '2025-03-09', '02:30', '2025-03-09T07:30:00.000Z'],
    ['America/New_York', '2025-03-09', '03:00', '2025-03-09T07:00:00.000Z'],
    ['America/New_York', '2025-11-02', '01:30', '2025-11-02T05:30:00.000Z'],
    ['America/New_York', '2025-11-02', '02:00', '2025-11-02T07:00:00.000Z'],
    ['Australia/Lord_Howe', '2025-10-05', '02:15', '2025-10-04T15:45:00.000Z'],
    ['Australia/Lord_Howe', '2025-04-06', '01:45', '2025-04-05T14:45:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-21', '12:00', '2026-11-20T22:00:00.000Z'],
    ['UTC', '2026-11-21', '12:00', '2026-11-21T12:00:00.000Z'],
  ]) assert.equal(iso(instantOf(date, time, zone)), instant, `${date} ${time} ${zone}`);
});

test('a day begins when its clocks first show it, also where midnight is skipped', () => {
  assert.equal(iso(startOf('2026-11-22', 'Asia/Seoul')), '2026-11-21T15:00:00.000Z');
  assert.equal(iso(startOf('2025-10-05', 'Australia/Lord_Howe')), '2025-10-04T13:30:00.000Z');
  assert.equal(iso(startOf('2025-09-07', 'America/Santiago')), '2025-09-07T04:00:00.000Z');
  assert.deepEqual(localOf('2025-09-07T04:00:00.000Z', 'America/Santiago'), { date: '2025-09-07', time: '01:00' });
});

test('every instant of a year comes back, in zones with and without changing clocks', () => {
  for (const zone of ['Asia/Seoul', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
    let twice = 0;
    for (let instant = Date.UTC(2025, 0, 1); instant < Date.UTC(2026, 0, 1); instant += 15 * 60_000) {
      const { date, time } = localOf(instant, zone);
      const back = instantOf(date, time, zone);
      if (back !== instant) { twice += 1; assert.deepEqual(localOf(back, zone), { date, time }); assert.ok(back < instant); }
    }
    assert.equal(twice, { 'America/New_York': 4, 'Australia/Lord_Howe': 2 }[zone] ?? 0, zone);
  }
});

/** Holidays by rule, from the moon's own calendar, to hold the table against. */
function byRule(year) {
  const moon = new Intl.DateTimeFormat('en-u-ca-dangi', { timeZone: 'UTC', month: 'numeric', day: 'numeric' });
  const all = Array.from({ length: 366 }, (_, at) => addDays(`${year}-01-01`, at)).filter((day) => day.startsWith(`${year}`));
  const moonDay = (wanted) => all.find((day) => moon.format(Date.parse(day)) === wanted);
  const [seollal, chuseok, buddha] = [moonDay('1/1'), moonDay('8/15'), moonDay('4/8')];
  const around = (day) => [addDays(day, -1), day, addDays(day, 1)];
  const on = (day) => `${year}-${day}`;
  const groups = [
    { days: around(seollal), isSaturdayToo: false }, { days: around(chuseok), isSaturdayToo: false },
    ...[on('03-01'), on('05-05'), buddha, ...(year >= 2026 ? [on('05-01'), on('07-17')] : []), on('08-15'), on('10-03'), on('10-09'), on('12-25')].map((day) => ({ days: [day], isSaturdayToo: true })),
  ];
  const others = [on('01-01'), on('06-06')];
  const elections = { 2024: ['2024-04-10', '2024-10-01'], 2025: ['2025-01-27', '2025-06-03'], 2026: ['2026-06-03'], 2028: ['2028-04-12'] }[year] ?? [];
  const plain = [...groups.flatMap(({ days }) => days), ...others, ...elections];
  const result = new Set(plain);
  const seen = [];
  for (const { days, isSaturdayToo } of groups) {
    const isLost = days.some((day) => weekdayOf(day) === 0 || (isSaturdayToo && weekdayOf(day) === 6) || seen.includes(day));
    seen.push(...days);
    if (!isLost) continue;
    let day = addDays(days.at(-1), 1);
    while (result.has(day) || weekdayOf(day) === 0 || weekdayOf(day) === 6) day = addDays(day, 1);
    result.add(day);
  }
  return [...result].sort();
}

test('holidays and their substitutes are those that the law makes, 2024 to 2030', () => {
  for (let year = 2024; year <= 2030; year += 1) assert.deepEqual(allHolidays().filter((day) => day.startsWith(`${year}`)), byRule(year), String(year));
});

/**
 * What others published, written down by hand: 2024 to 2027 as 월력요항 of 우주항공청 (a `*` is a substitute; taken from github.com/hyunbinseo/holidays-kr,
 * public/*.csv), 2028, for which there is none yet, as github.com/vacanza/holidays has it (snapshots/countries/KR_COMMON.json).
 */
const PUBLISHED = {
  2024: '01-01 02-09 02-10 02-11 02-12* 03-01 04-10 05-05 05-06* 05-15 06-06 08-15 09-16 09-17 09-18 10-01 10-03 10-09 12-25',
  2025: '01-01 01-27 01-28 01-29 01-30 03-01 03-03* 05-05 05-06* 06-03 06-06 08-15 10-03 10-05 10-06 10-07 10-08* 10-09 12-25',
  2026: '01-01 02-16 02-17 02-18 03-01 03-02* 05-01 05-05 05-24 05-25* 06-03 06-06 07-17 08-15 08-17* 09-24 09-25 09-26 10-03 10-05* 10-09 12-25',
  2027: '01-01 02-06 02-07 02-08 02-09* 03-01 05-01 05-03* 05-05 05-13 06-06 07-17 07-19* 08-15 08-16* 09-14 09-15 09-16 10-03 10-04* 10-09 10-11* 12-25 12-27*',
  2028: '01-01 01-26 01-27 01-28 03-01 04-12 05-01 05-02 05-05 06-06 07-17 08-15 10-02 10-03 10-04 10-05* 10-09 12-25',
};

test('holidays are those that were published, 2024 to 2028', () => {
  for (const [year, days] of Object.entries(PUBLISHED)) {
    const ours = allHolidays().filter((day) => day.startsWith(year)).map((day) => day.slice(5) + (holidaysOn(day).some(({ isSubstitute }) => isSubstitute) ? '*' : ''));
    assert.equal(ours.join(' '), days, year);
  }
});

test('holidays that people remember', () => {
  for (const [day, name, isSubstitute = false] of [
    ['2024-02-12', 'seollal', true], ['2024-04-10', 'election'], ['2024-10-01', 'temporary'], ['2025-01-27', 'temporary'], ['2025-05-06', 'children', true],
    ['2025-10-08', 'chuseok', true], ['2026-06-03', 'election'], ['2026-05-01', 'labour'], ['2027-05-03', 'labour', true], ['2026-07-17', 'constitution'], ['2026-08-17', 'liberation', true], ['2026-09-25', 'chuseok'],
    ['2027-02-07', 'seollal'], ['2027-12-27', 'christmas', true], ['2028-10-05', 'chuseok', true],
  ]) assert.ok(holidaysOn(day).some((holiday) => holiday.name === name && holiday.isSubstitute === isSubstitute), day);
  for (const day of ['2025-05-01', '2025-07-17', '2026-06-08', '2028-01-03', '2026-09-28', '2026-11-21']) assert.deepEqual(holidaysOn(day), [], day);
  assert.deepEqual(holidaysOn('2025-05-05').map(({ name }) => name).sort(), ['buddha', 'children']);
});
