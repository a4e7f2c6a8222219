// The calendar: which day and month are looked at, the month with its day, or what is to come.
import { html, view } from '../ui/html.js';
import { effect, untracked } from '../signal.js';
import { arrive, day, month, news, showToday, step } from './shown.js';
import { days, followSchedules, load, loadMonth, round, trouble } from './store.js';
import { addDays, addMonths, followToday, monthOf, today } from '../time/days.js';
import { formatDate, t } from '../text/index.js';
import { announce, Button, Empty, IconButton, Page, Skeleton } from '../ui/parts.js';
import { DayList, ScheduleCard } from './day_list.js';
import { Editor } from './editor.js';
import { Month } from './month.js';
import { holidayNames } from './holidays.js';

export const Schedules = view((/** @type {{ place: import('../router.js').Place }} */ { place }, self) => {
  const seen = self.ref('place');
  if (seen.current !== place) {
    seen.current = place;
    untracked(() => { followSchedules(); followToday(); arrive(place.params.rest); });
  }
  self.once(tellNews);
  return place.params.rest === 'next' ? html`<${Upcoming} />` : html`<${Calendar} />`;
});

/** The partner's changes, for who cannot see them. */
function tellNews() {
  let told = untracked(() => news.value);
  return effect(() => {
    const now = news.value;
    if (!now || now === told) return;
    told = now;
    untracked(() => announce(t(`schedules.news.${now.what}`, { title: now.title, day: formatDate(now.date, 'day') })));
  });
}

// The month, and beside or below it the list of its chosen day.

/** @typedef {{ schedule?: import('./store.js').Schedule, date: string, words?: { title: string, description: string } }} Editing */

export const Calendar = view((_, self) => {
  const editing = self.local('editing', /** @type {Editing | null} */ (null));
  const slide = self.ref('slide');
  self.once(askForMonths);
  self.once(() => {
    const { given: words, ...state } = history.state ?? {};
    if (!words) return;
    history.replaceState(state, '');
    editing.value = { date: day.peek(), words };
  });
  const go = (/** @type {number} */ count) => {
    if (!step(count)) return;
    slide.current?.(count);
    announce(formatDate(month.value, 'month'));
  };
  const isNow = day.value === today.value;
  return html`
    <${Page} title=${t('tabs.calendar')} isTitleHidden=${true} look="page--calendar" isFixed=${true}>
      <div class="calendar">
        <div class="calendar__month">
          <div class="calendar__head">
            <h2 class="calendar__title">
              <span class="calendar__long">${formatDate(month.value, 'month')}</span><span class="calendar__brief" aria-hidden="true">${formatDate(month.value, 'monthBrief')}</span>
            </h2>
            <div class="calendar__steps">
              <button class=${`calendar__today${isNow ? ' calendar__today--now' : ''}`} type="button" onClick=${showToday}>${t('schedules.today')}</button>
              <${IconButton} icon="chevron-left" label=${t('schedules.previous')} onClick=${() => go(-1)} />
              <${IconButton} icon="chevron-right" label=${t('schedules.following')} onClick=${() => go(1)} />
            </div>
          </div>
          <${Month} slide=${slide} />
        </div>
        <${DayList} onAdd=${self.ref('add').current ??= () => { editing.value = { date: day.value }; }}
          onEdit=${self.ref('edit').current ??= (/** @type {import('./store.js').Schedule} */ schedule) => { editing.value = { schedule, date: schedule.date }; }} />
      </div>
    <//>
    ${editing.value && html`<${Editor} ...${editing.value} onClose=${() => { editing.value = null; }} />`}`;
});

/** The month that is shown, and its neighbours, so that a swipe finds them filled. */
function askForMonths() {
  return effect(() => {
    const [shown] = [month.value, round.value];
    untracked(() => [shown, addMonths(shown, 1), addMonths(shown, -1), monthOf(today.value)].forEach(loadMonth));
  });
}

// The 30 days to come, in one list.

const DAYS = 30;

export const Upcoming = view((_, self) => {
  const editing = self.local('editing', /** @type {Editing | null} */ (null));
  const isAsked = self.local('asked', false);
  const edit = self.ref('edit').current ??= (/** @type {import('./store.js').Schedule} */ schedule) => { editing.value = { schedule, date: schedule.date }; };
  const ask = async () => {
    const [first, last] = [today.value, addDays(today.value, DAYS - 1)];
    // What this phone remembers, until the answer is there.
    if (!await load(first, last)) await Promise.all([monthOf(first), monthOf(last)].map(loadMonth));
    isAsked.value = true;
  };
  self.once(() => effect(() => { if (today.value && round.value >= 0) untracked(ask); }));
  const dates = Array.from({ length: DAYS }, (_, at) => addDays(today.value, at)).filter((date) => days.value.has(date));
  return html`
    <${Page} title=${t('schedules.next30')} backTo="/calendar" look="page--calendar">
      ${dates.map((date) => html`<${DayGroup} key=${date} date=${date} schedules=${days.value.get(date)} onEdit=${edit} />`)}
      ${dates.length === 0 && !isAsked.value && html`<${Skeleton} />`}
      ${dates.length === 0 && isAsked.value && html`<${Nothing} onAdd=${() => { editing.value = { date: today.value }; }} ask=${ask} />`}
    <//>
    ${editing.value && html`<${Editor} ...${editing.value} onClose=${() => { editing.value = null; }} />`}`;
});

/** @type {(props: { date: string, schedules: import('./store.js').Schedule[], onEdit: (schedule: import('./store.js').Schedule) => void }) => any} */
const DayGroup = view(({ date, schedules, onEdit }) => {
  const holidays = holidayNames(date);
  return html`
    <section class="day-group">
      <div class="day-list__head">
        <h2 class="day-list__title"><a class="day-list__link" href=${`/calendar/${date}`}>${formatDate(date, 'day')}</a></h2>
        ${date === today.value && html`<span class="day-list__today">${t('schedules.today')}</span>`}
        ${holidays.length > 0 && html`<span class="day-list__holiday">${holidays.join(' · ')}</span>`}
      </div>
      <ul class="schedules" role="list">${schedules.map((schedule) => html`<li key=${schedule.scheduleId}><${ScheduleCard} schedule=${schedule} onEdit=${onEdit} /></li>`)}</ul>
    </section>`;
});

/** @type {(props: { onAdd: () => void, ask: () => void }) => any} */
const Nothing = view(({ onAdd, ask }) => (trouble.value
  ? html`<${Empty} icon="cloud-off" title=${t('schedules.unknown')} text=${t('schedules.unknownText')}><${Button} kind="soft" onClick=${ask}>${t('again')}<//><//>`
  : html`<${Empty} title=${t('schedules.emptyNext')} text=${t('schedules.emptyText')}><${Button} icon="plus" onClick=${onAdd}>${t('schedules.add')}<//><//>`));
