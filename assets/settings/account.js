// Settings of a person and the couple: profile, password, devices, days.
import { html, view } from '../ui/html.js';
import { Avatar, Button, Empty, faceOf, List, Page, Row, Skeleton, toast, toastError } from '../ui/parts.js';
import { Choice, Field, Form, Select } from '../ui/form.js';
import { confirm } from '../ui/dialogs.js';
import { isGuest, me } from '../accounts/session.js';
import { changePassword, changePhoto, changeProfile, devices, endSession, onConnect, takesPhotos } from './store.js';
import { formatDate, language, ownZone, t } from '../text/index.js';
import { zoneName, zones } from '../text/zones.js';
import { back } from '../router.js';
import { couple, updateCouple } from '../couples/store.js';

export const ProfileSettings = view((_, self) => {
  const nickname = self.local('nickname', me.value?.nickname ?? '');
  const role = self.local('role', String(me.value?.role ?? ''));
  const submit = async () => {
    const part = isGuest.value ? {} : { role: /** @type {'DAD' | 'MOM'} */ (role.value) };
    await changeProfile({ nickname: nickname.value.trim(), ...part });
    toast(t('saved'));
  };
  const parents = [{ value: 'MOM', label: t('role.MOM'), face: faceOf('MOM') }, { value: 'DAD', label: t('role.DAD'), face: faceOf('DAD') }];
  return html`
    <${Page} title=${t('settings.profile')} backTo="/settings" look="page--low page--section">
      <${Photo} />
      <${Form} submit=${t('save')} onSubmit=${submit}>
        ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
          <${Field} label=${t('profile.nickname')} hint=${t('profile.nickname.hint')} name="nickname" autocomplete="nickname" maxlength="10" value=${nickname.value}
            onInput=${(/** @type {string} */ value) => { nickname.value = value; }} error=${errorOf('nickname')} />
          ${!isGuest.value && html`<${Choice} label=${t('profile.role')} options=${parents} value=${role.value} error=${errorOf('role')}
            onChange=${(/** @type {string} */ value) => { role.value = value; }} />`}`}
      <//>
      ${me.value?.loginId && html`<p class="aside">${t('profile.loginId', { loginId: me.value.loginId })}</p>`}
    <//>`;
});

const Photo = view((_, self) => {
  const input = self.ref('input');
  const isPossible = self.local('possible', false);
  const share = self.local('share', /** @type {number | null} */ (null));
  self.once(() => { takesPhotos().then((takes) => { isPossible.value = takes; }); });
  const send = async () => {
    const [file] = input.current.files;
    input.current.value = '';
    if (!file) return;
    share.value = 0;
    const mine = me.peek()?.userId;
    try {
      const face = await squareJpeg(file).catch(() => null);
      // Signed out meanwhile: it is not the face of who came in.
      if (me.peek()?.userId !== mine) return;
      if (face) await changePhoto(face, (done) => { share.value = done; });
      else toast(t('profile.photo.wrong'));
    } catch (error) {
      toastError(error);
    }
    share.value = null;
  };
  return html`
    <div class="photo">
      <${Avatar} person=${me.value ?? undefined} size=${96} />
      ${isPossible.value && html`
        <input hidden ref=${input} type="file" accept="image/*" onChange=${send} />
        <div class="photo__ways">
          <${Button} kind="soft" icon="camera" isBusy=${share.value !== null} onClick=${() => input.current.click()}>
            ${share.value === null ? t('profile.photo') : t('profile.photo.sending', { percent: Math.round(share.value * 100) })}
          <//>
          ${me.value?.avatar && html`<${Button} kind="plain" onClick=${() => changeProfile({ avatar: null }).catch(toastError)}>${t('profile.photo.remove')}<//>`}
        </div>`}
    </div>`;
});

// Pictures, made smaller before they are sent.

const FACE_PX = 512;
const QUALITY = 0.85;

/** The middle of a picture as a small square JPEG: a face. @param {Blob} file @returns {Promise<Blob>} */
export async function squareJpeg(file) {
  const bitmap = await createImageBitmap(file);
  const canvas = Object.assign(document.createElement('canvas'), { width: FACE_PX, height: FACE_PX });
  try {
    const side = Math.min(bitmap.width, bitmap.height);
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    pen.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, FACE_PX, FACE_PX);
  } finally {
    bitmap.close();
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be drawn'))), 'image/jpeg', QUALITY);
  });
}

// A new password; the other devices are signed out.

export const PasswordSettings = view((_, self) => {
  const old = self.local('old', '');
  const fresh = self.local('fresh', '');
  const submit = async () => {
    await changePassword(old.value, fresh.value);
    toast(t('password.changed'));
    back('/settings');
  };
  return html`
    <${Page} title=${t('settings.password')} backTo="/settings" look="page--low page--section">
      <${Form} submit=${t('save')} onSubmit=${submit} fieldOf=${{ 3409: 'old' }}>
        ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
          <input class="unseen" type="text" name="username" autocomplete="username" value=${me.value?.loginId ?? ''} readOnly tabindex="-1" aria-hidden="true" />
          <${Field} label=${t('password.old')} type="password" name="old" autocomplete="current-password" value=${old.value}
            onInput=${(/** @type {string} */ value) => { old.value = value; }} error=${errorOf('old') && t('password.wrong')} />
          <${Field} label=${t('password.new')} hint=${t('password.new.hint')} type="password" name="new" autocomplete="new-password" value=${fresh.value}
            onInput=${(/** @type {string} */ value) => { fresh.value = value; }} error=${errorOf('password')} />`}
      <//>
    <//>`;
});

