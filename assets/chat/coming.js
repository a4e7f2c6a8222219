// A ring that turns where something large is on its way.
import { html, view } from '../ui/html.js';

const PATIENCE_MS = 300;
const TURN = { duration: 1_000, iterations: Infinity };

/** Not for a blink. */
export const Coming = view((_, self) => {
  const isLate = self.local('late', false);
  const circle = self.ref('circle');
  self.once(() => {
    const timer = setTimeout(() => { isLate.value = true; }, PATIENCE_MS);
    return () => clearTimeout(timer);
  });
  self.after(() => {
    if (!matchMedia('(prefers-reduced-motion)').matches) circle.current?.animate([{ transform: 'rotate(-90deg)' }, { transform: 'rotate(270deg)' }], TURN);
  });
  return isLate.value && html`
    <span class="ring" aria-hidden="true">
      <svg class="ring__circle" viewBox="0 0 44 44" ref=${circle}>
        <circle class="ring__track" cx="22" cy="22" r="18" /><circle class="ring__share" cx="22" cy="22" r="18" stroke-dasharray="28 113" />
      </svg>
    </span>`;
});
