// Chat: the room of two right away, who it is with, where one writes; beside it, on a wide window, all my rooms.
import { html, view } from '../ui/html.js';
import { Avatar, Button, Empty, IconButton, Page, Panes, Skeleton, toast } from '../ui/parts.js';
import { mainRoom, othersIn, presentIn, roomOf, rooms, titleOf } from './rooms.js';
import { loadTexts, t } from '../text/index.js';
import { isGuest, myId } from '../accounts/session.js';
import { effect, signal, untracked } from '../signal.js';
import { MessageList } from './message_list.js';
import { closeRoom, history, openId, openRoom, watch } from './room.js';
import { Doing, perform } from './attached.js';
import { sayTyping, typing, draftOf, keepDraft, chosen, intent, intentOf, keepIntent, showMessage } from './store.js';
import { sendText } from './sender.js';
import { lengthOf, TEXT_MAX } from './text.js';

/** @type {(props: { place: import('../router.js').Place }) => any} */
export const Chat = view(({ place }) => {
  const rest = place.params.rest ?? '';
  const [wanted, at = 0] = rest.split('/').map(Number);
  const room = wanted ? roomOf(wanted) : mainRoom.value;
  const isListed = rest === 'rooms';
  if (isListed || isWide.matches) loadList();
  const main = room
    ? html`<${Conversation} key=${`${room.roomId} ${at}`} roomId=${room.roomId} at=${at} isMain=${room.roomId === mainRoom.value?.roomId} isHidden=${isListed && !isWide.matches} />`
    : html`<${Page} title=${t('tabs.chat')}>${rooms.value ? html`<${Gone} />` : html`<${Skeleton} lines=${6} />`}<//>`;
  const list = List.value
    ? html`<${List.value} current=${isListed && !isWide.matches ? 0 : room?.roomId ?? 0} />`
    : html`<${Page} title=${t('chat.rooms')} backTo="/chat" look="page--rooms"><${Skeleton} lines=${6} /><//>`;
  return html`<${Panes} showing=${isListed ? 'list' : 'main'} list=${list} main=${main} />`;
});

/** A room that is none of mine, or no more. */
const Gone = () => html`<${Empty} title=${t('error.6404')}><${Button} kind="soft" href="/chat/rooms">${t('chat.rooms')}<//><//>`;

const isWide = matchMedia('(min-width: 900px)');
/** My rooms, with their words: fetched where they are seen, and for later once the chat stands. */
const List = signal(/** @type {any} */ (null));

async function loadList() {
  if (List.peek()) return;
  try {
    const [{ RoomList }] = await Promise.all([import('./room_list.js'), loadTexts('rooms')]);
    List.value = RoomList;
  } catch { /* no line: wished for again, it is fetched again */ }
}

// One room: who it is with, its messages, what is being written; takes what is dropped or pasted.

/** What is not needed to read and write: fetched once the chat stands, or when it is wished for before. */
const extras = signal(/** @type {{ Picked?: any, Viewer?: any, ActionSheet?: any, Menu?: any }} */ ({}));
const EXTRAS_AFTER_MS = 1_000;

async function loadExtras() {
  try {
    const [{ Picked }, { Viewer }, { ActionSheet }, { Menu }] = await Promise.all([
      import('./picked.js'), import('./viewer.js'), import('../ui/dialogs.js'), import('./menu.js'), import('./acts.js'), loadTexts('acts'),
    ]);
    extras.value = { Picked, Viewer, ActionSheet, Menu };
  } catch { /* no line: wished for again, they are fetched again */ }
}

