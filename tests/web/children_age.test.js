// Weeks before birth, days, months and birthdays after it, as the server counts them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { age, countdown, monthsBetween, nextBirthday, pregnancy, sorted } from '../../assets/children/age.js';
import { changeOf, draftOf, fieldsOf, missing, newDraft } from '../../assets/children/age.js';
import { addDays } from '../../assets/time/days.js';

test('weeks are counted back from the due date and on past it', () => {
  for (const [today, left, week, day] of [
    ['2026-05-30', 280, 0, 0], ['2026-06-05', 274, 0, 6], ['2026-06-06', 273, 1, 0], ['2026-11-17', 109, 24, 3], ['2027-03-05', 1, 39, 6],
    ['2027-03-06', 0, 40, 0], ['2027-03-14', -8, 41, 1],
  ]) {
    const found = pregnancy('2027-03-06', today);
    assert.deepEqual([found.left, found.week, found.day], [left, week, day], today);
    assert.ok(found.share >= 0 && found.share <= 1);
  }
  assert.equal(pregnancy('2027-03-06', '2026-05-01').share, 0);
  assert.equal(pregnancy('2027-03-06', '2027-03-14').share, 1);
});

test('the hundredth day depends on how the couple counts', () => {
  const birth = '2026-01-01';
  assert.equal(age(birth, '2026-04-10', 'birthday-is-one').days, 100);
  assert.equal(age(birth, '2026-04-11', 'elapsed').days, 100);
  assert.equal(age(birth, birth, 'birthday-is-one').days, 1);
  assert.equal(age(birth, birth, 'elapsed').days, 0);
  assert.equal(age('2026-11-21', '2026-11-20', 'birthday-is-one').days, 1, 'a couple that moved west');
});

test('months and birthdays go by the calendar and end where a shorter month does', () => {
  for (const [from, to, months] of [
    ['2026-01-31', '2026-02-27', 0], ['2026-01-31', '2026-02-28', 1], ['2026-01-31', '2026-03-30', 1], ['2026-01-31', '2026-03-31', 2],
    ['2024-02-29', '2025-02-27', 11], ['2024-02-29', '2025-02-28', 12], ['2024-02-29', '2028-02-28', 47], ['2024-02-29', '2028-02-29', 48],
    ['2026-11-21', '2026-11-21', 0], ['2025-12-15', '2026-01-14', 0],
  ]) assert.equal(monthsBetween(from, to), months, `${from} ${to}`);
  assert.deepEqual(age('2026-08-15', '2026-11-22', 'elapsed'), { days: 99, months: 3, restDays: 7, years: 0 });
  assert.deepEqual(nextBirthday('2024-02-29', '2025-02-28'), { number: 1, date: '2025-02-28', left: 0, share: 1 });
  assert.equal(nextBirthday('2024-02-29', '2025-03-01').date, '2026-02-28');
  assert.equal(nextBirthday('2024-02-29', '2027-12-31').date, '2028-02-29');
  const born = nextBirthday('2026-08-15', '2026-08-15');
  assert.deepEqual([born.number, born.left, born.share], [1, 365, 0]);
});

test('day by day, no birthday is left out or comes twice', () => {
  for (const birth of ['2024-02-29', '2023-12-31', '2024-01-01']) {
    let seen = 0;
    for (let day = addDays(birth, 1); day < addDays(birth, 2_000); day = addDays(day, 1)) {
      const { left, number, share } = nextBirthday(birth, day);
      assert.ok(left >= 0 && left <= 366 && share >= 0 && share <= 1, `${birth} ${day}`);
      if (left === 0) { seen += 1; assert.equal(number, seen); }
    }
    assert.equal(seen, 5, birth);
  }
});

test('days to come are D-n, the day itself D-Day, those past D+n', () => {
  assert.deepEqual([109, 1, 0, -3].map(countdown), ['D-109', 'D-1', 'D-Day', 'D+3']);
  const days = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01'].map((date) => ({ date }));
  const { coming, past } = sorted(days, '2026-03-01');
  assert.deepEqual([coming, past].map((list) => list.map(({ date }) => date)), [['2026-03-01', '2026-04-01'], ['2026-02-01', '2026-01-01']]);
});

test('what must be known depends on the birth', () => {
  const today = '2026-11-21';
  assert.equal(missing(newDraft(), today), 'dueDate');
  assert.equal(missing({ ...newDraft(), dueDate: '2027-02-29' }, today), 'dueDate');
  assert.equal(missing({ ...newDraft(), dueDate: '2027-03-10' }, today), '');
  assert.equal(missing({ ...newDraft(), status: 'BORN' }, today), 'birthDate');
  assert.equal(missing({ ...newDraft(), status: 'BORN', birthDate: '2026-11-22' }, today), 'birthToCome');
  assert.equal(missing({ ...newDraft(), status: 'BORN', birthDate: today }, today), '');
});

test('being born keeps what was known, and says only what is new', () => {
  const bambi = draftOf({ status: 'FETAL', fetalName: '밤비', dueDate: '2026-11-30', name: null, gender: null, birthDate: null });
  assert.deepEqual(changeOf(bambi, { ...bambi, status: 'BORN', birthDate: '2026-11-20', name: ' 하나 ', gender: 'GIRL' }), { status: 'BORN', name: '하나', gender: 'GIRL', birthDate: '2026-11-20' });
  assert.deepEqual(changeOf(bambi, { ...bambi, fetalName: '' }), { fetalName: null });
  assert.deepEqual(changeOf({ ...bambi, status: 'BORN', birthDate: '2026-11-20' }, bambi), { status: 'FETAL' });
  assert.deepEqual(fieldsOf({ ...newDraft(), fetalName: '밤비', dueDate: '2027-03-10', birthDate: '2026-01-01' }), { status: 'FETAL', fetalName: '밤비', dueDate: '2027-03-10' });
});
