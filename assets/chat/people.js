// Choosing some of those whom I share a room with.
import { html, view } from '../ui/html.js';
import { Avatar } from '../ui/parts.js';
import { t } from '../text/index.js';

/**
 * @type {(props: { label: string, people: import('./shapes.js').RoomMember[], chosen: number[], onChange: (ids: number[]) => void }) => any}
 */
export const People = view(({ label, people, chosen, onChange }) => {
  const turn = (/** @type {number} */ id) => onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  return html`
    <fieldset class="people">
      <legend class="field__label">${label}</legend>
      <div class="list__rows">
        ${people.map((person) => html`
          <label class="row people__person" key=${person.userId}>
            <${Avatar} person=${/** @type {any} */ (person)} size=${40} />
            <span class="row__words"><span class="row__title">${person.nickname}</span><span class="row__detail">${t(`role.${person.role}`)}</span></span>
            <input class="people__box" type="checkbox" checked=${chosen.includes(person.userId)} onChange=${() => turn(person.userId)} />
          </label>`)}
      </div>
    </fieldset>`;
});