/** `at`: the message to begin with. `isHidden`: my rooms alone are seen. @type {(props: { roomId: number, at?: number, isMain: boolean, isHidden?: boolean }) => any} */
export const Conversation = view(({ roomId, at, isMain, isHidden = false }, self) => {
  const picked = self.local('picked', /** @type {File[]} */ ([]));
  const viewed = self.local('viewed', /** @type {{ id: number, from: DOMRect | null } | null} */ (null));
  const isOver = self.local('over', false);
  // Its messages are asked for while it is still being drawn.
  self.ref('opening').current ??= untracked(() => openRoom(roomId).then(() => (at ? showMessage(at) : undefined)).catch(() => {}).finally(() => setTimeout(() => { loadExtras(); loadList(); }, EXTRAS_AFTER_MS)));
  const hidden = self.ref('hidden');
  hidden.current = isHidden;
  const look = () => watch(document.visibilityState === 'visible' && !hidden.current);
  self.after(look);
  self.once(() => {
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      // Another one may have been opened before this one goes.
      if (openId.peek() === roomId) closeRoom();
    };
  });
  const room = roomOf(roomId);
  if (!room) return null;
  const pick = (/** @type {Iterable<File>} */ files) => { picked.value = [...picked.value, ...files]; };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    isOver.value = false;
    if (event.dataTransfer?.files.length) pick(event.dataTransfer.files);
  };
  const hover = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    isOver.value = true;
  };
  const open = self.ref('open');
  open.current ??= (/** @type {number} */ id, /** @type {DOMRect | null} */ from) => { viewed.value = { id, from }; };
  const { Picked, Viewer, Menu } = extras.value;
  if ((picked.value.length > 0 || viewed.value || chosen.value) && !Picked) loadExtras();
  // A guest may have no other one, and can make none.
  const hasList = !isGuest.value || (rooms.value?.length ?? 0) > 1;
  return html`
    <div class=${`conversation${isOver.value ? ' conversation--over' : ''}`} onDragOver=${hover} onDragLeave=${() => { isOver.value = false; }} onDrop=${drop}>
      <${Page} title=${html`<${Title} roomId=${roomId} />`} isFixed=${true}
        start=${hasList && html`<span class="conversation__rooms"><${IconButton} icon="menu" label=${t('chat.rooms')} href="/chat/rooms" /></span>`}
        actions=${room.kind !== 'SELF' && html`<${IconButton} icon="info" label=${t('chat.info')} href=${`/chat/${roomId}/info`} />`}>
        <${MessageList} roomId=${roomId} isMain=${isMain} onView=${open.current} />
        ${room.archived ? html`<p class="composer composer--closed">${t('chat.archived')}</p>` : html`<${Composer} roomId=${roomId} onPick=${pick} />`}
      <//>
      ${Picked && picked.value.length > 0 && html`<${Picked} roomId=${roomId} files=${picked.value} onChange=${(/** @type {File[]} */ files) => { picked.value = files; }} />`}
      ${Viewer && viewed.value && html`<${Viewer} id=${viewed.value.id} from=${viewed.value.from} onClose=${() => { viewed.value = null; }} />`}
      ${Menu && chosen.value && html`<${Menu} />`}
      ${isOver.value && html`<p class="conversation__drop" aria-hidden="true">${t('chat.drop')}</p>`}
    </div>`;
});

/** Who it is with, whether they are here, whether they are writing. @type {(props: { roomId: number }) => any} */
const Title = view(({ roomId }) => {
  const room = roomOf(roomId);
  if (!room) return null;
  const others = othersIn(room);
  const writers = others.filter(({ userId }) => typing.value.includes(userId));
  const here = others.filter(({ userId }) => presentIn(room).includes(userId)).length;
  const isGroup = room.kind === 'GROUP';
  return html`
    <span class="who">
      ${others[0] && html`<span class="who__face"><${Avatar} person=${/** @type {any} */ (others[0])} size=${32} />${here > 0 && html`<span class="who__dot"></span>`}</span>`}
      <span class="who__words">
        <span class="who__name"><span class="who__title">${titleOf(room)}</span>${isGroup && html` <span class="who__count">${room.members.length}</span>`}</span>
        ${writers.length > 0
          ? html`<span class="who__state who__state--typing" aria-hidden="true">${t('chat.typing')}<span class="who__dots"><i></i><i></i><i></i></span></span>`
          : here > 0 && html`<span class="who__state" aria-hidden="true">${isGroup ? t('chat.here.count', { count: here }) : t('chat.here')}</span>`}
      </span>
    </span>`;
});

// Where one writes: grows to six lines, remembers what was begun, offers album, camera and files.

/** With a keyboard under the hands, Enter sends; on a phone it begins a new line. */
const hasKeyboard = () => matchMedia('(hover: hover) and (pointer: fine)').matches;
const hasCamera = () => matchMedia('(pointer: coarse)').matches;
const PHOTOS = 'image/*,video/*,.heic,.heif';

