// What every screen is made of: icons, buttons, faces, rows in cards, the page they stand in, and short messages above it.
import { html, view } from './html.js';
import { signal } from '../signal.js';
import { back } from '../router.js';
import { t } from '../text/index.js';

/** @param {{ name: string, size?: 16 | 20 | 24 | 32 }} props  `name` as in index.html; for the eye only, so give the thing around it a label */
export function Icon({ name, size = 24 }) {
  return html`<svg class=${`icon icon--${size}`} aria-hidden="true" focusable="false"><use href=${`#icon-${name}`} /></svg>`;
}

/** Our fawn. @param {{ look?: string, size: number }} props */
export function Fawn({ look, size }) {
  return html`<svg class=${look} width=${size} height=${size} aria-hidden="true"><use href="#fawn" /></svg>`;
}

// Buttons. One that leads somewhere is a link.

/**
 * @param {{ kind?: 'primary' | 'soft' | 'plain' | 'danger', icon?: string, isWide?: boolean, isBusy?: boolean, isDisabled?: boolean,
 *   type?: 'button' | 'submit', href?: string, onClick?: (event: MouseEvent) => void, children?: any }} props
 */
export function Button({ kind = 'primary', icon, isWide, isBusy, isDisabled, type = 'button', href, onClick, children }) {
  const look = `button button--${kind}${isWide ? ' button--wide' : ''}${isBusy ? ' button--busy' : ''}`;
  const inside = html`${icon && html`<${Icon} name=${icon} size=${20} />`}<span class="button__text">${children}</span>`;
  if (href) return html`<a class=${look} href=${href} onClick=${onClick}>${inside}</a>`;
  // aria-disabled, not disabled: the focus stays where it was while the answer is awaited.
  return html`
    <button class=${look} type=${type} disabled=${isDisabled} aria-disabled=${isBusy ? 'true' : undefined}
      onClick=${isBusy ? swallow : onClick}>${inside}</button>`;
}

/**
 * A round button that is only an icon; the label is for who cannot see it, and shows on hovering.
 * @param {{ icon: string, label: string, kind?: 'plain' | 'primary' | 'soft', isDisabled?: boolean, isPressed?: boolean, type?: 'button' | 'submit',
 *   href?: string, onClick?: (event: MouseEvent) => void }} props
 */
export function IconButton({ icon, label, kind = 'plain', isDisabled, isPressed, type = 'button', href, onClick }) {
  const look = `icon-button icon-button--${kind}`;
  const inside = html`<${Icon} name=${icon} />`;
  if (href) return html`<a class=${look} href=${href} aria-label=${label} title=${label} onClick=${onClick}>${inside}</a>`;
  return html`
    <button class=${look} type=${type} aria-label=${label} title=${label} aria-pressed=${isPressed} disabled=${isDisabled}
      onClick=${onClick}>${inside}</button>`;
}

/** @param {MouseEvent} event */
function swallow(event) { event.preventDefault(); }

// A person's face: their photo, or the one of their part.

const FACES = { DAD: '🙋🏻‍♂️', MOM: '🙋🏻‍♀️', GUEST: '🙂' };

/** The small face of a part. @param {'DAD' | 'MOM' | 'GUEST'} role */
export const faceOf = (role) => FACES[role] ?? FACES.GUEST;

/** @param {{ person: { nickname: string, role?: any, avatarUrl?: string | null } | undefined, size?: 24 | 32 | 40 | 56 | 96 }} props  its name stands beside it, so it is silent */
export function Avatar({ person, size = 40 }) {
  const look = `avatar avatar--${size} avatar--${String(person?.role ?? 'guest').toLowerCase()}`;
  if (person?.avatarUrl) return html`<img class=${look} src=${person.avatarUrl} alt="" width=${size} height=${size} loading="lazy" />`;
  return html`<span class=${look} aria-hidden="true">${person ? faceOf(person.role) : ''}</span>`;
}

// Rows in cards, what to say where there is nothing, and what stands there while we wait.

/** A card of rows. @param {{ title?: string, note?: string, children?: any }} props */
export function List({ title, note, children }) {
  return html`
    <section class="list">
      ${title && html`<h2 class="list__title">${title}</h2>`}
      <div class="list__rows">${children}</div>
      ${note && html`<p class="list__note">${note}</p>`}
    </section>`;
}

/**
 * One row. With `href` it leads on, with `onClick` it acts, else it only shows.
 * @param {{ icon?: string, face?: any, title: any, detail?: any, value?: any, href?: string, isCurrent?: boolean, isDanger?: boolean,
 *   onClick?: () => void, children?: any }} props  `face` instead of an icon, `children` at the end
 */
export function Row({ icon, face, title, detail, value, href, isCurrent, isDanger, onClick, children }) {
  const look = `row${isDanger ? ' row--danger' : ''}`;
  const inside = html`
    ${icon && html`<span class="row__icon"><${Icon} name=${icon} /></span>`}${face}
    <span class="row__words"><span class="row__title">${title}</span>${detail && html`<span class="row__detail">${detail}</span>`}</span>
    ${value && html`<span class="row__value">${value}</span>`}${children}
    ${href && html`<span class="row__on"><${Icon} name="chevron-right" size=${20} /></span>`}`;
  if (href) return html`<a class=${look} href=${href} aria-current=${isCurrent ? 'page' : undefined}>${inside}</a>`;
  if (onClick) return html`<button class=${look} type="button" onClick=${onClick}>${inside}</button>`;
  return html`<div class=${look}>${inside}</div>`;
}

