// The grid of a month with its two neighbours beside it, out of sight; follows a finger, arrow keys move the chosen day.
import { html, view } from '../ui/html.js';
import { addDays, addMonths, monthOf, today, weekdayOf, weeksOf } from '../time/days.js';
import { formatDate, language, t } from '../text/index.js';
import { announce, faceOf } from '../ui/parts.js';
import { memberOf } from '../couples/store.js';
import { holidayNames } from './holidays.js';
import { day, fresh, month, showDay, step, stepDay } from './shown.js';
import { days } from './store.js';

const SLIDE = 'transform 220ms cubic-bezier(0.2, 0.7, 0.3, 1)';
const isStill = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** @type {(props: { slide: { current: any } }) => any}  `slide` is given what moves the grid in from the side of a step about to be taken */
export const Month = view(({ slide }, self) => {
  const [box, track, from, isFocusing] = [self.ref('box'), self.ref('track'), self.ref('from'), self.ref('focus')];
  slide.current = (/** @type {number} */ count, offset = 0) => {
    if (Math.abs(count) === 1) from.current = offset + count * track.current.offsetWidth;
  };
  self.once(() => followSwipe(track.current, (count, offset) => {
    if (!step(count)) return slideIn(track.current, offset);
    slide.current(count, offset);
    announce(formatDate(month.value, 'month'));
  }));
  const shown = month.value;
  const chosen = day.value;
  self.after(() => {
    if (from.current) slideIn(track.current, from.current);
    from.current = null;
    if (isFocusing.current) box.current.querySelector(`[data-month="${shown}"] [data-day="${chosen}"]`)?.focus({ preventScroll: true });
    isFocusing.current = false;
  });
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    isFocusing.current = true;
    const before = month.value;
    move(day.value);
    if (month.value !== before) slide.current(month.value > before ? 1 : -1);
  };
  return html`
    <div class="month" ref=${box} onKeyDown=${onKeyDown}>
      <div class="month__weekdays" aria-hidden="true">${WEEK.map((sunday, at) => html`<span class=${`month__weekday month__weekday--${at}`} key=${at}>${weekdayName(sunday, 'short')}</span>`)}</div>
      <div class="month__window">
        <div class="month__track" ref=${track}>
          ${[-1, 0, 1].map((offset) => html`<${MonthPanel} key=${addMonths(shown, offset)} month=${addMonths(shown, offset)} offset=${offset} />`)}
        </div>
      </div>
    </div>`;
});

/** A week from a Sunday. */
const WEEK = Array.from({ length: 7 }, (_, at) => addDays('2026-11-01', at));

/** @param {string} date @param {'short' | 'long'} weekday */
export const weekdayName = (date, weekday) => new Intl.DateTimeFormat(language.value, { weekday, timeZone: 'UTC' }).format(Date.parse(date));

/** @type {Record<string, (day: string) => void>} */
const MOVES = {
  ArrowLeft: (from) => showDay(addDays(from, -1)),
  ArrowRight: (from) => showDay(addDays(from, 1)),
  ArrowUp: (from) => showDay(addDays(from, -7)),
  ArrowDown: (from) => showDay(addDays(from, 7)),
  Home: (from) => showDay(addDays(from, -weekdayOf(from))),
  End: (from) => showDay(addDays(from, 6 - weekdayOf(from))),
  PageUp: () => stepDay(-1),
  PageDown: () => stepDay(1),
};

/** The new month is in its place already: shown from where the old one stood. @param {HTMLElement} track @param {number} offset */
function slideIn(track, offset) {
  if (isStill()) { track.style.transform = ''; return; }
  track.style.transition = 'none';
  track.style.transform = `translateX(${offset}px)`;
  track.getBoundingClientRect();
  track.style.transition = SLIDE;
  track.style.transform = '';
}

// One month as a grid of days.

const TITLES_MAX = 3;
/** @type {import('./store.js').Schedule[]} */
const NONE = [];

/** @type {(props: { month: string, offset: number }) => any}  `offset`: -1 before, 0 shown, 1 after */
export const MonthPanel = view(({ month, offset }) => {
  const weeks = weeksOf(month);
  return html`
    <div class=${`month__panel month__panel--${offset === 0 ? 'shown' : offset < 0 ? 'before' : 'after'}`} data-month=${month} inert=${offset !== 0}
      role="grid" aria-label=${formatDate(month, 'month')}>
      <div class="unseen" role="row">${weeks[0].map((date) => html`<span role="columnheader" key=${date}>${weekdayLong(date)}</span>`)}</div>
      ${weeks.map((week) => html`
        <div class="month__week" role="row" key=${week[0]}>
          ${week.map((date) => html`
            <${Day} key=${date} date=${date} isOther=${monthOf(date) !== month} isToday=${date === today.value} isChosen=${offset === 0 && date === day.value}
              schedules=${days.value.get(date) ?? NONE} isFresh=${(days.value.get(date) ?? NONE).some(({ scheduleId }) => fresh.value.has(scheduleId))} />`)}
        </div>`)}
    </div>`;
});

