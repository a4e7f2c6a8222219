// The children: before birth weeks and the day to come, then age, days and milestones.
import { html, view } from '../ui/html.js';
import { effect, untracked } from '../signal.js';
import { announce, Button, Empty, IconButton, Page, Skeleton } from '../ui/parts.js';
import { Editor } from './editor.js';
import { children, followChildren, fresh, load, nameOf, news, trouble } from './store.js';
import { daysBetween, followToday, today } from '../time/days.js';
import { formatDate, formatLength, has, t } from '../text/index.js';
import { age, countdown, nextBirthday, pregnancy, sorted } from './age.js';
import { couple } from '../couples/store.js';

/** @typedef {{ child?: import('./store.js').Child, isBirth?: boolean }} Editing */

export const Children = view((_, self) => {
  const editing = self.local('editing', /** @type {Editing | null} */ (null));
  self.ref('start').current ??= untracked(() => { followChildren(); followToday(); return true; });
  self.once(tellNews);
  const open = self.ref('open').current ??= (/** @type {Editing} */ wanted) => { editing.value = wanted; };
  const all = children.value;
  return html`
    <${Page} title=${t('tabs.child')} look="page--low page--children"
      actions=${all?.length ? html`<${IconButton} icon="plus" label=${t('children.add')} onClick=${() => open({})} />` : undefined}>
      ${all?.map((child) => html`<${ChildCard} key=${child.childId} child=${child} open=${open} />`)}
      ${all?.length === 0 && html`
        <${Empty} title=${t('children.empty')} text=${t('children.emptyText')}><${Button} icon="plus" onClick=${() => open({})}>${t('children.add')}<//><//>`}
      ${!all && !trouble.value && html`<${Skeleton} lines=${4} />`}
      ${!all && trouble.value && html`
        <${Empty} icon="cloud-off" title=${t('children.unknown')} text=${t('children.unknownText')}><${Button} kind="soft" onClick=${load}>${t('again')}<//><//>`}
    <//>
    ${editing.value && html`<${Editor} ...${editing.value} onClose=${() => { editing.value = null; }} />`}`;
});

/** The partner's changes, for who cannot see them. */
function tellNews() {
  let told = untracked(() => news.value);
  return effect(() => {
    const now = news.value;
    if (!now || now === told) return;
    told = now;
    untracked(() => announce(t(`children.news.${now.what}`, { name: now.name || t('children.nameless') })));
  });
}

// One child: before birth its weeks, after it its days; what comes next; the way to change it.

/** @type {(props: { child: import('./store.js').Child, open: (editing: Editing) => void }) => any} */
export const ChildCard = view(({ child, open }) => {
  const isBorn = child.status === 'BORN';
  const name = nameOf(child) || t('children.nameless');
  const about = [child.gender && t(`children.gender.${child.gender}`), isBorn && child.name && child.fetalName && t('children.wasCalled', { name: child.fetalName })].filter(Boolean);
  return html`
    <article class=${`child${fresh.value.has(child.childId) ? ' child--fresh' : ''}`} aria-labelledby=${`child-${child.childId}`}>
      <div class="child__head">
        <div class="child__names">
          <h2 class="child__name" id=${`child-${child.childId}`}>${name}</h2>
          ${about.length > 0 && html`<p class="child__about">${about.join(' · ')}</p>`}
        </div>
        <${IconButton} icon="pencil" label=${t('children.editName', { name })} onClick=${() => open({ child })} />
      </div>
      ${isBorn ? html`<${Born} child=${child} />` : html`<${Fetal} child=${child} />`}
      <${Milestones} child=${child} />
      ${!isBorn && html`<${Button} kind="soft" icon="sparkles" isWide=${true} onClick=${() => open({ child, isBirth: true })}>${t('children.born')}<//>`}
    </article>`;
});

// A child to come: how far along, how long to go, and what the due date was before.

/** @type {(props: { child: import('./store.js').Child }) => any} */
export const Fetal = view(({ child: { dueDate, dueDateHistory } }) => {
  if (!dueDate) return null;
  const { left, week, day, share } = pregnancy(dueDate, today.value);
  const weeks = t('children.weeks', { week, day });
  const earlier = dueDateHistory.slice(0, -1).reverse();
  return html`
    <${Ring} share=${share} label=${t('children.along', { weeks })}>
      <p class="child-ring__large">${countdown(left)}</p>
      <p class="child-ring__small">${weeks}</p>
    <//>
    <div class="child__facts">
      <p>${t('children.dueOn', { day: formatDate(dueDate, 'long') })}</p>
      ${earlier.length > 0 && html`
        <details class="fold">
          <summary class="fold__title">${t('children.dueHistory', { count: earlier.length })}</summary>
          <ul class="fold__list" role="list">
            ${earlier.map((revision) => html`<li key=${revision.changedAt}>${t('children.dueWas', { day: formatDate(revision.dueDate, 'date'), since: formatDate(revision.changedAt, 'short') })}</li>`)}
          </ul>
        </details>`}
    </div>`;
});

// A born child: its days, months and years, and the birthday to come.

/** @type {(props: { child: import('./store.js').Child }) => any} */
export const Born = view(({ child: { birthDate } }) => {
  if (!birthDate) return null;
  const dayCount = couple.value?.dayCount ?? 'birthday-is-one';
  const { days, months, restDays, years } = age(birthDate, today.value, dayCount);
  const birthday = nextBirthday(birthDate, today.value);
  const calendar = months < 1 ? '' : months < 24
    ? t('children.age', { larger: formatLength(months, 'month'), smaller: formatLength(restDays, 'day') })
    : t('children.age', { larger: t('children.years', { count: years }), smaller: formatLength(months % 12, 'month') });
  const counted = dayCount === 'elapsed' ? t('children.daysOld', { count: days }) : t('children.dayNumber', { count: days });
  const next = titleOf(`BIRTHDAY_${birthday.number}`);
  return html`
    <${Ring} share=${birthday.share} label=${t('children.untilBirthday', { birthday: next, left: countdown(birthday.left) })}>
      <p class="child-ring__large">${counted}</p>
      ${calendar && html`<p class="child-ring__small">${calendar}</p>`}
    <//>
    <div class="child__facts">
      <p>${t('children.bornOn', { day: formatDate(birthDate, 'date') })}</p>
      <p class="child__next">${birthday.left === 0 ? t('children.birthdayToday', { birthday: next }) : t('children.untilBirthday', { birthday: next, left: countdown(birthday.left) })}</p>
    </div>`;
});

// Great days: the next three, those after them and those that have been folded away.

const SHOWN = 3;

/** @type {(props: { child: import('./store.js').Child }) => any} */
export const Milestones = view(({ child }) => {
  const { coming, past } = sorted(child.milestones, today.value);
  if (child.milestones.length === 0) return null;
  return html`
    <section class="milestones">
      ${coming.length > 0 && html`<h3 class="milestones__title">${t('children.coming')}</h3><${Days} milestones=${coming.slice(0, SHOWN)} />`}
      ${coming.length > SHOWN && html`<${Fold} title=${t('children.later', { count: coming.length - SHOWN })} milestones=${coming.slice(SHOWN)} />`}
      ${past.length > 0 && html`<${Fold} title=${t('children.past', { count: past.length })} milestones=${past} />`}
    </section>`;
});

/** @param {{ title: string, milestones: import('./store.js').Milestone[] }} props */
function Fold({ title, milestones }) {
  return html`<details class="fold"><summary class="fold__title">${title}</summary><${Days} milestones=${milestones} /></details>`;
}

/** @type {(props: { milestones: import('./store.js').Milestone[] }) => any} */
const Days = view(({ milestones }) => html`
  <ul class="milestones__days" role="list">
    ${milestones.map(({ kind, date }) => {
      const left = daysBetween(today.value, date);
      return html`
        <li class=${`milestone${left === 0 ? ' milestone--today' : ''}${left < 0 ? ' milestone--past' : ''}`} key=${kind}>
          <span class="milestone__name">${titleOf(kind)}</span>
          <time class="milestone__date" datetime=${date}>${formatDate(date, 'date')}</time>
          <span class="milestone__left">${countdown(left)}</span>
        </li>`;
    })}
  </ul>`);

/** WEEK_28, DUE, DAY_100, BIRTHDAY_2: by their own name, or by number. @param {string} kind */
function titleOf(kind) {
  if (has(`children.great.${kind}`)) return t(`children.great.${kind}`);
  const [group, number] = kind.split('_');
  return t(`children.great.${group}`, group === 'BIRTHDAY' ? { nth: Number(number) } : { count: Number(number) });
}

// A ring that fills as time goes, with words in its middle.

const RADIUS = 88;
const ROUND = 2 * Math.PI * RADIUS;

/** @param {{ share: number, label: string, children?: any }} props  `share` 0…1; `label` says the same to who cannot see it */
export function Ring({ share, label, children }) {
  return html`
    <div class="child-ring">
      <svg class="child-ring__circle" viewBox="0 0 200 200" role="img" aria-label=${label}>
        <circle class="child-ring__track" cx="100" cy="100" r=${RADIUS} />
        ${share > 0 && html`<circle class="child-ring__arc" cx="100" cy="100" r=${RADIUS} transform="rotate(-90 100 100)" stroke-dasharray=${`${share * ROUND} ${ROUND}`} />`}
      </svg>
      <div class="child-ring__middle">${children}</div>
    </div>`;
}
