// All a store needs: values that tell who reads them when they change.
export { signal, computed, effect, batch, untracked } from './vendor/signals-core.module.js';

/** @template T @typedef {import('./vendor/signals-core.module.js').Signal<T>} Signal */
/** @template T @typedef {import('./vendor/signals-core.module.js').ReadonlySignal<T>} ReadonlySignal */
