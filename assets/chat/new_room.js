// A new group: what it is called, and who is in it from the start; nobody yet is fine.
import { html, view } from '../ui/html.js';
import { Page, Panes } from '../ui/parts.js';
import { Field, Form } from '../ui/form.js';
import { acquaintances, newGroup } from './group_store.js';
import { navigate } from '../router.js';
import { People } from './people.js';
import { RoomList } from './room_list.js';
import { t } from '../text/index.js';

export const NewRoom = view(() => html`<${Panes} showing="main" list=${html`<${RoomList} current=${0} />`} main=${html`<${Draft} />`} />`);

const Draft = view((_, self) => {
  const title = self.local('title', '');
  const chosen = self.local('chosen', /** @type {number[]} */ ([]));
  /** The same draft, tried again, is the same group. */
  const draft = self.ref('draft');
  const submit = async () => {
    const key = JSON.stringify([title.value.trim(), chosen.value]);
    if (draft.current?.key !== key) draft.current = { key, make: newGroup(title.value.trim(), chosen.value) };
    const { roomId, members } = await draft.current.make();
    navigate(members.length > 1 ? `/chat/${roomId}` : `/chat/${roomId}/invite`, { replace: true });
  };
  return html`
    <${Page} title=${t('rooms.new')} backTo="/chat/rooms" look="page--low">
      <${Form} submit=${t('rooms.make')} onSubmit=${submit} fieldOf=${{ 1400: 'title', 6411: 'title' }}>
        ${(/** @type {(field: string) => string | undefined} */ errorOf) => html`
          <${Field} label=${t('rooms.title')} name="title" autocomplete="off" maxlength="40" placeholder=${t('rooms.title.example')} value=${title.value}
            onInput=${(/** @type {string} */ value) => { title.value = value; }} error=${errorOf('title') && t('rooms.title.wrong')} />
          ${acquaintances.value.length > 0 && html`
            <${People} label=${t('rooms.who')} people=${acquaintances.value} chosen=${chosen.value} onChange=${(/** @type {number[]} */ ids) => { chosen.value = ids; }} />`}
          <p class="aside">${t('rooms.later')}</p>`}
      <//>
    <//>`;
});
