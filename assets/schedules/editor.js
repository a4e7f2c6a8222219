// The sheet in which a schedule is written or changed.
import { html, view } from '../ui/html.js';
import { Button, Icon, IconButton, toast, toastError } from '../ui/parts.js';
import { Field, TextArea } from '../ui/form.js';
import { Sheet } from '../ui/dialogs.js';
import { atMost, changeOf, COLORS, draftOf, fieldsOf, MEMO_MAX, newDraft, TITLE_MAX } from './draft.js';
import { instantOf, isDay } from '../time/days.js';
import { create, newId, remove, restore, update } from './store.js';
import { showDay } from './shown.js';
import { mainRoom, sendCard } from '../chat/store.js';
import { navigate } from '../router.js';
import { formatDate, formatTime, t, timeZone } from '../text/index.js';

/** @type {(props: { schedule?: import('./store.js').Schedule, date: string, words?: { title: string, description: string }, onClose: () => void }) => any} */
export const Editor = view(({ schedule, date, words, onClose }, self) => {
  const first = self.local('first', () => (schedule ? draftOf(schedule) : { ...newDraft(date, timeZone.value, Date.now()), ...fitting(words) })).value;
  const draft = self.local('draft', first);
  const clientId = self.local('clientId', newId).value;
  const isBusy = self.local('busy', false);
  const error = self.local('error', '');
  const set = (/** @type {Partial<import('./draft.js').Draft>} */ change) => { draft.value = { ...draft.value, ...change }; error.value = ''; };
  const { title, description, allDay, color } = draft.value;
  const isTouched = !isBusy.value && JSON.stringify(draft.value) !== JSON.stringify(first);

  const save = async () => {
    if (isBusy.value) return;
    error.value = complaintAbout(draft.value);
    if (error.value) return;
    isBusy.value = true;
    try {
      if (schedule) await update(schedule.scheduleId, changeOf(first, draft.value, timeZone.value));
      else await create(fieldsOf(draft.value, timeZone.value), clientId);
      onClose();
      if (location.pathname !== '/calendar/next' && draft.value.date !== date) showDay(draft.value.date);
    } catch (failure) {
      isBusy.value = false;
      error.value = /** @type {Error} */ (failure).message || t('error.unknown');
    }
  };
  const onSubmit = (/** @type {Event} */ event) => { event.preventDefault(); save(); };

  return html`
    <${Sheet} title=${t(schedule ? 'schedules.edit' : 'schedules.new')} onClose=${onClose} look="schedule-sheet"
      question=${isTouched && { title: t('days.leave'), text: t('days.leave.text'), ok: t('days.leave.ok'), isDanger: true }}>
      <form class="schedule-form" onSubmit=${onSubmit} noValidate=${true} tabindex=${schedule ? -1 : undefined} autofocus=${Boolean(schedule)}>
        <${When} draft=${draft.value} set=${set} />
        <${ColorDots} value=${color} onChange=${(/** @type {string} */ value) => set({ color: value })} />
        <${Field} label=${t('schedules.title')} value=${title} autocomplete="off" enterkeyhint="done" autofocus=${!schedule} placeholder=${t('schedules.titleHint')}
          error=${error.value} onInput=${(/** @type {string} */ text) => { const kept = atMost(text, TITLE_MAX); set({ title: kept }); return kept; }} />
        <${TextArea} label=${t('schedules.memo')} value=${description} rows=${2} placeholder=${t('schedules.memoHint')}
          onInput=${(/** @type {string} */ text) => { const kept = atMost(text, MEMO_MAX); set({ description: kept }); return kept; }} />
        <div class="schedule-form__acts">
          ${schedule && html`<${IconButton} icon="message-circle" label=${t('schedules.share')} kind="soft" onClick=${() => { onClose(); share(schedule); }} />`}
          ${schedule && html`<${Button} kind="plain" icon="trash-2" onClick=${() => { onClose(); takeAway(schedule); }}>${t('schedules.remove')}<//>`}
          <${Button} type="submit" isWide=${true} isBusy=${isBusy.value}>${t('save')}<//>
        </div>
      </form>
    <//>`;
});

/** @param {{ title: string, description: string } | undefined} words */
const fitting = (words) => words && { title: atMost(words.title, TITLE_MAX), description: atMost(words.description, MEMO_MAX) };

/** What keeps it from being saved, in words. @param {import('./draft.js').Draft} draft */
function complaintAbout({ title, date, time, allDay }) {
  if (!title.trim()) return t('schedules.titleMissing');
  if (!isDay(date) || (!allDay && !/^\d{2}:\d{2}/.test(time))) return t('error.4400');
  return '';
}

/** Shows it in the room of two. @param {import('./store.js').Schedule} schedule */
function share({ scheduleId, title, date, time, allDay, color, isCompleted }) {
  const room = mainRoom.peek();
  if (!room) return;
  sendCard(room.roomId, { scheduleId, title, date, time: allDay ? '00:00' : time, allDay, color, isCompleted });
  navigate('/chat');
}

/** @param {import('./store.js').Schedule} schedule */
async function takeAway({ scheduleId }) {
  try {
    await remove(scheduleId);
    toast(t('schedules.removed'), { label: t('schedules.undo'), onClick: () => restore(scheduleId).catch(toastError) });
  } catch (error) {
    toastError(error);
  }
}

// When a schedule is: a day, and a time or all day. The phone's own pickers lie unseen over pills that speak our language.

/** @param {{ draft: import('./draft.js').Draft, set: (change: Partial<import('./draft.js').Draft>) => void }} props */
export function When({ draft, set }) {
  const { date, time, allDay } = draft;
  return html`
    <div class="when">
      <label class="when__pill">
        <span class="unseen">${t('schedules.day')}</span>
        <span class="when__text" aria-hidden="true">${formatDate(date, 'brief')}</span>
        <input class="when__input" type="date" name="date" min="1900-01-01" max="2200-12-31" value=${date} onClick=${pick}
          onInput=${(/** @type {any} */ event) => { if (event.target.value) set({ date: event.target.value }); }} />
      </label>
      ${!allDay && html`
        <label class="when__pill" key="time">
          <${Icon} name="clock" size=${20} /><span class="unseen">${t('schedules.time')}</span>
          <span class="when__text" aria-hidden="true">${formatTime(instantOf(date, time, timeZone.value))}</span>
          <input class="when__input" type="time" name="time" value=${time} onClick=${pick}
            onInput=${(/** @type {any} */ event) => { if (event.target.value) set({ time: event.target.value.slice(0, 5) }); }} />
        </label>`}
      <button class="when__pill when__all-day" type="button" aria-pressed=${allDay ? 'true' : 'false'} onClick=${() => set({ allDay: !allDay })}>${t('schedules.allDay')}</button>
    </div>`;
}

/** On a desktop a click only puts the cursor there. @param {any} event */
function pick(event) {
  try { event.currentTarget.showPicker(); } catch { /* it opens by itself, or cannot */ }
}

// Six pastel dots, one of them chosen.

/** @param {{ value: string, onChange: (color: string) => void }} props */
export function ColorDots({ value, onChange }) {
  return html`
    <fieldset class="dots">
      <legend class="unseen">${t('schedules.color')}</legend>
      ${COLORS.map((color) => html`
        <label class="dots__one" key=${color}>
          <input class="dots__input" type="radio" name="color" value=${color} checked=${color === value} aria-label=${t(`schedules.color.${color}`)} onChange=${() => onChange(color)} />
          <span class=${`dots__dot pastel--${color.toLowerCase()}`}><${Icon} name="check" size=${16} /></span>
        </label>`)}
    </fieldset>`;
}
