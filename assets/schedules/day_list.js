// What is on the chosen day, and the way to add to it.
import { html, view } from '../ui/html.js';
import { Avatar, Button, Empty, Icon, Skeleton, toastError } from '../ui/parts.js';
import { instantOf, monthOf, today } from '../time/days.js';
import { holidayNames } from './holidays.js';
import { days, loadMonth, months, tick, trouble } from './store.js';
import { formatDate, formatTime, t, timeZone } from '../text/index.js';
import { memberOf } from '../couples/store.js';
import { day, fresh } from './shown.js';

/** @type {(props: { onAdd: () => void, onEdit: (schedule: import('./store.js').Schedule) => void }) => any} */
export const DayList = view(({ onAdd, onEdit }) => {
  const date = day.value;
  const schedules = days.value.get(date) ?? [];
  const holidays = holidayNames(date);
  return html`
    <section class="day-list" aria-labelledby="day-title">
      <div class="day-list__head">
        <h2 class="day-list__title" id="day-title">${formatDate(date, 'day')}</h2>
        ${date === today.value && html`<span class="day-list__today">${t('schedules.today')}</span>`}
        ${holidays.length > 0 && html`<span class="day-list__holiday">${holidays.join(' · ')}</span>`}
        <a class="day-list__next" href="/calendar/next">${t('schedules.next30')}<${Icon} name="chevron-right" size=${16} /></a>
      </div>
      ${schedules.length > 0 && html`
        <ul class="schedules" role="list">${schedules.map((schedule) => html`<li key=${schedule.scheduleId}><${ScheduleCard} schedule=${schedule} onEdit=${onEdit} /></li>`)}</ul>`}
      ${schedules.length === 0 && html`<${Nothing} date=${date} />`}
      <div class="day-list__foot">
        <button class="day-list__add" type="button" onClick=${onAdd}><${Icon} name="plus" size=${20} />${t('schedules.add')}</button>
      </div>
    </section>`;
});

/** @type {(props: { date: string }) => any} */
const Nothing = view(({ date }) => {
  if (months.value.has(monthOf(date))) {
    const isFirst = days.value.size === 0;
    return html`<div class="day-list__empty"><${Empty} title=${t(isFirst ? 'schedules.empty' : 'schedules.emptyDay')} text=${isFirst ? t('schedules.emptyText') : undefined} /></div>`;
  }
  if (!trouble.value) return html`<${Skeleton} lines=${2} />`;
  return html`
    <div class="day-list__empty">
      <${Empty} icon="cloud-off" title=${t('schedules.unknown')} text=${t('schedules.unknownText')}>
        <${Button} kind="soft" onClick=${() => loadMonth(monthOf(date))}>${t('again')}<//>
      <//>
    </div>`;
});

// One schedule: who wrote it, when it is, what it is, done or not.

/** @type {(props: { schedule: import('./store.js').Schedule, onEdit: (schedule: import('./store.js').Schedule) => void }) => any} */
export const ScheduleCard = view(({ schedule, onEdit }) => {
  const { scheduleId, title, description, date, time, allDay, color, isCompleted, creatorId, creatorRole } = schedule;
  const author = memberOf(creatorId);
  const look = ['schedule', `pastel--${color.toLowerCase()}`, isCompleted && 'schedule--done', fresh.value.has(scheduleId) && 'schedule--fresh'];
  return html`
    <div class=${look.filter(Boolean).join(' ')}>
      <button class="schedule__body" type="button" onClick=${() => onEdit(schedule)}>
        <span class="schedule__when">
          <${Avatar} person=${author ?? { nickname: '', role: creatorRole }} size=${32} />
          <span class="unseen">${author?.nickname}</span>
          <span class="schedule__time">${allDay ? t('schedules.allDay') : formatTime(instantOf(date, time, timeZone.value))}</span>
        </span>
        <span class="schedule__words">
          <span class="schedule__title">${title}</span>
          ${description && html`<span class="schedule__memo">${description}</span>`}
        </span>
      </button>
      <label class="schedule__check">
        <input class="schedule__box" type="checkbox" checked=${isCompleted} aria-label=${t('schedules.done', { title })}
          onChange=${(/** @type {any} */ event) => tick(scheduleId, event.target.checked).catch(toastError)} />
        <span class="schedule__mark"><${Icon} name="check" size=${16} /></span>
      </label>
    </div>`;
});
