// The window around every screen: who may see it, its tabs, what is said above it, the part of it that is really there.
import { html, render, view } from '../ui/html.js';
import { effect, signal, untracked } from '../signal.js';
import { isGuest, landing, me, phase, start } from '../accounts/session.js';
import { unreadTotal } from '../chat/rooms.js';
import { followChat } from '../chat/store.js';
import { couple, followCouple, isJustPaired, partner } from '../couples/store.js';
import { connection } from '../net/socket.js';
import { navigate, place, restart, startRouter } from '../router.js';
import { loadScreen, screens } from '../routes.js';
import { Button, Empty, Fawn, Icon, Page, Toasts, toast } from '../ui/parts.js';
import { t } from '../text/index.js';

const HOME = '/chat';

/** What is drawn now; stays until the next screen is there, so that nothing flashes. */
const shown = signal(/** @type {{ Page: any, place: import('../router.js').Place } | null} */ (null));
/** True where a screen could not be fetched. */
const isStuck = signal(false);

/** Resolves once something is seen. */
export function openWindow() {
  const root = /** @type {HTMLElement} */ (document.getElementById('app'));
  followViewport();
  startRouter(screens);
  followPlace();
  followCouple();
  followChat();
  root.replaceChildren();
  return new Promise((resolve) => { render(html`<${Shell} onSeen=${resolve} />`, root); });
}

/** Follows the place and the session. */
function followPlace() {
  effect(() => {
    const [now, who] = [place.value, phase.value];
    untracked(() => go(now, who));
  });
}

/** @param {import('../router.js').Place} now @param {string} who */
function go(now, who) {
  // Fetched while the session is being renewed.
  if (who === 'starting') now.screen?.page().catch(() => {});
  if (who === 'starting' || who === 'unreachable') return;
  const seenBy = now.screen?.who ?? 'in';
  if (now.screen && who === 'out' && (seenBy === 'in' || seenBy === 'family')) {
    landing.value = now.path === HOME ? '' : now.path;
    return restart('/');
  }
  if (now.screen && who === 'in' && seenBy === 'out') {
    const path = landing.value || HOME;
    landing.value = '';
    return restart(path);
  }
  if (now.screen && who === 'in' && seenBy === 'family' && isGuest.value) return restart(HOME);
  show(now);
}

/** @param {import('../router.js').Place} now */
async function show(now) {
  try {
    const Page = now.screen ? await loadScreen(now.screen) : NotFound;
    if (place.value !== now) return;
    isStuck.value = false;
    shown.value = { Page, place: now };
  } catch {
    isStuck.value = place.value === now;
  }
}

/** As index.html has it, so that nothing moves. */
const Splash = () => html`<div class="splash"><${Fawn} size=${96} /></div>`;

/** Everything. @type {(props: { onSeen: (value?: any) => void }) => any} */
const Shell = view(({ onSeen }, self) => {
  const seen = self.ref('seen');
  if (phase.value === 'unreachable' || isStuck.value) {
    self.after(onSeen);
    return html`<${Unreachable} retry=${isStuck.value ? () => show(place.value) : undefined} /><${Toasts} />`;
  }
  const now = shown.value;
  const isIn = phase.value === 'in';
  if (!now || phase.value === 'starting') return html`<${Splash} />`;
  const { Page, place: at } = now;
  const hasTabs = isIn && !at.screen?.isBare;
  self.after(() => { arrived(seen, at); onSeen(); });
  return html`
    ${isIn && html`<${Notice} />`}
    <div class=${`shell${hasTabs ? ' shell--tabs' : ''}`}>
      ${hasTabs && html`<${Tabs} current=${at.screen?.tab} />`}
      <main class="shell__view"><${Page} key=${at.screen?.path} place=${at} /></main>
    </div>
    <${Toasts} />`;
});

/** A new screen has a title, and the focus begins there. @param {{ current: any }} seen @param {import('../router.js').Place} at */
function arrived(seen, at) {
  // Beside a list it is the second one; on a phone the list is there, unseen.
  const title = [...document.querySelectorAll('main h1')].filter(isSeen).at(-1);
  document.title = [title?.textContent, 'BambiTalk'].filter((part) => part && part !== 'BambiTalk').join(' · ') || 'BambiTalk';
  if (seen.current === at.path) return;
  const isFirst = seen.current === null;
  seen.current = at.path;
  const focused = document.activeElement;
  const isElsewhere = !focused || focused === document.body || !document.querySelector('main')?.contains(focused);
  if (!isFirst && isElsewhere && title instanceof HTMLElement) title.focus({ preventScroll: true });
}

/** Asked without laying the page out, where the browser can. @param {Element} element */
const isSeen = (element) => element.checkVisibility?.() ?? element.getClientRects().length > 0;

// The tabs, a guest's two or all four: below on a phone, beside on a wide window.

const TABS = [
  { name: 'calendar', icon: 'calendar', isFamilys: true },
  { name: 'chat', icon: 'message-circle' },
  { name: 'child', icon: 'baby', isFamilys: true },
  { name: 'settings', icon: 'settings' },
];
const BADGE_MAX = 99;

/** @type {(props: { current?: string }) => any} */
const Tabs = view(({ current }) => html`
  <nav class="tabs" aria-label=${t('tabs')}>
    <${Fawn} look="tabs__home" size=${40} />
    ${TABS.filter(({ isFamilys }) => !isFamilys || !isGuest.value).map(({ name, icon }) => html`<${Tab} key=${name} name=${name} icon=${icon} isCurrent=${name === current} />`)}
  </nav>`);

