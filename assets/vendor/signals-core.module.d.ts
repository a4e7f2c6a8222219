// As much of @preact/signals-core as the app uses.
export interface ReadonlySignal<T> { readonly value: T; peek(): T; subscribe(act: (value: T) => void): () => void }
export interface Signal<T> extends ReadonlySignal<T> { value: T }
export function signal<T>(value: T): Signal<T>;
export function computed<T>(compute: () => T): ReadonlySignal<T>;
export function effect(act: () => void | (() => void)): () => void;
export function batch<T>(act: () => T): T;
export function untracked<T>(act: () => T): T;