/** Where there is nothing yet: what will be here, and the way to begin. @param {{ icon?: string, title: string, text?: string, children?: any }} props */
export function Empty({ icon, title, text, children }) {
  return html`
    <div class="empty">
      ${icon ? html`<span class="empty__icon"><${Icon} name=${icon} size=${32} /></span>` : html`<${Fawn} look="empty__fawn" size=${96} />`}
      <p class="empty__title">${title}</p>
      ${text && html`<p class="empty__text">${text}</p>`}
      ${children}
    </div>`;
}

const PATIENCE_MS = 300;

/** Grey lines where something is on its way; not before 300 ms, so that what is quick does not flicker. @type {(props: { lines?: number }) => any} */
export const Skeleton = view(({ lines = 3 }, self) => {
  const isLate = self.local('late', false);
  self.once(() => {
    const timer = setTimeout(() => { isLate.value = true; }, PATIENCE_MS);
    return () => clearTimeout(timer);
  });
  return html`
    <div class="skeleton" aria-busy="true">
      ${isLate.value && Array.from({ length: lines }, (_, at) => html`<span class="skeleton__line" key=${at}></span>`)}
    </div>`;
});

// What every screen stands in: a title that gets the focus, the way back, one scrolling part, something fixed below.

/**
 * @type {(props: { title: any, backTo?: string, start?: any, actions?: any, footer?: any, isTitleHidden?: boolean, isFixed?: boolean, look?: string,
 *   scrollRef?: { current: any }, children?: any }) => any}
 *   `backTo`: shows the way back and where it leads when the app was opened right here; `isFixed`: the page scrolls by itself
 */
export const Page = view(({ title, backTo, start, actions, footer, isTitleHidden, isFixed, look = '', scrollRef, children }) => html`
  <div class=${`page ${look}`}>
    <header class=${`page__head${isTitleHidden ? ' page__head--bare' : ''}`}>
      <div class="page__start">${backTo && html`<${IconButton} icon="chevron-left" label=${t('back')} onClick=${() => back(backTo)} />`}${start}</div>
      <h1 class=${isTitleHidden ? 'unseen' : 'page__title'} tabindex="-1">${title}</h1>
      <div class="page__actions">${actions}</div>
    </header>
    <div class=${isFixed ? 'page__fixed' : 'page__scroll'} ref=${scrollRef}>${isFixed ? children : html`<div class="page__column">${children}</div>`}</div>
    ${footer && html`<footer class="page__foot">${footer}</footer>`}
  </div>`);

/**
 * Two panes on a wide window, one after the other on a phone.
 * @param {{ list: any, main: any, showing: 'list' | 'main' }} props  `showing`: which one a phone shows
 */
export function Panes({ list, main, showing }) {
  return html`
    <div class=${`panes panes--${showing}`}>
      <div class="panes__list">${list}</div>
      <div class="panes__main">${main}</div>
    </div>`;
}

// Short messages at the edge of the screen, read out to who cannot see them.

/** @typedef {{ id: number, text: string, act?: { label: string, onClick: () => void } }} Message */

const SHOWN_MS = 4_000;
const SHOWN_WITH_ACT_MS = 7_000;

/** @type {import('../signal.js').Signal<Message[]>} */
const messages = signal(/** @type {Message[]} */ ([]));
const spoken = signal('');
let next = 0;

/** Says something for a few seconds; with `act`, offers to undo it or the like. @param {string} text @param {{ label: string, onClick: () => void }} [act] */
export function toast(text, act) {
  const message = { id: ++next, text, act };
  // The same again replaces what stands there.
  messages.value = [...messages.value.filter((other) => other.text !== text), message].slice(-2);
  setTimeout(() => close(message.id), act ? SHOWN_WITH_ACT_MS : SHOWN_MS);
}

/** Shows what went wrong; everything thrown by net/ has a sentence. @param {unknown} error */
export function toastError(error) {
  const { code, message } = /** @type {{ code?: string, message?: string }} */ (error ?? {});
  if (code === 'cancelled') return;
  if (!code) console.error(error);
  toast(code && message ? message : t('error.unknown'));
}

/** Tells who uses a screen reader, without showing. @param {string} text */
export function announce(text) {
  spoken.value = '';
  setTimeout(() => { spoken.value = text; }, 50);
}

/** @param {number} id */
function close(id) {
  messages.value = messages.value.filter((message) => message.id !== id);
}

/** Where they appear: once, in the shell. */
export const Toasts = view(() => html`
  <div class="unseen" role="status" aria-live="polite">${spoken.value}</div>
  <div class="toasts" role="status" aria-live="polite">
    ${messages.value.map((message) => html`
      <div class="toast" key=${message.id}>
        <span class="toast__text">${message.text}</span>
        ${message.act && html`<button class="toast__act" type="button" onClick=${() => { close(message.id); message.act?.onClick(); }}>${message.act.label}</button>`}
      </div>`)}
  </div>`);
