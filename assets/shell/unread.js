// The number of unread messages outside of the chat: in the window's title, on the app's icon.
import { effect } from '../signal.js';
import { unreadTotal } from '../chat/rooms.js';

/** Follows the number from the first call on. */
export function followUnread() {
  effect(() => {
    const count = unreadTotal.value;
    nameWindow(count);
    const icon = /** @type {any} */ (navigator);
    const set = count > 0 ? icon.setAppBadge?.(count) : icon.clearAppBadge?.();
    set?.catch?.(() => {});
  });
  const title = document.querySelector('title');
  // Each screen names the window; the number stays in front.
  if (title) new MutationObserver(() => nameWindow(unreadTotal.value)).observe(title, { childList: true });
}

/** @param {number} count */
function nameWindow(count) {
  const bare = document.title.replace(/^\(\d+\+?\) /, '');
  const wanted = count > 0 ? `(${count > 999 ? '999+' : count}) ${bare}` : bare;
  if (document.title !== wanted) document.title = wanted;
}