/** @param {string} date */
const weekdayLong = (date) => new Intl.DateTimeFormat(language.value, { weekday: 'long', timeZone: 'UTC' }).format(Date.parse(date));

/**
 * @type {(props: { date: string, isOther: boolean, isToday: boolean, isChosen: boolean, isFresh: boolean, schedules: import('./store.js').Schedule[] }) => any}
 */
const Day = view(({ date, isOther, isToday, isChosen, isFresh, schedules }) => {
  const holidays = holidayNames(date);
  const weekday = weekdayOf(date);
  const look = ['month-day', isOther && 'month-day--other', isToday && 'month-day--today', isChosen && 'month-day--chosen', (weekday === 0 || holidays.length > 0) && 'month-day--red', weekday === 6 && 'month-day--blue'];
  const roles = [...new Set(schedules.map(({ creatorId, creatorRole }) => memberOf(creatorId)?.role ?? creatorRole))].slice(0, 2);
  const label = [formatDate(date, 'day'), isToday && t('schedules.today'), ...holidays, schedules.length > 0 && t('schedules.count', { count: schedules.length })];
  return html`
    <div class="month__cell" role="gridcell" aria-selected=${isChosen ? 'true' : 'false'}>
      <button class=${look.filter(Boolean).join(' ')} type="button" data-day=${date} tabindex=${isChosen ? 0 : -1} aria-current=${isToday ? 'date' : undefined}
        onClick=${() => showDay(date)}>
        <span class="unseen">${label.filter(Boolean).join(', ')}</span>
        <span class="month-day__number" aria-hidden="true">${Number(date.slice(8))}</span>
        <span class=${`month-day__faces${isFresh ? ' month-day__faces--fresh' : ''}`} aria-hidden="true">${roles.map((role) => html`<span key=${role}>${faceOf(role)}</span>`)}</span>
        ${holidays.length > 0 && html`<span class="month-day__holiday" aria-hidden="true">${holidays[0]}</span>`}
        <span class="month-day__titles" aria-hidden="true">
          ${schedules.slice(0, TITLES_MAX).map((schedule) => html`
            <span class=${`month-day__title pastel--${schedule.color.toLowerCase()}${schedule.isCompleted ? ' month-day__title--done' : ''}`} key=${schedule.scheduleId}>${schedule.title}</span>`)}
          ${schedules.length > TITLES_MAX && html`<span class="month-day__more">+${schedules.length - TITLES_MAX}</span>`}
        </span>
      </button>
    </div>`;
});

// A finger that pulls something sideways: it follows, and on letting go either goes on or comes back. No momentum.

const START_PX = 10;
const SHARE = 0.22;
const FLICK_PX_A_MS = 0.45;
const BACK = 'transform 200ms ease-out';

/**
 * @param {HTMLElement} element  its CSS leaves sideways pulls to us: touch-action: pan-y
 * @param {(count: 1 | -1, offset: number) => void} onStep  to the right or left, and how far it is pulled
 * @returns {() => void} stops
 */
export function followSwipe(element, onStep) {
  /** @type {{ id: number, x: number, y: number, at: number, isPulling: boolean } | null} */
  let pull = null;

  /** @param {PointerEvent} event */
  function begin(event) {
    if (event.pointerType === 'mouse' || !event.isPrimary) return;
    pull = { id: event.pointerId, x: event.clientX, y: event.clientY, at: event.timeStamp, isPulling: false };
  }

  /** @param {PointerEvent} event */
  function move(event) {
    if (!pull || event.pointerId !== pull.id) return;
    const [dx, dy] = [event.clientX - pull.x, event.clientY - pull.y];
    if (!pull.isPulling) {
      if (Math.abs(dx) < START_PX || Math.abs(dx) < Math.abs(dy)) return;
      pull.isPulling = true;
      pull.x += Math.sign(dx) * START_PX;
      element.setPointerCapture(pull.id);
      element.style.transition = 'none';
    }
    element.style.transform = `translateX(${event.clientX - pull.x}px)`;
  }

  /** @param {PointerEvent} event */
  function end(event) {
    if (!pull || event.pointerId !== pull.id) return;
    const { x, at, isPulling } = pull;
    pull = null;
    if (!isPulling) return;
    const dx = event.clientX - x;
    const isFar = Math.abs(dx) > element.offsetWidth * SHARE || Math.abs(dx) / (event.timeStamp - at) > FLICK_PX_A_MS;
    if (isFar && event.type === 'pointerup') return onStep(dx < 0 ? 1 : -1, dx);
    element.style.transition = BACK;
    element.style.transform = '';
  }

  element.addEventListener('pointerdown', begin);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
  return () => {
    element.removeEventListener('pointerdown', begin);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', end);
    element.removeEventListener('pointercancel', end);
  };
}