// Where I am signed in, and ending it there.

export const DeviceSettings = view((_, self) => {
  const all = self.local('all', /** @type {import('./store.js').Device[] | null} */ (null));
  const failure = self.local('failure', '');
  const load = () => {
    failure.value = '';
    return devices().then((found) => { all.value = found; }, (error) => { failure.value = error.message || t('error.unknown'); });
  };
  self.once(() => { load(); return onConnect(load); });
  const end = async (/** @type {import('./store.js').Device} */ device) => {
    const isSure = await confirm({ title: t('devices.end.ask'), text: label(device), ok: t('devices.end'), isDanger: true });
    if (!isSure) return;
    await endSession(device.sessionId).then(() => toast(t('devices.ended')), toastError);
    await load();
  };
  return html`
    <${Page} title=${t('settings.devices')} backTo="/settings" look="page--low page--section">
      ${all.value ? html`
        <${List} note=${t('devices.note')}>
          ${all.value.map((device) => html`
            <${Row} key=${device.sessionId} icon=${device.client === 'app' || nameOf(device.device).isPhone ? 'smartphone' : 'monitor'} title=${label(device)}
              detail=${device.isCurrent ? t('devices.this') : t('devices.seen', { ago: formatAgo(device.lastSeenAt) })}>
              ${!device.isCurrent && html`<${Button} kind="plain" onClick=${() => end(device)}>${t('devices.end')}<//>`}
            <//>`)}
        <//>` : failure.value ? html`<${Empty} title=${failure.value}><${Button} kind="soft" onClick=${load}>${t('again')}<//><//>` : html`<${Skeleton} lines=${4} />`}
    <//>`;
});

/** @param {import('./store.js').Device} device */
function label(device) {
  const { browser, system } = nameOf(device.device);
  if (device.client === 'app') return t('devices.app');
  return browser && system ? `${browser} · ${system}` : browser || system || t('devices.unknown');
}

// What a browser says of itself, in two words.

const BROWSERS = /** @type {[RegExp, string][]} */ ([
  [/SamsungBrowser\//, 'Samsung Internet'], [/Whale\//, 'Whale'], [/EdgA?\/|EdgiOS\//, 'Edge'], [/OPR\/|OPT\//, 'Opera'], [/FxiOS\/|Firefox\//, 'Firefox'],
  [/CriOS\/|Chrome\/|Chromium\//, 'Chrome'], [/Safari\//, 'Safari'],
]);
const SYSTEMS = /** @type {[RegExp, string][]} */ ([
  [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'Mac'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux'],
]);

/** @param {string} device a User-Agent, or anything else that was said */
export function nameOf(device) {
  const of = (/** @type {[RegExp, string][]} */ table) => table.find(([pattern]) => pattern.test(device))?.[1] ?? '';
  const system = of(SYSTEMS);
  return { browser: of(BROWSERS), system, isPhone: /iPhone|Android/.test(system) };
}

/** How long ago, in one word: 방금 · 3분 전 · yesterday; older than a week, the date. @param {string} instant */
function formatAgo(instant) {
  const seconds = Math.round((Date.now() - new Date(instant).getTime()) / 1000);
  const words = new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' });
  if (seconds < 60) return words.format(0, 'second');
  if (seconds < 3_600) return words.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return words.format(-Math.floor(seconds / 3_600), 'hour');
  if (seconds < 7 * 86_400) return words.format(-Math.floor(seconds / 86_400), 'day');
  return formatDate(instant, 'date');
}

// What the two of us share: the time zone, and how days are counted.

const change = (/** @type {Parameters<typeof updateCouple>[0]} */ wanted) => updateCouple(wanted).then(() => toast(t('saved')), toastError);

export const CoupleSettings = view(() => {
  const us = couple.value;
  const here = ownZone();
  return html`
    <${Page} title=${t('settings.couple')} backTo="/settings" look="page--low page--section">
      ${us ? html`
        <${Select} label=${t('couple.zone')} hint=${t('couple.zone.hint')} options=${zones(us.timeZone)} value=${us.timeZone}
          onChange=${(/** @type {string} */ timeZone) => change({ timeZone })} />
        ${us.timeZone !== here && html`
          <div class="away">
            <p class="away__text">${t('couple.away', { zone: zoneName(here) })}</p>
            <${Button} kind="soft" onClick=${() => change({ timeZone: here })}>${t('couple.away.take')}<//>
          </div>`}
        <${Choice} label=${t('couple.days')} value=${us.dayCount} onChange=${(/** @type {any} */ dayCount) => change({ dayCount })}
          options=${['birthday-is-one', 'elapsed'].map((value) => ({ value, label: t(`days.${value}`) }))} />
        <p class="aside">${t('couple.days.hint')}</p>` : html`<${Skeleton} />`}
    <//>`;
});
