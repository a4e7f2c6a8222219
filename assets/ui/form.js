// Forms and their fields: text, several lines, one of a few, one of many, on or off. Each with its label, hint and error.
import { html, view } from './html.js';
import { Button, IconButton } from './parts.js';
import { t } from '../text/index.js';

/** Which field an answer's code is about. */
const FIELD_OF = /** @type {Record<string, string>} */ ({
  3400: 'nickname', 3404: 'role', 3406: 'loginId', 3407: 'loginId', 3408: 'password', 3409: 'password', 9401: 'setupCode', 5401: 'code', 5402: 'code',
});

/**
 * @type {(props: { submit: string, onSubmit: () => Promise<void>, fieldOf?: Record<string, string>, kind?: 'primary' | 'danger', children: (errorOf: (field: string) => string | undefined) => any }) => any}
 *   `children` draws the fields; `errorOf` says what was wrong with one; `fieldOf`: other codes' fields
 */
export const Form = view(({ submit, onSubmit, fieldOf, kind, children }, self) => {
  const isBusy = self.local('busy', false);
  const wrong = self.local('wrong', /** @type {{ field: string, text: string } | null} */ (null));
  const form = self.ref('form');
  const errorOf = (/** @type {string} */ field) => (wrong.value?.field === field ? wrong.value.text : undefined);

  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    wrong.value = null;
    try {
      await onSubmit();
    } catch (error) {
      const { code, message } = /** @type {{ code: string, message: string }} */ (error);
      wrong.value = { field: fieldOf?.[code] ?? FIELD_OF[code] ?? '', text: message };
      setTimeout(() => form.current?.querySelector('[aria-invalid="true"]')?.focus());
    } finally {
      isBusy.value = false;
    }
  };
  return html`
    <form class="form" ref=${form} noValidate onSubmit=${send}>
      ${/** @type {any} */ (children)(errorOf)}
      ${wrong.value && !wrong.value.field && html`<p class="form__error" role="alert">${wrong.value.text}</p>`}
      <${Button} type="submit" kind=${kind} isWide=${true} isBusy=${isBusy.value}>${submit}<//>
    </form>`;
});

// Fields: text, several lines, one of a few, one of many, on or off. Each with its label, hint and error.

let next = 0;
/** An id that no other element has. @param {import('./html.js').Self} self @returns {string} */
const idOf = (self) => self.local('id', () => `field-${++next}`).value;

/** The parts under a field. @param {{ id: string, hint?: string, error?: string }} props */
function Notes({ id, hint, error }) {
  return html`
    ${hint && !error && html`<p class="field__hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field__error" id=${`${id}-error`} role="alert">${error}</p>`}`;
}

/** @param {{ id: string, hint?: string, error?: string }} props */
const described = ({ id, hint, error }) => (error ? `${id}-error` : hint ? `${id}-hint` : undefined);

/** @param {any} event @param {(value: string) => string | void} onInput */
function take(event, onInput) {
  const kept = onInput(event.target.value);
  if (typeof kept === 'string' && kept !== event.target.value) event.target.value = kept;
}

/**
 * One line of text. What `onInput` answers, if anything, is put in place of what was typed. Other properties (autocomplete, inputmode, maxlength, placeholder, enterkeyhint …) go to the input.
 * @type {(props: { label: string, value: string, onInput: (value: string) => string | void, type?: string, hint?: string, error?: string,
 *   name?: string, [attribute: string]: any }) => any}
 */
export const Field = view(({ label, value, onInput, type = 'text', hint, error, children, ...rest }, self) => {
  const id = idOf(self);
  const isShown = self.local('shown', false);
  const isSecret = type === 'password';
  return html`
    <div class="field">
      <label class="field__label" for=${id}>${label}</label>
      <div class="field__box">
        <input class="field__input" id=${id} type=${isSecret && isShown.value ? 'text' : type} value=${value} aria-invalid=${error ? 'true' : undefined}
          aria-describedby=${described({ id, hint, error })} onInput=${(/** @type {any} */ event) => take(event, onInput)} ...${rest} />
        ${isSecret && html`<${IconButton} icon=${isShown.value ? 'eye-off' : 'eye'} label=${t(isShown.value ? 'field.hide' : 'field.show')}
          onClick=${() => { isShown.value = !isShown.value; }} />`}
      </div>
      <${Notes} id=${id} hint=${hint} error=${error} />
    </div>`;
});

