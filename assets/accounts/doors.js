// Coming in: welcome, log in, create the first account; the fields of somebody who signs up.
import { html, view } from '../ui/html.js';
import { Button, Empty, faceOf, Fawn, Page, toastError } from '../ui/parts.js';
import { farewell, landing, needsSetup, setUp, signIn } from './session.js';
import { language, ownZone, setLanguage, t } from '../text/index.js';
import { zoneName, zones } from '../text/zones.js';
import { Choice, Field, Form, Select } from '../ui/form.js';
import { signal } from '../signal.js';

const LANGUAGES = /** @type {const} */ (['ko', 'en']);

export const Welcome = view((_, self) => {
  const isNew = self.local('new', false);
  self.once(() => { needsSetup().then((needed) => { isNew.value = needed; }); });
  // Once there is an admin, the set-up code is dead: an invite or a login is the way then.
  const first = isNew.value;
  if (farewell.value) {
    return html`
      <${Page} title=${t(`farewell.${farewell.value}`)} isTitleHidden=${true}>
        <${Empty} title=${t(`farewell.${farewell.value}`)} text=${t(`farewell.${farewell.value}.text`)}>
          <${Button} kind="soft" onClick=${() => { farewell.value = ''; }}>${t('nowhere.home')}<//>
        <//>
      <//>`;
  }
  return html`
    <${Page} title=${t('welcome.title')} isTitleHidden=${true} look="page--door">
      <div class="welcome">
        <div class="welcome__top">
          <${Fawn} look="welcome__fawn" size=${136} />
          <p class="welcome__name" aria-hidden="true">BambiTalk</p>
          <p class="welcome__lead">${t('welcome.lead')}</p>
          <p class="welcome__text">${t('welcome.text')}</p>
        </div>
        <div class="welcome__ways">
          <${Button} href="/login" kind=${first ? 'soft' : 'primary'} isWide=${true}>${t('welcome.login')}<//>
          <${Button} href="/join" kind="soft" isWide=${true}>${t('welcome.invited')}<//>
          <${Button} href="/create" kind=${first ? 'primary' : 'plain'} isWide=${true}>${t('welcome.create')}<//>
          <${LanguageSwitch} />
        </div>
      </div>
    <//>`;
});

/** Each language, named in itself. */
const LanguageSwitch = view(() => html`
  <div class="tongues">
    ${LANGUAGES.map((tag) => html`
      <button key=${tag} class="tongues__tongue" type="button" lang=${tag} aria-pressed=${language.value === tag}
        onClick=${() => setLanguage(tag).catch(toastError)}>${t(`language.${tag}`)}</button>`)}
  </div>`);

// Log in with login id and password.

export const Login = view((_, self) => {
  const loginId = self.local('loginId', '');
  const password = self.local('password', '');
  return html`
    <${Page} title=${t('login.title')} backTo="/">
      <${Form} submit=${t('login.submit')} onSubmit=${() => signIn(loginId.value, password.value)}>
        ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
          <${Field} label=${t('account.loginId')} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false}
            value=${loginId.value} onInput=${(/** @type {string} */ value) => { loginId.value = value; }} error=${errorOf('loginId')} />
          <${Field} label=${t('account.password')} type="password" name="password" autocomplete="current-password"
            value=${password.value} onInput=${(/** @type {string} */ value) => { password.value = value; }} error=${errorOf('password')} />`}
      <//>
      <p class="aside">${t('login.forgot')}</p>
    <//>`;
});

// The first account, for who can read the terminal.

export const Create = view((_, self) => {
  const applicant = self.local('applicant', newApplicant).value;
  const setupCode = self.local('setupCode', '');
  const submit = () => {
    landing.value = '/pair';
    return setUp({ setupCode: setupCode.value.trim(), ...written(applicant) });
  };
  return html`
    <${Page} title=${t('create.title')} backTo="/">
      <${Form} submit=${t('create.submit')} onSubmit=${submit}>
        ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
          <${Field} label=${t('create.code')} hint=${t('create.code.hint')} name="setup-code" autocomplete="off" autocapitalize="characters" spellcheck=${false}
            value=${setupCode.value} onInput=${(/** @type {string} */ value) => { setupCode.value = value; }} error=${errorOf('setupCode')} />
          <${ApplicantFields} applicant=${applicant} errorOf=${errorOf} />`}
      <//>
    <//>`;
});

// The fields of somebody who signs up: name, part, login id, password; language and time zone are detected and can be changed.

/** What has been filled in so far. */
export function newApplicant() {
  return { nickname: signal(''), role: signal(''), loginId: signal(''), password: signal(''), timeZone: signal(ownZone()) };
}

/** @typedef {ReturnType<typeof newApplicant>} Applicant */

/** As the server wants it. @param {Applicant} applicant */
export function written(applicant) {
  return {
    nickname: applicant.nickname.value.trim(),
    role: applicant.role.value,
    loginId: applicant.loginId.value.trim(),
    password: applicant.password.value,
    locale: language.value,
    timeZone: applicant.timeZone.value,
  };
}

/** @type {(props: { applicant: Applicant, errorOf: (field: string) => string | undefined }) => any} */
export const ApplicantFields = view(({ applicant, errorOf }, self) => {
  const { nickname, role, loginId, password, timeZone } = applicant;
  // All zones by name: not before somebody looks.
  const isOpen = self.local('open', false);
  const parents = [{ value: 'MOM', label: t('role.MOM'), face: faceOf('MOM') }, { value: 'DAD', label: t('role.DAD'), face: faceOf('DAD') }];
  return html`
    <${Field} label=${t('account.nickname')} hint=${t('account.nickname.hint')} name="nickname" autocomplete="nickname" maxlength="10"
      value=${nickname.value} onInput=${(/** @type {string} */ value) => { nickname.value = value; }} error=${errorOf('nickname')} />
    <${Choice} label=${t('account.role')} options=${parents} value=${role.value} error=${errorOf('role')}
      onChange=${(/** @type {string} */ value) => { role.value = value; }} />
    <${Field} label=${t('account.loginId')} hint=${t('account.loginId.hint')} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false}
      value=${loginId.value} onInput=${(/** @type {string} */ value) => { loginId.value = value; }} error=${errorOf('loginId')} />
    <${Field} label=${t('account.password')} hint=${t('account.password.hint')} type="password" name="password" autocomplete="new-password"
      value=${password.value} onInput=${(/** @type {string} */ value) => { password.value = value; }} error=${errorOf('password')} />
    <details class="detected" onToggle=${(/** @type {any} */ event) => { isOpen.value = event.target.open; }}>
      <summary class="detected__summary">${t(`language.${language.value}`)} · ${zoneName(timeZone.value)}</summary>
      ${isOpen.value && html`
        <div class="detected__fields">
          <${Choice} label=${t('account.language')} options=${[{ value: 'ko', label: t('language.ko') }, { value: 'en', label: t('language.en') }]}
            value=${language.value} onChange=${(/** @type {'ko' | 'en'} */ wanted) => setLanguage(wanted).catch(toastError)} />
          <${Select} label=${t('account.zone')} hint=${t('account.zone.hint')} options=${zones(timeZone.value)} value=${timeZone.value}
            onChange=${(/** @type {string} */ zone) => { timeZone.value = zone; }} />
        </div>`}
    </details>`;
});