/** @type {(props: { name: string, icon: string, isCurrent: boolean }) => any} */
const Tab = view(({ name, icon, isCurrent }) => {
  const count = name === 'chat' ? unreadTotal.value : 0;
  return html`
    <a class="tabs__tab" href=${`/${name}`} data-replace=${isCurrent ? '' : undefined} aria-current=${isCurrent ? 'page' : undefined}>
      <span class="tabs__icon"><${Icon} name=${icon} />${count > 0 && html`<span class="badge" aria-hidden="true">${count > BADGE_MAX ? `${BADGE_MAX}+` : count}</span>`}</span>
      ${t(`tabs.${name}`)}${count > 0 && html`<span class="unseen">${t('tabs.unread', { count })}</span>`}
    </a>`;
});

// What is said above any screen: that the line is broken (not for a blink), that we have become two, what one of us must not miss.

const PATIENCE_MS = 2_500;

/** True once the line has been broken for a while. */
const isCut = signal(false);

let timer = 0;
effect(() => {
  clearTimeout(timer);
  if (connection.value === 'lost') timer = setTimeout(() => { isCut.value = true; }, PATIENCE_MS);
  else if (connection.value === 'live' || connection.value === 'off') isCut.value = false;
});

effect(() => {
  if (!isJustPaired.value) return;
  untracked(() => {
    // There it is the whole screen.
    if (/^\/(pair|join)\b/.test(place.value.path)) return;
    isJustPaired.value = false;
    toast(t('paired.toast', { name: partner.value?.nickname ?? '' }), { label: t('paired.see'), onClick: () => navigate('/pair') });
  });
});

const Notice = view(() => html`
  <div class="notice" role="status">
    ${isCut.value && html`<p class="notice__text"><${Icon} name="cloud-off" size=${16} />${t('connection.lost')}</p>`}
    ${Banners.value && html`<${Banners.value} />`}
  </div>`);

/** Fetched when there is something to say. */
const Banners = signal(/** @type {any} */ (null));
effect(() => {
  const isDue = me.value?.rescue || (couple.value?.parting && couple.value.parting.by !== me.value?.userId);
  if (isDue) import('./banners.js').then(({ loadBanners }) => loadBanners()).then((loaded) => { Banners.value = loaded; }, () => {});
});

// What stands in the window while there is no screen to show.

/** Nobody answers, and this device remembers nobody. @type {(props: { retry?: () => void }) => any} */
const Unreachable = view(({ retry = start }, self) => {
  self.once(() => {
    const again = () => retry();
    addEventListener('online', again);
    return () => removeEventListener('online', again);
  });
  return html`
    <div class="shell"><main class="shell__view">
      <${Page} title="BambiTalk" isTitleHidden=${true}>
        <${Empty} icon="wifi-off" title=${t('unreachable.title')} text=${t('unreachable.text')}>
          <${Button} onClick=${() => retry()}>${t('again')}<//>
        <//>
      <//>
    </main></div>`;
});

/** An address that is no screen. */
const NotFound = view(() => html`
  <${Page} title=${t('nowhere.title')} isTitleHidden=${true}>
    <${Empty} title=${t('nowhere.title')} text=${t('nowhere.text')}><${Button} href="/">${t('nowhere.home')}<//><//>
  <//>`);

// The part of the window that is really there: a phone's keyboard covers some of it, and not every browser resizes the page.

const KEYBOARD_MIN_PX = 150;

/** Keeps `--viewport-height`, `--keyboard-height` and `data-keyboard`, set while an on-screen keyboard is up, right. */
function followViewport() {
  const root = document.documentElement;
  const visual = window.visualViewport;
  let tallestYet = 0;
  const tallest = () => { tallestYet = Math.max(tallestYet, visual?.height ?? innerHeight); return tallestYet; };
  const settle = () => {
    const height = visual?.height ?? innerHeight;
    const scale = visual?.scale ?? 1;
    // Pinched in, the visible part says nothing about the keyboard.
    if (scale > 1.01) return;
    root.style.setProperty('--viewport-height', `${height}px`);
    // What covers the lower edge of things that are fixed to the window.
    root.style.setProperty('--keyboard-height', `${Math.max(0, innerHeight - height - (visual?.offsetTop ?? 0))}px`);
    root.toggleAttribute('data-keyboard', isTyping() && tallest() - height > KEYBOARD_MIN_PX);
    // iOS scrolls the page under the keyboard; ours never scrolls as a whole.
    if (scrollY) scrollTo(0, 0);
  };
  tallest();
  settle();
  visual?.addEventListener('resize', settle);
  visual?.addEventListener('scroll', settle);
  addEventListener('resize', settle);
  addEventListener('orientationchange', () => { tallestYet = 0; settle(); });
  document.addEventListener('focusin', settle);
  document.addEventListener('focusout', settle);
}

/** Whether what has the focus brings a keyboard up. */
function isTyping() {
  const focused = document.activeElement;
  return focused instanceof HTMLTextAreaElement
    || (focused instanceof HTMLInputElement && !/^(checkbox|radio|range|file|color|button|submit)$/.test(focused.type))
    || (focused instanceof HTMLElement && focused.isContentEditable);
}