/**
 * Several lines; grows with what is written.
 * @type {(props: { label: string, value: string, onInput: (value: string) => string | void, rows?: number, hint?: string, error?: string, [attribute: string]: any }) => any}
 */
export const TextArea = view(({ label, value, onInput, rows = 3, hint, error, children, ...rest }, self) => {
  const id = idOf(self);
  return html`
    <div class="field">
      <label class="field__label" for=${id}>${label}</label>
      <div class="field__box">
        <textarea class="field__input field__input--tall" id=${id} rows=${rows} value=${value} aria-invalid=${error ? 'true' : undefined}
          aria-describedby=${described({ id, hint, error })} onInput=${(/** @type {any} */ event) => take(event, onInput)} ...${rest}></textarea>
      </div>
      <${Notes} id=${id} hint=${hint} error=${error} />
    </div>`;
});

/**
 * One of a few, all in sight.
 * @type {(props: { label: string, options: { value: string, label: string, face?: string }[], value: string, onChange: (value: any) => void,
 *   isLabelHidden?: boolean, error?: string }) => any}
 */
export const Choice = view(({ label, options, value, onChange, isLabelHidden, error }, self) => {
  const id = idOf(self);
  return html`
    <fieldset class="choice">
      <legend class=${isLabelHidden ? 'unseen' : 'field__label'}>${label}</legend>
      <div class="choice__options">
        ${options.map((option) => html`
          <label class="choice__option" key=${option.value}>
            <input class="choice__input" type="radio" name=${id} value=${option.value} checked=${option.value === value}
              aria-invalid=${error ? 'true' : undefined} onChange=${() => onChange(option.value)} />
            <span class="choice__face">${option.face && html`<span aria-hidden="true">${option.face}</span>`}${option.label}</span>
          </label>`)}
      </div>
      <${Notes} id=${id} error=${error} />
    </fieldset>`;
});

/**
 * One of many: the phone's own list.
 * @type {(props: { label: string, options: { value: string, label: string }[], value: string, onChange: (value: string) => void, hint?: string }) => any}
 */
export const Select = view(({ label, options, value, onChange, hint }, self) => {
  const id = idOf(self);
  return html`
    <div class="field">
      <label class="field__label" for=${id}>${label}</label>
      <div class="field__box field__box--select">
        <select class="field__input" id=${id} aria-describedby=${described({ id, hint })} onChange=${(/** @type {any} */ event) => onChange(event.target.value)}>
          ${options.map((option) => html`<option value=${option.value} selected=${option.value === value} key=${option.value}>${option.label}</option>`)}
        </select>
      </div>
      <${Notes} id=${id} hint=${hint} />
    </div>`;
});

/**
 * On or off, at once.
 * @type {(props: { label: string, isOn: boolean, onChange: (isOn: boolean) => void, hint?: string, isDisabled?: boolean }) => any}
 */
export const Toggle = view(({ label, isOn, onChange, hint, isDisabled }, self) => {
  const id = idOf(self);
  return html`
    <div class="toggle">
      <label class="toggle__label" for=${id}>${label}${hint && html`<span class="toggle__hint" id=${`${id}-hint`}>${hint}</span>`}</label>
      <input class="toggle__input" id=${id} type="checkbox" role="switch" checked=${isOn} disabled=${isDisabled} aria-describedby=${hint && `${id}-hint`}
        onChange=${(/** @type {any} */ event) => onChange(event.target.checked)} />
    </div>`;
});
