// What stands about a message: what it answers to, reactions, the card of a schedule; and the way to its menu.
import { html, view } from '../ui/html.js';
import { Icon, IconButton, toastError } from '../ui/parts.js';
import { myId } from '../accounts/session.js';
import { memberOf } from '../couples/store.js';
import { nameIn, roomOf, summaryOf } from './rooms.js';
import { choose, intent, showMessage } from './store.js';
import { formatClock, formatCount, formatDate, t } from '../text/index.js';

/** @typedef {import('./shapes.js').Message} Message */

/** Does something with a message; what does it is fetched when it is first needed. Answers whether it is done. @param {(acts: typeof import('./acts.js')) => Promise<any>} act */
export const perform = (act) => import('./acts.js').then(act).then(() => true, (error) => { toastError(error); return false; });

/** What it answers to; leads there. @type {(props: { quote: import('./shapes.js').Quote, roomId: number }) => any} */
export const Quoted = view(({ quote, roomId }) => {
  const room = roomOf(roomId);
  if (!quote.type) return html`<p class="quoted quoted--bare">${t('chat.quote.unseen')}</p>`;
  const name = quote.senderId === myId.value ? t('chat.quote.me') : nameIn(room, quote.senderId ?? 0);
  return html`
    <button class="quoted" type="button" onClick=${() => showMessage(quote.id).catch(toastError)}>
      <span class="quoted__words"><span class="quoted__name">${t('chat.quote.of', { name })}</span><span class="quoted__text" dir="auto">${summaryOf(quote, room)}</span></span>
      ${quote.thumbnailUrl && html`<img class="quoted__image" src=${quote.thumbnailUrl} alt="" width="36" height="36" loading="lazy" />`}
    </button>`;
});

/** Who felt what about it; a tap joins in or takes it back. @type {(props: { message: Message }) => any} */
export const Reactions = view(({ message }) => {
  const room = roomOf(message.roomId);
  return html`
    <div class="reactions" role="group" aria-label=${t('chat.reactions')}>
      ${(message.reactions ?? []).map(({ emoji, userIds }) => {
        const names = userIds.map((userId) => nameIn(room, userId)).join(', ');
        const isMine = userIds.includes(myId.value);
        return html`
          <button class="reaction" key=${emoji} type="button" aria-pressed=${isMine ? 'true' : 'false'} title=${names} disabled=${room?.archived}
            aria-label=${t('chat.reaction', { emoji, names })} onClick=${() => perform((acts) => acts.toggleReaction(message, emoji))}>
            <span class="reaction__emoji">${emoji}</span>${userIds.length > 1 && html`<span class="reaction__count">${formatCount(userIds.length)}</span>`}
          </button>`;
      })}
    </div>`;
});

/** A schedule as it stands in the calendar now; who has that calendar ticks it off right here. @type {(props: { message: Message }) => any} */
export const Card = view(({ message }) => {
  const card = message.schedule;
  if (!card) return null;
  const { title, date, time, allDay, color, isCompleted, deleted = false } = card;
  const isLive = !deleted && Number.isFinite(message.id) && memberOf(message.senderId);
  const inside = html`
    <span class="plan__when"><${Icon} name="calendar" size=${16} />${formatDate(date, 'brief')} ${allDay ? t('chat.card.allDay') : formatClock(time)}</span>
    <span class="plan__title" dir="auto">${title}</span>
    ${deleted && html`<span class="plan__gone">${t('chat.card.gone')}</span>`}`;
  return html`
    <div class=${`plan pastel--${color.toLowerCase()}${isCompleted ? ' plan--done' : ''}${deleted ? ' plan--gone' : ''}`}>
      ${isLive ? html`<a class="plan__words" href=${`/calendar/${date}`}>${inside}</a>` : html`<span class="plan__words">${inside}</span>`}
      ${isLive ? html`
        <label class="plan__check">
          <input class="plan__box" type="checkbox" checked=${isCompleted} aria-label=${t('chat.card.done', { title })}
            onChange=${(/** @type {any} */ event) => perform((acts) => acts.tickCard(message, event.target.checked))} />
          <span class="plan__mark"><${Icon} name="check" size=${16} /></span>
        </label>` : isCompleted && html`<span class="plan__mark plan__mark--still"><${Icon} name="check" size=${16} /><span class="unseen">${t('chat.card.isDone')}</span></span>`}
    </div>`;
});

/** Opens the menu: seen on hovering, found with the keyboard. @type {(props: { id: number }) => any} */
export const MenuButton = view(({ id }) => html`
  <span class="message__menu"><${IconButton} icon="ellipsis-vertical" label=${t('chat.menu')} onClick=${() => choose(id)} /></span>`);

/** Above the composer: what is being answered or edited. */
export const Doing = view(() => {
  const now = intent.value;
  if (!now) return null;
  const { kind, message } = now;
  const room = roomOf(message.roomId);
  const name = message.senderId === myId.value ? t('chat.quote.me') : nameIn(room, message.senderId);
  return html`
    <div class="doing">
      <${Icon} name=${kind === 'edit' ? 'pencil' : 'reply'} size=${20} />
      <p class="doing__words"><span class="doing__name">${kind === 'edit' ? t('chat.editing') : t('chat.answering', { name })}</span>
        <span class="doing__text" dir="auto">${summaryOf(message, room)}</span></p>
      <${IconButton} icon="x" label=${t('cancel')} onClick=${() => { intent.value = null; }} />
    </div>`;
});

const HELD_MS = 450;
const MOVED_PX = 10;

/**
 * Opens the menu of a message that is held down or clicked with the other button. Answers what ends it.
 * @param {HTMLElement} list
 */
export function followHolds(list) {
  let timer = 0;
  let isHeld = false;
  let [x, y] = [0, 0];
  const idOf = (/** @type {Event} */ event) => {
    const at = /** @type {HTMLElement} */ (event.target);
    return Number(/** @type {HTMLElement | null} */ (at.closest('.message__body [data-id]') ?? at.closest('.message__row')?.closest('.message'))?.dataset.id ?? 0);
  };
  const forget = () => clearTimeout(timer);
  const down = (/** @type {PointerEvent} */ event) => {
    forget();
    isHeld = false;
    const id = idOf(event);
    if (event.pointerType !== 'touch' || !id) return;
    [x, y] = [event.clientX, event.clientY];
    timer = /** @type {any} */ (setTimeout(() => { isHeld = true; navigator.vibrate?.(10); choose(id); }, HELD_MS));
  };
  const move = (/** @type {PointerEvent} */ event) => { if (Math.hypot(event.clientX - x, event.clientY - y) > MOVED_PX) forget(); };
  const other = (/** @type {MouseEvent} */ event) => {
    const id = idOf(event);
    // With words chosen or on a link, the browser's own menu is the one that helps.
    const isBrowsers = /** @type {HTMLElement} */ (event.target).closest('a') && !isHeld && matchMedia('(pointer: fine)').matches;
    if (!id || isBrowsers || (getSelection()?.toString() && matchMedia('(pointer: fine)').matches)) return;
    event.preventDefault();
    forget();
    choose(id);
  };
  // What was held down is not clicked as well.
  const clicked = (/** @type {Event} */ event) => { if (isHeld) { isHeld = false; event.preventDefault(); event.stopPropagation(); } };
  const ends = ['pointerup', 'pointercancel'];
  list.addEventListener('pointerdown', down);
  list.addEventListener('pointermove', move);
  ends.forEach((end) => list.addEventListener(end, forget));
  list.addEventListener('contextmenu', other);
  list.addEventListener('click', clicked, true);
  // The list goes with its listeners.
  return forget;
}
