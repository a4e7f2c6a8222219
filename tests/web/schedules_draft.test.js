// What goes from the editor to the server: everything of a new schedule, of an old one only what is another way.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { atMost, changeOf, draftOf, fieldsOf, newDraft } from '../../assets/schedules/draft.js';

const NEW_YORK = 'America/New_York';
const written = { scheduleId: 1, title: '병원', date: '2025-11-02', time: '01:30', color: 'RED', isCompleted: false, creatorId: 1, creatorRole: 'MOM', allDay: false };

test('a new schedule begins at the next full hour today, at nine on another day', () => {
  const now = Date.parse('2026-11-21T15:20:00Z');
  assert.equal(newDraft('2026-11-22', 'Asia/Seoul', now).time, '01:00');
  assert.equal(newDraft('2026-11-21', NEW_YORK, now).time, '11:00');
  assert.equal(newDraft('2026-11-22', NEW_YORK, now).time, '09:00');
  const begun = (date, zone, instant) => { const draft = newDraft(date, zone, Date.parse(instant)); return `${draft.date} ${draft.time}`; };
  assert.equal(begun('2026-11-21', 'UTC', '2026-11-21T22:59:00Z'), '2026-11-21 23:00');
  assert.equal(begun('2026-11-21', 'UTC', '2026-11-21T23:00:00Z'), '2026-11-22 00:00', 'nothing begins in the past');
  assert.equal(begun('2026-12-31', 'Asia/Seoul', '2026-12-31T14:40:00Z'), '2027-01-01 00:00');
  assert.equal(begun('2026-11-22', 'UTC', '2026-11-21T23:40:00Z'), '2026-11-22 09:00');
});

test('times go as instants, days as days', () => {
  const draft = { ...newDraft('2026-07-15', NEW_YORK, 0), title: ' 산책 ', description: ' ' };
  assert.deepEqual(fieldsOf(draft, NEW_YORK), { title: '산책', description: null, date: '2026-07-15T13:00:00.000Z', color: 'YELLOW' });
  assert.equal(fieldsOf({ ...draft, allDay: true }, NEW_YORK).date, '2026-07-15');
});

test('a change names only what is another way, and leaves a time alone that was not touched', () => {
  const before = draftOf(written);
  assert.deepEqual(changeOf(before, before, NEW_YORK), {});
  assert.deepEqual(changeOf(before, { ...before, title: '소아과' }, NEW_YORK), { title: '소아과' }, 'half past one is there twice on this day');
  assert.deepEqual(changeOf(before, { ...before, description: '10분 일찍' }, NEW_YORK), { description: '10분 일찍' });
  assert.deepEqual(changeOf({ ...before, description: 'x' }, { ...before, description: '' }, NEW_YORK), { description: null });
  assert.deepEqual(changeOf(before, { ...before, time: '03:00' }, NEW_YORK), { date: '2025-11-02T08:00:00.000Z' });
  assert.deepEqual(changeOf(before, { ...before, allDay: true }, NEW_YORK), { date: '2025-11-02' });
  const day = draftOf({ ...written, allDay: true, time: '00:00' });
  assert.deepEqual(changeOf(day, { ...day, time: '10:00' }, NEW_YORK), {}, 'the time of an all-day one is not said');
  assert.deepEqual(changeOf(day, { ...day, allDay: false }, NEW_YORK), { date: '2025-11-02T14:00:00.000Z' });
});

test('a text is cut between characters', () => {
  assert.equal(atMost('👶'.repeat(200), 191), '👶'.repeat(191));
  assert.equal(atMost('가', 191), '가');
});
