// The only file that names preact and htm: html`…`, render, and view(draw), a component that redraws when a signal it read changes.
import { h, render, Component, Fragment } from '../vendor/preact.mjs';
import htm from '../vendor/htm.module.js';
import { effect, signal } from '../signal.js';

/** Markup as a template: html`<p class="x" onClick=${act}>${text}</p>`. Text is escaped; styles are objects (the CSP forbids style=""). */
export const html = htm.bind(h);
export { render, Fragment };

/**
 * What a drawing function may keep between two drawings.
 * @typedef {object} Self
 * @property {<T>(name: string, initial: T | (() => T)) => import('../signal.js').Signal<T>} local
 *   A signal that lives as long as the component: `const open = self.local('open', false)`.
 * @property {(name: string) => { current: any }} ref  An element: html`<input ref=${self.ref('input')} />`.
 * @property {(act: () => void | (() => void)) => void} once
 *   Runs after the first drawing is on the page; what it returns runs when the component goes.
 * @property {(act: () => void) => void} after  Runs after this drawing is on the page (each time it is called).
 */

/**
 * A component from a drawing function. It redraws when a signal that it read changes, or when its properties do (compared one by one,
 * so pass the same objects where nothing changed). No hooks: what has to last is asked of `self`.
 * @template {object} P
 * @param {(props: P & { children?: any }, self: Self) => any} draw
 * @returns {(props: P & { children?: any, key?: any }) => any}
 */
export function view(draw) {
  class View extends Component {
    constructor(/** @type {any} */ props) {
      super(props);
      /** @type {Map<string, any>} */
      this.kept = new Map();
      /** @type {(() => void)[]} */
      this.due = [];
      /** @type {(() => void)[]} */
      this.endings = [];
      this.isDrawn = false;
      this.isStale = false;
      /** @type {any} */
      this.drawn = null;
      this.stop = () => {};
      /** @type {Self} */
      this.self = {
        local: (name, initial) => this.keep(`local ${name}`, () => signal(typeof initial === 'function' ? /** @type {any} */ (initial)() : initial)),
        ref: (name) => this.keep(`ref ${name}`, () => ({ current: null })),
        once: (act) => { if (!this.isDrawn) this.due.push(() => { const end = act(); if (end) this.endings.push(end); }); },
        after: (act) => { this.due.push(act); },
      };
    }

    keep(/** @type {string} */ name, /** @type {() => any} */ make) {
      if (!this.kept.has(name)) this.kept.set(name, make());
      return this.kept.get(name);
    }

    shouldComponentUpdate(/** @type {any} */ next) {
      const isDue = this.isStale || differ(this.props, next);
      // What stood there stands in the new vnode.
      if (!isDue) this.drawn = /** @type {any} */ (this).__v;
      return isDue;
    }

    render(/** @type {any} */ props) {
      this.stop();
      let result;
      let isFirst = true;
      this.isStale = false;
      this.due = [];
      this.stop = effect(() => {
        if (isFirst) result = draw(props, this.self);
        else { this.isStale = true; this.setState({}); }
        isFirst = false;
      });
      return result;
    }

    settle() {
      this.isDrawn = true;
      this.forget();
      this.due.splice(0).forEach((act) => act());
    }

    /**
     * A parent's properties keep the vnode that it was first drawn with, and that all it held then; through what was not redrawn since, one drawing leads
     * to the next, and none would ever go. So what a drawing has replaced lets go of its children (preact 10.29: `__v` vnode, `__k` its children).
     */
    forget() {
      const now = /** @type {any} */ (this).__v;
      if (this.drawn && this.drawn !== now) this.drawn.__k = null;
      this.drawn = now;
    }

    componentDidMount() { this.settle(); }
    componentDidUpdate() { this.settle(); }

    componentWillUnmount() {
      this.stop();
      this.endings.splice(0).forEach((end) => end());
    }
  }
  View.displayName = draw.name;
  // Preact takes a class wherever it takes a function.
  return /** @type {any} */ (View);
}

/** @param {Record<string, any>} before @param {Record<string, any>} after */
function differ(before, after) {
  for (const name in before) if (!(name in after)) return true;
  for (const name in after) if (before[name] !== after[name]) return true;
  return false;
}
