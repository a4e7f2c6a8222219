// The sheet in which a child is added and changed.
import { html, view } from '../ui/html.js';
import { Button, Icon, toast, toastError } from '../ui/parts.js';
import { Choice, Field } from '../ui/form.js';
import { Sheet } from '../ui/dialogs.js';
import { atMost, changeOf, draftOf, fieldsOf, missing, newDraft } from './age.js';
import { create, nameOf, newId, remove, restore, update } from './store.js';
import { today } from '../time/days.js';
import { formatDate, t } from '../text/index.js';

/** @type {(props: { child?: import('./store.js').Child, isBirth?: boolean, onClose: () => void }) => any} */
export const Editor = view(({ child, isBirth, onClose }, self) => {
  const first = self.local('first', () => (child ? draftOf(child) : newDraft())).value;
  const begun = self.local('begun', () => (isBirth ? { ...first, status: /** @type {const} */ ('BORN'), birthDate: today.value } : first)).value;
  const draft = self.local('draft', begun);
  const clientId = self.local('clientId', newId).value;
  const [isBusy, wrong, failure] = [self.local('busy', false), self.local('wrong', ''), self.local('failure', '')];
  const set = (/** @type {Partial<import('./age.js').Draft>} */ change) => { draft.value = { ...draft.value, ...change }; wrong.value = ''; failure.value = ''; };

  const isTouched = !isBusy.value && JSON.stringify(draft.value) !== JSON.stringify(begun);

  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isBusy.value) return;
    wrong.value = missing(draft.value, today.value);
    if (wrong.value) return;
    isBusy.value = true;
    try {
      await (child ? update(child.childId, changeOf(first, draft.value)) : create(fieldsOf(draft.value), clientId));
      onClose();
      if (isBirth) toast(t('children.congratulations'));
    } catch (error) {
      isBusy.value = false;
      failure.value = /** @type {Error} */ (error).message || t('error.unknown');
    }
  };

  const title = isBirth ? t('children.bornTitle') : child ? t('children.edit') : t('children.new');
  return html`
    <${Sheet} title=${title} onClose=${onClose} look="child-sheet"
      question=${isTouched && { title: t('days.leave'), text: t('days.leave.text'), ok: t('days.leave.ok'), isDanger: true }}>
      <form class="child-form" onSubmit=${save} noValidate=${true} tabindex="-1" autofocus=${true}>
        ${isBirth && child && html`<p class="child-form__word">${t('children.bornText', { name: nameOf(child) || t('children.nameless') })}</p>`}
        ${!isBirth && html`<${Choice} label=${t('children.status')} isLabelHidden=${true} value=${draft.value.status} onChange=${(/** @type {any} */ status) => set({ status })}
          options=${[{ value: 'FETAL', label: t('children.status.FETAL') }, { value: 'BORN', label: t('children.status.BORN') }]} />`}
        ${draft.value.status === 'FETAL'
          ? html`<${FetalFields} draft=${draft.value} set=${set} wrong=${wrong.value} isKnown=${Boolean(child?.dueDate)} />`
          : html`<${BornFields} draft=${draft.value} set=${set} wrong=${wrong.value} isBirth=${isBirth} />`}
        ${failure.value && html`<p class="form__error" role="alert">${failure.value}</p>`}
        <div class="child-form__acts">
          ${child && !isBirth && html`<${Button} kind="plain" icon="trash-2" onClick=${() => { onClose(); takeAway(child); }}>${t('children.remove')}<//>`}
          <${Button} type="submit" isWide=${true} isBusy=${isBusy.value}>${t('save')}<//>
        </div>
      </form>
    <//>`;
});

/** @typedef {{ draft: import('./age.js').Draft, set: (change: Partial<import('./age.js').Draft>) => void, wrong: string }} Fields */

