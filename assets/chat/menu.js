// What can be done with a message, in a sheet over it.
import { html, view } from '../ui/html.js';
import { ActionSheet, confirm } from '../ui/dialogs.js';
import { copy } from '../ui/sharing.js';
import { me, myId } from '../accounts/session.js';
import { navigate } from '../router.js';
import { roomOf, summaryOf } from './rooms.js';
import { chosen, intent } from './store.js';
import { perform } from './attached.js';
import { t } from '../text/index.js';

/** Those within a thumb's reach. */
const QUICK = ['❤️', '👍', '😂', '😮', '😢', '🙏'];

export const Menu = view(() => {
  const message = chosen.value;
  const room = message && roomOf(message.roomId);
  if (!message || !room) return null;
  const close = () => { chosen.value = null; };
  const mine = (message.reactions ?? []).filter(({ userIds }) => userIds.includes(myId.value)).map(({ emoji }) => emoji);
  const react = (/** @type {string} */ emoji) => { close(); perform((acts) => acts.toggleReaction(message, emoji)); };
  return html`
    <${ActionSheet} title=${t('acts.title')} acts=${actsOn(message, room)} onClose=${close}>
      <p class="chosen" dir="auto">${summaryOf(message, room)}</p>
      ${!room.archived && html`
        <div class="quick" role="group" aria-label=${t('acts.react')}>
          ${QUICK.map((emoji) => html`
            <button class="quick__one" key=${emoji} type="button" aria-pressed=${mine.includes(emoji) ? 'true' : 'false'} aria-label=${t('acts.reactWith', { emoji })}
              onClick=${() => react(emoji)}>${emoji}</button>`)}
        </div>`}
    <//>`;
});

/** @param {import('./shapes.js').Message} message @param {import('./shapes.js').Room} room */
function actsOn(message, room) {
  const isMine = message.senderId === myId.value;
  const isText = message.type === 'TEXT';
  const isOpen = !room.archived;
  return [
    isOpen && { label: t('acts.answer'), icon: 'reply', onClick: () => { intent.value = { kind: 'answer', message }; } },
    isText && { label: t('acts.copy'), icon: 'copy', onClick: () => copy(message.content) },
    isOpen && isMine && isText && { label: t('acts.edit'), icon: 'pencil', onClick: () => { intent.value = { kind: 'edit', message }; } },
    isText && me.value?.role !== 'GUEST' && { label: t('acts.plan'), icon: 'calendar-plus', onClick: () => plan(message.content) },
    isOpen && { label: t('acts.hide'), icon: 'eye-off', onClick: () => hide(message) },
    isOpen && isMine && { label: t('acts.delete'), icon: 'trash-2', isDanger: true, onClick: () => bury(message) },
  ].filter((act) => act !== false);
}

/** The first line is the title, all of it the memo. @param {string} text */
function plan(text) {
  const title = text.trim().split('\n')[0];
  navigate('/calendar', { given: { title, description: text.trim() === title ? '' : text.trim() } });
}

/** @param {import('./shapes.js').Message} message */
async function hide(message) {
  if (await confirm({ title: t('acts.hide.ask'), text: t('acts.hide.text'), ok: t('acts.hide.ok') })) perform((acts) => acts.deleteForMe(message));
}

/** @param {import('./shapes.js').Message} message */
async function bury(message) {
  if (await confirm({ title: t('acts.delete.ask'), text: t('acts.delete.text'), ok: t('acts.delete.ok'), isDanger: true })) perform((acts) => acts.deleteForAll(message));
}
