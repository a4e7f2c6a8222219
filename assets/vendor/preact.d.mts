// As much of preact as ui/html.js uses.
export function h(type: any, props: any, ...children: any[]): any;
export function render(node: any, root: Element): void;
export function Fragment(props: { children?: any }): any;
export class Component {
  constructor(props: any);
  props: any;
  setState(state: object): void;
  static displayName?: string;
}
