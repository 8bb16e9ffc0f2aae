export const names = { calendar: 'Acme Calendar', tasks: 'Acme Tasks' };

export const $ = id => document.querySelector(`[data-testid="${id}"]`);

export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
