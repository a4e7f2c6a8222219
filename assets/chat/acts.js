// What one does with a message that is there: seen at once, told to the server, taken back where it refuses.
import * as api from '../net/api.js';
import { ask } from '../net/socket.js';
import { myId } from '../accounts/session.js';
import { history } from './room.js';
import { hide, takeMessage } from './rooms.js';

/** @typedef {import('./shapes.js').Message} Message */
/** @typedef {import('./shapes.js').Reaction} Reaction */

/** Adds a reaction of mine, or takes it back. @param {Message} message @param {string} emoji */
export function toggleReaction(message, emoji) {
  const { roomId, id: messageId, reactions = [] } = message;
  const isOn = !reactions.find((reaction) => reaction.emoji === emoji)?.userIds.includes(myId.peek());
  return change(message, { reactions: withMine(reactions, emoji, myId.peek(), isOn) }, async () => {
    const { reactions: now, rev } = await ask('react', { roomId, messageId, emoji, on: isOn });
    return { reactions: now, rev };
  });
}

/** @param {Reaction[]} reactions @param {string} emoji @param {number} me @param {boolean} isOn @returns {Reaction[]} */
export function withMine(reactions, emoji, me, isOn) {
  const others = reactions.map((reaction) => (reaction.emoji === emoji ? { emoji, userIds: reaction.userIds.filter((userId) => userId !== me) } : reaction));
  if (!isOn) return others.filter(({ userIds }) => userIds.length > 0);
  const found = others.find((reaction) => reaction.emoji === emoji);
  return found ? others.map((reaction) => (reaction === found ? { emoji, userIds: [...found.userIds, me] } : reaction)) : [...others, { emoji, userIds: [me] }];
}

/** Puts another text in its place. @param {Message} message @param {string} content */
export function edit(message, content) {
  if (content === message.content) return Promise.resolve();
  const { roomId, id: messageId } = message;
  return change(message, { content, editedAt: new Date(api.serverNow()).toISOString() }, () => ask('edit', { roomId, messageId, content }));
}

/** Nothing is left of it, for anybody. @param {Message} message */
export function deleteForAll(message) {
  const gone = { type: 'DELETED', content: '', replyTo: undefined, reactions: undefined, schedule: undefined, mediaId: undefined, url: undefined, thumbnailUrl: undefined, editedAt: undefined };
  return change(message, gone, () => remove(message, 'all'));
}

/** I see it no more, on any device. @param {Message} message */
export async function deleteForMe(message) {
  await remove(message, 'me');
  hide([message.id]);
}

/** @param {Message} message @param {'all' | 'me'} whom */
const remove = ({ roomId, id: messageId }, whom) => ask('delete', { roomId, messageId, for: whom });

/** Ticks a schedule off, or not, where its card stands. @param {Message} message @param {boolean} isCompleted */
export function tickCard(message, isCompleted) {
  const card = /** @type {import('./shapes.js').Card} */ (message.schedule);
  return change(message, { schedule: { ...card, isCompleted } }, async () => { await api.patch(`/schedules/${card.scheduleId}`, { isCompleted }); });
}

/** Shows it as it will be; then as the server has it, or as it was. @param {Message} message @param {Partial<Message>} guess @param {() => Promise<Partial<Message> | void>} act */
async function change(message, guess, act) {
  put(message, guess);
  try {
    put(message, await act() ?? {});
  } catch (error) {
    put(message, Object.fromEntries(Object.keys(guess).map((name) => [name, /** @type {any} */ (message)[name]])));
    throw error;
  }
}

/** @param {Message} message @param {Partial<Message>} news */
function put({ roomId, id }, news) {
  const isIt = (/** @type {Message} */ one) => one.roomId === roomId && one.id === id;
  const shown = history.value.all.find(isIt);
  if (!shown) return;
  const changed = { ...shown, ...news };
  history.value = { ...history.value, all: history.value.all.map((one) => (isIt(one) ? changed : one)) };
  takeMessage(changed);
}
