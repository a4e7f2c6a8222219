export function io(namespace: string, options: object): any;
