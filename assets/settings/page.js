// Settings: the list, and beside it or over it what was chosen; how it looks, and how it comes to the home screen.
import { html, view } from '../ui/html.js';
import { CoupleSettings, DeviceSettings, PasswordSettings, ProfileSettings } from './account.js';
import { LinkSettings, RescueSettings } from './link.js';
import { PartingSettings, WithdrawSettings } from './parting.js';
import { Avatar, Button, Empty, Icon, IconButton, List, Page, Panes, Row, toastError } from '../ui/parts.js';
import { formatDate, language, setLanguage, t } from '../text/index.js';
import { leave } from './leaving.js';
import { isGuest, me, updateProfile } from '../accounts/session.js';
import { couple, myself, partner } from '../couples/store.js';
import { browserOf, install, installer, isInstalled, isSecure } from '../pwa.js';
import { signal } from '../signal.js';
import { Choice } from '../ui/form.js';

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const Settings = view(({ place }) => {
  const name = place.params.rest;
  const Section = isGuest.value && !GUESTS.has(name) ? undefined : SECTIONS[name];
  return html`
    <${Panes} showing=${name ? 'main' : 'list'} list=${html`<${Home} current=${name} />`}
      main=${Section ? html`<${Section} key=${name} />` : html`<${Nothing} isWrong=${Boolean(name)} />`} />`;
});

/** @type {(props: { isWrong: boolean }) => any} */
const Nothing = view(({ isWrong }) => html`
  <${Page} title=${t('tabs.settings')} isTitleHidden=${true} look="page--low" backTo=${isWrong ? '/settings' : undefined}>
    <${Empty} title=${t(isWrong ? 'nowhere.title' : 'settings.choose')} />
  <//>`);

// The list of settings.

/** @type {(props: { current?: string }) => any} */
export const Home = view(({ current }) => {
  if (!me.value) return null;
  const { nickname, role } = me.value;
  const other = partner.value;
  const row = (/** @type {string} */ name, /** @type {object} */ more) => html`
    <${Row} href=${`/settings/${name}`} isCurrent=${current === name} title=${t(`settings.${name}`)} ...${more} />`;
  return html`
    <${Page} title=${t('tabs.settings')} look="page--low">
      <a class="me" href="/settings/profile" aria-current=${current === 'profile' ? 'page' : undefined}>
        <${Avatar} person=${myself.value ?? me.value} size=${56} />
        <span class="me__words"><b class="me__name">${nickname}</b><span class="me__role">${t(`role.${role}`)}</span></span>
        <span class="me__edit">${t('settings.edit')}</span>
      </a>
      ${!isGuest.value && html`<${List} title=${t('settings.us')}>
        ${other
          ? html`<${Row} face=${html`<${Avatar} person=${other} size=${40} />`} title=${other.nickname}
              detail=${couple.value && t('settings.since', { date: formatDate(couple.value.since, 'date') })} />`
          : html`<${Row} icon="user-plus" href="/pair" title=${t('settings.invite')} detail=${t('settings.invite.text')} />`}
        ${row('couple', { icon: 'globe' })}
        ${couple.value?.parting && row('parting', { detail: t('parting.open'), icon: 'users' })}
      <//>`}
      <${List} title=${t('settings.app')}>
        ${row('look', { icon: 'palette', detail: `${t(`theme.${theme.value}`)} · ${t(`language.${language.value}`)}` })}
        ${row('install', { icon: 'smartphone', value: isInstalled() && t('install.done') })}
      <//>
      ${!isGuest.value && html`<${HttpsCard} />`}
      <${List} title=${t('settings.account')}>
        ${row('link', { icon: 'qr-code', title: t(isGuest.value ? 'link.move' : 'settings.link') })}
        ${!isGuest.value && row('devices', { icon: 'monitor' })}
        ${me.value.loginId && row('password', { icon: 'key-round' })}
        ${other && row('rescue', { icon: 'life-buoy', title: t('settings.rescue', { name: other.nickname }) })}
        <${Row} icon="log-out" title=${t('settings.logout')} onClick=${leave} />
      <//>
      ${!isGuest.value && html`
        <div class="quiet">
          ${other && html`<a class="quiet__way" href="/settings/parting">${t('settings.parting')}</a>`}
          <a class="quiet__way" href="/settings/withdraw">${t('settings.withdraw')}</a>
        </div>`}
    <//>`;
});

// Over plain HTTP: says once what HTTPS would add, and never again once it was read.

const KEY = 'https-read';
const isRead = signal((() => { try { return localStorage.getItem(KEY) !== null; } catch { return false; } })());