/** @param {Fields & { isKnown: boolean }} props */
function FetalFields({ draft, set, wrong, isKnown }) {
  return html`
    <${NameField} key="fetalName" label=${t('children.fetalName')} name="fetalName" value=${draft.fetalName} hint=${t('children.fetalNameHint')} onInput=${(/** @type {string} */ fetalName) => set({ fetalName })} />
    <${DateField} key="dueDate" label=${t('children.dueDate')} name="dueDate" value=${draft.dueDate} hint=${isKnown ? t('children.dueDateKept') : undefined}
      error=${wrong === 'dueDate' ? t('children.dueDateMissing') : ''} onInput=${(/** @type {string} */ dueDate) => set({ dueDate })} />`;
}

/** @param {Fields & { isBirth?: boolean }} props */
function BornFields({ draft, set, wrong, isBirth }) {
  const error = wrong === 'birthDate' ? t('children.birthDateMissing') : wrong === 'birthToCome' ? t('children.birthDateToCome') : '';
  return html`
    <${DateField} key="birthDate" label=${t('children.birthDate')} name="birthDate" value=${draft.birthDate} max=${today.value} error=${error} onInput=${(/** @type {string} */ birthDate) => set({ birthDate })} />
    <${NameField} key="name" label=${t('children.name')} name="name" value=${draft.name} hint=${isBirth ? t('children.nameLater') : undefined} onInput=${(/** @type {string} */ name) => set({ name })} />
    <${Choice} key="gender" label=${t('children.gender')} value=${draft.gender} onChange=${(/** @type {any} */ gender) => set({ gender })}
      options=${[{ value: 'GIRL', label: t('children.gender.GIRL') }, { value: 'BOY', label: t('children.gender.BOY') }, { value: '', label: t('children.gender.unsaid') }]} />
    ${!isBirth && html`<${NameField} key="fetalName" label=${t('children.fetalName')} name="fetalName" value=${draft.fetalName} onInput=${(/** @type {string} */ fetalName) => set({ fetalName })} />`}`;
}

/** @param {{ label: string, name: string, value: string, hint?: string, onInput: (text: string) => void }} props */
function NameField({ onInput, ...rest }) {
  return html`<${Field} ...${rest} autocomplete="off" enterkeyhint="done" onInput=${(/** @type {string} */ text) => { const kept = atMost(text); onInput(kept); return kept; }} />`;
}

/** @param {import('./store.js').Child} child */
async function takeAway(child) {
  try {
    await remove(child.childId);
    toast(t('children.removed', { name: nameOf(child) || t('children.nameless') }), { label: t('children.undo'), onClick: () => restore(child.childId).catch(toastError) });
  } catch (error) {
    toastError(error);
  }
}

// A day in words, with the phone's own picker lying unseen over it.

let next = 0;

/** @type {(props: { label: string, name: string, value: string, max?: string, hint?: string, error?: string, onInput: (day: string) => void }) => any} */
export const DateField = view(({ label, name, value, max = '2200-12-31', hint, error, onInput }, self) => {
  const id = self.local('id', () => `day-${++next}`).value;
  const pick = (/** @type {any} */ event) => { try { event.currentTarget.showPicker(); } catch { /* it opens by itself, or cannot */ } };
  return html`
    <div class="field">
      <label class="field__label" for=${id}>${label}</label>
      <div class="field__box date-field">
        <span class=${`field__input date-field__text${value ? '' : ' date-field__text--none'}`} aria-hidden="true">${value ? formatDate(value, 'long') : t('children.pickDay')}</span>
        <span class="date-field__icon"><${Icon} name="calendar" size=${20} /></span>
        <input class="date-field__input" id=${id} type="date" name=${name} min="1900-01-01" max=${max} value=${value} onClick=${pick}
          aria-invalid=${error ? 'true' : undefined} aria-describedby=${error || hint ? `${id}-note` : undefined}
          onInput=${(/** @type {any} */ event) => onInput(event.target.value)} />
      </div>
      ${(error || hint) && html`<p class=${error ? 'field__error' : 'field__hint'} id=${`${id}-note`} role=${error ? 'alert' : undefined}>${error || hint}</p>`}
    </div>`;
});