/** @type {(props: { roomId: number, onPick: (files: Iterable<File>) => void }) => any} */
export const Composer = view(({ roomId, onPick }, self) => {
  const box = self.ref('box');
  const isEmpty = self.local('empty', true);
  const isChoosing = self.local('choosing', false);
  const inputs = { album: self.ref('album'), camera: self.ref('camera'), file: self.ref('file') };

  const fit = () => {
    const area = /** @type {HTMLTextAreaElement} */ (box.current);
    area.style.blockSize = 'auto';
    // Its border is no part of the height that it reports.
    area.style.blockSize = `${area.scrollHeight}px`;
    isEmpty.value = area.value.trim() === '';
  };
  const write = (/** @type {string} */ text) => { box.current.value = text; fit(); };
  self.once(() => {
    Promise.all([draftOf(roomId), intentOf(roomId)]).then(([draft, doing]) => {
      if (draft && box.current && !box.current.value) write(draft);
      if (doing && box.current && !intent.peek()) intent.value = doing;
    });
    if (hasKeyboard()) box.current.focus({ preventScroll: true });
    const sizes = new ResizeObserver(fit);
    sizes.observe(/** @type {Element} */ (box.current.parentElement));
    let editing = '';
    let begunBefore = '';
    let before = intent.peek();
    // What is edited stands in place of what was begun, which comes back afterwards.
    const stop = effect(() => {
      const now = intent.value;
      const text = now?.kind === 'edit' ? now.text || now.message.content : '';
      if (text && !editing) begunBefore = box.current.value;
      if (text !== editing) write(text || begunBefore);
      editing = text;
      // With the room closed it is only put aside.
      if (now !== before && openId.peek() === roomId) keepIntent(roomId, now);
      before = now;
      if (now) box.current.focus({ preventScroll: true });
    });
    return () => { sizes.disconnect(); stop(); };
  });

  const edit = async (/** @type {NonNullable<typeof intent.value>} */ doing, /** @type {string} */ text) => {
    if (await perform((acts) => acts.edit(doing.message, text)) || intent.peek() || !box.current) return;
    // Nothing that was written is lost.
    intent.value = { ...doing, text };
  };
  const send = () => {
    const text = box.current.value.trim();
    if (text === '') return;
    if (lengthOf(text) > TEXT_MAX) { toast(t('error.6405')); return; }
    const doing = intent.peek();
    intent.value = null;
    box.current.focus({ preventScroll: true });
    if (doing?.kind === 'edit') { edit(doing, text); return; }
    sendText(roomId, text, doing?.message);
    write('');
    keepDraft(roomId, '');
  };
  const typed = () => {
    fit();
    const doing = intent.peek();
    if (doing?.kind === 'edit') keepIntent(roomId, { ...doing, text: box.current.value });
    else keepDraft(roomId, box.current.value);
    if (!isEmpty.value) sayTyping();
  };
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === 'Escape' && intent.peek()) { intent.value = null; return; }
    if (event.key === 'ArrowUp' && box.current.value === '' && hasKeyboard()) { event.preventDefault(); editLast(); return; }
    // While a syllable is being put together, Enter ends it.
    if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229 || event.shiftKey || !hasKeyboard()) return;
    event.preventDefault();
    send();
  };
  const pasted = (/** @type {ClipboardEvent} */ event) => {
    const files = [...event.clipboardData?.files ?? []];
    if (files.length === 0) return;
    event.preventDefault();
    onPick(files);
  };
  const picked = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    onPick([...input.files ?? []]);
    // The same photo may be chosen again.
    input.value = '';
  };
  const { ActionSheet } = extras.value;
  if (isChoosing.value && !ActionSheet) loadExtras();
  const acts = () => [
    { label: t('chat.album'), icon: 'image', onClick: () => inputs.album.current.click() },
    ...(hasCamera() ? [{ label: t('chat.camera'), icon: 'camera', onClick: () => inputs.camera.current.click() }] : []),
    { label: t('chat.document'), icon: 'paperclip', onClick: () => inputs.file.current.click() },
  ];
  return html`
    <${Doing} />
    <form class="composer" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); send(); }}>
      <${IconButton} icon="plus" label=${t('chat.attach')} kind="soft" onClick=${() => { isChoosing.value = true; }} />
      <div class="composer__box">
        <textarea class="composer__text" ref=${box} rows="1" aria-label=${t('chat.write')} placeholder=${t('chat.write')} enterkeyhint=${hasKeyboard() ? 'send' : 'enter'}
          dir="auto" autocomplete="off" onInput=${typed} onKeyDown=${pressed} onPaste=${pasted}></textarea>
      </div>
      <span class="composer__send" onMouseDown=${keepFocus}><${IconButton} icon="arrow-up" label=${t('chat.send')} kind="primary" type="submit" isDisabled=${isEmpty.value} /></span>
      <input class="composer__input" type="file" hidden ref=${inputs.album} accept=${PHOTOS} multiple onChange=${picked} data-pick="album" />
      <input class="composer__input" type="file" hidden ref=${inputs.camera} accept="image/*,video/*" capture="environment" onChange=${picked} data-pick="camera" />
      <input class="composer__input" type="file" hidden ref=${inputs.file} multiple onChange=${picked} data-pick="file" />
      ${isChoosing.value && ActionSheet && html`<${ActionSheet} title=${t('chat.attach')} acts=${acts()} onClose=${() => { isChoosing.value = false; }} />`}
    </form>`;
});

/** The last text of mine that is on screen. */
function editLast() {
  const message = history.peek().all.findLast(({ type, senderId }) => type === 'TEXT' && senderId === myId.peek());
  if (message) intent.value = { kind: 'edit', message };
}

/** The keyboard stays up. @param {MouseEvent} event */
function keepFocus(event) { event.preventDefault(); }