function close() {
  isRead.value = true;
  try { localStorage.setItem(KEY, '1'); } catch { /* it will be said again, then */ }
}

export const HttpsCard = view(() => {
  if (isSecure() || isRead.value) return null;
  return html`
    <aside class="card">
      <div class="card__words"><b>${t('https.title')}</b><p class="card__text">${t('https.text')}</p></div>
      <${IconButton} icon="x" label=${t('close')} onClick=${close} />
    </aside>`;
});

// How it looks and speaks.

const speak = async (/** @type {'ko' | 'en'} */ wanted) => {
  try {
    await setLanguage(wanted);
    await updateProfile({ locale: wanted });
  } catch (error) {
    toastError(error);
  }
};

const LookSettings = view(() => html`
  <${Page} title=${t('settings.look')} backTo="/settings" look="page--low page--section">
    <${Choice} label=${t('look.theme')} value=${theme.value} onChange=${setTheme}
      options=${['system', 'light', 'dark'].map((value) => ({ value, label: t(`theme.${value}`) }))} />
    <${Choice} label=${t('look.size')} value=${size.value} onChange=${setSize}
      options=${['normal', 'large', 'huge'].map((value) => ({ value, label: t(`size.${value}`) }))} />
    <${Choice} label=${t('look.language')} value=${language.value} onChange=${speak}
      options=${['ko', 'en'].map((value) => ({ value, label: t(`language.${value}`) }))} />
  <//>`);

// Light, dark, or as the device has it; how large the letters are. theme.js in the page's head applies both before the first paint.

/** @typedef {'system' | 'light' | 'dark'} Theme */

/** What was chosen. */
const theme = signal(/** @type {Theme} */ (read('theme') ?? 'system'));

/** @typedef {'normal' | 'large' | 'huge'} Size */
const size = signal(/** @type {Size} */ (read('size') ?? 'normal'));

/** @param {Theme} wanted */
function setTheme(wanted) {
  theme.value = wanted;
  keep('theme', wanted);
}

/** @param {Size} wanted */
function setSize(wanted) {
  size.value = wanted;
  keep('size', wanted);
}

/** @param {'theme' | 'size'} name @param {string} value */
function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* until the page closes, then */ }
  dispatchEvent(new Event('themechange'));
}

/** @param {'theme' | 'size'} name @returns {any} */
function read(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

// The way to the home screen, for the browser at hand.

/** What to press, step by step; the words are `install.<browser>.<step>`. */
const STEPS = /** @type {Record<import('../pwa.js').Browser, string[]>} */ ({
  'ios-safari': ['share', 'square', 'check'],
  'ios-other': ['share', 'square', 'check'],
  'android': ['ellipsis-vertical', 'smartphone', 'check'],
  'android-other': ['ellipsis-vertical', 'globe', 'smartphone'],
  'mac-safari': ['menu', 'download', 'check'],
  'chromium': ['download', 'check'],
  'firefox': ['info'],
});

export const InstallSettings = view(() => html`
  <${Page} title=${t('settings.install')} backTo="/settings" look="page--low page--section">
    ${isInstalled() ? html`<${Empty} title=${t('install.done')} text=${t('install.done.text')} />` : html`<${Ways} />`}
    ${!isSecure() && html`<p class="card"><span class="card__words"><b>${t('https.title')}</b><span class="card__text">${t('https.text')}</span></span></p>`}
  <//>`);

const Ways = view(() => {
  const browser = browserOf();
  return html`
    <div class="install">
      <img class="install__icon" src="/icons/icon.svg" alt="" width="96" height="96" />
      <p class="install__lead">${t('install.lead')}</p>
    </div>
    ${installer.value
      ? html`<${Button} isWide=${true} icon="download" onClick=${install}>${t('install.now')}<//>`
      : html`
        <ol class="steps" role="list">
          ${STEPS[browser].map((icon, at) => html`
            <li class="steps__step" key=${at}><span class="steps__icon"><${Icon} name=${icon} /></span><span>${t(`install.${browser}.${at + 1}`)}</span></li>`)}
        </ol>`}`;
});

/** What /settings/<name> shows. @type {Record<string, any>} */
const SECTIONS = {
  profile: ProfileSettings,
  look: LookSettings,
  couple: CoupleSettings,
  devices: DeviceSettings,
  password: PasswordSettings,
  install: InstallSettings,
  link: LinkSettings,
  rescue: RescueSettings,
  parting: PartingSettings,
  withdraw: WithdrawSettings,
};
/** Those that a guest has. */
const GUESTS = new Set(['profile', 'look', 'install', 'link']);
