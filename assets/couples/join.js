// Coming with a code: who invites, then yes; who has no account makes one in the same act.
import { html, view } from '../ui/html.js';
import { ApplicantFields, newApplicant, written } from '../accounts/doors.js';
import { Avatar, Button, Page, Skeleton, toastError } from '../ui/parts.js';
import { Field, Form } from '../ui/form.js';
import { join, partner, preview } from './store.js';
import { landing, phase, signUp } from '../accounts/session.js';
import { navigate } from '../router.js';
import { t } from '../text/index.js';

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const Join = view(({ place }) => {
  const { code } = place.params;
  const backTo = phase.value === 'in' ? '/pair' : '/';
  return html`
    <${Page} title=${t('join.title')} backTo=${backTo}>
      ${code ? html`<${Invited} key=${code} code=${code} />` : html`<${CodeForm} />`}
    <//>`;
});

const CodeForm = view((_, self) => {
  const code = self.local('code', '');
  const submit = async () => {
    const wanted = code.value;
    await preview(wanted);
    navigate(`/join/${wanted}`);
  };
  return html`
    <p class="join__lead">${t('join.lead')}</p>
    <${Form} submit=${t('next')} onSubmit=${submit}>
      ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`<${CodeField} value=${code.value} onInput=${(/** @type {string} */ value) => { code.value = value; }} error=${errorOf('code')} />`}
    <//>`;
});

/** @type {(props: { code: string }) => any} */
const Invited = view(({ code }, self) => {
  const inviter = self.local('inviter', /** @type {{ nickname: string, role: 'DAD' | 'MOM' } | null} */ (null));
  const wrong = self.local('wrong', '');
  const isGoing = self.local('going', false);
  self.once(() => { preview(code).then((found) => { inviter.value = found; }, (error) => { wrong.value = error.message; }); });

  if (wrong.value) {
    return html`
      <p class="join__wrong" role="alert">${wrong.value}</p>
      <${Button} href="/join" kind="soft" isWide=${true}>${t('join.another')}<//>`;
  }
  if (!inviter.value) return html`<${Skeleton} lines=${4} />`;
  const { nickname: name } = inviter.value;
  return html`
    <div class="inviter">
      <${Avatar} person=${inviter.value} size=${96} />
      <p class="inviter__title">${t('join.inviter', { name })}</p>
      <p class="inviter__text">${t(phase.value === 'in' ? 'join.keep' : 'join.welcome')}</p>
    </div>
    ${partner.value ? html`<p class="join__wrong" role="alert">${t('error.5400')}</p><${Button} href="/chat" kind="soft" isWide=${true}>${t('join.home')}<//>`
      : phase.value === 'in' ? html`<${Button} isWide=${true} isBusy=${isGoing.value} onClick=${() => go(code, isGoing)}>${t('join.yes', { name })}<//>`
      : html`<${Newcomer} code=${code} inviterRole=${inviter.value.role} />`}`;
});

/** @param {string} code @param {import('../signal.js').Signal<boolean>} isGoing */
async function go(code, isGoing) {
  isGoing.value = true;
  try {
    await join(code);
    navigate('/pair', { replace: true });
  } catch (error) {
    toastError(error);
  } finally {
    isGoing.value = false;
  }
}

/** @type {(props: { code: string, inviterRole: 'DAD' | 'MOM' }) => any} */
const Newcomer = view(({ code, inviterRole }, self) => {
  const applicant = self.local('applicant', () => {
    const fresh = newApplicant();
    fresh.role.value = inviterRole === 'MOM' ? 'DAD' : 'MOM';
    return fresh;
  }).value;
  const submit = async () => {
    await signUp({ ...written(applicant), inviteCode: code });
    navigate('/pair', { replace: true });
  };
  return html`
    <${Form} submit=${t('join.signup')} onSubmit=${submit}>
      ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`<${ApplicantFields} applicant=${applicant} errorOf=${errorOf} />`}
    <//>
    <${Button} kind="plain" href="/login" onClick=${() => { landing.value = `/join/${code}`; }}>${t('join.login')}<//>`;
});

// Six characters of an invite; a pasted link is understood as well.

/** @type {(props: { value: string, onInput: (code: string) => void, error?: string }) => any} */
export const CodeField = view(({ value, onInput, error }) => html`
  <div class="code">
    <${Field} label=${t('join.code')} name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck=${false} inputmode="text"
      enterkeyhint="next" value=${value} onInput=${(/** @type {string} */ typed) => { const code = codeOf(typed); onInput(code); return code; }} error=${error} />
  </div>`);

// An invite code as somebody types or pastes it.

const CODE_CHARS = 6;

/** The code in what was typed: capitals, nothing between, out of a whole link too. @param {string} typed @returns {string} */
export function codeOf(typed) {
  const [, linked] = /\/join\/([^/?#\s]+)/.exec(typed) ?? [];
  return (linked ?? typed).replace(/[^a-z0-9]/gi, '').toUpperCase().slice(0, CODE_CHARS);
}
